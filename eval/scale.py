"""What a large index costs, in one run: synthetic passages by the million, against FAISS and SQLite called directly.

Times are of the processor, all threads together, which other work on the machine moves little, and of the clock; ratios
travel best.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray

from eval.baselines import LISTS, Direct, Times, best_at, exact, flat, share_found, sqlite_alone
from eval.datasets import piaf
from eval.errors import EvaluationError
from eval.large_index import SHARES, StandIn, Words, batches, days_of, first_day, leaving, prepared
from eval.pools import question_pool
from eval.synthetic import PASSAGES_AN_ARTICLE, Synthetic, synthetic
from index.encoder import Encoder
from index.index import Index
from index.store import Store
from index.types import Filters
from service.retrieval import retrieve

logger = logging.getLogger(__name__)

Rows = NDArray[np.float32]

PASSAGES = 1_000_000
QUESTIONS = 200
K = 10
MOST_SEARCH_MS, MOST_HYBRID_MS, MOST_WRITE_MS, MOST_OPENING_S = 3, 25, 100, 10  # what the project aims at
_CHANGES = ("add", "replace", "remove")
_STORED_TWICE = 20_000  # passages: by us, and by SQLite alone
_WRITES = 30
_SQLITE_QUESTIONS = 20
_WARM_UP = 10
_SAME = 0.9999  # cosine of a vector with itself, at the least


@dataclass(frozen=True, slots=True)
class Searched:
    """Searches of which a filter leaves `share`: by vectors alone, and by vectors and words."""

    share: float
    recall: float
    vectors: Times
    hybrid: Times


@dataclass(frozen=True, slots=True)
class Written:
    """One article of five passages, from its vectors until it is durable and seen by a search."""

    add: Times
    replace: Times
    remove: Times


@dataclass(frozen=True, slots=True)
class Scale:
    passages: int
    stored_per_cpu_s: float
    sqlite_per_cpu_s: float
    base_s: float | None  # none where it was there already
    opening_s: float
    opening_cpu_s: float
    memory_bytes: float  # a passage, of the process's own; the mapped file is not
    file_bytes: float  # a passage
    searched: list[Searched]
    flat: Direct
    direct: Direct
    words: Times
    sqlite_words: Times
    written: Written


def scale(folder: Path, data: Path, encoder: Encoder, *, passages: int = PASSAGES, threads: int = 1) -> Scale:
    """Measures an index of so many synthetic passages, which is kept in `data`; `folder` has the data sets.

    A search may use so many `threads`; FAISS and SQLite called directly use one. Raises `EvaluationError` where the
    passages are too few, or `data` holds others.
    """
    if passages < LISTS:
        raise EvaluationError(f"{passages} passages are too few; FAISS's lists, beside ours, take {LISTS} at the least")
    words = Words.of(question_pool(folder))
    texts = [question.question for question in islice(piaf(folder)[1], 0, None, 29)][:QUESTIONS]
    made = synthetic(passages, len(texts))
    stand_in = StandIn(encoder, dict(zip(texts, made.questions, strict=True)))
    base_s = _fill(data, made.passages, words, stand_in)
    stored, alone = _stored_per_cpu_s(made.passages[:_STORED_TWICE], words, stand_in, data.parent)
    memory, clock, cpu = _own_bytes(), perf_counter(), process_time()
    with closing(Index.open(data, stand_in, threads=threads)) as index:
        opening_s, opening_cpu_s, memory = perf_counter() - clock, process_time() - cpu, _own_bytes() - memory
        if index.sizes.passages != passages or index.health.warning:
            raise EvaluationError(f"{data} holds {index.sizes} ({index.health.warning}); remove it")
        searched = [_searched(index, stand_in, texts, made, share) for share in (1.0, *SHARES)]
        wanted = exact(made.passages, made.questions, K)
        return Scale(
            passages=passages,
            stored_per_cpu_s=stored,
            sqlite_per_cpu_s=alone,
            base_s=base_s,
            opening_s=opening_s,
            opening_cpu_s=opening_cpu_s,
            memory_bytes=memory / passages,
            file_bytes=sum(path.stat().st_size for path in data.glob("vectors.base-*")) / passages,
            searched=searched,
            flat=flat(made.passages, made.questions, K),
            direct=best_at(searched[0].recall, made.passages, made.questions, K, wanted),
            words=Times.of([partial(_by_words, index, text) for text in texts]),
            sqlite_words=_sqlite_words(data, texts),
            written=_written(index, words, made.passages),
        )


def lines(found: Scale) -> Iterator[str]:
    """The figures, for a terminal; each time is the median and, in brackets, the 99th percentile."""
    yield f"{found.passages:,} passages: {found.memory_bytes:.0f} bytes of memory each, {found.file_bytes:.0f} mapped"
    ratio = found.stored_per_cpu_s / found.sqlite_per_cpu_s
    yield f"stored: {found.stored_per_cpu_s:.0f} passages a second of CPU, {ratio:.2f} of what SQLite alone inserts"
    if found.base_s is not None:
        yield f"vectors and terms made ready for search in {found.base_s:.0f} s"
    yield f"opened in {found.opening_s:.1f} s ({found.opening_cpu_s:.1f} s of CPU; limit {MOST_OPENING_S})"
    for its in found.searched:
        yield f"search of {its.share:.0%}: recall@10 {its.recall:.3f}; {its.vectors} (limit {MOST_SEARCH_MS})"
        yield f"  by words too: {its.hybrid} (limit {MOST_HYBRID_MS})"
    ours = found.searched[0].vectors.cpu_p50
    for direct in (found.flat, found.direct):
        yield f"FAISS {direct.name}: recall@10 {direct.recall:.3f}; {direct.times}"
        yield f"  ours, with the passages read: {ours / direct.times.cpu_p50:.2f} of it"
    ratio = found.words.cpu_p50 / found.sqlite_words.cpu_p50
    yield f"by words alone: {found.words}; SQLite's FTS5 {found.sqlite_words}; ours {ratio:.3f}"
    for name in _CHANGES:
        times: Times = getattr(found.written, name)
        yield f"{name} an article of {PASSAGES_AN_ARTICLE} passages: {times} (limit {MOST_WRITE_MS})"


def past_limits(found: Scale) -> list[str]:
    """What takes longer than the project aims at, in the median by the clock."""
    timed = [("opening", 1000 * found.opening_s, 1000 * MOST_OPENING_S)]
    for its in found.searched:
        timed.append((f"search of {its.share:.0%}", its.vectors.wall_p50, MOST_SEARCH_MS))
        timed.append((f"search of {its.share:.0%} by words too", its.hybrid.wall_p50, MOST_HYBRID_MS))
    timed += [(name, getattr(found.written, name).wall_p50, MOST_WRITE_MS) for name in _CHANGES]
    return [f"{name}: {taken_ms:.1f} ms, limit {limit_ms}" for name, taken_ms, limit_ms in timed if taken_ms > limit_ms]


# Storing


def _stored_per_cpu_s(rows: Rows, words: Words, encoder: Encoder, folder: Path) -> tuple[float, float]:
    """Passages that a second of the processor stores: by the index, all that belongs to them; by SQLite alone."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = list(batches(rows, words))
    with TemporaryDirectory(dir=folder) as ours, TemporaryDirectory(dir=folder) as theirs:
        with closing(Index.open(Path(ours), encoder)) as index:
            started = process_time()
            for batch in whole:
                index.write(batch)
            taken = process_time() - started
        return len(rows) / taken, len(rows) / sqlite_alone(Path(theirs) / "alone.sqlite3", whole)


def _fill(data: Path, rows: Rows, words: Words, encoder: Encoder) -> float | None:
    """Makes the index in `data` hold all these vectors. Seconds that the base took; none where it was there.

    Raises `EvaluationError`, and changes nothing, where it holds what they do not begin with.
    """
    data.mkdir(parents=True, exist_ok=True)
    with closing(Index.open(data, encoder)) as index:
        stored = index.sizes.passages
        if stored and not _holds(index, rows[0]):
            raise EvaluationError(f"{data} holds an index of other passages; name another folder")
        for number, batch in enumerate(batches(rows, words, first=stored // PASSAGES_AN_ARTICLE)):
            index.write(batch)
            if not number % 20:
                logger.info("stored %d of %d passages", stored + 1000 * number, len(rows))
        started = perf_counter()
        index.save()
        return perf_counter() - started if stored < len(rows) else None


def _holds(index: Index, row: Rows) -> bool:
    with index.view() as view:
        return view.dense(row, 1)[0].score > _SAME


# Searching


def _searched(index: Index, encoder: StandIn, texts: Sequence[str], made: Synthetic, share: float) -> Searched:
    filters = leaving(share)
    numbers = np.arange(len(made.passages)) // PASSAGES_AN_ARTICLE
    wanted = exact(made.passages, made.questions, K, days_of(numbers) >= first_day(share))
    found = [_by_vector(index, vector, filters) for vector in made.questions]
    for text in texts[:_WARM_UP]:
        _by_both(index, encoder, text, filters)
    searched = Searched(
        share,
        share_found(found, wanted),
        Times.of([partial(_by_vector, index, vector, filters) for vector in made.questions]),
        Times.of([partial(_by_both, index, encoder, text, filters) for text in texts]),
    )
    logger.info("%s", searched)
    return searched


def _by_vector(index: Index, vector: Rows, filters: Filters) -> list[int]:
    """The numbers of the passages found."""
    with index.view() as view:
        ids = [found.passage.passage_id for found in view.dense(vector, K, filters)]
    return [PASSAGES_AN_ARTICLE * int(name[1:-2]) + int(name[-1]) for name in ids]


def _by_words(index: Index, text: str) -> None:
    with index.view() as view:
        view.lexical(text, 50)


def _by_both(index: Index, encoder: Encoder, text: str, filters: Filters) -> None:
    with index.view() as view:
        retrieve(view, encoder, text, K, filters)


def _sqlite_words(data: Path, texts: Sequence[str]) -> Times:
    """The same search by words in SQLite's own index."""
    from index.analysis import query_terms

    with closing(Store.open(data, new_manifest=None)) as store, store.reading() as reader:

        def search(text: str) -> None:
            terms = list(dict.fromkeys(term for word in query_terms(text, ["fr"]) for term in word))
            reader.passages_with(terms)
            reader.passages([key for key, _ in reader.lexical(terms, 50, Filters(), context_weight=1.0)])

        return Times.of([partial(search, text) for text in texts[:_SQLITE_QUESTIONS]])


# Changing


def _written(index: Index, words: Words, rows: Rows) -> Written:
    """Articles that are not among those of the index come, change and go again."""
    number = len(rows)
    new = [prepared(number + n, rows[5 * n : 5 * n + 5], words) for n in range(_WRITES)]
    changed = [(its[0], prepared(number + _WRITES + n, rows[:5], words)[1]) for n, its in enumerate(new)]

    def seen(write: Callable[[], object]) -> Callable[[], object]:
        def call() -> None:
            write()
            with index.view():
                pass

        return call

    return Written(
        Times.of([seen(partial(index.write, [its])) for its in new]),
        Times.of([seen(partial(index.write, [its])) for its in changed]),
        Times.of([seen(partial(index.remove, [its[0].article_id])) for its in new]),
    )


def _own_bytes() -> int:
    """The memory of this process that no file backs; 0 where the system does not tell it as Linux does."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon"))
