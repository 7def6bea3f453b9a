"""Tells the format of a file: by its content where that is unmistakable, else by its suffix."""

import io
import re
import zipfile
from enum import StrEnum

from index.errors import InvalidArticle
from index.formats.file import File


class Format(StrEnum):
    TEXT = "plain text"
    JSON_LINES = "JSON lines"
    JSON = "JSON"
    MARKDOWN = "Markdown"
    HTML = "an HTML page"
    FEED = "an RSS or Atom feed"
    NEWSML = "NewsML-G2"
    NITF = "NITF"
    PDF = "a PDF"
    DOCX = "a Word document"
    ZIP = "a zip archive"
    TAR = "a tar archive"
    PACKED = "a packed file"


_MARKUP = None  # a suffix whose format the root element tells
SUFFIXES: dict[str, Format | None] = {
    ".txt": Format.TEXT,
    ".jsonl": Format.JSON_LINES,
    ".ndjson": Format.JSON_LINES,
    ".json": Format.JSON,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".xml": _MARKUP,
    ".rss": _MARKUP,
    ".atom": _MARKUP,
    ".rdf": _MARKUP,
    ".nitf": _MARKUP,
    ".newsml": _MARKUP,
    ".pdf": Format.PDF,
    ".docx": Format.DOCX,
    ".zip": Format.ZIP,
    ".tar": Format.TAR,
    ".tgz": Format.PACKED,
    ".gz": Format.PACKED,
    ".bz2": Format.PACKED,
    ".xz": Format.PACKED,
}
"""What is read in folders and archives. A file that is named or sent itself may have any suffix, or none."""

WHAT_IS_READ = "text, Markdown, HTML, PDF, DOCX, RSS, Atom, NewsML-G2, NITF, JSON, JSON lines, or a zip or tar of them"

_HEAD_BYTES = 8192
_ROOTS = {
    "rss": Format.FEED,
    "rdf": Format.FEED,
    "feed": Format.FEED,
    "newsmessage": Format.NEWSML,
    "newsitem": Format.NEWSML,
    "packageitem": Format.NEWSML,
    "newsml": Format.NEWSML,
    "nitf": Format.NITF,
    "html": Format.HTML,
    "entry": Format.FEED,
}
_SIGNATURES = (
    (b"\x1f\x8b", Format.PACKED),
    (b"BZh", Format.PACKED),
    (b"\xfd7zXZ\x00", Format.PACKED),
)
_ROOT = re.compile(
    r"\A\s*(?>(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s[^\[>]*(?:\[.*?\]\s*)?>)\s*)*+<(?:[\w.-]+:)?([\w.-]+)[\s/>]",
    re.DOTALL | re.IGNORECASE,
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TAR_MAGIC = slice(257, 262)
_PDF_MAGIC_WITHIN = 1024


def format_of(file: File) -> Format:
    """The format to read `file` as. Raises `InvalidArticle` naming what was found where there is no parser for it."""
    head = file.head(_HEAD_BYTES)
    by_suffix = SUFFIXES.get(file.suffix)
    if (binary := _binary(head, file)) is not None:
        return binary
    if by_suffix in (Format.TEXT, Format.MARKDOWN, Format.JSON, Format.JSON_LINES):
        return by_suffix
    if root := _root(head):
        return _of_root(root)
    if by_suffix is Format.HTML:
        return by_suffix  # a page without its frame
    if file.suffix in SUFFIXES:
        wanted = by_suffix or "XML"
        raise InvalidArticle(f"is named as {wanted} and its content is not: give the file the suffix of what it is")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return Format.JSON
    raise InvalidArticle(f"no parser for {file.suffix!r} files: convert it to {WHAT_IS_READ}")


def _binary(head: bytes, file: File) -> Format | None:
    if b"%PDF-" in head[:_PDF_MAGIC_WITHIN] and (file.suffix == ".pdf" or head.startswith(b"%PDF-")):
        return Format.PDF
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _of_zip(file)
    if head.startswith(_OLD_OFFICE):
        raise InvalidArticle("an old Office file, or one with a password: save it as .docx without a password")
    if head[_TAR_MAGIC] == b"ustar":
        return Format.TAR
    return next((format for signature, format in _SIGNATURES if head.startswith(signature)), None)


def _of_zip(file: File) -> Format:
    """A zip archive, or the document that such an archive is."""
    try:
        with file.open() as stream, zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, UnicodeError) as exc:
        kind = Format.DOCX if file.suffix == ".docx" else Format.ZIP
        raise InvalidArticle(f"damaged: {kind} that cannot be opened ({exc}); get a whole copy of it") from exc
    if "word/document.xml" in names or file.suffix == ".docx":
        return Format.DOCX
    if "[Content_Types].xml" in names:
        raise InvalidArticle("an Office file other than a text document: save its text as .docx or .txt")
    if "mimetype" in names:
        raise InvalidArticle("an OpenDocument or EPUB file: save it as .docx, .html or .txt")
    return Format.ZIP


def _root(head: bytes) -> str | None:
    """The name of the root element of markup; `None` for anything else."""
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    text = io.TextIOWrapper(io.BytesIO(head), encoding, errors="replace", newline="").read()
    if match := _ROOT.match(text):
        return match[1].lower()
    return "html" if re.match(r"\s*<!doctype\s+html", text, re.IGNORECASE) else None


def _of_root(root: str) -> Format:
    if root in _ROOTS:
        return _ROOTS[root]
    if root in ("head", "body", "div", "p", "article", "section", "main", "meta", "title", "h1"):
        return Format.HTML
    raise InvalidArticle(f"no parser for XML whose root is <{root[:60]}>: convert it to {WHAT_IS_READ}")
