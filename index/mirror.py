"""The store's vectors, a large one's terms too, mirrored in memory for search: read from the snapshot, kept up, saved.

Owns which of them go with which generation, and when a new base is made of them: in a thread of its own, while the
searches go on. Knows nothing of articles, nor of how vectors and terms are searched.
"""

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from index.errors import IndexingError
from index.facts import NO_FACTS, Facts, Mask
from index.manifest import Manifest, refuse_if_rebuilt
from index.store import Store
from index.store_reader import Reader
from index.term_set import Part, TermSet
from index.types import Filters
from index.vector_base import Base, write_base
from index.vector_snapshot import FILE_NAME, SnapshotError, Stamp, read_snapshot, write_snapshot
from index.vectors import Among, Rows, VectorSet

_log = logging.getLogger(__name__)


MERGE_FROM = 50_000  # vectors above the base: as many are searched exactly in 6 ms, and take 77 MB
_GROWTH = 8  # of the base's size, the part that may lie above it, or be gone from it
_NICENESS = 10
_EVERYTHING = Filters()


class Passing:
    """Which passages of one generation pass a filter. What was asked for last is kept: a question asks twice for it."""

    def __init__(self, reader: Reader, facts: Facts, of_base: int) -> None:
        self._reader = reader
        self._facts = facts
        self._of_base = of_base
        self._last: tuple[Filters, Among | None] = (_EVERYTHING, None)

    def __call__(self, filters: Filters) -> Among | None:
        """None where all may be found."""
        if self._last[0] != filters:
            self._last = filters, self._among(filters)
        return self._last[1]

    def _among(self, filters: Filters) -> Among:
        by_id = filters.article_ids is not None
        of_articles = self._reader.keys(Filters(article_ids=filters.article_ids)) if by_id else None
        mask = self._facts.passing(filters, of_articles)
        return Among(mask[: self._of_base], self._facts.keys[self._of_base :][mask[self._of_base :]])


@dataclass(frozen=True, slots=True)
class Mirrored:
    """The vectors of one generation, and what filters leave of its passages."""

    vectors: VectorSet
    passing: Passing
    threads: int

    @property
    def approximation(self) -> str | None:
        return self.vectors.approximation

    def nearest(self, vector: Rows, k: int, filters: Filters) -> list[tuple[int, float]]:
        """The keys of the `k` nearest that pass, of all that are tied with the k-th too, with their cosines."""
        return self.vectors.nearest(vector, k, among=self.passing(filters), threads=self.threads)


@dataclass(frozen=True, slots=True)
class MirroredTerms:
    """The terms of one generation."""

    terms: TermSet
    passing: Passing

    def passages_with(self, terms: Sequence[str]) -> dict[str, int]:
        return self.terms.passages_with(terms)

    def best(self, terms: Sequence[str], k: int, filters: Filters) -> list[tuple[int, float]]:
        return self.terms.best(terms, k, self.passing(filters))


class Mirror:
    """Follows one store. What it holds is always what the store held at some generation."""

    def __init__(
        self, store: Store, folder: Path, manifest: Manifest, *, merge_from: int = MERGE_FROM, threads: int = 1
    ) -> None:
        self._store = store
        self._threads = threads
        self._folder = folder
        self._manifest = manifest
        self._merge_from = merge_from
        self._vectors = VectorSet(manifest.dim)
        self._facts = NO_FACTS
        self._terms: TermSet | None = None  # only where there is a base: else SQLite searches them as fast
        self._generation = -1  # none yet
        self._saved: tuple[int, str | None] = (-1, None)  # what the file holds: the generation, the base
        self._lock = threading.Lock()
        self._merging = threading.Lock()
        self._merger: threading.Thread | None = None
        self._closing = threading.Event()
        self.rebuilt_because: str | None = None

    @contextmanager
    def reading(self) -> Iterator[tuple[Reader, Mirrored]]:
        """The newest snapshot of the store, and exactly its vectors.

        The snapshot is begun under the lock, so it cannot be older than the generation that the mirror has reached:
        that one was committed before. Raises `ManifestMismatch` where another process has rebuilt the store otherwise.
        """
        with ExitStack() as stack:
            with self._lock:
                reader = stack.enter_context(self._store.reading())
                refuse_if_rebuilt(reader, self._manifest)
                self._follow(reader)
                base = self._vectors.base
                passing = Passing(reader, self._facts, len(base) if base else 0)
                mirrored = Mirrored(self._vectors, passing, self._threads)
                reader.terms = MirroredTerms(self._terms, passing) if self._terms else None
            try:
                yield reader, mirrored
            finally:
                reader.terms = None  # it holds the reader

    def save(self) -> None:
        """Writes the snapshot file, if it is behind. Where it cannot, it says so in the log: only time is lost."""
        try:
            with self.reading() as (reader, mirrored):
                vectors = mirrored.vectors
                base = vectors.base.file.name if vectors.base else None
                if (reader.generation, base) == self._saved:
                    return
                stamp = Stamp.of(
                    vectors, generation=reader.generation, token=reader.token, manifest=self._manifest.digest
                )
                write_snapshot(self._folder, vectors, stamp)
                self._saved = (reader.generation, base)
        except (OSError, IndexingError) as exc:
            _log.warning("%s was not written (%s); the next start takes longer", FILE_NAME, exc)

    def load(self) -> None:
        """Reads the snapshot file; where it is of no use, everything is read from the store, and the log says why."""
        with self._store.reading() as reader:
            try:
                self._vectors = self._from_file(reader)
                base = self._vectors.base
                self._facts = base.facts if base else NO_FACTS
                self._facts = self._facts.followed_by(Facts.of(reader.facts_after(self._facts.last_key)))
                self._terms = _terms_above(base, self._vectors.gone)
                self._follow_terms(reader, ())
            except SnapshotError as exc:
                self._rebuild(reader)
                if reader.passage_count or (self._folder / FILE_NAME).exists():
                    self._say_rebuilt(str(exc))
        with self.reading():
            pass  # caught up

    def rebuild(self) -> None:
        """Reads everything from the store, whatever the snapshot file holds."""
        with self._store.reading() as reader:
            self._rebuild(reader)

    # Merging

    def merge_if_due(self) -> bool:
        """Makes a new base of everything, where much lies above the present one or is gone from it; whether it was.

        Searches go on meanwhile, as before. Where the base cannot be written the log says so, and all stays as it was.
        """
        try:
            with self._merging:
                return self._merge_if_due()
        except (OSError, IndexingError) as exc:
            _log.warning("the vectors were not merged (%s); searching them takes longer", exc)
            return False

    def merge_in_background(self) -> None:
        """Merges, if it is due, and saves what comes of it, in one thread of low priority."""
        if self._closing.is_set() or (self._merger and self._merger.is_alive()):
            return
        with self._lock:
            vectors = self._vectors
        size = len(vectors.base) if vectors.base else 0
        above, gone = len(vectors) - vectors.base_count, size - vectors.base_count
        if not _outgrown(size, above=above, gone=gone, merge_from=self._merge_from):
            return
        self._merger = threading.Thread(target=self._merge_and_save, name="merge", daemon=True)
        self._merger.start()

    def close(self) -> None:
        """Waits for a merge that is under way."""
        self._closing.set()
        if self._merger:
            self._merger.join()

    def _merge_and_save(self) -> None:
        with suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)  # of this thread only, on Linux
        if self.merge_if_due():
            self.save()

    def _merge_if_due(self) -> bool:
        with self._store.reading() as reader:
            refuse_if_rebuilt(reader, self._manifest)
            vectors = self._vectors
            above = reader.count_after(int(vectors.base.keys[-1]) if vectors.base else 0)
            size = len(vectors.base) if vectors.base else 0
            if not _outgrown(
                size, above=above, gone=size - (reader.passage_count - above), merge_from=self._merge_from
            ):
                return False
            base = self._write_base(reader)
        generation = reader.generation
        with self._lock, self._store.reading() as reader:
            refuse_if_rebuilt(reader, self._manifest)
            if generation < reader.removed_since:
                return False  # every key was given anew meanwhile: nothing of it is of use
            self._start_from(base, generation)
            self._follow(reader)
        return True

    def _write_base(self, reader: Reader) -> Base | None:
        dim = self._manifest.dim
        facts = Facts.of(reader.facts_after(0))
        if not len(facts):
            return None
        terms = (each for _, block in reader.terms_after(0) for each in block)
        return write_base(self._folder, facts, reader.added_after(0, dim), terms, dim)

    def _start_from(self, base: Base | None, generation: int) -> None:
        self._vectors = VectorSet(self._manifest.dim, base=base)
        self._facts = base.facts if base else NO_FACTS
        self._terms = _terms_above(base, None)
        self._generation = generation

    # Following

    def _from_file(self, reader: Reader) -> VectorSet:
        stamp, vectors = read_snapshot(self._folder)
        if (stamp.manifest, stamp.dim) != (self._manifest.digest, self._manifest.dim):
            raise SnapshotError("it was made with other settings")
        if reader.token_of(stamp.generation) != stamp.token:
            raise SnapshotError("it is of another store than this one")
        self._generation = stamp.generation
        self._saved = (stamp.generation, stamp.base.name if stamp.base else None)
        return vectors

    def _follow(self, reader: Reader) -> None:
        if self._generation == reader.generation:
            return
        if self._generation < reader.removed_since:
            self._rebuild(reader)
            return
        added = reader.added_after(self._vectors.last_key, self._manifest.dim)
        self._facts = self._facts.followed_by(Facts.of(reader.facts_after(self._facts.last_key)))
        removed = reader.removed_after(self._generation)
        self._vectors = self._vectors.changed(added, removed)
        self._follow_terms(reader, removed)
        self._generation = reader.generation
        if len(self._vectors) != reader.passage_count:
            self._rebuild(reader)
            self._say_rebuilt("it does not agree with the store")

    def _follow_terms(self, reader: Reader, removed: Sequence[int]) -> None:
        if self._terms:
            self._terms = self._terms.changed(reader.terms_after(self._terms.last_key), removed)

    def _rebuild(self, reader: Reader) -> None:
        if reader.passage_count >= self._merge_from:
            try:
                self._start_from(self._write_base(reader), reader.generation)
            except OSError as exc:
                _log.warning("the vectors were not written to the disk (%s); they are kept in memory", exc)
            else:
                return
        dim = self._manifest.dim
        self._facts = Facts.of(reader.facts_after(0))
        self._terms = None
        self._vectors = VectorSet(dim).changed(reader.added_after(0, dim), removed=())
        self._generation = reader.generation

    def _say_rebuilt(self, reason: str) -> None:
        self.rebuilt_because = f"{FILE_NAME}: {reason}; the vectors were read from the store instead"
        _log.warning("%s", self.rebuilt_because)


def _outgrown(size: int, *, above: int, gone: int, merge_from: int) -> bool:
    """Whether so many vectors above a base of that size, or gone from it, make a new one worth its while."""
    return max(above, gone) >= max(merge_from, size // _GROWTH)


def _terms_above(base: Base | None, gone: Mask | None) -> TermSet | None:
    return TermSet.of([Part(base.keys, base.postings, gone)]) if base else None
