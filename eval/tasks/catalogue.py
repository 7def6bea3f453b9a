"""The tasks by name, and those on data that the user brings."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

from eval.errors import EvaluationError
from eval.tasks import answers, cross, guard, injection, news, practical, refusal, rendering, robustness, support
from eval.tasks.own import beir_task, squad_task
from eval.tasks.task import Task

_ALL = (
    answers.TASK, robustness.TASK, news.TASK, cross.TASK, refusal.TASK, support.TASK, guard.TASK, rendering.TASK,
    injection.TASK,
)  # fmt: skip
TASKS = {task.name: task for task in _ALL}
_NAMED = {task.name: task for task in (practical.TASK, practical.DOSSIERS)}  # of no data set: done where they are named
BY_NAME = TASKS | _NAMED


def tasks_named(names: Iterable[str]) -> list[Task]:
    """Each once, raising as `task_named` does; of data sets of one name the second is numbered 2."""
    found: dict[str, Task] = {}
    for task in map(task_named, dict.fromkeys(names)):
        numbered = (f"{task.name}-{number}" for number in count(2))
        name = next(name for name in chain([task.name], numbered) if name not in found)
        found[name] = replace(task, name=name)
    return list(found.values())


def task_named(name: str) -> Task:
    """The task of that name, or on the BEIR folder or SQuAD file at that path; else raises `EvaluationError`."""
    if name in BY_NAME:
        return BY_NAME[name]
    path = Path(name).expanduser()
    if path.is_dir():
        return beir_task(path)
    if path.is_file():
        return squad_task(path)
    raise EvaluationError(f"{name!r} is neither a task ({', '.join(BY_NAME)}) nor a BEIR folder nor a SQuAD file")
