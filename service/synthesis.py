"""Makes one text of the evidence of several claims, shown only if the check finds nothing wrong with it.

Knows not which model writes, what the check knows, nor which evidence belongs together.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from index.dates import PublishedDate
from prompts.writing import synthesis_digest
from service.attempts import Finding, attempt
from service.quotations import whole
from service.types import Evidence, Lang
from service.writers.types import Generator, Task


class SynthesisCheck(Protocol):
    """Says everything that a synthesis gets wrong of its sentences of evidence; nothing where it may be shown."""

    def __call__(
        self, evidence: Sequence[str], synthesis: str, *, evidence_lang: str, lang: str, published: PublishedDate | None
    ) -> Sequence[Finding]: ...


class Synthesiser:
    """Safe to use from many threads. `count` is told the outcome of each claim that was to be made."""

    def __init__(self, check: SynthesisCheck, *, count: Callable[[str], None]) -> None:
        self._check = check
        self.count = count

    @property
    def digest(self) -> str:
        """Changes with what a writer is told."""
        return synthesis_digest()

    def write(
        self, question: str, evidence: Sequence[Evidence], lang: Lang, generator: Generator, *, deadline: float
    ) -> str | None:
        """What answers the question by sentences of one language; `None` where each of them is to speak for itself.

        Raises `WriterFailed` where the generator does.
        """
        sentences = [" ".join(whole(each.quote).split()) for each in evidence]
        evidence_lang = evidence[0].article.lang
        dates = {each.article.published for each in evidence}
        published = dates.pop() if len(dates) == 1 else None  # « jeudi » means another day in each article

        def check(text: str) -> Sequence[Finding]:
            return self._check(sentences, text, evidence_lang=evidence_lang, lang=lang, published=published)

        task = Task("\n".join(sentences), evidence_lang, lang, question=question)
        made = attempt(task, generator, check, deadline=deadline, count=self.count)
        return None if made.found else made.text
