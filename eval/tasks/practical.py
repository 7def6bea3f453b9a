"""`practical`: questions as people type them, on invented sheets that look alike: which systems find the right one?"""

from eval.collection import OURS, read_articles_of
from eval.datasets import Part
from eval.questions import load_questions
from eval.tasks.ranking import RETRIEVAL_METRICS, Topic, sample_topics, search_job
from eval.tasks.task import Task, Workload

NAME = "practical"


def _prepare(part: Part, limit: int | None) -> Workload:
    folder, file = OURS[NAME]
    articles = read_articles_of(folder)
    topics = [
        Topic(asked.id, asked.question, (asked.lang,), dict.fromkeys((s.article_id for s in asked.needed_spans), 1))
        for asked in load_questions(file, {article.article_id: article.text for article in articles})
        if asked.answerable and asked.part == part
    ]
    return Workload(NAME, articles, [search_job(topic) for topic in sample_topics(topics, limit)])


TASK = Task(
    NAME, "short, careless questions on 154 invented sheets of practical information", RETRIEVAL_METRICS, _prepare
)
