"""The file that spares a start from reading every vector out of the store. Owns its format; knows nothing of SQL.

One line that names the format, one line of JSON (the stamp), the places in the base that no longer count (int64), the
keys above it (int64), their vectors (float32), all little-endian, and the BLAKE2b digest of all that. The base lies in
a file of its own, which the stamp names with its size and digest. What is not exactly this is refused, and made again.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from index.files import is_abandoned, replacing, sweep
from index.vector_base import PREFIX, BaseFile, open_base
from index.vectors import Keys, Rows, VectorSet

FILE_NAME = "vectors.snapshot"
_MAGIC = b"sourcier vectors 3\n"
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
    count: int  # of the vectors above the base
    dim: int
    gone: int = 0  # how many of the base no longer count
    base: BaseFile | None = None

    @classmethod
    def of(cls, vectors: VectorSet, *, generation: int, token: str, manifest: str) -> "Stamp":
        gone = 0 if vectors.gone is None else int(np.count_nonzero(vectors.gone))
        base = vectors.base.file if vectors.base else None
        return cls(generation, token, manifest, len(vectors) - vectors.base_count, vectors.dim, gone, base)


def write_snapshot(folder: Path, vectors: VectorSet, stamp: Stamp) -> None:
    """Replaces the snapshot in `folder` in one step. Raises `OSError` and leaves the one before where it cannot, and
    where the base of these vectors is there no longer: another process has merged since, and removed it.

    The base that only the one before named is removed, and any that a killed run left; whoever has one open keeps it.
    """
    if stamp.base and not (folder / stamp.base.name).exists():
        raise FileNotFoundError(f"{stamp.base.name} is there no longer; another process has merged the vectors since")
    before = _base_named(folder)
    with replacing(folder / FILE_NAME) as file:
        hashed = hashlib.blake2b()
        parts = [_MAGIC, json.dumps(asdict(stamp)).encode() + b"\n"]
        for part in (*parts, *_payload(vectors)):
            hashed.update(part)
            file.write(part)
        file.write(hashed.digest())
    _remove_others(folder, before, stamp.base.name if stamp.base else None)


def _remove_others(folder: Path, before: str | None, now: str | None) -> None:
    for path in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):  # gone already, or open where open files cannot be removed
            if path.name == before != now or (path.name != now and is_abandoned(path)):
                path.unlink()
    sweep(folder, f".{PREFIX}*.tmp*")


def _base_named(folder: Path) -> str | None:
    """The base that the snapshot in `folder` names, if it can be read that far."""
    try:
        with (folder / FILE_NAME).open("rb") as file:
            file.readline(_MAX_STAMP_BYTES)
            name = json.loads(file.readline(_MAX_STAMP_BYTES))["base"]["name"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return name if isinstance(name, str) and name == Path(name).name and name.startswith(PREFIX) else None


def _payload(vectors: VectorSet) -> Iterator[bytes]:
    if vectors.gone is not None:
        yield np.flatnonzero(vectors.gone).astype("<i8").tobytes()
    for keys, _ in vectors.blocks():
        yield keys.astype("<i8").tobytes()
    for _, rows in vectors.blocks():
        yield rows.astype("<f4").tobytes()


def read_snapshot(folder: Path) -> tuple[Stamp, VectorSet]:
    """The snapshot in `folder`, every byte of it and of its base checked. Raises `SnapshotError`."""
    try:
        with (folder / FILE_NAME).open("rb") as file:
            return _Reading(file, folder).snapshot()
    except FileNotFoundError as exc:
        raise SnapshotError("it is missing") from exc
    except OSError as exc:
        raise SnapshotError(f"it cannot be read ({exc})") from exc
    except (ValueError, TypeError, KeyError, IndexError) as exc:
        raise SnapshotError(f"it is damaged ({exc})") from exc


def _stamp(line: bytes) -> Stamp:
    values = json.loads(line)
    base = values.pop("base")
    return Stamp(**values, base=BaseFile(**base) if base else None)


class _Reading:
    def __init__(self, file: BinaryIO, folder: Path) -> None:
        self._folder = folder
        self._file = file
        self._hashed = hashlib.blake2b()

    def snapshot(self) -> tuple[Stamp, VectorSet]:
        if self._take(len(_MAGIC)) != _MAGIC:
            raise SnapshotError("it is of another format")
        line = self._file.readline(_MAX_STAMP_BYTES)
        self._hashed.update(line)
        stamp = _stamp(line)
        if self._bytes_left() != 8 * stamp.gone + stamp.count * (8 + 4 * stamp.dim) + _DIGEST_BYTES:
            raise SnapshotError("its size is not what its stamp says")
        gone = self._numbers(stamp.gone)
        keys = self._numbers(stamp.count)
        rest = VectorSet(stamp.dim).changed(self._blocks(keys, stamp.dim), removed=())
        if self._hashed.digest() != self._file.read(_DIGEST_BYTES):
            raise SnapshotError("its checksum does not match its content")
        if stamp.base is None:
            return stamp, rest
        try:
            base = open_base(self._folder, stamp.base)
        except FileNotFoundError as exc:
            raise SnapshotError(f"its base {stamp.base.name} is missing") from exc
        vectors = VectorSet(stamp.dim, base=base).changed((), base.keys[gone].tolist())
        return stamp, replace(vectors, segments=rest.segments)

    def _numbers(self, count: int) -> Keys:
        return np.frombuffer(self._take(8 * count), "<i8").astype(np.int64)

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
