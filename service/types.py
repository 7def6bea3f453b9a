"""The values that travel between the stages of answering: evidence, citations, claims, answers, refusals."""

from dataclasses import dataclass, field
from enum import StrEnum

from index.dates import PublishedDate
from index.types import Article, Filters, Passage, Span


class Lang(StrEnum):
    FR = "fr"
    EN = "en"


class Method(StrEnum):
    QUOTE = "quote"
    TRANSLATION = "translation"
    GENERATED = "generated"


class RefusalReason(StrEnum):
    NO_EVIDENCE = "no_evidence"
    NO_ARTICLE_IN_RANGE = "no_article_in_range"
    EMPTY_INDEX = "empty_index"


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question and the answer it got."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in `lang` if given, else in the language of the question; `k` passages are retrieved."""

    text: str
    lang: Lang | None = None
    k: int = 8
    filters: Filters = field(default_factory=Filters)
    history: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a passage chosen to support the answer.

    `support` is the calibrated probability, 0 to 1, that it answers the question; `answer` the short span inside it
    that does, where there is one.
    """

    article: Article
    passage: Passage
    span: Span
    support: float
    answer: Span | None = None

    @property
    def quote(self) -> str:
        return self.span.of(self.article.text)


@dataclass(frozen=True, slots=True)
class Translation:
    """A rendering of a quote, and who made it."""

    lang: Lang
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class Copied:
    """Another article that is the same wire copy, republished; `note` says so in the answer's language."""

    article_id: str
    title: str
    source: str | None
    published: PublishedDate | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim quotation: `article.text[span.start:span.end] == quote`, always. `number` counts from 1."""

    number: int
    article_id: str
    title: str
    source: str | None
    published: PublishedDate | None
    url: str | None
    lang: str
    span: Span
    quote: str
    translation: Translation | None = None
    copies: tuple[Copied, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of the answer. `start` and `end` index into the answer's text; `citations` are numbers."""

    text: str
    start: int
    end: int
    citations: tuple[int, ...]
    support: float
    method: Method


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """The few words that answer, verbatim from the citation of that number."""

    text: str
    citation: int


@dataclass(frozen=True, slots=True)
class Refusal:
    reason: RefusalReason
    message: str


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds of each stage, and of the whole."""

    retrieve: float
    evidence: float
    compose: float
    total: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The result. Refused exactly where `refusal` is given; then there are no claims, no citations, no short answer.

    `note` says, in the answer's language, that the question was in another one; only where it was.
    """

    answer_id: str
    question: str
    lang: Lang
    text: str
    short_answer: ShortAnswer | None
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    refusal: Refusal | None
    snapshot: str
    generator: str
    timings: Timings
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Retrieved:
    """So many passages were found, and are about to be read."""

    passages: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """The evidence was chosen: these are the citations that the claims will rest on."""

    citations: tuple[Citation, ...]


Event = Retrieved | Chosen | Claim | Answer
"""What happens on the way to an answer, in this order: a claim as soon as it is verified, the answer last, always."""
