"""Compares titles, ranks and functions: a secretary general is no general."""

from collections.abc import Iterator

from service.guard.lexicon import swapped, term_sets
from service.guard.types import Kind, Pair, Problem
from service.guard.words import text_of


def roles(pair: Pair) -> Iterator[Problem]:
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    terms = term_sets("titles")["role"]
    yield from swapped(Kind.ROLE, terms.find(evidence), terms.find(rendering))
