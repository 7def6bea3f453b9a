"""Data sets in the formats that others use, so that users can bring their own: BEIR folders and SQuAD files.

Documents without a word cannot be found: they are no articles, and stay in the denominators of what asks for them.
Raises `MissingDataset` where a file is not there; `InvalidDataset`, naming the place, where it cannot be used, and
where nothing is left to ask.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from eval.datasets import dataset_article, validated
from eval.errors import InvalidDataset, MissingDataset
from index.cleaning import body_spans
from index.datelines import date_head
from index.dates import PublishedDate
from index.language import detect
from index.parsing import MAX_TITLE_CHARS
from index.types import Article
from service.problems import describe

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ANY_DATE = "1970"


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
    """`corpus.jsonl`, `queries.jsonl` and `qrels/SPLIT.tsv`; only queries with a relevant document are asked."""
    found = validated(folder / "corpus.jsonl", _Document)
    documents = {d.id: _article(where, d.id, d.title, d.text) for where, d in found}
    queries = {q.id: q.text for _, q in validated(folder / "queries.jsonl", _Query)}
    relevant: dict[str, dict[str, int]] = {}
    judged = folder / "qrels" / f"{split}.tsv"
    for where, query_id, document_id, grade in _judgements(judged):
        if query_id not in queries or document_id not in documents:
            unknown = query_id if query_id not in queries else document_id
            raise InvalidDataset(f"{where} names {unknown!r}, which is neither in queries.jsonl nor in corpus.jsonl")
        if grade > 0:
            relevant.setdefault(query_id, {})[document_id] = grade
    asked = [Asked(key, queries[key], detect(queries[key]), grades) for key, grades in relevant.items()]
    return _checked(OwnSet([article for article in documents.values() if article], asked), judged)


def squad(path: Path) -> OwnSet:
    """SQuAD JSON, v1.1 or v2: each paragraph an article; a question that its paragraph does not answer is kept so."""
    try:
        read = _Squad.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise MissingDataset(f"{path} cannot be read: {exc}") from exc
    except UnicodeDecodeError as exc:
        raise InvalidDataset(f"{path} is not UTF-8: {exc}") from exc
    except ValidationError as exc:
        raise InvalidDataset(f"{path} is not SQuAD JSON: {describe(exc.errors()[:1])}") from exc
    found = OwnSet([], [])
    paragraphs = [(section.title, paragraph) for section in read.data for paragraph in section.paragraphs]
    for number, (title, paragraph) in enumerate(paragraphs):
        article_id = f"{path.stem}-{number}"
        if article := _article(str(path), article_id, (title or "").replace("_", " "), paragraph.context):
            found.articles.append(article)
        for q in paragraph.qas:
            accepted = [] if q.is_impossible else [a.text for a in q.answers if a.text.strip()]
            relevant = {article_id: 1} if accepted else {}
            answers = tuple(dict.fromkeys(accepted))
            found.asked.append(Asked(str(q.id), q.question, detect(q.question), relevant, answers, article_id))
    return _checked(found, path)


def _checked(own: OwnSet, where: Path) -> OwnSet:
    """The set, if something is asked in it, and nothing under the id of something else."""
    times = Counter(asked.question_id for asked in own.asked)
    if not times:
        raise InvalidDataset(f"{where} leaves no question to ask; each needs what answers it, or a paragraph")
    question_id, most = times.most_common(1)[0]
    if most > 1:
        raise InvalidDataset(f"{where}: {most} questions have the id {question_id!r}; give each its own")
    return own


class _Document(BaseModel):
    id: str = Field(alias="_id")
    title: str | None = None
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
    title: str | None = None
    paragraphs: list[_Paragraph]


class _Squad(BaseModel):
    data: list[_Section]


def _judgements(path: Path) -> Iterator[tuple[str, str, str, int]]:
    """Where each line is, and what it says: query, document, grade. The first is a heading, unless it has a grade."""
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError as exc:
        raise MissingDataset(f"{path} cannot be read: {exc}; it is to hold query, document and grade") from exc
    except (UnicodeDecodeError, csv.Error) as exc:
        raise InvalidDataset(f"{path} is not tab-separated UTF-8: {exc}") from exc
    for number, row in enumerate(rows, start=1):
        if number == 1 and not _has_grade(row):
            continue
        try:
            query_id, document_id, grade = row
            yield f"{path}:{number}", query_id, document_id, int(grade)
        except ValueError as exc:
            raise InvalidDataset(f"{path}:{number}: wanted query, document and grade, found {row}") from exc


def _has_grade(row: Sequence[str]) -> bool:
    return len(row) == 3 and re.fullmatch(r"\s*[+-]?\d+\s*", row[2]) is not None


def _article(where: str, article_id: str, title: str | None, text: str) -> Article | None:
    """Of the title where the text has no words, none where that has none either. A title that is too long is cut."""
    title = " ".join(_CONTROL.sub(" ", title or "").split())[:MAX_TITLE_CHARS]
    worded = next((words for words in (text, title) if body_spans(words)), None)
    if worded is None:
        return None
    record = {"article_id": article_id, "title": title, "text": worded, "published": _ANY_DATE}
    return replace(dataset_article(where, record), published=_published(worded))


def _published(text: str) -> PublishedDate | None:
    """The date at the head of the text; of `date 2021-13` none, and nothing is refused for it."""
    head = date_head(text)
    try:
        return PublishedDate.parse(head[1]) if head else None
    except ValueError:
        return None
