"""Whether each figure is told as a rise or as a fall: « en hausse de 0,8 % » is not "down 0.8%"."""

import re
from collections.abc import Iterator

from service.guard.lexicon import Found, term_sets
from service.guard.quantities import Quantity, quantities
from service.guard.types import Kind, Pair, Problem
from service.guard.words import Text, text_of

_CLAUSE = re.compile(
    r"[;:.()«»“”\"](?!\d)|,(?!\d| (?:a|at|to)\b)"  # « en baisse, à 71 dollars »
    r"|\b(?:et|and|mais|but|tandis|alors|while|whereas|apres|after|contre|against|compared)\b"
)
_BEFORE, _AFTER = 5, 4  # words of its clause


def trends(pair: Pair) -> Iterator[Problem]:
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    theirs = quantities(rendering)
    for quantity in quantities(evidence):
        like = [other for other in theirs if other.values & quantity.values]
        if quantity.weak or len(like) != 1:
            continue
        one, other = _trend(quantity, evidence), _trend(like[0], rendering)
        if one and other and one.member != other.member:
            yield Problem(Kind.CONTRAST, f"{one.said} … {quantity.said}", f"{other.said} … {like[0].said}")


def _trend(quantity: Quantity, text: Text) -> Found | None:
    """What the words of its clause tell; `None` where they tell neither or both."""
    before = " ".join(_CLAUSE.split(text.folded[: quantity.start])[-1].split()[-_BEFORE:])
    after = " ".join(_CLAUSE.split(text.folded[quantity.end :])[0].split()[:_AFTER])
    sets = term_sets("trends")
    found = [
        *sets["before"].find(Text(before, before, text.lang)),
        *sets["after"].find(Text(after, after, text.lang)),
    ]
    told = [each for each in found if each.member != "neither"]
    return told[-1] if len({each.member for each in told}) == 1 else None
