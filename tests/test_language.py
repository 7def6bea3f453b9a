"""French or English, from a word to an article."""

import pytest

from index.language import DEFAULT, detect, is_other


@pytest.mark.parametrize(
    "text",
    [
        "Combien de soldats l’Allemagne a-t-elle en Afghanistan ?",
        "Qui est Peter Weir ?",
        "Qui a tué Lee Harvey Oswald ?",
        "Que signifie « What you see is what you get » ?",
        "soldats allemands",
        "date greve trains normandie debut",
        "prix gaz Europe",
        "",
        " \n",
        "2500",
        "???",
        "Jens Stoltenberg",
        "\ud800",
    ],
)
def test_french_and_what_does_not_tell_are_french(text: str) -> None:
    assert detect(text) == "fr"


@pytest.mark.parametrize(
    "text",
    [
        "How many soldiers does Germany have in Afghanistan?",
        "Who is Marine Le Pen?",
        "What does “le moment sera venu” mean?",
        "Let’s just say he’s wrong.",
        "troop withdrawal deadline",
        "compare insured losses floods CCR vs France Assureurs",
        "Benslimane salary",
        "campus pass age limit",
    ],
)
def test_english_is_english(text: str) -> None:
    assert detect(text) == "en"


@pytest.mark.parametrize(
    "text",
    [
        "¿Cuántos soldados tiene Alemania en Afganistán?",
        "Wie viele Soldaten hat Deutschland in Afghanistan?",
        "Wo liegt Kabul?",
        "Quanti soldati ha la Germania in Afghanistan?",
        "Quantos soldados tem a Alemanha no Afeganistão?",
        "Hoeveel soldaten heeft Duitsland in Afghanistan?",
        "كم عدد الجنود الألمان في أفغانستان؟",
        "Сколько солдат у Германии в Афганистане?",
    ],
)
def test_another_language_is_answered_in_the_default_one(text: str) -> None:
    assert detect(text) == DEFAULT


def test_a_long_text_is_told_by_its_beginning() -> None:
    assert detect("The alliance will leave when the time is right. " * 100_000) == "en"


@pytest.mark.parametrize(
    "text",
    [
        "Los Angeles wildfires death toll",
        "las vegas shooting suspect",
        "El Niño impact",
        "Van Gogh Museum theft",
        "Da Vinci Code author",
        "Ursula von der Leyen age",
        "Los Angeles and Las Vegas populations",
        "MIT president",  # « mit » is German
        "Han dynasty",
        "hat trick record",
    ],
)
def test_english_on_names_of_other_languages_is_english(text: str) -> None:
    assert (detect(text), is_other(text)) == ("en", False)


@pytest.mark.parametrize(
    "text",
    [
        "musée Van Gogh vol",
        "Las Vegas fusillade bilan",
        "âge Ursula von der Leyen",
        "conséquences El Niño",
        "Los Angeles",  # which tells nothing
        "Lula da Silva",
        "mal de dos",
    ],
)
def test_french_on_names_of_other_languages_is_french(text: str) -> None:
    assert (detect(text), is_other(text)) == ("fr", False)


@pytest.mark.parametrize(
    "text",
    [
        "Quién ganó en Las Vegas",
        "Cuantos soldados hay en Los Angeles",
        "quien es el presidente",
        "El presidente del gobierno",
        "Wie alt ist Ursula von der Leyen?",
        "Der Krieg in der Ukraine",
        "Der Präsident von Deutschland",
        "Was sagt Ursula von der Leyen zu der Ukraine?",
        "Die Soldaten sind in Mali",
        "Chi ha vinto le elezioni?",
        "Wie is de koning van Nederland?",
    ],
)
def test_another_language_stays_another_one_beside_names(text: str) -> None:
    assert is_other(text)


def test_a_long_text_of_names_is_told_in_linear_time() -> None:
    assert detect("Ursula von der Leyen de la " * 100_000) == "fr"
