"""Bytes into text, by what is certain: a byte order mark, a declaration, UTF-8. A wrong guess would alter quotations.

One guess is made, which checks itself: bytes that are not UTF-8 are Windows-1252 where each of them beyond ASCII is
then a letter or a mark that French or English news is written with. Under any other encoding of the West some are not.
"""

import codecs
import re

from charset_normalizer import from_bytes

from index.errors import InvalidArticle

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16's, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WRITTEN_WITH = frozenset("àâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŒÆñáíóú«»‹›“”„‘’–—…€£§°·•²³½\u00a0")
_MOST_BEYOND_ASCII = 1 / 3
_SAMPLE_BYTES = 20_000
_DECLARED_IN_XML = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_DECLARED_IN_HTML = re.compile(rb"""<meta\s[^>]*?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_DECLARATION_BYTES = 4096
_LABELS = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}
"""What declares itself Latin-1 or ASCII is Windows-1252, as the WHATWG Encoding Standard has it."""


def decoded(content: bytes) -> str:
    """The text of a file that declares nothing. Raises `InvalidArticle` with the way out."""
    if (marked := _marked(content)) is not None:
        return marked
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as exc:
        text = content.decode("cp1252", "replace")
        beyond_ascii = [char for char in text if not char.isascii()]
        if set(beyond_ascii) <= _WRITTEN_WITH and len(beyond_ascii) <= len(text) * _MOST_BEYOND_ASCII:
            return text
        raise InvalidArticle(_not_utf8(content, exc.start)) from exc


def decoded_xml(content: bytes) -> str:
    """The text of an XML document, by the encoding that it declares, UTF-8 where none."""
    if (marked := _marked(content)) is not None:
        return marked
    declared = _DECLARED_IN_XML.match(content.lstrip()[:_DECLARATION_BYTES])
    return _by_label(content, declared[1] if declared else b"utf-8")


def decoded_html(content: bytes) -> str:
    """The text of a page, by the encoding that it declares; else as a file that declares nothing."""
    if (marked := _marked(content)) is not None:
        return marked
    head = content[:_DECLARATION_BYTES]
    declared = _DECLARED_IN_HTML.search(head) or _DECLARED_IN_XML.match(head.lstrip())
    try:
        return content.decode("utf-8")  # what is UTF-8 throughout is nothing else, whatever it declares
    except UnicodeDecodeError:
        return _by_label(content, declared[1]) if declared else decoded(content)


def _marked(content: bytes) -> str | None:
    """The text behind a byte order mark; `None` where there is none."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content[len(mark) :].decode(encoding)
            except UnicodeDecodeError as exc:
                raise InvalidArticle(f"begins as {encoding} and is not at byte {exc.start}: save it again") from exc
    return None


def _by_label(content: bytes, label: bytes) -> str:
    name = label.decode("ascii").lower()
    try:
        return content.decode(_LABELS.get(name, name))
    except LookupError as exc:
        raise InvalidArticle(f"declares the encoding {name!r}, which is unknown: convert it to UTF-8") from exc
    except UnicodeError as exc:
        at = f" at byte {exc.start}" if isinstance(exc, UnicodeDecodeError) else ""
        raise InvalidArticle(f"declares the encoding {name!r} and is not in it{at}: correct one of the two") from exc


def _not_utf8(content: bytes, start: int) -> str:
    sample = content[max(0, start - _SAMPLE_BYTES // 2) : start + _SAMPLE_BYTES // 2]
    best = from_bytes(sample).best()
    encoding = best.encoding.upper().replace("_", "-") if best and best.encoding != "utf_8" else "WINDOWS-1252"
    return f"not UTF-8 at byte {start}: convert it, as with `iconv -f {encoding} -t UTF-8` if it is {encoding}"
