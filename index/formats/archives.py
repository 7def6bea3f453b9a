"""The files inside archives: zip, tar, and what gzip, bzip2 or xz packed. Everything stays in memory, within limits.

Nothing is written to the disk, so a name can lead nowhere; one that tries to is refused all the same, as are links.
"""

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tarfile import EOFHeaderError, HeaderError, ReadError  # type: ignore[attr-defined]  # the first has no type yet
from typing import BinaryIO, Self, cast

from index.errors import InvalidArticle
from index.formats.file import File, Limits, ParseFailure, shown, too_large

Wanted = Callable[[str], bool]  # whether to read a member of this name

_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    OSError,
    ValueError,
    RuntimeError,
)
_SMALL_BYTES = 2**20
_READ_BYTES = 2**16
_TAR_MAGIC = slice(257, 262)


class Budget:
    """What the archives within one file may unfold to, all together."""

    def __init__(self, limits: Limits, *, packed_bytes: int) -> None:
        self.limits = limits
        self._most_bytes = min(limits.archive_bytes, max(_SMALL_BYTES, packed_bytes * limits.archive_ratio))
        self._bytes = 0
        self._files = 0

    def take_file(self) -> None:
        self._files += 1
        if self._files > self.limits.archive_files:
            raise InvalidArticle(f"the archive holds more than {self.limits.archive_files} files: split it")

    def take_bytes(self, count: int) -> None:
        self._bytes += count
        if self._bytes > self._most_bytes:
            raise InvalidArticle(
                f"the archive unfolds to more than {self._most_bytes} bytes, as no collection of articles of its size"
                " does: unpack it yourself, or split it"
            )


def zip_members(file: File, budget: Budget, wanted: Wanted) -> Iterator[File | ParseFailure]:
    """The wanted files of a zip archive; a failure for each that cannot be read. Raises `InvalidArticle` where the
    whole is damaged or unfolds beyond bounds."""
    with _damage_told("zip"), file.open() as stream, zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            budget.take_file()
            name = f"{file.name}/{member.filename}"
            if member.filename.endswith("/") or (member.filename and not wanted(member.filename)):
                continue
            problem = _name_problem(member.filename) or _zip_problem(member, budget.limits)
            try:
                yield ParseFailure(name, problem) if problem else _unzipped(archive, member, name, budget)
            except _DAMAGE as exc:
                yield ParseFailure(name, f"damaged in the archive ({exc}): get a whole copy of it")


def tar_members(file: File, budget: Budget, wanted: Wanted) -> Iterator[File | ParseFailure]:
    """As `zip_members`, of a tar archive that is not packed."""
    with file.open() as stream:
        yield from _untarred(cast(BinaryIO, _Counted(stream, budget)), file, budget, wanted)


def unpacked(file: File, budget: Budget, wanted: Wanted) -> Iterator[File | ParseFailure]:
    """As `zip_members`, of a packed tar archive; or the one file that was packed."""
    with _damage_told("packed"), file.open() as stream:
        counted = io.BufferedReader(cast(io.RawIOBase, _Counted(_opened(stream), budget)), _READ_BYTES)
        if counted.peek(_TAR_MAGIC.stop)[_TAR_MAGIC] == b"ustar":
            yield from _untarred(cast(BinaryIO, counted), file, budget, wanted)
            return
        content = counted.read(budget.limits.file_bytes + 1)
        if len(content) > budget.limits.file_bytes:
            raise InvalidArticle(too_large(len(content), budget.limits.file_bytes))
        yield File.of_bytes(file.path[: -len(file.suffix)] if file.suffix else file.path, content, budget.limits)


def _unzipped(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, budget: Budget) -> File:
    with archive.open(member) as inner:
        content = inner.read(budget.limits.file_bytes + 1)
    budget.take_bytes(len(content))
    return File.of_bytes(name, content, budget.limits)


def _untarred(stream: BinaryIO, file: File, budget: Budget, wanted: Wanted) -> Iterator[File | ParseFailure]:
    with _damage_told("tar"), tarfile.open(fileobj=stream, mode="r|", tarinfo=_Member) as archive:
        for member in archive:
            budget.take_file()
            name = f"{file.name}/{member.name}"
            if member.isdir() or not wanted(member.name):
                continue
            if problem := _name_problem(member.name) or _tar_problem(member, budget.limits):
                yield ParseFailure(shown(name), problem)
                continue
            inner = archive.extractfile(member)
            content = inner.read() if inner else b""
            if len(content) < member.size:
                raise EOFError("it ends in the middle of a file")
            yield File.of_bytes(name, content, budget.limits)


class _Member(tarfile.TarInfo):
    """A member whose header is whole: behind the first, tarfile takes a broken one for the end of the archive."""

    @classmethod
    def fromtarfile(cls, tarfile: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile)
        except EOFHeaderError:
            raise
        except HeaderError as exc:
            raise ReadError(f"breaks off at byte {tarfile.offset}: {exc}") from exc


def _name_problem(name: str) -> str | None:
    if not name:
        return "has no name in the archive: pack it again with one"
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or parts[0].endswith(":"):
        return "its name leads out of the archive, which is refused: pack it again with plain relative names"
    return None


def _zip_problem(member: zipfile.ZipInfo, limits: Limits) -> str | None:
    if stat.S_ISLNK(member.external_attr >> 16):
        return "a link, which is not followed: pack the file itself"
    if member.flag_bits & 1:
        return "is encrypted in the archive: unpack it with its password first"
    return too_large(member.file_size, limits.file_bytes) if member.file_size > limits.file_bytes else None


def _tar_problem(member: tarfile.TarInfo, limits: Limits) -> str | None:
    if not member.isreg():
        return "a link or a device, which is not followed: pack the file itself"
    return too_large(member.size, limits.file_bytes) if member.size > limits.file_bytes else None


def _opened(stream: BinaryIO) -> BinaryIO:
    """What the packed `stream` unfolds to."""
    magic = stream.read(3)
    stream.seek(0)
    if magic.startswith(b"\x1f\x8b"):
        return cast(BinaryIO, gzip.GzipFile(fileobj=stream))
    return cast(BinaryIO, bz2.BZ2File(stream) if magic == b"BZh" else lzma.LZMAFile(stream))


class _Counted(io.RawIOBase):
    """A stream whose bytes the budget is told of."""

    def __init__(self, stream: BinaryIO, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # a writable buffer, by the interface
        content = self._stream.read(min(len(view), _READ_BYTES))
        self._budget.take_bytes(len(content))
        view[: len(content)] = content
        return len(content)


@contextmanager
def _damage_told(kind: str) -> Iterator[None]:
    try:
        yield
    except InvalidArticle:
        raise
    except _DAMAGE as exc:
        raise InvalidArticle(f"damaged: the {kind} archive cannot be read on ({exc}); get a whole copy of it") from exc
