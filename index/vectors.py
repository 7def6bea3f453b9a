"""Exact nearest neighbours over passage vectors. The only module that imports FAISS.

Knows passages by their keys, and nothing else of them. A `VectorSet` never changes, so any number of threads may search
one while another is made from it. The two share their memory: the vectors lie in a few segments of falling size, like
the levels of a log-structured merge tree, and removed keys are passed over until a merge drops them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
Rows = NDArray[np.float32]

_MARGIN = 1e-5  # more than the float32 inner product of two vectors of norm 1 can be wrong by
_SPARE = 16  # candidates beyond k, among which ties with the k-th are found
_BLOCK_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Segment:
    """Some vectors by key, ascending, in an exact FAISS index that is never changed once it is here."""

    keys: Keys
    index: faiss.IndexIDMap2

    @classmethod
    def of(cls, blocks: Iterable[tuple[Keys, Rows]], dim: int) -> "Segment":
        index = faiss.IndexIDMap2(faiss.IndexFlatIP(dim))
        keys = [np.empty(0, np.int64)]
        for block_keys, rows in blocks:
            index.add_with_ids(rows, block_keys)
            keys.append(block_keys)
        return cls(np.concatenate(keys), index)

    def holds(self, keys: Keys) -> NDArray[np.bool_]:
        places = np.searchsorted(self.keys, keys)
        return np.equal(self.keys[np.minimum(places, len(self.keys) - 1)], keys)

    def rows(self, keys: Keys) -> Rows:
        return np.asarray(self.index.reconstruct_batch(keys), np.float32)

    def search(self, query: Rows, k: int, selector: "faiss.IDSelector | None") -> tuple[Keys, Rows]:
        """Up to `k` keys and scores, best first."""
        params = faiss.SearchParameters()
        params.sel = selector
        scores, keys = self.index.search(query[None], min(k, len(self.keys)), params=params)
        found = keys[0] >= 0
        return keys[0][found], scores[0][found]


@dataclass(frozen=True, slots=True)
class VectorSet:
    """Vectors of norm 1 by key. Later segments hold greater keys; those in `removed` no longer count."""

    dim: int
    segments: tuple[Segment, ...] = ()
    removed: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return sum(len(segment.keys) for segment in self.segments) - len(self.removed)

    @property
    def last_key(self) -> int:
        """The greatest key ever added that is still known; 0 where there is none."""
        return int(self.segments[-1].keys[-1]) if self.segments else 0

    def changed(self, added: Iterable[tuple[Keys, Rows]], removed: Iterable[int]) -> "VectorSet":
        """The set without the keys `removed` and with the blocks `added`, whose keys ascend from above `last_key`."""
        gone = np.fromiter(removed, np.int64)
        held = [key for segment in self.segments for key in gone[segment.holds(gone)].tolist()]
        new = Segment.of(added, self.dim)
        segments = (*self.segments, new) if len(new.keys) else self.segments
        return VectorSet(self.dim, segments, self.removed.union(held))._merged()

    def rows(self, keys: Keys) -> Rows:
        """float32, (n, dim), in the order of the keys; a row of NaN for a key that is not there."""
        rows = np.full((len(keys), self.dim), np.nan, np.float32)
        for segment in self.segments:
            here = segment.holds(keys)
            rows[here] = segment.rows(keys[here])
        return rows

    def blocks(self) -> Iterator[tuple[Keys, Rows]]:
        """All keys, ascending, with their vectors, some thousands at a time."""
        return self._blocks(self.segments)

    def nearest(self, query: Rows, k: int, *, among: Keys | None = None, threads: int = 1) -> list[tuple[int, float]]:
        """The keys of the `k` greatest inner products with `query`, and these, best first; of `among` only, if given.

        Every key tied with the k-th comes too, so that the caller can break ties by what it knows. Scores are summed in
        float64, each by itself: they depend on the two vectors and not on the segments. `query` is float32, (dim,).
        """
        if query.shape != (self.dim,) or not np.isfinite(query).all():
            raise ValueError(f"a query vector needs {self.dim} finite numbers, found the shape {query.shape}")
        if k < 1 or not len(self):
            return []
        faiss.omp_set_num_threads(threads)  # holds for the calling thread only
        selector = self._selector(among)
        margin = _MARGIN * max(1.0, float(np.linalg.norm(query)))
        wanted = k + _SPARE
        while True:
            keys, unseen = self._candidates(np.ascontiguousarray(query, np.float32), wanted, selector)
            scores = (self.rows(keys).astype(np.float64) * query.astype(np.float64)).sum(axis=1)
            order = np.lexsort((keys, -scores))
            kth = scores[order[k - 1]] if len(keys) >= k else -np.inf
            if unseen + margin < kth or unseen == -np.inf:
                return [(int(keys[i]), float(scores[i])) for i in order if scores[i] >= kth]
            wanted *= 2

    def _candidates(self, query: Rows, k: int, selector: "faiss.IDSelector | None") -> tuple[Keys, float]:
        """The best `k` keys of each segment, and a score that none of those left out exceeds (-inf: none is)."""
        found = [segment.search(query, k, selector) for segment in self.segments]
        last = [float(scores[-1]) for keys, scores in found if len(keys) == k]
        return np.concatenate([keys for keys, _ in found]), max(last, default=-np.inf)

    def _selector(self, among: Keys | None) -> "faiss.IDSelector | None":
        if among is not None:
            return faiss.IDSelectorBatch(among)
        if self.removed:
            return faiss.IDSelectorNot(faiss.IDSelectorBatch(self._removed_keys()))
        return None

    def _merged(self) -> "VectorSet":
        """The same vectors in few segments: of n, each is copied about log n times in all."""
        many_removed = 4 * len(self.removed) > len(self)
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
        return VectorSet(self.dim, kept, self.removed.difference(dropped))

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
