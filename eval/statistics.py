"""Shares with their uncertainty: bootstrap intervals over questions, and paired differences between two runs."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
SEED = 20210218

FloatArray = NDArray[np.float64]
Places = NDArray[np.int64]
Statistic = Callable[[Places], float]
"""A figure of the questions at these places, which may repeat; NaN where they do not give one."""


class Tally(NamedTuple):
    """What one question adds to a share: `got` out of `of`. `of == 0` where the metric does not concern it."""

    got: float
    of: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """Sum of `got` over sum of `of`, with its 95 % interval; `n` questions were counted. `None` where none was."""

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Difference:
    """B less A over the same questions, with its 95 % interval and two-sided p-value. `None` where neither counts."""

    a: float | None
    b: float | None
    value: float | None
    low: float | None
    high: float | None
    p: float | None


def estimate(tallies: Sequence[Tally], *, resamples: int = RESAMPLES, seed: int = SEED) -> Estimate:
    """The share and its percentile bootstrap interval (Efron & Tibshirani 1993, ch. 13), questions drawn anew."""
    counted = [tally for tally in tallies if tally.of]
    value = _share(counted)
    if value is None:
        return Estimate(None, None, None, 0)
    drawn = _resampled(_array(counted), _draws(len(counted), resamples, seed))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(value, float(low), float(high), len(counted))


def difference(a: Sequence[Tally], b: Sequence[Tally], *, resamples: int = RESAMPLES, seed: int = SEED) -> Difference:
    """B's share less A's. `a[i]` and `b[i]` are of the same question, and each resample draws the same for both.

    p is twice the smaller share of resampled differences at or beyond zero, both counts raised by one.
    """
    if len(a) != len(b):
        raise ValueError(f"a paired comparison needs the same questions, found {len(a)} and {len(b)}")
    share_a, share_b = _share(a), _share(b)
    if share_a is None or share_b is None:
        return Difference(share_a, share_b, None, None, None, None)
    draws = _draws(len(a), resamples, seed)
    return _difference(share_a, share_b, _resampled(_array(b), draws) - _resampled(_array(a), draws))


def estimate_of(statistic: Statistic, n: int, *, resamples: int = RESAMPLES, seed: int = SEED) -> Estimate:
    """As `estimate`, of any figure of `n` questions: an area under a curve is no share."""
    value = statistic(np.arange(n)) if n else float("nan")
    if math.isnan(value):
        return Estimate(None, None, None, 0)
    drawn = np.array([statistic(places) for places in _draws(n, resamples, seed)])
    low, high = np.percentile(drawn[~np.isnan(drawn)], [2.5, 97.5])
    return Estimate(value, float(low), float(high), n)


def difference_of(a: Statistic, b: Statistic, n: int, *, resamples: int = RESAMPLES, seed: int = SEED) -> Difference:
    """As `difference`, of any figure of `n` questions."""
    values = [statistic(np.arange(n)) if n else float("nan") for statistic in (a, b)]
    one, other = (None if math.isnan(value) else value for value in values)
    if one is None or other is None:
        return Difference(one, other, None, None, None, None)
    return _difference(one, other, np.array([b(places) - a(places) for places in _draws(n, resamples, seed)]))


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the smallest value with at least `share` of `values` at or below it."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def _difference(a: float, b: float, drawn: FloatArray) -> Difference:
    drawn = drawn[~np.isnan(drawn)]  # a resample that does not give the figure
    low, high = np.percentile(drawn, [2.5, 97.5])
    beyond = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    p = min(1.0, 2 * (beyond + 1) / (len(drawn) + 1))
    return Difference(a, b, b - a, float(low), float(high), p)


def _share(tallies: Sequence[Tally]) -> float | None:
    of = sum(tally.of for tally in tallies)
    return sum(tally.got for tally in tallies) / of if of else None


def _array(tallies: Sequence[Tally]) -> FloatArray:
    return np.array(tallies, np.float64).reshape(-1, 2)


def _draws(n: int, resamples: int, seed: int) -> Places:
    return np.random.default_rng(seed).integers(0, n, size=(resamples, n))


def _resampled(tallies: FloatArray, draws: Places) -> FloatArray:
    sums: FloatArray = tallies[draws].sum(axis=1)
    got, of = sums[:, 0], sums[:, 1]
    shares: FloatArray = np.divide(got, of, out=np.full_like(got, np.nan), where=of > 0)
    return shares
