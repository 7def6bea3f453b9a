"""RSS 0.9x, 1.0 and 2.0, and Atom: an article for each entry, of its full text where the feed carries it."""

from collections.abc import Collection, Iterator
from xml.etree.ElementTree import Element

from index.errors import InvalidArticle
from index.formats.file import File, ParseFailure
from index.formats.markup import local_name, text_of_html, text_of_tree
from index.formats.records import article, stable_id
from index.formats.safe_xml import parse
from index.types import Article

_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_DC = "{http://purl.org/dc/elements/1.1/}"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MEDIA = ("{http://search.yahoo.com/mrss", "{http://www.rssboard.org/media-rss")
"""How the names of elements that tell of pictures begin: of theirs, titles and descriptions are captions."""


def read_feed(file: File) -> Iterator[Article | ParseFailure]:
    """An article an entry, its id the entry's own; one without a text of its own is its title."""
    root = parse(file.content())
    entries = [node for node in root.iter() if local_name(node) in ("item", "entry")]
    if not entries:
        raise InvalidArticle("the feed has no entries: leave it out, or fetch it again")
    feed = next((node for node in root if local_name(node) == "channel"), root)
    for number, entry in enumerate(entries, start=1):
        try:
            yield _article(entry, feed, stem=file.stem)
        except InvalidArticle as exc:
            yield ParseFailure(f"{file.name} (entry {number})", str(exc))


def _article(entry: Element, feed: Element, *, stem: str) -> Article:
    title = _plain(_first(entry, "title"))
    text = _text(entry) or title
    if not text:
        raise InvalidArticle("the entry has neither text nor title: remove it")
    url = _link(entry)
    given = _string(_first(entry, "guid")) or _string(_first(entry, "id")) or entry.get(_RDF_ABOUT) or url
    return article(
        article_id=stable_id(given, stem=stem, text=text),
        text=text,
        title=title,
        published=next(filter(None, (_string(_first(entry, name)) for name in _DATES)), None),
        source=_source(entry, feed),
        url=url,
        lang=entry.get(_XML_LANG) or _string(_first(entry, f"{_DC}language")) or _feed_language(feed),
    )


_DATES = ("pubDate", "published", "issued", f"{_DC}date", "updated", "modified")


def _text(entry: Element) -> str:
    """The longest of what the entry gives: its content, else its summary."""
    found = [_plain(node) for node in entry if node.tag == _CONTENT or _is_named(node, _TEXTS)]
    return max(found, key=len, default="")


_TEXTS = ("content", "description", "summary")


def _plain(node: Element | None) -> str:
    """The text of an element that holds text, escaped HTML, or elements."""
    if node is None:
        return ""
    if len(node):
        return text_of_tree(node)
    kind = node.get("type", "")
    if kind in ("text", "text/plain"):
        return (node.text or "").strip()
    return text_of_html(node.text or "", is_html=True if "html" in kind else None)


def _link(entry: Element) -> str | None:
    """Its page: of Atom's links the alternate one."""
    permanent = _first(entry, "guid")
    links = [node for node in entry if local_name(node) == "link"]
    alternate = next((node.get("href") for node in links if node.get("rel", "alternate") == "alternate"), None)
    written = next(filter(None, map(_string, links)), None)
    is_page = permanent is not None and permanent.get("isPermaLink", "true") == "true"
    return written or alternate or (_string(permanent) if is_page else None)


def _source(entry: Element, feed: Element) -> str | None:
    """Who publishes: the feed that an entry was taken from, where it says so, else this one."""
    origin = _first(entry, "source")
    if origin is not None:
        named = _plain(_first(origin, "title")) if len(origin) else _string(origin)
        if named:
            return named
    return _plain(_first(feed, "title")) or None


def _feed_language(feed: Element) -> str | None:
    return _string(_first(feed, "language")) or feed.get(_XML_LANG) or _string(_first(feed, f"{_DC}language"))


def _first(node: Element, name: str) -> Element | None:
    """The first child of this name, in any namespace but that of pictures where the name has none."""
    wanted = [child for child in node if child.tag == name]
    if name.startswith("{"):
        return wanted[0] if wanted else None
    wanted += [child for child in node if _is_named(child, (name.lower(),))]
    return wanted[0] if wanted else None


def _is_named(node: Element, names: Collection[str]) -> bool:
    return local_name(node) in names and not str(node.tag).startswith(_MEDIA)


def _string(node: Element | None) -> str | None:
    return (node.text or "").strip() or None if node is not None else None
