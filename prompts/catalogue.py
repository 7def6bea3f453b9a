"""Reads the message files and says things in a language. Knows nothing of what is said."""

import hashlib
import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

_FOLDER = Path(__file__).parent


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RefusalMessages(_Strict):
    no_evidence: str
    no_article_in_range: str
    empty_index: str


class ClaimMessages(_Strict):
    dated: str
    resolved: str
    speaker: str
    foreign: str
    untranslated: str


class NoteMessages(_Strict):
    respelt: str
    other_language: str


class CopiesMessages(_Strict):
    note: str


class PublisherMessages(_Strict):
    unknown: str


class DateMessages(_Strict):
    unknown: str
    year: str
    month: str
    day: str
    first: str
    months: tuple[str, ...] = Field(min_length=12, max_length=12)


class LanguageNames(_Strict):
    fr: str
    en: str
    other: str


class Messages(_Strict):
    """All that is said in one language. Every language has every message: a missing or unknown one is refused."""

    refusal: RefusalMessages
    claim: ClaimMessages
    note: NoteMessages
    copies: CopiesMessages
    publisher: PublisherMessages
    date: DateMessages
    language: LanguageNames

    def date_of(self, iso: str | None) -> str:
        """An ISO 8601 date of reduced precision as it is written in this language; `None` is an unknown date."""
        if iso is None:
            return self.date.unknown
        year, month, day = [*(int(part) for part in iso.split("-")), 0, 0][:3]
        if not month:
            return self.date.year.format(year=year)
        name = self.date.months[month - 1]
        if not day:
            return self.date.month.format(month=name, year=year)
        return self.date.day.format(day=self.date.first if day == 1 else day, month=name, year=year)

    def language_name(self, lang: str) -> str:
        return {"fr": self.language.fr, "en": self.language.en}.get(lang, self.language.other)


@cache
def messages(lang: str) -> Messages:
    """The messages of `fr` or `en`."""
    return Messages.model_validate(tomllib.loads(_file(lang).read_text(encoding="utf-8")))


@cache
def prompts_digest() -> str:
    """Eight hexadecimal digits that change with any text of any language; recorded with each answer."""
    digest = hashlib.sha256()
    for lang in ("en", "fr"):
        digest.update(_file(lang).read_bytes())
        digest.update(hint_file(lang).read_bytes())
    return digest.hexdigest()[:8]


@cache
def hint_texts() -> tuple[str, ...]:
    """All that a writer is told, in every language: never shown to a reader."""
    files = [tomllib.loads(hint_file(lang).read_text(encoding="utf-8")) for lang in ("en", "fr")]
    return tuple(str(text) for sections in files for texts in sections.values() for text in texts.values())


def hint_file(lang: str) -> Path:
    """What a writer is told of a rendering that was refused."""
    return _FOLDER / f"hints.{lang}.toml"


def _file(lang: str) -> Path:
    return _FOLDER / f"messages.{lang}.toml"
