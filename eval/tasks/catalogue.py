"""The tasks by name."""

from eval.errors import EvaluationError
from eval.tasks import answers, cross, news, refusal, robustness, support
from eval.tasks.task import Task

TASKS = {task.name: task for task in (answers.TASK, robustness.TASK, news.TASK, cross.TASK, refusal.TASK, support.TASK)}


def task_named(name: str) -> Task:
    """Raises `EvaluationError` naming those that there are."""
    if name not in TASKS:
        raise EvaluationError(f"there is no task {name!r}; there are {', '.join(TASKS)}")
    return TASKS[name]
