"""How well scores tell right from wrong, and how far they can be taken for probabilities. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.metrics import roc_curve

BINS = 10
REFUSED_ANSWERABLE = 0.2  # share of answerable questions that `answered@20` allows to be refused

Scores = NDArray[np.float64]
Labels = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bin:
    """Scores of one of equally wide intervals: their mean, the share that was right, and how many there are."""

    mean: float
    right: float
    n: int


def auc(scores: Scores, right: Labels) -> float:
    """Area under the ROC curve, as the Mann–Whitney statistic; NaN where all are right or all are wrong."""
    positives = int(right.sum())
    pairs = positives * (len(right) - positives)
    if not pairs:
        return float("nan")
    above = float(rankdata(scores)[right].sum()) - positives * (positives + 1) / 2
    return above / pairs


def errors(scores: Scores, right: Labels) -> tuple[Scores, Scores]:
    """Refused though answerable and answered though unanswerable, at every threshold, from the highest down."""
    answered_unanswerable, answered_answerable, _ = roc_curve(right, scores, drop_intermediate=False)
    return 1 - answered_answerable, answered_unanswerable


def answered_at(scores: Scores, right: Labels) -> float:
    """The least share of unanswerable questions answered while no more than a fifth of the answerable is refused."""
    if right.all() or not right.any():
        return float("nan")
    refused, answered = errors(scores, right)
    return float(answered[refused <= REFUSED_ANSWERABLE + 1e-9].min())


def reliability(probabilities: Scores, right: Labels) -> list[Bin]:
    """The bins that are not empty, in order; a probability of 1 is in the last."""
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    chosen = [bins == number for number in range(BINS)]
    return [
        Bin(float(probabilities[own].mean()), float(right[own].mean()), int(own.sum())) for own in chosen if own.any()
    ]


def calibration_error(probabilities: Scores, right: Labels) -> float:
    """Expected calibration error over ten bins of equal width (Guo et al. 2017); NaN of nothing."""
    if not len(right):
        return float("nan")
    return sum(bin.n * abs(bin.mean - bin.right) for bin in reliability(probabilities, right)) / len(right)


MEASURES: Mapping[str, tuple[str, Callable[[Scores, Labels], float]]] = {
    "auc": ("chance that a right one scores above a wrong one", auc),
    "answered@20": ("answered though unanswerable, refusing no more than 20 % of the answerable", answered_at),
    "ece": ("expected calibration error of the score as a probability", calibration_error),
}
