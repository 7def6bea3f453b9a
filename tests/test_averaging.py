"""The mean of two files of weights."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from eval.averaging import main


def _saved(path: Path, **tensors: list[float]) -> str:
    save_file({name: torch.tensor(values, dtype=torch.float16) for name, values in tensors.items()}, path)
    return str(path)


def test_the_mean_lies_as_near_to_the_second_as_its_share_says(tmp_path: Path) -> None:
    one, other = _saved(tmp_path / "a", side=[0.0, 4.0]), _saved(tmp_path / "b", side=[1.0, 8.0])
    assert main([one, other, "--share", "0.25", "--out", str(tmp_path / "out")]) == 0
    mean = load_file(tmp_path / "out")["side"]
    assert mean.dtype is torch.float16
    assert mean.tolist() == [0.25, 5.0]


def test_factors_have_the_factors_of_the_mean(tmp_path: Path) -> None:
    one, other = tmp_path / "a", tmp_path / "b"
    for path, row in ((one, [4.0, 0.0]), (other, [8.0, 0.0])):
        save_file({"0.up.left": torch.tensor([[1.0], [0.0]]), "0.up.right": torch.tensor([row])}, path)
    assert main([str(one), str(other), "--share", "0.5", "--out", str(tmp_path / "out")]) == 0
    mean = load_file(tmp_path / "out")
    assert mean["0.up.left"].shape == (2, 1)
    assert (mean["0.up.left"] @ mean["0.up.right"]).tolist() == [pytest.approx([6.0, 0.0], abs=1e-2), [0.0, 0.0]]


def test_weights_of_different_networks_have_no_mean(tmp_path: Path) -> None:
    one, other = _saved(tmp_path / "a", side=[0.0, 4.0]), _saved(tmp_path / "b", side=[1.0])
    with pytest.raises(ValueError, match="different networks"):
        main([one, other, "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
