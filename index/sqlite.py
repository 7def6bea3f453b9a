"""Opens SQLite files the way the store needs them, and says its errors in our words. Knows nothing of the tables."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import IndexingError, StoreDamaged, StoreUnavailable

_RESTORE = "restore it from a backup, or move it away and run `python -m index sync` on the article files"
_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY: "is locked by another writer; try again when it has finished",
    sqlite3.SQLITE_LOCKED: "is locked by another writer; try again when it has finished",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full; free some space and try again",
    sqlite3.SQLITE_IOERR: "cannot be read or written; check the disk and its free space, then try again",
    sqlite3.SQLITE_READONLY: "is read-only; make the file and its folder writable for this user",
    sqlite3.SQLITE_PERM: "is not accessible; make the file and its folder readable and writable for this user",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that its folder exists and is writable for this user",
    sqlite3.SQLITE_NOMEM: "cannot be read: the machine is out of memory",
}


def connect(path: Path, *, create: bool, busy_timeout_s: float) -> sqlite3.Connection:
    """A connection in autocommit mode (transactions are begun and ended in so many words), for use by any one thread.

    A commit is on the disk when it returns. Raises our errors.
    """
    with clear_errors(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}",
            uri=True,
            timeout=busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten, not only unlinked
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path, *, write: bool) -> Iterator[None]:
    """Everything inside is one snapshot; what is written is committed at the end, or undone if the block raises."""
    with clear_errors(path):
        connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        try:
            yield
            connection.execute("COMMIT" if write else "ROLLBACK")
        except BaseException:
            if connection.in_transaction:  # a full disk makes SQLite roll back by itself
                connection.execute("ROLLBACK")
            raise


@contextmanager
def clear_errors(path: Path) -> Iterator[None]:
    """SQLite's errors become `StoreUnavailable` or `StoreDamaged`, naming `path` and the next step."""
    try:
        yield
    except sqlite3.Error as exc:
        raise _translated(exc, path) from exc


def _translated(exc: sqlite3.Error, path: Path) -> IndexingError:
    code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    if code in _UNAVAILABLE:
        return StoreUnavailable(f"{path} {_UNAVAILABLE[code]} ({exc})")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreDamaged(f"{path} is damaged or not an index of ours ({exc}); {_RESTORE}")
    return StoreDamaged(f"{path} does not answer as an index of ours ({exc}); {_RESTORE}")


class ConnectionPool:
    """Read connections for many threads: each is used by one at a time, and a few idle ones are kept open."""

    def __init__(self, open_one: Callable[[], sqlite3.Connection], *, keep: int = 8) -> None:
        self._open_one = open_one
        self._keep = keep
        self._idle: list[sqlite3.Connection] = []  # append and pop of a list are atomic
        self._closed = False

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._open_one()
        try:
            yield connection
        finally:
            if self._closed or connection.in_transaction or len(self._idle) >= self._keep:
                connection.close()
            else:
                self._idle.append(connection)

    def close(self) -> None:
        """Closes the idle connections now, and those in use when they come back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()
