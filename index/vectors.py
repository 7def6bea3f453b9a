"""Nearest neighbours over passage vectors: exact while they are few; of many, the great part lies in a base.

Knows passages by their keys, and nothing else of them. A `VectorSet` never changes, so any number of threads may search
one while another is made from it. The two share their memory: the base, and above it a few segments of falling size,
like the levels of a log-structured merge tree. Removed keys are passed over until a merge drops them.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.faiss_indexes import Keys, Mask, Rows, Segment, use_threads
from index.vector_base import Base

__all__ = ["Among", "Keys", "Rows", "Segment", "VectorSet"]

_MARGIN = 1e-5  # more than the float32 inner product of two vectors of norm 1 can be wrong by
_SPARE = 16  # candidates beyond k, among which ties with the k-th are found
_BLOCK_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Among:
    """What a search is restricted to: some of the base, by place, and some of the rest, by key."""

    of_base: Mask
    of_rest: Keys


@dataclass(frozen=True, slots=True)
class VectorSet:
    """Vectors of norm 1 by key. Later segments hold greater keys, all greater than those of the base.

    Those in `removed`, and in the base those in `gone`, no longer count.
    """

    dim: int
    segments: tuple[Segment, ...] = ()
    removed: frozenset[int] = frozenset()
    base: Base | None = None
    gone: Mask | None = None  # of the base, by place; none where nothing of it was removed

    def __len__(self) -> int:
        return sum(len(segment.keys) for segment in self.segments) - len(self.removed) + self.base_count

    @property
    def base_count(self) -> int:
        """How many of the base still count."""
        gone = 0 if self.gone is None else int(np.count_nonzero(self.gone))
        return len(self.base) - gone if self.base else 0

    @property
    def last_key(self) -> int:
        """The greatest key ever added that is still known; 0 where there is none."""
        if self.segments:
            return int(self.segments[-1].keys[-1])
        return int(self.base.keys[-1]) if self.base else 0

    @property
    def approximation(self) -> str | None:
        """Names what a search's result depends on beside the vectors; none where every search is exact."""
        if self.base is None:
            return None
        gone = b"" if self.gone is None else np.packbits(self.gone).tobytes()
        return hashlib.blake2b(self.base.name.encode() + gone, digest_size=16).hexdigest()

    def changed(self, added: Iterable[tuple[Keys, Rows]], removed: Iterable[int]) -> "VectorSet":
        """The set without the keys `removed` and with the blocks `added`, whose keys ascend from above `last_key`."""
        leaving = np.fromiter(removed, np.int64)
        held = [key for segment in self.segments for key in leaving[segment.holds(leaving)].tolist()]
        new = Segment.of(added, self.dim)
        segments = (*self.segments, new) if len(new.keys) else self.segments
        return VectorSet(self.dim, segments, self.removed.union(held), self.base, self._without(leaving))._merged()

    def above(self, base: Base) -> "VectorSet":
        """Nothing but a base, all of which counts."""
        return VectorSet(self.dim, base=base)

    def rows(self, keys: Keys) -> Rows:
        """float32, (n, dim), in the order of the keys; a row of NaN for a key that is not there."""
        rows = np.full((len(keys), self.dim), np.nan, np.float32)
        if self.base:
            here, places = self.base.places(keys)
            rows[here] = self.base.rows[places]
        for segment in self.segments:
            here = segment.holds(keys)
            rows[here] = segment.rows(keys[here])
        return rows

    def blocks(self) -> Iterator[tuple[Keys, Rows]]:
        """All keys above the base, ascending, with their vectors, some thousands at a time."""
        return self._blocks(self.segments)

    def nearest(self, query: Rows, k: int, *, among: Among | None = None, threads: int = 1) -> list[tuple[int, float]]:
        """The keys of the `k` greatest inner products with `query`, and these, best first; of `among` only, if given.

        Every key tied with the k-th comes too, so that the caller can break ties by what it knows. Scores are summed in
        float64, each by itself: they depend on the two vectors and not on where they are kept. Of a base, where more
        than some thousands may be meant, one in fifty of the nearest is missed. `query` is float32, (dim,).
        """
        if query.shape != (self.dim,) or not np.isfinite(query).all():
            raise ValueError(f"a query vector needs {self.dim} finite numbers, found the shape {query.shape}")
        if k < 1 or not len(self):
            return []
        use_threads(threads)
        query = np.ascontiguousarray(query, np.float32)
        found = [*self._of_base(query, k, among), *self._of_segments(query, k, among)]
        found.sort(key=lambda pair: (-pair[1], pair[0]))
        return [pair for pair in found if len(found) < k or pair[1] >= found[k - 1][1]]

    def _of_base(self, query: Rows, k: int, among: Among | None) -> list[tuple[int, float]]:
        if self.base is None:
            return []
        mask = among.of_base if among else None
        if self.gone is not None:
            mask = ~self.gone if mask is None else mask & ~self.gone
        places = self.base.search(query, k, mask)
        return _scored(self.base.keys[places], self.base.rows[places], query, best=k)

    def _of_segments(self, query: Rows, k: int, among: Among | None) -> list[tuple[int, float]]:
        if not self.segments:
            return []
        margin = _MARGIN * max(1.0, float(np.linalg.norm(query)))
        wanted = k + _SPARE
        while True:
            keys, unseen = self._candidates(query, wanted, among.of_rest if among else None)
            found = _scored(keys, self.rows(keys), query)
            scores = sorted((score for _, score in found), reverse=True)
            kth = scores[k - 1] if len(scores) >= k else -np.inf
            if unseen + margin < kth or unseen == -np.inf:
                return [pair for pair in found if pair[1] >= kth]
            wanted *= 2

    def _candidates(self, query: Rows, k: int, among: Keys | None) -> tuple[Keys, float]:
        """The best `k` keys of each segment, and a score that none of those left out exceeds (-inf: none is)."""
        removed = self._removed_keys()
        if among is not None and self.removed:
            among = among[~np.isin(among, removed)]
        found = [segment.search(query, k, among=among, removed=removed) for segment in self.segments]
        last = [float(scores[-1]) for keys, scores in found if len(keys) == k]
        return np.concatenate([keys for keys, _ in found]), max(last, default=-np.inf)

    def _without(self, keys: Keys) -> Mask | None:
        if self.base is None:
            return None
        _, places = self.base.places(keys)
        if not len(places):
            return self.gone
        gone = np.zeros(len(self.base), np.bool_) if self.gone is None else self.gone.copy()
        gone[places] = True
        return gone

    def _merged(self) -> "VectorSet":
        """The same vectors in few segments: of n, each is copied about log n times in all."""
        many_removed = 4 * len(self.removed) > len(self) - self.base_count
        first, size = len(self.segments), 0
        while first > 0 and (size == 0 or many_removed or len(self.segments[first - 1].keys) < 2 * size):
            first -= 1
            size += len(self.segments[first].keys)
        small = self.segments[first:]
        if len(small) < 2 and not many_removed:
            return self
        merged = Segment.of(self._blocks(small), self.dim)
        gone = self._removed_keys()
        dropped = [key for segment in small for key in gone[segment.holds(gone)].tolist()]
        kept = (*self.segments[:first], merged) if len(merged.keys) else self.segments[:first]
        return VectorSet(self.dim, kept, self.removed.difference(dropped), self.base, self.gone)

    def _blocks(self, segments: Iterable[Segment]) -> Iterator[tuple[Keys, Rows]]:
        gone = self._removed_keys()
        for segment in segments:
            for start in range(0, len(segment.keys), _BLOCK_ROWS):
                keys = segment.keys[start : start + _BLOCK_ROWS]
                keys = keys[~np.isin(keys, gone)]
                if len(keys):
                    yield keys, segment.rows(keys)

    def _removed_keys(self) -> Keys:
        return np.fromiter(self.removed, np.int64)


def _scored(keys: Keys, rows: Rows, query: Rows, *, best: int | None = None) -> list[tuple[int, float]]:
    """Each key with its score; the `best` only, where given, and those tied with the last of them."""
    scores: NDArray[np.float64] = (rows.astype(np.float64) * query.astype(np.float64)).sum(axis=1)
    if best is not None and len(scores) > best:
        kept = scores >= np.partition(scores, -best)[-best]
        keys, scores = keys[kept], scores[kept]
    return list(zip(keys.tolist(), scores.tolist(), strict=True))
