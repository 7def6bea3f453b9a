"""Data sets in the formats that others use, so that users can bring their own: BEIR folders and SQuAD files.

Raises `MissingDataset` where a file cannot be read; `InvalidDataset`, naming the place, where it cannot be used.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, Field, ValidationError

from eval.datasets import records
from eval.errors import InvalidDataset, MissingDataset
from index.errors import InvalidArticle
from index.language import detect
from index.parsing import article_from_record
from index.types import Article
from service.problems import describe

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on the articles of a data set: those that are relevant, with their grades, and accepted short answers.

    `context` is the article that it was asked about; where that does not answer, none is relevant.
    """

    question_id: str
    text: str
    lang: str
    relevant: Mapping[str, int]
    answers: tuple[str, ...] = ()
    context: str = ""


@dataclass(frozen=True, slots=True)
class OwnSet:
    articles: list[Article]
    asked: list[Asked]


def beir(folder: Path, split: str) -> OwnSet:
    """`corpus.jsonl`, `queries.jsonl` and `qrels/SPLIT.tsv`; only queries with a relevant document are asked.

    Documents of no text at all cannot be found, and stay in the denominators of what they are relevant to.
    """
    documents = {d.id: d for d in _validated(folder / "corpus.jsonl", _Document)}
    queries = {q.id: q.text for q in _validated(folder / "queries.jsonl", _Query)}
    relevant: dict[str, dict[str, int]] = {}
    for where, query_id, document_id, grade in _judgements(folder / "qrels" / f"{split}.tsv"):
        if query_id not in queries or document_id not in documents:
            unknown = query_id if query_id not in queries else document_id
            raise InvalidDataset(f"{where} names {unknown!r}, which is neither in queries.jsonl nor in corpus.jsonl")
        if grade > 0:
            relevant.setdefault(query_id, {})[document_id] = grade
    articles = [_article(d.id, d.title, d.text or d.title, folder) for d in documents.values() if d.text or d.title]
    asked = [Asked(key, queries[key], detect(queries[key]), grades) for key, grades in relevant.items()]
    return OwnSet(articles, asked)


def squad(path: Path) -> OwnSet:
    """SQuAD JSON, v1.1 or v2: each paragraph an article; a question that its paragraph does not answer is kept so."""
    try:
        read = _Squad.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        raise MissingDataset(f"{path} cannot be read: {exc}") from exc
    except ValidationError as exc:
        raise InvalidDataset(f"{path} is not SQuAD JSON: {describe(exc.errors()[:1])}") from exc
    found = OwnSet([], [])
    for section in read.data:
        for paragraph in section.paragraphs:
            article_id = f"{path.stem}-{len(found.articles)}"
            found.articles.append(_article(article_id, section.title.replace("_", " "), paragraph.context, path))
            for q in paragraph.qas:
                accepted = [] if q.is_impossible else [a.text for a in q.answers if a.text.strip()]
                relevant = {article_id: 1} if accepted else {}
                answers = tuple(dict.fromkeys(accepted))
                found.asked.append(Asked(str(q.id), q.question, detect(q.question), relevant, answers, article_id))
    return found


class _Document(BaseModel):
    id: str = Field(alias="_id")
    title: str = ""
    text: str


class _Query(BaseModel):
    id: str = Field(alias="_id")
    text: str


class _Answer(BaseModel):
    text: str


class _Qa(BaseModel):
    id: str | int
    question: str
    answers: list[_Answer] = Field(default_factory=list)
    is_impossible: bool = False


class _Paragraph(BaseModel):
    context: str
    qas: list[_Qa]


class _Section(BaseModel):
    title: str = ""
    paragraphs: list[_Paragraph]


class _Squad(BaseModel):
    data: list[_Section]


def _validated(path: Path, model: type[M]) -> Iterator[M]:
    for number, record in enumerate(records(path), start=1):
        try:
            yield model.model_validate(record)
        except ValidationError as exc:
            raise InvalidDataset(f"{path}:{number}: {describe(exc.errors()[:1])}") from exc


def _judgements(path: Path) -> Iterator[tuple[str, str, str, int]]:
    """Where each line is, and what it says: query, document, grade. The first line is the heading."""
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise MissingDataset(f"{path} cannot be read: {exc}; it is to hold query, document and grade") from exc
    for number, row in enumerate(rows[1:], start=2):
        try:
            query_id, document_id, grade = row
            yield f"{path}:{number}", query_id, document_id, int(grade)
        except ValueError as exc:
            raise InvalidDataset(f"{path}:{number}: wanted query, document and grade, found {row}") from exc


def _article(article_id: str, title: str, text: str, where: Path) -> Article:
    try:
        return article_from_record({"article_id": article_id, "title": title, "text": text})
    except InvalidArticle as exc:
        raise InvalidDataset(f"{where}: {article_id!r} cannot be an article: {exc}") from exc
