"""The evaluation's questions and their gold spans: read, checked against the articles' texts.

Knows nothing of how answers are found or scored.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eval.errors import InvalidQuestions
from service.schemas import FilterFields
from service.types import Question, RefusalReason

Part = Literal["dev", "test"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GoldSpan(_Record):
    """A piece of an article that states a fact: `article.text[start:end] == quote`, in code points."""

    article_id: str
    start: int = Field(ge=0)
    end: int
    quote: str = Field(min_length=1)

    @model_validator(mode="after")
    def _is_as_long_as_its_quote(self) -> Self:
        if self.end - self.start != len(self.quote):
            raise ValueError(f"[{self.start}, {self.end}) is not as long as its quote, {len(self.quote)} characters")
        return self


class Fact(_Record):
    """One thing that a full answer says. Each of its spans states it alone, so finding any one of them is enough."""

    spans: tuple[GoldSpan, ...] = Field(min_length=1)


class GoldQuestion(_Record):
    """A question with what a good answer holds.

    `facts` are all needed; `also` are spans that may be cited without being needed; `short_answers` are the accepted
    short forms, none where the answer is no short span; `reason` is that of the refusal expected. Tuning may look at
    the part `dev` only.
    """

    id: str
    part: Part
    lang: Literal["fr", "en"]
    kind: str
    question: str = Field(min_length=1)
    filters: FilterFields = FilterFields()
    answerable: bool
    reason: RefusalReason | None = None
    facts: tuple[Fact, ...] = ()
    also: tuple[GoldSpan, ...] = ()
    short_answers: tuple[str, ...] = ()
    note: str | None = None

    @model_validator(mode="after")
    def _has_gold_exactly_where_answerable(self) -> Self:
        if self.answerable and (not self.facts or self.reason):
            raise ValueError("an answerable question needs facts and has no reason of refusal")
        if not self.answerable and (not self.reason or self.facts or self.also or self.short_answers):
            raise ValueError("an unanswerable question needs a reason of refusal and has no gold")
        return self

    @property
    def needed_spans(self) -> tuple[GoldSpan, ...]:
        return tuple(span for fact in self.facts for span in fact.spans)

    @property
    def right_spans(self) -> tuple[GoldSpan, ...]:
        """Every span that may be cited."""
        return self.needed_spans + self.also

    def as_question(self) -> Question:
        return Question(text=self.question, filters=self.filters.filters())


def load_questions(path: Path, texts: Mapping[str, str]) -> list[GoldQuestion]:
    """The questions of a JSON-lines file, in its order; `texts` holds each article's stored text by id.

    Raises `InvalidQuestions` where it cannot be read, and for the first that is wrong.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # and not `splitlines`: U+2028 may be in a string
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidQuestions(f"{path} cannot be read: {exc}; name a file of JSON lines") from exc
    questions = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = GoldQuestion.model_validate_json(line)
            _check_spans(question, texts)
        except (ValidationError, ValueError) as exc:
            raise InvalidQuestions(f"{path.name}, line {number}: {exc}") from exc
        questions.append(question)
    repeated = sorted({q.id for q in questions if sum(other.id == q.id for other in questions) > 1})
    if repeated or not questions:
        raise InvalidQuestions(f"{path.name}: " + (f"ids used twice: {repeated}" if repeated else "no question in it"))
    return questions


def _check_spans(question: GoldQuestion, texts: Mapping[str, str]) -> None:
    for gold in question.right_spans:
        text = texts.get(gold.article_id)
        if text is None:
            raise ValueError(f"{question.id} points at article {gold.article_id!r}, which is not in the collection")
        if text[gold.start : gold.end] != gold.quote:
            found = text[gold.start : gold.end]
            raise ValueError(f"{question.id}: [{gold.start}, {gold.end}) of {gold.article_id} reads {found!r}")


def digest(path: Path) -> str:
    """The sha256 of a file of questions: two runs are compared on the same questions or not at all."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
