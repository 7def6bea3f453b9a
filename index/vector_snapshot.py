"""The file that spares a start from reading every vector out of the store. Owns its format; knows nothing of SQL.

One line that names the format, one line of JSON (the stamp), the keys (int64), their vectors (float32), both
little-endian, and the BLAKE2b digest of all that. A file that is not exactly this is refused, and made again.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from index.files import replacing
from index.vectors import Keys, Rows, VectorSet

FILE_NAME = "vectors.snapshot"
_MAGIC = b"sourcier vectors 1\n"
_DIGEST_BYTES = 64
_MAX_STAMP_BYTES = 10_000
_BLOCK_ROWS = 4096


class SnapshotError(Exception):
    """The file is missing, altered, cut short, or of another index. Says which."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which state of which store a snapshot holds."""

    generation: int
    token: str
    manifest: str  # its digest
    count: int
    dim: int


def write_snapshot(folder: Path, vectors: VectorSet, stamp: Stamp) -> None:
    """Replaces the snapshot in `folder` in one step. Raises `OSError` and leaves the one before where it cannot."""
    with replacing(folder / FILE_NAME) as file:
        hashed = hashlib.blake2b()
        parts = [_MAGIC, json.dumps(asdict(stamp)).encode() + b"\n"]
        for part in (*parts, *_payload(vectors)):
            hashed.update(part)
            file.write(part)
        file.write(hashed.digest())


def _payload(vectors: VectorSet) -> Iterator[bytes]:
    for keys, _ in vectors.blocks():
        yield keys.astype("<i8").tobytes()
    for _, rows in vectors.blocks():
        yield rows.astype("<f4").tobytes()


def read_snapshot(folder: Path) -> tuple[Stamp, VectorSet]:
    """The snapshot in `folder`, every byte of it checked. Raises `SnapshotError`."""
    try:
        with (folder / FILE_NAME).open("rb") as file:
            return _Reading(file).snapshot()
    except FileNotFoundError as exc:
        raise SnapshotError("it is missing") from exc
    except OSError as exc:
        raise SnapshotError(f"it cannot be read ({exc})") from exc
    except (ValueError, TypeError) as exc:
        raise SnapshotError(f"it is damaged ({exc})") from exc


class _Reading:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hashed = hashlib.blake2b()

    def snapshot(self) -> tuple[Stamp, VectorSet]:
        if self._take(len(_MAGIC)) != _MAGIC:
            raise SnapshotError("it is of another format")
        line = self._file.readline(_MAX_STAMP_BYTES)
        self._hashed.update(line)
        stamp = Stamp(**json.loads(line))
        if self._bytes_left() != stamp.count * (8 + 4 * stamp.dim) + _DIGEST_BYTES:
            raise SnapshotError("its size is not what its stamp says")
        keys: Keys = np.frombuffer(self._take(8 * stamp.count), "<i8").astype(np.int64)
        vectors = VectorSet(stamp.dim).changed(self._blocks(keys, stamp.dim), removed=())
        if self._hashed.digest() != self._file.read(_DIGEST_BYTES):
            raise SnapshotError("its checksum does not match its content")
        return stamp, vectors

    def _blocks(self, keys: Keys, dim: int) -> Iterator[tuple[Keys, Rows]]:
        for start in range(0, len(keys), _BLOCK_ROWS):
            block = keys[start : start + _BLOCK_ROWS]
            yield block, np.frombuffer(self._take(4 * dim * len(block)), "<f4").reshape(-1, dim).astype(np.float32)

    def _bytes_left(self) -> int:
        return os.fstat(self._file.fileno()).st_size - self._file.tell()

    def _take(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) != size:
            raise SnapshotError("it is cut short")
        self._hashed.update(data)
        return data
