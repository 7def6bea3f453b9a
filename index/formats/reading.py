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
from index.formats.detecting import SUFFIXES, WHAT_IS_READ, Format, format_of
from index.formats.file import File, Limits, ParseFailure, Parser, shown
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


def _files(path: Path, root: Path | None = None) -> Iterator[Path]:
    """The files to read; among them links that lead nowhere, and links to folders, but for those within `root`."""
    if not path.is_dir():
        yield path
        return
    root = root or path.resolve()
    for entry in sorted(path.iterdir()):  # one folder's names at a time
        is_folder = entry.is_dir() and not entry.name.startswith(".")
        if is_folder and not entry.is_symlink():
            yield from _files(entry, root)
        elif not entry.resolve().is_relative_to(root) if is_folder else _is_file(entry):
            yield entry
        else:
            _log.debug("%s is no article file: passed over", entry)


def _is_file(entry: Path) -> bool:
    """Whether it is a file to read, or a link in the place of one that leads nowhere."""
    return _is_wanted(entry.name) and (entry.is_file() or not entry.exists())


def _is_wanted(name: str) -> bool:
    """Whether a file of a folder or an archive is to be read, by its name within."""
    path = PurePosixPath(name.replace("\\", "/"))
    is_hidden = any(part.startswith(".") and part != ".." for part in path.parts) or "__MACOSX" in path.parts
    return not is_hidden and path.suffix.lower() in SUFFIXES and path.stem.lower() not in _ABOUT_THE_FOLDER


def _of_path(path: Path, limits: Limits) -> Iterator[tuple[str, Article | ParseFailure]]:
    name = shown(str(path))
    try:
        if path.is_dir():
            message = "a link to a folder, which is not followed: remove the link, and name that folder too"
            yield name, ParseFailure(name, message)
            return
        file = File.on_disk(path, limits)
    except OSError as exc:
        yield name, ParseFailure(name, f"cannot be read: {exc.strerror or exc}")
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
        passed_over = 0
        is_empty = True

        def wanted(name: str) -> bool:
            nonlocal passed_over
            passed_over += not (is_wanted := _is_wanted(name))
            return is_wanted

        for member in _ARCHIVES[format](file, budget, wanted):
            is_empty = False
            if isinstance(member, ParseFailure):
                yield member.source, member
            else:
                yield from _of_file(member, limits, budget, depth=depth + 1)
        if is_empty:
            raise InvalidArticle(
                f"holds no file that is read ({WHAT_IS_READ}), {passed_over} of others: remove it, or pack it again"
            )
    except OSError as exc:
        yield file.name, ParseFailure(file.name, f"cannot be read: {exc.strerror or exc}")
    except InvalidArticle as exc:
        yield file.name, ParseFailure(file.name, str(exc))


def _parser(format: Format) -> Parser:
    module, function = _PARSERS[format].split(".")
    return cast(Parser, getattr(importlib.import_module(f"index.formats.{module}"), function))
