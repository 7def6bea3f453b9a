"""NewsML-G2: an article for each news item of a message. https://iptc.org/standards/newsml-g2/

The date is that of the version that is read: an earlier one would show a later text to those who ask as of then.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from index.errors import InvalidArticle
from index.formats import nitf
from index.formats.file import File, ParseFailure
from index.formats.markup import local_name, text_of_html, text_of_tree
from index.formats.records import article, stable_id
from index.formats.safe_xml import parse
from index.types import Article

_DATES = ("versioncreated", "firstcreated", "contentcreated")
_WITHDRAWN = ("canceled", "cancelled", "withheld")
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def read_newsml(file: File) -> Iterator[Article | ParseFailure]:
    """Pictures and other items without text, which agencies send along, are passed over if anything else is there."""
    root = parse(file.content())
    if local_name(root) == "newsml":
        raise InvalidArticle("NewsML 1 is not read: ask for NewsML-G2, NITF or ninjs, or save its text")
    items = [node for node in root.iter() if local_name(node) == "newsitem"]
    worded = [item for item in items if _text(item) or _is_withdrawn(item)]
    if not worded:
        found = f"{len(items)} news items, none with a text of its own" if items else "no news item"
        raise InvalidArticle(f"the message holds {found}: send the text with it, since nothing is fetched")
    for number, item in enumerate(worded, start=1):
        try:
            yield _article(item, stem=file.stem)
        except InvalidArticle as exc:
            yield ParseFailure(f"{file.name} (item {item.get('guid') or number})", str(exc))


def _article(item: Element, *, stem: str) -> Article:
    if _is_withdrawn(item):
        raise InvalidArticle("its publisher withdrew the item (pubStatus): remove it")
    text = _text(item)
    guid = item.get("guid")
    return article(
        article_id=stable_id(guid, stem=stem, text=text),
        text=text,
        title=_title(item),
        published=next(filter(None, (_string(item, name) for name in _DATES)), None),
        source=_source(item),
        url=guid,
        lang=_attribute(item, "language", "tag") or item.get(_XML_LANG),
    )


def _text(item: Element) -> str:
    """The text of its content; nothing is fetched that stands elsewhere."""
    for held in _named(item, "inlinexml"):
        if text := nitf.body_of(held) or "\n\n".join(filter(None, map(text_of_tree, _roots(held)))):
            return text
    for held in _named(item, "inlinedata"):
        if text := text_of_html(held.text or "", is_html="html" in held.get("contenttype", "") or None):
            return text
    return ""


def _roots(held: Element) -> list[Element]:
    """What inline XML holds: of a page its body."""
    return _named(held, "body") or list(held)


def _title(item: Element) -> str | None:
    metadata = next(iter(_named(item, "contentmeta")), item)
    for node in [*_named(metadata, "headline"), *_named(next(iter(_named(item, "itemmeta")), item), "title")]:
        if title := text_of_tree(node, unread=()):
            return title
    return next(filter(None, map(nitf.title_of, _named(item, "nitf"))), None)


def _source(item: Element) -> str | None:
    """The provider, by name; else the code that stands for it, without its scheme."""
    for name in ("infosource", "provider", "copyrightholder"):
        for node in _named(item, name):
            names = [text_of_tree(child, unread=()) for child in node if local_name(child) == "name"]
            code = node.get("literal") or node.get("qcode", "").rpartition(":")[2] or node.get("uri")
            if found := next(filter(None, names), None) or code:
                return found
    return None


def _is_withdrawn(item: Element) -> bool:
    status = _attribute(item, "pubstatus", "qcode") or _attribute(item, "pubstatus", "uri") or ""
    return status.lower().endswith(_WITHDRAWN)


def _string(item: Element, name: str) -> str | None:
    return next(filter(None, ((node.text or "").strip() for node in _named(item, name))), None)


def _named(root: Element, name: str) -> list[Element]:
    return [node for node in root.iter() if local_name(node) == name]


def _attribute(root: Element, name: str, key: str) -> str | None:
    return next((node.get(key) for node in _named(root, name) if node.get(key)), None)
