"""The figures of a task's run, and the differences between two runs: by group of questions, system and metric."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from eval.errors import InvalidRun
from eval.statistics import (
    Difference,
    Estimate,
    Places,
    Statistic,
    Tally,
    difference,
    difference_of,
    estimate,
    estimate_of,
)
from eval.tasks.measures import MEASURES, Labels, Scores
from eval.tasks.task import Outcome, TaskRun

Figures = dict[str, dict[str, dict[str, Estimate]]]
Differences = dict[str, dict[str, dict[str, Difference]]]


@dataclass(frozen=True, slots=True)
class Scored:
    """A system's scores and whether each was right, of the outcomes that have both."""

    scores: Scores
    right: Labels

    def measured(self, measure: str, places: Places) -> float:
        return MEASURES[measure][1](self.scores[places], self.right[places])

    def statistic(self, measure: str) -> Statistic:
        return partial(self.measured, measure)


def figures(run: TaskRun) -> Figures:
    """Only figures that some question of the group enters."""
    found: Figures = {}
    for group, outcomes in grouped(run).items():
        for system in systems(run):
            shares = {metric: estimate(_tallies(outcomes, system, metric)) for metric in run.metrics}
            scored = scored_by(outcomes, system)
            areas = {
                measure: estimate_of(scored.statistic(measure), len(scored.right))
                for measure in run.measures.get(system, [])
            }
            counted = {name: figure for name, figure in (shares | areas).items() if figure.value is not None}
            if counted:
                found.setdefault(group, {})[system] = counted
    return found


def differences(a: TaskRun, b: TaskRun) -> Differences:
    """B less A, paired by question; raises `InvalidRun` unless both asked the same questions of the same task."""
    other = {outcome.id: outcome for outcome in b.outcomes}
    if (a.task, a.part) != (b.task, b.part) or [o.id for o in a.outcomes] != [o.id for o in b.outcomes]:
        raise InvalidRun(
            f"the runs asked other questions ({len(a.outcomes)} of {a.task} {a.part}, {len(b.outcomes)} of"
            f" {b.task} {b.part}); run both on the same task, part and limit"
        )
    found: Differences = {}
    for group, first in grouped(a).items():
        second = [other[outcome.id] for outcome in first]
        for system in [system for system in systems(a) if system in systems(b)]:
            compared = {
                metric: difference(_tallies(first, system, metric), _tallies(second, system, metric))
                for metric in a.metrics
            }
            one, two = scored_by(first, system), scored_by(second, system)
            if len(one.right) == len(two.right):
                for measure in a.measures.get(system, []):
                    statistics = one.statistic(measure), two.statistic(measure)
                    compared[measure] = difference_of(*statistics, len(one.right))
            counted = {name: d for name, d in compared.items() if d.value is not None}
            if counted:
                found.setdefault(group, {})[system] = counted
    return found


def grouped(run: TaskRun) -> dict[str, list[Outcome]]:
    """The outcomes of each group, groups in the order in which they first appear."""
    groups = dict.fromkeys(group for outcome in run.outcomes for group in outcome.groups)
    return {group: [outcome for outcome in run.outcomes if group in outcome.groups] for group in groups}


def systems(run: TaskRun) -> list[str]:
    """Every system that has tallies or scores, in the order in which they first appear."""
    return list(dict.fromkeys(system for o in run.outcomes for system in [*o.tallies, *o.scores]))


def scored_by(outcomes: Sequence[Outcome], system: str) -> Scored:
    pairs = [(o.scores[system], o.right[system]) for o in outcomes if system in o.scores and system in o.right]
    return Scored(
        np.array([score for score, _ in pairs], np.float64), np.array([right for _, right in pairs], np.bool_)
    )


def _tallies(outcomes: Sequence[Outcome], system: str, metric: str) -> list[Tally]:
    return [outcome.tallies.get(system, {}).get(metric, Tally(0, 0)) for outcome in outcomes]
