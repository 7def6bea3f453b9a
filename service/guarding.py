"""The guard as writers' texts are put to it: what it finds, said to the writer in the language that it writes."""

from collections.abc import Iterable, Sequence

from index.dates import PublishedDate
from service.attempts import Finding
from service.guard.checking import check
from service.guard.hints import hint
from service.guard.synthesis import check_synthesis
from service.guard.types import Kind, Problem, SupportScore


def guarded(
    evidence: str, rendering: str, *, evidence_lang: str, lang: str, published: PublishedDate | None
) -> Sequence[Finding]:
    return _told(check(evidence, rendering, evidence_lang=evidence_lang, lang=lang, published=published), lang)


class SupportedGuard:
    """The same, and of a rendering without another problem the score of its support, which must reach `least`."""

    def __init__(self, support: SupportScore, *, least: float) -> None:
        self._support = support
        self._least = least

    def __call__(
        self, evidence: str, rendering: str, *, evidence_lang: str, lang: str, published: PublishedDate | None
    ) -> Sequence[Finding]:
        problems = check(evidence, rendering, evidence_lang=evidence_lang, lang=lang, published=published)
        if not problems and (score := self._support(evidence, rendering)) < self._least:
            problems = [Problem(Kind.SUPPORT, f"{self._least:.2f}", f"{score:.2f}")]
        return _told(problems, lang)


def guarded_synthesis(
    evidence: Sequence[str], synthesis: str, *, evidence_lang: str, lang: str, published: PublishedDate | None
) -> Sequence[Finding]:
    return _told(
        check_synthesis(evidence, synthesis, evidence_lang=evidence_lang, lang=lang, published=published), lang
    )


def _told(problems: Iterable[Problem], lang: str) -> Sequence[Finding]:
    return [Finding(problem.kind.value, hint(problem, lang)) for problem in problems]
