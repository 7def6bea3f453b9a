"""Curves and calibration, on values that can be recomputed by hand, and against scikit-learn."""

import math
import random

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from eval.statistics import difference_of, estimate_of
from eval.tasks.measures import Bin, answered_at, auc, calibration_error, errors, reliability

SCORES = np.array([0.9, 0.8, 0.4, 0.3])
RIGHT = np.array([True, False, True, False])


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    assert auc(SCORES, RIGHT) == 3 / 4  # of 0.9 and 0.4 against 0.8 and 0.3, only 0.4 against 0.8 is wrong
    assert auc(np.array([0.5, 0.5]), np.array([True, False])) == 1 / 2
    assert math.isnan(auc(SCORES, np.array([True] * 4)))


def test_the_area_is_that_of_scikit_learn() -> None:
    draw = random.Random(3)
    scores = np.array([round(draw.random(), 1) for _ in range(200)])
    right = np.array([draw.random() < score for score in scores])
    assert auc(scores, right) == pytest.approx(roc_auc_score(right, scores))


def test_the_curve_goes_from_refusing_all_to_answering_all() -> None:
    refused, answered = errors(SCORES, RIGHT)
    assert list(zip(refused, answered, strict=True)) == [(1, 0), (0.5, 0), (0.5, 0.5), (0, 0.5), (0, 1)]


def test_what_is_answered_wrongly_is_read_where_a_fifth_is_refused() -> None:
    assert answered_at(SCORES, RIGHT) == 1 / 2
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.1, 0.5])  # refusing the one at 0.1 is refusing a fifth
    assert answered_at(scores, np.array([True, True, True, True, True, False])) == 0


def test_bins_hold_the_mean_score_and_the_share_that_was_right() -> None:
    bins = reliability(np.array([0.1, 0.15, 0.95, 1.0]), np.array([False, True, True, True]))
    assert bins == [Bin(pytest.approx(0.125), 0.5, 2), Bin(pytest.approx(0.975), 1.0, 2)]
    error = (2 * (0.5 - 0.125) + 2 * (1 - 0.975)) / 4
    assert calibration_error(np.array([0.1, 0.15, 0.95, 1.0]), np.array([False, True, True, True])) == pytest.approx(
        error
    )


def test_a_figure_that_is_no_share_has_an_interval_and_a_paired_difference_too() -> None:
    right = np.array([True, False] * 30)
    good = np.where(right, 0.9, 0.1) + np.linspace(0, 0.05, 60)
    found = estimate_of(lambda places: auc(good[places], right[places]), 60)
    assert (found.value, found.low, found.high, found.n) == (1, 1, 1, 60)
    lost = difference_of(
        lambda places: auc(good[places], right[places]), lambda places: auc(-good[places], right[places]), 60
    )
    assert (lost.a, lost.b, lost.value, lost.high) == (1, 0, -1, -1)
    assert estimate_of(lambda _: math.nan, 5).value is None
    assert estimate_of(lambda _: 1.0, 0).value is None
