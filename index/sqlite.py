"""Opens SQLite files the way the store needs them, and says its errors in our words. Knows nothing of the tables.

The only module that imports APSW, which brings its own SQLite: the same one whatever the machine has.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
from apsw import Connection as Connection

from index.errors import IndexingError, StoreDamaged, StoreUnavailable

_RESTORE = (
    "restore it from a backup (`python -m index restore`), or move it away and run `python -m index sync` on the"
    " article files"
)
CopyProgress = Callable[[int, int], None]
"""Told how many pages are copied, of how many."""
_STEP_PAGES = 2048
_UNAVAILABLE = {
    apsw.SQLITE_BUSY: "is locked by another writer; try again when it has finished",
    apsw.SQLITE_LOCKED: "is locked by another writer; try again when it has finished",
    apsw.SQLITE_FULL: "cannot grow: the disk is full; free some space and try again",
    apsw.SQLITE_IOERR: "cannot be read or written; check the disk and its free space, then try again",
    apsw.SQLITE_READONLY: "is read-only; make the file and its folder writable for this user",
    apsw.SQLITE_PERM: "is not accessible; make the file and its folder readable and writable for this user",
    apsw.SQLITE_CANTOPEN: "cannot be opened; check that its folder exists and is writable for this user",
    apsw.SQLITE_NOMEM: "cannot be read: the machine is out of memory",
}


def connect(path: Path, *, create: bool, busy_timeout_s: float) -> Connection:
    """A connection in autocommit mode (transactions are begun and ended in so many words), for use by any one thread.

    A commit is on the disk when it returns. Raises our errors.
    """
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    with clear_errors(path):
        connection = Connection(str(path.absolute()), flags=flags)
        try:
            connection.set_busy_timeout(round(1000 * busy_timeout_s))
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten, not only unlinked
            connection.execute("PRAGMA temp_store=MEMORY")  # no trace of an article in a temporary file
            connection.execute("SELECT 1 FROM sqlite_schema").fetchone()  # is it a database at all?
        except BaseException:
            connection.close()
            raise
    return connection


def scratch() -> Connection:
    """A database for a while: in memory, and past some megabytes in a file without a name. Holds no article's text."""
    connection = Connection("")
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA cache_size=-16000")
    connection.execute("BEGIN")
    return connection


@contextmanager
def transaction(connection: Connection, path: Path, *, write: bool) -> Iterator[None]:
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


def empty_log(connection: Connection, path: Path) -> bool:
    """Moves the write-ahead log into the file and cuts it to nothing: what was deleted is then in neither.

    False, at once, where a reader or a writer of this or another process still needs the log.
    """
    with clear_errors(path):
        timeout_ms = connection.execute("PRAGMA busy_timeout").get
        connection.set_busy_timeout(0)
        try:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except (apsw.BusyError, apsw.LockedError):
            return False
        finally:
            connection.set_busy_timeout(timeout_ms)
        return True


def copy_database(source: Connection, target: Connection, path: Path, progress: CopyProgress | None = None) -> None:
    """Makes `target`, a database at `path`, equal to what `source` sees, in one transaction of the target's.

    Inside a transaction of the source's it is one snapshot, whatever others write. Raises our errors.
    """
    with clear_errors(path), target.backup("main", source, "main") as copying:
        while not copying.done:
            copying.step(_STEP_PAGES)
            if progress:
                progress(copying.page_count - copying.remaining, copying.page_count)


@contextmanager
def clear_errors(path: Path) -> Iterator[None]:
    """SQLite's errors become `StoreUnavailable` or `StoreDamaged`, naming `path` and the next step."""
    try:
        yield
    except apsw.Error as exc:
        raise _translated(exc, path) from exc


def _translated(exc: apsw.Error, path: Path) -> IndexingError:
    if isinstance(exc, apsw.ConnectionClosedError):
        return StoreUnavailable(f"{path} was closed while it was used: the process is stopping; try again afterwards")
    code = getattr(exc, "result", 0) & 0xFF
    if code in _UNAVAILABLE:
        return StoreUnavailable(f"{path} {_UNAVAILABLE[code]} ({exc})")
    if code in (apsw.SQLITE_CORRUPT, apsw.SQLITE_NOTADB):
        return StoreDamaged(f"{path} is damaged or not an index of ours ({exc}); {_RESTORE}")
    return StoreDamaged(f"{path} does not answer as an index of ours ({exc}); {_RESTORE}")


class ConnectionPool:
    """Read connections for many threads: each is used by one at a time, and a few idle ones are kept open."""

    def __init__(self, open_one: Callable[[], Connection], *, keep: int = 8) -> None:
        self._open_one = open_one
        self._keep = keep
        self._idle: list[Connection] = []  # append and pop of a list are atomic
        self._closed = False

    @contextmanager
    def connection(self) -> Iterator[Connection]:
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
