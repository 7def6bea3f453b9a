"""A large index: most of its vectors in a base on the disk. Small here, by a low threshold."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEncoder
from numpy.typing import NDArray

from index import faiss_indexes, vector_base
from index.dates import PublishedDate
from index.facts import Facts
from index.faiss_indexes import Compressed, Keys, Rows, lists_of, use_threads
from index.index import Index
from index.postings import Terms
from index.types import Article, Filters
from index.vector_base import PREFIX, Base, write_base
from index.vectors import Among, VectorSet
from index.verify import verify

MERGE_FROM = 40
QUERY = HashEncoder().encode_queries(["Que disent les talibans à Kaboul ?"])[0]
EVERYONE = 10_000


def articles(count: int, first: int = 0) -> list[Article]:
    return [
        Article(
            f"a{n:04}",
            f"Les talibans ont dit la chose {n} à Kaboul, puis {n * 7 % 91} autres à Paris.",
            f"Nouvelle {n}",
            PublishedDate(f"20{10 + n % 12}-0{1 + n % 9}") if n % 5 else None,
            source=("AFP", "Le Monde", None)[n % 3],
        )
        for n in range(first, first + count)
    ]


def opened(folder: Path, *, merges: bool = False) -> Index:
    return Index.open(folder, HashEncoder(), merge_from=MERGE_FROM, merges=merges)


def found(index: Index, filters: Filters | None = None, k: int = 15) -> list[tuple[str, float]]:
    with index.view() as view:
        return [(s.passage.passage_id, s.score) for s in view.dense(QUERY, k, filters or Filters())]


def snapshot(index: Index) -> str:
    with index.view() as view:
        return view.snapshot


def bases(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob(f"{PREFIX}*"))


@pytest.fixture
def exact(tmp_path: Path) -> Index:
    """The same articles as `folder` holds, every search compared with all."""
    index = Index.open(tmp_path / "exact", HashEncoder())
    index.put(articles(300))
    return index


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = tmp_path / "large"
    index = opened(data)
    index.put(articles(300))
    index.close()
    assert len(bases(data)) == 1
    return data


FILTERS = [
    Filters(),
    Filters(published_after=PublishedDate("2015")),
    Filters(as_of=PublishedDate("2013-05"), sources=("AFP",)),
    Filters(sources=("Le Monde", "absent")),
    Filters(sources=()),
    Filters(article_ids=("a0007", "a0299", "absent")),
]


@pytest.mark.parametrize("scanned", [0, 20_000])
@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_a_base_gives_what_exact_search_gives(
    folder: Path, exact: Index, filters: Filters, scanned: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_base, "SCANNED", scanned)
    index = opened(folder)
    assert found(index, filters) == found(exact, filters)
    index.close()


def test_what_comes_and_goes_above_a_base_is_seen_at_once(folder: Path, exact: Index) -> None:
    index = opened(folder)
    for each in (index, exact):
        each.put(articles(20, first=300))
        each.put([Article("a0003", "Les talibans sont à Kaboul, disent les talibans.", "Autre")])
        each.remove(["a0000", "a0001", "a0310"])
    for filters in FILTERS:
        assert found(index, filters, EVERYONE) == found(exact, filters, EVERYONE)
    index.close()
    assert verify(folder) == []
    again = opened(folder)
    assert found(again, k=EVERYONE) == found(exact, k=EVERYONE)
    assert again.health.warning is None
    again.close()


def test_a_merge_drops_what_is_gone_and_leaves_one_base(folder: Path, exact: Index) -> None:
    before = bases(folder)
    index = opened(folder)
    for each in (index, exact):
        each.remove([f"a{n:04}" for n in range(50)])
        each.put(articles(60, first=300))
    index.save()
    assert found(index, k=EVERYONE) == found(exact, k=EVERYONE)
    index.close()
    assert len(bases(folder)) == 1
    assert bases(folder) != before
    assert verify(folder) == []


def test_an_index_that_is_emptied_has_no_base(folder: Path) -> None:
    index = opened(folder)
    index.remove([f"a{n:04}" for n in range(300)])
    index.save()
    assert found(index) == []
    index.close()
    assert bases(folder) == []


def test_searches_go_on_unchanged_while_a_base_is_made(tmp_path: Path) -> None:
    index = opened(tmp_path, merges=True)
    index.put(articles(300))
    expected = found(index)
    results = [found(index) for _ in range(30)]
    for thread in threading.enumerate():
        if thread.name == "merge":
            thread.join()
    assert len(bases(tmp_path)) == 1
    assert results == [expected] * 30
    assert found(index) == expected
    index.close()


def test_the_same_snapshot_is_the_same_after_a_restart_and_on_any_number_of_threads(folder: Path) -> None:
    seen = set()
    for threads in (1, 2, 4):
        index = Index.open(folder, HashEncoder(), threads=threads, merge_from=MERGE_FROM)
        seen.add((snapshot(index), *found(index)))
        index.close()
    assert len(seen) == 1


def test_a_snapshot_of_a_base_is_not_named_as_that_of_an_exact_search(folder: Path, exact: Index) -> None:
    index = opened(folder)
    named = snapshot(index)
    assert named != snapshot(exact)
    for each in (index, exact):
        each.put(articles(1, first=900))
        each.remove(["a0900"])
    assert snapshot(index) == named
    index.remove(["a0001"])
    index.put(articles(1, first=1))  # the same content, but searched exactly from now on
    assert snapshot(index) != named
    index.close()


@pytest.mark.parametrize("place", [3, 40, 4100, 5000, 7500, 12_000, 60_000, -1])
def test_a_base_with_one_flipped_bit_is_made_again_and_that_is_said(folder: Path, exact: Index, place: int) -> None:
    path = folder / bases(folder)[0]
    content = bytearray(path.read_bytes())
    content[place] ^= 4
    path.write_bytes(content)
    assert any("checksum" in line for line in verify(folder))
    index = opened(folder)
    assert "checksum" in (index.health.warning or "")
    assert found(index, k=EVERYONE) == found(exact, k=EVERYONE)
    index.close()
    assert bases(folder) != [path.name]
    assert verify(folder) == []


def test_who_closes_after_another_process_merged_leaves_its_base(
    folder: Path, exact: Index, caplog: pytest.LogCaptureFixture
) -> None:
    service = opened(folder, merges=True)
    service.put(articles(1, first=300))
    command = opened(folder)
    command.put(articles(60, first=301))
    command.close()
    newer = bases(folder)
    service.close()
    assert bases(folder) == newer
    assert "another process has merged the vectors since" in caplog.text
    exact.put(articles(61, first=300))
    index = opened(folder)
    assert index.health.warning is None
    assert found(index) == found(exact)
    index.close()


@pytest.mark.parametrize("cut", [0, 10, 4096, -1])
def test_a_base_cut_short_or_missing_is_made_again(folder: Path, exact: Index, cut: int) -> None:
    path = folder / bases(folder)[0]
    if cut:
        path.write_bytes(path.read_bytes()[:cut])
    else:
        path.unlink()
    index = opened(folder)
    assert index.health.warning
    assert cut or f"its base {path.name} is missing" in index.health.warning
    assert found(index) == found(exact)
    index.close()


def clustered(count: int) -> NDArray[np.float32]:
    generator = np.random.default_rng(1)
    centres = generator.standard_normal((400, 64), np.float32)
    rows = 2 * centres[generator.integers(0, 400, count)] + generator.standard_normal((count, 64), np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_many_vectors_lie_in_lists_about_as_many_as_each_holds() -> None:
    assert [lists_of(count) for count in (1, 299_999, 300_000, 1_000_000, 4_000_000)] == [1, 1, 512, 1024, 2048]


@pytest.mark.parametrize("lists", [1, 64])
def test_the_same_rows_are_compressed_to_the_same_bytes(lists: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faiss_indexes, "lists_of", lambda _: lists)
    rows = clustered(5000)
    made = set()
    for threads in (1, 2, 4):
        use_threads(threads)
        made.add(Compressed.of(rows.copy()).to_bytes().tobytes())
    assert len(made) == 1


@pytest.mark.parametrize("lists", [1, 128])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.8, 0.95, 1.0])
def test_a_large_base_misses_at_most_one_in_fifty_of_the_nearest(
    tmp_path: Path, share: float, lists: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faiss_indexes, "lists_of", lambda _: lists)
    generator = np.random.default_rng(2)
    rows = clustered(30_000)
    keys = np.arange(1, 30_001)
    facts = Facts.of((key, None, None, None) for key in keys.tolist())
    vectors = VectorSet(64, base=write_base(tmp_path, facts, [(keys, rows)], [("", "")] * 30_000, 64))
    mask = generator.random(30_000) < share
    hits = 0
    for query in rows[::1000]:
        nearest = vectors.nearest(query, 10, among=Among(mask, np.empty(0, np.int64)))
        assert nearest == vectors.nearest(query, 10, among=Among(mask, np.empty(0, np.int64)), threads=2)
        expected = np.argsort(-(rows @ query)[mask])[:10]
        hits += len({key for key, _ in nearest} & set(keys[mask][expected].tolist()))
        assert all(mask[key - 1] for key, _ in nearest)
    assert hits >= 0.98 * 300


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        (lambda body: body, False),
        (lambda body: " ".join(reversed(body.split())), False),  # the order is not kept
        (lambda body: f"{body} inconnu", True),
        (lambda body: " ".join(["inconnu", *body.split()[1:]]), True),
        (lambda body: " ".join([body.split()[1], *body.split()[1:]]), True),  # the same terms, one more often
    ],
)
def test_verify_names_the_passage_that_has_other_terms_in_the_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[str], str], differs: bool
) -> None:
    def written(
        folder: Path, facts: Facts, blocks: Iterable[tuple[Keys, Rows]], terms: Iterable[Terms], dim: int
    ) -> Base:
        altered = ((context, change(body) if place == 7 else body) for place, (context, body) in enumerate(terms))
        return write_base(folder, facts, blocks, altered, dim)

    monkeypatch.setattr("index.mirror.write_base", written)
    index = opened(tmp_path)
    index.put(articles(60))
    index.close()
    index = opened(tmp_path)
    index.remove(["a0003"])
    index.put(articles(10, first=60))
    index.close()
    (base,) = bases(tmp_path)
    eighth = 8  # keys are given from 1, as articles come; each has one passage
    assert verify(tmp_path) == ([f"{base}: passage {eighth} has other terms than in the store"] if differs else [])
