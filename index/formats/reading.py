"""Reads articles from files, folders and archives: finds the format of each file, and hands it to its parser.

A file that cannot be read as articles gives a `ParseFailure`, and the rest is read all the same: nothing is skipped in
silence, nothing is guessed, nothing is fetched.
"""

import importlib
import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import cast

from index.errors import InvalidArticle
from index.formats.archives import Budget, tar_members, unpacked, zip_members
from index.formats.detecting import SUFFIXES, Format, format_of
from index.formats.file import File, Limits, ParseFailure, Parser
from index.types import Article

DEFAULT_LIMITS = Limits()

_PARSERS = {
    Format.TEXT: "text.read_text",
    Format.JSON_LINES: "json_records.read_json_lines",
    Format.JSON: "json_records.read_json",
    Format.MARKDOWN: "markdown.read_markdown",
    Format.HTML: "html_page.read_page",
    Format.FEED: "feeds.read_feed",
    Format.NEWSML: "newsml.read_newsml",
    Format.NITF: "nitf.read_nitf",
    Format.PDF: "pdf.read_pdf",
    Format.DOCX: "docx.read_docx",
}
"""By name, so that who reads text does not wait for the libraries of the others."""

_ARCHIVES = {Format.ZIP: zip_members, Format.TAR: tar_members, Format.PACKED: unpacked}
_OF_LINES = tuple(suffix for suffix, format in SUFFIXES.items() if format is Format.JSON_LINES)
_ABOUT_THE_FOLDER = ("readme", "license", "licence", "changelog", "contributing", "authors")

_log = logging.getLogger(__name__)


def read_articles(path: Path, limits: Limits = DEFAULT_LIMITS) -> Iterator[Article | ParseFailure]:
    """The articles of a file, or of a folder's files at any depth in the order of their paths.

    A folder's files of other formats, hidden ones, and those about the folder, as its README, are passed over; so are
    those of an archive. Of two articles with one id the second fails.
    """
    for _, item in _each_once(read_files(path, limits)):
        yield item


def read_files(path: Path, limits: Limits = DEFAULT_LIMITS) -> Iterator[tuple[str, Article | ParseFailure]]:
    """As `read_articles`, each with its file, whatever its id: nothing is remembered, however many there are."""
    for file in _files(path):
        yield from _of_path(file, limits)


def read_file(file: File, limits: Limits = DEFAULT_LIMITS) -> Iterator[tuple[str, Article | ParseFailure]]:
    """The articles of one file, which may be an archive, each with the name of the file that it is from.

    Of two with one id the second fails.
    """
    yield from _each_once(_of_file(file, limits, Budget(limits, packed_bytes=file.size), depth=0))


def expected_articles(path: Path) -> int:
    """About how many articles there are to read, from the files' names and lines; any other file counts as one."""
    return sum(_lines_of(file) if file.suffix.lower() in _OF_LINES else 1 for file in _files(path))


def _lines_of(file: Path) -> int:
    try:
        with file.open("rb") as content:
            return sum(block.count(b"\n") for block in iter(partial(content.read, 1 << 20), b""))
    except OSError:
        return 1


def _each_once(
    read: Iterator[tuple[str, Article | ParseFailure]],
) -> Iterator[tuple[str, Article | ParseFailure]]:
    seen: dict[str, str] = {}
    for name, item in read:
        if isinstance(item, Article):
            if first := seen.get(item.article_id):
                message = f"article {item.article_id!r} was already read from {first}: rename one"
                yield name, ParseFailure(name, message)
                continue
            seen[item.article_id] = name
        yield name, item


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for entry in sorted(path.iterdir()):  # one folder's names at a time
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith("."):
            yield from _files(entry)
        elif _is_wanted(entry.name) and entry.is_file():
            yield entry
        else:
            _log.debug("%s is no article file: passed over", entry)


def _is_wanted(name: str) -> bool:
    """Whether a file of a folder or an archive is to be read, by its name within."""
    path = PurePosixPath(name.replace("\\", "/"))
    is_hidden = any(part.startswith(".") and part != ".." for part in path.parts) or "__MACOSX" in path.parts
    return not is_hidden and path.suffix.lower() in SUFFIXES and path.stem.lower() not in _ABOUT_THE_FOLDER


def _of_path(path: Path, limits: Limits) -> Iterator[tuple[str, Article | ParseFailure]]:
    try:
        file = File.on_disk(path, limits)
    except OSError as exc:
        yield str(path), ParseFailure(str(path), f"cannot be read: {exc.strerror or exc}")
        return
    yield from _of_file(file, limits, Budget(limits, packed_bytes=file.size), depth=0)


def _of_file(file: File, limits: Limits, budget: Budget, *, depth: int) -> Iterator[tuple[str, Article | ParseFailure]]:
    try:
        format = format_of(file)
        if format not in _ARCHIVES:
            for item in _parser(format)(file):
                yield file.name, item
            return
        if depth == limits.archive_depth:
            raise InvalidArticle(f"an archive inside {depth} others, which is refused: unpack it")
        for member in _ARCHIVES[format](file, budget, _is_wanted):
            if isinstance(member, ParseFailure):
                yield member.source, member
            else:
                yield from _of_file(member, limits, budget, depth=depth + 1)
    except OSError as exc:
        yield file.name, ParseFailure(file.name, f"cannot be read: {exc.strerror or exc}")
    except InvalidArticle as exc:
        yield file.name, ParseFailure(file.name, str(exc))


def _parser(format: Format) -> Parser:
    module, function = _PARSERS[format].split(".")
    return cast(Parser, getattr(importlib.import_module(f"index.formats.{module}"), function))
