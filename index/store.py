"""The truth: articles, passages, terms and vectors in one SQLite file, changed in transactions.

Owns who may read and write them when, and the making of the file. Tables are in `schema`, statements in `store_reader`
and `store_writer`. Knows nothing of how terms and vectors are made, nor of FAISS.

Every commit that changes something starts a new generation. A passage's key is never given twice, and what belongs to
a key never changes: a replaced article gets new keys. So whoever knows the passages of an earlier generation learns
those of a later one from `added_after` its last key and `removed_after` its generation.
"""

import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from index.errors import StoreUnavailable
from index.files import total_bytes
from index.schema import header, make_tables, migrate
from index.sqlite import Connection, ConnectionPool, clear_errors, connect, empty_log, transaction
from index.store_audit import Audit
from index.store_reader import Reader
from index.store_writer import Writer
from index.types import Article

FILE_NAME = "articles.sqlite3"
_log = logging.getLogger(__name__)


class Store:
    """The open file: many readers, each on its own snapshot, and one writer at a time."""

    def __init__(self, path: Path, *, busy_timeout_s: float) -> None:
        self.path = path
        self._pool = ConnectionPool(partial(connect, path, create=False, busy_timeout_s=busy_timeout_s))
        self._writer = connect(path, create=False, busy_timeout_s=busy_timeout_s)
        self._writing = threading.Lock()
        self._traces_left = False

    @classmethod
    def open(cls, folder: Path, *, new_manifest: str | None, busy_timeout_s: float = 5.0) -> "Store":
        """The store in `folder`, made with `new_manifest` where there is none yet.

        One of an earlier format is brought to the present one. Raises `StoreUnavailable` where there is none and no
        manifest is given, `StoreDamaged` where the file is not one of ours or of a later format.
        """
        path = folder / FILE_NAME
        if new_manifest is None and not path.exists():
            raise StoreUnavailable(f"there is no index in {folder}; make one with `python -m index sync` or `add`")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreUnavailable(f"the data folder {folder} cannot be made ({exc}); name another one") from exc
        connection = connect(path, create=new_manifest is not None, busy_timeout_s=busy_timeout_s)
        try:
            with clear_errors(path):
                _check_or_make(connection, path, new_manifest)
        finally:
            connection.close()
        return cls(path, busy_timeout_s=busy_timeout_s)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """One snapshot of the store, the newest at this moment, unmoved by writes until the block ends."""
        with self._pool.connection() as connection, transaction(connection, self.path, write=False):
            yield Reader(connection, self.path)
        if self._traces_left:
            self._remove_traces()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """What is changed in the block is durable when it ends, all of it, or undone if it raises.

        Raises `StoreUnavailable` where another process keeps the file locked, or it cannot be written.
        """
        with self._writing, transaction(self._writer, self.path, write=True):
            writer = Writer(self._writer, self.path)
            yield writer
            writer.finish()
            self._traces_left |= writer.removed_any
        if self._traces_left:
            self._remove_traces()

    @contextmanager
    def auditing(self) -> Iterator[Audit]:
        """As `reading`, with what only `verify` asks."""
        with self._pool.connection() as connection, transaction(connection, self.path, write=False):
            yield Audit(connection, self.path)

    def check_lexicon(self) -> None:
        """Raises `StoreDamaged` where the lexical index is not that of the terms it was given. Changes nothing."""
        with self._writing, clear_errors(self.path):
            self._writer.execute("INSERT INTO lexicon (lexicon) VALUES ('integrity-check')")

    @property
    def disk_bytes(self) -> int:
        """Of the files of the data folder."""
        return total_bytes(self.path.parent)

    def refuses(self, article: Article) -> str | None:  # noqa: ARG002  # SQLite keeps texts of any length
        """Why the article cannot be stored, where it cannot."""
        return None

    def replace_with(self, other: Reader) -> None:
        """Holds, in one transaction, what a reader of another store sees: what was here before is lost.

        The other's generation must be later than any here, and complete from there on, so that readers start over.
        """
        with self._writing:
            other.copy_to(self._writer, self.path)
            self._traces_left = True
        self._remove_traces()

    def close(self) -> None:
        self._pool.close()
        if self._traces_left:
            self._remove_traces()
        with self._writing:
            self._writer.close()

    def _remove_traces(self) -> None:
        """Overwrites on the disk what was deleted: at once, or where readers still see it, when the last has ended."""
        if not self._writing.acquire(blocking=False):
            return  # the write that is under way will do it
        try:
            self._traces_left = not empty_log(self._writer, self.path)
        except StoreUnavailable as exc:  # what was deleted is deleted all the same
            _log.warning("%s: what was deleted is still in the write-ahead log (%s)", self.path, exc)
        finally:
            self._writing.release()


def _check_or_make(connection: Connection, path: Path, new_manifest: str | None) -> None:
    if new_manifest is None or header(connection) != (0, 0) or _has_tables(connection):
        migrate(connection, path)
        return
    connection.execute("PRAGMA journal_mode=WAL")
    with transaction(connection, path, write=True):
        if _has_tables(connection):  # another process has made it just now
            return
        make_tables(connection)
        connection.execute("INSERT INTO state VALUES (1, ?, zeroblob(32), 0, 0, 0)", (new_manifest,))
        connection.execute("INSERT INTO commits VALUES (0, ?)", (secrets.token_hex(8),))


def _has_tables(connection: Connection) -> bool:
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM sqlite_schema)").get)
