"""Bytes into text, by what is certain: a byte order mark, a declaration, UTF-8. A wrong guess would alter quotations.

One guess is made, which checks itself: bytes that are not UTF-8 are Windows-1252 where each of them beyond ASCII is
then a letter or a mark that French or English news is written with, and stands where such a one may. Under any other
encoding of the West some do not.
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
_OF_UTF_8 = re.compile(rb"\xe2\x80|\xc2[\xa0-\xbf]")
"""What quotation marks, dashes and no-break spaces are in UTF-8, and no word of Windows-1252 is written with."""
_OF_OTHERS = {
    "ISO-8859-15": re.compile(r"(?<!\d)½[^\W\d_]|[^\W\d_]½"),  # œ
    "MACINTOSH": re.compile(r"(?<=[a-zà-ÿ])[ÉÈÊÇ]|(?<!\w)[ÇÈ](?!\w)"),  # …, » and « among others
}
"""How letters and marks of other encodings look when they are taken for Windows-1252."""
_FEWEST_NULS = 1 / 4
_SAMPLE_BYTES = 20_000
_DECLARED_IN_XML = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_DECLARED_IN_HTML = re.compile(rb"""<meta\s[^>]*?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_DECLARATION_BYTES = 4096
_LABELS = {
    **dict.fromkeys(("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("utf-16", "utf-16le", "utf-16be"), "utf-8"),
}
"""What declares itself Latin-1 or ASCII is Windows-1252, and what can be read to declare UTF-16 is UTF-8, as the WHATWG
Encoding Standard has it."""


def decoded(content: bytes) -> str:
    """The text of a file that declares nothing. Raises `InvalidArticle` with the way out."""
    if (marked := _marked(content)) is not None:
        return marked
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as exc:
        text = content.decode("cp1252", "replace")
        if _is_certain(text) and not _OF_UTF_8.search(content):
            return text
        raise InvalidArticle(_not_utf8(content, exc.start, text)) from exc


def _is_certain(text: str) -> bool:
    """Whether it is certain that this, read as Windows-1252, was written so."""
    beyond_ascii = [char for char in text if not char.isascii()]
    is_of_news = set(beyond_ascii) <= _WRITTEN_WITH and len(beyond_ascii) <= len(text) * _MOST_BEYOND_ASCII
    return is_of_news and not any(sign.search(text) for sign in _OF_OTHERS.values())


def is_utf_16(content: bytes) -> bool:
    """Whether it begins with the byte order mark of UTF-16, or is full of NUL bytes as Western text in it is."""
    return content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or (
        content.count(0) > len(content) * _FEWEST_NULS
    )


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
    """The text behind a byte order mark; `None` where there is none. Raises `InvalidArticle` where one is missing."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content[len(mark) :].decode(encoding)
            except UnicodeDecodeError as exc:
                raise InvalidArticle(f"begins as {encoding} and is not at byte {exc.start}: save it again") from exc
    if is_utf_16(content):
        raise InvalidArticle("holds NUL bytes, as UTF-16 without a byte order mark does: save it as UTF-8")
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


def _not_utf8(content: bytes, start: int, as_cp1252: str) -> str:
    if _OF_UTF_8.search(content):
        return (
            f"UTF-8 but for what stands at byte {start}: get a whole copy of it, or leave out what is not UTF-8 with"
            " `iconv -c -f UTF-8 -t UTF-8`"
        )
    sample = content[max(0, start - _SAMPLE_BYTES // 2) : start + _SAMPLE_BYTES // 2]
    best = from_bytes(sample).best()
    guessed = best.encoding.upper().replace("_", "-") if best and best.encoding != "utf_8" else "WINDOWS-1252"
    encoding = next((name for name, sign in _OF_OTHERS.items() if sign.search(as_cp1252)), guessed)
    return f"not UTF-8 at byte {start}: convert it, as with `iconv -f {encoding} -t UTF-8` if it is {encoding}"
