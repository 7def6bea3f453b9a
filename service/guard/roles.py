"""Compares titles, ranks and functions: a secretary general is no general."""

import re
from collections.abc import Iterator
from dataclasses import replace

from service.guard.lexicon import Found, TermSet, swapped, term_sets
from service.guard.types import Kind, Pair, Problem
from service.guard.words import Text, text_of


def roles(pair: Pair) -> Iterator[Problem]:
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    terms = term_sets("titles")["role"]
    yield from swapped(Kind.ROLE, _meant(terms.find(evidence), evidence), _meant(terms.find(rendering), rendering))
    if (said := _former(evidence, terms)) and not _PAST[rendering.lang].search(rendering.folded):
        yield Problem(Kind.ROLE, expected=said)
    elif (said := _former(rendering, terms)) and not _PAST[evidence.lang].search(evidence.folded):
        yield Problem(Kind.ROLE, found=said)


_FORMER = {"fr": re.compile(r"\b(?:ancien(?:ne)?s? |ex[ -])$"), "en": re.compile(r"\b(?:former |ex[ -])$")}
_PAST = {
    "fr": re.compile(
        r"\b(?:ancien\w*|ex|precedent\w*|jadis|autrefois|sortant\w*|alors|feu|retraite\w*|veteran\w*|dernier\w*)\b"
    ),
    "en": re.compile(
        r"\b(?:former\w*|ex|once|previous\w*|old\w*|late|then|past|retired|veterans?|one-?time|outgoing|predecessors?"
        r"|ancient|elder\w*|senior)\b"
    ),
}


def _former(text: Text, terms: TermSet) -> str:
    """« ancien ministre », with its title; empty where nobody is said to have been something."""
    for found in terms.find(text):
        if before := _FORMER[text.lang].search(text.folded[: found.start]):
            return text.raw[before.start() : found.end]
    return ""


def _meant(found: list[Found], text: Text) -> list[Found]:
    """English "General" with a capital inside a sentence is the rank."""
    return [
        replace(each, weak=False) if each.said == "General" and each.start and text.lang == "en" else each
        for each in found
    ]
