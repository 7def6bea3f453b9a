"""Nearest neighbours against brute force, through many additions and removals."""

import numpy as np
import pytest

from index.vectors import Among, Keys, Rows, VectorSet

DIM = 16
NO_BASE = np.empty(0, np.bool_)


def unit_rows(generator: np.random.Generator, count: int) -> Rows:
    """Rows of norm 1 with few distinct coordinates, so that ties are common."""
    rows = generator.integers(-1, 2, (count, DIM)).astype(np.float32)
    rows[:, 0] += 0.5
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def brute_force(rows: dict[int, Rows], query: Rows, k: int, among: Keys) -> list[tuple[int, float]]:
    """The k best and their ties, by the definition."""
    scores = {key: float((rows[key].astype(float) * query.astype(float)).sum()) for key in among.tolist()}
    ranked = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    return [pair for pair in ranked if len(ranked) < k or pair[1] >= ranked[k - 1][1]]


@pytest.mark.parametrize("seed", range(3))
def test_any_history_of_changes_searches_as_brute_force_does(seed: int) -> None:
    generator = np.random.default_rng(seed)
    vectors, rows, next_key = VectorSet(DIM), dict[int, Rows](), 1
    for _ in range(80):
        added = np.arange(next_key, next_key + generator.integers(0, 14))
        next_key += len(added) + 1
        added_rows = unit_rows(generator, len(added))
        removed = [int(key) for key in generator.permutation(list(rows))[: generator.integers(0, 8)]]
        vectors = vectors.changed([(added, added_rows)], [*removed, 10**9])
        rows = {key: row for key, row in rows.items() if key not in removed}
        rows.update(zip(added.tolist(), added_rows, strict=True))

        keys = np.array(sorted(rows), np.int64)
        some = keys[generator.random(len(keys)) < 0.3]
        query = unit_rows(generator, 1)[0]
        assert len(vectors) == len(rows)
        assert np.array_equal(np.concatenate([[], *(block for block, _ in vectors.blocks())]), keys)
        for k in (1, 5, 1000):
            assert vectors.nearest(query, k) == brute_force(rows, query, k, keys)
            assert vectors.nearest(query, k, among=Among(NO_BASE, some)) == brute_force(rows, query, k, some)
    assert len(vectors.segments) <= 2 + np.log2(len(rows))


def test_a_set_is_not_changed_by_the_sets_made_from_it() -> None:
    rows = unit_rows(np.random.default_rng(0), 4)
    before = VectorSet(DIM).changed([(np.array([1, 2]), rows[:2])], [])
    found = before.nearest(rows[0], 9)
    before.changed([(np.array([3, 4]), rows[2:])], [1])
    assert before.nearest(rows[0], 9) == found
    assert len(before) == 2


def test_an_empty_set_and_an_empty_choice_give_nothing() -> None:
    row = unit_rows(np.random.default_rng(0), 1)
    nothing = np.empty(0, np.int64)
    assert VectorSet(DIM).nearest(row[0], 5) == []
    vectors = VectorSet(DIM).changed([(np.array([7]), row)], [])
    assert vectors.nearest(row[0], 5, among=Among(NO_BASE, nothing)) == []
    assert vectors.nearest(row[0], 0) == []
    assert vectors.changed([], [7]).nearest(row[0], 5) == []


@pytest.mark.parametrize("query", [np.zeros(DIM + 1, np.float32), np.full(DIM, np.nan, np.float32)])
def test_a_query_of_another_size_or_not_finite_is_refused(query: Rows) -> None:
    vectors = VectorSet(DIM).changed([(np.array([7]), unit_rows(np.random.default_rng(0), 1))], [])
    with pytest.raises(ValueError, match="16 finite numbers"):
        vectors.nearest(query, 1)
