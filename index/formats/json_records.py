"""JSON: articles as records of our own fields or as IPTC ninjs, one a line, or one or a list of them in a file."""

import codecs
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from index.errors import InvalidArticle
from index.formats.decoding import is_utf_16
from index.formats.file import File, ParseFailure
from index.formats.ninjs import has_text, is_ninjs, read_item
from index.parsing import MAX_ARTICLE_CHARS, article_from_record
from index.types import Article

_MAX_LINE_BYTES = 8 * MAX_ARTICLE_CHARS
_HEAD_BYTES = 4096
_DIGEST_CHARS = 16
_LIST = re.compile(rb"\s*\[\s*\{")
_LISTS = ("items", "articles", "results")


def read_json_lines(file: File) -> Iterator[Article | ParseFailure]:
    """An article a line; blank lines are skipped, and a broken one does not stop the rest."""
    head = file.head(_HEAD_BYTES)
    _refuse_utf_16(head)
    if _LIST.match(head.removeprefix(codecs.BOM_UTF8)):
        raise InvalidArticle("holds a list, where one object a line was wanted: name it .json")
    is_blank = True
    with file.open() as stream:
        for number, line in enumerate(_lines(stream), start=1):
            try:
                if len(line) > _MAX_LINE_BYTES:
                    raise InvalidArticle(f"the line has more than {_MAX_LINE_BYTES} bytes: split the article")
                text = _utf8(line)
                if text.strip():
                    is_blank = False
                    yield _article(_object(_value(text, "write one object a line")), stem=file.stem)
            except InvalidArticle as exc:
                is_blank = False
                yield ParseFailure(f"{file.name}:{number}", str(exc))
    if is_blank:
        raise InvalidArticle("holds no line: export it again, or remove the file")


def read_json(file: File) -> Iterator[Article | ParseFailure]:
    """The article that the file's object is, or those of its list; JSON lines by another name are read as such."""
    content = file.content()
    _refuse_utf_16(content[:_HEAD_BYTES])
    text = _utf8(content)
    try:
        value = _value(text, "write one object, a list of them, or one a line")
    except InvalidArticle:
        if not _are_lines(text):
            raise
        yield from read_json_lines(file)
        return
    if not isinstance(value, list):
        listed = (
            next((value[name] for name in _LISTS if isinstance(value.get(name), list)), None)
            if isinstance(value, dict) and not is_ninjs(value)
            else None
        )
        if listed is None:
            yield _article(_object(value), stem=file.stem, alone=True)
            return
        value = listed
    if not value:
        raise InvalidArticle("the list is empty: give it articles, or remove the file")
    yield from _of_list(value, file)


def _of_list(values: list[object], file: File) -> Iterator[Article | ParseFailure]:
    """Pictures and other items without text, which agencies send along, are passed over if anything else is there."""
    is_wordless = [isinstance(value, dict) and is_ninjs(value) and not has_text(value) for value in values]
    for number, (value, wordless) in enumerate(zip(values, is_wordless, strict=True), start=1):
        if wordless and not all(is_wordless):
            continue
        try:
            yield _article(_object(value), stem=file.stem)
        except InvalidArticle as exc:
            yield ParseFailure(f"{file.name} (item {number})", str(exc))


def _article(record: Mapping[str, object], *, stem: str, alone: bool = False) -> Article:
    if is_ninjs(record):
        return read_item(record, stem=stem)
    return article_from_record(record, article_id=stem if alone and "article_id" not in record else _id(record, stem))


def _id(record: Mapping[str, object], stem: str) -> str | None:
    """For a record without id: its file's name and a digest of its text, so that it is the same at every reading."""
    text = record.get("text")
    if record.get("article_id") is not None or not isinstance(text, str):
        return None
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{stem}-{digest[:_DIGEST_CHARS]}"


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; of one longer than any article may be, only the beginning."""
    while line := file.readline(_MAX_LINE_BYTES + 1):
        rest = line
        while not rest.endswith(b"\n") and len(rest) > _MAX_LINE_BYTES:
            rest = file.readline(_MAX_LINE_BYTES + 1)
        yield line


def _are_lines(text: str) -> bool:
    """Whether what is no JSON as a whole has more than one line, and one of them is a whole object; none of which goes
    on, as those of a document that was cut off do."""
    lines = text.strip().split("\n")
    goes_on = any(line.rstrip().endswith((",", "[", ":")) for line in lines)
    return len(lines) > 1 and not goes_on and any(map(_is_object, lines))


def _is_object(line: str) -> bool:
    try:
        return line.startswith("{") and isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _value(text: str, wanted: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_without_duplicates)
    except RecursionError as exc:
        raise InvalidArticle("not an article: nested too deep") from exc
    except ValueError as exc:
        raise InvalidArticle(f"not JSON: {exc}; {wanted}") from exc


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise InvalidArticle(f"a JSON object was wanted, found {type(value).__name__}")
    return value


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidArticle(f"the key {twice!r} is there twice: keep one")
    return record


def _refuse_utf_16(head: bytes) -> None:
    if is_utf_16(head):
        raise InvalidArticle("is UTF-16, where JSON is UTF-8: convert it, as with `iconv -f UTF-16 -t UTF-8`")


def _utf8(content: bytes) -> str:
    """JSON between programs is UTF-8 (RFC 8259)."""
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as exc:
        raise InvalidArticle(
            f"not UTF-8 at byte {exc.start}: convert it, as with `iconv -f WINDOWS-1252 -t UTF-8`"
        ) from exc
