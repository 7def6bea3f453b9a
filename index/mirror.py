"""The store's vectors, mirrored in memory for search: read from the snapshot, kept up with the store, saved again.

Owns which vectors go with which generation. Knows nothing of articles or of how vectors are searched.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from index.errors import IndexingError
from index.manifest import Manifest, refuse_if_rebuilt
from index.store import Store
from index.store_reader import Reader
from index.vector_snapshot import FILE_NAME, SnapshotError, Stamp, read_snapshot, write_snapshot
from index.vectors import VectorSet

_log = logging.getLogger(__name__)


class Mirror:
    """Follows one store. What it holds is always what the store held at some generation."""

    def __init__(self, store: Store, folder: Path, manifest: Manifest) -> None:
        self._store = store
        self._folder = folder
        self._manifest = manifest
        self._vectors = VectorSet(manifest.dim)
        self._generation = -1  # none yet
        self._saved = -1
        self._lock = threading.Lock()
        self.rebuilt_because: str | None = None

    @contextmanager
    def reading(self) -> Iterator[tuple[Reader, VectorSet]]:
        """The newest snapshot of the store, and exactly its vectors.

        The snapshot is begun under the lock, so it cannot be older than the generation that the mirror has reached:
        that one was committed before. Raises `ManifestMismatch` where another process has rebuilt the store otherwise.
        """
        with ExitStack() as stack:
            with self._lock:
                reader = stack.enter_context(self._store.reading())
                refuse_if_rebuilt(reader, self._manifest)
                self._follow(reader)
                vectors = self._vectors
            yield reader, vectors

    def save(self) -> None:
        """Writes the snapshot file, if it is behind. Where it cannot, it says so in the log: only time is lost."""
        try:
            with self.reading() as (reader, vectors):
                if reader.generation == self._saved:
                    return
                stamp = Stamp(reader.generation, reader.token, self._manifest.digest, len(vectors), vectors.dim)
                write_snapshot(self._folder, vectors, stamp)
                self._saved = reader.generation
        except (OSError, IndexingError) as exc:
            _log.warning("%s was not written (%s); the next start takes longer", FILE_NAME, exc)

    def load(self) -> None:
        """Reads the snapshot file; where it is of no use, everything is read from the store, and the log says why."""
        with self._store.reading() as reader:
            try:
                self._vectors = self._from_file(reader)
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

    def _from_file(self, reader: Reader) -> VectorSet:
        stamp, vectors = read_snapshot(self._folder)
        if (stamp.manifest, stamp.dim) != (self._manifest.digest, self._manifest.dim):
            raise SnapshotError("it was made with other settings")
        if reader.token_of(stamp.generation) != stamp.token:
            raise SnapshotError("it is of another store than this one")
        self._generation = self._saved = stamp.generation
        return vectors

    def _follow(self, reader: Reader) -> None:
        if self._generation == reader.generation:
            return
        if self._generation < reader.removed_since:
            self._rebuild(reader)
            return
        added = reader.added_after(self._vectors.last_key, self._manifest.dim)
        self._vectors = self._vectors.changed(added, reader.removed_after(self._generation))
        self._generation = reader.generation
        if len(self._vectors) != reader.passage_count:
            self._rebuild(reader)
            self._say_rebuilt("it does not agree with the store")

    def _rebuild(self, reader: Reader) -> None:
        dim = self._manifest.dim
        self._vectors = VectorSet(dim).changed(reader.added_after(0, dim), removed=())
        self._generation = reader.generation

    def _say_rebuilt(self, reason: str) -> None:
        self.rebuilt_because = f"{FILE_NAME}: {reason}; the vectors were read from the store instead"
        _log.warning("%s", self.rebuilt_because)
