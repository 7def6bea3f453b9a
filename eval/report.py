"""A run to be read: a table for the terminal, and a page of HTML that needs nothing else. Failures come first."""

from collections.abc import Iterable, Sequence
from html import escape
from statistics import median

from eval.metrics import METRICS, NOT_SCORES
from eval.questions import GoldQuestion
from eval.recording import Recorded
from eval.running import Result, Run, Summary
from eval.statistics import Difference, Estimate, Tally, percentile

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1f }
table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .2rem .7rem; text-align: right }
th:first-child, td:first-child { text-align: left } tbody tr:nth-child(odd) { background: #f4f4f7 }
small { color: #666 } details { border-top: 1px solid #ddd; padding: .4rem 0 } summary { cursor: pointer }
.bad { color: #a3123a } .good { color: #1a7341 } blockquote { margin: .3rem 0 .3rem 1rem; color: #444 }
"""


def table(summary: Summary) -> str:
    """Metrics by group, each with its interval and the number of questions counted."""
    groups = list(summary)
    rows = [["", *groups]]
    rows += [[metric, *(cell(summary[group][metric]) for group in groups)] for metric in METRICS]
    return aligned(rows)


def comparison(differences: dict[str, dict[str, Difference]]) -> str:
    """B less A by group; `*` where the interval leaves zero out."""
    rows = [["", "metric", "A", "B", "B − A", "95 %", "p"]]
    for group, metrics in differences.items():
        for metric, d in metrics.items():
            if d.value is None or d.low is None or d.high is None:
                continue
            mark = "*" if d.low > 0 or d.high < 0 else " "
            row = [_figure(d.a), _figure(d.b), f"{d.value:+.3f}{mark}", f"[{d.low:+.3f}, {d.high:+.3f}]", f"{d.p:.3f}"]
            rows.append([group, metric, *row])
    return aligned(rows)


def latency(results: Iterable[Result]) -> str:
    """Median and 95th percentile of the time a question took, as the asker saw it."""
    times = [result.latency_ms for result in results if result.latency_ms is not None]
    if not times:
        return "no question was answered"
    return f"{median(times):.0f} ms median, {percentile(times, 0.95):.0f} ms at the 95th percentile"


def page(run: Run, summary: Summary) -> str:
    """The run as one self-contained HTML page."""
    results = sorted(run.results, key=lambda result: (quality(result), result.question.id))
    failed = sum(quality(result) < 1 for result in results)
    return "\n".join(
        [
            '<!doctype html><html lang="en"><meta charset="utf-8">',
            f"<title>Evaluation, {escape(run.started)}</title><style>{STYLE}</style>",
            f"<h1>Evaluation, {escape(run.started)}</h1>",
            f"<p>{len(results)} questions (part: {escape(run.part)}), {failed} with something amiss;"
            f" {escape(latency(results))}.</p>",
            _summary_table(summary),
            "<h2>By kind of question</h2>",
            _kinds(results),
            "<h2>Questions, failures first</h2>",
            *map(_question, results),
            "<h2>What was run</h2>",
            provenance_table(run, questions=run.questions_sha256),
            "</html>\n",
        ]
    )


def quality(result: Result) -> float:
    """The mean of the scores that concern the question, 1 where nothing is amiss."""
    shares = [t.got / t.of for name, t in result.tallies.items() if t.of and name not in NOT_SCORES]
    return sum(shares) / len(shares)


def _summary_table(summary: Summary) -> str:
    head = "".join(f"<th>{escape(group)}</th>" for group in summary)
    rows = "".join(
        f'<tr><td title="{escape(meaning)}">{escape(metric)}</td>'
        + "".join(f"<td>{html_cell(metrics[metric])}</td>" for metrics in summary.values())
        + "</tr>"
        for metric, meaning in METRICS.items()
    )
    return f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _kinds(results: Sequence[Result]) -> str:
    rows = ""
    for kind in sorted({result.question.kind for result in results}):
        of_kind = [result for result in results if result.question.kind == kind]
        mean = sum(map(quality, of_kind)) / len(of_kind)
        rows += f"<tr><td>{escape(kind)}</td><td>{len(of_kind)}</td><td>{mean:.3f}</td></tr>"
    head = "<th>kind</th><th>questions</th><th>mean score</th>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _question(result: Result) -> str:
    question = result.question
    amiss = [name for name, t in result.tallies.items() if t.of and t.got < t.of and name not in NOT_SCORES]
    mark = f'<b class="bad">{escape(", ".join(amiss))}</b>' if amiss else '<b class="good">all right</b>'
    return (
        f"<details><summary>{escape(question.id)} <small>{escape(question.part)}, {escape(question.kind)}</small> "
        f"{escape(question.question)} {_filters(question)} — {mark}</summary>"
        f"<p>Expected:</p>{_expected(question)}<p>Got:</p>{_got(result)}{_scores(result.tallies)}</details>"
    )


def _filters(question: GoldQuestion) -> str:
    filters = question.filters.model_dump(exclude_none=True)
    return f"<small>{escape(str(filters))}</small>" if filters else ""


def _expected(question: GoldQuestion) -> str:
    if not question.answerable:
        return f"<blockquote>a refusal: {escape(str(question.reason))}</blockquote>"
    short = f"<p>short: {escape(' | '.join(question.short_answers))}</p>" if question.short_answers else ""
    facts = "<hr>".join(
        "<br>or ".join(f"{escape(g.quote)} <small>{escape(g.article_id)}</small>" for g in fact.spans)
        for fact in question.facts
    )
    return f"<blockquote>{facts}</blockquote>{short}"


def _got(result: Result) -> str:
    errors = "".join(f'<p class="bad">{escape(error)}</p>' for error in result.errors)
    reply = result.reply
    if reply is None:
        return errors
    short = f"<p>short: {escape(reply.short_answer.text)}</p>" if reply.short_answer else ""
    cited = "".join(
        f"<li>{escape(c.quote)} <small>{escape(c.article_id)} [{c.start}, {c.end})</small></li>"
        for c in reply.citations
    )
    return f"{errors}<blockquote>{escape(reply.text)}</blockquote>{short}<ol>{cited}</ol>"


def _scores(tallies: dict[str, Tally]) -> str:
    shown = ", ".join(f"{escape(name)} {t.got:g}/{t.of:g}" for name, t in tallies.items() if t.of)
    return f"<p><small>{shown}</small></p>"


def provenance_table(run: Recorded, **more: object) -> str:
    """What the run says of itself, and more facts about it."""
    facts: dict[str, object] = {"commit": run.commit, "seed": run.seed} | more
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(str(value))}</td></tr>"
        for name, value in (facts | run.about | run.environment | run.prompts).items()
    )
    return f"<table><tbody>{rows}</tbody></table>"


def cell(estimate: Estimate) -> str:
    """A figure, its interval, and how many questions were counted."""
    if estimate.value is None:
        return "–"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}] n={estimate.n}"


def html_cell(estimate: Estimate) -> str:
    """As `cell`, on two lines."""
    if estimate.value is None:
        return "–"
    return f"{estimate.value:.3f}<br><small>{estimate.low:.3f} to {estimate.high:.3f}, n={estimate.n}</small>"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """The rows as columns of text."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
