"""Puts the evidence of a claim into the answer's language: from memory, else by the writer, and only if the check finds
nothing wrong with it. Knows nothing of which model writes, nor of what the check knows."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar

from index.dates import PublishedDate
from index.errors import IndexingError
from index.renderings import Sentence
from index.store_renderings import Rendering
from service.attempts import Attempt, Finding, attempt, tell
from service.quotations import whole
from service.synthesis import Synthesiser
from service.types import Evidence, Lang, Translation
from service.writers.types import Generator, Stop, Task, WriterFailed, WriterLate, WriterStatus, never

logger = logging.getLogger(__name__)
T = TypeVar("T")

SYNTHESIS_SHARE = 0.5  # of the time that is left: the rest is for renderings, should it come to nothing


class Check(Protocol):
    """Says everything that a rendering gets wrong of its evidence; nothing where it may be shown."""

    def __call__(
        self, evidence: str, rendering: str, *, evidence_lang: str, lang: str, published: PublishedDate | None
    ) -> Sequence[Finding]: ...


class Memory(Protocol):
    def recall(self, sentence: Sentence, lang: str, writer: str) -> Rendering | None: ...
    def remember(self, sentence: Sentence, lang: str, writer: str, rendering: Rendering) -> bool: ...


class WriterHolder(Protocol):
    @property
    def generator(self) -> Generator | None: ...
    @property
    def status(self) -> WriterStatus: ...


class Renderer:
    """Safe to use from many threads. `count` is told the outcome of each claim that was to be rendered, and what it was
    refused for. Without a `synthesiser` no claims are merged. `recheck` is asked in the place of `check` of what is
    remembered as good: it may know less, and must be quick."""

    def __init__(
        self, writer: WriterHolder, check: Check, memory: Memory, *, deadline_s: float, count: Callable[[str], None],
        synthesiser: Synthesiser | None = None, recheck: Check | None = None,
    ) -> None:  # fmt: skip
        self._writer = writer
        self._check = check
        self._recheck = recheck or check
        self._memory = memory
        self._deadline_s = deadline_s
        self._count = count
        self.synthesiser = synthesiser
        self._lock = threading.Lock()
        self._asked = 0
        self.last_asked = time.monotonic()

    @property
    def status(self) -> WriterStatus:
        return self._writer.status

    @property
    def generator(self) -> Generator | None:
        return self._writer.generator

    @property
    def wanted(self) -> bool:
        """Whether a question waits for the writer."""
        return self._asked > 0

    def begin(self, lang: Lang) -> "AnswerWriter":
        """What writes the claims of one answer, from now until the deadline."""
        return AnswerWriter(self, self._writer.generator, lang, time.monotonic() + self._deadline_s)

    def render(
        self, sentence: Sentence, lang: Lang, generator: Generator, *, deadline: float, stop: Stop = never
    ) -> Translation | None:
        """The rendering, if it is good; it is remembered either way. Raises `WriterFailed`."""
        task = Task(whole(sentence.text), sentence.article.lang, lang)
        tried = attempt(
            task, generator, lambda text: _found(self._check, sentence, text, lang),
            deadline=deadline, count=self.count, stop=stop,
        )  # fmt: skip
        rendering = Rendering(tried.text, tuple(each.hint for each in tried.found))
        self._remember(sentence, lang, generator, rendering)
        return None if rendering.problems else Translation(lang, rendering.text, generator.name)

    def recalled(self, sentence: Sentence, lang: Lang, generator: Generator) -> Attempt | None:
        """What is remembered, checked anew: the check may have learned since."""
        try:
            known = self._memory.recall(sentence, lang, generator.name)
        except IndexingError as exc:
            logger.warning("the translation memory cannot be read: %s", exc)
            return None
        if known is None:
            return None
        check = self._check if known.problems else self._recheck
        return Attempt(known.text, _found(check, sentence, known.text, lang))

    def count(self, outcome: str) -> None:
        self._count(outcome)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While a question waits for the writer, nothing else is rendered."""
        with self._lock:
            self._asked += 1
        try:
            yield
        finally:
            with self._lock:
                self._asked -= 1
            self.last_asked = time.monotonic()

    def _remember(self, sentence: Sentence, lang: Lang, generator: Generator, rendering: Rendering) -> None:
        try:
            self._memory.remember(sentence, lang, generator.name, rendering)
        except IndexingError as exc:  # the answer is as good without
            logger.warning("a rendering could not be kept: %s", exc)


def _found(check: Check, sentence: Sentence, text: str, lang: Lang) -> Sequence[Finding]:
    article = sentence.article
    return check(whole(sentence.text), text, evidence_lang=article.lang, lang=lang, published=article.published)


class AnswerWriter:
    """Writes the claims of one answer with one generator, until its deadline."""

    def __init__(self, renderer: Renderer, generator: Generator | None, lang: Lang, deadline: float) -> None:
        self._renderer = renderer
        self._generator = generator
        self._lang = lang
        self._deadline = deadline
        self._asked = 0
        self.gave_up: list[int] = []

    @property
    def name(self) -> str:
        if self._generator is None:
            return "extractive"
        synthesiser = self._renderer.synthesiser
        return f"{self._generator.name}.{synthesiser.digest}" if synthesiser else self._generator.name

    @property
    def writes(self) -> bool:
        """Whether there is a writer at all: what it does not render is then said to have no translation."""
        return self._generator is not None

    def synthesise(self, question: str, evidence: Sequence[Evidence]) -> str | None:
        """One text that answers by all of the evidence, in the answer's language; `None` where there is none."""
        generator, synthesiser = self._generator, self._renderer.synthesiser
        if generator is None or synthesiser is None:
            return None
        self._asked += 1
        now = time.monotonic()
        deadline = now + SYNTHESIS_SHARE * (self._deadline - now)
        return self._tried(
            lambda: synthesiser.write(question, evidence, self._lang, generator, deadline=deadline), synthesiser.count
        )

    def render(self, evidence: Evidence) -> Translation | None:
        """The evidence in the answer's language; `None` where it is to be quoted."""
        generator = self._generator
        if generator is None or not generator.renders(evidence.article.lang, self._lang):
            return None
        self._asked += 1
        sentence = Sentence(evidence.article, evidence.span)
        if known := self._renderer.recalled(sentence, self._lang, generator):
            tell(self._renderer.count, known.found, passed="recalled")
            return None if known.found else Translation(self._lang, known.text, generator.name)
        return self._tried(
            lambda: self._renderer.render(sentence, self._lang, generator, deadline=self._deadline),
            self._renderer.count,
        )

    def _tried(self, write: Callable[[], T | None], count: Callable[[str], None]) -> T | None:
        """What is written, unless the writer is busy, late or fails."""
        try:
            if time.monotonic() >= self._deadline:
                raise WriterLate("the answer's time is over")
            with self._renderer.waiting():
                return write()
        except WriterFailed as failure:
            logger.warning("it is quoted: %s", failure)
            count(failure.outcome)
            self.gave_up.append(self._asked)
            return None
