"""The form of a rendering: language, length, repetition, and what a model says of its own text."""

import pytest

from service.guard.checking import check, problems_of
from service.guard.types import Kind, Pair, Scope

EVIDENCE = "Les ministres se réuniront à Bruxelles pour parler de la mission de formation."
ENGLISH = "The ministers will meet in Brussels to talk about the training mission."


def _kinds(rendering: str, evidence: str = EVIDENCE, lang: str = "en") -> set[Kind]:
    return {problem.kind for problem in check(evidence, rendering, evidence_lang="fr", lang=lang)}


def test_a_plain_translation_has_no_problem() -> None:
    assert not _kinds(ENGLISH)


@pytest.mark.parametrize(
    "said",
    [
        f"Here is the translation: {ENGLISH}",
        f"Sure! {ENGLISH}",
        f"{ENGLISH}\n\nNote: I kept the names.",
        f"English: {ENGLISH}",
        f"```\n{ENGLISH}\n```",
        f"{ENGLISH}<|im_end|>",
        f"{ENGLISH} [1]",
        f"{ENGLISH} See https://example.org/x.",
        "I cannot translate this sentence about ministers and Brussels and the mission.",
    ],
)
def test_what_a_model_says_of_its_own_text_is_found(said: str) -> None:
    assert Kind.META in _kinds(said)


def test_a_marker_of_the_evidence_itself_may_stay() -> None:
    assert Kind.META not in _kinds(f"{ENGLISH} [12]", f"{EVIDENCE} [12]")


def test_the_wrong_language_is_found() -> None:
    assert Kind.LANGUAGE in _kinds(EVIDENCE)
    assert Kind.LANGUAGE in _kinds("Los ministros se reunirán en Bruselas para hablar de la misión de formación.")


def test_an_empty_rendering_and_one_that_goes_on_are_of_the_wrong_length() -> None:
    assert Kind.LENGTH in _kinds("")
    assert Kind.LENGTH in _kinds("The ministers.")
    assert Kind.LENGTH in _kinds(
        f"{ENGLISH} They will also discuss many other things that nobody has written of, at length."
    )


def test_words_that_come_again_are_found() -> None:
    assert Kind.REPETITION in _kinds(
        "The ministers will meet in Brussels, the ministers will meet in Brussels to talk."
    )


def test_a_synthesis_may_be_short() -> None:
    pair = Pair(f"{EVIDENCE} {EVIDENCE}", "fr", "The ministers will meet.", "en")
    assert not problems_of(pair, Scope.PART)
    assert problems_of(pair)
