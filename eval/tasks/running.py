"""Does a task, each of its questions in turn; writes what came of it, and reads it again."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path

from pydantic import RootModel, ValidationError

from eval.datasets import Part
from eval.errors import InvalidRun
from eval.reading import ServicePath
from eval.recording import Provenance
from eval.tasks.summary import Figures
from eval.tasks.task import Outcome, Standalone, Task, TaskRun, Workload
from eval.trec import trec_judgements, trec_ranking

FILE_NAME = "task.json"
FIGURES_NAME = "figures.json"
Opened = Callable[[Workload], AbstractContextManager[ServicePath]]
"""The service's path on an index of exactly the workload's articles."""
Progress = Callable[[int, int], object]
Done = tuple[dict[str, object], list[Outcome]]
"""What the work rested on, and what came of it."""


def do(
    task: Task, part: Part, limit: int | None, *, opened: Opened, recorded: Provenance,
    progress: Progress = lambda _done, _of: None,
) -> TaskRun:  # fmt: skip
    """Raises `MissingDataset` where the task's data is not there. `progress` is told how many questions are done."""
    work = task.prepare(part, limit)
    about, outcomes = _alone(work, progress) if isinstance(work, Standalone) else _on_index(work, opened, progress)
    return TaskRun(
        **recorded,
        about=about,
        task=task.name,
        task_about=task.about,
        part=part,
        limit=limit,
        metrics=dict(task.metrics),
        measures={system: list(names) for system, names in task.measures.items()},
        outcomes=outcomes,
    )


def _alone(work: Standalone, progress: Progress) -> Done:
    outcomes = []
    for done, job in enumerate(work.jobs, start=1):
        outcomes.append(job())
        progress(done, len(work.jobs))
    return {}, outcomes


def _on_index(work: Workload, opened: Opened, progress: Progress) -> Done:
    outcomes = []
    with opened(work) as path:
        for done, job in enumerate(work.jobs, start=1):
            outcomes.append(job(path))
            progress(done, len(work.jobs))
        about = {
            "models": path.name,
            "calibration": asdict(path.fitted),
            "pool": work.pool,
            "articles": len(work.articles),
            "snapshot": path.snapshot,
        }
    return about, work.finish(outcomes)


def write(run: TaskRun, figures: Figures, folder: Path) -> None:
    """Writes the run, its figures, and where it ranked articles a TREC file for each ranking and the judgements."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE_NAME).write_text(run.model_dump_json(indent=1), encoding="utf-8")
    figured = run.model_dump(mode="json", exclude={"outcomes"}) | {"figures": RootModel[Figures](figures).model_dump()}
    (folder / FIGURES_NAME).write_text(json.dumps(figured, ensure_ascii=False, indent=1), encoding="utf-8")
    for system in dict.fromkeys(name for outcome in run.outcomes for name in outcome.rankings):
        rankings = [(outcome.id, outcome.rankings[system]) for outcome in run.outcomes if system in outcome.rankings]
        lines = [line for question_id, ranking in rankings for line in trec_ranking(question_id, ranking, system)]
        _write_lines(lines, folder / f"{system.replace(' ', '_')}.trec")
    judged = [line for outcome in run.outcomes for line in trec_judgements(outcome.id, outcome.relevant)]
    _write_lines(judged, folder / "qrels.trec")


def _write_lines(lines: Sequence[str], path: Path) -> None:
    if lines:
        path.write_text("".join(lines), encoding="utf-8")


def read(path: Path) -> TaskRun:
    """The run in a folder, or in a `task.json`; raises `InvalidRun` where there is none."""
    path = path / FILE_NAME if path.is_dir() else path
    try:
        return TaskRun.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as exc:
        raise InvalidRun(f"{path} is no task of `python -m eval tasks`: {exc}") from exc


def read_all(folder: Path) -> dict[str, TaskRun]:
    """The tasks in a folder of `python -m eval tasks`, or in one task's folder or file, by name; none where none is."""
    inside = [*folder.glob(FILE_NAME), *sorted(folder.glob(f"*/{FILE_NAME}"))]
    found = map(read, [folder] if folder.name == FILE_NAME else inside)
    return {run.task: run for run in found}
