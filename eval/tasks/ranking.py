"""Rankings of articles: the service's, and its two floors, the dense encoder alone and BM25 alone on the same passages.

Each system gives its first passages, as many as the service reranks; an article ranks as its best passage does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from eval.metrics import METRICS, ndcg, retrieval_tallies
from eval.reading import ServicePath
from eval.statistics import Tally
from eval.systems import Ranked
from eval.tasks.task import Job, Outcome, sample_groups
from index.types import ScoredPassage
from service.answering import RERANKED
from service.retrieval import Candidate

SERVICE, DENSE, BM25 = "service", "dense alone", "BM25 alone"
RETRIEVAL_METRICS = {
    "recall@1": "share of the relevant articles among the first 1, by question",
    "recall@5": "share of the relevant articles among the first 5",
    "recall@10": "share of the relevant articles among the first 10",
    "mrr@10": METRICS["mrr@10"].replace("gold passage", "relevant article"),
    "ndcg@10": "gain of relevant articles, by grade, discounted by log2(rank + 1), over that of the best order",
}


@dataclass(frozen=True, slots=True)
class Topic:
    """A question and its relevant articles, each with its grade; `answers` are the short ones that are accepted."""

    topic_id: str
    text: str
    groups: tuple[str, ...]
    relevant: Mapping[str, int]
    answers: tuple[str, ...] = ()


def sample_topics(topics: Iterable[Topic], most: int | None) -> list[Topic]:
    """At most so many of each group."""
    return sample_groups(topics, most, key=lambda topic: topic.topic_id, group=lambda topic: topic.groups[0])


def search_job(topic: Topic) -> Job:
    """Ranks with all three systems."""
    return partial(_search, topic)


def _search(topic: Topic, path: ServicePath) -> Outcome:
    rankings = {SERVICE: by_article(path.search(topic.text)), **floors(path, topic.text)}
    return Outcome(
        id=topic.topic_id, groups=topic.groups, text=topic.text, rankings=rankings, relevant=dict(topic.relevant),
        tallies={system: ranking_tallies(topic.relevant, ranking) for system, ranking in rankings.items()},
    )  # fmt: skip


def floors(path: ServicePath, question: str) -> dict[str, list[Ranked]]:
    return {
        DENSE: by_article(path.dense(question, RERANKED)),
        BM25: by_article(path.lexical(question, RERANKED)),
    }


def by_article(passages: Iterable[Candidate | ScoredPassage]) -> list[Ranked]:
    """The articles of passages that come best first, each once, with its best passage's score."""
    best: dict[str, float] = {}
    for found in passages:
        best.setdefault(found.passage.article_id, found.score)
    return list(best.items())


def ranking_tallies(relevant: Mapping[str, int], ranking: Sequence[Ranked]) -> dict[str, Tally]:
    found = [article_id for article_id, _ in ranking]
    tallies = retrieval_tallies([{article_id} for article_id in relevant], found)
    return tallies | {"ndcg@10": Tally(ndcg(relevant, found), 1)}
