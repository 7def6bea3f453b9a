"""Asks a writer for a text that a check lets pass: once, and once more with what it found.

Knows neither what the text is to be nor what the check knows.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from service.writers.types import Generator, Stop, Task, WriterFailed, never

RETRY_AT_LEAST_S = 1.0  # with less time left, a second try is not begun


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
    """`count` is told `passed`, `retried` (at the second try), or `refused` and the kinds of what was found.

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
    count("refused" if found else "retried")
    for kind in sorted({each.kind for each in found}):
        count(kind)
    return Attempt(text, found)
