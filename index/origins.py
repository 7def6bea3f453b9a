"""Tells articles that are one wire copy, republished: MinHash signatures of their words, and when two are linked.

Whether two articles are linked depends on these two alone, so the groups are the same in whatever order articles came.
Knows nothing of the store. MinHash: Broder, On the resemblance and containment of documents, 1997; LSH in bands:
Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, section 3.4.
"""

import hashlib
import re
from collections.abc import Sequence
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


def shared(one: Signature, others: Sequence[Signature]) -> NDArray[np.float64]:
    """For each of the others, the share, 0 to 1, of the shorter one's shingles that both have; an estimate."""
    values = np.stack([other.values for other in others])
    sizes = np.array([other.shingles for other in others])
    resemblance = (values == one.values).mean(axis=1)
    common = resemblance * (sizes + one.shingles) / (1 + resemblance)
    share: NDArray[np.float64] = np.minimum(1.0, common / np.minimum(sizes, one.shingles))
    return share


def linked(one: Signature, others: Sequence[Signature]) -> NDArray[np.bool_]:
    """Which of the others are of one origin with `one`: they meet in a band, and share enough."""
    if not others:
        return np.zeros(0, bool)
    pairs = np.stack([other.values[: _BANDS * _ROWS] for other in others]).reshape(len(others), _BANDS, _ROWS)
    meets = (pairs == one.values[: _BANDS * _ROWS].reshape(_BANDS, _ROWS)).all(axis=2).any(axis=1)
    linked: NDArray[np.bool_] = meets & (shared(one, others) >= SHARED)
    return linked


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
