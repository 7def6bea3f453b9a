"""What the service makes of a question, stage by stage: found, read, judged. The stages are the service's own.

`Answerer` gives answers only; calibration and the tasks also look at what was refused, and at each stage by itself.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Protocol

from index.encoder import Encoder, FloatArray
from index.language import detect
from index.settings import Settings
from index.types import Filters, ScoredPassage
from service.agreement import Agreement
from service.answering import RERANKED, Answerer, Found, IndexView, OpenIndex, find
from service.claim_support import ClaimSupport
from service.composing import assemble, outline
from service.evidence import Calibration, ReadPassage, calibration, choose, judge, read_passages
from service.loading import load_stages
from service.pinpointing import pinpoint
from service.presumed import names_a_time
from service.reader import Reader
from service.reranking import Reranker
from service.retrieval import Candidate, worth_reading
from service.types import Evidence, Lang
from service.wording import wording

EVERYTHING = Filters()


class PublishedEncoder(Encoder, Protocol):
    """An encoder that can also do without what was trained here: a floor to measure against."""

    def encode_symmetric(self, texts: Sequence[str]) -> FloatArray:
        """Texts that are compared with each other, by the model as it was published: float32, (n, dim), rows
        L2-normalised."""


@dataclass(frozen=True, slots=True)
class Considered:
    """`found` and `judged` are best first; `groups` are the evidence of each claim, none where it is refused."""

    found: Sequence[Candidate]
    read: Sequence[ReadPassage]
    judged: Sequence[Evidence]
    groups: Sequence[Sequence[Evidence]]

    @property
    def support(self) -> float:
        """The probability that the question is answered: that of the best sentence."""
        return self.judged[0].support if self.judged else 0.0

    @property
    def answered(self) -> bool:
        return bool(self.groups)

    @property
    def short_answer(self) -> str:
        """What the service shows as such; empty where it shows none."""
        if not self.groups:
            return ""
        short = assemble(outline(self.groups, lang=Lang(detect(self.read[0].question))), ()).short_answer
        return short.text if short else ""

    @property
    def best_span(self) -> str:
        """The short answer in the sentence whose words the reader likes best, however little: what a reader that never
        refuses says."""
        read = [
            (sentence, span, passage)
            for passage in self.read
            for span, sentence in zip(passage.found.passage.sentences, passage.reading.sentences, strict=True)
        ]
        liked = max(read, key=lambda each: each[0].words.score if each[0].words else -math.inf, default=None)
        if liked is None:
            return ""
        sentence, span, passage = liked
        short = pinpoint(passage.question, passage.article, span, sentence)
        return short.of(passage.article.text) if short else ""


class ServicePath:
    """The service's stages on an index."""

    def __init__(
        self,
        index: OpenIndex,
        encoder: PublishedEncoder,
        reranker: Reranker,
        reader: Reader,
        fitted: Calibration,
        claim_support: ClaimSupport,
    ) -> None:
        self._index = index
        self._encoder = encoder
        self._reranker = reranker
        self._reader = reader
        self.fitted = fitted
        self.claim_support = claim_support
        self._agree = Agreement(claim_support)
        self.name = f"{encoder.name}, {reader.name}"

    @property
    def snapshot(self) -> str:
        """What the index holds."""
        with self._index.view() as view:
            return view.snapshot

    def answerer(self) -> Answerer:
        """What answers, made of the same stages."""
        return Answerer(self._index, self._encoder, self._reranker, self._reader, self.fitted, agree=self._agree)

    def search(self, question: str, *, k: int = RERANKED, filters: Filters = EVERYTHING) -> list[Candidate]:
        """What `Answerer.search` finds."""
        with self._index.view() as view:
            return self._found(view, wording(question, (), view, filters).text, k, filters)[0]

    def read(self, question: str, *, k: int | None = None, filters: Filters = EVERYTHING) -> list[ReadPassage]:
        """The `k` best passages, read; those that `Answerer.ask` reads where no number is given."""
        with self._index.view() as view:
            asked = wording(question, (), view, filters).text
            found, articles = self._found(view, asked, k or RERANKED, filters)
            return read_passages(asked, found if k else worth_reading(found), articles, self._reader)

    def consider(self, question: str, *, filters: Filters = EVERYTHING) -> Considered:
        """What `Answerer.ask` decides on."""
        with self._index.view() as view:
            asked = wording(question, (), view, filters).text
            found, articles = self._found(view, asked, RERANKED, filters)
            read = read_passages(asked, worth_reading(found), articles, self._reader)
            linked = view.linked(list(articles))
        judged = judge(read, self.fitted)
        groups = choose(judged, self.fitted, linked, self._agree, of_a_time=names_a_time(asked))
        return Considered(found, read, judged, groups)

    def dense(self, question: str, k: int) -> list[ScoredPassage]:
        """The encoder alone, as it was published: exact search over the passages' vectors."""
        with self._index.view() as view:
            return view.dense(self._encoder.encode_symmetric([question])[0], k, EVERYTHING)

    def lexical(self, question: str, k: int) -> list[ScoredPassage]:
        """BM25 alone."""
        with self._index.view() as view:
            return view.lexical(question, k, EVERYTHING)

    def _found(self, view: IndexView, question: str, k: int, filters: Filters) -> Found:
        return find(view, self._encoder, self._reranker, question, k, filters)


@contextmanager
def service_path(settings: Settings) -> Iterator[ServicePath]:
    """The path on the index of `settings`, as the service would load it."""
    stages = load_stages(settings)
    with closing(stages.index):
        yield ServicePath(
            stages.index, stages.encoder, stages.reranker, stages.reader, calibration(), stages.claim_support
        )
