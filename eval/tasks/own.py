"""Tasks on a user's own data: a BEIR folder to search, a SQuAD file to search and to answer."""

import hashlib
from functools import partial
from pathlib import Path

from eval.datasets import Part
from eval.formats import Asked, beir, squad
from eval.reading import ServicePath
from eval.statistics import Tally
from eval.tasks.answers import ANSWER_METRICS, GIVEN, answer
from eval.tasks.ranking import RETRIEVAL_METRICS, Topic, search_job
from eval.tasks.refusal import REFUSAL_METRICS
from eval.tasks.task import Outcome, Task, Workload, sample_groups
from index.types import Filters


def beir_task(folder: Path) -> Task:
    """The queries of `qrels/PART.tsv`, by language."""

    def prepare(part: Part, limit: int | None) -> Workload:
        own = beir(folder, part)
        jobs = [search_job(_topic(asked)) for asked in _sampled(own.asked, limit)]
        return Workload(_pool(folder), own.articles, jobs)

    return Task(f"own-{folder.resolve().name}", f"the BEIR folder {folder}", RETRIEVAL_METRICS, prepare)


def squad_task(path: Path) -> Task:
    """All questions of the file, whatever the part: one file is one part. By language."""

    def prepare(_part: Part, limit: int | None) -> Workload:
        own = squad(path)
        return Workload(_pool(path), own.articles, [partial(_ask, asked) for asked in _sampled(own.asked, limit)])

    return Task(
        f"own-{path.stem}",
        f"the SQuAD file {path}; unanswerable questions beside their own paragraph",
        RETRIEVAL_METRICS | ANSWER_METRICS | REFUSAL_METRICS,
        prepare,
        {GIVEN: ("auc", "answered@20", "ece")},
    )


def _ask(asked: Asked, path: ServicePath) -> Outcome:
    if asked.answers:
        outcome = answer(_topic(asked), path)
        refused = Tally(1 - outcome.tallies[GIVEN]["answered"].got, 1)
        return outcome.model_copy(
            update={"tallies": outcome.tallies | {GIVEN: outcome.tallies[GIVEN] | {"refused_answerable": refused}}}
        )
    considered = path.consider(asked.text, filters=Filters(article_ids=(asked.context,)))
    return Outcome(
        id=asked.question_id, groups=(asked.lang,), text=asked.text, right={GIVEN: False},
        scores={GIVEN: considered.support}, tallies={GIVEN: {"answered_unanswerable": Tally(considered.answered, 1)}},
        said={GIVEN: considered.short_answer},
    )  # fmt: skip


def _topic(asked: Asked) -> Topic:
    return Topic(asked.question_id, asked.text, (asked.lang,), asked.relevant, asked.answers)


def _sampled(asked: list[Asked], limit: int | None) -> list[Asked]:
    return sample_groups(asked, limit, key=lambda a: a.question_id, group=lambda a: f"{a.lang} {bool(a.relevant)}")


def _pool(path: Path) -> str:
    """Of its own for each path, so that two sets of one name do not replace each other's articles."""
    return f"own-{path.stem}-{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
