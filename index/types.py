"""The values that travel between the stages of the index: articles, spans, passages, filters, scored passages.

Every offset in the project is a half-open span of Unicode code points of the stored article text.
"""

from dataclasses import dataclass

from index.dates import PublishedDate


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open `[start, end)` in code points of an article's stored text; never empty."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a span needs 0 <= start < end, found [{self.start}, {self.end})")

    def of(self, text: str) -> str:
        """The piece of `text` that the span covers."""
        return text[self.start : self.end]

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Article:
    """One news item as published. `text` is what was ingested, unchanged; `title` is derived where none was given."""

    article_id: str
    text: str
    title: str
    published: PublishedDate | None = None
    source: str | None = None
    url: str | None = None
    lang: str = "fr"


@dataclass(frozen=True, slots=True)
class Passage:
    """A contiguous piece of one article: the unit that is retrieved. `text == article.text[span.start:span.end]`.

    `sentences` lie inside `span`, in order, without overlap; they too are spans of the article's text.
    """

    passage_id: str
    article_id: str
    span: Span
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage with its similarity (higher is better) and its rank (from 1)."""

    passage: Passage
    score: float
    rank: int


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles may be searched. `None` means no restriction; an empty tuple means that nothing passes.

    Dates are inclusive and certain: an article passes only if its whole published interval lies inside the bound, so
    one dated `2021-02` does not pass `as_of=2021-02-10`, and one of unknown date passes no bound on dates.
    """

    published_after: PublishedDate | None = None
    published_before: PublishedDate | None = None
    as_of: PublishedDate | None = None
    article_ids: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much an index holds. `generation` counts its changes; `disk_bytes` are those of its files."""

    articles: int
    passages: int
    generation: int
    disk_bytes: int
