"""Stores articles that come as JSON lines, and says what became of each line. Knows nothing of HTTP."""

from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from pydantic import ValidationError

from index.errors import IndexingError, InvalidArticle
from index.parsing import article_from_record
from index.types import Article
from service.problems import describe
from service.schemas import ArticleFields, LineOutcome, strict_json
from service.services import ArticleIndex


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a body, counted from 1. `content` is None where it was too long to be kept."""

    number: int
    content: bytes | None


class LineCutter:
    """Cuts chunks of a body into lines of at most `most_bytes`; blank ones are counted and left out."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._rest = bytearray()
        self._overflowed = False
        self._number = 0

    def feed(self, chunk: bytes) -> Iterator[Line]:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            self._keep(end)
            yield from self.finish()
        self._keep(rest)

    def finish(self) -> Iterator[Line]:
        """The line as it stands, for a body that ends without a line feed."""
        content = None if self._overflowed else bytes(self._rest)
        self._rest, self._overflowed = bytearray(), False
        self._number += 1
        if content is None or content.strip():
            yield Line(self._number, content)

    def _keep(self, piece: bytes) -> None:
        self._overflowed = self._overflowed or len(self._rest) + len(piece) > self._most
        if self._overflowed:
            self._rest.clear()
        else:
            self._rest += piece


class LineWriter:
    """Writes the lines of one body. Of two lines that give the same id the later stands, and says so."""

    def __init__(self, index: ArticleIndex) -> None:
        self._index = index
        self._line_of: dict[str, int] = {}

    def write(self, lines: Sequence[Line]) -> list[LineOutcome]:
        """An outcome for each line, in order. What can be read is written in one go; a bad line does not stop it."""
        read = [(line, _article_or_rejection(line)) for line in lines]
        good = [(line, article) for line, article in read if isinstance(article, Article)]
        outcomes = [outcome for _, outcome in read if isinstance(outcome, LineOutcome)] + self._put(good)
        return sorted(outcomes, key=lambda outcome: outcome.line)

    def _put(self, numbered: Sequence[tuple[Line, Article]]) -> list[LineOutcome]:
        if not numbered:
            return []
        try:
            outcomes = self._index.put([article for _, article in numbered])
        except IndexingError as exc:
            return [_rejected(line, str(exc), article.article_id) for line, article in numbered]
        return [
            LineOutcome.model_validate(
                {
                    "line": line.number,
                    "article_id": outcome.article_id,
                    "status": outcome.status,
                    "message": outcome.message or self._repetition(line, outcome.article_id),
                }
            )
            for (line, _), outcome in zip(numbered, outcomes, strict=True)
        ]

    def _repetition(self, line: Line, article_id: str) -> str | None:
        earlier = self._line_of.get(article_id)
        self._line_of[article_id] = line.number
        return f"line {earlier} gave the same article_id; this one stands" if earlier else None


def _article_or_rejection(line: Line) -> Article | LineOutcome:
    if line.content is None:
        return _rejected(
            line, "the line is too long; send the article alone with PUT, or raise SOURCIER_MAX_BODY_BYTES"
        )
    try:
        record = strict_json(line.content.removeprefix(BOM_UTF8))
    except ValueError as exc:
        return _rejected(line, f"the line is not JSON in UTF-8: {exc}")
    try:
        fields = ArticleFields.model_validate(record)
    except ValidationError as exc:
        named = record.get("article_id") if isinstance(record, dict) else None
        return _rejected(line, describe(exc.errors(include_url=False)), named if isinstance(named, str) else None)
    article_id = fields.article_id or _derived_id(fields.text)
    try:
        return article_from_record(fields.record(), article_id=article_id)
    except InvalidArticle as exc:
        return _rejected(line, str(exc), article_id)


def _derived_id(text: str) -> str:
    """The same text gets the same id wherever and whenever it comes."""
    return sha256(text.encode()).hexdigest()[:16]


def _rejected(line: Line, message: str, article_id: str | None = None) -> LineOutcome:
    return LineOutcome(line=line.number, article_id=article_id, status="rejected", message=message)
