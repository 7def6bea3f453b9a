"""Which term of one language is which of another, learned from pairs of sentences. Knows nothing of what it is for.

IBM's model 1 (Brown et al., The mathematics of statistical machine translation, 1993), with a prior for terms at like
places (Dyer, Chahuneau and Smith, A simple, fast, and effective reparameterization of IBM model 2, 2013), and one that
keeps rare terms from taking what is nobody's (Riley and Gildea, Improving the IBM alignment models, 2012).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

Terms = Sequence[str]

ROUNDS = 8
_SHARPNESS = 4.0  # of the prior on places; 0 and 8 gave the same recall: see eval/LOG.md
_NOBODYS = 0.08  # the share of terms that translate none
_SPARSENESS = 0.01
_LEAST_TIMES = 0.05


@dataclass(frozen=True, slots=True)
class Partner:
    """How likely a term is to be put so, and how many times it was, as far as one can tell."""

    probability: float
    times: float


def partners(pairs: Sequence[tuple[Terms, Terms]]) -> Mapping[tuple[str, str], Partner]:
    """By a term of the first language and one of the second, what the first is likely to be in the second.

    Those met hardly ever are left out. The same pairs in the same order give the same.
    """
    first, second = _numbered([one for one, _ in pairs]), _numbered([two for _, two in pairs])
    links = _Links.of(list(zip(first.numbers, second.numbers, strict=True)), len(first.terms), len(second.terms))
    probabilities, times = links.learned()
    return {
        (first.terms[one], second.terms[two]): Partner(probability, count)
        for one, two, probability, count in zip(
            links.first.tolist(), links.second.tolist(), probabilities.tolist(), times.tolist(), strict=True
        )
        if one < len(first.terms) and count >= _LEAST_TIMES
    }


@dataclass(frozen=True, slots=True)
class _Numbered:
    terms: Sequence[str]
    numbers: Sequence[NDArray[np.int64]]


def _numbered(sentences: Sequence[Terms]) -> _Numbered:
    known: dict[str, int] = {}
    numbers = [np.array([known.setdefault(term, len(known)) for term in its], np.int64) for its in sentences]
    return _Numbered(list(known), numbers)


@dataclass(frozen=True, slots=True)
class _Links:
    """Every term of a first sentence, and nobody, with every term of its second: the n-th link is of the pair of terms
    `kind[n]`, ends in the term at place `token[n]` of all second sentences, and has a `prior`.

    `first` and `second` are the numbers of the terms of each kind of link; nobody's is the one after all first terms.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    kind: NDArray[np.int64]
    token: NDArray[np.int64]
    prior: NDArray[np.float64]

    @classmethod
    def of(
        cls, sentences: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]], nobody: int, seconds: int
    ) -> "_Links":
        kinds, tokens, priors, start = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0)], 0
        for one, two in sentences:
            kinds.append((np.append(one, nobody)[:, None] * seconds + two).ravel())
            tokens.append(np.tile(np.arange(start, start + len(two)), len(one) + 1))
            priors.append(np.vstack([_nearness(len(one), len(two)), np.full((1, len(two)), _NOBODYS)]).ravel())
            start += len(two)
        distinct, kind = np.unique(np.concatenate(kinds), return_inverse=True)
        return cls(distinct // seconds, distinct % seconds, kind, np.concatenate(tokens), np.concatenate(priors))

    def learned(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Of each kind of link: the probability of the second term where the first is, and how often they meet."""
        weights = np.ones(len(self.first))
        pseudo = _SPARSENESS * np.bincount(self.first)
        times = np.zeros(len(self.first))
        for _ in range(ROUNDS):
            shares = weights[self.kind] * self.prior
            shares /= np.bincount(self.token, shares)[self.token]
            times = np.asarray(np.bincount(self.kind, shares, len(self.first)))
            totals = np.bincount(self.first, times)
            weights = np.exp(digamma(times + _SPARSENESS) - digamma((totals + pseudo)[self.first]))
        return times / np.bincount(self.first, times)[self.first], times


def _nearness(ones: int, twos: int) -> NDArray[np.float64]:
    """(ones, twos), columns that sum to what is not nobody's: the likelier, the nearer the two places are."""
    places = (np.arange(ones)[:, None] + 0.5) / max(ones, 1), (np.arange(twos) + 0.5) / max(twos, 1)
    near = np.exp(-_SHARPNESS * np.abs(places[0] - places[1]))
    return np.asarray((1 - _NOBODYS) * near / near.sum(axis=0) if ones else near)
