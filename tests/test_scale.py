"""The benchmark of large indexes: what it makes is what it says, and its own yardsticks are right."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread
from time import thread_time

import numpy as np
import pytest
from fakes import HashEncoder
from task_fakes import question_sets

from eval.baselines import LISTS, Times, best_at, exact, flat, share_found
from eval.errors import EvaluationError
from eval.large_index import DAYS, SHARES, StandIn, Words, batches, days_of, first_day, leaving, prepared
from eval.scale import lines, past_limits, scale
from eval.synthetic import DIM, PASSAGES_AN_ARTICLE, synthetic
from index.index import Index
from index.types import Article

WORDS = Words.of(
    Article(f"a{n}", f"Les talibans ont dit la chose {n} à Kaboul, puis à Paris et à Berlin en {n + 1900}.", "t")
    for n in range(30)
)


def test_synthetic_vectors_are_of_norm_1_and_the_same_each_time() -> None:
    one, two = synthetic(203, 20), synthetic(203, 20)
    assert one.passages.shape == (203, DIM)
    assert np.allclose(np.linalg.norm(one.passages, axis=1), 1, atol=1e-5)
    assert np.array_equal(one.passages, two.passages)
    assert np.array_equal(one.questions, two.questions)
    assert not np.array_equal(one.passages, synthetic(203, 20, seed=2).passages)


def test_passages_of_one_article_are_nearer_than_others() -> None:
    rows = synthetic(1000, 1).passages
    cosines = rows @ rows.T
    of_one = np.kron(np.eye(200, dtype=bool), np.ones((PASSAGES_AN_ARTICLE, PASSAGES_AN_ARTICLE), bool))
    np.fill_diagonal(cosines, np.nan)
    assert np.nanmean(cosines[of_one]) > np.nanmean(cosines[~of_one]) + 0.05


def test_the_exact_nearest_are_those_of_a_whole_sort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.baselines._BLOCK_ROWS", 70)
    made = synthetic(500, 10)
    mask = np.arange(500) % 3 == 0
    for chosen in (None, mask):
        scores = made.questions @ made.passages.T
        scores[:, ~chosen if chosen is not None else []] = -np.inf
        wanted = np.argsort(-scores, axis=1)[:, :7]
        found = exact(made.passages, made.questions, 7, chosen)
        assert [set(row) for row in found.tolist()] == [set(row) for row in wanted.tolist()]


def test_what_faiss_gives_directly_is_measured_against_all() -> None:
    made = synthetic(5000, 20)
    wanted = exact(made.passages, made.questions, 10)
    assert share_found(wanted.tolist(), wanted) == 1
    assert share_found([row[:5] for row in wanted.tolist()], wanted) == 0.5
    assert flat(made.passages, made.questions, 10).times.cpu_p99 > 0
    direct = best_at(0.9, made.passages, made.questions, 10, wanted)
    assert direct.recall >= 0.9


def test_the_processors_time_is_that_of_all_threads() -> None:
    def work() -> None:
        while thread_time() < 0.02:
            pass

    def call() -> None:
        other = Thread(target=work)
        other.start()
        other.join()

    assert Times.of([call]).cpu_p50 >= 20


def test_a_filter_leaves_the_share_that_it_is_for() -> None:
    for share in SHARES:
        assert np.mean(days_of(np.arange(DAYS)) >= first_day(share)) == pytest.approx(share)


def test_a_large_index_is_filled_up_where_it_was_stopped_and_searched(tmp_path: Path) -> None:
    made = synthetic(4000, 5)
    encoder = StandIn(HashEncoder(), {"question": made.questions[0]})
    for end in (2000, 4000):
        with closing(Index.open(tmp_path, encoder)) as index:
            first = index.sizes.passages // PASSAGES_AN_ARTICLE
            for batch in batches(made.passages[:end], WORDS, first=first):
                index.write(batch)
            assert index.sizes.passages == end
    with closing(Index.open(tmp_path, encoder)) as index, index.view() as view:
        nearest = exact(made.passages, made.questions[:1], 10)[0].tolist()
        found = view.dense(encoder.encode_queries(["question"])[0], 10)
        names = {f"s{n // PASSAGES_AN_ARTICLE:07}#{n % PASSAGES_AN_ARTICLE}" for n in nearest}
        assert {each.passage.passage_id for each in found} == names
        late = view.dense(made.questions[0], 500, leaving(0.1))
        days = {
            a.published.first_day for a in view.articles({p.passage.article_id for p in late}).values() if a.published
        }
        bound = leaving(0.1).published_after
        assert bound
        assert min(days) >= bound.first_day


def test_a_made_article_has_exact_spans_and_its_words() -> None:
    article, passages = prepared(7, synthetic(5, 1).passages, WORDS)
    assert [p.passage.span.of(article.text) for p in passages] == [p.passage.text for p in passages]
    assert all(p.body_terms == p.passage.text for p in passages)
    assert len({p.passage.passage_id for p in passages}) == 5
    assert prepared(7, synthetic(5, 1).passages, WORDS)[0] == article


def test_a_small_run_measures_everything_and_keeps_the_index(tmp_path: Path) -> None:
    folder = question_sets(tmp_path / "sets")
    for base_s in (True, False):
        found = scale(folder, tmp_path / "data", HashEncoder(), passages=2000)
        assert (found.base_s is not None) == base_s
        assert [its.share for its in found.searched] == [1.0, 0.5, 0.1, 0.01]
        assert all(its.recall == 1 for its in found.searched)  # so few are all compared
        assert len(list(lines(found))) > 10
    quick = Times(cpu_p50=9, cpu_p99=9, wall_p50=3, wall_p99=900)
    written = replace(found.written, add=quick, replace=quick, remove=replace(quick, wall_p50=100.5))
    searched = [replace(found.searched[0], vectors=quick, hybrid=replace(quick, wall_p50=26))]
    assert past_limits(replace(found, opening_s=10, searched=searched, written=written)) == [
        "search of 100% by words too: 26.0 ms, limit 25",
        "remove: 100.5 ms, limit 100",
    ]
    with closing(Index.open(tmp_path / "data", None)) as index:
        assert index.sizes.passages == 2000


def test_fewer_passages_than_faiss_makes_lists_of_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=f"{LISTS - 1} passages are too few.* {LISTS} at the least"):
        scale(tmp_path / "none", tmp_path / "data", HashEncoder(), passages=LISTS - 1)
    made = synthetic(LISTS, 1)
    assert best_at(0.9, made.passages, made.questions, 10, exact(made.passages, made.questions, 10)).recall >= 0.9


def test_an_index_of_other_passages_is_not_filled_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.scale.sqlite_alone", lambda *_: pytest.fail("passages were stored twice first"))
    folder = question_sets(tmp_path / "sets")
    encoder = StandIn(HashEncoder(), {})
    with closing(Index.open(tmp_path / "data", encoder)) as index:
        for batch in batches(synthetic(2000, 1).passages, WORDS):
            index.write(batch)
    with pytest.raises(EvaluationError, match="other passages"):
        scale(folder, tmp_path / "data", HashEncoder(), passages=4000)
    with closing(Index.open(tmp_path / "data", None)) as index:
        assert index.sizes.passages == 2000
