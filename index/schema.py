"""The store's tables, and how those of an earlier version become those of this one. Knows nothing of what is in them.

A change of the tables is a new number: `FORMAT` and `TABLES` say how a store is made now, and one more step in `STEPS`
how one of the format before gets there. A step never changes once it is on the main branch.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from index.errors import StoreDamaged
from index.sqlite import Connection, transaction
from index.store_origins import ORIGINS, link_all

FORMAT = 4
APPLICATION_ID = 0x536F7572  # "Sour", in the file's header

_STATES = """
CREATE TABLE IF NOT EXISTS states (
  key INTEGER PRIMARY KEY REFERENCES passages (key) ON DELETE CASCADE,
  text_key TEXT NOT NULL,
  states BLOB NOT NULL                   -- of the passage's tokens: see kept_states.py; none need be there
) STRICT;
CREATE INDEX IF NOT EXISTS states_by_text ON states (text_key);
"""

# The translation memory: see store_renderings.py. None need be there.
_RENDERINGS = """
CREATE TABLE IF NOT EXISTS renderings (
  sentence TEXT NOT NULL,                -- names a sentence and its language: see sentence_key
  lang TEXT NOT NULL,                    -- that it was rendered into
  writer TEXT NOT NULL,                  -- model and prompts
  text TEXT NOT NULL,
  problems TEXT NOT NULL,                -- JSON, what the check found; [] where it may be shown
  PRIMARY KEY (sentence, lang, writer)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rendered (
  article_key INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE,
  start INTEGER NOT NULL,                -- where the sentence starts in the article
  sentence TEXT NOT NULL,
  PRIMARY KEY (article_key, start)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rendered_by_sentence ON rendered (sentence);
CREATE TABLE IF NOT EXISTS rendering_job (only INTEGER PRIMARY KEY CHECK (only = 1), paused INTEGER NOT NULL) STRICT;
"""

TABLES = f"""
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
INSERT INTO lexicon (lexicon, rank) VALUES ('secure-delete', 1); -- a removed passage's terms leave the index at once
CREATE VIRTUAL TABLE lexicon_terms USING fts5vocab(lexicon, row);
{_STATES}{_RENDERINGS}{ORIGINS}"""

STEPS: Mapping[int, str] = {
    # Deleting leaves no terms behind; what was deleted before goes too. States were kept where a later version 1 ran.
    1: f"""
INSERT INTO lexicon (lexicon, rank) VALUES ('secure-delete', 1);
INSERT INTO lexicon (lexicon) VALUES ('optimize');
{_STATES}""",
    2: _RENDERINGS,
    3: ORIGINS,
}
"""By format: the statements that lead to the next one."""

_FILLS: Mapping[int, Callable[[Connection], None]] = {3: link_all}
"""What is to be computed after the statements of a step."""


def make_tables(connection: Connection) -> None:
    """Makes the tables of the present format in an empty file, inside a transaction of the caller's."""
    connection.execute(TABLES)
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={FORMAT}")


def migrate(connection: Connection, path: Path) -> None:
    """Brings the tables of an earlier format to the present one: each step is done whole, or not at all.

    Raises `StoreDamaged` where the file is not one of ours, or of a later version.
    """
    while (found := _checked_format(connection, path)) != FORMAT:
        with transaction(connection, path, write=True):
            if _checked_format(connection, path) == found:  # no other process has taken the step just now
                connection.execute(STEPS[found])
                _FILLS.get(found, _nothing)(connection)
                connection.execute(f"PRAGMA user_version={found + 1}")


def _nothing(_: Connection) -> None:
    pass


def header(connection: Connection) -> tuple[int, int]:
    """The application's id and the format's number, from the file's header."""
    return connection.execute("PRAGMA application_id").get, connection.execute("PRAGMA user_version").get


def _checked_format(connection: Connection, path: Path) -> int:
    application_id, found = header(connection)
    if application_id != APPLICATION_ID or found not in (*STEPS, FORMAT):
        raise StoreDamaged(_not_ours(path, application_id, found))
    return found


def _not_ours(path: Path, application_id: int, found: int) -> str:
    if application_id != APPLICATION_ID:
        return f"{path} is not an index of ours; name another data folder, or move the file away"
    return (
        f"{path} has format {found}, wanted at most {FORMAT}: a later version of this software made it; use that one,"
        " or run its `python -m index export` and `add` the exported file to a new index"
    )
