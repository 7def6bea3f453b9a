"""What FAISS and SQLite do when they are called directly: what the index is set against. Knows nothing of the index."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import faiss
import numpy as np
from numpy.typing import NDArray

from eval.statistics import percentile
from index.preparing import Prepared
from index.sqlite import connect

Rows = NDArray[np.float32]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]

_BLOCK_ROWS = 32768
LISTS = 1024  # FAISS makes them of as many vectors at the least
_QUICKEST = f"IVF{LISTS},RaBitQfs"  # of those in eval/LOG.md, at a recall of .98
_PROBES = (64, 128, 256, 320, 400, 512, 640, 768, 1024)
_RESCORED = 800


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one thing, done many times: of the processor, all threads together, and of the clock."""

    cpu_p50: float
    cpu_p99: float
    wall_p50: float
    wall_p99: float

    @classmethod
    def of(cls, calls: Sequence[Callable[[], object]]) -> "Times":
        cpu, wall = [], []
        for call in calls:
            started = process_time(), perf_counter()
            call()
            cpu.append(1000 * (process_time() - started[0]))
            wall.append(1000 * (perf_counter() - started[1]))
        return cls(percentile(cpu, 0.5), percentile(cpu, 0.99), percentile(wall, 0.5), percentile(wall, 0.99))

    def __str__(self) -> str:
        return f"{self.cpu_p50:.1f} ms of CPU ({self.cpu_p99:.1f}), clock {self.wall_p50:.1f} ({self.wall_p99:.1f})"


@dataclass(frozen=True, slots=True)
class Direct:
    """A FAISS index that was called directly, on one thread."""

    name: str
    recall: float
    times: Times


def exact(rows: Rows, questions: Rows, k: int, mask: Mask | None = None) -> Ids:
    """The places of the `k` nearest of each question, of those in `mask`, where given: int64, (n, k)."""
    best = np.full((len(questions), k), -np.inf, np.float32)
    places = np.full((len(questions), k), -1, np.int64)
    for start in range(0, len(rows), _BLOCK_ROWS):
        scores = questions @ rows[start : start + _BLOCK_ROWS].T
        if mask is not None:
            scores[:, ~mask[start : start + _BLOCK_ROWS]] = -np.inf
        scores = np.hstack([best, scores])
        here = np.hstack([places, np.broadcast_to(np.arange(start, start + scores.shape[1] - k), scores[:, k:].shape)])
        top = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        best, places = np.take_along_axis(scores, top, 1), np.take_along_axis(here, top, 1)
    return places


def share_found(found: Sequence[Sequence[int]], wanted: Ids) -> float:
    return float(np.mean([len({*one} & {*two}) / len(two) for one, two in zip(found, wanted.tolist(), strict=True)]))


def flat(rows: Rows, questions: Rows, k: int) -> Direct:
    """FAISS's exact index."""
    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)
    return Direct("flat", 1.0, Times.of([partial(index.search, q[None], k) for q in questions[:50]]))


def best_at(recall: float, rows: Rows, questions: Rows, k: int, wanted: Ids) -> Direct:
    """FAISS's quickest index that we know of, with the fewest probes that find as many; the found compared exactly.

    Takes `LISTS` rows at the least.
    """
    faiss.omp_set_num_threads(1)
    index = faiss.index_factory(rows.shape[1], _QUICKEST, faiss.METRIC_INNER_PRODUCT)
    index.train(rows[:: -(-len(rows) // 100_000)])
    index.add(rows)

    def search(question: Rows, probes: int) -> list[int]:
        places = index.search(question[None], _RESCORED, params=_probing(probes))[1][0]
        places = np.sort(places[places >= 0])
        scores = rows[places] @ question
        return [int(place) for place in places[np.argsort(-scores)[:k]]]

    for probes in _PROBES:
        found = share_found([search(question, probes) for question in questions], wanted)
        if found >= recall:
            break
    times = Times.of([partial(search, q, probes) for q in questions])
    return Direct(f"{_QUICKEST}, {probes} probes, {_RESCORED} compared exactly", found, times)


def graph_found(rows: Rows, questions: Rows, k: int, *, efforts: Sequence[int]) -> dict[int, list[list[int]]]:
    """What FAISS's graph of 16 links over bytes finds for each question, by efSearch."""
    index = faiss.index_factory(rows.shape[1], "HNSW16,SQ8", faiss.METRIC_INNER_PRODUCT)
    index.train(rows)
    index.add(rows)
    found = {}
    for effort in efforts:
        params = faiss.SearchParametersHNSW(efSearch=effort)  # type: ignore[attr-defined]  # the stubs lack it
        found[effort] = index.search(questions, k, params=params)[1].tolist()
    return found


def lists_found(
    rows: Rows, questions: Rows, k: int, *, lists: int, shares: Sequence[float]
) -> dict[float, list[list[int]]]:
    """What FAISS's inverted lists of bytes find for each question, by the share of the lists that is looked at."""
    index = faiss.index_factory(rows.shape[1], f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.train(rows)
    index.add(rows)
    return {
        share: index.search(questions, k, params=_probing(max(1, round(share * lists))))[1].tolist() for share in shares
    }


def _probing(lists: int) -> faiss.SearchParametersIVF:
    params = faiss.SearchParametersIVF()
    params.nprobe = lists
    return params


def sqlite_alone(path: Path, whole: Sequence[Sequence[Prepared]]) -> float:
    """Seconds of the processor for the texts, vectors and terms of some articles: in plain tables, and FTS5's."""
    with closing(connect(path, create=True, busy_timeout_s=5)) as sql:
        sql.execute("PRAGMA journal_mode=WAL").fetchall()
        sql.execute(
            "CREATE TABLE articles (key INTEGER PRIMARY KEY, id TEXT UNIQUE, text TEXT);"
            "CREATE TABLE passages (key INTEGER PRIMARY KEY, id TEXT UNIQUE, text TEXT, vector BLOB);"
            "CREATE VIRTUAL TABLE lexicon USING fts5(context, body)"
        )
        started = process_time()
        for batch in whole:
            passages = [one for _, its in batch for one in its]
            sql.execute("BEGIN IMMEDIATE")
            sql.executemany("INSERT INTO articles (id, text) VALUES (?, ?)", [(a.article_id, a.text) for a, _ in batch])
            sql.executemany(
                "INSERT INTO passages (id, text, vector) VALUES (?, ?, ?)",
                [(one.passage.passage_id, one.passage.text, one.vector.tobytes()) for one in passages],
            )
            sql.executemany(
                "INSERT INTO lexicon (context, body) VALUES (?, ?)", [(p.context_terms, p.body_terms) for p in passages]
            )
            sql.execute("COMMIT")
        return process_time() - started
