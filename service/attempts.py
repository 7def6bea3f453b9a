"""Asks a writer for a text that a check lets pass: once, and once more with what it found.

Knows neither what the text is to be nor what the check knows.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from service.writers.types import Generator, Stop, Task, WriterFailed, never

RETRY_AT_LEAST_S = 1.0  # with less time left, a second try is not begun

OUTCOMES = frozenset({"passed", "retried", "recalled", "refused", "late", "busy", "failed", "stopped"})
"""What becomes of a text that was to be written, one for each: `retried` passed at the second try, `recalled` was
remembered and passed again, the last four are the writer's. After `refused`, the kinds of what was found are told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found wrong: its kind, for the counters, and a sentence that tells the writer."""

    kind: str
    hint: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last text, and what is wrong with it: nothing where it may be shown."""

    text: str
    found: Sequence[Finding] = ()


def attempt(
    task: Task,
    generator: Generator,
    check: Callable[[str], Sequence[Finding]],
    *,
    deadline: float,
    count: Callable[[str], None],
    stop: Stop = never,
) -> Attempt:
    """`count` is told `passed`, `retried`, or `refused` and the kinds of what was found.

    Raises `WriterFailed`, also where no time is left for the second try that is needed.
    """
    text = generator.write(task, timeout_s=deadline - time.monotonic(), stop=stop)
    found = check(text)
    if not found:
        count("passed")
        return Attempt(text)
    left_s = deadline - time.monotonic()
    if left_s < RETRY_AT_LEAST_S:
        raise WriterFailed("no time is left for a second try")
    again = replace(task, refused=text, corrections=tuple(each.hint for each in found))
    text = generator.write(again, timeout_s=left_s, stop=stop)
    found = check(text)
    tell(count, found, passed="retried")
    return Attempt(text, found)


def tell(count: Callable[[str], None], found: Sequence[Finding], *, passed: str) -> None:
    """`count` is told `passed` where nothing was found, else `refused` and each kind once."""
    count("refused" if found else passed)
    for kind in sorted({each.kind for each in found}):
        count(kind)
