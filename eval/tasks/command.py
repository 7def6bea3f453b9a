"""`python -m eval tasks`: does the tasks that are named, or all; prints their figures and writes their files."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from eval.datasets import Part
from eval.errors import InvalidRun, MissingDataset
from eval.pools import build_pool
from eval.reading import ServicePath, service_path
from eval.recording import Provenance, provenance
from eval.tasks import running
from eval.tasks.catalogue import TASKS, tasks_named
from eval.tasks.page import page
from eval.tasks.summary import Figures, differences, figures
from eval.tasks.task import Task, TaskRun, Workload
from eval.tasks.text import differing, tables
from index.settings import Settings


def do_tasks(
    names: Sequence[str], part: Part, limit: int | None, *, settings: Settings, root: Path, out: Path | None
) -> Iterator[str]:
    """Lines to print. A task whose data is not there is skipped with the reason; raises it where none can be done."""
    started = datetime.now(UTC)
    pools = root / "var" / "eval"
    folder = out or pools / "tasks" / started.strftime("%Y%m%dT%H%M%SZ")
    recorded = provenance(root, started)
    missing: MissingDataset | None = None
    done: list[tuple[TaskRun, Figures]] = []
    for task in tasks_named(names or TASKS):
        try:
            run = _done(task, part, limit, settings=settings, pools=pools, recorded=recorded)
        except MissingDataset as exc:
            missing = exc
            yield f"{task.name}: skipped, {exc}\n"
            continue
        found = figures(run)
        running.write(run, found, folder / task.name)
        done.append((run, found))
        (folder / "report.html").write_text(page(done), encoding="utf-8")
        yield f"{task.name} ({part}): {task.about}\n"
        yield from (f"{table}\n" for table in tables(found))
    if missing and not done:
        raise missing
    yield str(folder / "report.html")


def compare_tasks(a: Path, b: Path) -> str:
    """B less A, for each task that both folders hold; empty where one of them holds none."""
    first, second = running.read_all(a), running.read_all(b)
    both = [name for name in first if name in second]
    if first and second and not both:
        raise InvalidRun(f"no task in common: {', '.join(first)} in {a}, {', '.join(second)} in {b}")
    return "\n\n".join(f"{name}\n{differing(differences(first[name], second[name]))}" for name in both)


def _done(
    task: Task, part: Part, limit: int | None, *, settings: Settings, pools: Path, recorded: Provenance
) -> TaskRun:  # fmt: skip
    @contextmanager
    def opened(work: Workload) -> Iterator[ServicePath]:
        own = settings.model_copy(update={"data": pools / work.pool})
        with _bar(work.pool) as progress:
            build_pool(work.articles, own, progress)
        with service_path(own) as path:
            yield path

    with _bar(task.name) as progress:
        return running.do(task, part, limit, opened=opened, recorded=recorded, progress=progress)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar, told how much is done and of how much; not there before it is told."""
    with ExitStack() as stack:
        bars: list[tqdm[object]] = []

        def progress(done: int, of: int) -> None:
            if not bars:
                bars.append(stack.enter_context(tqdm(total=of, desc=what, disable=None)))
            bars[0].update(done - bars[0].n)

        yield progress
