"""An index of as many passages as wanted, for benchmarks: synthetic vectors, and words drawn from real passages.

What it holds is stored as ingestion stores it, but for the encoding; it is kept, and filled up where it was stopped.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from eval.synthetic import DIM, PASSAGES_AN_ARTICLE
from index.analysis import analyse
from index.dates import PublishedDate
from index.encoder import Encoder
from index.preparing import Prepared
from index.store_writer import IndexedPassage
from index.types import Article, Filters, Passage, Span

Rows = NDArray[np.float32]

BATCH_ARTICLES = 200
DAYS = 10_000  # on which the articles were published, all alike
SHARES = (0.5, 0.1, 0.01)  # that filters leave
_FIRST_DAY = date(1996, 1, 1)
_TITLE_TERMS = 6
_OWN = 0.5  # of a passage's terms, the share that come together from one real passage


class StandIn:
    """An encoder by name only, whose vectors are made otherwise: what an index of them says it was built with."""

    def __init__(self, encoder: Encoder, of_questions: Mapping[str, Rows]) -> None:
        self.name, self.dim = encoder.name, DIM
        self.query_prefix, self.passage_prefix = encoder.query_prefix, encoder.passage_prefix
        self._of_questions = of_questions

    def encode_queries(self, texts: Sequence[str]) -> Rows:
        return np.stack([self._of_questions[text] for text in texts])

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Rows:
        raise NotImplementedError(f"{len(texts)} texts, {progress}: their vectors are made otherwise")


@dataclass(frozen=True, slots=True)
class Words:
    """Terms of real passages, to draw from: half of a passage's terms come from one real passage, half from all."""

    terms: NDArray[np.object_]
    passages: Sequence[NDArray[np.int64]]
    every: NDArray[np.int64]

    @classmethod
    def of(cls, articles: Iterable[Article]) -> "Words":
        numbers: dict[str, int] = {}
        passages = [
            np.array([numbers.setdefault(term, len(numbers)) for term in terms])
            for article in articles
            if (terms := analyse(article.text, article.lang))
        ]
        return cls(np.array(list(numbers), object), passages, np.concatenate(passages))

    def passage(self, rng: np.random.Generator) -> str:
        real = self.passages[int(rng.integers(len(self.passages)))]
        own = rng.random(len(real)) < _OWN
        drawn = np.where(own, real, self.every[rng.integers(0, len(self.every), len(real))])
        return " ".join(self.terms[drawn])

    def title(self, rng: np.random.Generator) -> str:
        return " ".join(self.terms[self.every[rng.integers(0, len(self.every), _TITLE_TERMS)]])


def prepared(number: int, rows: Rows, words: Words) -> Prepared:
    """The article of that number, whose passages have these vectors, float32 (n, dim): always the same."""
    rng = np.random.default_rng(number)
    article_id, title = f"s{number:07}", words.title(rng)
    texts = [words.passage(rng) for _ in rows]
    starts = np.cumsum([0, *(len(text) + 2 for text in texts)]).tolist()
    day = PublishedDate((_FIRST_DAY + timedelta(days=int(days_of(number)))).isoformat())
    article = Article(article_id, "\n\n".join(texts), title, day, source=f"source {number % 20}", lang="fr")
    return article, [
        IndexedPassage(_passage(article_id, n, start, text), title, text, row)
        for n, (start, text, row) in enumerate(zip(starts, texts, rows, strict=False))
    ]


def batches(rows: Rows, words: Words, *, first: int = 0) -> Iterator[list[Prepared]]:
    """The articles from number `first` on whose passages have these vectors in turn, some at a time."""
    size = BATCH_ARTICLES * PASSAGES_AN_ARTICLE
    for start in range(first * PASSAGES_AN_ARTICLE, len(rows), size):
        number = start // PASSAGES_AN_ARTICLE
        block = rows[start : start + size]
        yield [
            prepared(number + n, block[at : at + PASSAGES_AN_ARTICLE], words)
            for n, at in enumerate(range(0, len(block), PASSAGES_AN_ARTICLE))
        ]


def days_of(numbers: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """The day on which the article of each number was published, counted from the first: all days have as many."""
    return np.asarray(numbers) * 7919 % DAYS


def leaving(share: float) -> Filters:
    """What leaves that share of the articles: the latest."""
    if share == 1:
        return Filters()
    return Filters(published_after=PublishedDate((_FIRST_DAY + timedelta(days=first_day(share))).isoformat()))


def first_day(share: float) -> int:
    return round(DAYS * (1 - share))


def _passage(article_id: str, number: int, start: int, text: str) -> Passage:
    span = Span(start, start + len(text))
    return Passage(f"{article_id}#{number}", article_id, span, text, (span,))
