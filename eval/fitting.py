"""The probability and the thresholds that fit scored sentences best. Pure: knows neither data sets nor models."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from eval.calibrating import Scored
from service.evidence import Calibration

STEPS = np.linspace(0.02, 0.98, 97)  # thresholds tried
BINS = 10
SHORT_ANSWER = -3.0  # of 0, -3 and -6, by the F1 of short answers on the seeds' dev part (.527, .584, .584)


@dataclass(frozen=True, slots=True)
class Figures:
    """How well the fit tells answerable questions from others, for one data set and language.

    `answered_unanswerable`, `refused_answerable`: shares at the threshold chosen; `auc`: over all thresholds; NaN where
    the set holds only one kind. `top_right`: share of answerable questions whose best sentence holds the answer.
    """

    questions: int
    auc: float
    answered_unanswerable: float
    refused_answerable: float
    top_right: float


def fit(questions: Sequence[Sequence[Scored]]) -> Calibration:
    """Logistic regression over sentences whose label is known, then the thresholds over questions.

    `answerable` minimises the mean of the two shares of errors, each averaged over data sets; `further` maximises the
    F0.5 of the sentences chosen: a wrong citation costs more than a missing one.
    """
    names = sorted(next(s for question in questions for s in question).features)
    known = [s for question in questions for s in question if s.answers is not None]
    values = np.array([[s.features[name] for name in names] for s in known])
    labels = np.array([bool(s.answers) for s in known])
    spread = values.std(axis=0) + 1e-9
    model = LogisticRegression(C=1.0, max_iter=2000).fit(values / spread, labels)
    weights = {name: float(w) for name, w in zip(names, model.coef_[0] / spread, strict=True)}
    draft = Calibration(float(model.intercept_[0]), weights, 0.5, 0.5, 0.0)
    return Calibration(
        draft.intercept, weights, _answerable(draft, questions), _further(draft, questions), SHORT_ANSWER
    )


def figures(fitted: Calibration, questions: Sequence[Sequence[Scored]]) -> dict[str, Figures]:
    """By data set and language."""
    keys = sorted({(q[0].dataset, q[0].lang) for q in questions if q})
    return {
        f"{dataset}/{lang}": _figures(
            fitted, [q for q in questions if q and (q[0].dataset, q[0].lang) == (dataset, lang)]
        )
        for dataset, lang in keys
    }


def calibration_error(fitted: Calibration, questions: Sequence[Sequence[Scored]]) -> float:
    """Expected calibration error of the best sentence's support, over ten bins of equal width (Guo et al. 2017)."""
    best = [_best(fitted, question) for question in questions if question]
    support = np.array([p for p, scored in best if scored.answers is not None])
    right = np.array([bool(scored.answers) for _, scored in best if scored.answers is not None])
    bins = np.minimum((support * BINS).astype(int), BINS - 1)
    gaps = [abs(support[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)]
    return float(sum(gaps))


def _best(fitted: Calibration, question: Sequence[Scored]) -> tuple[float, Scored]:
    return max(((fitted.probability(s.features), s) for s in question), key=lambda pair: pair[0])


def _figures(fitted: Calibration, questions: Sequence[Sequence[Scored]]) -> Figures:
    best = [_best(fitted, question) for question in questions]
    support = np.array([p for p, _ in best])
    answerable = np.array([question[0].answerable for question in questions])
    both = 0 < answerable.sum() < len(answerable)
    right = [bool(s.answers) for (_, s), is_answerable in zip(best, answerable, strict=True) if is_answerable]
    return Figures(
        len(questions),
        float(roc_auc_score(answerable, support)) if both else float("nan"),
        _share(support[~answerable] >= fitted.answerable),
        _share(support[answerable] < fitted.answerable),
        _share(np.array(right)),
    )


def _answerable(draft: Calibration, questions: Sequence[Sequence[Scored]]) -> float:
    errors = np.zeros((2, len(STEPS)))
    for side in (False, True):
        sets: dict[str, list[float]] = {}
        for question in questions:
            if question and question[0].answerable is side:
                sets.setdefault(question[0].dataset, []).append(_best(draft, question)[0])
        for supports in sets.values():
            wrong = np.array(supports)[:, None] < STEPS if side else np.array(supports)[:, None] >= STEPS
            errors[int(side)] += wrong.mean(axis=0) / len(sets)
    return round(float(STEPS[errors.sum(axis=0).argmin()]), 3)


def _further(draft: Calibration, questions: Sequence[Sequence[Scored]]) -> float:
    scored = [
        (draft.probability(s.features), bool(s.answers))
        for question in questions
        for s in question
        if question[0].answerable and s.answers is not None
    ]
    support, right = np.array([p for p, _ in scored]), np.array([r for _, r in scored])
    chosen = [support >= t for t in STEPS]
    f_half = [1.25 * (right & c).sum() / max(1e-9, 0.25 * right.sum() + c.sum()) for c in chosen]
    return round(float(STEPS[int(np.argmax(f_half))]), 3)


def _share(values: NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else float("nan")
