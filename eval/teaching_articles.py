"""Texts that a model makes questions on: passages of the data sets' train parts, and of no other, and invented ones.

Left out too are the articles that the questions on news are asked of.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from eval.borrowed import NEWS
from eval.datasets import Part, id_part, nomiracl, piaf, records, title_part, validated
from eval.news_datasets import Commentary, Dated
from index.parsing import article_from_record
from index.types import Article

PASSAGE_CHARS = 700  # of whole paragraphs, at most; a longer paragraph is a passage of its own
LEAST_CHARS = 200
INVENTED = Path(__file__).with_name("made") / "invented.jsonl.xz"


def teaching_articles(folder: Path) -> list[Article]:
    """In French: PIAF, NoMIRACL, news_commentary, wikinews; in English: NoMIRACL, news_commentary."""
    found = [article for article in piaf(folder)[0] if title_part(article.title) is Part.TRAIN]
    for lang in ("fr", "en"):
        articles, asked = nomiracl(folder, lang)
        parts = [{i for q in asked if (q.part is Part.TRAIN) == trained for i in q.article_ids} for trained in (1, 0)]
        found += [article for article in articles if article.article_id in parts[0] - parts[1]]
    return [*found, *_news_commentary(folder), *_wikinews(folder)]


def invented_articles() -> list[Article]:
    """Passages of news stories and of practical information that a large language model invented, French and English.
    None is of those in `stories/` and `practical/`."""
    return [article_from_record(record) for record in records(INVENTED)]


def _news_commentary(folder: Path) -> Iterator[Article]:
    for _, record in validated(folder / "news_commentary" / "documents.jsonl", Commentary):
        if id_part(record.docid) is Part.TRAIN:
            yield from _passages(f"{record.docid}-fr", record.title_fr or "", record.body_fr, "fr")
            yield from _passages(f"{record.docid}-en", record.title_en or "", record.body_en, "en")


def _wikinews(folder: Path) -> Iterator[Article]:
    asked_of = set(re.findall(r"wikinews-\d+", NEWS.read_text(encoding="utf-8")))
    for _, record in validated(folder / "wikinews" / "documents.jsonl", Dated):
        if id_part(record.docid) is Part.TRAIN and record.docid not in asked_of:
            yield from _passages(record.docid, record.title, record.paragraphs, "fr")


def _passages(article_id: str, title: str, paragraphs: Sequence[str], lang: str) -> Iterator[Article]:
    """Without soft hyphens, which hide words."""
    texts = [""]
    for paragraph in paragraphs:
        text = paragraph.replace("\u00ad", "").strip()
        if texts[-1] and len(texts[-1]) + len(text) > PASSAGE_CHARS:
            texts.append("")
        texts[-1] = f"{texts[-1]} {text}".strip()
    for number, text in enumerate([text for text in texts if len(text) > LEAST_CHARS]):
        yield Article(f"{article_id}-{number}", text, title, lang=lang)
