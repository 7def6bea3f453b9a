"""Public data sets, from the folder that `SOURCIER_DATASETS` names: articles, and questions with their parts.

Every record falls into the train, dev or test part by a digest of its id (of its title for PIAF, so that no article is
in two parts). Training and calibration look at train and dev; test is for reporting only.
"""

import hashlib
import json
import lzma
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any  # JSON

from eval.errors import InvalidDataset, MissingDataset
from index.parsing import article_from_record
from index.types import Article, Span

VARIABLE = "SOURCIER_DATASETS"


class Part(StrEnum):
    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class PooledQuestion:
    """A question on a pool of articles. `answers` are spans of article `gold`; none where nothing answers."""

    question_id: str
    question: str
    lang: str
    part: Part
    dataset: str
    gold: str | None = None
    answers: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question with the only articles it may be answered from, judged together: do they hold an answer?"""

    question_id: str
    question: str
    lang: str
    part: Part
    answerable: bool
    article_ids: tuple[str, ...]


def datasets_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Raises `MissingDataset` saying how to name it, where it is not named or not there."""
    folder = Path(environ.get(VARIABLE, "")).expanduser()
    if not environ.get(VARIABLE) or not folder.is_dir():
        raise MissingDataset(f"set {VARIABLE} to the folder of the data sets; found {environ.get(VARIABLE)!r}")
    return folder


def piaf(folder: Path) -> tuple[list[Article], list[PooledQuestion]]:
    """1,235 passages and 6,150 questions, French, written by people."""
    articles, parts = [], {}
    for record in records(folder / "piaf" / "passages.jsonl"):
        articles.append(_article(record["pid"], record["title"], record["text"], "fr"))
        parts[record["pid"]] = title_part(record["title"])
    questions = [
        PooledQuestion(q["id"], q["question"], "fr", parts[q["pid"]], "piaf", q["pid"], _spans(q["answers"]))
        for q in records(folder / "piaf" / "questions.jsonl")
    ]
    return articles, questions


def squad_fr(folder: Path) -> tuple[list[Article], list[PooledQuestion]]:
    """327 questions translated by people, 33 of them with the English original. Never trained on."""
    articles: dict[str, Article] = {}
    questions = []
    for record in records(folder / "squad_fr" / "questions.jsonl"):
        known = articles.get(record["context"])
        article = known or _article(
            f"squad-{len(articles)}", record["title"].replace("_", " "), record["context"], "fr"
        )
        articles[record["context"]] = article
        for lang, text in (("fr", record["question"]), ("en", record.get("question_en"))):
            if text:
                part = half_part(record["title"])
                answers = _spans(record["answers"])
                questions.append(
                    PooledQuestion(f"{record['id']}-{lang}", text, lang, part, "squad_fr", article.article_id, answers)
                )
    return list(articles.values()), questions


def nomiracl(folder: Path, lang: str) -> tuple[list[Article], list[JudgedQuestion]]:
    """Questions with ten passages each (`fr`: 261, `en`: 500), judged answerable or not."""
    articles: dict[str, Article] = {}
    questions = []
    for record in records(folder / "nomiracl" / f"{lang}.jsonl"):
        for passage in record["passages"]:
            key = f"{lang}:{passage['docid']}"
            if key not in articles:
                articles[key] = _article(key, passage["title"], passage["text"], lang)
        ids = tuple(f"{lang}:{passage['docid']}" for passage in record["passages"])
        questions.append(
            JudgedQuestion(
                f"{lang}:{record['id']}",
                record["question"],
                lang,
                id_part(record["id"]),
                bool(record["answerable"]),
                ids,
            )
        )
    return list(articles.values()), questions


def questions_fr(folder: Path) -> list[PooledQuestion]:
    """2,289 French questions on anything, which a small collection does not answer."""
    found = records(folder / "questions_fr" / "questions.jsonl")
    return [PooledQuestion(q["id"], q["question"], "fr", id_part(q["id"]), "questions_fr") for q in found]


@dataclass(frozen=True, slots=True)
class QuestionPair:
    """The same question in both languages."""

    pair_id: str
    part: Part
    fr: str
    en: str


def question_pairs(folder: Path) -> list[QuestionPair]:
    """200 questions in both languages, on anything. A pair's id is its place in the file."""
    found = records(folder / "question_pairs" / "fr_en.jsonl")
    return [
        QuestionPair(f"pair-{number}", half_part(record["fr"]), record["fr"], record["en"])
        for number, record in enumerate(found, start=1)
    ]


@dataclass(frozen=True, slots=True)
class Premise:
    """A claim beside a text, French; `label` is `entailment`, `neutral` or `contradiction`."""

    claim_id: str
    part: Part
    text: str
    claim: str
    label: str


def rte3_fr(folder: Path) -> list[Premise]:
    """800 claims. A text comes with several of them, so that its words decide the part."""
    return [
        Premise(f"rte3-{r['id']}", id_part(r["premise"]), r["premise"], r["hypothesis"], r["label"])
        for r in records(folder / "rte3_fr" / "nli.jsonl")
    ]


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file (`.xz`: compressed), one a line.

    Raises `MissingDataset` or `InvalidDataset`, naming the line.
    """
    try:
        with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                yield _record(line, f"{path}:{number}")
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as exc:
        raise MissingDataset(f"{path} cannot be read: {exc}") from exc


def title_part(title: str) -> Part:
    """3 titles of 20 are for test, 2 for dev."""
    bucket = _bucket(title, 20)
    return Part.TEST if bucket < 3 else Part.DEV if bucket < 5 else Part.TRAIN


def id_part(record_id: str) -> Part:
    """4 records of 10 are for test, 2 for dev."""
    bucket = _bucket(record_id, 10)
    return Part.TEST if bucket < 4 else Part.DEV if bucket < 6 else Part.TRAIN


def _record(line: str, where: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as exc:
        raise InvalidDataset(f"{where} is not JSON ({exc}); write one object a line") from exc
    if not isinstance(record, dict):
        raise InvalidDataset(f"{where} holds {type(record).__name__}, wanted an object")
    return record


def half_part(record_id: str) -> Part:
    """Half of the records are for test, half for dev: of a set that is never trained on."""
    return Part.DEV if _bucket(record_id, 2) else Part.TEST


def _bucket(text: str, buckets: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % buckets


def _article(article_id: str, title: str, text: str, lang: str) -> Article:
    return article_from_record({"article_id": article_id, "title": title, "text": text, "lang": lang})


def _spans(answers: list[dict[str, object]]) -> tuple[Span, ...]:
    spans = {Span(int(str(a["start"])), int(str(a["start"])) + len(str(a["text"]))) for a in answers if a["text"]}
    return tuple(sorted(spans))
