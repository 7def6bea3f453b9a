"""BM25 over Milvus, equal to that of SQLite's FTS5: sparse vectors find candidates, and counted terms score them.

FTS5's formula (sqlite.org/fts5.html, section 5.1.1) needs the mean length of all passages, which changes with every
article. A stored vector is made with a usual one instead, and what is found is scored again with the true one. How far
the two can differ is known, so that it is known too when no passage that was not found could be among the best.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from index.term_set import K1, B

USUAL_TERMS = 70  # of a passage with its title; above the mean of news, so that the stored weights are rarely too small
_ROUNDING = 1 + 1e-5  # more than single precision can be wrong by
_NO_TERM = {1: 1e-6}  # a vector must not be empty


def dimension(term: str) -> int:
    """Of the sparse vectors, 32 bits. Two terms that share one bring each other's passages among the candidates."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=4).digest(), "little") % (2**32 - 3) + 2


def vector(terms: Sequence[str]) -> dict[int, float]:
    """Of a passage: for each of its terms, what it gives to BM25 beside its rarity."""
    weights: dict[int, float] = {}
    for term, count in Counter(terms).items():
        place = dimension(term)
        weights[place] = weights.get(place, 0.0) + _weight(count, len(terms), USUAL_TERMS)
    return weights or _NO_TERM


def query(rarities: Mapping[str, float]) -> dict[int, float]:
    weights: dict[int, float] = {}
    for term, idf in rarities.items():
        weights[dimension(term)] = weights.get(dimension(term), 0.0) + idf
    return weights


def bm25(
    rarities: Mapping[str, float], context: Sequence[str], body: Sequence[str], mean: float, context_weight: float
) -> float:
    """Of a passage of these terms, among passages of `mean` terms."""
    around, inside = Counter(context), Counter(body)
    length = len(context) + len(body)
    return sum(
        idf * _weight(context_weight * around[term] + inside[term], length, mean) for term, idf in rarities.items()
    )


def slack(mean: float, context_weight: float) -> float:
    """How many times its candidate's score a passage's BM25 can be, at the most."""
    return max(1.0, mean / USUAL_TERMS) * max(1.0, context_weight) * _ROUNDING


def _weight(count: float, length: int, mean: float) -> float:
    return count * (K1 + 1) / (count + K1 * (1 - B + B * length / mean)) if count else 0.0
