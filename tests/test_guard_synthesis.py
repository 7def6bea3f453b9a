"""The guard on short syntheses of several sentences: what they may say in their own words, and what they may not."""

import pytest

from prompts.writing import synthesis_prompts
from service.guard.grounding import content, grounded
from service.guard.synthesis import check_synthesis
from service.guard.types import Kind
from service.guard.words import text_of

EVIDENCE = [
    "L’Allemagne est le second contributeur avec 1600 soldats.",
    "L’Italie envoie 900 soldats en Irak.",
    "Le général Costa n’a pas confirmé le départ des troupes.",
]
FRENCH = (
    "Avec 1600 soldats, l’Allemagne est le second contributeur, tandis que l’Italie envoie 900 soldats en Irak. "
    "Le départ des troupes n’a pas été confirmé par le général Costa."
)
ENGLISH = (
    "Germany is the second contributor with 1,600 soldiers and Italy sends 900 soldiers to Iraq, "
    "while General Costa did not confirm the departure of the troops."
)


def _kinds(synthesis: str, lang: str) -> set[Kind]:
    return {problem.kind for problem in check_synthesis(EVIDENCE, synthesis, evidence_lang="fr", lang=lang)}


@pytest.mark.parametrize(
    ("lang", "synthesis"),
    [
        ("fr", FRENCH),
        ("en", ENGLISH),
        ("fr", " ".join(EVIDENCE)),
        ("fr", f"L’Allemagne, second contributeur, envoie 1600 soldats et l’Italie 900. {EVIDENCE[2]}"),
    ],
)  # fmt: skip
def test_what_says_what_the_sentences_say_in_other_words_passes(lang: str, synthesis: str) -> None:
    assert _kinds(synthesis, lang) == set()


@pytest.mark.parametrize(
    ("kind", "lang", "synthesis"),
    [
        (Kind.NUMBER, "fr", FRENCH.replace("1600", "16 000")),
        (Kind.NUMBER, "en", ENGLISH.replace("900", "9,000")),
        (Kind.NAME, "fr", FRENCH.replace("Costa", "Rossi")),
        (Kind.NAME, "en", ENGLISH.replace("Iraq", "Iran")),
        (Kind.NEGATION, "fr", FRENCH.replace("n’a pas été", "a été")),
        (Kind.NEGATION, "en", ENGLISH.replace("did not confirm", "confirmed")),
        (Kind.LANGUAGE, "en", FRENCH),
        (Kind.META, "en", ENGLISH.replace("soldiers and", "soldiers [1] and")),
        (Kind.META, "en", ENGLISH.replace("Costa", "Co\u200bsta")),
        (Kind.META, "en", f"Here is the answer: {ENGLISH}"),
        (Kind.LENGTH, "en", "soldiers " * 10_000),
        (Kind.SUPPORT, "en", ""),
        # One's figure with another's name
        (Kind.SUPPORT, "en", ENGLISH.replace("Germany", "x").replace("Italy", "Germany").replace("x is", "Italy is")),
        (Kind.SUPPORT, "fr", "L’Italie est le second contributeur avec 1600 soldats. " + EVIDENCE[2]),
        # What nobody said
        (Kind.SUPPORT, "fr", f"{' '.join(EVIDENCE)} Les habitants sont heureux."),
        (Kind.SUPPORT, "en", f"{ENGLISH} Everybody was glad about the lovely weather."),
        # What is passed over
        (Kind.SUPPORT, "en", ENGLISH.split(", while")[0]),
    ],
)  # fmt: skip
def test_what_the_sentences_do_not_say_is_found(kind: Kind, lang: str, synthesis: str) -> None:
    assert kind in _kinds(synthesis, lang)


def test_each_sentence_answers_for_its_own_evidence_only() -> None:
    """A denial of one sentence is not asked of what is said of another."""
    evidence = ["Le ministre a signé l’accord mardi.", "Le président n’a rien dit du budget."]
    good = "The minister signed the agreement on Tuesday. The president said nothing about the budget."
    assert check_synthesis(evidence, good, evidence_lang="fr", lang="en") == []
    moved = "The minister did not sign the agreement on Tuesday. The president spoke of the budget."
    assert Kind.NEGATION in {p.kind for p in check_synthesis(evidence, moved, evidence_lang="fr", lang="en")}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_examples_that_writers_are_shown_pass(lang: str) -> None:
    for example in synthesis_prompts(lang).examples:
        sentences = example.sentences.splitlines()
        assert check_synthesis(sentences, example.answer, evidence_lang="fr", lang=lang) == []


def test_words_have_counterparts_of_the_same_root_in_the_same_list_or_of_the_same_name() -> None:
    evidence = text_of("L’OTAN a envoyé 500 soldats en Géorgie, a annoncé la présidente.", "fr")
    said = text_of("NATO sent 500 soldiers to Georgia, the president announced happily.", "en")
    found = {token.raw for token in content(said) if token.start in grounded(evidence, said)}
    assert found == {"NATO", "500", "soldiers", "sent", "Georgia", "president", "announced"}
    assert {token.raw for token in content(said)} == found | {"happily"}
