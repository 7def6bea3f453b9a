"""A task's figures, and the differences between two runs, for the terminal."""

from collections.abc import Iterator

from eval.report import aligned, cell, comparison
from eval.statistics import Estimate
from eval.tasks.summary import Differences, Figures

NONE = Estimate(None, None, None, 0)


def tables(figures: Figures) -> Iterator[str]:
    """A table for each group: a line for each metric, a column for each system."""
    for group, of_systems in figures.items():
        metrics = dict.fromkeys(metric for found in of_systems.values() for metric in found)
        rows = [[group, *of_systems]]
        rows += [[metric, *(cell(found.get(metric, NONE)) for found in of_systems.values())] for metric in metrics]
        yield aligned(rows)


def differing(differences: Differences) -> str:
    """B less A; `*` where the interval leaves zero out."""
    return comparison(
        {f"{group}, {system}": found for group, systems in differences.items() for system, found in systems.items()}
    )
