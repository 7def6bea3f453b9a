"""Which passages hold which terms, and how often: arrays for BM25 that may be memory-mapped. Made whole, never changed.

Knows passages by their places, from 0, and terms by a digest of eight bytes, so that no word of an article is in it.
Two terms of one digest would count as one; among ten million terms that happens in one of 370,000 indexes.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Terms = tuple[str, str]  # of a passage's context and of its body, separated by spaces

BLOCK_PASSAGES = 16384  # tokenised and sorted at a time, with some 100 MB
_PLACE_BITS = 32
_ALIGNED = 64
_TERMS_AT_ONCE = 4096
_MOST = 2**16 - 1


@dataclass(frozen=True, slots=True)
class Postings:
    """Of the n-th of `terms`: `places[starts[n]:starts[n + 1]]`, ascending, and as many `counts`.

    `lengths` are the numbers of terms of each passage, by place. Where a passage holds a term more than 65,535 times,
    it counts so often.
    """

    terms: NDArray[np.uint64]  # digests, ascending
    starts: Ints
    places: NDArray[np.uint32]
    counts: NDArray[np.uint16]
    lengths: NDArray[np.int32]

    @classmethod
    def of(cls, passages: Sequence[Terms]) -> "Postings":
        tokens = [f"{context} {body}".split() for context, body in passages]
        numbers: dict[str, int] = {}
        numbered = np.fromiter((numbers.setdefault(term, len(numbers)) for its in tokens for term in its), np.int64)
        lengths = np.fromiter(map(len, tokens), np.int32, len(tokens))
        digests = np.fromiter(map(term_digest, numbers), np.uint64, len(numbers))
        terms, number_of = np.unique(digests, return_inverse=True)
        pairs = number_of[numbered] << _PLACE_BITS | np.repeat(np.arange(len(tokens)), lengths)
        distinct, counts = np.unique(pairs, return_counts=True)
        starts = np.searchsorted(distinct, np.arange(len(terms) + 1) << _PLACE_BITS)
        return cls(terms, starts, distinct.astype(np.uint32), np.minimum(counts, _MOST).astype(np.uint16), lengths)

    def __len__(self) -> int:
        return len(self.lengths)

    def holding(self, term: int) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
        """The places of the passages that hold the term of this digest, ascending, and how often each does."""
        number = int(np.searchsorted(self.terms, np.uint64(term)))
        if number == len(self.terms) or self.terms[number] != term:
            return self.places[:0], self.counts[:0]
        its = slice(int(self.starts[number]), int(self.starts[number + 1]))
        return self.places[its], self.counts[its]

    def fingerprints(self) -> NDArray[np.uint64]:
        """For each place a number that its terms and how often it holds each decide, whatever other passages there are.

        If one posting is another than it was, so is the number.
        """
        sums = np.zeros(len(self), np.uint64)
        for first in range(0, len(self.terms), _TERMS_AT_ONCE):
            starts = self.starts[first : first + _TERMS_AT_ONCE + 1]
            its = slice(int(starts[0]), int(starts[-1]))
            terms = np.repeat(self.terms[first : first + _TERMS_AT_ONCE], np.diff(starts))
            np.add.at(sums, self.places[its], terms * (2 * self.counts[its].astype(np.uint64) + np.uint64(1)))
        return sums

    def without(self, gone: NDArray[np.bool_]) -> "Postings":
        """Those of the places that are not `gone`, which move up."""
        kept = ~gone[self.places]
        moved = np.cumsum(~gone) - 1
        before = np.concatenate([[0], np.cumsum(kept)])[self.starts]
        held = before[1:] > before[:-1]
        starts = np.concatenate([before[:-1][held], before[-1:]])
        places = moved[self.places[kept]].astype(np.uint32)
        return Postings(self.terms[held], starts, places, self.counts[kept], self.lengths[~gone])


def term_digest(term: str) -> int:
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


NO_POSTINGS = Postings.of(())


def joined(parts: Sequence[Postings], room: "Room | None" = None) -> Postings:
    """The postings of `parts`, one part's passages after the other's; the great arrays lie in `room`, where given."""
    if not parts:
        return NO_POSTINGS
    terms = np.unique(np.concatenate([part.terms for part in parts]))
    numbers = [np.searchsorted(terms, part.terms) for part in parts]
    sizes = [np.diff(part.starts) for part in parts]
    totals = np.zeros(len(terms), np.int64)
    for number, size in zip(numbers, sizes, strict=True):
        totals[number] += size
    starts = np.concatenate([[0], np.cumsum(totals)])
    new = room.array if room else _in_memory
    places, counts = new("<u4", int(starts[-1])), new("<u2", int(starts[-1]))
    free, first = starts[:-1].copy(), 0
    for part, number, size in zip(parts, numbers, sizes, strict=True):
        to = np.repeat(free[number] - part.starts[:-1], size) + np.arange(len(part.places))
        places[to] = part.places + np.uint32(first)
        counts[to] = part.counts
        free[number] += size
        first += len(part)
    return Postings(terms, starts, places, counts, np.concatenate([part.lengths for part in parts]))


def _in_memory(dtype: str, items: int) -> NDArray[Any]:  # of the type that it is told
    return np.empty(items, dtype)


class Room:
    """A file without a name, in which arrays lie that are too great for memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def array(self, dtype: str, items: int) -> NDArray[Any]:  # of the type that it is told
        start = -(-self._file.seek(0, 2) // _ALIGNED) * _ALIGNED
        if not items:
            return np.empty(0, dtype)
        self._file.truncate(start + items * np.dtype(dtype).itemsize)
        return np.memmap(self._file, dtype, "r+", start, (items,))

    def moved(self, postings: Postings) -> Postings:
        places = self.array("<u4", len(postings.places))
        counts = self.array("<u2", len(postings.counts))
        places[:], counts[:] = postings.places, postings.counts
        return replace(postings, places=places, counts=counts)


@contextmanager
def gathered(passages: Iterable[Terms], folder: Path) -> Iterator[Postings]:
    """The postings of any number of passages, in files without a name in `folder` while the block lasts.

    Memory is that of a block of passages and of the terms. Raises `OSError`.
    """
    with TemporaryFile(dir=folder) as blocks, TemporaryFile(dir=folder) as whole:
        room, left = Room(blocks), iter(passages)
        parts = []
        while block := list(islice(left, BLOCK_PASSAGES)):
            parts.append(room.moved(Postings.of(block)))
        yield joined(parts, Room(whole))
