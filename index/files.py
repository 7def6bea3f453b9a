"""Files that appear whole or not at all. Knows nothing of what is in them."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_ABANDONED_S = 3600


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file, open for writing, that takes the place of `path` when the block ends, durably; or not at all."""
    with replacing_path(path) as new, new.open("w+b") as file:
        yield file


@contextmanager
def replacing_path(path: Path) -> Iterator[Path]:
    """As `replacing`, for what writes to a path: an empty file that takes the place of `path` when the block ends.

    It is in the same folder, flushed to the disk, renamed, and the folder's entry is flushed too. What an earlier run
    left half written (it was killed) is swept away.
    """
    prefix, suffix = f".{path.name}.", ".tmp"
    sweep(path.parent, f"{prefix}*{suffix}*")
    handle, name = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=path.parent)
    new = Path(name)
    try:
        os.close(handle)
        yield new
        _flush_file(new)
        new.chmod(0o644)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def sweep(folder: Path, pattern: str) -> None:
    """Removes files and folders of that name that have not been touched for an hour: whoever made them was killed."""
    for leftover in folder.glob(pattern):
        with suppress(OSError):
            if not is_abandoned(leftover):
                continue
            if leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                leftover.unlink()


def is_abandoned(path: Path) -> bool:
    """Whether it has not been touched for an hour. Raises `OSError` where it is not there."""
    return time.time() - path.stat().st_mtime > _ABANDONED_S


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


def flush_folder(folder: Path) -> None:
    """Files that were made, renamed or removed in `folder` are so on the disk too."""
    _flush_file(folder)


def _flush_file(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
