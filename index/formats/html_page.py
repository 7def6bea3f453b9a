"""Web pages: the article that stands on one, its title, date, source and address. Nothing is fetched."""

import json
import logging
import re
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura import bare_extraction

from index.errors import InvalidArticle
from index.formats.decoding import decoded_html
from index.formats.file import File, ParseFailure
from index.formats.markup import text_of_html, text_of_tree
from index.formats.records import article, iso_date, stable_id, without_controls
from index.types import Article

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it complains of, we tell in a word
logging.getLogger("htmldate").setLevel(logging.CRITICAL)

_DATE_METAS = (
    "article:published_time", "og:article:published_time", "datepublished", "date", "dc.date", "dc.date.issued",
    "dcterms.date", "dcterms.created", "dcterms.issued", "pubdate", "publish-date", "publication_date", "sailthru.date",
    "parsely-pub-date", "citation_publication_date",
)  # fmt: skip
"""Dates that pages state, in the order in which they are believed; none is guessed from their text."""

_ISO_BEGINNING = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?=\Z|[T\s]))?)?(?=\Z|T|\s)")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_MAIN = ("article", "main", "body")
_FURNITURE = ("nav", "header", "footer", "aside", "form", "script", "style", "noscript", "template", "button", "figure")
_MAX_JSON_LD_CHARS = 1_000_000
_MAX_PAGE_BYTES = 5 * 2**20


def read_page(file: File) -> Iterator[Article | ParseFailure]:
    """The page's article. Its id is its canonical address where it gives one, else the file's name."""
    if file.size > _MAX_PAGE_BYTES:
        raise InvalidArticle(
            f"the page has {file.size} bytes, at most {_MAX_PAGE_BYTES} can be an article: save its text"
        )
    markup = _DECLARATION.sub("", without_controls(decoded_html(file.content())))
    if not markup.strip():
        raise InvalidArticle("the page is empty: save it again")
    try:
        page = document_fromstring(markup, parser=HTMLParser(no_network=True, encoding="utf-8", huge_tree=False))
        found = bare_extraction(
            markup, include_comments=False, include_tables=True, with_metadata=True,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )  # fmt: skip
    except Exception as exc:  # they raise whatever a broken page makes them stumble over
        raise InvalidArticle(f"the page cannot be read ({type(exc).__name__}: {exc}): save its text instead") from exc
    assert not isinstance(found, dict)
    text = text_of_tree(found.body, unread=()) if found is not None and found.body is not None else ""
    text = text or _whole_text(page, markup)
    url = _canonical(page) or (found.url if found else None)
    yield article(
        article_id=stable_id(url, stem=file.stem, text=text) if url and _names_a_page(url) else file.stem,
        text=text,
        title=(found.title if found else None) or _text_of(page, "//title"),
        published=_stated_date(page),
        source=(found.sitename if found else None) or _meta(page, "og:site_name"),
        url=url,
    )


def _whole_text(page: HtmlElement, markup: str) -> str:
    """The text of the page's main part, where no article was told from what surrounds it, as on very short ones."""
    for name in _MAIN:
        for part in page.iter(name):
            if text := text_of_tree(part, unread=(*_FURNITURE, "head", "title")):
                return text
    return text_of_html(markup, is_html=True)


def _canonical(page: HtmlElement) -> str | None:
    links = page.xpath("//link[translate(@rel,'CANOIL','canoil')='canonical']/@href")
    return next((str(link).strip() for link in links if str(link).strip()), None) or _meta(page, "og:url")


def _names_a_page(url: str) -> bool:
    """Whether an address is of more than the site, as carelessly made pages give it."""
    return bool(re.match(r"https?://[^/?#]+/[^?#]*[^/?#]", url) or re.match(r"https?://[^/?#]+/?\?.", url))


def _stated_date(page: HtmlElement) -> str | None:
    """The date of publication that the page's head, its data or its `time` element states, as precise as there."""
    stated = [_meta(page, name) for name in _DATE_METAS]
    stated += [_json_ld_date(page)]
    stated += [
        str(value) for value in page.xpath("//*[@itemprop='datePublished']/@content | //time[@pubdate]/@datetime")
    ]
    stated += [str(value) for value in page.xpath("//*[@itemprop='datePublished']/@datetime")]
    for value in stated:
        if value:
            beginning = _ISO_BEGINNING.match(value.strip())
            with suppress(InvalidArticle):  # as `03/04/2021`, which is March to some and April to others
                return iso_date(beginning[0] if beginning else value)
    return None


def _json_ld_date(page: HtmlElement) -> str | None:
    for script in page.xpath("//script[@type='application/ld+json']"):
        content = str(script.text or "")
        if len(content) <= _MAX_JSON_LD_CHARS and (found := _published_in(content)):
            return found
    return None


def _published_in(content: str) -> str | None:
    try:
        todo: deque[Any] = deque([json.loads(content)])  # Any: JSON
    except (ValueError, RecursionError):
        return None
    while todo:
        value = todo.popleft()
        if isinstance(value, dict):
            if isinstance(value.get("datePublished"), str):
                return str(value["datePublished"])
            todo += value.values()
        elif isinstance(value, list):
            todo += value
    return None


def _meta(page: HtmlElement, name: str) -> str | None:
    for meta in page.iter("meta"):
        given = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        if given.lower() == name and (meta.get("content") or "").strip():
            return str(meta.get("content")).strip()
    return None


def _text_of(page: HtmlElement, path: str) -> str | None:
    try:
        return next((str(node.text_content()).strip() for node in page.xpath(path)), None)
    except etree.XPathError:
        return None
