"""What a text and its rendering surely share, and where each says it: names, figures, terms, and words of one root.

There is no dictionary: what neither a list of terms nor the words themselves show to be the same is no anchor.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from service.guard.lexicon import term_sets
from service.guard.mentions import mentions, shared
from service.guard.names import same_root
from service.guard.words import Text, Token, lemma, tokens

_SHORTEST = 4
_LISTS = ("titles", "glossary", "stances", "units", "contrasts")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The same thing, said once on each side: where its word begins in the evidence, and in the rendering."""

    said: str
    ours: int
    theirs: int


@lru_cache(maxsize=16)
def anchors(evidence: Text, rendering: Text) -> tuple[Anchor, ...]:
    """In the order of the evidence; a place is of one anchor only."""
    found: dict[int, Anchor] = {}
    taken: set[int] = set()
    for each in (*_mentioned(evidence, rendering), *_listed(evidence, rendering), *_alike(evidence, rendering)):
        if each.ours not in found and each.theirs not in taken:
            found[each.ours] = each
            taken.add(each.theirs)
    return tuple(found[place] for place in sorted(found))


def _mentioned(evidence: Text, rendering: Text) -> Iterator[Anchor]:
    for one, other in shared(mentions(evidence), mentions(rendering)):
        yield Anchor(one.said, one.start, other.start)


def _listed(evidence: Text, rendering: Text) -> Iterator[Anchor]:
    for name in _LISTS:
        for terms in term_sets(name).values():
            yield from _once(
                [(f.member, f.said, f.start) for f in terms.find(evidence)],
                [(f.member, f.said, f.start) for f in terms.find(rendering)],
            )


def _once(ours: Iterable[tuple[Hashable, str, int]], theirs: Iterable[tuple[Hashable, str, int]]) -> Iterator[Anchor]:
    """What each side says exactly once."""
    ours, theirs = list(ours), list(theirs)
    here, there = Counter(key for key, _, _ in ours), Counter(key for key, _, _ in theirs)
    places = {key: place for key, _, place in theirs}
    for key, said, place in ours:
        if here[key] == there[key] == 1:
            yield Anchor(said, place, places[key])


def _alike(evidence: Text, rendering: Text) -> Iterator[Anchor]:
    """Words that resemble one word of the other side, and no other."""
    ours, theirs = _content(evidence), _content(rendering)
    same = _same_lemma(evidence.lang) if evidence.lang == rendering.lang else _cognate
    like = {word.start: [other for other in theirs if same(word.folded, other.folded)] for word in ours}
    claimed = Counter(other.start for others in like.values() for other in others)
    for word in ours:
        others = like[word.start]
        if len(others) == 1 and claimed[others[0].start] == 1:
            yield Anchor(word.raw, word.start, others[0].start)


def _content(text: Text) -> list[Token]:
    return [token for token in tokens(text) if len(token.raw) >= _SHORTEST and token.raw[0].islower()]


def _same_lemma(lang: str) -> Callable[[str, str], bool]:
    return lambda one, other: one == other or lemma(one, lang) == lemma(other, lang)


def _cognate(one: str, other: str) -> bool:
    return len(one) > _SHORTEST and len(other) > _SHORTEST and same_root(one, other)
