"""Whether a claim tells what its evidence names in the evidence's order.

A hint and no problem: each language has orders of its own, and people's translations change some one in thirty. Of
claims in which two names were exchanged, every second one does.
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations, product

from service.guard.anchors import anchors
from service.guard.mentions import mentions, shared
from service.guard.types import Pair
from service.guard.words import text_of


@dataclass(frozen=True, slots=True)
class Order:
    """`exchanged`: two of one sort (names, roles, figures or days) are told in the other order. `crossed`, from 0 to 1:
    of the pairs of a name, role, figure or day and another word that both texts share, the share told in the other
    order; one pair more is counted, so that few tell little."""

    exchanged: bool
    crossed: float


def order(pair: Pair) -> Order:
    """Of what each of the two texts says once."""
    evidence, claim = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    both = shared(mentions(evidence), mentions(claim))
    places = {(ours.start, theirs.start) for ours, theirs in both}
    words = {(anchor.ours, anchor.theirs) for anchor in anchors(evidence, claim)} - places
    alike = [
        (a.start, a_there.start, b.start, b_there.start)
        for (a, a_there), (b, b_there) in combinations(both, 2)
        if a.sort is b.sort
    ]
    unlike = [(*one, *other) for one, other in product(places, words)]
    return Order(_turned(alike) > 0, _turned(unlike) / (len(unlike) + 1))


def _turned(places: Collection[tuple[int, int, int, int]]) -> int:
    """How many are in the other order: of a thing, here and there, and of another, here and there."""
    return sum((a - b) * (a_there - b_there) < 0 for a, a_there, b, b_there in places)
