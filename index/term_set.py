"""BM25 over the passages of a large index, exactly as FTS5 computes it, without looking at every match.

Knows passages by their keys. A `TermSet` never changes, so any number of threads may search one while another is made
from it; like a `VectorSet` it has the postings of a base and, above them, a few segments of falling size.

The scores are those of FTS5's bm25() (sqlite.org/fts5.html, section 5.1.1), bit for bit: a term that n of N passages
hold counts log((N - n + 0.5) / (n + 0.5)), at least 1e-6, and in a passage at most k1 + 1 times that. Terms are taken
up rarest first. Once those that are left cannot lift a passage that has none of the others into the first k, they are
looked up only for the passages that can still get there (MaxScore: Turtle and Flood, Query evaluation, 1995).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.postings import Postings, Terms, joined, term_digest
from index.vectors import Among

Keys = NDArray[np.int64]
Mask = NDArray[np.bool_]
Scores = NDArray[np.float64]

K1, B = 1.2, 0.75
LEAST_IDF = 1e-6
_SLACK = 1 - 1e-5  # more than what a float32 sum of some terms is wrong by
_LEAST_SUM = float(np.finfo(np.float32).tiny)
_FEW = 4096  # postings that are not worth asking whether they can be left out


@dataclass(frozen=True, slots=True)
class Part:
    """Some passages by key, ascending, with their postings, and which of them no longer count."""

    keys: Keys
    postings: Postings
    gone: Mask | None = None

    @property
    def tokens(self) -> int:
        lengths = self.postings.lengths
        return int(lengths.sum(dtype=np.int64)) if self.gone is None else int(lengths[~self.gone].sum(dtype=np.int64))

    @property
    def count(self) -> int:
        return len(self.keys) - (0 if self.gone is None else int(np.count_nonzero(self.gone)))

    def without(self, keys: Keys) -> "Part":
        """The same, some of its keys gone."""
        if not len(self.keys):
            return self
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        places = places[self.keys[places] == keys]
        if not len(places):
            return self
        gone = np.zeros(len(self.keys), np.bool_) if self.gone is None else self.gone.copy()
        gone[places] = True
        return Part(self.keys, self.postings, gone)

    def compact(self) -> "Part":
        """The same, without those that are gone."""
        if self.gone is None:
            return self
        return Part(self.keys[~self.gone], self.postings.without(self.gone))


@dataclass(frozen=True, slots=True)
class TermSet:
    """Passages by key, each with its terms. Later parts hold greater keys; the first, the base, is never merged."""

    parts: tuple[Part, ...]
    passages: int
    tokens: int

    @classmethod
    def of(cls, parts: Sequence[Part]) -> "TermSet":
        return cls(tuple(parts), sum(part.count for part in parts), sum(part.tokens for part in parts))

    def changed(self, added: Iterable[tuple[Sequence[int], Sequence[Terms]]], removed: Iterable[int]) -> "TermSet":
        """The set without the keys `removed` and with the blocks `added`, whose keys ascend from above all here."""
        leaving = np.fromiter(removed, np.int64)
        parts = [part.without(leaving) for part in self.parts] if len(leaving) else list(self.parts)
        for keys, terms in added:
            parts = _merged([*parts, Part(np.array(keys, np.int64), Postings.of(terms))])
        return TermSet.of(parts)

    @property
    def last_key(self) -> int:
        return int(self.parts[-1].keys[-1])

    # Search

    def passages_with(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many passages each of these terms is; those that are in none are left out."""
        found = {term: sum(len(_live(part, term)[0]) for part in self.parts) for term in terms}
        return {term: count for term, count in found.items() if count}

    def best(self, terms: Sequence[str], k: int, among: Among | None = None) -> list[tuple[int, float]]:
        """The keys of the `k` passages with the highest BM25, and that score, best first; of `among` only, if given.

        Every key tied with the k-th comes too. Terms are each there once; a score is summed in their order.
        """
        search = _Search(terms, self.passages_with(terms), passages=self.passages, tokens=self.tokens, k=k)
        if k < 1 or not search.terms:
            return []
        found = [
            pair for part, mask in zip(self.parts, self._masks(among), strict=True) for pair in search.of(part, mask)
        ]
        found.sort(key=lambda pair: (-pair[1], pair[0]))
        return [pair for pair in found if len(found) < k or pair[1] >= found[k - 1][1]]

    def _masks(self, among: Among | None) -> list[Mask | None]:
        """Of each part, which passages may be found; none where all may."""
        if among is None:
            return [None if part.gone is None else ~part.gone for part in self.parts]
        wanted = [among.of_base, *(np.isin(part.keys, among.of_rest) for part in self.parts[1:])]
        return [mask if part.gone is None else mask & ~part.gone for part, mask in zip(self.parts, wanted, strict=True)]


class _Search:
    """One question put to one part after the other."""

    def __init__(self, terms: Sequence[str], counts: Mapping[str, int], *, passages: int, tokens: int, k: int) -> None:
        self.terms = [term for term in terms if term in counts]
        self._idf = {term: idf(passages, counts[term]) for term in self.terms}
        self._rarest = sorted(self.terms, key=lambda term: (-self._idf[term], term))
        self._mean = tokens / passages if passages else 0.0
        self._k = k

    def of(self, part: Part, mask: Mask | None) -> list[tuple[int, float]]:
        """The best of one part, and all that are tied with the k-th."""
        places = self._candidates(part, mask)
        scores = np.zeros(len(places))
        for term in self.terms:  # in this order: sums of floating-point numbers depend on it
            scores += self._shares(part, term, places)
        if len(scores) > self._k:
            kept = scores >= self._kth(scores)
            places, scores = places[kept], scores[kept]
        return list(zip(part.keys[places].tolist(), scores.tolist(), strict=True))

    def _candidates(self, part: Part, mask: Mask | None) -> Keys:
        """The places, ascending, of all that can be among the best, and of some others that may be found."""
        sums = np.zeros(len(part.keys), np.float32)
        left = (K1 + 1) * sum(self._idf.values())
        least = 0.0  # the k-th of all has at least so much
        for number, term in enumerate(self._rarest):
            places, counts = part.postings.holding(term_digest(term))
            if number and len(places) > _FEW and _SLACK * least > left:
                reaching = np.flatnonzero(sums >= _SLACK * least - left)
                return self._narrowed(part, reaching, sums, self._rarest[number:])
            if mask is not None:
                kept = mask[places]
                places, counts = places[kept], counts[kept]
            sums[places] += self._weights(part, term, places, counts).astype(np.float32)
            least = max(least, self._kth(sums[places]))
            left -= (K1 + 1) * self._idf[term]
        found = np.flatnonzero(sums >= max(_SLACK * least, _LEAST_SUM))
        return found[sums[found] >= _SLACK * self._kth(sums[found])]

    def _narrowed(self, part: Part, places: Keys, sums: NDArray[np.float32], terms: Sequence[str]) -> Keys:
        """Those of the places that can still be among the best once each of the terms that are left is counted."""
        scores = sums[places].astype(np.float64)
        left = (K1 + 1) * sum(self._idf[term] for term in terms)
        for term in terms:
            scores += self._shares(part, term, places)
            left -= (K1 + 1) * self._idf[term]
            kept = scores >= _SLACK * self._kth(scores) - left
            places, scores = places[kept], scores[kept]
        return places

    def _kth(self, scores: NDArray[np.floating]) -> float:
        return float(np.partition(scores, -self._k)[-self._k]) if len(scores) >= self._k else 0.0

    def _shares(self, part: Part, term: str, wanted: Keys) -> Scores:
        """What the term adds to the score of each of the places."""
        places, counts = part.postings.holding(term_digest(term))
        shares = np.zeros(len(wanted))
        if len(places):
            at = np.minimum(np.searchsorted(places, wanted.astype(np.uint32)), len(places) - 1)
            here = places[at] == wanted
            shares[here] = self._weights(part, term, wanted[here], counts[at[here]])
        return shares

    def _weights(self, part: Part, term: str, places: NDArray[np.integer], counts: NDArray[np.uint16]) -> Scores:
        often = counts.astype(np.float64)
        lengths = part.postings.lengths[places]
        weights: Scores = self._idf[term] * (often * (K1 + 1) / (often + K1 * (1 - B + B * lengths / self._mean)))
        return weights


def idf(passages: int, holding: int) -> float:
    """What a term counts that so many of the passages hold."""
    return max(LEAST_IDF, math.log((passages - holding + 0.5) / (holding + 0.5)))


def _live(part: Part, term: str) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
    places, counts = part.postings.holding(term_digest(term))
    if part.gone is None:
        return places, counts
    kept = ~part.gone[places]
    return places[kept], counts[kept]


def _merged(parts: list[Part]) -> list[Part]:
    """The same passages in few parts: of n above the base, each is copied about log n times in all."""
    first, size = len(parts) - 1, len(parts[-1].keys)
    while first > 1 and len(parts[first - 1].keys) < 2 * size:
        first -= 1
        size += len(parts[first].keys)
    if first == len(parts) - 1:
        return parts
    small = [part.compact() for part in parts[first:]]
    return [*parts[:first], Part(np.concatenate([part.keys for part in small]), joined([p.postings for p in small]))]
