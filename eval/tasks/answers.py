"""`piaf`, and SQuAD files: questions whose answer stands in one passage of many. Retrieve, then answer."""

from functools import partial

from eval.datasets import Part, PooledQuestion, datasets_folder, piaf, squad_fr
from eval.metrics import METRICS
from eval.pools import question_pool
from eval.reading import Considered, ServicePath
from eval.short_answers import exact_match, token_f1
from eval.statistics import Tally
from eval.tasks.ranking import RETRIEVAL_METRICS, SERVICE, Topic, by_article, floors, ranking_tallies, sample_topics
from eval.tasks.task import Job, Outcome, Task, Workload
from index.types import Article, Filters

GIVEN, FORCED = "gold given", "gold given, never refusing"
ANSWER_METRICS = {
    "answered": "share of questions that are answered and not refused",
    "short_em": "the short answer that is shown equals an accepted one; none shown scores zero",
    "short_f1": METRICS["short_f1"] + "; none shown scores zero",
}


def _prepare(part: Part, limit: int | None) -> Workload:
    folder = datasets_folder()
    articles = question_pool(folder)
    topics = [topic for read in (piaf, squad_fr) for topic in pooled_topics(*read(folder), part)]
    return Workload("pool", articles, [answer_job(topic) for topic in sample_topics(topics, limit)])


TASK = Task(
    "piaf",
    "French questions (PIAF; squad_fr, some in English) on one pool of passages; then the short answer",
    RETRIEVAL_METRICS | ANSWER_METRICS,
    _prepare,
)


def pooled_topics(articles: list[Article], questions: list[PooledQuestion], part: Part) -> list[Topic]:
    """The answerable questions of a part. Groups are by data set and language."""
    texts = {article.article_id: article.text for article in articles}
    return [
        Topic(
            question.question_id,
            question.question,
            (f"{question.dataset} {question.lang}",),
            {question.gold: 1},
            tuple(dict.fromkeys(span.of(texts[question.gold]) for span in question.answers)),
        )
        for question in questions
        if question.part is part and question.gold and question.answers
    ]


def answer_job(topic: Topic) -> Job:
    """Ranks with all systems; answers from what the service found, and from the relevant articles alone."""
    return partial(answer, topic)


def answer(topic: Topic, path: ServicePath) -> Outcome:
    considered = path.consider(topic.text)
    given = path.consider(topic.text, filters=Filters(article_ids=tuple(topic.relevant)))
    rankings = {SERVICE: by_article(considered.found), **floors(path, topic.text)}
    tallies = {system: ranking_tallies(topic.relevant, ranking) for system, ranking in rankings.items()}
    tallies[SERVICE] |= _answered(topic, considered)
    tallies[GIVEN] = _answered(topic, given)
    tallies[FORCED] = short_tallies(topic, given.best_span)
    said = {
        "accepted": " | ".join(topic.answers), SERVICE: considered.short_answer,
        GIVEN: given.short_answer, FORCED: given.best_span,
    }  # fmt: skip
    return Outcome(
        id=topic.topic_id, groups=topic.groups, text=topic.text, tallies=tallies, rankings=rankings,
        relevant=dict(topic.relevant), scores={GIVEN: given.support}, right={GIVEN: True}, said=said,
    )  # fmt: skip


def _answered(topic: Topic, considered: Considered) -> dict[str, Tally]:
    return {"answered": Tally(considered.answered, 1)} | short_tallies(topic, considered.short_answer)


def short_tallies(topic: Topic, given: str) -> dict[str, Tally]:
    """Against the best of the accepted answers; nothing given scores zero."""
    return {
        "short_em": Tally(bool(given) and max(exact_match(given, wanted) for wanted in topic.answers), 1),
        "short_f1": Tally(max(token_f1(given, wanted) for wanted in topic.answers) if given else 0, 1),
    }
