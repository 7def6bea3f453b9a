"""What a task is made of. It knows data sets and the service's stages, and not how its outcomes are summed up."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import Field

from eval.datasets import Part
from eval.reading import ServicePath
from eval.recording import File, Recorded
from eval.statistics import Tally
from eval.systems import Ranked
from index.types import Article

T = TypeVar("T")


class Outcome(File):
    """What came of one question: by system, its tallies, its ranking of articles, and its score.

    A score says how sure the system is of something; `right`, where it is known, whether that was so: that there is an
    answer, that the claim is supported, whatever the task asks. `said` is for the reader of the report.
    """

    id: str
    groups: tuple[str, ...]
    text: str
    tallies: dict[str, dict[str, Tally]]
    rankings: dict[str, list[Ranked]] = Field(default_factory=dict)
    relevant: dict[str, int] = Field(default_factory=dict)
    scores: dict[str, float] = Field(default_factory=dict)
    right: dict[str, bool] = Field(default_factory=dict)
    said: dict[str, str] = Field(default_factory=dict)


Job = Callable[[ServicePath], Outcome]


def _as_they_are(outcomes: list[Outcome]) -> list[Outcome]:
    return outcomes


@dataclass(frozen=True, slots=True)
class Workload:
    """`jobs`, each one question, to be done on an index of exactly these articles; `pool` names its folder.

    `finish` makes the reported outcomes of those of the jobs.
    """

    pool: str
    articles: Sequence[Article]
    jobs: Sequence[Job]
    finish: Callable[[list[Outcome]], list[Outcome]] = _as_they_are


@dataclass(frozen=True, slots=True)
class Standalone:
    """`jobs`, each one question, that need no index and none of the models that answer."""

    jobs: Sequence[Callable[[], Outcome]]


@dataclass(frozen=True, slots=True)
class Task:
    """`prepare` gives the work of a part, at most so many questions of each kind; raises `MissingDataset`.

    `metrics`: what each tally means. `measures`: those of `eval.tasks.measures` that are taken of a system's scores.
    """

    name: str
    about: str
    metrics: Mapping[str, str]
    prepare: Callable[[Part, int | None], Workload | Standalone]
    measures: Mapping[str, Sequence[str]] = field(default_factory=dict)


class TaskRun(Recorded):
    """A task done once: all that its figures are computed from."""

    task: str
    task_about: str
    part: Part
    limit: int | None
    metrics: dict[str, str]
    measures: dict[str, list[str]]
    outcomes: list[Outcome]


def sample_groups(
    topics: Iterable[T], most: int | None, *, key: Callable[[T], str], group: Callable[[T], str]
) -> list[T]:
    """As `sample`, so many of each group."""
    groups: dict[str, list[T]] = {}
    for topic in topics:
        groups.setdefault(group(topic), []).append(topic)
    return [topic for members in groups.values() for topic in sample(members, most, key=key)]


def sample(items: Sequence[T], most: int | None, *, key: Callable[[T], str]) -> list[T]:
    """At most so many of the items, the same ones each time, in an order that has nothing to do with their own.

    A smaller sample is the beginning of a larger one.
    """
    return sorted(items, key=lambda item: hashlib.sha256(key(item).encode()).digest())[:most]
