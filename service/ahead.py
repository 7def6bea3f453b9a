"""Renders the sentences of articles while nobody waits, so that a foreign answer is there at once when it is asked for.

It stops in the middle of a sentence when a question needs the writer. What is done stays done, whenever it ends.
"""

import logging
import math
import threading
import time
from collections.abc import Iterator
from typing import Protocol

from index.errors import IndexingError
from index.renderings import Sentence
from index.store_renderings import Progress
from service.rendering import Renderer
from service.types import Lang
from service.writers.types import Generator, WriterFailed, WriterStatus

logger = logging.getLogger(__name__)

QUIET_S = 3.0  # so long after a question nothing is begun
LOOK_AGAIN_S = 2.0
SENTENCE_S = 60.0
AFTER_FAILURE_S = 60.0
ANEW_S = 300.0  # after a pass in which the writer failed, at least, what is left is tried again
PASSES_APART = 4  # times what such a pass took, at least: a writer that always fails has a fifth of the processor


class Unrendered(Protocol):
    @property
    def generation(self) -> int: ...
    @property
    def paused(self) -> bool: ...
    def unrendered(self, lang: str, writer: str) -> Iterator[Sentence]: ...
    def progress(self, lang: str, writer: str) -> Progress: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...


class Waitable(Protocol):
    def wait(self, timeout_s: float | None = None) -> None: ...


class RenderingAhead:
    """Renders into English: the local writer is not asked for the other direction."""

    lang = Lang.EN

    def __init__(
        self, renderer: Renderer, memory: Unrendered, writer: Waitable, *, runs: bool, quiet_s: float = QUIET_S
    ) -> None:
        self._renderer = renderer
        self._memory = memory
        self._writer = writer
        self._quiet_s = quiet_s
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rendering ahead", daemon=True) if runs else None
        if self._thread:
            self._thread.start()

    @property
    def status(self) -> WriterStatus:
        return self._renderer.status

    @property
    def paused(self) -> bool:
        return self._thread is None or not self._thread.is_alive() or self._memory.paused

    def progress(self) -> Progress:
        generator = self._renderer.generator
        return self._memory.progress(self.lang, generator.name if generator else "")

    def turn(self, *, paused: bool) -> None:
        """Pauses or resumes rendering ahead, in whatever process."""
        (self._memory.pause if paused else self._memory.resume)()

    def wait(self, timeout_s: float | None = None) -> None:
        """Until the writer is loaded or has failed."""
        self._writer.wait(timeout_s)

    def close(self) -> None:
        self._closed.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        done: tuple[int, str] | None = None  # the generation that was gone through, and the writer
        anew_at = math.inf
        while not self._closed.wait(LOOK_AGAIN_S):
            try:
                generator = self._renderer.generator
                if generator is None or not self._idle() or self._memory.paused:
                    continue
                state = self._memory.generation, generator.name
                if state == done and time.monotonic() < anew_at:
                    continue
                began = time.monotonic()
                failures = self._pass(generator)
                if failures is not None:
                    ended = time.monotonic()
                    done = state
                    anew_at = ended + max(ANEW_S, PASSES_APART * (ended - began)) if failures else math.inf
            except IndexingError as exc:
                logger.warning("rendering ahead waits: %s", exc)
            except Exception:  # of a library or of ours: nobody else would say that nothing is rendered any more
                logger.exception("rendering ahead failed and goes on in %.0f s", AFTER_FAILURE_S)
                self._closed.wait(AFTER_FAILURE_S)

    def _pass(self, generator: Generator) -> int | None:
        """Renders what is left; how many sentences the writer failed at, `None` where it was interrupted."""
        failures = 0
        for sentence in self._memory.unrendered(self.lang, generator.name):
            if not generator.renders(sentence.article.lang, self.lang):
                continue
            if self._must_stop() or not self._idle() or self._memory.paused:
                return None
            try:
                deadline = time.monotonic() + SENTENCE_S
                self._renderer.render(sentence, self.lang, generator, deadline=deadline, stop=self._must_stop)
            except WriterFailed as failure:
                logger.info("a sentence was not rendered ahead: %s", failure)
                self._renderer.count(failure.outcome)
                failures += 1
                if self._must_stop() or self._closed.wait(LOOK_AGAIN_S):
                    return None
        return failures

    def _idle(self) -> bool:
        return not self._renderer.wanted and time.monotonic() - self._renderer.last_asked >= self._quiet_s

    def _must_stop(self) -> bool:
        return self._closed.is_set() or self._renderer.wanted
