"""Turns records and texts into articles. Knows fields, dates and limits, and nothing of files or of the store."""

import unicodedata
from collections.abc import Mapping
from urllib.parse import urlsplit

from index.cleaning import Kind, Page, read_page
from index.datelines import date_head
from index.dates import PublishedDate
from index.errors import InvalidArticle
from index.language import detect
from index.publication import stated_date
from index.types import Article

MAX_ARTICLE_CHARS = 5_000_000
MAX_ID_CHARS = 200
MAX_TITLE_CHARS = 500
MAX_SOURCE_CHARS = 200
MAX_URL_CHARS = 2_000

FIELDS = ("article_id", "title", "text", "published", "source", "url", "lang")
LANGUAGES = ("fr", "en")

_LANGUAGE_SAMPLE_CHARS = 1_500
_LANGUAGE_PARAGRAPHS = 20


def article_from_record(record: Mapping[str, object], *, article_id: str | None = None) -> Article:
    """The article that a JSON object holds; `article_id` says which it is where the record does not.

    A field that is null or blank counts as not given. Raises `InvalidArticle`.
    """
    unknown = sorted(set(record) - set(FIELDS))
    if unknown:
        raise InvalidArticle(f"unknown field {unknown[0]!r}: an article has {', '.join(FIELDS)}")
    fields = {name: _string(name, record.get(name)) for name in FIELDS}
    own_id = fields["article_id"]
    if own_id is not None and article_id is not None and own_id != article_id:
        raise InvalidArticle(f"article_id is {own_id!r} here and {article_id!r} in the request: make them the same")
    page = _checked_page(fields["text"])
    title, source, url = fields["title"], fields["source"], fields["url"]
    lang = _checked_lang(fields["lang"]) or _detected_lang(page)
    return Article(
        article_id=checked_id(own_id if own_id is not None else article_id),
        text=page.text,
        title=_checked_label("title", title, MAX_TITLE_CHARS) if title else page.title,
        published=_published(page, fields["published"], lang),
        source=_checked_label("source", source, MAX_SOURCE_CHARS) if source else None,
        url=_checked_url(url) if url else None,
        lang=lang,
    )


def article_from_text(text: str, *, article_id: str) -> Article:
    """The article that a plain text is, dated by its optional `date 2021-02` head. Raises `InvalidArticle`."""
    return article_from_record({"text": text}, article_id=article_id)


def _string(name: str, value: object) -> str | None:
    """The value of a field; `None` where it is null or blank, but for the text and the id, which say so themselves."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidArticle(f"{name} must be a string, found {type(value).__name__}")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise InvalidArticle(f"{name} holds a lone surrogate at character {exc.start}: remove it") from exc
    if "\0" in value:
        raise InvalidArticle(f"{name} holds a NUL at character {value.index(chr(0))}: remove it")
    return value if value.strip() or name in ("article_id", "text") else None


def checked_id(article_id: str | None) -> str:
    """The id, if it can be one. Raises `InvalidArticle`."""
    if not article_id:
        raise InvalidArticle("article_id is missing or empty: give the article an id")
    if len(article_id) > MAX_ID_CHARS:
        raise InvalidArticle(f"article_id has {len(article_id)} characters, at most {MAX_ID_CHARS} may be: shorten it")
    if article_id != article_id.strip() or article_id in (".", ".."):
        raise InvalidArticle(f"article_id {article_id!r} begins or ends with a space, or is a path: rename it")
    categories = {unicodedata.category(char) for char in article_id}
    if "Cs" in categories:
        raise InvalidArticle(f"article_id {article_id!r} is not UTF-8, as the file's name is not: rename the file")
    if "Cc" in categories:
        raise InvalidArticle(f"article_id {article_id!r} holds a control character: remove it")
    return article_id


def _checked_page(text: str | None) -> Page:
    if text is None:
        raise InvalidArticle("text is missing: give the article's text")
    if len(text) > MAX_ARTICLE_CHARS:
        raise InvalidArticle(f"text has {len(text)} characters, at most {MAX_ARTICLE_CHARS} may be: split it")
    page = read_page(text)
    if not page.spans(Kind.BODY):
        raise InvalidArticle("text is empty, or has no words: give the article's text")
    return page


def _checked_label(name: str, value: str, max_chars: int) -> str:
    """A field shown on one line: its whitespace becomes single spaces."""
    value = " ".join(value.split())
    if len(value) > max_chars:
        raise InvalidArticle(f"{name} has {len(value)} characters, at most {max_chars} may be: shorten it")
    if any(unicodedata.category(char) == "Cc" for char in value):
        raise InvalidArticle(f"{name} holds a control character: remove it")
    return value


def _checked_url(url: str) -> str:
    """Only addresses that a browser may open from a link: never `javascript:`."""
    if len(url) > MAX_URL_CHARS or any(char.isspace() or not char.isprintable() for char in url):
        raise InvalidArticle(f"url is longer than {MAX_URL_CHARS} characters, or has spaces: give its address")
    try:
        parts = urlsplit(url)
    except ValueError as exc:
        raise InvalidArticle(f"url {url!r} is not an address: {exc}") from exc
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InvalidArticle(f"url {url!r} is not an http or https address")
    return url


def _checked_lang(lang: str | None) -> str | None:
    if lang is not None and lang not in LANGUAGES:
        raise InvalidArticle(f"lang is {lang!r}: write {' or '.join(LANGUAGES)}, or leave it out")
    return lang


def _published(page: Page, given: str | None, lang: str) -> PublishedDate | None:
    """The date given, else that of the text's head, else what the page states above its article, else none: a date is
    never guessed."""
    if given is not None:
        return _date("published", given)
    head = date_head(page.text)
    if head is None:
        stated = stated_date(page, lang)
        return PublishedDate(stated) if stated else None
    date = _date("the date at the head of the text", head[1])
    if date.iso != head[1]:
        raise InvalidArticle(f"the date at the head of the text is {head[1]!r}: write {date.iso}")
    return date


def _date(name: str, value: str) -> PublishedDate:
    try:
        return PublishedDate.parse(value)
    except ValueError as exc:
        raise InvalidArticle(f"{name}: {exc}") from exc


def _detected_lang(page: Page) -> str:
    """The language of the article's body."""
    paragraphs = page.spans(Kind.BODY)[:_LANGUAGE_PARAGRAPHS]
    return detect(" ".join(paragraph.of(page.text)[:_LANGUAGE_SAMPLE_CHARS] for paragraph in paragraphs))
