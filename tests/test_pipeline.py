"""Three stages at once, in order, within bounds; and what happens when one of them fails."""

import threading
import time
from collections.abc import Iterator

import pytest

from index.pipeline import pipelined


def test_every_item_passes_the_stages_in_order() -> None:
    stored: list[int] = []
    pipelined(range(100), lambda n: n * n, stored.append)
    assert stored == [n * n for n in range(100)]


def test_the_stages_run_beside_one_another() -> None:
    def slowly() -> Iterator[int]:
        for n in range(10):
            time.sleep(0.02)
            yield n

    times = pipelined(slowly(), lambda n: time.sleep(0.02) or n, lambda _: time.sleep(0.02))
    assert times.total < 0.9 * (times.source + times.work + times.sink)
    assert times.work == pytest.approx(0.2, rel=0.5)
    assert 0 < times.share < 1


def test_no_more_than_a_few_items_wait() -> None:
    read: list[int] = []
    most_ahead: list[int] = []

    def source() -> Iterator[int]:
        for n in range(50):
            read.append(n)
            yield n

    def sink(n: int) -> None:
        time.sleep(0.002)
        most_ahead.append(len(read) - n)

    pipelined(source(), lambda n: n, sink)
    assert max(most_ahead) <= 9  # two channels of two, one item in each stage, one just read


@pytest.mark.parametrize("failing", ["source", "work", "sink"])
def test_what_one_stage_raises_ends_the_others_and_is_raised(failing: str) -> None:
    stored: list[int] = []
    before = threading.active_count()  # other tests leave threads of libraries behind

    def fail(stage: str, n: int) -> int:
        if stage == failing and n == 20:
            raise OSError(stage)
        return n

    def sink(n: int) -> None:
        stored.append(fail("sink", n))

    with pytest.raises(OSError, match=failing):
        pipelined((fail("source", n) for n in range(1000)), lambda n: fail("work", n), sink)
    assert stored == list(range(20))  # what came before is stored
    assert threading.active_count() == before
