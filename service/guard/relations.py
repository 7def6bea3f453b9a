"""Who does what to whom: two names, figures or days that changed places, and two terms that changed what they are of.

Each has a part in the evidence and one in the rendering. Where both fit better once they are exchanged, they were
exchanged. Where their parts do not tell, their neighbours do: in a true rendering neighbours travel with their names.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from service.guard.anchors import Anchor, anchors
from service.guard.lexicon import term_sets
from service.guard.mentions import Mention, Part, Sort, mentions, shared
from service.guard.types import Kind, Pair, Problem
from service.guard.words import Text, text_of, tokens

_ENOUGH = 0.6  # by so much an exchange must fit better
_UNTOLD = 0.2  # what an exchange changes by no more than this, parts do not tell
_NEAR = 3  # words from a mention to its neighbour, at most
_NEARER = 2  # and that many fewer than from the other
_UNLIKE = 1.0
_KINDS = {Sort.NAME: Kind.RELATION, Sort.ROLE: Kind.RELATION, Sort.FIGURE: Kind.NUMBER, Sort.DAY: Kind.DATE}

_COUNTED = (Sort.FIGURE, Sort.DAY)
_OBJECTS = (Part.AT, Part.TO, Part.OF, Part.AGAINST, Part.WITH, Part.IN, Part.FOR)
# How far a part is from another, where it is less than wholly unlike: nominalisations, verbs that take another
# preposition in the other language, « à » that is "from" where something is bought.
_FAR: dict[frozenset[Part], float] = {
    frozenset(pair): far
    for far, pairs in {
        0.0: [(Part.AT, Part.TO), (Part.AT, Part.IN)],
        0.1: [(Part.OF, Part.FROM), (Part.TO, Part.IN)],
        0.2: [(Part.AT, Part.FROM), (Part.AT, Part.FOR), (Part.TO, Part.FOR)],
        0.3: [(Part.PATIENT, part) for part in _OBJECTS]
        + [(Part.FROM, Part.FOR), (Part.AGENT, Part.BY), (Part.AFTER, Part.FROM), (Part.AT, Part.OF),
           (Part.AT, Part.WITH), (Part.OF, Part.IN), (Part.AGAINST, Part.WITH)],
        0.4: [(Part.AGENT, Part.SOURCE), (Part.SOURCE, Part.OF), (Part.AGAINST, Part.TO), (Part.AGAINST, Part.IN),
              (Part.OF, Part.FOR), (Part.OF, Part.WITH), (Part.AT, Part.AGAINST), (Part.FROM, Part.IN)],
        0.5: [(Part.AGENT, Part.OF), (Part.PATIENT, Part.FROM), (Part.OF, Part.AGAINST)],
        0.6: [(Part.AGENT, Part.IN), (Part.AGENT, Part.WITH)],
        0.7: [(Part.OF, Part.TO)],
    }.items()
    for pair in pairs
}  # fmt: skip
_VAGUE = {Part.BESIDE: 0.3, Part.BETWEEN: 0.4}


def relations(pair: Pair) -> Iterator[Problem]:
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    held = anchors(evidence, rendering)
    for (a, a_there), (b, b_there) in combinations(shared(mentions(evidence), mentions(rendering)), 2):
        if a.sort is not b.sort or (_listed(evidence, a, b) and _listed(rendering, a_there, b_there)):
            continue
        if a.sort in _COUNTED and _as_told(((a, a_there), (b, b_there)), held):
            continue
        gain = _gain((a, a_there), (b, b_there))
        places = (a.start, b.start), (a_there.start, b_there.start)
        if gain >= _ENOUGH or (abs(gain) < _UNTOLD and _lost_neighbours(*places, held, evidence, rendering)):
            yield _exchanged(_KINDS[a.sort], (a.said, b.said), (a_there, b_there))
            return
        if {_acts(evidence, a, b), _acts(rendering, a_there, b_there)} == {True, False}:
            yield _exchanged(Kind.RELATION, (a.said, b.said), (a_there, b_there))
            return
    yield from _directions(evidence, rendering, held)


def _as_told(both: Sequence[tuple[Mention, Mention]], held: Sequence[Anchor]) -> bool:
    """Whether two stand in the same order, and each in the same order with all else that both sides share."""
    (a, a_there), (b, b_there) = both
    if (a.start < b.start) != (a_there.start < b_there.start):
        return False
    return all(
        (anchor.ours < ours.start) == (anchor.theirs < theirs.start)
        for anchor in held
        for ours, theirs in both
        if anchor.ours != ours.start
    )


_WHOM = {"fr": r"(?:que |qu')", "en": r"(?:which|who|whom|that) "}
_WHO = {"fr": r"qui ", "en": r"(?:which|who|that) "}
_THE = r"(?:the |an? |la |le |les |l'|une? )?"
_ITEM = rf"{_THE}[A-ZÀ-Þ][\w.'-]*(?: [A-ZÀ-Þ][\w.'-]*)*"
_LIST = re.compile(rf"(?:, {_ITEM})*,? (?:et|and|ou|or) {_ITEM}")
_ASIDE = (Part.SOURCE, Part.AT, Part.IN, Part.BEFORE, Part.AFTER)  # what often opens a sentence, before a comma


def _listed(text: Text, one: Mention, other: Mention) -> bool:
    """Whether they stand in one list, which any order tells: « la France et l'Italie », "Dell, HP and Sony"; not in
    « selon Macron, Biden et Xi »."""
    first, last = sorted((one, other), key=lambda each: each.start)
    listed = _LIST.match(text.raw, first.end)
    apart = "," in text.raw[first.end : last.start] and first.part in _ASIDE
    return listed is not None and last.end <= listed.end() and not apart


def _acts(text: Text, one: Mention, other: Mention) -> bool | None:
    """Whether the antecedent of a clause acts on who is named in it: « la Colombie, que l’Équateur sanctionne »
    does not, "Colombia, which sanctions Ecuador" does; `None` where there is no such clause."""
    if other.start < one.start:
        acts = _acts(text, other, one)
        return None if acts is None else not acts
    between = text.folded[one.end : other.start]
    if re.fullmatch(rf",? {_WHOM[text.lang]}{_THE}", between):
        return False
    if re.match(rf",? {_WHO[text.lang]}\w", between) and "," not in between[2:]:
        return {Part.PATIENT: True, Part.BY: False}.get(other.part)
    return None


def _gain(one: tuple[Mention, Mention], other: tuple[Mention, Mention]) -> float:
    """By how much an exchange would fit better."""
    (a, a_there), (b, b_there) = one, other
    as_they_are = _far(a.part, a_there.part) + _far(b.part, b_there.part)
    return as_they_are - _far(a.part, b_there.part) - _far(b.part, a_there.part)


def _far(one: Part, other: Part) -> float:
    if one is other:
        return 0.0
    if Part.BY in (one, other) and Part.AGENT not in (one, other):
        return _far(*(Part.AGENT if part is Part.BY else part for part in (one, other)))
    vague = [far for part, far in _VAGUE.items() if part in (one, other)]
    return min(vague) if vague else _FAR.get(frozenset((one, other)), _UNLIKE)


def _lost_neighbours(
    ours: tuple[int, int], theirs: tuple[int, int], held: Sequence[Anchor], evidence: Text, rendering: Text
) -> bool:
    """Whether two that are told in the other order left their neighbours to each other."""
    if (ours[0] < ours[1]) == (theirs[0] < theirs[1]):
        return False
    here, there = _numbered(evidence), _numbered(rendering)
    if _beside(evidence, ours) or _beside(rendering, theirs):
        return False
    kept = lost = 0
    for anchor in held:
        if anchor.ours in ours or anchor.theirs in theirs:
            continue
        near, near_there = (
            _nearer(here, ours, anchor.ours), _nearer(there, theirs, anchor.theirs)
        )  # fmt: skip
        if near is not None and near_there is not None:
            kept, lost = kept + (near == near_there), lost + (near != near_there)
    return lost > 0 and kept == 0


def _numbered(text: Text) -> dict[int, int]:
    """The number of the word that begins at a place."""
    words = (token for token in tokens(text) if len(token.raw) > 1 or token.raw.isdigit())
    return {token.start: number for number, token in enumerate(words)}


_OF = re.compile(r"\w+(?: \w+)?(?:'s? | (?:de |du |des |d'|of |the |la |le |l')*)")


def _beside(text: Text, places: tuple[int, int]) -> bool:
    """« le parti de Peres », "Peres's party": what belongs together stands in the order that its language likes."""
    return _OF.fullmatch(text.folded[min(places) : max(places)]) is not None


def _nearer(words: dict[int, int], places: tuple[int, int], anchor: int) -> int | None:
    """Which of two places an anchor stands by, where it is much nearer to one of them."""
    if anchor not in words or any(place not in words for place in places):
        return None
    one, other = (abs(words[anchor] - words[place]) for place in places)
    if min(one, other) > _NEAR or max(one, other) < min(one, other) + _NEARER:
        return None
    return 0 if one < other else 1


def _directions(evidence: Text, rendering: Text, held: Sequence[Anchor]) -> Iterator[Problem]:
    """What rises and what falls, told of each other: both are said, of the wrong things."""
    for name, terms in term_sets("contrasts").items():
        if name not in _DIRECTIONS:
            continue
        ours, theirs = ({f.member: f for f in terms.find(side)} for side in (evidence, rendering))
        once = all(len(terms.find(side)) == len(found) == 2 for side, found in ((evidence, ours), (rendering, theirs)))
        if not once or ours.keys() != theirs.keys():
            continue
        (a, a_found), (b, b_found) = ours.items()
        places = (a_found.start, b_found.start), (theirs[a].start, theirs[b].start)
        if _lost_neighbours(*places, held, evidence, rendering):
            yield Problem(
                Kind.CONTRAST, f"{a_found.said} … {b_found.said}",
                " … ".join(f.said for f in sorted(theirs.values(), key=lambda f: f.start)),
            )  # fmt: skip


_DIRECTIONS = frozenset(
    ["acceptance", "agreement", "beginning", "conflict", "construction", "earliness", "fate", "hire", "holding",
     "joining", "movement", "opening", "order", "outcome", "permission", "quantity", "relation", "side", "strength",
     "success", "superlative", "trade", "travel", "trend"]
)  # fmt: skip


def _exchanged(kind: Kind, expected: tuple[str, str], found: tuple[Mention, Mention]) -> Problem:
    told = sorted(found, key=lambda each: each.start)
    return Problem(kind, " … ".join(expected), " … ".join(each.said for each in told))
