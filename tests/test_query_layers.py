"""The layers that questions go through in place of the encoder's own last ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from index.encoder import PackagedEncoder, open_encoder
from index.errors import EncoderError
from index.packed_layers import NORMS, PRODUCTS
from index.query_layers import WEIGHTS, query_layers
from index.settings import Settings
from index.token_states import SPLIT_LAYER, layers_of

pytestmark = pytest.mark.real
QUESTION = "Combien de soldats géorgiens participent à la mission ?"


@pytest.fixture(scope="module")
def encoder() -> Iterator[PackagedEncoder]:
    threads = torch.get_num_threads()
    opened = open_encoder(Settings())
    assert isinstance(opened, PackagedEncoder)
    yield opened
    torch.set_num_threads(threads)


def test_they_are_the_last_four_changed_a_little(encoder: PackagedEncoder) -> None:
    own = layers_of(encoder.model)
    layers = query_layers(own)
    assert len(layers) == 4 <= len(own) - SPLIT_LAYER  # the reader goes on from the states below, of questions too
    for ours, before in zip(layers, own[-len(layers) :], strict=True):
        assert set(ours) == set(before)
        for (weight, bias), (weight_before, bias_before) in ((ours[part], before[part]) for part in before):
            assert bias.shape == bias_before.shape
            assert 0 < float((weight - weight_before.detach()).norm()) < 0.5 * float(weight_before.detach().norm())


def test_a_change_is_the_product_of_its_factors(tmp_path: Path) -> None:
    own = [
        {part: (torch.eye(2), torch.zeros(2)) for part in PRODUCTS}
        | {part: (torch.ones(2), torch.zeros(2)) for part in NORMS}
    ] * 3
    changes = {f"0.{part}.bias": torch.full((2,), 0.5) for part in PRODUCTS + NORMS}
    changes |= {f"0.{part}.left": torch.tensor([[1.0], [2.0]]) for part in PRODUCTS}
    changes |= {f"0.{part}.right": torch.tensor([[3.0, 4.0]]) for part in PRODUCTS}
    changes |= {f"0.{part}.weight": torch.tensor([0.25, 0.0]) for part in NORMS}
    path = tmp_path / "changes.safetensors"
    save_file(changes, path)
    (layer,) = query_layers(own, path)
    assert layer["up"][0].tolist() == [[4, 4], [6, 9]]
    assert layer["norm"][0].tolist() == [1.25, 1]
    assert layer["down"][1].tolist() == [0.5, 0.5]


def test_a_question_goes_through_them_and_a_passage_does_not(encoder: PackagedEncoder) -> None:
    ids = encoder.tokens.tokenise(encoder.query_prefix + QUESTION)[0]
    with encoder.cores.share(most=1):
        ((split, plain),) = encoder.tokens.states([ids])
        (read,), (asked,) = encoder.tokens.reading_states([ids]), encoder.tokens.query_states([ids])
    assert not torch.allclose(read, split, atol=1e-2)  # what the reader goes on from
    assert not torch.allclose(asked, plain, atol=1e-2)  # what is compared with passages
    vectors = {kind: encode([QUESTION])[0] for kind, encode in (
        ("asked", encoder.encode_queries), ("compared", encoder.encode_symmetric)
    )}  # fmt: skip
    for kind, states in (("asked", asked), ("compared", plain)):
        mean = states.mean(0)
        assert vectors[kind] == pytest.approx((mean / mean.norm()).numpy(), abs=1e-6)
    assert 0.5 < float(vectors["asked"] @ vectors["compared"]) < 0.999


def test_a_file_that_is_missing_cut_off_or_another_one_is_named(tmp_path: Path, encoder: PackagedEncoder) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(WEIGHTS.read_bytes()[:5000])
    other = WEIGHTS.parent.parent / "service" / "weights" / "joint_reader.safetensors"
    for path in (tmp_path / "missing.safetensors", cut, other):
        with pytest.raises(EncoderError, match=rf"{path.name} cannot be loaded: .*; restore the file from git"):
            query_layers(layers_of(encoder.model), path)
