"""Tells articles that are one wire copy, republished: MinHash signatures of their words, and when two are linked.

Whether two articles are linked depends on these two alone, and only those two are copies of one another: two dispatches
that a round-up quotes are not. Groups, of those that are linked through others too, only say where to look for links.
Knows nothing of the store. MinHash: Broder, On the resemblance and containment of documents, 1997; LSH in bands:
Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, section 3.4.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

SHINGLE_WORDS = 3
LEAST_SHINGLES = 20  # fewer words are too few to be a copy of anything
SHARED = 0.35  # of the shorter article's shingles, that two of one origin share: see eval/LOG.md
_VALUES = 128
_BANDS, _ROWS = 32, 2  # articles that share a third of all their shingles meet in some band in 98 of 100 cases
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Signature:
    """`values` are uint32, (128,): of the article's shingles, the least hash under each of so many hash functions."""

    shingles: int
    values: NDArray[np.uint32]

    def bands(self) -> list[int]:
        """Signed 64-bit numbers; two articles that share none are not of one origin."""
        parts = self.values[: _BANDS * _ROWS].astype("<u4").reshape(_BANDS, _ROWS)
        hashed = (hashlib.blake2b(bytes([n]) + part.tobytes(), digest_size=8).digest() for n, part in enumerate(parts))
        return [int.from_bytes(digest, "little", signed=True) for digest in hashed]


def signature(texts: Sequence[str]) -> Signature | None:
    """Of an article's passages, in order; `None` where they are too short."""
    words = _WORD.findall(" ".join(texts).casefold())
    shingles = {" ".join(words[i : i + SHINGLE_WORDS]) for i in range(len(words) - SHINGLE_WORDS + 1)}
    if len(shingles) < LEAST_SHINGLES:
        return None
    hashed = MinHash(num_perm=_VALUES, seed=1)
    hashed.update_batch([shingle.encode() for shingle in sorted(shingles)])
    return Signature(len(shingles), np.asarray(hashed.hashvalues, np.uint32))


@dataclass(frozen=True, slots=True)
class Member:
    """An article with its signature, and the number of its group."""

    article_id: str
    origin: int
    signature: Signature


def shared(one: Signature, others: Sequence[Signature]) -> NDArray[np.float64]:
    """For each of the others, the share, 0 to 1, of the shorter one's shingles that both have; an estimate."""
    return _Stacked.of(others).shared(one)


def linked(one: Signature, others: Sequence[Signature]) -> NDArray[np.bool_]:
    """Which of the others are of one origin with `one`: they meet in a band, and share enough."""
    return _Stacked.of(others).linked(one) if others else np.zeros(0, bool)


def copies_of(mine: Iterable[Member], among: Iterable[Member]) -> dict[str, list[str]]:
    """For each of `mine` that has some: the ids of those `among` them that are linked with it, in their order."""
    others = _by_origin(among)
    found: dict[str, list[str]] = {}
    for origin, ours in _by_origin(mine).items():
        theirs = others.get(origin, [])
        if theirs and len({each.article_id for each in (*ours, *theirs)}) > 1:
            stacked = _Stacked.of([each.signature for each in theirs])
            for one in ours:
                ids = [theirs[place].article_id for place in np.flatnonzero(stacked.linked(one.signature))]
                found[one.article_id] = [article_id for article_id in ids if article_id != one.article_id]
    return {article_id: copies for article_id, copies in found.items() if copies}


def _by_origin(members: Iterable[Member]) -> dict[int, list[Member]]:
    by_origin: dict[int, list[Member]] = {}
    for member in members:
        by_origin.setdefault(member.origin, []).append(member)
    return by_origin


def groups(signatures: Sequence[Signature]) -> list[list[int]]:
    """The places of those that are linked with one another, directly or through others; each place once."""
    left = list(range(len(signatures)))
    found: list[list[int]] = []
    while left:
        group = reached = [left.pop(0)]
        while reached and left:
            near = linked(signatures[reached[0]], [signatures[place] for place in left])
            reached = [*reached[1:], *(place for place, is_near in zip(left, near, strict=True) if is_near)]
            group = [*group, *(place for place, is_near in zip(left, near, strict=True) if is_near)]
            left = [place for place, is_near in zip(left, near, strict=True) if not is_near]
        found.append(group)
    return found


@dataclass(frozen=True, slots=True)
class _Stacked:
    """Signatures, one or more, as columns: each of them is compared with another in one pass."""

    shingles: NDArray[np.int64]
    values: NDArray[np.uint32]

    @classmethod
    def of(cls, signatures: Sequence[Signature]) -> "_Stacked":
        return cls(np.array([each.shingles for each in signatures]), np.stack([each.values for each in signatures]))

    def linked(self, one: Signature) -> NDArray[np.bool_]:
        same = self.values[:, : _BANDS * _ROWS] == one.values[: _BANDS * _ROWS]
        meets = same.reshape(-1, _BANDS, _ROWS).all(axis=2).any(axis=1)
        linked = np.zeros(len(meets), np.bool_)
        linked[meets] = _Stacked(self.shingles[meets], self.values[meets]).shared(one) >= SHARED
        return linked

    def shared(self, one: Signature) -> NDArray[np.float64]:
        resemblance = (self.values == one.values).mean(axis=1)
        common = resemblance * (self.shingles + one.shingles) / (1 + resemblance)
        share: NDArray[np.float64] = np.minimum(1.0, common / np.minimum(self.shingles, one.shingles))
        return share
