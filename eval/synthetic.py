"""Vectors like an encoder's of news passages, as many as wanted: what a benchmark searches where a million are needed.

A tree of topics, uneven; at its leaves articles, and in each some passages. Every node adds a Gaussian offset to those
below it, so that neighbours are not chance and go on coming nearer as passages are added; the offsets' variances fall
off by a power law, as an encoder's do. How like real vectors they are is measured by `likeness.py`, not supposed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]

DIM = 384
PASSAGES_AN_ARTICLE = 5
_LEVELS = 12
_BRANCHES = (0.4, 0.3, 0.2, 0.1)  # of each topic, the shares of its four parts
_COMMON = 0.725  # of a vector's squared length, the part that all vectors share
_LEVEL = 0.0165  # what each level of the tree adds
_ARTICLE = 0.035
_PASSAGE = 0.06
_QUESTION = 0.15  # what a question has of its own
_SHRUNK = 0.45  # of what tells its passage from others, what a question keeps
_FALL = 0.65  # the variance of the i-th direction is i to the power of minus this


@dataclass(frozen=True, slots=True)
class Synthetic:
    """float32, rows of norm 1: passages, those of an article one after the other, and questions about some of them."""

    passages: Rows
    questions: Rows


def synthetic(passages: int, questions: int, *, seed: int = 1) -> Synthetic:
    """The same numbers give the same vectors, on the same version of numpy."""
    rng = np.random.default_rng(seed)
    space = _Space(rng)
    articles = -(-passages // PASSAGES_AN_ARTICLE)
    rows = space.noise(articles, _ARTICLE)
    topic = np.zeros(articles, np.int64)
    for _ in range(_LEVELS):
        topic = 4 * topic + rng.choice(4, articles, p=_BRANCHES)
        _, its_topic, counts = np.unique(topic, return_inverse=True, return_counts=True)
        rows += space.noise(len(counts), _LEVEL)[its_topic]
    rows = np.repeat(rows, PASSAGES_AN_ARTICLE, axis=0)[:passages]
    rows += space.noise(passages, _PASSAGE)
    asked = rng.choice(passages, questions, replace=passages < questions)
    of_questions = _SHRUNK * rows[asked] + space.noise(questions, _QUESTION)
    return Synthetic(space.placed(rows), space.placed(of_questions))


class _Space:
    """Directions, each with its variance, turned so that none lies along an axis."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        variances = np.arange(1, DIM + 1) ** -_FALL
        self._deviations = np.sqrt(variances / variances.sum()).astype(np.float32)
        self._turn = np.linalg.qr(rng.standard_normal((DIM, DIM)))[0].astype(np.float32)
        common = rng.standard_normal(DIM)
        self._common = (np.sqrt(_COMMON) * common / np.linalg.norm(common)).astype(np.float32)

    def noise(self, count: int, squared_length: float) -> Rows:
        """Offsets of that squared length on average, float32, (count, dim)."""
        rows = self._rng.standard_normal((count, DIM), np.float32)
        rows *= self._deviations * np.float32(np.sqrt(squared_length))
        return rows

    def placed(self, rows: Rows) -> Rows:
        """Turned, moved to where all lie, and of norm 1."""
        for start in range(0, len(rows), 65536):
            block = rows[start : start + 65536]
            block[:] = block @ self._turn + self._common
            block /= np.linalg.norm(block, axis=1, keepdims=True)
        return rows
