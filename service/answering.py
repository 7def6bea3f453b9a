"""The path from a question to a cited answer, as a list of stages. Composes them; owns none of their knowledge."""

import hashlib
import json
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Protocol

from index.encoder import Encoder
from index.language import is_other
from index.types import Article, Filters, ScoredPassage
from prompts.catalogue import messages, prompts_digest
from service.agreement import same_terms
from service.asking import language_of
from service.composing import ClaimWriter, Composed, Outline, Written, assemble, compose, outline, translate
from service.copies import collapse, copied
from service.errors import ArticlesChanged
from service.evidence import Agree, Calibration, choose, judge, read_passages
from service.presumed import names_a_time
from service.reader import Reader
from service.reranking import Reranker
from service.retrieval import CANDIDATES, Candidate, Searchable, retrieve, worth_reading
from service.types import (
    Answer,
    Chosen,
    Copied,
    Event,
    Evidence,
    Lang,
    Question,
    Refusal,
    RefusalReason,
    Retrieved,
    Timings,
    Translation,
)
from service.verification import verified, verify_citations, verify_whole
from service.wording import Wording, wording

RERANKED = 30  # candidates of the first stage, at least: 20 find less, 50 hardly more (eval/LOG.md)
_DEEPEST = 800  # candidates that are looked through for some that are not copies
Found = tuple[list[Candidate], Mapping[str, Article]]
"""Candidates in rank order, and the articles of what was looked at, by id."""


class IndexView(Searchable, Protocol):
    """One consistent state of the index."""

    snapshot: str
    article_count: int

    def articles(self, article_ids: Sequence[str]) -> Mapping[str, Article]: ...
    def linked(self, article_ids: Sequence[str]) -> Mapping[str, Sequence[str]]: ...
    def copies(self, article_ids: Sequence[str], filters: Filters) -> Mapping[str, Sequence[Article]]: ...
    def passages_with(self, words: Iterable[str], filters: Filters) -> Mapping[str, int]: ...
    def any_article(self, filters: Filters) -> bool: ...


class OpenIndex(Protocol):
    def view(self) -> AbstractContextManager[IndexView]: ...


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages in rank order, each with its article; by article id, the others that are one wire copy with it."""

    passages: tuple[tuple[ScoredPassage, Article], ...]
    copies: Mapping[str, tuple[Copied, ...]]
    snapshot: str
    timings: Timings


class Answerer:
    """Answers questions about the articles of an index. Safe to use from many threads."""

    def __init__(
        self, index: OpenIndex, encoder: Encoder, reranker: Reranker, reader: Reader, fitted: Calibration,
        writers: "Writers | None" = None, agree: Agree = same_terms,
    ) -> None:  # fmt: skip
        self._index = index
        self._encoder = encoder
        self._reranker = reranker
        self._reader = reader
        self._fitted = fitted
        self._writers = writers or Quoting()
        self._agree = agree

    @property
    def generator(self) -> str:
        """What would write an answer that is asked for now, and the prompts."""
        return _recorded(self._writers.begin(Lang.EN))

    def ask(self, question: Question) -> Answer:
        """The answer, or the refusal with its reason. Every citation was checked against the stored articles."""
        *_, answer = once_more(lambda: self.events(question))
        assert isinstance(answer, Answer)
        return answer

    def events(self, question: Question) -> Generator[Event]:
        """What `ask` does, told as it happens; the answer comes last. Closing the iterator stops the work there.

        Raises `ArticlesChanged` in the place of an answer that names articles which are gone by then.
        """
        clock = _Clock()
        lang = question.lang or Lang(language_of(question.text, [turn.question for turn in question.history]))
        writer = self._writers.begin(lang)
        name = _recorded(writer)
        with self._index.view() as view:
            snapshot = view.snapshot
            if reason := _nothing_to_search(view, question.filters):
                yield self._refused(question, lang, reason, snapshot, name, clock, _note(question, lang))
                return
            asked = wording(question.text, question.history, view, question.filters)
            note = _note(question, lang, asked)
            found, articles = find(view, self._encoder, self._reranker, asked.text, question.k, question.filters)
            clock.lap("retrieve")
            yield Retrieved(len(found))
            groups = self._evidence(view, asked.text, found, articles)
            clock.lap("evidence")
            if not groups:
                yield self._refused(question, lang, RefusalReason.NO_EVIDENCE, snapshot, name, clock, note)
                return
            told, named = _cited(view, groups, articles, question.filters, lang)
        yield Chosen(told.citations)  # what follows may take seconds: no view is held open for it
        written: list[Written] = []
        for each in verified(compose(told, writer, lang=lang, question=asked.text), told.citations):
            written.append(each)
            yield each.claim
        composed = _whole(written, writer, lang, dated=told.dated)
        self._verify_unchanged(named, snapshot)
        clock.lap("compose")
        yield self._answered(question, lang, composed, snapshot, _recorded(writer), clock, note)

    def search(self, query: str, k: int, filters: Filters) -> SearchResult:
        """The `k` passages closest to the query."""
        clock = _Clock()
        with self._index.view() as view:
            asked = wording(query, (), view, filters).text
            found, articles = find(view, self._encoder, self._reranker, asked, k, filters)
            clock.lap("retrieve")
            passages = tuple(
                (ScoredPassage(candidate.passage, candidate.score, rank), articles[candidate.passage.article_id])
                for rank, candidate in enumerate(found, 1)
            )
            copies = copied(view.copies([article.article_id for _, article in passages], filters))
            return SearchResult(passages, copies, view.snapshot, clock.timings())

    def _evidence(
        self, view: IndexView, asked: str, found: Sequence[Candidate], articles: Mapping[str, Article]
    ) -> list[list[Evidence]]:
        """What is cited, a group for each claim; none where the question is to be refused."""
        judged = judge(read_passages(asked, worth_reading(found), articles, self._reader), self._fitted)
        linked = view.linked(list(articles))
        return choose(judged, self._fitted, linked, self._agree, of_a_time=names_a_time(asked))

    def _verify_unchanged(self, named: Sequence[Article], snapshot: str) -> None:
        """Raises `ArticlesChanged` unless these articles of a snapshot are what is stored now."""
        with self._index.view() as view:
            if view.snapshot == snapshot:
                return
            now = view.articles([article.article_id for article in named])
        if any(now.get(article.article_id) != article for article in named):
            raise ArticlesChanged("an article that the answer names was removed or replaced meanwhile; ask again")

    def _refused(
        self, question: Question, lang: Lang, reason: RefusalReason, snapshot: str, generator: str, clock: "_Clock",
        note: str | None,
    ) -> Answer:  # fmt: skip
        message = str(getattr(messages(lang).refusal, reason.value))
        answer_id = self._answer_id(question, lang, snapshot, generator, message)
        return Answer(
            answer_id, question.text, lang, message, None, (), (), Refusal(reason, message), snapshot,
            generator, clock.timings(), note,
        )  # fmt: skip

    def _answered(
        self, question: Question, lang: Lang, composed: Composed, snapshot: str, generator: str, clock: "_Clock",
        note: str | None,
    ) -> Answer:  # fmt: skip
        answer_id = self._answer_id(question, lang, snapshot, generator, composed.text)
        return Answer(
            answer_id, question.text, lang, composed.text, composed.short_answer, composed.claims, composed.citations,
            None, snapshot, generator, clock.timings(), note,
        )  # fmt: skip

    def _answer_id(self, question: Question, lang: Lang, snapshot: str, generator: str, text: str) -> str:
        """Equal for equal answers to equal questions, of the same snapshot and models."""
        asked = json.dumps([asdict(question), lang, snapshot, generator, self._reader.name, text], default=str)
        return hashlib.sha256(asked.encode()).hexdigest()[:24]


def once_more(events: Callable[[], Generator[Event]]) -> Generator[Event]:
    """The events of an answer, begun again if articles changed under it: for whoever is given the last event alone."""
    try:
        yield from events()
    except ArticlesChanged:
        yield from events()


def find(view: IndexView, encoder: Encoder, reranker: Reranker, query: str, k: int, filters: Filters) -> Found:
    """The `k` best candidates after both stages, of wire copies one, and the articles that they are from."""
    found = _first_stage(view, encoder, query, max(k, RERANKED), filters) if view.article_count else []
    articles = view.articles([candidate.passage.article_id for candidate in found])
    return reranker.rerank(query, found, articles)[:k], articles


def _first_stage(view: IndexView, encoder: Encoder, query: str, k: int, filters: Filters) -> list[Candidate]:
    """The `k` best that are not copies of a better one; where copies took many places, it is looked for further."""
    depth = max(k, CANDIDATES)
    while True:
        candidates = retrieve(view, encoder, query, depth, filters)
        found = collapse(candidates, view.linked([candidate.passage.article_id for candidate in candidates]))
        if len(found) >= k or len(candidates) < depth or depth >= _DEEPEST:
            return found[:k]
        depth *= 4


def _cited(
    view: IndexView, groups: Sequence[Sequence[Evidence]], articles: Mapping[str, Article], filters: Filters, lang: Lang
) -> tuple[Outline, list[Article]]:
    """What is to be told, every citation of it checked, and the articles that it names: cited ones and their copies."""
    cited = [evidence.article.article_id for group in groups for evidence in group]
    copies = view.copies(cited, filters)
    told = outline(groups, copied(copies, lang), lang=lang)
    verify_citations(told.citations, articles)
    return told, [*(articles[each] for each in cited), *(copy for its in copies.values() for copy in its)]


def _whole(written: Sequence[Written], writer: "AnswerWriter", lang: Lang, *, dated: bool) -> Composed:
    """The answer that the claims make, checked, its citations translated where the writer does that."""
    told = Outline(translate(written, lang, writer), dated)
    composed = assemble(told, [each.claim for each in written])
    verify_whole(composed)
    return composed


class AnswerWriter(ClaimWriter, Protocol):
    """Writes the claims of one answer; `name` names it and all that changes what it writes."""

    @property
    def name(self) -> str: ...
    @property
    def gave_up(self) -> Sequence[int]:
        """Which of the texts that it was asked for it gave up by chance, and not for what the text says: from 1."""
        ...


class Writers(Protocol):
    def begin(self, lang: Lang) -> AnswerWriter:
        """What writes the claims of the answer that begins now."""
        ...


class Quoting:
    """No writer: every claim is a quotation."""

    name = "extractive"
    writes = False
    gave_up: Sequence[int] = ()

    def begin(self, lang: Lang) -> AnswerWriter:  # noqa: ARG002  # it has one way only
        return self

    def render(self, evidence: Evidence) -> Translation | None:  # noqa: ARG002
        return None

    def synthesise(self, question: str, evidence: Sequence[Evidence]) -> str | None:  # noqa: ARG002
        return None


def _recorded(writer: AnswerWriter) -> str:
    """The writer's name with the digest of what readers are told, and what it gave up: equal names, equal answers."""
    name = f"{writer.name}{'.' if '@' in writer.name else '@'}{prompts_digest()}"
    return f"{name}+partial.{'.'.join(map(str, writer.gave_up))}" if writer.gave_up else name


def _nothing_to_search(view: IndexView, filters: Filters) -> RefusalReason | None:
    if not view.article_count:
        return RefusalReason.EMPTY_INDEX
    return None if view.any_article(filters) else RefusalReason.NO_ARTICLE_IN_RANGE


def _note(question: Question, lang: Lang, asked: Wording | None = None) -> str | None:
    """How a misspelt question was read; or that it is in neither language, unless the answer's was asked for."""
    if asked and asked.respelt:
        return messages(lang).note.respelt.format(question=asked.text)
    return messages(lang).note.other_language if question.lang is None and is_other(question.text) else None


class _Clock:
    """Milliseconds since the start, and of each stage since the one before."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self._laps[stage] = (now - self._last) * 1000
        self._last = now

    def timings(self) -> Timings:
        retrieve, evidence, compose = (self._laps.get(stage, 0.0) for stage in ("retrieve", "evidence", "compose"))
        total = (time.perf_counter() - self._start) * 1000
        return Timings(round(retrieve, 3), round(evidence, 3), round(compose, 3), round(total, 3))
