"""Things taken together until they weigh enough."""

import pytest

from index.grouping import grouped


@pytest.mark.parametrize(
    ("words", "most", "count", "expected"),
    [
        (["aa", "bb", "c", "ddd"], 4, None, [["aa", "bb"], ["c", "ddd"]]),
        (["aa", "bb", "c", "ddd"], 100, 3, [["aa", "bb", "c"], ["ddd"]]),
        (["aaaaa", "b"], 4, None, [["aaaaa"], ["b"]]),  # too heavy alone, and still taken
        (["a", "b"], 0, None, [["a"], ["b"]]),
        ([], 4, 2, []),
    ],
)
def test_groups_weigh_no_more_than_they_may_and_keep_the_order(
    words: list[str], most: int, count: int | None, expected: list[list[str]]
) -> None:
    assert list(grouped(words, len, most, count=count)) == expected
