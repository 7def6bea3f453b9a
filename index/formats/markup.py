"""Markup into plain text: HTML fragments as feeds carry them, and trees of XML. Blank lines part the paragraphs.

Knows which elements begin a paragraph and which are never read, and nothing of where an article stands on a page.
"""

import html
import re
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from typing import Protocol

_PARAGRAPH_NAMES = """
    p div article section main header footer aside nav h1 h2 h3 h4 h5 h6 hl1 hl2 ul ol dl table blockquote bq pre figure
    figcaption address hr block note fn form fieldset details summary head list quote """
_UNREAD_NAMES = """
    script style noscript template iframe object svg math canvas audio video head title button select textarea
    figcaption """
_PARAGRAPHS = frozenset(_PARAGRAPH_NAMES.split())
_UNREAD = frozenset(_UNREAD_NAMES.split())
_LINES = frozenset(("li", "tr", "dt", "dd", "caption", "item", "row"))
_BREAKS = frozenset(("br", "lb"))
_ITEMS = frozenset(("li", "item"))
_CELLS = frozenset(("td", "th", "cell"))
_LOOKS_LIKE_HTML = re.compile(r"<(?:/?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?|!--)>?", re.DOTALL)
_MARKED_SECTION = re.compile(r"<!\[")  # on an unknown one the parser fails
_SPACE = re.compile(r"[ \t\r\n\f]+")  # not the no-break spaces, which French puts before its marks

_LINE, _CELL, _ITEM = "\r", "\t", "\f"
"""Where a line, a cell or an item of a list begins or ends: signs that text, its spaces made one, does not hold."""

_AROUND_CELLS = re.compile(rf"(?<![ \n])[ \n]*+{_CELL}[ \n{_CELL}]*+")
_BEFORE_ITEMS = re.compile(rf"{_ITEM}[ \n]*+(?![{_LINE}{_ITEM}]|\Z)")
_AROUND_LINES = re.compile(rf"(?<! ) *+{_LINE}[ {_LINE}]*+")


class Element(Protocol):
    """What `xml.etree` and lxml have in common."""

    @property
    def tag(self) -> object: ...
    @property
    def text(self) -> str | None: ...
    @property
    def tail(self) -> str | None: ...
    def __iter__(self) -> "Iterator[Element]": ...


def text_of_html(markup: str, *, is_html: bool | None = None) -> str:
    """The text of a fragment; where `is_html` is not given, only what holds tags is taken for HTML."""
    if is_html or (is_html is None and _LOOKS_LIKE_HTML.search(markup)):
        reader = _HtmlReader()
        reader.feed(_MARKED_SECTION.sub("<! ", markup.replace("<![CDATA[", "").replace("]]>", "")))
        reader.close()
        return reader.out.text()
    return html.unescape(markup).strip()


def text_of_tree(root: Element, *, unread: Collection[str] = _UNREAD) -> str:
    """The text of an element and what is inside it, but for the elements that `unread` names."""
    out = _Paragraphs()
    todo: list[Element | tuple[str | None, str]] = [root]  # to enter, or what comes behind one; trees may be deep
    while todo:
        step = todo.pop()
        if isinstance(step, tuple):
            name, tail = step
            out.end(name)
            out.write(tail)
            continue
        name = local_name(step)
        if name is None or name in unread:
            continue
        out.begin(name)
        out.write(step.text or "")
        for child in reversed(list(step)):
            todo += [(local_name(child), child.tail or ""), child]
    return out.text()


def local_name(node: Element) -> str | None:
    """The element's name without its namespace, in lower case; `None` for comments and instructions."""
    return node.tag.rpartition("}")[2].lower() if isinstance(node.tag, str) else None


class _Paragraphs:
    """Text as it comes, cut where elements say so. A row of a table is one line; items of lists have a mark."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def begin(self, name: str | None) -> None:
        self.end(name)
        if name in _ITEMS:
            self._pieces.append(_ITEM)
        elif name in _BREAKS:
            self._pieces.append("\n")

    def end(self, name: str | None) -> None:
        if name in _PARAGRAPHS:
            self._pieces.append("\n\n")
        elif name in _LINES:
            self._pieces.append(_LINE)
        elif name in _CELLS:
            self._pieces.append(_CELL)

    def write(self, text: str) -> None:
        self._pieces.append(_SPACE.sub(" ", text))

    def text(self) -> str:
        text = _BEFORE_ITEMS.sub("• ", _AROUND_CELLS.sub(_CELL, "".join(self._pieces)))
        lines = [_row(line) for line in _AROUND_LINES.sub("\n", text).split("\n")]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _row(line: str) -> str:
    """The cells of a line, but for empty ones; a line that is no row is one cell."""
    return " | ".join(cell for part in line.split(_CELL) if (cell := _SPACE.sub(" ", part).strip(" ")))


class _HtmlReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out = _Paragraphs()
        self._unread: str | None = None  # the element that is passed over, and how often it is open
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  # the parser's interface
        if tag == self._unread:
            self._depth += 1
        elif tag in _UNREAD and self._unread is None:
            self._unread, self._depth = tag, 1
        self.out.begin(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unread:
            self._depth -= 1
            self._unread = tag if self._depth else None
        self.out.end(tag)

    def handle_data(self, data: str) -> None:
        if self._unread is None:
            self.out.write(data)
