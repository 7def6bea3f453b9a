"""Words that exclude each other: what rose did not fall, what came before did not come after."""

import re
from collections.abc import Iterator, Sequence

from service.guard.lexicon import Found, swapped, term_sets
from service.guard.types import Kind, Pair, Problem
from service.guard.words import Text, text_of


def contrasts(pair: Pair) -> Iterator[Problem]:
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    for name, terms in term_sets("contrasts").items():
        ours, theirs = terms.find(evidence), terms.find(rendering)
        for problem in swapped(Kind.CONTRAST, ours, theirs, loosely=name in _LOOSELY):
            if _denied(problem.expected, ours, evidence) == _denied(problem.found, theirs, rendering):
                yield problem


_LOOSELY = frozenset(
    ["construction", "earliness", "frequency", "multiple", "quantity", "season", "strength", "superlative", "trade"]
)
_DENIED = {
    "fr": re.compile(r"(?:\bne |\bn')(?:[\w']+ ){0,3}?(?:pas|jamais|plus|rien|guere) (?:[\w']+ ){0,2}$|\bsans $"),
    "en": re.compile(r"(?:\bnot|n't|\bnever|\bcannot) (?:\w+ ){0,2}$"),
}


def _denied(said: str, found: Sequence[Found], text: Text) -> bool:
    """Whether it is, wherever it is said: « n’ont pas réussi » is "failed"."""
    return all(_DENIED[text.lang].search(text.folded[: each.start]) for each in found if each.said == said)
