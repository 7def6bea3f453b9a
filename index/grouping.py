"""Takes things together a few at a time, in their order, so that no more than so much is held at once."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def grouped(
    items: Iterable[Item], weight: Callable[[Item], int], most: int, *, count: int | None = None
) -> Iterator[list[Item]]:  # fmt: skip
    """As many together as weigh at most `most`, and are at most `count`; at least one."""
    group: list[Item] = []
    held = 0
    for item in items:
        if group and (len(group) == count or held + weight(item) > most):
            yield group
            group, held = [], 0
        group.append(item)
        held += weight(item)
    if group:
        yield group
