"""Tasks to be read: one page of HTML that needs nothing else. Plots, figures, the questions that went wrong first."""

from collections.abc import Iterator, Sequence
from html import escape

from eval.report import STYLE, html_cell, provenance_table
from eval.tasks.measures import MEASURES
from eval.tasks.plots import bars, error_curves, reliability_diagram
from eval.tasks.ranking import SERVICE
from eval.tasks.refusal import PUBLISHED
from eval.tasks.refusal import TASK as REFUSAL
from eval.tasks.summary import Figures, Scored, grouped, scored_by
from eval.tasks.task import Outcome, TaskRun
from eval.tasks.text import NONE

PLOTTED = ("recall@1", "recall@10", "short_f1", "same_first", "same_sentence", "accuracy", "auc")
SHOWN = 60  # questions of a task, those that went worst
_MORE_STYLE = """
figure { display: inline-block; margin: 1rem 2rem 1rem 0 } figcaption { color: #666 }
nav a { margin-right: 1rem } svg { max-width: 100% }
"""


def page(done: Sequence[tuple[TaskRun, Figures]]) -> str:
    """The tasks as one page."""
    links = "".join(f'<a href="#{escape(run.task)}">{escape(run.task)}</a>' for run, _ in done)
    return "\n".join(
        [
            '<!doctype html><html lang="en"><meta charset="utf-8">',
            f"<title>Tasks, {escape(done[0][0].started)}</title><style>{STYLE}{_MORE_STYLE}</style>",
            f"<h1>Tasks, {escape(done[0][0].started)}</h1><nav>{links}</nav>",
            *(_task(run, figures) for run, figures in done),
            "</html>\n",
        ]
    )


def _task(run: TaskRun, figures: Figures) -> str:
    limited = f", at most {run.limit} questions of each kind" if run.limit else ""
    return "\n".join(
        [
            f'<h2 id="{escape(run.task)}">{escape(run.task)}</h2>',
            f"<p>{escape(run.task_about)}. Part: {run.part}{limited}; {len(run.outcomes)} questions.</p>",
            *_plots(run, figures),
            *(_table(group, figures, run) for group in figures),
            f"<h3>Questions, the worst {min(SHOWN, len(run.outcomes))} first</h3>",
            *(_question(outcome) for outcome in sorted(run.outcomes, key=_quality)[:SHOWN]),
            "<h3>What was run</h3>",
            provenance_table(run, part=run.part),
        ]
    )


def _plots(run: TaskRun, figures: Figures) -> Iterator[str]:
    present = {metric for systems in figures.values() for found in systems.values() for metric in found}
    if plotted := [metric for metric in PLOTTED if metric in present]:
        yield _figure(bars(figures, plotted), "with 95 % intervals over questions")
    published = PUBLISHED if run.task == REFUSAL.name else {}
    for system, measures in run.measures.items():
        scored = {
            group: scores
            for group, outcomes in grouped(run).items()
            if len((scores := scored_by(outcomes, system)).right)
        }
        curves = {group: scores for group, scores in scored.items() if 0 < scores.right.sum() < len(scores.right)}
        if "answered@20" in measures and curves:
            yield _figure(error_curves(curves, _chosen(figures, system), published), f"{system}: errors by threshold")
        if "ece" in measures and scored:
            yield _figure(reliability_diagram(_largest(scored)), f"{system}: support against what was right")


def _figure(drawn: str, caption: str) -> str:
    return f"<figure>{drawn}<figcaption>{escape(caption)}</figcaption></figure>"


def _chosen(figures: Figures, system: str) -> dict[str, tuple[float, float]]:
    """Where the service's own decisions lie, by group."""
    points = {}
    for group, systems in figures.items():
        found = systems.get(system, {})
        refused, answered = (found.get(name, NONE).value for name in ("refused_answerable", "answered_unanswerable"))
        if refused is not None and answered is not None:
            points[group] = refused, answered
    return points


def _largest(scored: dict[str, Scored], most: int = 4) -> dict[str, Scored]:
    """The groups with most questions, in their order: more than a few curves cannot be read."""
    chosen = sorted(scored, key=lambda group: -len(scored[group].right))[:most]
    return {group: scores for group, scores in scored.items() if group in chosen}


def _table(group: str, figures: Figures, run: TaskRun) -> str:
    systems = figures[group]
    meanings = run.metrics | {name: meaning for name, (meaning, _) in MEASURES.items()}
    metrics = dict.fromkeys(metric for found in systems.values() for metric in found)
    head = "".join(f"<th>{escape(system)}</th>" for system in systems)
    rows = "".join(
        f'<tr><td title="{escape(meanings[metric])}">{escape(metric)}</td>'
        + "".join(f"<td>{html_cell(found.get(metric, NONE))}</td>" for found in systems.values())
        + "</tr>"
        for metric in metrics
    )
    return f"<table><thead><tr><th>{escape(group)}</th>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _quality(outcome: Outcome) -> tuple[float, str]:
    """The mean of the service's shares, the errors turned round; then by id, so that the order is always the same."""
    tallies = outcome.tallies.get(SERVICE) or next(iter(outcome.tallies.values()), {})
    shares = [
        1 - t.got / t.of if name in ("answered_unanswerable", "refused_answerable") else t.got / t.of
        for name, t in tallies.items()
        if t.of
    ]
    return (sum(shares) / len(shares) if shares else 1.0), outcome.id


def _question(outcome: Outcome) -> str:
    tallies = "".join(
        f"<li>{escape(system)}: {escape(', '.join(f'{name} {t.got:g}/{t.of:g}' for name, t in found.items()))}</li>"
        for system, found in outcome.tallies.items()
    )
    said = "".join(f"<li>{escape(name)}: {escape(text)}</li>" for name, text in outcome.said.items())
    scores = ", ".join(
        f"{escape(system)} {score:.3f}{_truth(outcome.right.get(system))}" for system, score in outcome.scores.items()
    )
    found = "".join(
        f"<li>{escape(system)}: {escape(', '.join(article_id for article_id, _ in ranking[:3]))}</li>"
        for system, ranking in outcome.rankings.items()
    )
    relevant = f"<li>relevant: {escape(', '.join(outcome.relevant))}</li>" if outcome.relevant else ""
    return (
        f"<details><summary>{escape(outcome.id)} <small>{escape(outcome.groups[0])}</small> {escape(outcome.text)}"
        f" <small>{scores}</small></summary><ul>{tallies}</ul><ul>{relevant}{found}{said}</ul></details>"
    )


def _truth(right: bool | None) -> str:
    return "" if right is None else " (so it is)" if right else " (it is not)"
