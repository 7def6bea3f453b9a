"""Late interaction, on token states that can be read off."""

import numpy as np
import torch

from index.kept_states import Packed
from service.reranking import maxsim, similarities
from service.states import States

AXES = torch.eye(3)
KEPT = Packed(np.zeros(3, np.float32), np.ones(3, np.float32), np.zeros((1, 3), np.uint8))


def _passage(*tokens: torch.Tensor) -> States:
    return States(KEPT, torch.stack(tokens).half(), ((0, 1),) * len(tokens))


def test_each_passage_has_its_own_cosines() -> None:
    asked = AXES[:2]
    first, second = similarities(asked, [_passage(AXES[0], AXES[2], 0.5 * AXES[1]), _passage(AXES[1])])
    assert first.tolist() == [[1, 0, 0], [0, 0, 0.5]]
    assert second.tolist() == [[0], [1]]
    assert maxsim(first, [0, 1, 2]) == (1 + 0.5) / 2
    assert maxsim(first, [0, 1]) == (1 + 0) / 2
    assert maxsim(second, [0]) == (0 + 1) / 2


def test_no_passage_has_no_cosines() -> None:
    assert list(similarities(AXES, [])) == []


def test_states_at_the_split_are_unpacked_when_they_are_asked_for() -> None:
    codes = np.array([[0, 2, 255], [4, 0, 1]], np.uint8)
    kept = Packed(np.array([1, -1, 0], np.float32), np.array([0.5, 0.25, 1], np.float32), codes)
    passage = States(kept, AXES[:2].half(), (None, (0, 1)))
    assert passage.split.tolist() == [[1, -1 + 2 * 0.25, 255], [1 + 4 * 0.5, -1, 1]]
    assert passage.split.dtype is torch.float16
    assert passage.nbytes == 2 * 3 + 2 * 3 * 2  # a byte a number, and two
