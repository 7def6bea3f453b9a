"""Files that appear whole or not at all. Knows nothing of what is in them."""

import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_ABANDONED_S = 3600


@contextmanager
def replacing(path: Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """A new file, open for writing, that takes the place of `path` when the block ends, durably; or not at all.

    What is there and no regular file, a pipe or a device, is written to as it is.
    """
    if _is_special(path):
        with path.open("wb") as file:
            yield file
        return
    with replacing_path(path, mode=mode) as new, new.open("w+b") as file:
        yield file


@contextmanager
def replacing_path(path: Path, *, mode: int | None = None) -> Iterator[Path]:
    """As `replacing`, for what writes to a path: an empty file that takes the place of `path` when the block ends.

    It is in the same folder, flushed to the disk, renamed, and the folder's entry is flushed too. Of a link, what it
    leads to is replaced. Its mode is `mode`, else that of the file before, else what the umask leaves; its owner stays,
    where that is permitted. What an earlier run left half written (it was killed) is swept away. Raises `OSError` where
    `path` is there and no regular file.
    """
    if _is_special(path):
        raise OSError("it is no regular file")
    path = real(path)
    prefix, suffix = f".{path.name}.", ".tmp"
    sweep(path.parent, f"{prefix}*{suffix}*")
    before = path.stat() if path.exists() else None
    if mode is None and before:
        mode = stat.S_IMODE(before.st_mode)
    new = path.with_name(f"{prefix}{secrets.token_hex(8)}{suffix}")
    new.touch(0o666 if mode is None else 0o600, exist_ok=False)
    try:
        yield new
        _flush_file(new)
        if before:
            with suppress(OSError):  # only root may give a file to another
                os.chown(new, before.st_uid, before.st_gid)
        if mode is not None:
            new.chmod(mode)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def _is_special(path: Path) -> bool:
    """Whether it is there, and no regular file; a link counts as what it leads to."""
    return path.exists() and not path.is_file()


def real(path: Path) -> Path:
    """The path without links, those that lead nowhere too."""
    return Path(os.path.realpath(path))


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
