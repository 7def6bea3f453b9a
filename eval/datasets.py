"""Public data sets, from the folder that `SOURCIER_DATASETS` names: articles, and questions with their parts.

Every record falls into the train, dev or test part by a digest of its id; of its title in PIAF and squad_fr, of the
French question in question_pairs and of the premise in rte3_fr, so that no text is in two parts. Training and
calibration look at train and dev; test is for reporting only. A record that cannot be used is refused, and named.
"""

import hashlib
import json
import lzma
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar  # Any: JSON

from pydantic import BaseModel, Field, ValidationError

from eval.errors import InvalidDataset, MissingDataset
from index.errors import InvalidArticle
from index.parsing import article_from_record
from index.types import Article, Span
from service.problems import describe

VARIABLE = "SOURCIER_DATASETS"
Words = Annotated[str, Field(pattern=r"\S")]
M = TypeVar("M", bound=BaseModel)


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
    articles = {
        passage.pid: _article(where, passage.pid, passage.title, passage.text, "fr")
        for where, passage in validated(folder / "piaf" / "passages.jsonl", _Passage)
    }
    questions = []
    for where, q in validated(folder / "piaf" / "questions.jsonl", _Question):
        if q.pid not in articles:
            raise InvalidDataset(f"{where} asks about {q.pid!r}, which is not in passages.jsonl")
        article = articles[q.pid]
        answers = _spans(where, q.answers, article.text)
        questions.append(PooledQuestion(q.id, q.question, "fr", title_part(article.title), "piaf", q.pid, answers))
    return list(articles.values()), questions


def squad_fr(folder: Path) -> tuple[list[Article], list[PooledQuestion]]:
    """327 questions translated by people, 33 of them with the English original. Never trained on."""
    articles: dict[str, Article] = {}
    questions = []
    for where, asked in validated(folder / "squad_fr" / "questions.jsonl", _Translated):
        known = articles.get(asked.context)
        title = asked.title.replace("_", " ")
        article = known or _article(where, f"squad-{len(articles)}", title, asked.context, "fr")
        articles[asked.context] = article
        part, answers = half_part(asked.title), _spans(where, asked.answers, article.text)
        for lang, text in (("fr", asked.question), ("en", asked.question_en)):
            if text:
                key = f"{asked.id}-{lang}"
                questions.append(PooledQuestion(key, text, lang, part, "squad_fr", article.article_id, answers))
    return list(articles.values()), questions


def nomiracl(folder: Path, lang: str) -> tuple[list[Article], list[JudgedQuestion]]:
    """Questions with ten passages each (`fr`: 261, `en`: 500), judged answerable or not."""
    articles: dict[str, Article] = {}
    questions = []
    for where, judged in validated(folder / "nomiracl" / f"{lang}.jsonl", _Judged):
        ids = tuple(f"{lang}:{passage.docid}" for passage in judged.passages)
        for key, passage in zip(ids, judged.passages, strict=True):
            if key not in articles:
                articles[key] = _article(where, key, passage.title, passage.text, lang)
        part = id_part(judged.id)
        questions.append(JudgedQuestion(f"{lang}:{judged.id}", judged.question, lang, part, judged.answerable, ids))
    return list(articles.values()), questions


def questions_fr(folder: Path) -> list[PooledQuestion]:
    """2,274 French questions on anything, which a small collection does not answer.

    Of 15 texts that stand in two parts, under two ids, only those of test are kept, else those of dev.
    """
    found = validated(folder / "questions_fr" / "questions.jsonl", _Asked)
    asked = [PooledQuestion(q.id, q.question, "fr", id_part(q.id), "questions_fr") for _, q in found]
    kept: dict[str, Part] = {}
    for part in (Part.TRAIN, Part.DEV, Part.TEST):  # the last that holds a text keeps it
        kept |= {_folded(q.question): part for q in asked if q.part is part}
    return [q for q in asked if q.part is kept[_folded(q.question)]]


@dataclass(frozen=True, slots=True)
class QuestionPair:
    """The same question in both languages."""

    pair_id: str
    part: Part
    fr: str
    en: str


def question_pairs(folder: Path) -> list[QuestionPair]:
    """200 questions in both languages, on anything. A pair's id is its place in the file."""
    found = validated(folder / "question_pairs" / "fr_en.jsonl", _Pair)
    return [
        QuestionPair(f"pair-{number}", half_part(pair.fr), pair.fr, pair.en)
        for number, (_, pair) in enumerate(found, start=1)
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
        Premise(f"rte3-{r.id}", id_part(r.premise), r.premise, r.hypothesis, r.label)
        for _, r in validated(folder / "rte3_fr" / "nli.jsonl", _Hypothesis)
    ]


class _Passage(BaseModel):
    pid: str
    title: str
    text: str


class _Answer(BaseModel):
    text: str
    start: int = Field(ge=0)


class _Question(BaseModel):
    id: str
    pid: str
    question: Words
    answers: list[_Answer]


class _Translated(BaseModel):
    id: str
    title: str
    context: str
    question: Words
    question_en: str | None = None
    answers: list[_Answer]


class _ListedPassage(BaseModel):
    docid: str
    title: str
    text: str


class _Judged(BaseModel):
    id: str
    question: Words
    answerable: bool
    passages: list[_ListedPassage]


class _Asked(BaseModel):
    id: str
    question: Words


class _Pair(BaseModel):
    fr: Words
    en: Words


class _Hypothesis(BaseModel):
    id: str | int
    premise: Words
    hypothesis: Words
    label: Literal["entailment", "neutral", "contradiction"]


def validated(path: Path, model: type[M]) -> Iterator[tuple[str, M]]:
    """Where each record of a file is, and what it holds. Raises as `records` does, for a record of other fields too."""
    for number, record in enumerate(records(path), start=1):
        where = f"{path}:{number}"
        try:
            yield where, model.model_validate(record)
        except ValidationError as exc:
            raise InvalidDataset(f"{where}: {describe(exc.errors()[:1])}") from exc


def dataset_article(where: str, record: Mapping[str, object]) -> Article:
    """Raises `InvalidDataset`, saying where the record is."""
    try:
        return article_from_record(record)
    except InvalidArticle as exc:
        raise InvalidDataset(f"{where}: {record.get('article_id')!r} cannot be an article: {exc}") from exc


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file (`.xz`: compressed), one a line.

    Raises `MissingDataset` where it cannot be opened, and `InvalidDataset`, naming the line of what is no object.
    """
    try:
        with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                yield _record(line, f"{path}:{number}")
    except OSError as exc:
        raise MissingDataset(f"{path} cannot be read: {exc}") from exc
    except (EOFError, lzma.LZMAError, UnicodeDecodeError) as exc:
        raise InvalidDataset(f"{path} is not JSON lines in UTF-8: {exc}") from exc


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


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _article(where: str, article_id: str, title: str, text: str, lang: str) -> Article:
    return dataset_article(where, {"article_id": article_id, "title": title, "text": text, "lang": lang})


def _spans(where: str, answers: Iterable[_Answer], text: str) -> tuple[Span, ...]:
    """In order. Raises `InvalidDataset` where the text does not hold the answer there."""
    spans = set()
    for answer in filter(lambda answer: answer.text, answers):
        span = Span(answer.start, answer.start + len(answer.text))
        if span.of(text) != answer.text:
            raise InvalidDataset(f"{where}: at {span.start} the text reads {span.of(text)!r}, not {answer.text!r}")
        spans.add(span)
    return tuple(sorted(spans))
