"""What a writer is given, what it is, and how it fails. Knows nothing of any model, nor of what becomes of its text."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from service.errors import ServiceError
from service.types import Lang


class WriterFailed(ServiceError):
    """The writer gave no text. The message names the writer and what happened; the claim is quoted instead."""

    outcome = "failed"


class WriterLate(WriterFailed):
    """The writer gave no text in time."""

    outcome = "late"


class WriterBusy(WriterFailed):
    """The writer was at work for others, or had failed so often that it is left alone for a while."""

    outcome = "busy"


class WriterStopped(WriterFailed):
    """The writer was told to stop: somebody waits for it who comes first."""

    outcome = "stopped"


class WriterUnusable(ServiceError):
    """A writer that is configured and cannot be loaded."""


@dataclass(frozen=True, slots=True)
class Task:
    """All that a writer is told: the evidence of one claim, and the language (`fr` or `en`) to put it into.

    Where there is a `question`, the evidence is several sentences, one a line, and a short answer is made of them.
    `refused` is what it wrote at the first try and `corrections` what was wrong with that, in the language `lang`.
    """

    evidence: str
    evidence_lang: str
    lang: Lang
    refused: str = ""
    corrections: tuple[str, ...] = ()
    question: str = ""


Stop = Callable[[], bool]


def never() -> bool:
    return False


class Generator(Protocol):
    """A writer. Its text is checked before anybody sees it. Safe to use from many threads."""

    @property
    def name(self) -> str:
        """Names the model and everything else that changes what it writes, prompts included."""
        ...

    def renders(self, evidence_lang: str, lang: Lang) -> bool:
        """Whether it is worth asking for this pair of languages."""
        ...

    def write(self, task: Task, *, timeout_s: float, stop: Stop = never) -> str:
        """The evidence in the language asked for, or what answers the question, in one line, as the model wrote it.

        `stop` is asked now and then whether to give up. Raises `WriterFailed`.
        """
        ...


class WriterState(StrEnum):
    NONE = "none"  # claims are quoted, as it was asked for
    FETCHING = "fetching"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WriterStatus:
    """How it stands with the writer; `detail` is for people: its name, or why it failed and what to do."""

    state: WriterState
    detail: str = ""
