"""Does together what several threads ask for at once. Knows nothing of what is done."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """Calls `work` with one to `most` items, a result for each.

    No item waits for others to come: a batch is whatever came while the one before was being done, so that a thread
    alone loses no time, and batches grow with the load. An error is raised to every thread of its batch.
    """

    def __init__(self, work: Callable[[list[Item]], Sequence[Result]], *, most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: list[tuple[Item, Future[Result]]] = []
        self._lock = threading.Lock()  # of `_waiting`
        self._turn = threading.Lock()  # held while a batch is done

    def __call__(self, item: Item) -> Result:
        future: Future[Result] = Future()
        with self._lock:
            self._waiting.append((item, future))
        while not future.done():
            with self._turn:
                if not future.done():
                    self._next_batch()
        return future.result()

    def _next_batch(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            results = self._work([item for item, _ in batch])
        except BaseException as exc:
            for _, future in batch:
                future.set_exception(exc)
        else:
            for (_, future), result in zip(batch, results, strict=True):
                future.set_result(result)
