"""`practical`, `dossiers`: questions as people type them, on invented texts that look alike: what finds the one?"""

from functools import partial

from eval.collection import OURS, read_articles_of
from eval.datasets import Part
from eval.questions import load_questions
from eval.tasks.ranking import RETRIEVAL_METRICS, Topic, sample_topics, search_job
from eval.tasks.task import Task, Workload


def _prepare(name: str, part: Part, limit: int | None) -> Workload:
    folder, file = OURS[name]
    articles = read_articles_of(folder)
    topics = [
        Topic(asked.id, asked.question, (asked.lang,), dict.fromkeys((s.article_id for s in asked.needed_spans), 1))
        for asked in load_questions(file, {article.article_id: article.text for article in articles})
        if asked.answerable and asked.part == part
    ]
    return Workload(name, articles, [search_job(topic) for topic in sample_topics(topics, limit)])


def _task(name: str, about: str) -> Task:
    return Task(name, about, RETRIEVAL_METRICS, partial(_prepare, name))


TASK = _task("practical", "short, careless questions on 154 invented sheets of practical information")
DOSSIERS = _task("dossiers", "short, careless questions on 224 invented texts of news and of practical information")
