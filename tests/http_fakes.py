"""Stand-ins behind the HTTP interface: an index in memory, and an answerer that quotes first sentences."""

import itertools
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from index.dates import PublishedDate
from index.settings import Settings
from index.store_renderings import Progress
from index.types import Article, Filters, Passage, ScoredPassage, Sizes, Span
from service.app import create_app
from service.http_protocol import Protocol
from service.services import Load, Services
from service.types import (
    Answer,
    Chosen,
    Citation,
    Claim,
    Copied,
    Event,
    Lang,
    Method,
    Question,
    Refusal,
    RefusalReason,
    Retrieved,
    ShortAnswer,
    Timings,
    Translation,
)
from service.writers.types import WriterState, WriterStatus

IRAQ = Article(
    "otan-irak",
    "😀 L’OTAN renforce sa mission en Irak. Elle passera de 500 à 4000 personnes.",
    "Irak : l’OTAN renforce sa mission",
    PublishedDate("2021-02"),
    "Agence Exemple",
    "https://example.org/irak",
)
AFGHANISTAN = Article(
    "dossier/otan afghanistan", "La France comptait 5100 militaires. Ils sont partis.", "Afghanistan : le départ"
)
TIMINGS = Timings(retrieve=1.0, evidence=2.0, compose=3.0, total=6.0)


@dataclass(frozen=True)
class FakeOutcome:
    article_id: str
    status: str
    message: str | None = None


@dataclass
class FakeView:
    held: dict[str, Article]

    @property
    def snapshot(self) -> str:
        return f"state-{len(self.held)}"

    @property
    def article_count(self) -> int:
        return len(self.held)

    @property
    def passage_count(self) -> int:
        return len(self.held)

    def articles(self, article_ids: Iterable[str]) -> dict[str, Article]:
        return {name: self.held[name] for name in article_ids if name in self.held}

    def sources(self) -> list[tuple[str, int]]:
        return Counter(article.source for article in self.held.values() if article.source).most_common()

    def page(self, *, after: str | None, limit: int) -> list[Article]:
        return [self.held[name] for name in sorted(self.held) if after is None or name > after][:limit]


@dataclass
class FakeIndex:
    """Remembers the threads that it was used from, and whether it was closed."""

    held: dict[str, Article] = field(default_factory=dict)
    threads: set[int] = field(default_factory=set)
    puts: list[int] = field(default_factory=list)
    closed: bool = False
    failure: Exception | None = None
    unsized: Exception | None = None  # why its sizes cannot be told
    warning: str | None = None

    @property
    def sizes(self) -> Sizes:
        if self.unsized:
            raise self.unsized
        return Sizes(len(self.held), len(self.held), len(self.puts), 4096)

    @contextmanager
    def view(self) -> Iterator[FakeView]:
        self._used()
        yield FakeView(dict(self.held))

    def put(self, articles: Sequence[Article]) -> list[FakeOutcome]:
        self._used()
        self.puts.append(len(articles))
        outcomes = []
        for article in articles:
            outcomes.append(FakeOutcome(article.article_id, self._status(article)))
            self.held[article.article_id] = article
        return outcomes

    def remove(self, article_ids: Sequence[str]) -> list[FakeOutcome]:
        self._used()
        return [FakeOutcome(name, "removed" if self.held.pop(name, None) else "absent") for name in article_ids]

    def close(self) -> None:
        self.closed = True

    def _used(self) -> None:
        self.threads.add(threading.get_ident())
        if self.failure:
            raise self.failure

    def _status(self, article: Article) -> str:
        if article.article_id not in self.held:
            return "added"
        return "unchanged" if self.held[article.article_id] == article else "replaced"


class FakeWriting:
    """Three sentences, two of them rendered, one of these refused."""

    status = WriterStatus(WriterState.READY, "fake@1")

    def __init__(self) -> None:
        self.paused = False
        self.failure: Exception | None = None

    def progress(self) -> Progress:
        return Progress(sentences=3, rendered=2, good=1)

    def turn(self, *, paused: bool) -> None:
        if self.failure:
            raise self.failure
        self.paused = paused

    def wait(self, timeout_s: float | None = None) -> None:
        pass

    def close(self) -> None:
        pass


@dataclass
class FakeResult:
    passages: list[tuple[ScoredPassage, Article]]
    snapshot: str = "state"
    timings: Timings = TIMINGS
    copies: dict[str, tuple[Copied, ...]] = field(default_factory=dict)


@dataclass
class FakeAnswerer:
    """Quotes the first sentence of every article, or refuses where the question says so or there is no article."""

    index: FakeIndex
    asked: list[Question] = field(default_factory=list)
    waits_for: threading.Event | None = None
    started: threading.Event = field(default_factory=threading.Event)
    writes_when: queue.Queue[None] | None = None
    endless: bool = False
    breaks_with: Exception | None = None
    stopped: threading.Event = field(default_factory=threading.Event)
    makes: Callable[[Answer], Answer] = lambda answer: answer  # another answer of the one it would give
    ready_at: list[float] = field(default_factory=list)  # the times when each claim was ready
    copies: dict[str, tuple[Copied, ...]] = field(default_factory=dict)  # that a search names

    def ask(self, question: Question) -> Answer:
        *_, answer = self.events(question)
        assert isinstance(answer, Answer)
        return answer

    def events(self, question: Question) -> Generator[Event]:
        self.asked.append(question)
        self.started.set()
        if self.waits_for:
            self.waits_for.wait(10)
        with self.index.view() as view:
            articles = view.page(after=None, limit=5)
        yield Retrieved(len(articles))
        answer = refused(question) if "refus" in question.text or not articles else answered(question, articles)
        answer = self.makes(answer)
        if not answer.refusal:
            yield Chosen(answer.citations)
        yield from self._claims(answer.claims)
        yield answer

    def _claims(self, claims: Sequence[Claim]) -> Iterator[Claim]:
        """Each claim once there is leave to write it, where `writes_when` is given; over and over, where `endless`."""
        try:
            for claim in itertools.cycle(claims) if self.endless else claims:
                if self.writes_when:
                    self.writes_when.get(timeout=10)
                if self.breaks_with:
                    raise self.breaks_with
                self.ready_at.append(time.time())
                yield claim
                time.sleep(0.01 if self.endless else 0)
        finally:
            self.stopped.set()

    def search(self, query: str, k: int, filters: Filters) -> FakeResult:  # noqa: ARG002
        with self.index.view() as view:
            found = view.page(after=None, limit=k)
        passages = [(scored(article, rank), article) for rank, article in enumerate(found, 1)]
        return FakeResult(passages, copies=self.copies)


def answered(question: Question, articles: Sequence[Article]) -> Answer:
    lang = question.lang or Lang.FR
    citations, claims, text = [], [], ""
    for number, article in enumerate(articles, 1):
        span = first_sentence(article)
        quote = span.of(article.text)
        translation = Translation(lang, f"({quote})", "a fake") if article.lang != lang else None
        citations.append(
            Citation(
                number, article.article_id, article.title, article.source, article.published, article.url, article.lang,
                span, quote, translation,
            )
        )  # fmt: skip
        claims.append(Claim(quote, len(text), len(text) + len(quote), (number,), 0.9, Method.QUOTE))
        text += f"{quote} [{number}] "
    return Answer(
        "answer-1", question.text, lang, text.rstrip(), ShortAnswer(citations[0].quote[:6], 1), tuple(claims),
        tuple(citations), None, "state", "extractive", TIMINGS,
    )  # fmt: skip


def refused(question: Question) -> Answer:
    refusal = Refusal(RefusalReason.NO_EVIDENCE, "Les articles ne permettent pas de répondre.")
    return Answer(
        "answer-2", question.text, Lang.FR, refusal.message, None, (), (), refusal, "state", "extractive", TIMINGS
    )


def first_sentence(article: Article) -> Span:
    start = 2 if article.text.startswith("😀 ") else 0
    return Span(start, article.text.find(".") + 1 or len(article.text))


def scored(article: Article, rank: int) -> ScoredPassage:
    span = first_sentence(article)
    passage = Passage(f"{article.article_id}#0", article.article_id, span, span.of(article.text), (span,))
    return ScoredPassage(passage, 1 / rank, rank)


def settings(**values: object) -> Settings:
    return Settings.model_validate({"allowed_hosts": ("testserver",), "data": Path("unused"), **values})


def services(*articles: Article) -> Services:
    index = FakeIndex({article.article_id: article for article in articles})
    return Services(FakeAnswerer(index), index, "hash-encoder", lambda: "extractive")


def client(source: Services | Load, **values: object) -> TestClient:
    """A client that speaks to the application in this process, without its start and end."""
    return TestClient(create_app(source, settings(**values)))


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of a server of `app` on a free port."""
    config = uvicorn.Config(app, http=Protocol, port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    with closing(config.bind_socket()) as bound:
        bound.listen()  # who comes before the server is up waits for it
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
