"""The guard: everything that a rendering is checked for, in the order in which the problems are told."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from index.dates import PublishedDate
from service.guard.contrasts import contrasts
from service.guard.dates import dates
from service.guard.denials import negation
from service.guard.form import language, length, meta, repetition, untranslated
from service.guard.names import names
from service.guard.numbers import numbers
from service.guard.polarity import modality, restriction, tense
from service.guard.relations import relations
from service.guard.roles import roles
from service.guard.speech import speech
from service.guard.trends import trends
from service.guard.types import Kind, Pair, Problem, Scope

CHECKS: Sequence[Callable[[Pair], Iterable[Problem]]] = (
    meta, language, length, repetition, untranslated, numbers, dates, names, roles, relations, negation, restriction,
    modality, tense, speech, contrasts, trends,
)  # fmt: skip
_LEFT_OUT = frozenset({Kind.NUMBER, Kind.UNIT, Kind.DATE, Kind.NAME, Kind.ROLE, Kind.QUOTATION, Kind.LENGTH})


def check(
    evidence: str, rendering: str, *, evidence_lang: str, lang: str, published: PublishedDate | None = None
) -> list[Problem]:
    """What `rendering`, in `lang`, gets wrong of `evidence`: one sentence or more; empty where nothing was found.

    `published`, the date of the article, lets "on Thursday" be written as its date.
    """
    return problems_of(Pair(evidence, evidence_lang, rendering, lang, published))


def problems_of(pair: Pair, scope: Scope = Scope.WHOLE) -> list[Problem]:
    """The same."""
    pair = replace(pair, evidence=pair.evidence.strip(), rendering=pair.rendering.strip())
    return [problem for each in CHECKS for problem in each(pair) if _counts(problem, scope)]


def _counts(problem: Problem, scope: Scope) -> bool:
    """A part may leave out what the whole must say."""
    return scope is Scope.WHOLE or bool(problem.found) or problem.kind not in _LEFT_OUT
