"""Runs blocking work off the event loop, a bounded number of pieces at once, and refuses what would queue too long."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from service.http_errors import unavailable

T = TypeVar("T")


class Workers:
    """`at_once` threads; `waiting` more pieces of work may wait for one."""

    def __init__(self, *, at_once: int, waiting: int) -> None:
        self._limiter = CapacityLimiter(at_once)
        self._most = at_once + waiting
        self._taken = 0

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns. Raises the 503 of an overloaded service at once where too many wait already."""
        if self._taken >= self._most:
            raise unavailable("overloaded", "too many requests are waiting; try again in a moment", retry_after_s=2)
        return await self.run_in_turn(work)

    async def run_in_turn(self, work: Callable[[], T]) -> T:
        """The same for work that was let in already, however long it waits: the next batch of a bulk body."""
        self._taken += 1
        try:
            return await to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._taken -= 1
