"""Compares titles, ranks and functions: a secretary general is no general."""

from collections.abc import Iterator
from dataclasses import replace

from service.guard.lexicon import Found, swapped, term_sets
from service.guard.types import Kind, Pair, Problem
from service.guard.words import Text, text_of


def roles(pair: Pair) -> Iterator[Problem]:
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    terms = term_sets("titles")["role"]
    yield from swapped(Kind.ROLE, _meant(terms.find(evidence), evidence), _meant(terms.find(rendering), rendering))


def _meant(found: list[Found], text: Text) -> list[Found]:
    """English "General" with a capital inside a sentence is the rank."""
    return [
        replace(each, weak=False) if each.said == "General" and each.start and text.lang == "en" else each
        for each in found
    ]
