"""The truth: articles, passages, terms and vectors in one SQLite file, changed in transactions.

Owns the tables, who may read and write them when, and the making of the file. The statements are in `store_reader`
and `store_writer`. Knows nothing of how terms and vectors are made, nor of FAISS.

Every commit that changes something starts a new generation. A passage's key is never given twice, and what belongs to
a key never changes: a replaced article gets new keys. So whoever knows the passages of an earlier generation learns
those of a later one from `added_after` its last key and `removed_after` its generation.
"""

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from index.errors import StoreDamaged, StoreUnavailable
from index.sqlite import ConnectionPool, clear_errors, connect, transaction
from index.store_audit import Audit
from index.store_reader import Reader
from index.store_writer import Writer

FILE_NAME = "articles.sqlite3"
FORMAT = 1  # of the tables below
_APPLICATION_ID = 0x536F7572  # "Sour", in the file's header

_SCHEMA = f"""
PRAGMA application_id={_APPLICATION_ID};
PRAGMA user_version={FORMAT};
CREATE TABLE state (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  manifest TEXT NOT NULL,
  content BLOB NOT NULL,                 -- the sum of the articles' digests modulo 2^256, little-endian
  articles INTEGER NOT NULL,
  passages INTEGER NOT NULL,
  removed_since INTEGER NOT NULL         -- the table `removed` is complete from this generation on
) STRICT;
CREATE TABLE commits (generation INTEGER PRIMARY KEY, token TEXT NOT NULL) STRICT;
CREATE TABLE articles (
  key INTEGER PRIMARY KEY,
  article_id TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  published TEXT,
  first_day TEXT,                        -- of `published`, ISO 8601: what filters compare
  last_day TEXT,
  source TEXT,
  url TEXT,
  lang TEXT NOT NULL,
  digest BLOB NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX articles_by_lang ON articles (lang);
CREATE INDEX articles_by_days ON articles (last_day, first_day);
CREATE INDEX articles_by_source ON articles (source);
CREATE TABLE passages (
  key INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
  passage_id TEXT NOT NULL UNIQUE,
  article_key INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE,
  start INTEGER NOT NULL,
  end INTEGER NOT NULL,
  sentences TEXT NOT NULL,               -- JSON, [[start, end], …]
  text TEXT NOT NULL
) STRICT;
CREATE INDEX passages_by_article ON passages (article_key);
CREATE TABLE vectors (
  key INTEGER PRIMARY KEY REFERENCES passages (key) ON DELETE CASCADE,
  vector BLOB NOT NULL                   -- float32, little-endian, of norm 1
) STRICT;
CREATE TABLE removed (key INTEGER PRIMARY KEY, generation INTEGER NOT NULL) STRICT;
CREATE INDEX removed_by_generation ON removed (generation);
-- Terms come analysed, separated by spaces; this tokenizer takes each as it is, whatever its letters.
CREATE VIRTUAL TABLE lexicon USING fts5(context, body, tokenize="ascii tokenchars '.'");
CREATE VIRTUAL TABLE lexicon_terms USING fts5vocab(lexicon, row);
"""

# Derived, and none need be there: a store that was made before there were any gets the table when it is opened.
_STATES = """
CREATE TABLE IF NOT EXISTS states (
  key INTEGER PRIMARY KEY REFERENCES passages (key) ON DELETE CASCADE,
  text_key TEXT NOT NULL,
  states BLOB NOT NULL                   -- of the passage's tokens: see kept_states.py
) STRICT;
CREATE INDEX IF NOT EXISTS states_by_text ON states (text_key);
"""


class Store:
    """The open file: many readers, each on its own snapshot, and one writer at a time."""

    def __init__(self, path: Path, *, busy_timeout_s: float) -> None:
        self.path = path
        self._pool = ConnectionPool(partial(connect, path, create=False, busy_timeout_s=busy_timeout_s))
        self._writer = connect(path, create=False, busy_timeout_s=busy_timeout_s)
        self._writing = threading.Lock()

    @classmethod
    def open(cls, folder: Path, *, new_manifest: str | None, busy_timeout_s: float = 5.0) -> "Store":
        """The store in `folder`, made with `new_manifest` where there is none yet.

        Raises `StoreUnavailable` where there is none and no manifest is given, `StoreDamaged` where the file is not
        one of ours or of another format.
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

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """What is changed in the block is durable when it ends, all of it, or undone if it raises.

        Raises `StoreUnavailable` where another process keeps the file locked, or it cannot be written.
        """
        with self._writing, transaction(self._writer, self.path, write=True):
            writer = Writer(self._writer, self.path)
            yield writer
            writer.finish()

    @contextmanager
    def auditing(self) -> Iterator[Audit]:
        """As `reading`, with what only `verify` asks."""
        with self._pool.connection() as connection, transaction(connection, self.path, write=False):
            yield Audit(connection, self.path)

    def check_lexicon(self) -> None:
        """Raises `StoreDamaged` where the lexical index is not that of the terms it was given. Changes nothing."""
        with self._writing, clear_errors(self.path):
            self._writer.execute("INSERT INTO lexicon (lexicon) VALUES ('integrity-check')")

    def close(self) -> None:
        self._pool.close()
        with self._writing:
            self._writer.close()


def _check_or_make(connection: sqlite3.Connection, path: Path, new_manifest: str | None) -> None:
    if _header(connection) == (_APPLICATION_ID, FORMAT):
        _execute_all(connection, _STATES)
        return
    if _header(connection) != (0, 0) or new_manifest is None or _has_tables(connection):
        raise StoreDamaged(_not_ours(path, *_header(connection)))
    connection.execute("PRAGMA journal_mode=WAL")
    with transaction(connection, path, write=True):
        if _has_tables(connection):  # another process has made it just now
            return
        _execute_all(connection, _SCHEMA + _STATES)
        connection.execute("INSERT INTO state VALUES (1, ?, zeroblob(32), 0, 0, 0)", (new_manifest,))
        connection.execute("INSERT INTO commits VALUES (0, ?)", (secrets.token_hex(8),))


def _execute_all(connection: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";\n"):
        connection.execute(statement)


def _header(connection: sqlite3.Connection) -> tuple[int, int]:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (user_version,) = connection.execute("PRAGMA user_version").fetchone()
    return application_id, user_version


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM sqlite_schema)").fetchone()[0])


def _not_ours(path: Path, application_id: int, format_found: int) -> str:
    if application_id != _APPLICATION_ID:
        return f"{path} is not an index of ours; name another data folder, or move the file away"
    return (
        f"{path} has format {format_found}, wanted {FORMAT}; with the version of this software that made it, run"
        " `python -m index export`, then `add` the exported file to a new index"
    )
