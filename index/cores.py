"""Shares the processor among the threads that compute: one alone may use all cores, several get one each.

Owns how many threads torch uses. Knows nothing of what is computed.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from index.products import steady


class Cores:
    """`count` cores. Safe to use from many threads."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = count
        self._waiting = 0
        self._changed = threading.Condition()

    @property
    def idle(self) -> bool:
        """Whether no thread computes, or waits for a core, now."""
        with self._changed:
            return self._free == self.count and not self._waiting

    @contextmanager
    def share(self, *, most: int | None = None) -> Iterator[None]:
        """Waits for a core, and lets torch use it, or up to `most` of them where no other thread computes or waits.

        Where results depend on the number of threads, every share is of all cores: one thread computes at a time.
        """
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: self._free == self.count or (self._free > 0 and steady()))
            self._waiting -= 1
            alone = self._free == self.count and not self._waiting
            taken = self.count if not steady() else min(self._free, most or self.count) if alone else 1
            self._free -= taken
        try:
            torch.set_num_threads(taken)  # holds for the calling thread
            yield
        finally:
            with self._changed:
                self._free += taken
                self._changed.notify_all()
