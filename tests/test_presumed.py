"""What a question takes for granted, and what a text lacks of it."""

import pytest

from service.presumed import lacking, presumed


@pytest.mark.parametrize(
    ("question", "names", "words", "figures"),
    [
        ("Combien de soldats français participent à Resolute Support en 2019 ?", {"FR"}, {"resol", "suppo"}, {"2019"}),
        ("How many French soldiers does NATO have in Iraq?", {"FR", "NATO", "IQ"}, set(), set()),
        ("Qu’a dit Stoltenberg des 4 000 militaires ?", set(), {"stolt"}, {"4000"}),
        ("combien de soldats", set(), set(), set()),
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
        "names": 0.0, "words": 0.0, "figures": 0.0
    }  # fmt: skip


def test_another_nation_another_year_and_another_person_are_missed() -> None:
    asked = presumed("Que dit Macron des soldats allemands en 2019 ?")
    said = "En 2021, Stoltenberg a parlé des soldats français."
    assert lacking(asked, said, "fr") == {"names": 1.0, "words": 1.0, "figures": 1.0}
