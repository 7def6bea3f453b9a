"""Fits the probability that a sentence answers a question, and the thresholds, on development data.

Looks at the dev parts only: PIAF and squad_fr (answers known to the character), questions_fr on the same pool (no
answer there), NoMIRACL (ten passages, answerable or not), and the seeds' questions. The scores that are computed from
the reader are written to a file, so that fitting again costs nothing.
"""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from eval.datasets import JudgedQuestion, Part, PooledQuestion, nomiracl, piaf, questions_fr, squad_fr
from eval.questions import GoldQuestion
from index.encoder import open_encoder
from index.index import Index
from index.settings import Settings
from index.types import Article, Filters, Span
from service.answering import READ, RERANKED
from service.evidence import ReadPassage, features
from service.reader import JointPassageReader, load_network
from service.reranking import LateInteraction
from service.retrieval import retrieve
from service.states import TokenStatesEncoder

ASKED = {"piaf": 110, "squad_fr": 110, "questions_fr": 60, "nomiracl": 60}  # at most, of each data set
PUT = 64  # articles indexed at a time


@dataclass(frozen=True, slots=True)
class Scored:
    """One sentence that was read for a question. `answers`: whether it holds the answer; unknown where only the whole
    list was judged. `answerable`: whether the question has an answer in what may be searched."""

    question: str
    dataset: str
    lang: str
    answerable: bool
    answers: bool | None
    features: dict[str, float]


def pool(folder: Path) -> tuple[list[Article], list[PooledQuestion], list[JudgedQuestion]]:
    """The articles, and the development questions on them."""
    articles: list[Article] = []
    asked: list[PooledQuestion] = list(questions_fr(folder))
    for read in (piaf, squad_fr):
        found, questions = read(folder)
        articles += found
        asked += questions
    judged: list[JudgedQuestion] = []
    for lang in ("fr", "en"):
        found, lists = nomiracl(folder, lang)
        lists = [question for question in lists if question.part is Part.DEV]
        needed = {article_id for question in lists for article_id in question.article_ids}
        articles += found if lang == "fr" else [article for article in found if article.article_id in needed]
        judged += lists
    dev = [question for question in asked if question.part is Part.DEV]
    random.Random(0).shuffle(dev)  # the first of a file are about few articles
    kept = [q for name, most in ASKED.items() for q in [q for q in dev if q.dataset == name][:most]]
    return articles, kept, judged[: ASKED["nomiracl"]]


def build_pool(articles: Sequence[Article], settings: Settings, progress: Callable[[int], object]) -> None:
    """Indexes the pool in the data folder of `settings`; what is there already is not encoded again."""
    with closing(Index.open(settings.data, open_encoder(settings), threads=settings.threads)) as index:
        for start in range(0, len(articles), PUT):
            index.put(articles[start : start + PUT])
            progress(len(articles[start : start + PUT]))


def score_all(
    settings: Settings, questions: Iterable[PooledQuestion | JudgedQuestion | GoldQuestion]
) -> Iterator[list[Scored]]:
    """The sentences read for each question, as the service would read them."""
    encoder = open_encoder(settings)
    network, name = load_network()
    states = TokenStatesEncoder(encoder, network.token_mean)
    reranker, reader = LateInteraction(states), JointPassageReader(states, network, name)
    with closing(Index.open(settings.data, encoder, threads=settings.threads)) as index:
        for question in questions:
            with index.view() as view:
                text, filters, k = _asked(question)
                found = retrieve(view, encoder, text, max(k, RERANKED), filters)
                articles = view.articles([candidate.passage.article_id for candidate in found])
                found = reranker.rerank(text, found, articles)[:k]
                pairs = [(articles[candidate.passage.article_id], candidate.passage) for candidate in found]
                readings = reader.read(text, pairs)
                yield [
                    scored
                    for candidate, (article, _), reading in zip(found, pairs, readings, strict=True)
                    for scored in _scored(question, ReadPassage(candidate, article, reading))
                ]


def _asked(question: PooledQuestion | JudgedQuestion | GoldQuestion) -> tuple[str, Filters, int]:
    match question:
        case PooledQuestion():
            return question.question, Filters(), READ
        case JudgedQuestion():
            return question.question, Filters(article_ids=question.article_ids), len(question.article_ids)
        case GoldQuestion():
            return question.question, question.filters.filters(), READ


def _scored(question: PooledQuestion | JudgedQuestion | GoldQuestion, read: ReadPassage) -> Iterator[Scored]:
    passage = read.found.passage
    for span, sentence in zip(passage.sentences, read.reading.sentences, strict=True):
        if sentence.words is None:
            continue
        values = features(read.found, read.reading, sentence, sentence.words)
        match question:
            case PooledQuestion():
                right = passage.article_id == question.gold and any(span.overlaps(a) for a in question.answers)
                yield Scored(question.question, question.dataset, question.lang, bool(question.gold), right, values)
            case JudgedQuestion():
                right_or_unknown = None if question.answerable else False
                yield Scored(
                    question.question, "nomiracl", question.lang, question.answerable, right_or_unknown, values
                )
            case GoldQuestion():
                gold = question.right_spans
                right = any(g.article_id == passage.article_id and span.overlaps(Span(g.start, g.end)) for g in gold)
                yield Scored(question.id, "seeds", question.lang, question.answerable, right, values)


def write_scores(scores: Iterable[list[Scored]], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for sentences in scores:
            for scored in sentences:
                file.write(json.dumps(asdict(scored), ensure_ascii=False) + "\n")


def read_scores(path: Path) -> list[list[Scored]]:
    """The sentences of each question, together."""
    with path.open(encoding="utf-8") as lines:
        scored = [Scored(**json.loads(line)) for line in lines]
    return [list(group) for _, group in groupby(scored, key=lambda s: (s.dataset, s.lang, s.question))]
