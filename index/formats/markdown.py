"""Markdown, with metadata in YAML (`---`) or TOML (`+++`) front matter. Stored is the text that it renders to."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.errors import InvalidArticle
from index.formats.decoding import decoded
from index.formats.file import File, ParseFailure
from index.formats.markup import text_of_html
from index.formats.records import article, stable_id
from index.types import Article

_FRONT_MATTER = re.compile(r"\A\s*(---|\+\+\+)[ \t]*\r?\n(.*?)(?:^|\n)\1[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_MAX_FRONT_MATTER_CHARS = 100_000
_KEYS = {
    "id": ("article_id", "id", "guid", "uuid", "urn"),
    "title": ("title", "titre", "headline"),
    "published": ("date", "published", "pubdate", "publishdate", "date_published"),
    "source": ("source", "publisher", "publication", "site"),
    "url": ("url", "link", "canonical", "canonical_url", "permalink"),
    "lang": ("lang", "language", "langue", "locale"),
}


def read_markdown(file: File) -> Iterator[Article | ParseFailure]:
    """One article; its id is that of its front matter, else the file's name without its suffix."""
    text = decoded(file.content())
    match = _FRONT_MATTER.match(text)
    given = _front_matter(match[1], match[2]) if match else {}
    body, heading = _rendered(text[match.end() :] if match else text)
    found = {name: next(filter(None, (given.get(key) for key in keys)), None) for name, keys in _KEYS.items()}
    yield article(
        article_id=stable_id(found["id"], stem=file.stem, text=body) if found["id"] else file.stem,
        text=body,
        title=found["title"] or heading,
        published=found["published"],
        source=found["source"],
        url=found["url"],
        lang=found["lang"],
    )


def _front_matter(fence: str, content: str) -> Mapping[str, str]:
    """Its values as written: YAML would make a day of a number, and a number of `2021`."""
    if len(content) > _MAX_FRONT_MATTER_CHARS:
        raise InvalidArticle(
            f"its front matter has {len(content)} characters: move the text behind the closing {fence}"
        )
    try:
        values = tomllib.loads(content) if fence == "+++" else yaml.load(content, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, tomllib.TOMLDecodeError, RecursionError, ValueError) as exc:
        kind = "TOML" if fence == "+++" else "YAML"
        raise InvalidArticle(f"its front matter is not {kind}: {' '.join(str(exc).split())[:200]}; repair it") from exc
    if values in (None, ""):
        return {}
    if not isinstance(values, dict):
        raise InvalidArticle("its front matter holds no `key: value` lines: repair it, or remove its fences")
    written = {str(key).lower(): value for key, value in values.items()}
    return {
        key: value if isinstance(value, str) else str(value)
        for key, value in written.items()
        if isinstance(value, str | int | date) and not isinstance(value, bool)
    }


def _rendered(markdown: str) -> tuple[str, str | None]:
    """The text, without marks, links' addresses and pictures; and its first heading, where it opens the text."""
    tokens = MarkdownIt("commonmark", {"maxNesting": 50}).enable("table").parse(markdown)
    blocks: list[str] = []
    heading = None
    for before, token in zip([None, *tokens], tokens, strict=False):
        text = _block(token)
        if text is None:
            continue
        if before is not None and before.type == "heading_open" and before.tag == "h1" and not blocks:
            heading = text
        blocks.append(text)
    return "\n\n".join(filter(None, blocks)), heading


def _block(token: Token) -> str | None:
    if token.type == "inline":
        return "".join(_inline(child) for child in token.children or ()).strip()
    if token.type in ("fence", "code_block"):
        return token.content.strip()
    return text_of_html(token.content, is_html=True) if token.type == "html_block" else None


def _inline(token: Token) -> str:
    if token.type in ("text", "code_inline"):
        return token.content
    return {"softbreak": " ", "hardbreak": "\n"}.get(token.type, "")
