"""What a question takes for granted, and what a text lacks of it."""

import pytest

from service.presumed import lacking, names_a_time, presumed, straying


@pytest.mark.parametrize(
    ("question", "names", "words", "figures"),
    [
        ("Combien de soldats français participent à Resolute Support en 2019 ?", {"FR"}, {"resol", "suppo"}, {"2019"}),
        ("How many French soldiers does NATO have in Iraq?", {"FR", "NATO", "IQ"}, set(), set()),
        ("Qu’a dit Stoltenberg des 4 000 militaires ?", set(), {"stolt"}, {"4000"}),
        ("combien de soldats", set(), set(), set()),
        ("Quand Washington et les talibans ont-ils signé ?", {"US", "taliban"}, set(), set()),
        ("Who was arrested in London?", {"london"}, set(), set()),
        ("Quand George Washington est-il mort ?", set(), {"georg", "washi"}, set()),
        ("Que dit le Washington Post ?", set(), {"washi", "post"}, set()),
    ],
)
def test_a_question_presumes_what_it_names(
    question: str, names: set[str], words: set[str], figures: set[str]
) -> None:  # fmt: skip
    asked = presumed(question)
    assert (asked.names, asked.words, asked.figures) == (names, words, figures)


def test_a_name_is_said_in_either_language() -> None:
    asked = presumed("How many French soldiers does NATO have in Iraq?")
    assert lacking(asked, "L’OTAN compte 500 soldats français en Irak.", "fr") == {
        "names": 0.0, "words": 0.0, "figures": 0.0, "events": 0.0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("question", "said", "missing"),
    [
        ("Quand Washington a-t-il signé ?", "Les États-Unis ont signé en 2020.", 0.0),
        ("When did Washington sign?", "Washington a signé en 2020.", 0.0),
        ("Quand les États-Unis ont-ils signé ?", "Washington a signé en 2020.", 0.0),
        ("Quand la France a-t-elle signé ?", "La Russie a signé à Paris.", 1.0),
        ("Que veut Moscou ?", "Kiev veut un accord.", 1.0),
    ],
)
def test_a_government_is_said_by_its_country_or_its_seat(question: str, said: str, missing: float) -> None:
    assert lacking(presumed(question), said, "fr")["names"] == missing


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Combien étaient-ils en 2019 ?", True),
        ("Combien de grévistes le premier jour ?", True),
        ("Combien de grévistes lundi ?", True),
        ("How many were there in March?", True),
        ("How many were there at first?", True),
        ("Combien sont-ils ?", False),
        ("Combien des 2 000 soldats sont partis ?", False),
        ("Qui est le Premier ministre ?", False),
        ("Combien gagne la Première ministre ?", False),
        ("What is the First Minister’s salary?", False),
        ("How much does First Lady Jill Biden earn?", False),
        ("Combien d’exemplaires de son premier album a-t-elle vendus ?", False),
        ("Combien d’employés depuis le départ du directeur ?", False),
        ("Combien étaient-ils au départ ?", True),
        ("Quel était le premier bilan de la crue ?", True),
        ("Combien de soldats dans les trois premières semaines ?", True),
        ("What was the first official death toll?", True),
        ("How many soldiers were first sent?", True),
        ("How many did she first say there were?", True),
    ],
)
def test_a_question_may_be_of_a_time(question: str, named: bool) -> None:
    assert names_a_time(question) is named


def test_another_nation_another_year_and_another_person_are_missed() -> None:
    asked = presumed("Que dit Macron des soldats allemands en 2019 ?")
    said = "En 2021, Stoltenberg a parlé des soldats français."
    assert lacking(asked, said, "fr") == {"names": 1.0, "words": 1.0, "figures": 1.0, "events": 0.0}


@pytest.mark.parametrize(
    ("question", "sentence", "nation", "year"),
    [
        ("How many German soldiers are there?", "Les États-Unis ont 2500 soldats.", 1.0, 0.0),
        ("How many German soldiers are there?", "L’Allemagne en a 1600, les États-Unis 2500.", 0.0, 0.0),
        ("How many German soldiers are there?", "Ils sont 1600.", 0.0, 0.0),  # of whom is said elsewhere
        ("Combien de soldats sont en Irak ?", "La mission en Afghanistan compte 9600 soldats.", 1.0, 0.0),
        ("Combien de soldats sont en Irak ?", "Les soldats américains en Irak sont 2500.", 0.0, 0.0),
        ("Combien de soldats y a-t-il ?", "Les États-Unis ont 2500 soldats.", 0.0, 0.0),
        ("Combien étaient-ils en 2019 ?", "Ils étaient 5200 en 2020.", 0.0, 1.0),
        ("Combien étaient-ils en 2019 ?", "De 5200 en 2019, ils sont passés à 2500 en 2021.", 0.0, 0.0),
        ("Combien étaient-ils en 2019 ?", "Ils étaient 5200.", 0.0, 0.0),
        ("Combien étaient-ils en 2021 ?", "Ils étaient 5200, contre 4000 en 2020.", 0.0, 0.0),
        ("Combien étaient-ils en 2021 ?", "Ils étaient 5200, au plus haut depuis l’été 2018.", 0.0, 0.0),
        ("Combien étaient-ils en 2021 ?", "Ils étaient 5200 en 2020, contre 4000 en 2019.", 0.0, 1.0),
        ("Combien étaient-ils en 2019 ?", "Ils étaient 5200 en 2020, contre 4000 en 2019.", 0.0, 0.0),
        ("Combien sont les 500 ?", "Ils étaient 5200 en 2020.", 0.0, 0.0),
        ("Combien étaient-ils en 2021 ?", "La France y compte 2 000 soldats.", 0.0, 0.0),
        ("Combien étaient-ils en 2021 ?", "La France y compte 2000 soldats.", 0.0, 0.0),
        ("Qui sont les 2 000 soldats ?", "Ils étaient là en 2020.", 0.0, 0.0),
        ("Combien de grévistes le 12 décembre ?", "Vendredi 13 décembre, ils étaient 22 %.", 0.0, 1.0),
        ("How many people were there on December 12?", "Vendredi 13 décembre, ils étaient 22 %.", 0.0, 1.0),
        (
            "How many people were there on December 12?",
            "Le 12 décembre ils étaient 40, le 13 décembre 22.",
            0.0,
            0.0,
        ),
        ("Combien de grévistes en décembre ?", "Vendredi 13 décembre, ils étaient 22 %.", 0.0, 0.0),
    ],
)
def test_a_sentence_on_others_only_strays(question: str, sentence: str, nation: float, year: float) -> None:
    assert straying(presumed(question), sentence, "fr") == {"nation": nation, "year": year, "event": 0.0}


@pytest.mark.parametrize(
    ("question", "sentence", "lang", "unsaid"),
    [
        ("Combien de soldats sont morts ?", "Il reste 2500 soldats en Irak.", "fr", 1.0),
        ("Combien de soldats sont morts ?", "L’attaque a tué 14 soldats.", "fr", 0.0),
        ("How many soldiers were killed?", "Quatorze soldats ont perdu la vie.", "fr", 0.0),
        ("Pourquoi a-t-il démissionné ?", "He stepped down over the scandal.", "en", 0.0),
        ("Pourquoi a-t-il démissionné ?", "He spoke of the pandemic.", "en", 1.0),
        ("Who was arrested in London?", "Cinq hommes ont été interpellés.", "fr", 0.0),
        ("Qui est le secrétaire général ?", "Jens Stoltenberg l’a annoncé.", "fr", 0.0),  # asks of no event
    ],
)
def test_what_is_asked_of_is_said_in_either_language_or_missed(
    question: str, sentence: str, lang: str, unsaid: float
) -> None:
    asked = presumed(question)
    assert straying(asked, sentence, lang)["event"] == unsaid
    assert lacking(asked, sentence, lang)["events"] == unsaid


def test_an_event_may_be_said_by_the_sentence_before() -> None:
    asked = presumed("Quel âge avait le chanteur à sa mort ?")
    age = "Il avait 82 ans."
    assert straying(asked, age, "fr")["event"] == 1
    assert straying(asked, age, "fr", "Le chanteur est mort samedi.")["event"] == 0
    # a nation or a year is asked of the sentence itself
    other = presumed("Combien de soldats français en 2020 ?")
    assert straying(other, "Il y en avait 40 en Italie.", "fr", "La France, en 2020.")["nation"] == 1
