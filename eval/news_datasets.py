"""French news of the data sets: articles without their own titles, and what is known of each that could find it.

A title would be found by its own words, so none is indexed: an article's derived title is its beginning.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, model_validator

from eval.datasets import Part, Words, dataset_article, id_part, validated
from index.types import Article

_MONTHS = ("janv", "févr", "mars", "avri", "mai", "juin", "juil", "août", "sept", "octo", "nove", "déce")
_DATE = re.compile(r"(\d{1,2})(?:er)?\s+(\w+)\s+(\d{4})")


@dataclass(frozen=True, slots=True)
class NewsItem:
    """An article, its titles where they are known, and its sentences in both languages, where they are paired."""

    article: Article
    part: Part
    title_fr: str | None
    title_en: str | None
    pairs: tuple[tuple[str, str], ...]  # French, English


def news_commentary(folder: Path) -> list[NewsItem]:
    """317 commentaries with English twins, paragraph by paragraph."""
    return [
        NewsItem(
            _article(where, record.docid, "\n".join(record.body_fr)),
            id_part(record.docid),
            record.title_fr,
            record.title_en,
            tuple(zip(record.body_fr, record.body_en, strict=True)),
        )
        for where, record in validated(folder / "news_commentary" / "documents.jsonl", Commentary)
    ]


def pud(folder: Path) -> list[NewsItem]:
    """1,000 sentences of news and of Wikipedia, of 397 articles of which these sentences are all that is known."""
    path = folder / "pud" / "sentences.jsonl"
    articles: dict[str, list[tuple[str, str]]] = {}
    for _, record in validated(path, _Sentence):
        articles.setdefault(record.doc, []).append((record.fr, record.en))
    return [
        NewsItem(
            _article(str(path), f"pud-{doc}", " ".join(fr for fr, _ in pairs)), id_part(doc), None, None, tuple(pairs)
        )
        for doc, pairs in articles.items()
    ]


def wikinews(folder: Path) -> list[NewsItem]:
    """100 dated French articles."""
    return [
        NewsItem(
            _article(where, record.docid, "\n".join(record.paragraphs), _iso(record.date)),
            id_part(record.docid),
            record.title,
            None,
            (),
        )
        for where, record in validated(folder / "wikinews" / "documents.jsonl", Dated)
    ]


def news(folder: Path) -> Iterator[NewsItem]:
    """All three."""
    for read in (news_commentary, pud, wikinews):
        yield from read(folder)


class Commentary(BaseModel):
    """A record of `news_commentary/documents.jsonl`."""

    docid: str
    title_fr: str | None
    title_en: str | None
    body_fr: list[str]
    body_en: list[str]

    @model_validator(mode="after")
    def _is_paired(self) -> Self:
        if len(self.body_fr) != len(self.body_en):
            raise ValueError(f"{len(self.body_fr)} paragraphs in French and {len(self.body_en)} in English; pair them")
        return self


class _Sentence(BaseModel):
    doc: str
    fr: Words
    en: Words


class Dated(BaseModel):
    """A record of `wikinews/documents.jsonl`."""

    docid: str
    title: str
    date: str | None
    paragraphs: list[str]


def _article(where: str, article_id: str, text: str, published: str | None = None) -> Article:
    return dataset_article(where, {"article_id": article_id, "text": text, "lang": "fr", "published": published})


def _iso(date: str | None) -> str | None:
    """`2012-05-22` of "22 mai 2012"; none where it is not written so."""
    match = _DATE.search(date or "")
    month = next((n for n, name in enumerate(_MONTHS, 1) if match and match[2].lower().startswith(name)), None)
    return f"{match[3]}-{month:02}-{int(match[1]):02}" if match and month else None
