"""IPTC ninjs, 1.x to 3.x: news items in JSON. https://iptc.org/standards/ninjs/

The date is that of the version that is read: an earlier one would show a later text to those who ask as of then.
"""

from collections.abc import Iterator, Mapping

from index.errors import InvalidArticle
from index.formats.markup import text_of_html
from index.formats.records import article, stable_id
from index.types import Article

_DATES = ("versioncreated", "firstcreated", "contentcreated")
_OWN = ("headline", "headlines", "bodies", "bodyxhtml", "bodytext", "descriptions", "pubstatus", *_DATES)
_WITHDRAWN = ("canceled", "cancelled", "withheld")


def is_ninjs(record: Mapping[str, object]) -> bool:
    """Whether it is an item of ninjs rather than a record of ours, which has `text`."""
    keys = set(_folded(record))
    return "text" not in record and "uri" in keys and bool(keys & set(_OWN) or "standard" in keys)


def has_text(record: Mapping[str, object]) -> bool:
    return bool(_text(_folded(record)))


def read_item(record: Mapping[str, object], *, stem: str) -> Article:
    """The article that the item is; its id is its URI. Raises `InvalidArticle`, as for a withdrawn item."""
    item = _folded(record)
    status = str(item.get("pubstatus") or "").lower().removeprefix("stat:")
    if status in _WITHDRAWN:
        raise InvalidArticle(f"pubstatus is {status!r}: its publisher withdrew it; remove the item")
    text = _text(item)
    if not text:
        kind = item.get("type") or "unknown"
        raise InvalidArticle(f"the ninjs item of type {kind!r} has no body and no description: give it a text")
    uri = _string(item.get("uri"))
    return article(
        article_id=stable_id(uri, stem=stem, text=text),
        text=text,
        title=_string(item.get("headline")) or _main(item.get("headlines")) or _string(item.get("title")),
        published=next(filter(None, (_string(item.get(name)) for name in _DATES)), None),
        source=_source(item),
        url=_string(item.get("url")) or _link(item) or uri,
        lang=_string(item.get("language")),
    )


def _folded(record: Mapping[str, object]) -> dict[str, object]:
    """The record with its keys in the one spelling of all versions: `body_text`, `bodyText`, `bodytext`."""
    return {key.replace("_", "").lower(): value for key, value in record.items()}


def _text(item: Mapping[str, object]) -> str | None:
    """Its body, with paragraphs where there is a choice; else its description."""
    bodies = [
        (_string(body.get("contenttype")) or "", _string(body.get("value"))) for body in _objects(item.get("bodies"))
    ]
    bodies += [("html" if "html" in name else "", _string(item[name])) for name in item if name.startswith("body")]
    bodies.sort(key=lambda body: "html" not in body[0].lower())
    described = [("", _main(item.get("descriptions")))]
    described += [("", _string(item[name])) for name in item if name.startswith("description")]
    for kind, value in bodies + described:
        if value and (text := text_of_html(value, is_html="html" in kind.lower() or None)):
            return text
    return None


def _main(values: object) -> str | None:
    """The value whose role is main, or that has none; else the first."""
    roles = {_string(one.get("role")) or "main": _string(one.get("value")) for one in reversed(_objects(values))}
    return roles.get("main") or next(filter(None, reversed(roles.values())), None)


def _source(item: Mapping[str, object]) -> str | None:
    for name in ("provider", "source", "infosources", "infosource", "copyrightholder"):
        value = item.get(name)
        if found := _string(value) or next((_string(one.get("name")) for one in _objects(value)), None):
            return found
    return None


def _link(item: Mapping[str, object]) -> str | None:
    return next((_string(one.get("href")) for one in _objects(item.get("links")) if one.get("href")), None)


def _objects(value: object) -> list[dict[str, object]]:
    """The objects of a list, or the one; their keys folded."""
    values: Iterator[object] = iter(value if isinstance(value, list) else [value])
    return [_folded(one) for one in values if isinstance(one, dict)]


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
