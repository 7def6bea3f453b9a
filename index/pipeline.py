"""Three stages at once, each in its own thread: what is read is worked on while more is read and the last is stored.

Knows nothing of what travels. A few items wait between two stages, never more, so that memory is bounded.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

In = TypeVar("In")
Out = TypeVar("Out")
Item = TypeVar("Item")
_WAITING = 2


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds that the whole took; that each stage worked, beside the others; that the middle one waited for either."""

    total: float
    source: float
    work: float
    sink: float
    waiting: float

    @property
    def share(self) -> float:
        """Of the whole, that in which the middle stage worked: 0 to 1."""
        return self.work / self.total if self.total else 0.0


def pipelined(source: Iterable[In], work: Callable[[In], Out], sink: Callable[[Out], None]) -> Times:
    """Hands each item of `source` to `work`, in the calling thread, and what that gives to `sink`, in order.

    The first exception of any stage ends the others and is raised here; what was worked on before goes to `sink` still.
    """
    begun = time.perf_counter()
    read: _Channel[In] = _Channel()
    done: _Channel[Out] = _Channel()
    clocks = [_Clock(), _Clock(), _Clock()]
    with ThreadPoolExecutor(2) as threads:
        reading = threads.submit(_feed, source, read, clocks[0])
        writing = threads.submit(_drain, done, sink, clocks[2])
        try:
            for item in read:
                with clocks[1]:
                    worked = work(item)
                if not done.put(worked):
                    break
        finally:
            read.stop()
            done.end()
    writing.result()
    reading.result()
    total = time.perf_counter() - begun
    busy = [clock.seconds for clock in clocks]
    return Times(total, busy[0], busy[1], busy[2], max(0.0, total - busy[1]))


def _feed(source: Iterable[In], into: "_Channel[In]", clock: "_Clock") -> None:
    try:
        items = iter(source)
        while True:
            with clock:
                try:
                    item = next(items)
                except StopIteration:
                    return
            if not into.put(item):
                return
    finally:
        into.end()


def _drain(out_of: "_Channel[Out]", sink: Callable[[Out], None], clock: "_Clock") -> None:
    try:
        for item in out_of:
            with clock:
                sink(item)
    finally:
        out_of.stop()


class _Channel(Generic[Item]):
    """A bounded queue from one thread to another, which either may end."""

    def __init__(self) -> None:
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._ended = self._stopped = False

    def put(self, item: Item) -> bool:
        """Waits for room; false where nobody takes items any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or len(self._items) < _WAITING)
            if not self._stopped:
                self._items.append(item)
                self._changed.notify_all()
            return not self._stopped

    def __iter__(self) -> Iterator[Item]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._items) or self._ended)
                if not self._items:
                    return
                item = self._items.popleft()
                self._changed.notify_all()
            yield item

    def end(self) -> None:
        """Nothing more comes."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Nothing more is taken."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()


class _Clock:
    """Adds up the seconds spent in its blocks."""

    seconds = 0.0

    def __enter__(self) -> None:
        self._begun = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._begun
