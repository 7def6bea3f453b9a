"""The files of the page as they are sent: its words written into the HTML, one for each language, and all compressed.

The words are JSON files beside the page, one for each language. They are written into the HTML here, so that a browser
shows them before it has run any script. Knows nothing of HTTP.
"""

import gzip
import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent / "page"
LANGUAGES = ("en", "fr")  # the first where none of them is asked for
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}

_LONGER_THAN_ITS_HEADERS = 512  # bytes: below that, compressing spares nothing
_NAME = re.compile(r'\sdata-(text|placeholder|label)="([\w.]+)"')
_NAMING_TAG = re.compile(rf"<[^<>]*{_NAME.pattern}[^<>]*>")
_ATTRIBUTE = {"placeholder": "placeholder", "label": "aria-label"}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file, its gzip where that is smaller, and a name for its content."""

    name: str
    content: bytes
    compressed: bytes | None
    media_type: str

    @property
    def etag(self) -> str:
        """Weak: it names the content however that is compressed."""
        return f'W/"{sha256(self.content).hexdigest()[:16]}"'


def page_files() -> Iterator[dict[str, PageFile]]:
    """Each file of the page, by language: HTML that names words in all of them, any other in the first only."""
    for path in sorted(FOLDER.iterdir()):
        if path.suffix not in TYPES:
            continue
        content = path.read_text(encoding="utf-8")
        if path.suffix == ".html" and _NAME.search(content):
            yield {lang: _file(path, spoken(content, words(lang), lang)) for lang in LANGUAGES}
        else:
            yield {LANGUAGES[0]: _file(path, content)}


def words(lang: str) -> Mapping[str, str]:
    """The words of the page in a language, by their keys."""
    read: dict[str, str] = json.loads((FOLDER / f"words.{lang}.json").read_text(encoding="utf-8"))
    return read


def spoken(page: str, said: Mapping[str, str], lang: str) -> str:
    """The HTML `page` with each word that it names, and its language. Raises `KeyError` for a word there is not."""

    def filled(tag: re.Match[str]) -> str:
        named = {kind: html.escape(said[key]) for kind, key in _NAME.findall(tag[0])}
        text = named.pop("text", "")
        attributes = "".join(f' {_ATTRIBUTE[kind]}="{word}"' for kind, word in named.items())
        return f"{tag[0][:-1]}{attributes}>{text}"

    return _NAMING_TAG.sub(filled, page).replace("{lang}", lang)


def _file(path: Path, content: str) -> PageFile:
    plain = content.encode()
    compressed = gzip.compress(plain, 9, mtime=0) if len(plain) > _LONGER_THAN_ITS_HEADERS else None
    return PageFile(path.name, plain, compressed, TYPES[path.suffix])
