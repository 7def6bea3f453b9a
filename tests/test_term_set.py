"""BM25 of a large index: what FTS5 gives for the same passages, bit for bit, and no look at every match."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import apsw
import numpy as np
import pytest
from fakes import HashEncoder
from hypothesis import given, settings
from hypothesis import strategies as st
from test_vector_base import FILTERS, articles, opened

from index import postings, term_set
from index.analysis import analyse
from index.index import Index
from index.postings import Postings, gathered, joined, term_digest
from index.term_set import Part, TermSet
from index.types import Article, Filters
from index.vectors import Among

Terms = tuple[str, str]
WORDS = ["élargir", "otan", "130000", "1.5", "été", "a", "b", "ß", "東京", "kaboul"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
PASSAGES = st.lists(st.tuples(TEXTS, TEXTS), max_size=30)


def fts5(passages: Mapping[int, Terms], terms: list[str]) -> dict[int, float]:
    """The oracle: SQLite's own BM25, by key."""
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE VIRTUAL TABLE lexicon USING fts5(context, body, tokenize=\"ascii tokenchars '.'\")")
    rows = [(key, *texts) for key, texts in passages.items()]
    connection.executemany("INSERT INTO lexicon (rowid, context, body) VALUES (?, ?, ?)", rows)
    match = " OR ".join(f'"{term}"' for term in terms)
    return dict(connection.execute("SELECT rowid, -bm25(lexicon) FROM lexicon WHERE lexicon MATCH ?", (match,)))


def best(scores: Mapping[int, float], k: int) -> list[tuple[int, float]]:
    """The k greatest, and all that are tied with the k-th."""
    ranked = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    return [pair for pair in ranked if len(ranked) < k or pair[1] >= ranked[k - 1][1]]


def set_of(passages: Mapping[int, Terms]) -> TermSet:
    return TermSet.of([Part(np.array(list(passages), np.int64), Postings.of(list(passages.values())))])


def same(one: Postings, other: Postings) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in Postings.__slots__)


@settings(deadline=None)
@given(PASSAGES)
def test_postings_are_the_terms_of_each_passage_counted(passages: list[Terms]) -> None:
    made = Postings.of(passages)
    for word in WORDS:
        places, counts = made.holding(term_digest(word))
        expected = {n: tokens.count(word) for n, texts in enumerate(passages) if word in (tokens := _tokens(texts))}
        assert dict(zip(places.tolist(), counts.tolist(), strict=True)) == expected
        assert places.tolist() == sorted(places.tolist())
    assert made.lengths.tolist() == [len(_tokens(texts)) for texts in passages]


@settings(deadline=None)
@given(PASSAGES, PASSAGES, st.lists(st.booleans(), min_size=60, max_size=60))
def test_postings_joined_or_shortened_are_those_of_the_passages(
    one: list[Terms], two: list[Terms], leaving: list[bool]
) -> None:
    whole = joined([Postings.of(one), Postings.of(two)])
    assert same(whole, Postings.of([*one, *two]))
    gone = np.array(leaving[: len(one) + len(two)], bool)
    kept = [texts for texts, is_gone in zip([*one, *two], gone, strict=True) if not is_gone]
    assert same(whole.without(gone), Postings.of(kept))


def test_postings_gathered_in_files_are_those_made_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "BLOCK_PASSAGES", 7)
    passages = list(collection(100).values())
    with gathered(iter(passages), tmp_path) as made:
        assert same(made, Postings.of(passages))
    with gathered(iter([]), tmp_path) as made:
        assert same(made, Postings.of([]))
    assert not list(tmp_path.iterdir())


def collection(passages: int, first: int = 1) -> dict[int, Terms]:
    """Words as in texts: a few in most passages, most in a few."""
    generator = np.random.default_rng(first)

    def words(count: int) -> str:
        return " ".join(f"w{n}" for n in generator.zipf(1.3, count) % 3000)

    return {
        3 * key: (words(generator.integers(0, 5)), words(generator.integers(1, 90)))
        for key in range(first, first + passages)
    }


QUESTIONS = [["w1"], ["w1", "w2", "w3", "w1000"], ["w2000", "w17", "w1", "w5"], ["w40", "absent"], ["absent"]]


@pytest.mark.parametrize("few", [0, 100_000], ids=["common terms left out", "all counted"])
@pytest.mark.parametrize("terms", QUESTIONS, ids=" ".join)
def test_the_best_are_those_of_fts5_with_its_scores(
    terms: list[str], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(term_set, "_FEW", few)
    passages = collection(3000)
    for k in (1, 10, 50, 10_000):
        assert set_of(passages).best(terms, k) == best(fts5(passages, terms), k)


@settings(max_examples=60, deadline=None)
@given(
    changes=st.lists(st.tuples(PASSAGES, st.sets(st.integers(0, 200))), max_size=6),
    terms=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True),
    k=st.integers(1, 12),
)
def test_a_set_that_changes_scores_as_fts5_does_what_is_left(
    changes: list[tuple[list[Terms], set[int]]], terms: list[str], k: int
) -> None:
    left = dict(collection(20)) | {100: ("otan", "élargir été a a"), 101: ("", "kaboul a b")}
    made = set_of(left)
    for added, removed in changes:
        keys = range(max(made.last_key, *left, 0) + 1, max(made.last_key, *left, 0) + 1 + len(added))
        made = made.changed([(keys, added)] if added else [], removed - set(keys))
        left = {key: texts for key, texts in left.items() if key not in removed}
        left |= dict(zip(keys, added, strict=True))
    counts = {term: sum(term in _tokens(texts) for texts in left.values()) for term in terms}
    assert made.passages_with(terms) == {term: count for term, count in counts.items() if count}
    assert made.best(terms, k) == best(fts5(left, terms), k)


@pytest.mark.parametrize("few", [0, 100_000])
def test_a_filter_holds_exactly_at_any_share(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(term_set, "_FEW", few)
    below, above = collection(2000), collection(300, first=5000)
    made = set_of(below).changed([(list(above), list(above.values()))], list(below)[:100])
    left = {key: texts for key, texts in {**below, **above}.items() if key not in list(below)[:100]}
    generator = np.random.default_rng(3)
    for share in (0.0, 0.01, 0.1, 0.5, 1.0):
        of_base, of_rest = generator.random(len(below)) < share, generator.random(len(above)) < share
        among = Among(of_base, np.array(list(above), np.int64)[of_rest])
        allowed = {*np.array(list(below))[of_base].tolist(), *among.of_rest.tolist()}
        for terms in QUESTIONS:
            scores = {key: score for key, score in fts5(left, terms).items() if key in allowed}
            assert made.best(terms, 10, among) == best(scores, 10)


def test_many_small_changes_leave_few_parts() -> None:
    made = set_of(collection(10))
    for n in range(200):
        made = made.changed([([1000 + n], [("", f"w{n}")])], ())
    assert len(made.parts) < 10
    assert made.passages == 210


def test_every_term_that_analysis_gives_is_one_term_of_fts5() -> None:
    text = (
        "L’OTAN, les États-Unis : 130 000 soldats (F-16, U.S., 1,5 %), l'œuvre d'aujourd'hui – été №5 東京 naïve_fin x²"
    )
    terms = list(dict.fromkeys(analyse(text, "fr")))
    passages = {1: ("", " ".join(terms)), 2: ("", "autre")}
    for term in terms:
        assert set(fts5(passages, [term])) == {1}, term
        assert [key for key, _ in set_of(passages).best([term], 5)] == [1]


# In an index


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Index, Index]]:
    """One searched through its base, one by SQLite, of the same articles; some came and went above the base."""
    large, small = opened(tmp_path / "large"), Index.open(tmp_path / "small", HashEncoder())
    for index in (large, small):
        index.put(articles(300))
        index.save()
        index.put(articles(20, first=300))
        index.put([Article("a0003", "Les talibans sont à Kaboul, disent les talibans.", "Autre")])
        index.remove(["a0000", "a0001", "a0310"])
    yield large, small
    large.close()
    small.close()


def lexical(index: Index, query: str, filters: Filters) -> list[tuple[str, float]]:
    with index.view() as view:
        return [(found.passage.passage_id, found.score) for found in view.lexical(query, 40, filters)]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_a_large_index_finds_by_words_what_a_small_one_finds(pair: tuple[Index, Index], filters: Filters) -> None:
    large, small = pair
    with large.view() as view:
        assert view._reader.terms is not None  # type: ignore[attr-defined]
    for query in ("Que disent les talibans à Kaboul ?", "la chose 7", "Nouvelle 305", "absent", "de la"):
        assert lexical(large, query, filters) == lexical(small, query, filters)


def test_a_base_made_before_there_were_postings_is_made_again(tmp_path: Path) -> None:
    index = opened(tmp_path)
    index.put(articles(100))
    index.close()
    snapshot = tmp_path / "vectors.snapshot"
    snapshot.write_bytes(snapshot.read_bytes().replace(b"sourcier vectors 3", b"sourcier vectors 2"))
    again = opened(tmp_path)
    assert "another format" in (again.health.warning or "")
    assert lexical(again, "la chose 7", Filters())[0][0].startswith("a0007")
    again.close()


def _tokens(texts: Terms) -> list[str]:
    return " ".join(texts).split()
