"""The plots of a task, as SVG that stands inside a page. Owns matplotlib."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from io import StringIO

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eval.tasks.measures import errors, reliability
from eval.tasks.summary import Figures, Scored

Point = tuple[float, float]
_COLOURS = ("#2f6fb0", "#c8553d", "#5f8f4e", "#8b6bb1", "#c79a2b", "#4d9da5", "#888888")


def _drawing() -> AbstractContextManager[None]:
    return mpl.rc_context(
        {
            "svg.fonttype": "none",  # text stays text: it is found, read aloud, and in the page's own font
            "svg.hashsalt": "sourcier",  # the same figures give the same bytes
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.alpha": 0.3,
        }
    )


def bars(figures: Figures, metrics: Sequence[str]) -> str:
    """For each metric a field: a cluster of bars for each group, a bar with its interval for each system."""
    systems = list(dict.fromkeys(system for found in figures.values() for system in found))
    groups = list(figures)
    with _drawing():
        figure = Figure(figsize=(3.6 * len(metrics), 3.4), layout="constrained")
        for axes, metric in zip(_row(figure, len(metrics)), metrics, strict=True):
            for number, system in enumerate(systems):
                _bars(axes, figures, metric, system, number, len(systems))
            axes.set_title(metric)
            axes.set_xticks(range(len(groups)), groups, rotation=20, ha="right")
            axes.set(xlim=(-0.5, len(groups) - 0.5), ylim=(0, 1))
        figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
        return _svg(figure)


def error_curves(scored: Mapping[str, Scored], chosen: Mapping[str, Point], published: Mapping[str, Point]) -> str:
    """Answered though unanswerable against refused though answerable: a curve and the chosen point for each group, and
    what others have published."""
    with _drawing():
        figure = Figure(figsize=(5.2, 4.2), layout="constrained")
        axes = figure.subplots()
        for colour, (group, scores) in zip(_COLOURS, scored.items(), strict=False):
            axes.plot(*errors(scores.scores, scores.right), color=colour, label=group)
            if group in chosen:
                axes.plot(*chosen[group], marker="o", color=colour, label=f"{group}, as the service decides")
        for name, point in published.items():
            axes.plot(*point, marker="x", color="#444")
            axes.annotate(name, point, xytext=(4, 4), textcoords="offset points", fontsize=8)
        axes.set(xlabel="refused though answerable", ylabel="answered though unanswerable", xlim=(0, 1), ylim=(0, 1))
        axes.legend(frameon=False, fontsize=8)
        return _svg(figure)


def reliability_diagram(scored: Mapping[str, Scored]) -> str:
    """The share that was right against the mean probability, by tenths; the number in each beside its point."""
    with _drawing():
        figure = Figure(figsize=(4.4, 4.2), layout="constrained")
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color="#999", linewidth=1, linestyle="--")
        for colour, (group, scores) in zip(_COLOURS, scored.items(), strict=False):
            bins = reliability(scores.scores, scores.right)
            axes.plot([b.mean for b in bins], [b.right for b in bins], marker="o", color=colour, label=group)
            for b in bins:
                axes.annotate(str(b.n), (b.mean, b.right), xytext=(4, -9), textcoords="offset points", fontsize=7)
        axes.set(xlabel="support", ylabel="share that was right", xlim=(0, 1), ylim=(0, 1))
        axes.legend(frameon=False, fontsize=8)
        return _svg(figure)


def _bars(axes: Axes, figures: Figures, metric: str, system: str, number: int, of: int) -> None:
    width = 0.8 / of
    found = [
        (place - 0.4 + (number + 0.5) * width, systems[system][metric])
        for place, systems in enumerate(figures.values())
        if system in systems and metric in systems[system]
    ]
    values = [estimate.value or 0.0 for _, estimate in found]
    below = [value - (e.low or 0.0) for value, (_, e) in zip(values, found, strict=True)]
    above = [(e.high or 0.0) - value for value, (_, e) in zip(values, found, strict=True)]
    colour = _COLOURS[number % len(_COLOURS)]
    axes.bar(
        [x for x, _ in found], values, width, yerr=[below, above], label=system, color=colour,
        error_kw={"linewidth": 0.8},
    )  # fmt: skip


def _row(figure: Figure, fields: int) -> Iterator[Axes]:
    yield from figure.subplots(1, fields, squeeze=False)[0]


def _svg(figure: Figure) -> str:
    """Without the XML declaration, the document type and the metadata: what a page may hold."""
    drawn = StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = drawn.getvalue()
    return svg[svg.index("<svg") :]
