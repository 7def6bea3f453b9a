"""Shares the processor among the threads that compute: one alone may use all cores, several get one each.

Owns how many threads torch uses, and whether that may change. Knows nothing of what is computed.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch
from torch.nn.functional import linear

_TOKENS = (4, 12, 33, 64, 150, 400)  # numbers of rows that products are compared for
_SHAPES = ((384, 1152), (384, 384), (384, 1536), (1536, 384))  # of the encoder's and the reader's weights


class Cores:
    """`count` cores. Safe to use from many threads."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._free = count
        self._waiting = 0
        self._changed = threading.Condition()

    @contextmanager
    def share(self, *, most: int | None = None) -> Iterator[None]:
        """Waits for a core, and lets torch use it, or up to `most` of them where no other thread computes or waits.

        Where results depend on the number of threads, every share is of all cores: one thread computes at a time.
        """
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: self._free == self._count or (self._free > 0 and steady()))
            self._waiting -= 1
            alone = self._free == self._count and not self._waiting
            taken = self._count if not steady() else min(self._free, most or self._count) if alone else 1
            self._free -= taken
        try:
            torch.set_num_threads(taken)  # holds for the calling thread
            yield
        finally:
            with self._changed:
                self._free += taken
                self._changed.notify_all()


@cache
def steady() -> bool:
    """Whether a row of a product is the same, bit for bit, whatever rows are beside it and whatever the threads.

    It is with oneDNN's bfloat16 products (AMX), and is not with MKL's: tried out on this machine, once.
    """
    before = torch.get_num_threads()
    generator = torch.Generator().manual_seed(0)
    try:
        with torch.inference_mode():
            return all(_is_steady(*shape, generator) for shape in _SHAPES)
    finally:
        torch.set_num_threads(before)


def _is_steady(taken: int, given: int, generator: torch.Generator) -> bool:
    rows = torch.randn(max(_TOKENS) + 7, taken, generator=generator)
    weights = torch.randn(given, taken, generator=generator)
    bias = torch.randn(given, generator=generator)
    torch.set_num_threads(1)
    expected = linear(rows, weights, bias)
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for tokens in _TOKENS:
            if not torch.equal(linear(rows[7 : 7 + tokens].clone(), weights, bias), expected[7 : 7 + tokens]):
                return False
    return True
