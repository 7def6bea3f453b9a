"""Files that appear whole or not at all. Knows nothing of what is in them."""

import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

_ABANDONED_S = 3600


@contextmanager
def replacing(path: Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """A new file, open for writing, that takes the place of `path` when the block ends, durably; or not at all.

    It is in the same folder, flushed to the disk, renamed, and the folder's entry is flushed too. A link is replaced
    itself: whoever owns the folder cannot lead root elsewhere by one. Its mode is `mode`, else that of the file before,
    else what the umask leaves; its owner that of the file before, else its folder's, where that is permitted. What an
    earlier run left half written (it was killed) is swept away. Raises `OSError` where `path` is there and neither a
    file nor a link.
    """
    before = _before(path)
    if mode is None and before:
        mode = stat.S_IMODE(before.st_mode)
    prefix, suffix = f".{path.name}.", ".tmp"
    sweep(path.parent, f"{prefix}*{suffix}*")
    new = path.with_name(f"{prefix}{secrets.token_hex(8)}{suffix}")
    with open(new, "x+b", opener=partial(os.open, mode=0o666 if mode is None else 0o600)) as file:
        try:
            yield file
            file.flush()
            _give(file.fileno(), before or path.parent.stat())  # by its descriptor: its name may be another's by now
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
            new.replace(path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
    flush_folder(path.parent)


@contextmanager
def replacing_path(path: Path) -> Iterator[Path]:
    """As `replacing`, for what writes to a path: an empty file that takes the place of `path` when the block ends."""
    with replacing(path) as file:
        yield Path(file.name)


def writing_to(path: Path) -> AbstractContextManager[BinaryIO]:
    """As `replacing`, for a path that a user names: of a link what it leads to is replaced, and what is no regular
    file, a pipe or a device, is written to as it is."""
    return path.open("wb") if is_special(path) else replacing(real(path))


def move(new: Path, path: Path) -> None:
    """Makes the file at `new` that at `path`, durably; it becomes its folder's owner's, where that is permitted."""
    with _opened(new, os.O_NOFOLLOW) as handle:
        _give(handle, path.parent.stat())
    new.replace(path)
    flush_folder(path.parent)


def _before(path: Path) -> os.stat_result | None:
    """The file at `path`, if there is one; a link is none. Raises `OSError` for anything else."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(found.st_mode):
        return None
    if not stat.S_ISREG(found.st_mode):
        raise OSError("it is no regular file")
    return found


def _give(handle: int, like: os.stat_result) -> None:
    """Makes the open file its owner's whose `like` is."""
    with suppress(OSError):  # only root may give a file to another
        os.fchown(handle, like.st_uid, like.st_gid)


def is_special(path: Path) -> bool:
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
    with _opened(folder) as handle:
        os.fsync(handle)


@contextmanager
def _opened(path: Path, flags: int = 0) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY | flags)
    try:
        yield handle
    finally:
        os.close(handle)
