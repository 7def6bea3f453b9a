"""The guard as writers' texts are put to it: what it finds, said to the writer in the language that it writes."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from index.dates import PublishedDate
from service.attempts import Finding
from service.guard.checking import check, problems_of
from service.guard.hints import hint
from service.guard.synthesis import check_synthesis
from service.guard.types import Kind, Pair, PairSupport, Problem


def guarded(
    evidence: str, rendering: str, *, evidence_lang: str, lang: str, published: PublishedDate | None
) -> Sequence[Finding]:
    return _told(check(evidence, rendering, evidence_lang=evidence_lang, lang=lang, published=published), lang)


class Support(PairSupport, Protocol):
    """`least`: what a rendering must reach."""

    @property
    def least(self) -> float: ...


class SupportedGuard:
    """The same, and of a rendering without another problem how likely it is to be said, which must be enough."""

    def __init__(self, support: Support) -> None:
        self._support = support

    def __call__(
        self, evidence: str, rendering: str, *, evidence_lang: str, lang: str, published: PublishedDate | None
    ) -> Sequence[Finding]:
        pair = Pair(evidence, evidence_lang, rendering, lang, published)
        problems = problems_of(pair)
        if not problems and (support := self._support(pair)) < self._support.least:
            problems = [Problem(Kind.SUPPORT, f"{self._support.least:.2f}", f"{support:.2f}")]
        return _told(problems, lang)


def guarded_synthesis(
    evidence: Sequence[str], synthesis: str, *, evidence_lang: str, lang: str, published: PublishedDate | None
) -> Sequence[Finding]:
    return _told(
        check_synthesis(evidence, synthesis, evidence_lang=evidence_lang, lang=lang, published=published), lang
    )


def _told(problems: Iterable[Problem], lang: str) -> Sequence[Finding]:
    return [Finding(problem.kind.value, hint(problem, lang)) for problem in problems]
