"""Words that exclude each other: what rose did not fall, what came before did not come after."""

from collections.abc import Iterator

from service.guard.lexicon import swapped, term_sets
from service.guard.types import Kind, Pair, Problem
from service.guard.words import text_of


def contrasts(pair: Pair) -> Iterator[Problem]:
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    for name, terms in term_sets("contrasts").items():
        yield from swapped(Kind.CONTRAST, terms.find(evidence), terms.find(rendering), loosely=name in _LOOSELY)


_LOOSELY = frozenset(["construction", "earliness", "frequency", "quantity", "season", "strength", "superlative"])
