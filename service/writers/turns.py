"""One sentence at a time, for a model that cannot write two at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from service.writers.types import WriterBusy

TURN_S = 3.0  # the longest wait for others' sentences: whoever waits keeps a worker from other requests


class Turns:
    """Safe to use from many threads."""

    def __init__(self) -> None:
        self._turn = threading.Lock()

    @contextmanager
    def take(self, name: str, timeout_s: float) -> Iterator[None]:
        """Raises `WriterBusy`, naming the writer, where others are not done in time."""
        if not self._turn.acquire(timeout=max(0.0, min(timeout_s, TURN_S))):
            raise WriterBusy(f"{name} is at work on other sentences")
        try:
            yield
        finally:
            self._turn.release()
