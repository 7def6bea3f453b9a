"""French or English, from a word to an article."""

import pytest

from index.language import DEFAULT, detect


@pytest.mark.parametrize(
    "text",
    [
        "Combien de soldats l’Allemagne a-t-elle en Afghanistan ?",
        "Qui est Peter Weir ?",
        "Qui a tué Lee Harvey Oswald ?",
        "Que signifie « What you see is what you get » ?",
        "soldats allemands",
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
