"""One run of the evaluation: every question asked and scored, and the files that record it.

A run holds each question's tallies, so runs are summarised and compared without asking anything again.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from pydantic import ValidationError

from eval.collection import Collection
from eval.contract import Detect
from eval.errors import InvalidRun
from eval.metrics import (
    DEPTH,
    METRICS,
    gold_passages,
    no_reply_tallies,
    reply_tallies,
    retrieval_tallies,
)
from eval.questions import GoldQuestion
from eval.recording import File, Recorded, provenance
from eval.statistics import Estimate, Tally, estimate
from eval.systems import Ranked, System
from eval.trec import trec_judgements, trec_ranking
from service.schemas import AskResponse

logger = logging.getLogger(__name__)

T = TypeVar("T")
Summary = dict[str, dict[str, Estimate]]  # by group of questions, then by metric


class Result(File):
    """What came of one question. A reply or ranking that is missing has its error instead."""

    question: GoldQuestion
    reply: AskResponse | None
    ranking: list[Ranked] | None
    gold: list[list[str]]  # ids of the passages that hold each fact
    errors: list[str]
    latency_ms: float | None
    tallies: dict[str, Tally]


class Run(Recorded):
    """A run with all that is needed to make it again."""

    questions_sha256: str
    part: str
    results: list[Result]


def ask_all(
    system: System,
    questions: Iterable[GoldQuestion],
    collection: Collection,
    detect: Detect,
    *,
    asked: Callable[[], object] = lambda: None,
) -> list[Result]:
    """Asks and scores each question in turn; `asked` is called after each. A question that errs is scored as such."""
    results = []
    for question in questions:
        results.append(_ask(system, question, collection, detect))
        asked()
    return results


def _ask(system: System, question: GoldQuestion, collection: Collection, detect: Detect) -> Result:
    errors: list[str] = []
    started = perf_counter()
    reply = _attempt(lambda: system.ask(question), question, errors)
    latency_ms = 1000 * (perf_counter() - started)
    ranking = _attempt(lambda: system.search(question, DEPTH), question, errors) if question.answerable else None
    gold = gold_passages(question, collection.passages)
    tallies = reply_tallies(question, reply, collection.texts, detect) if reply else no_reply_tallies(question)
    if question.answerable:
        tallies |= retrieval_tallies(gold, [passage_id for passage_id, _ in ranking or []])
    return Result(
        question=question,
        reply=reply,
        ranking=ranking,
        gold=[sorted(fact) for fact in gold],
        errors=errors,
        latency_ms=latency_ms if reply else None,
        tallies=tallies,
    )


def _attempt(call: Callable[[], T], question: GoldQuestion, errors: list[str]) -> T | None:
    try:
        return call()
    except Exception as exc:  # whatever it is, it costs this question and not the run
        logger.exception("question %s failed", question.id)
        errors.append(f"{type(exc).__name__}: {exc}")
        return None


def summarise(results: Sequence[Result]) -> Summary:
    """Every metric over all questions, by language and by part."""
    groups = {
        name: [result for result in results if name in ("all", result.question.lang, result.question.part)]
        for name in ("all", "fr", "en", "dev", "test")
    }
    return {
        name: {metric: estimate(tallies_of(group, metric)) for metric in METRICS}
        for name, group in groups.items()
        if group
    }


def tallies_of(results: Iterable[Result], metric: str) -> list[Tally]:
    return [result.tallies.get(metric, Tally(0, 0)) for result in results]


def record(
    results: list[Result], *, part: str, questions_sha256: str, about: dict[str, object], root: Path, started: datetime
) -> Run:
    """The run that these results make, in the checkout at `root`."""
    return Run(**provenance(root, started), questions_sha256=questions_sha256, part=part, about=about, results=results)


def write(run: Run, folder: Path) -> None:
    """Writes `run.json`, and the ranking and judgements as TREC files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").write_text(run.model_dump_json(indent=1), encoding="utf-8")
    (folder / "run.trec").write_text("".join(_trec_run(run.results)), encoding="utf-8")
    (folder / "qrels.trec").write_text("".join(_trec_qrels(run.results)), encoding="utf-8")


def read(path: Path) -> Run:
    """The run in a folder, or in a `run.json`; raises `InvalidRun` where there is none."""
    path = path / "run.json" if path.is_dir() else path
    try:
        return Run.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as exc:
        raise InvalidRun(f"{path} is no run of `python -m eval run`: {exc}") from exc


def _trec_run(results: Iterable[Result]) -> Iterable[str]:
    for result in results:
        yield from trec_ranking(result.question.id, result.ranking or [])


def _trec_qrels(results: Iterable[Result]) -> Iterable[str]:
    for result in results:
        yield from trec_judgements(result.question.id, {passage: 1 for fact in result.gold for passage in fact})
