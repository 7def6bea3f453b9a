"""A file to be read, wherever its bytes come from: the disk, an archive, an upload. And what may come of reading it."""

import os
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from index.errors import InvalidArticle
from index.types import Article


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may hold, and how much an archive may unfold to."""

    file_bytes: int = 64 * 2**20
    archive_bytes: int = 2**30
    archive_files: int = 100_000
    archive_ratio: int = 200  # of unpacked to packed bytes; text packs 3 to 10 times, a bomb 1,000 times
    archive_depth: int = 3


@dataclass(frozen=True, slots=True)
class ParseFailure:
    """What could not be read: where (`file`, `file:line`, `archive/file`), and why, with the way out."""

    source: str
    message: str


@dataclass(frozen=True, slots=True)
class File:
    """`path` is where it lies, on a disk or in an archive; ids derive from its last part."""

    path: str
    size: int
    open: Callable[[], BinaryIO]
    max_bytes: int

    @classmethod
    def on_disk(cls, path: Path, limits: Limits) -> "File":
        """Raises `OSError` where there is no such file."""
        return cls(str(path), path.stat().st_size, lambda: path.open("rb"), limits.file_bytes)

    @classmethod
    def of_bytes(cls, name: str, content: bytes, limits: Limits) -> "File":
        return cls(name, len(content), lambda: BytesIO(content), limits.file_bytes)

    @property
    def name(self) -> str:
        """What messages call it."""
        return shown(self.path)

    @property
    def suffix(self) -> str:
        return PurePosixPath(self._last_part).suffix.lower()

    @property
    def stem(self) -> str:
        """The file's name without suffix, the same whichever way a file system composes its accents."""
        return unicodedata.normalize("NFC", PurePosixPath(self._last_part).stem)

    @property
    def _last_part(self) -> str:
        return self.path.replace(os.sep, "/").rsplit("/", 1)[-1]

    def head(self, chars: int) -> bytes:
        with self.open() as file:
            return file.read(chars)

    def content(self) -> bytes:
        """All its bytes. Raises `InvalidArticle` where there are more than may be."""
        if self.size <= self.max_bytes:
            with self.open() as file:
                content = file.read(self.max_bytes + 1)
            if len(content) <= self.max_bytes:
                return content
        raise InvalidArticle(too_large(self.size, self.max_bytes))


def shown(path: str) -> str:
    """A path as it can be written everywhere: bytes in it that are not UTF-8 as `\\xe9`."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def too_large(size: int, most: int) -> str:
    return f"the file has {size} bytes, at most {most} may be: split it, or raise SOURCIER_MAX_FILE_BYTES"


class Parser(Protocol):
    """Reads the articles of one file of its format. An `OSError` or `InvalidArticle` it raises ends that file only."""

    def __call__(self, file: File) -> Iterator[Article | ParseFailure]: ...
