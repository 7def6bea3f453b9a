"""The bytes in which the states of a passage's tokens are kept, one for each number, and with them the tokens' offsets.

Knows numbers only, no model. What an earlier version kept has no offsets: they are then to be computed.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_LEVELS = 255
_OFFSETS = b"off1"  # ends what has them


class KeptStates(NamedTuple):
    """`blob` is what `pack` gave; `text_key` names the text and the encoder that it is of."""

    text_key: str
    blob: bytes


class Packed(NamedTuple):
    """An array as it is kept: `low` and `step` float32 (dim,), `codes` uint8 (tokens, dim)."""

    low: NDArray[np.float32]
    step: NDArray[np.float32]
    codes: NDArray[np.uint8]

    def values(self) -> NDArray[np.float32]:
        """float32 (tokens, dim), each number within half a step of what it was."""
        values: NDArray[np.float32] = self.codes * self.step + self.low
        return values


def text_key(encoder_name: str, text: str) -> str:
    return hashlib.sha256(f"{encoder_name}\0{text}".encode()).hexdigest()[:32]


def pack(*states: NDArray[np.float32]) -> bytes:
    """Arrays of one shape, float32 (tokens, dim). For each: every dimension's least value and step, float32, then a
    byte for each number."""
    return b"".join(_packed(values) for values in states)


def unpack(blob: bytes, dim: int, *, arrays: int) -> list[NDArray[np.float32]]:
    """The values of the arrays that were packed. Raises as `packed_arrays`."""
    return [packed.values() for packed in packed_arrays(blob, dim, arrays=arrays)]


def packed_arrays(blob: bytes, dim: int, *, arrays: int) -> list[Packed]:
    """The arrays that were packed, in views of the bytes.

    Raises `ValueError` where the bytes are not `pack`'s of so many arrays.
    """
    head = 2 * 4 * dim
    if (placed := _tokens_placed(blob, dim, arrays)) is not None:
        blob = blob[: arrays * (head + placed * dim)]
    size, rest = divmod(len(blob), arrays)
    if rest or size <= head or (size - head) % dim:
        raise ValueError(f"kept states of {len(blob)} bytes are not {arrays} arrays of {dim} dimensions")
    return [_array(blob, start, size, dim) for start in range(0, len(blob), size)]


def with_offsets(blob: bytes, offsets: Sequence[tuple[int, int]]) -> bytes:
    """What `pack` gave, with each token's start and end in the text."""
    return blob + np.array(offsets, "<u4").tobytes() + _OFFSETS


def offsets_of(blob: bytes, dim: int, *, arrays: int) -> list[tuple[int, int]] | None:
    """Each token's start and end in the text; none where they were not kept."""
    placed = _tokens_placed(blob, dim, arrays)
    if placed is None:
        return None
    flat = np.frombuffer(blob, "<u4", 2 * placed, len(blob) - len(_OFFSETS) - 8 * placed).tolist()
    return list(zip(flat[::2], flat[1::2], strict=True))


def _tokens_placed(blob: bytes, dim: int, arrays: int) -> int | None:
    """The number of tokens whose offsets are kept; none where they are not."""
    if not blob.endswith(_OFFSETS):
        return None
    tokens, rest = divmod(len(blob) - len(_OFFSETS) - arrays * 8 * dim, arrays * dim + 8)
    return tokens if tokens > 0 and not rest else None


def _packed(values: NDArray[np.float32]) -> bytes:
    low = values.min(axis=0)
    step = np.maximum((values.max(axis=0) - low) / _LEVELS, np.float32(1e-12))
    codes = np.rint((values - low) / step).astype(np.uint8)
    packed: bytes = np.concatenate([low, step]).astype("<f4").tobytes() + codes.tobytes()
    return packed


def _array(blob: bytes, start: int, size: int, dim: int) -> Packed:
    low, step = np.frombuffer(blob, "<f4", 2 * dim, start).reshape(2, dim)
    head = 2 * 4 * dim
    return Packed(low, step, np.frombuffer(blob, np.uint8, size - head, start + head).reshape(-1, dim))
