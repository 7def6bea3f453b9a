"""FAISS, and the only module that imports it: exact search in memory, and approximate search over compressed vectors.

Knows vectors by their keys or places, and nothing else of them. No index is changed once it is here, so any number of
threads may search one.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
Rows = NDArray[np.float32]
Mask = NDArray[np.bool_]

_BLOCK_ROWS = 65536
_TRAINING_ROWS = 50_000
_FEW = 300_000  # vectors: as many are looked at in two milliseconds
_PROBED = 0.36  # of the lists, the share that is looked at; of 0.32, 0.36, 0.40: recall@10 of .977, .980, .982
_PROBED_OF_SOME = 0.5  # where a filter leaves some of the vectors: their nearest lie in more lists
_NEARLY_ALL = 0.9
_THREADS_SHARE_LISTS = 14  # a number of FAISS's own: the lists of one query are shared among the threads


def use_threads(threads: int) -> None:
    """How many threads a search of the calling thread may use."""
    faiss.omp_set_num_threads(threads)


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

    def holds(self, keys: Keys) -> Mask:
        places = np.searchsorted(self.keys, keys)
        return np.equal(self.keys[np.minimum(places, len(self.keys) - 1)], keys)

    def rows(self, keys: Keys) -> Rows:
        return np.asarray(self.index.reconstruct_batch(keys), np.float32)

    def search(self, query: Rows, k: int, *, among: Keys | None, removed: Keys) -> tuple[Keys, Rows]:
        """Up to `k` keys and scores, best first; of `among` only, where given, and else of all but `removed`."""
        params = faiss.SearchParameters()
        if among is not None:
            params.sel = faiss.IDSelectorBatch(among)
        elif len(removed):
            params.sel = faiss.IDSelectorNot(faiss.IDSelectorBatch(removed))
        scores, keys = self.index.search(query[None], min(k, len(self.keys)), params=params)
        found = keys[0] >= 0
        return keys[0][found], scores[0][found]


@dataclass(frozen=True, slots=True)
class Compressed:
    """Many vectors by place, from 0: one bit for each dimension (RaBitQ, arXiv:2405.12497). Few are all looked at; many
    lie in lists around centroids, and those of the nearest lists are.

    Chosen by measurement: see `eval/LOG.md`. The same rows give the same bytes, whatever the number of threads.
    """

    index: faiss.IndexIVF

    @classmethod
    def of(cls, rows: Rows) -> "Compressed":
        """Of `rows`, float32, (n, dim), at least one, memory-mapped or not."""
        # One list where all are looked at: FAISS's flat index of this kind takes no selector.
        index = faiss.index_factory(rows.shape[1], f"IVF{lists_of(len(rows))},RaBitQfs", faiss.METRIC_INNER_PRODUCT)
        step = -(-len(rows) // _TRAINING_ROWS)
        use_threads(1)  # products of more sum in another order, and a vector between two lists may change its place
        index.train(np.ascontiguousarray(rows[::step]))
        for start in range(0, len(rows), _BLOCK_ROWS):
            index.add(np.ascontiguousarray(rows[start : start + _BLOCK_ROWS]))
        return cls._sharing(index)

    @classmethod
    def from_bytes(cls, data: NDArray[np.uint8]) -> "Compressed":
        """Raises `ValueError` where FAISS cannot read `data`."""
        try:
            return cls._sharing(faiss.deserialize_index(data))
        except RuntimeError as exc:
            raise ValueError(f"FAISS cannot read it ({exc})") from exc

    @classmethod
    def _sharing(cls, index: Any) -> "Compressed":  # noqa: ANN401  # what FAISS returns is typed as any index
        index.implem = _THREADS_SHARE_LISTS
        return cls(index)

    def to_bytes(self) -> NDArray[np.uint8]:
        return np.asarray(faiss.serialize_index(self.index), np.uint8)

    def search(self, query: Rows, k: int, mask: Mask | None, *, share: float = 1.0) -> Keys:
        """Up to `k` places that are likely the nearest, ascending; of those in `mask`, a `share` of all, if given."""
        params = faiss.SearchParametersIVF()
        probed = _PROBED if share > _NEARLY_ALL else _PROBED_OF_SOME
        params.nprobe = math.ceil(probed * self.index.nlist)
        if mask is not None:
            bits = np.packbits(mask, bitorder="little")  # must outlive the search
            params.sel = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]  # Python takes an array
        _, places = self.index.search(query[None], k, params=params)
        return np.asarray(np.sort(places[0][places[0] >= 0]), np.int64)


def lists_of(count: int) -> int:
    """How many lists so many vectors lie in: a power of two near the square root of their number, or one for all."""
    return 1 if count < _FEW else 2 ** round(math.log2(math.sqrt(count)))
