"""The states of tokens are kept a byte a number, beside their passage, and go with it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.index import Index
from index.kept_states import KeptStates, offsets_of, pack, text_key, unpack, with_offsets
from index.sqlite import connect
from index.store import FILE_NAME
from index.types import Article
from index.verify import verify
from tests.fakes import HashEncoder

LIEGE = Article("liège", "La pluie tombe sur Liège.", "Météo", None, None, None, "fr")


class KeepingEncoder(HashEncoder):
    """Its states are the text's length, for each of two tokens."""

    def encode_passages_and_states(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[KeptStates]]:
        kept = [KeptStates(text_key(self.name, text), pack(*2 * [_states(text)])) for text in texts]
        return self.encode_passages(texts, progress=progress), kept


def _states(text: str) -> NDArray[np.float32]:
    return np.full((2, HashEncoder.dim), len(text), np.float32)


def test_numbers_come_back_within_half_a_step() -> None:
    values = np.array([[0.0, -3.0], [51.0, 5.0], [255.0, 1.0]], np.float32)  # steps of 1 and of 8 / 255
    first, second = unpack(pack(values, 2 * values), 2, arrays=2)
    np.testing.assert_allclose(first[:, 0], values[:, 0], atol=1e-4)
    np.testing.assert_allclose(first[:, 1], values[:, 1], atol=4 / 255 + 1e-6)
    np.testing.assert_allclose(second, 2 * values, atol=8 / 255 + 1e-6)


def test_a_dimension_that_never_changes_is_exact() -> None:
    values = np.full((4, 3), 0.25, np.float32)
    assert (unpack(pack(values), 3, arrays=1)[0] == values).all()


def test_offsets_come_back_with_the_states_and_are_none_where_they_were_not_kept() -> None:
    values = np.array([[0.0, -3.0], [51.0, 5.0], [255.0, 1.0]], np.float32)
    offsets = [(0, 0), (0, 7), (8, 70_000)]
    blob = pack(values, 2 * values)
    kept = with_offsets(blob, offsets)
    assert offsets_of(kept, 2, arrays=2) == offsets
    assert offsets_of(blob, 2, arrays=2) is None
    for with_them, without in zip(unpack(kept, 2, arrays=2), unpack(blob, 2, arrays=2), strict=True):
        assert (with_them == without).all()


def test_offsets_are_told_apart_for_any_number_of_tokens() -> None:
    for tokens in range(1, 400):
        blob = pack(*2 * [np.ones((tokens, 4), np.float32)])
        kept = with_offsets(blob, [(n, n + 1) for n in range(tokens)])
        assert offsets_of(blob, 4, arrays=2) is None
        assert offsets_of(kept, 4, arrays=2) == [(n, n + 1) for n in range(tokens)]
        assert unpack(kept, 4, arrays=2)[0].shape == (tokens, 4)


@pytest.mark.parametrize("blob", [b"", b"\0" * 47, pack(np.zeros((2, 3), np.float32))[:-1]])
def test_bytes_that_are_not_states_are_refused(blob: bytes) -> None:
    with pytest.raises(ValueError, match="not 1 arrays of 3 dimensions"):
        unpack(blob, 3, arrays=1)


def test_the_states_of_a_passage_are_there_until_its_article_is_removed(tmp_path: Path) -> None:
    index = Index.open(tmp_path, KeepingEncoder())
    index.put([LIEGE])
    text = "Météo\nLa pluie tombe sur Liège."
    key = text_key("hash-encoder", text)
    assert unpack(index.states([key])[key], HashEncoder.dim, arrays=2)[1][0, 0] == len(text)
    index.remove(["liège"])
    assert index.states([key]) == {}
    index.close()
    assert verify(tmp_path) == []


def test_an_encoder_that_gives_no_states_keeps_none(tmp_path: Path) -> None:
    index = Index.open(tmp_path, HashEncoder())
    index.put([LIEGE])
    assert index.states([text_key("hash-encoder", "Météo\nLa pluie tombe sur Liège.")]) == {}
    index.close()


def test_verify_names_the_passage_whose_states_are_damaged(tmp_path: Path) -> None:
    index = Index.open(tmp_path, KeepingEncoder())
    index.put([LIEGE])
    index.close()
    connection = connect(tmp_path / FILE_NAME, create=False, busy_timeout_s=0)
    connection.execute("UPDATE states SET states = substr(states, 2)")
    connection.close()
    assert ["liège#0" in line and "kept states" in line for line in verify(tmp_path)] == [True]
