"""`news`: an English title, an English sentence or a French title finds the French article it is of, whose own title is
not indexed."""

from collections.abc import Iterable, Iterator

from eval.datasets import Part, datasets_folder
from eval.news_datasets import NewsItem, news
from eval.tasks.ranking import RETRIEVAL_METRICS, Topic, sample_topics, search_job
from eval.tasks.task import Task, Workload, sample

SENTENCES = 3  # of each article, at most
SENTENCE_CHARS = 40  # of a sentence that is asked, at least: shorter ones may be anyone's


def _prepare(part: Part, limit: int | None) -> Workload:
    items = list(news(datasets_folder()))
    topics = sample_topics(news_topics(items, part), limit)
    return Workload("news", [item.article for item in items], [search_job(topic) for topic in topics])


TASK = Task(
    "news",
    "English titles, English sentences and French titles against French articles without titles, in one pool",
    RETRIEVAL_METRICS,
    _prepare,
)


def news_topics(items: Iterable[NewsItem], part: Part) -> Iterator[Topic]:
    """What is known of each article of the part. Groups are by kind."""
    for item in items:
        if item.part is not part:
            continue
        article_id = item.article.article_id
        relevant = {article_id: 1}
        if item.title_en:
            yield Topic(f"{article_id}-title-en", item.title_en, ("English title",), relevant)
        if item.title_fr:
            yield Topic(f"{article_id}-title-fr", item.title_fr, ("French title",), relevant)
        long = [english for _, english in item.pairs if len(english) >= SENTENCE_CHARS]
        for number, english in enumerate(sample(long, SENTENCES, key=str), start=1):
            yield Topic(f"{article_id}-sentence-{number}", english, ("English sentence",), relevant)
