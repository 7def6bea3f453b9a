"""What the HTTP interface and the command line need from the rest: a value that holds it, and the seams it is used by.

Knows nothing of how any of it is loaded, nor of HTTP.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from index.types import Article, Filters, ScoredPassage, Sizes
from service.types import Answer, Copied, Event, Question, Timings
from service.writers.types import WriterStatus


class SearchResult(Protocol):
    """Passages in rank order, each with its article; by article id, the others that are one wire copy with it."""

    @property
    def passages(self) -> Sequence[tuple[ScoredPassage, Article]]: ...
    @property
    def copies(self) -> Mapping[str, Sequence[Copied]]: ...
    @property
    def snapshot(self) -> str: ...
    @property
    def timings(self) -> Timings: ...


class Answering(Protocol):
    def ask(self, question: Question) -> Answer: ...
    def events(self, question: Question) -> Generator[Event]: ...
    def search(self, query: str, k: int, filters: Filters) -> SearchResult: ...


class Outcome(Protocol):
    """What became of one article: added, replaced, unchanged, removed, absent or rejected."""

    @property
    def article_id(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def message(self) -> str | None: ...


class ArticleView(Protocol):
    """One consistent state of the index."""

    @property
    def snapshot(self) -> str: ...
    @property
    def article_count(self) -> int: ...
    @property
    def passage_count(self) -> int: ...
    def articles(self, article_ids: Iterable[str]) -> dict[str, Article]: ...
    def page(self, *, after: str | None, limit: int) -> list[Article]: ...
    def sources(self) -> list[tuple[str, int]]: ...


class ArticleIndex(Protocol):
    @property
    def sizes(self) -> Sizes: ...
    @property
    def warning(self) -> str | None: ...
    def view(self) -> AbstractContextManager[ArticleView]: ...
    def put(self, articles: Sequence[Article]) -> Sequence[Outcome]: ...
    def remove(self, article_ids: Sequence[str]) -> Sequence[Outcome]: ...
    def close(self) -> None: ...


class RenderingProgress(Protocol):
    """How many foreign sentences there are, how many were rendered, and how many of those may be shown."""

    @property
    def sentences(self) -> int: ...
    @property
    def rendered(self) -> int: ...
    @property
    def good(self) -> int: ...


class Writing(Protocol):
    """The writer, and what it renders ahead of questions."""

    @property
    def status(self) -> WriterStatus: ...
    @property
    def paused(self) -> bool: ...
    def progress(self) -> RenderingProgress: ...
    def turn(self, *, paused: bool) -> None: ...
    def wait(self, timeout_s: float | None = None) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Services:
    """Everything loaded. `encoder` and what `generator` gives are the names that are shown: a writer may still load."""

    answerer: Answering
    index: ArticleIndex
    encoder: str
    generator: Callable[[], str]
    writing: Writing | None = None

    def close(self) -> None:
        if self.writing:
            self.writing.close()
        self.index.close()


Report = Callable[[str], None]  # told what is being loaded: "encoder", "index"
Load = Callable[[Report], Services]
