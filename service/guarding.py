"""The guard as the renderer asks for it: what it finds, said to the writer in the language that it writes."""

from collections.abc import Sequence

from index.dates import PublishedDate
from service.guard.checking import check
from service.guard.hints import hint
from service.rendering import Finding


def guarded(
    evidence: str, rendering: str, *, evidence_lang: str, lang: str, published: PublishedDate | None
) -> Sequence[Finding]:
    problems = check(evidence, rendering, evidence_lang=evidence_lang, lang=lang, published=published)
    return [Finding(problem.kind.value, hint(problem, lang)) for problem in problems]
