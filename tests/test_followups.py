"""Follow-up questions stand alone before anything is searched."""

import pytest

from service.followups import standalone
from service.types import Turn


@pytest.mark.parametrize(
    ("before", "question", "wanted"),
    [
        (
            "Combien de soldats l’Allemagne fournit-elle à l’OTAN ?",
            "Et l’Italie ?",
            "Combien de soldats l’Italie fournit-elle à l’OTAN ?",
        ),
        (
            "Combien de soldats l’Allemagne fournit-elle ?",
            "Qu’en est-il de la Géorgie ?",
            "Combien de soldats la Géorgie fournit-elle ?",
        ),
        (
            "How many soldiers does Germany contribute?",
            "And Italy?",
            "How many soldiers does Italy contribute?",
        ),
        (
            "How many soldiers does Germany contribute?",
            "What about Georgia?",
            "How many soldiers does Georgia contribute?",
        ),
        ("Combien de militaires en Irak en 2020 ?", "Et en 2021 ?", "Combien de militaires en Irak en 2021 ?"),
        ("What did Jens Stoltenberg say?", "And Lloyd Austin?", "What did Lloyd Austin say?"),
        ("Que fait l’OTAN en Irak ?", "Et l’ONU ?", "Que fait l’ONU en Irak ?"),
    ],
)
def test_a_name_or_a_year_takes_the_place_of_its_like(before: str, question: str, wanted: str) -> None:
    assert standalone(question, [Turn(before, "…")]) == wanted


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("Qui dirige l’OTAN ?", "Et depuis quand ?"),
        ("When was the mission in Iraq created?", "How many people does it have?"),
        ("Quand la mission en Irak a-t-elle été créée ?", "Combien de militaires compte-t-elle ?"),
        ("How many American soldiers are in Iraq?", "And how many Germans?"),
    ],
)
def test_any_other_follow_up_is_read_with_the_question_before(before: str, question: str) -> None:
    assert standalone(question, [Turn(before, "…")]) == f"{before} {question}"


@pytest.mark.parametrize(
    "question",
    [
        "Qui est Lloyd Austin ?",
        "Pourquoi le Parlement irakien a-t-il demandé le départ des troupes ?",
        "What is the role of the European Union in Iraq?",
        "Quel est le rôle de l’OTAN ?",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(question: str) -> None:
    assert standalone(question, [Turn("Combien de soldats l’Allemagne fournit-elle ?", "1600")]) == question


def test_without_history_nothing_changes() -> None:
    assert standalone("Et l’Italie ?", []) == "Et l’Italie ?"


def test_a_chain_of_follow_ups_leans_on_the_first_question() -> None:
    history = [Turn("Combien de soldats l’Allemagne fournit-elle ?", "1600"), Turn("Et l’Italie ?", "895")]
    assert standalone("Et la Géorgie ?", history) == "Combien de soldats la Géorgie fournit-elle ?"
