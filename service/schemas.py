"""The JSON of the HTTP contract: pydantic models of requests and responses, converted from and to our values.

Requests are strict (`"8"` is not 8, `true` is not 1) and closed (an unknown field is refused); what a schema cannot
say is checked here too, so that the OpenAPI document and the service agree.
"""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, WithJsonSchema
from pydantic_core import from_json

from index.dates import PublishedDate
from index.parsing import MAX_ARTICLE_CHARS, MAX_ID_CHARS, MAX_SOURCE_CHARS, MAX_TITLE_CHARS, MAX_URL_CHARS
from index.types import Article, Filters, ScoredPassage
from service.services import Outcome, SearchResult, Writing
from service.types import (
    Answer,
    Chosen,
    Citation,
    Claim,
    Copied,
    Lang,
    Question,
    Refusal,
    ShortAnswer,
    Timings,
    Translation,
    Turn,
)

S = TypeVar("S")
T = TypeVar("T")

MAX_LISTED = 1000  # article ids or sources in one filter
MAX_TURNS = 20
MAX_TURN_CHARS = 20_000
MAX_PAGE = 200

# The patterns tell readers of the OpenAPI document what is checked below and in `index.parsing`.
_WORDS_PATTERN = r"^[^\x00]*[^\s\x00\x1c-\x1f][^\x00]*$"
_TEXT_PATTERN = r"^[^\x00]*[^\W_\x00][^\x00]*$"  # a letter or a digit somewhere
_LABEL_PATTERN = r"^[^\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]*$"  # no control character that is not white space
_ID_PATTERN = r"^(?!\.{1,2}$)[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$"
_FILE_NAME_PATTERN = r"^[^\x00-\x1f\x7f-\x9f/\\]*[^\x00-\x20\x7f-\x9f/\\.][^\x00-\x1f\x7f-\x9f/\\]*$"
_URL_PATTERN = r"^https?://[A-Za-z0-9.-]+(:[0-9]+)?([/?#][!-~]*)?$"  # such ones are accepted, and some beyond ASCII
_DATE_SCHEMA = {
    "anyOf": [
        {"type": "string", "format": "date", "examples": ["2021-02-18"]},
        {"type": "string", "pattern": r"^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])$", "examples": ["2021-02"]},
        {"type": "string", "pattern": r"^(?!0000)[0-9]{4}$", "examples": ["2021"]},
    ],
    "description": "ISO 8601, reduced precision allowed: YYYY, YYYY-MM or YYYY-MM-DD.",
}


def _plain(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a NUL character; remove it")
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        raise ValueError("holds a lone surrogate or bytes that are no UTF-8; write it in UTF-8") from exc
    return text


def _has_words(text: str) -> str:
    if not _plain(text).strip():
        raise ValueError("is empty or white space only; write something")
    return text


def _given(value: object) -> object:
    """A field that is blank counts as not given."""
    return None if isinstance(value, str) and not value.strip() else value


def _file_name(name: str) -> str:
    if any(unicodedata.category(char) == "Cc" or char in "/\\" for char in name) or not name.strip(" ."):
        raise ValueError("is no name of a file: leave out folders and control characters")
    return name


def _whole(value: object) -> object:
    """JSON does not tell 8.0 from 8; neither do we, but no other number is whole."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _date(text: str) -> str:
    PublishedDate.parse(text)  # its message says what to write
    return text


Words = Annotated[str, AfterValidator(_has_words), Field(json_schema_extra={"pattern": _WORDS_PATTERN})]
Plain = Annotated[str, AfterValidator(_plain), Field(json_schema_extra={"pattern": r"^[^\x00]*$"})]
Date = Annotated[str, AfterValidator(_date), WithJsonSchema(_DATE_SCHEMA)]
ArticleId = Annotated[Plain, Field(min_length=1, max_length=MAX_ID_CHARS)]
CutOff = Annotated[int, Field(ge=1, description="How many passages."), BeforeValidator(_whole)]
IdInPath = Annotated[str, Field(min_length=1, max_length=MAX_ID_CHARS, json_schema_extra={"pattern": _ID_PATTERN})]
LangName = Literal["fr", "en"]


def strict_json(text: bytes) -> object:
    """The value that `text` writes. Raises `ValueError` saying where it is not JSON.

    Refused: another encoding than UTF-8, lone surrogates, NaN and Infinity, numbers of thousands of digits, and
    nesting beyond 200 levels.
    """
    return from_json(text, allow_inf_nan=False)


def _example(**fields: str | int) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [dict(fields)]})


class _Request(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class _Response(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# Requests


class FilterFields(_Request):
    """Which articles may be used. A bound on dates is inclusive, and passed only by what certainly lies within it."""

    published_after: Date | None = None
    published_before: Date | None = None
    as_of: Annotated[Date | None, Field(description="Answer as if it were this day: no later article is used.")] = None
    article_ids: Annotated[
        list[ArticleId] | None,
        Field(max_length=MAX_LISTED, description="Only these articles; an empty list lets nothing pass."),
    ] = None
    sources: Annotated[
        list[Annotated[Plain, Field(max_length=MAX_ID_CHARS)]] | None,
        Field(
            max_length=MAX_LISTED,
            description="Only these sources, white space aside; an empty list lets nothing pass.",
        ),
    ] = None

    def filters(self) -> Filters:
        return Filters(
            published_after=_parsed(self.published_after),
            published_before=_parsed(self.published_before),
            as_of=_parsed(self.as_of),
            article_ids=None if self.article_ids is None else tuple(self.article_ids),
            sources=None if self.sources is None else tuple(" ".join(source.split()) for source in self.sources),
        )


class TurnFields(_Request):
    question: Annotated[Plain, Field(max_length=MAX_TURN_CHARS)]
    answer: Annotated[Plain, Field(max_length=MAX_TURN_CHARS)]


class AskRequest(FilterFields):
    """A question about the articles."""

    model_config = _example(question="Combien de soldats l’OTAN a-t-elle en Irak ?", lang="auto", k=8, as_of="2021-02")

    question: Annotated[Words, Field(min_length=1)]
    lang: Annotated[
        Literal["auto", "fr", "en"], Field(description="Language of the answer; auto is that of the question.")
    ] = "auto"
    k: CutOff = 8
    history: Annotated[list[TurnFields] | None, Field(max_length=MAX_TURNS, description="Earlier turns.")] = None
    stream: Annotated[bool, Field(description="Answer with server-sent events, each claim as soon as it is there.")] = (
        False
    )

    def asked(self) -> Question:
        return Question(
            text=self.question,
            lang=None if self.lang == "auto" else Lang(self.lang),
            k=self.k,
            filters=self.filters(),
            history=tuple(Turn(turn.question, turn.answer) for turn in self.history or ()),
        )


class SearchRequest(FilterFields):
    """A search for passages; nothing is answered."""

    model_config = _example(query="mission de l’OTAN en Irak", k=5, published_after="2021")

    query: Annotated[Words, Field(min_length=1)]
    k: CutOff = 8


class ArticleFields(_Request):
    """An article to store. `text` is kept as it is; a missing title, date or language is read from it."""

    model_config = _example(
        text="L’OTAN renforce sa mission en Irak, qui passera de 500 à 4000 personnes.",
        title="Irak : l’OTAN renforce sa mission",
        published="2021-02-18",
        source="Agence Exemple",
    )

    text: Annotated[
        str, Field(min_length=1, max_length=MAX_ARTICLE_CHARS, json_schema_extra={"pattern": _TEXT_PATTERN})
    ]
    article_id: Annotated[ArticleId | None, Field(description="May be repeated here; it is refused if it differs.")] = (
        None
    )
    title: Annotated[str, Field(max_length=MAX_TITLE_CHARS, json_schema_extra={"pattern": _LABEL_PATTERN})] | None = (
        None
    )
    published: Annotated[Date | None, BeforeValidator(_given)] = None
    source: Annotated[str, Field(max_length=MAX_SOURCE_CHARS, json_schema_extra={"pattern": _LABEL_PATTERN})] | None = (
        None
    )
    url: Annotated[str, Field(max_length=MAX_URL_CHARS, json_schema_extra={"pattern": _URL_PATTERN})] | None = None
    lang: Annotated[LangName | None, BeforeValidator(_given)] = None

    def record(self) -> dict[str, object]:
        """The fields that are given, but for the id."""
        return self.model_dump(exclude_none=True, exclude={"article_id"})


class UploadQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    filename: Annotated[
        str,
        AfterValidator(_file_name),
        Field(
            min_length=1,
            max_length=MAX_ID_CHARS,
            description="The name of the file, whose suffix tells the format, and ids derive from.",
            json_schema_extra={"pattern": _FILE_NAME_PATTERN, "examples": ["depeches.zip"]},
        ),
    ]
    article_id: Annotated[
        IdInPath | None,
        Field(description="The id under which the file's one article is stored, whatever id it has there."),
    ] = None


class SuggestionsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    lang: Annotated[LangName, Field(description="Language of the questions.")] = "fr"


class PageQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[Plain | None, Field(max_length=MAX_ID_CHARS, description="`next_cursor` of the page before.")] = (
        None
    )
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 50


# Responses


class ClaimBody(_Response):
    text: str
    start: Annotated[int, Field(ge=0, description="Where it starts in the answer's text, in code points.")]
    end: Annotated[int, Field(ge=0, description="Where it ends there, before its markers.")]
    citations: Annotated[list[int], Field(min_length=1)]
    support: Annotated[FiniteFloat, Field(ge=0, le=1)]
    method: Literal["quote", "translation", "generated"]

    @classmethod
    def of(cls, claim: Claim) -> "ClaimBody":
        return cls(
            text=claim.text, start=claim.start, end=claim.end, citations=list(claim.citations),
            support=claim.support, method=claim.method.value,
        )  # fmt: skip


class TranslationBody(_Response):
    lang: LangName
    text: str
    by: str

    @classmethod
    def of(cls, translation: Translation) -> "TranslationBody":
        return cls(lang=translation.lang.value, text=translation.text, by=translation.by)


def _is_empty(copies: list["CopyBody"]) -> bool:
    return not copies


class CopyBody(_Response):
    """An article that is the same wire copy as another, republished."""

    article_id: str
    title: str
    source: str | None
    published: str | None
    note: Annotated[str | None, Field(description="Says what it is, in the answer's language.")]

    @classmethod
    def of(cls, copy: Copied) -> "CopyBody":
        return cls(
            article_id=copy.article_id, title=copy.title, source=copy.source, published=_iso(copy.published),
            note=copy.note,
        )  # fmt: skip


class CitationBody(_Response):
    """`text[start:end]` of the article, in code points, is `quote`."""

    number: Annotated[int, Field(ge=1)]
    article_id: str
    title: str
    source: str | None
    published: str | None
    url: str | None
    lang: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=1)]
    quote: str
    translation: TranslationBody | None
    copies: Annotated[list[CopyBody], Field(default_factory=list, exclude_if=_is_empty)]  # given where there are any

    @classmethod
    def of(cls, citation: Citation) -> "CitationBody":
        return cls(
            number=citation.number, article_id=citation.article_id, title=citation.title, source=citation.source,
            published=_iso(citation.published), url=citation.url, lang=citation.lang,
            start=citation.span.start, end=citation.span.end, quote=citation.quote,
            translation=_of(TranslationBody.of, citation.translation),
            copies=[CopyBody.of(copy) for copy in citation.copies],
        )  # fmt: skip


class ShortAnswerBody(_Response):
    text: str
    citation: Annotated[int, Field(ge=1)]

    @classmethod
    def of(cls, short: ShortAnswer) -> "ShortAnswerBody":
        return cls(text=short.text, citation=short.citation)


class RefusalBody(_Response):
    reason: Literal["no_evidence", "no_article_in_range", "empty_index"]
    message: str

    @classmethod
    def of(cls, refusal: Refusal) -> "RefusalBody":
        return cls(reason=refusal.reason.value, message=refusal.message)


class TimingsBody(_Response):
    """Milliseconds."""

    retrieve: Annotated[FiniteFloat, Field(ge=0)]
    evidence: Annotated[FiniteFloat, Field(ge=0)]
    compose: Annotated[FiniteFloat, Field(ge=0)]
    total: Annotated[FiniteFloat, Field(ge=0)]

    @classmethod
    def of(cls, timings: Timings) -> "TimingsBody":
        return cls(
            retrieve=round(timings.retrieve, 3), evidence=round(timings.evidence, 3),
            compose=round(timings.compose, 3), total=round(timings.total, 3),
        )  # fmt: skip


class AskResponse(_Response):
    """A cited answer, or a refusal that says why there is none."""

    id: str
    question: str
    lang: LangName
    status: Literal["answered", "refused"]
    text: Annotated[str, Field(description="The claims in order, each followed by its markers: `… [1] … [1][2]`.")]
    short_answer: ShortAnswerBody | None
    claims: list[ClaimBody]
    citations: list[CitationBody]
    refusal: RefusalBody | None
    snapshot: Annotated[str, Field(description="Names the state of the index that was asked.")]
    generator: str
    timings_ms: TimingsBody
    note: Annotated[
        str | None,
        Field(
            description="That the question is in neither language, in the answer's; only there where it is so.",
            exclude_if=lambda note: note is None,
        ),
    ] = None

    @classmethod
    def of(cls, answer: Answer) -> "AskResponse":
        return cls(
            id=answer.answer_id,
            question=answer.question,
            lang=answer.lang.value,
            status="refused" if answer.refusal else "answered",
            text=answer.text,
            short_answer=_of(ShortAnswerBody.of, answer.short_answer),
            claims=[ClaimBody.of(claim) for claim in answer.claims],
            citations=[CitationBody.of(citation) for citation in answer.citations],
            refusal=_of(RefusalBody.of, answer.refusal),
            snapshot=answer.snapshot,
            generator=answer.generator,
            timings_ms=TimingsBody.of(answer.timings),
            note=answer.note,
        )


class EvidenceBody(_Response):
    """The citations that the claims will rest on."""

    citations: list[CitationBody]

    @classmethod
    def of(cls, chosen: Chosen) -> "EvidenceBody":
        return cls(citations=[CitationBody.of(citation) for citation in chosen.citations])


class PassageBody(_Response):
    passage_id: str
    article_id: str
    rank: Annotated[int, Field(ge=1)]
    score: FiniteFloat
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=1)]
    text: str
    title: str
    published: str | None
    source: str | None
    copies: Annotated[list[CopyBody], Field(default_factory=list, exclude_if=_is_empty)]  # given where there are any

    @classmethod
    def of(cls, scored: ScoredPassage, article: Article, copies: Sequence[Copied] = ()) -> "PassageBody":
        passage = scored.passage
        return cls(
            passage_id=passage.passage_id, article_id=passage.article_id, rank=scored.rank, score=scored.score,
            start=passage.span.start, end=passage.span.end, text=passage.text,
            title=article.title, published=_iso(article.published), source=article.source,
            copies=[CopyBody.of(copy) for copy in copies],
        )  # fmt: skip


class SearchResponse(_Response):
    passages: list[PassageBody]
    snapshot: str
    timings_ms: TimingsBody

    @classmethod
    def of(cls, result: SearchResult) -> "SearchResponse":
        return cls(
            passages=[
                PassageBody.of(scored, article, result.copies.get(article.article_id, ()))
                for scored, article in result.passages
            ],
            snapshot=result.snapshot,
            timings_ms=TimingsBody.of(result.timings),
        )


class ArticleSummary(_Response):
    article_id: str
    title: str
    published: str | None
    source: str | None
    url: str | None
    lang: str
    chars: Annotated[int, Field(ge=0, description="Length of its text in code points.")]

    @classmethod
    def of(cls, article: Article) -> "ArticleSummary":
        return cls(**_described(article))


class ArticleBody(ArticleSummary):
    text: Annotated[str, Field(description="The stored text, unchanged; spans index into it by code points.")]

    @classmethod
    def of(cls, article: Article) -> "ArticleBody":
        return cls(**_described(article), text=article.text)


class ArticlePage(_Response):
    articles: list[ArticleSummary]
    next_cursor: str | None


class SourceBody(_Response):
    source: str
    articles: Annotated[int, Field(ge=1, description="How many articles name it.")]


class SourcesResponse(_Response):
    sources: list[SourceBody]
    snapshot: str


class SuggestionBody(_Response):
    question: str
    lang: LangName


class SuggestionsResponse(_Response):
    questions: list[SuggestionBody]
    snapshot: str


class OutcomeBody(_Response):
    article_id: str
    status: Literal["added", "replaced", "unchanged", "removed"]
    message: str | None

    @classmethod
    def of(cls, outcome: Outcome) -> "OutcomeBody":
        return cls.model_validate(
            {"article_id": outcome.article_id, "status": outcome.status, "message": outcome.message}
        )


class LineOutcome(_Response):
    """What became of one line of a bulk body. `line` counts from 1."""

    line: int
    article_id: str | None
    status: Literal["added", "replaced", "unchanged", "rejected"]
    message: str | None


class FileOutcome(_Response):
    """What became of one article of an uploaded file, or of a file that could not be read. `line` counts from 1."""

    line: int
    file: Annotated[str, Field(description="The file, or the one within the archive, and where in it.")]
    article_id: str | None
    status: Literal["added", "replaced", "unchanged", "rejected"]
    message: str | None


class Alive(_Response):
    status: Literal["alive"] = "alive"


class WriterBody(_Response):
    """The writer, and how many of the foreign sentences it has rendered ahead of questions."""

    state: Literal["none", "fetching", "loading", "ready", "failed"]
    detail: Annotated[str, Field(description="Its name; or what failed, and what to do.")]
    sentences: int
    rendered: int
    good: Annotated[int, Field(description="Those rendered that passed every check; the others are quoted.")]
    paused: bool

    @classmethod
    def of(cls, writing: Writing) -> "WriterBody":
        status, progress = writing.status, writing.progress()
        return cls(
            state=status.state.value, detail=status.detail, sentences=progress.sentences, rendered=progress.rendered,
            good=progress.good, paused=writing.paused,
        )  # fmt: skip


class RenderingsBody(_Response):
    """How far rendering ahead of questions is, by the writer there is now."""

    state: Literal["none", "fetching", "loading", "ready", "failed"] = "none"
    total: Annotated[int, Field(description="Sentences in another language than the one rendered into.")] = 0
    done: Annotated[int, Field(description="Those rendered.")] = 0
    failed: Annotated[int, Field(description="Those rendered that failed a check, and are quoted.")] = 0
    paused: bool = True

    @classmethod
    def of(cls, writing: Writing) -> "RenderingsBody":
        progress = writing.progress()
        return cls(
            state=writing.status.state.value, total=progress.sentences, done=progress.rendered,
            failed=progress.rendered - progress.good, paused=writing.paused,
        )  # fmt: skip


class Ready(_Response):
    status: Literal["ready"] = "ready"
    snapshot: str
    articles: int
    passages: int
    encoder: str
    generator: str
    writer: WriterBody | None = None
    warning: Annotated[str | None, Field(description="What of the index had to be made again when it was opened.")] = (
        None
    )


class ErrorDetail(_Response):
    type: str
    message: str
    request_id: str


class ErrorBody(_Response):
    """The one shape of every error."""

    error: ErrorDetail


def _of(convert: Callable[[S], T], value: S | None) -> T | None:
    return None if value is None else convert(value)


def _parsed(date: str | None) -> PublishedDate | None:
    return _of(PublishedDate.parse, date)


def _iso(date: PublishedDate | None) -> str | None:
    return _of(str, date)


def _described(article: Article) -> dict[str, Any]:  # Any: pydantic checks each value
    return {
        "article_id": article.article_id, "title": article.title, "published": _iso(article.published),
        "source": article.source, "url": article.url, "lang": article.lang, "chars": len(article.text),
    }  # fmt: skip
