"""The probability and the thresholds that fit scored sentences best. Pure: knows neither data sets nor models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from eval.calibrating import Scored
from service.evidence import Calibration

STEPS = np.linspace(0.02, 0.98, 97)  # thresholds tried
BINS = 10
FLAT = 0.01  # values of F0.5 that are taken for equal
FLAT_REFUSALS = 0.002  # of F-beta for refusals, which is smoothed
UNANSWERABLE = 0.25  # of the questions that the threshold is chosen for, as of those on the seeds
ANSWERED_COSTS = 1.25  # of F-beta for refusals: an answer where there is none misleads, a refusal does not
BANDWIDTH = 0.1  # of the kernel: with less the threshold depends on single questions (.36 to .41; eval/LOG.md)
RIDGE = 2e-3  # on the weights of standardised scores
COUNTING = {"seeds": 3.0, "contrast": 0.25, "lists": 0.11, "practical": 0.5}
"""What a question counts, by its data set, 1 where none is given. Seeds: of 1, 3 and 6, by the AUC on news with the
reader of then (.883, .893, .893); contrasts: of 1, .5 and .25, so that they count like 150, as the other sets do; those
judged in lists and those on practical information, too."""
SHORT_ANSWER = -3.0  # of 0, -3 and -6, by the F1 of short answers on the seeds' dev part then (.686, .762, .762)


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
    """Weights that put the right sentence first, the probability that the first one is right, then the thresholds.

    Questions on news count more than those on encyclopaedias: there are few of them, and news is what is asked about.
    `answerable` has the highest F-beta of refusals where a quarter of the questions has no answer, over data sets as
    these count; it is smoothed, for about its best it is so flat that a question more or less would move it far. Of
    values that are as good, the lowest: it refuses least that has an answer. `further` maximises the F0.5 of the
    sentences chosen: a wrong citation costs more than a missing one. Of values that are as good, the highest: it cites
    least that is wrong.
    """
    labelled = [question for question in questions if question and all(s.answers is not None for s in question)]
    shares = _shares(labelled)
    weights, none = _ranking(labelled, shares)
    raw = Calibration(-none, weights, 0.5, 0.5, 0.0)
    draft = _scaled(raw, [_best(raw, question) for question in labelled], shares)
    return Calibration(
        draft.intercept, draft.weights, _answerable(draft, questions), _further(draft, questions), SHORT_ANSWER
    )


def _shares(questions: Sequence[Sequence[Scored]]) -> NDArray[np.float64]:
    """What each question counts, (n,)."""
    return np.array([COUNTING.get(question[0].dataset, 1.0) for question in questions])


def _ranking(
    questions: Sequence[Sequence[Scored]], shares: NDArray[np.float64]
) -> tuple[dict[str, float], float]:  # fmt: skip
    """The weights of a softmax over each question's sentences and "none of them", and the latter's score.

    A conditional logit: sentences compete with those of their own question, as they do when one is chosen.
    """
    names = sorted(questions[0][0].features)
    values = np.array([[s.features[name] for name in names] for question in questions for s in question])
    spread = values.std(axis=0) + 1e-9
    values = values / spread
    right = np.array([bool(s.answers) for question in questions for s in question])
    first = np.cumsum([0, *map(len, questions)])[:-1]
    of = np.repeat(np.arange(len(questions)), [len(question) for question in questions])
    answered = np.logical_or.reduceat(right, first)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores, none = values @ parameters[:-1], parameters[-1]
        every = np.logaddexp(np.logaddexp.reduceat(scores, first), none)
        good = np.where(answered, np.logaddexp.reduceat(np.where(right, scores, -np.inf), first), none)
        too_much = shares[of] * (np.exp(scores - every[of]) - np.where(right, np.exp(scores - good[of]), 0))
        of_none = (shares * (np.exp(none - every) - ~answered)).sum()
        gradient = np.append(too_much @ values, of_none) / len(questions)
        penalty = RIDGE * parameters * np.append(np.ones(len(names)), 0)
        return float((shares * (every - good)).mean() + 0.5 * parameters @ penalty), gradient + penalty

    found = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B").x
    return {name: float(weight) for name, weight in zip(names, found[:-1] / spread, strict=True)}, float(found[-1])


def _scaled(raw: Calibration, best: Sequence[tuple[float, Scored]], shares: NDArray[np.float64]) -> Calibration:
    """The same order, its logits scaled so that the best sentence's support is the share that is right (Platt 1999)."""
    logits = np.array([[raw.logit(scored.features)] for _, scored in best])
    scale = LogisticRegression(C=100.0).fit(logits, [bool(scored.answers) for _, scored in best], shares)
    by = float(scale.coef_[0, 0])
    weights = {name: by * weight for name, weight in raw.weights.items()}
    return replace(raw, intercept=by * raw.intercept + float(scale.intercept_[0]), weights=weights)


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
    best = max(question, key=lambda s: fitted.logit(s.features))
    return fitted.probability(best.features), best


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
    supports: dict[tuple[bool, str], list[float]] = {}
    for question in filter(None, questions):
        kind = (question[0].answerable, question[0].dataset)
        supports.setdefault(kind, []).append(_best(draft, question)[0])
    below = {side: _below({name: its for (of, name), its in supports.items() if of is side}) for side in (False, True)}
    right, wrong = UNANSWERABLE * below[False], (1 - UNANSWERABLE) * below[True]
    recall_counts = ANSWERED_COSTS**2
    f_beta = (1 + recall_counts) * right / (right + wrong + recall_counts * UNANSWERABLE)
    return round(float(STEPS[np.flatnonzero(f_beta >= f_beta.max() - FLAT_REFUSALS)[0]]), 2)


def _below(supports: Mapping[str, Sequence[float]]) -> NDArray[np.float64]:
    """The share that lies below each step, smoothed by a normal kernel, (steps,). `supports`: by data set."""
    counts = [COUNTING.get(dataset, 1.0) for dataset in supports]
    shares = [norm.cdf((STEPS - np.array(its)[:, None]) / BANDWIDTH).mean(axis=0) for its in supports.values()]
    return np.average(shares, axis=0, weights=counts)


def _further(draft: Calibration, questions: Sequence[Sequence[Scored]]) -> float:
    scored = [
        (draft.probability(s.features), bool(s.answers))
        for question in questions
        for s in question
        if question[0].answerable and s.answers is not None
    ]
    support, right = np.array([p for p, _ in scored]), np.array([r for _, r in scored])
    chosen = [support >= t for t in STEPS]
    f_half = np.array([1.25 * (right & c).sum() / max(1e-9, 0.25 * right.sum() + c.sum()) for c in chosen])
    return round(float(STEPS[np.flatnonzero(f_half >= f_half.max() - FLAT)[-1]]), 3)


def _share(values: NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else float("nan")
