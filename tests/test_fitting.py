"""The fit of the probability and the thresholds, on scores that can be computed by hand."""

import math

import pytest

from eval.calibrating import Scored
from eval.fitting import COUNTING, _answerable, calibration_error, figures, fit
from service.evidence import Calibration

DRAFT = Calibration(intercept=0.0, weights={"score": 1.0}, answerable=0.5, further=0.5, short_answer=0.0)


def _asked(dataset: str, *scores: float, right: int | None = None) -> list[Scored]:
    """A question's sentences; that of number `right` answers it, if any does."""
    return [
        Scored(f"{dataset} {scores}", dataset, "fr", right is not None, number == right, {"score": score})
        for number, score in enumerate(scores)
    ]


def _logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def test_the_sentence_that_answers_comes_first_and_a_question_without_one_is_refused() -> None:
    answered = [_asked("piaf", 2.0 + n / 10, -1.0, right=0) for n in range(20)]
    unanswered = [_asked("questions_fr", -1.0 - n / 10, -2.0) for n in range(20)]
    fitted = fit([*answered, *unanswered])
    assert fitted.weights["score"] > 0
    assert fitted.probability({"score": 2.0}) >= fitted.answerable > fitted.probability({"score": -1.0})
    found = figures(fitted, [*answered, *unanswered])
    assert (found["piaf/fr"].top_right, found["piaf/fr"].refused_answerable) == (1, 0)
    assert found["questions_fr/fr"].answered_unanswerable == 0


def test_the_threshold_is_the_lowest_where_refusals_have_as_good_an_f_beta_if_a_quarter_is_to_be_refused() -> None:
    apart = [_asked("piaf", _logit(0.8), right=0), _asked("questions_fr", _logit(0.2))]
    # F1.25 = 2.5625 a / (a + 3 b + 1.5625), a and b the shares below it of what has no answer and of what has one: the
    # best at .49, a = Phi(2.9) = .99813 and b = Phi(-3.1) = .00097, so .99773. Within .002 of it is .45, with .99379
    # and .00023, so .99593, and not .44, with .99180 and .00016, so .99480.
    assert _answerable(DRAFT, apart) == pytest.approx(0.45)


def test_the_threshold_weighs_data_sets_as_the_fit_does() -> None:
    assert COUNTING["seeds"] > 1 > COUNTING["contrast"]

    def threshold(low: str, high: str) -> float:
        lower = [_asked(low, _logit(0.35), right=0), _asked(low, _logit(0.15))]
        return _answerable(DRAFT, [*lower, _asked(high, _logit(0.85), right=0), _asked(high, _logit(0.65))])

    assert threshold("contrast", "piaf") > threshold("piaf", "contrast")
    assert threshold("piaf", "seeds") > threshold("seeds", "piaf")


def test_the_calibration_error_is_the_mean_gap_between_what_is_said_and_what_is_right() -> None:
    sure = [_asked("piaf", _logit(0.85), right=0), _asked("questions_fr", _logit(0.85))]  # said .85, right .5
    unsure = [_asked("questions_fr", _logit(0.25))] * 2  # said .25, right 0
    assert calibration_error(DRAFT, [*sure, *unsure]) == pytest.approx((0.35 + 0.25) / 2, abs=1e-3)
