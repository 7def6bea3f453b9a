"""Makes articles of what formats hold: ids, dates and labels as publishers write them, brought to what we store."""

import hashlib
import html
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from index.dates import PublishedDate
from index.errors import InvalidArticle
from index.parsing import LANGUAGES, MAX_ID_CHARS, MAX_SOURCE_CHARS, MAX_TITLE_CHARS, article_from_record
from index.types import Article

_DIGEST_CHARS = 16
_BASIC_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?\d{4}(?:\d{2})?(?!\d).*)?\Z")
_EXTENDED_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?\Z")
_DATE_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt\s]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:Z|z|UTC|GMT|[+-]\d{2}:?\d{2})?\Z"
)
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def article(
    *,
    article_id: str,
    text: str,
    title: str | None = None,
    published: str | None = None,
    source: str | None = None,
    url: str | None = None,
    lang: str | None = None,
) -> Article:
    """The article that these make. What only labels it and cannot be stored is left out, a date excepted.

    Raises `InvalidArticle` where the text has no words or the date is none.
    """
    record: Mapping[str, object] = {
        "text": without_controls(text),
        "title": label(title, MAX_TITLE_CHARS),
        "published": iso_date(published) if published and published.strip() else None,
        "source": label(source, MAX_SOURCE_CHARS),
        "url": _web_address(url),
        "lang": _language(lang),
    }
    try:
        return article_from_record(record, article_id=article_id)
    except InvalidArticle:
        if record["url"] is None:
            raise
        return article_from_record({**record, "url": None}, article_id=article_id)


def stable_id(given: str | None, *, stem: str, text: str) -> str:
    """The publisher's id, shortened and with a digest where it cannot be one of ours; the file's name and a digest of
    the text where there is none."""
    name = (given or "").strip()
    if not name:
        return f"{stem}-{_digest(text)}"
    is_ours = len(name) <= MAX_ID_CHARS and name not in (".", "..")
    if is_ours and not any(unicodedata.category(char) in ("Cc", "Cs") for char in name):
        return name
    kept = "".join(char for char in name if unicodedata.category(char) not in ("Cc", "Cs"))
    return f"{kept.strip()[: MAX_ID_CHARS - _DIGEST_CHARS - 1]}-{_digest(name)}"


def iso_date(written: str) -> str:
    """The date that `written` gives, with its precision and the day as written, whatever its offset.

    Reads ISO 8601, basic or extended, and RFC 822. Raises `InvalidArticle` where it is no date.
    """
    written = written.strip()
    found = written
    if match := _DATE_TIME.match(written):
        found = match[1]
    elif (match := _BASIC_DATE.match(written)) and not _EXTENDED_DATE.match(written):
        found = "-".join(match.groups())
    elif not _EXTENDED_DATE.match(written):
        found = _rfc_822(written) or written
    try:
        return PublishedDate.parse(found).iso
    except ValueError as exc:
        raise InvalidArticle(f"published: {exc}") from exc


def label(value: str | None, max_chars: int) -> str | None:
    """`value` on one line, without markup; `None` where nothing is left of it, or far more than a label."""
    value = " ".join(without_controls(html.unescape(value or "")).split())
    value = "".join(char for char in value if unicodedata.category(char) != "Cc")
    return value if value and len(value) <= max_chars else None


def without_controls(text: str) -> str:
    """`text` without the characters that no text is written with and that a store or a page would stumble over."""
    return _NOT_TEXT.sub("", text)


def _rfc_822(written: str) -> str | None:
    try:
        return parsedate_to_datetime(written).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return _iso_date_time(written)


def _iso_date_time(written: str) -> str | None:
    if written.isdecimal():
        return None  # what is left of those are no dates, as milliseconds since 1970
    try:
        return datetime.fromisoformat(written).date().isoformat()
    except ValueError:
        return None


def _web_address(url: str | None) -> str | None:
    url = (url or "").strip()
    return url if url.lower().startswith(("http://", "https://")) else None


def _language(lang: str | None) -> str | None:
    """`fr` of `fr-CA`; `None` for what is neither French nor English."""
    primary = (lang or "").strip().lower().replace("_", "-").split("-")[0]
    return primary if primary in LANGUAGES else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_CHARS]
