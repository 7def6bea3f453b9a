"""`robustness`: PIAF's questions as they are and as people also put them, and how many points each way loses."""

from functools import partial

from eval.datasets import Part, datasets_folder, piaf, squad_fr
from eval.pools import question_pool
from eval.reading import ServicePath
from eval.statistics import Tally
from eval.tasks.answers import pooled_topics
from eval.tasks.perturbing import PERTURBATIONS
from eval.tasks.ranking import RETRIEVAL_METRICS, Topic, by_article, ranking_tallies, sample_topics
from eval.tasks.task import Outcome, Task, Workload

AS_GIVEN = "as given"
LOST_AT = (1, 10)


def _prepare(part: Part, limit: int | None) -> Workload:
    folder = datasets_folder()
    topics = [topic for read in (piaf, squad_fr) for topic in pooled_topics(*read(folder), part)]
    jobs = [partial(_ask, topic) for topic in sample_topics(topics, limit)]
    return Workload("pool", question_pool(folder), jobs)


TASK = Task(
    "robustness",
    "the questions of `piaf` perturbed: careless (no capitals, accents, punctuation), misspelt (a word in ten), spoken",
    RETRIEVAL_METRICS | {f"lost@{k}": f"recall@{k} as given less that of the perturbed question" for k in LOST_AT},
    _prepare,
)


def _ask(topic: Topic, path: ServicePath) -> Outcome:
    lang = topic.groups[0].split()[-1]
    asked = {AS_GIVEN: topic.text} | {name: put(topic.text, lang) for name, put in PERTURBATIONS.items()}
    rankings = {name: by_article(path.search(text)) for name, text in asked.items()}
    tallies = {name: ranking_tallies(topic.relevant, ranking) for name, ranking in rankings.items()}
    given = tallies[AS_GIVEN]
    for name in PERTURBATIONS:
        tallies[name] |= {
            f"lost@{k}": Tally(given[f"recall@{k}"].got - tallies[name][f"recall@{k}"].got, 1) for k in LOST_AT
        }
    return Outcome(
        id=topic.topic_id, groups=topic.groups, text=topic.text, tallies=tallies, rankings=rankings,
        relevant=dict(topic.relevant), said=asked,
    )  # fmt: skip
