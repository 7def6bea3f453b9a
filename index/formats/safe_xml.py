"""Reads XML that came from outside: no entity of its own, nothing fetched, small faults of real feeds mended."""

import re
from html.entities import html5
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from index.errors import InvalidArticle
from index.formats.decoding import decoded_xml

_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_BARE_AMPERSAND = re.compile(r"&(?!(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")
_NO_XML_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MAX_DEPTH = 200


def parse(content: bytes) -> Element:
    """The root of the document. Raises `InvalidArticle` where it is damaged, or tries what no news file needs.

    HTML's named entities are known without a DTD. Bare `&` and control characters, the commonest faults, are mended.
    """
    text = _NAMED.sub(_character, _DECLARATION.sub("", decoded_xml(content)))
    try:
        return _shallow(_parsed(text))
    except ParseError as first:
        try:
            return _shallow(_parsed(_NO_XML_CHARACTER.sub("", _BARE_AMPERSAND.sub("&amp;", text))))
        except ParseError:
            raise InvalidArticle(f"not well-formed XML: {first}; repair it there") from first


def _parsed(text: str) -> Element:
    try:
        root: Element = fromstring(text, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as exc:
        raise InvalidArticle(
            f"declares entities or refers to outside files ({type(exc).__name__}), which is refused: remove its DOCTYPE"
        ) from exc
    except (ValueError, UnicodeError) as exc:
        raise InvalidArticle(f"not XML: {exc}; repair it") from exc
    return root


def _shallow(root: Element) -> Element:
    """`root`, if it is not nested deeper than any news is."""
    level = [root]
    for _ in range(_MAX_DEPTH):
        level = [child for node in level for child in node]
        if not level:
            return root
    raise InvalidArticle(f"nested deeper than {_MAX_DEPTH} elements: it is no news file")


def _character(match: re.Match[str]) -> str:
    """The character of an HTML entity; XML's own five stay."""
    found = html5.get(f"{match[1]};", match[0])
    return match[0] if set(found) & set("<>&\"'") else found
