"""The layers that questions go through in place of the encoder's own last ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from index.encoder import PackagedEncoder, open_encoder
from index.errors import EncoderError
from index.query_layers import WEIGHTS, query_layers
from index.settings import Settings

pytestmark = pytest.mark.real
QUESTION = "Combien de soldats géorgiens participent à la mission ?"


@pytest.fixture(scope="module")
def encoder() -> Iterator[PackagedEncoder]:
    threads = torch.get_num_threads()
    opened = open_encoder(Settings())
    assert isinstance(opened, PackagedEncoder)
    yield opened
    torch.set_num_threads(threads)


def test_they_are_the_last_two_in_the_encoders_shapes() -> None:
    layers = query_layers()
    assert [set(layer) for layer in layers] == [{"qkv", "out", "up", "down", "norm", "last_norm"}] * 2
    assert [tuple(layers[0][name][0].shape) for name in ("qkv", "up", "down")] == [
        (1152, 384),
        (1536, 384),
        (384, 1536),
    ]


def test_a_question_goes_through_them_and_a_passage_does_not(encoder: PackagedEncoder) -> None:
    ids = encoder.tokens.tokenise(encoder.query_prefix + QUESTION)[0]
    with encoder.cores.share(most=1):
        (asked,), (plain,) = encoder.tokens.query_states([ids]), encoder.tokens.states([ids])
    assert torch.equal(asked[0], plain[0])  # the reader goes on from the same states
    assert not torch.allclose(asked[1], plain[1], atol=1e-2)
    vectors = {kind: encode([QUESTION])[0] for kind, encode in (
        ("asked", encoder.encode_queries), ("compared", encoder.encode_symmetric)
    )}  # fmt: skip
    for kind, states in (("asked", asked), ("compared", plain)):
        mean = states[1].mean(0)
        assert vectors[kind] == pytest.approx((mean / mean.norm()).numpy(), abs=1e-6)
    assert 0.5 < float(vectors["asked"] @ vectors["compared"]) < 0.999


def test_a_file_that_is_missing_cut_off_or_another_one_is_named(tmp_path: Path) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(WEIGHTS.read_bytes()[:5000])
    other = WEIGHTS.parent.parent / "service" / "weights" / "joint_reader.safetensors"
    for path in (tmp_path / "missing.safetensors", cut, other):
        with pytest.raises(EncoderError, match=rf"{path.name} cannot be loaded: .*; restore the file from git"):
            query_layers(path)
