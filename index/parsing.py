"""Turns files and records into articles. Knows formats, dates and limits, and nothing of sentences or of the store.

A file that cannot be read as articles gives a `ParseFailure`, and the rest is read all the same: nothing is skipped in
silence, nothing is guessed. Text is UTF-8 (a byte order mark is dropped) and stored unchanged; other encodings are
refused, since a wrong guess would alter every quotation.
"""

import codecs
import hashlib
import json
import logging
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit

from index.cleaning import Kind, Page, read_page
from index.datelines import date_head
from index.dates import PublishedDate
from index.errors import InvalidArticle
from index.language import detect
from index.types import Article

MAX_ARTICLE_CHARS = 5_000_000
MAX_ID_CHARS = 200
MAX_TITLE_CHARS = 500
MAX_SOURCE_CHARS = 200
MAX_URL_CHARS = 2_000

FIELDS = ("article_id", "title", "text", "published", "source", "url", "lang")
LANGUAGES = ("fr", "en")

_MAX_UTF8_BYTES = 4 * MAX_ARTICLE_CHARS
_MAX_LINE_BYTES = 2 * _MAX_UTF8_BYTES
_LANGUAGE_SAMPLE_CHARS = 1_500
_LANGUAGE_PARAGRAPHS = 20
_DIGEST_CHARS = 16

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ParseFailure:
    """What could not be read: where (`file`, or `file:line`), and why, with the way out."""

    source: str
    message: str


class Parser(Protocol):
    """Reads the articles of one file of its format. An `OSError` or `InvalidArticle` it raises ends that file only."""

    def __call__(self, path: Path) -> Iterator[Article | ParseFailure]: ...


def read_articles(path: Path) -> Iterator[Article | ParseFailure]:
    """The articles of a file, or of a folder's files at any depth in the order of their paths.

    A folder's files of other formats, and hidden ones, are passed over. Of two articles with one id the second fails.
    """
    seen: dict[str, Path] = {}
    for file, item in read_files(path):
        if isinstance(item, Article) and item.article_id in seen:
            first = seen[item.article_id]
            yield ParseFailure(str(file), f"article {item.article_id!r} was already read from {first}: rename one")
            continue
        if isinstance(item, Article):
            seen[item.article_id] = file
        yield item


def read_files(path: Path) -> Iterator[tuple[Path, Article | ParseFailure]]:
    """As `read_articles`, each with its file, whatever its id: nothing is remembered, however many there are."""
    for file in _files(path):
        for item in _read_file(file):
            yield file, item


def expected_articles(path: Path) -> int:
    """About how many articles there are to read, from the files' names and lines; what cannot be read counts as one."""
    return sum(_lines_of(file) if file.suffix.lower() == ".jsonl" else 1 for file in _files(path))


def _lines_of(file: Path) -> int:
    try:
        with file.open("rb") as content:
            return sum(block.count(b"\n") for block in iter(partial(content.read, 1 << 20), b""))
    except OSError:
        return 1


def article_from_record(record: Mapping[str, object], *, article_id: str | None = None) -> Article:
    """The article that a JSON object holds; `article_id` says which it is where the record does not.

    A field that is null or blank counts as not given. Raises `InvalidArticle`.
    """
    unknown = sorted(set(record) - set(FIELDS))
    if unknown:
        raise InvalidArticle(f"unknown field {unknown[0]!r}: an article has {', '.join(FIELDS)}")
    fields = {name: _string(name, record.get(name)) for name in FIELDS}
    own_id = fields["article_id"]
    if own_id is not None and article_id is not None and own_id != article_id:
        raise InvalidArticle(f"article_id is {own_id!r} here and {article_id!r} in the request: make them the same")
    page = _checked_page(fields["text"])
    title, source, url = fields["title"], fields["source"], fields["url"]
    return Article(
        article_id=_checked_id(own_id if own_id is not None else article_id),
        text=page.text,
        title=_checked_label("title", title, MAX_TITLE_CHARS) if title else page.title,
        published=_published(page.text, fields["published"]),
        source=_checked_label("source", source, MAX_SOURCE_CHARS) if source else None,
        url=_checked_url(url) if url else None,
        lang=_checked_lang(fields["lang"]) or _detected_lang(page),
    )


def article_from_text(text: str, *, article_id: str) -> Article:
    """The article that a plain text is, dated by its optional `date 2021-02` head. Raises `InvalidArticle`."""
    return article_from_record({"text": text}, article_id=article_id)


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for entry in sorted(path.iterdir()):  # one folder's names at a time
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith("."):
            yield from _files(entry)
        elif entry.suffix.lower() in PARSERS and not entry.name.startswith(".") and entry.is_file():
            yield entry
        else:
            _log.debug("%s is no article file: passed over", entry)


def _read_file(file: Path) -> Iterator[Article | ParseFailure]:
    parser = PARSERS.get(file.suffix.lower())
    if parser is None:
        yield ParseFailure(str(file), f"no parser for {file.suffix!r} files: write {' or '.join(PARSERS)}")
        return
    try:
        yield from parser(file)
    except OSError as exc:
        yield ParseFailure(str(file), f"cannot be read: {exc.strerror or exc}")
    except InvalidArticle as exc:
        yield ParseFailure(str(file), str(exc))


def _read_text_file(path: Path) -> Iterator[Article | ParseFailure]:
    """One article, whose id is the file's name without its suffix."""
    size = path.stat().st_size
    if size > _MAX_UTF8_BYTES:
        raise InvalidArticle(f"the file has {size} bytes, at most {_MAX_UTF8_BYTES} can be an article: split it")
    yield article_from_text(_decoded(path.read_bytes()), article_id=_stem(path))


def _read_json_lines(path: Path) -> Iterator[Article | ParseFailure]:
    """An article a line; blank lines are skipped, and a broken one does not stop the rest."""
    with path.open("rb") as file:
        for number, line in enumerate(_lines(file), start=1):
            try:
                record = _record(line)
                if record is not None:
                    yield article_from_record(record, article_id=_derived_id(path, record))
            except InvalidArticle as exc:
                yield ParseFailure(f"{path}:{number}", str(exc))


PARSERS: Mapping[str, Parser] = {".txt": _read_text_file, ".jsonl": _read_json_lines}
"""By suffix, in lower case. Another format is one more function here."""


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; of one longer than any article may be, only the beginning."""
    while line := file.readline(_MAX_LINE_BYTES + 1):
        rest = line
        while not rest.endswith(b"\n") and len(rest) > _MAX_LINE_BYTES:
            rest = file.readline(_MAX_LINE_BYTES + 1)
        yield line


def _record(line: bytes) -> Mapping[str, object] | None:
    """The object of a JSON line; `None` for a blank one."""
    if len(line) > _MAX_LINE_BYTES:
        raise InvalidArticle(f"the line has more than {_MAX_LINE_BYTES} bytes: split the article")
    text = _decoded(line)
    if not text.strip():
        return None
    try:
        record = json.loads(text, object_pairs_hook=_without_duplicates)
    except RecursionError as exc:
        raise InvalidArticle("not an article: nested too deep") from exc
    except ValueError as exc:
        raise InvalidArticle(f"not JSON: {exc}; write one object a line") from exc
    if not isinstance(record, dict):
        raise InvalidArticle(f"a JSON object was wanted, found {type(record).__name__}")
    return record


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidArticle(f"the key {twice!r} is there twice: keep one")
    return record


def _decoded(content: bytes) -> str:
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as exc:
        raise InvalidArticle(
            f"not UTF-8 at byte {exc.start}: convert it, as with `iconv -f WINDOWS-1252 -t UTF-8`"
        ) from exc


def _stem(path: Path) -> str:
    """The file's name without suffix, the same whichever way a file system composes its accents."""
    return unicodedata.normalize("NFC", path.stem)


def _derived_id(path: Path, record: Mapping[str, object]) -> str | None:
    """For a record without id: its file's name and a digest of its text, so that it is the same at every reading."""
    text = record.get("text")
    if record.get("article_id") is not None or not isinstance(text, str):
        return None
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{_stem(path)}-{digest[:_DIGEST_CHARS]}"


def _string(name: str, value: object) -> str | None:
    """The value of a field; `None` where it is null or blank, but for the text and the id, which say so themselves."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidArticle(f"{name} must be a string, found {type(value).__name__}")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise InvalidArticle(f"{name} holds a lone surrogate at character {exc.start}: remove it") from exc
    if "\0" in value:
        raise InvalidArticle(f"{name} holds a NUL at character {value.index(chr(0))}: remove it")
    return value if value.strip() or name in ("article_id", "text") else None


def _checked_id(article_id: str | None) -> str:
    if not article_id:
        raise InvalidArticle("article_id is missing or empty: give the article an id")
    if len(article_id) > MAX_ID_CHARS:
        raise InvalidArticle(f"article_id has {len(article_id)} characters, at most {MAX_ID_CHARS} may be: shorten it")
    if article_id != article_id.strip() or article_id in (".", ".."):
        raise InvalidArticle(f"article_id {article_id!r} begins or ends with a space, or is a path: rename it")
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in article_id):
        raise InvalidArticle(f"article_id {article_id!r} holds a control character: remove it")
    return article_id


def _checked_page(text: str | None) -> Page:
    if text is None:
        raise InvalidArticle("text is missing: give the article's text")
    if len(text) > MAX_ARTICLE_CHARS:
        raise InvalidArticle(f"text has {len(text)} characters, at most {MAX_ARTICLE_CHARS} may be: split it")
    page = read_page(text)
    if not page.spans(Kind.BODY):
        raise InvalidArticle("text is empty, or has no words: give the article's text")
    return page


def _checked_label(name: str, value: str, max_chars: int) -> str:
    """A field shown on one line: its whitespace becomes single spaces."""
    value = " ".join(value.split())
    if len(value) > max_chars:
        raise InvalidArticle(f"{name} has {len(value)} characters, at most {max_chars} may be: shorten it")
    if any(unicodedata.category(char) == "Cc" for char in value):
        raise InvalidArticle(f"{name} holds a control character: remove it")
    return value


def _checked_url(url: str) -> str:
    """Only addresses that a browser may open from a link: never `javascript:`."""
    if len(url) > MAX_URL_CHARS or any(char.isspace() or not char.isprintable() for char in url):
        raise InvalidArticle(f"url is longer than {MAX_URL_CHARS} characters, or has spaces: give its address")
    try:
        parts = urlsplit(url)
    except ValueError as exc:
        raise InvalidArticle(f"url {url!r} is not an address: {exc}") from exc
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InvalidArticle(f"url {url!r} is not an http or https address")
    return url


def _checked_lang(lang: str | None) -> str | None:
    if lang is not None and lang not in LANGUAGES:
        raise InvalidArticle(f"lang is {lang!r}: write {' or '.join(LANGUAGES)}, or leave it out")
    return lang


def _published(text: str, given: str | None) -> PublishedDate | None:
    """The date given, else that of the text's head, else none: a date is never guessed."""
    if given is not None:
        return _date("published", given)
    head = date_head(text)
    if head is None:
        return None
    date = _date("the date at the head of the text", head[1])
    if date.iso != head[1]:
        raise InvalidArticle(f"the date at the head of the text is {head[1]!r}: write {date.iso}")
    return date


def _date(name: str, value: str) -> PublishedDate:
    try:
        return PublishedDate.parse(value)
    except ValueError as exc:
        raise InvalidArticle(f"{name}: {exc}") from exc


def _detected_lang(page: Page) -> str:
    """The language of the article's body."""
    paragraphs = page.spans(Kind.BODY)[:_LANGUAGE_PARAGRAPHS]
    return detect(" ".join(paragraph.of(page.text)[:_LANGUAGE_SAMPLE_CHARS] for paragraph in paragraphs))
