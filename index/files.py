"""Files that appear whole or not at all. Knows nothing of what is in them."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_ABANDONED_S = 3600


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file, open for writing, that takes the place of `path` when the block ends, durably; or not at all.

    It is written in the same folder, flushed to the disk, renamed, and the folder's entry is flushed too. What an
    earlier run left half written (it was killed) is swept away.
    """
    prefix, suffix = f".{path.name}.", ".tmp"
    for leftover in path.parent.glob(f"{prefix}*{suffix}"):
        with suppress(OSError):
            if time.time() - leftover.stat().st_mtime > _ABANDONED_S:
                leftover.unlink()
    handle, name = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=path.parent)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def write_atomically(path: Path, content: bytes) -> None:
    """Raises `OSError` and leaves `path` as it was where it cannot be written."""
    with replacing(path) as file:
        file.write(content)


def total_bytes(folder: Path) -> int:
    """The size of the folder's own files. One that disappears meanwhile counts for nothing."""
    total = 0
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
