"""NITF, the News Industry Text Format: one article a document. https://iptc.org/standards/nitf/"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from index.errors import InvalidArticle
from index.formats.file import File, ParseFailure
from index.formats.markup import local_name, text_of_tree
from index.formats.records import article, stable_id
from index.formats.safe_xml import parse
from index.types import Article

_UNREAD = frozenset(("media", "byline", "distributor", "body.end", "note", "pronounce", "object", "script", "style"))
_DATES = (("story.date", "norm"), ("date.issue", "norm"), ("date.release", "norm"), ("pubdata", "date.publication"))


def read_nitf(file: File) -> Iterator[Article | ParseFailure]:
    yield article_of(parse(file.content()), stem=file.stem)


def article_of(root: Element, *, stem: str, article_id: str | None = None) -> Article:
    """The article of an `nitf` element; `article_id` is that of what holds it. Raises `InvalidArticle`."""
    text = body_of(root)
    if not text:
        raise InvalidArticle("the document has no body.content with words: give it a text")
    return article(
        article_id=stable_id(article_id or _attribute(root, "doc-id", "id-string"), stem=stem, text=text)
        if article_id or _attribute(root, "doc-id", "id-string")
        else stem,
        text=text,
        title=title_of(root),
        published=next(filter(None, (_attribute(root, name, key) for name, key in _DATES)), None),
        source=_source(root),
        url=_attribute(root, "pubdata", "ex-ref"),
        lang=next((value for name, value in root.attrib.items() if name.rpartition("}")[2] == "lang"), None),
    )


def body_of(root: Element) -> str:
    return "\n\n".join(filter(None, (text_of_tree(node, unread=_UNREAD) for node in _named(root, "body.content"))))


def title_of(root: Element) -> str | None:
    """The headline; else the title of the document."""
    headlines = [*_named(root, "hl1"), *_named(root, "hedline"), *_named(root, "title")]
    return next(filter(None, (text_of_tree(node, unread=()) for node in headlines)), None)


def _source(root: Element) -> str | None:
    distributor = next(filter(None, (text_of_tree(node, unread=()) for node in _named(root, "distributor"))), None)
    return (
        _attribute(root, "pubdata", "name") or distributor or _attribute(root, "doc.copyright", "holder")
        or _attribute(root, "doc-id", "regsrc")
    )  # fmt: skip


def _named(root: Element, name: str) -> list[Element]:
    return [node for node in root.iter() if local_name(node) == name]


def _attribute(root: Element, name: str, key: str) -> str | None:
    return next((node.get(key) for node in _named(root, name) if node.get(key)), None)
