"""An index that an earlier version made is brought to the present format; one of a later version is refused."""

import re
from pathlib import Path

import pytest
from fakes import HashEncoder

from index.dates import PublishedDate
from index.errors import StoreDamaged, StoreUnavailable
from index.index import Index
from index.schema import FORMAT, STEPS, header
from index.sqlite import connect
from index.store import FILE_NAME as STORE_FILE
from index.types import Article
from index.verify import verify

ARTICLES = [
    Article("otan", "L’OTAN élargit sa mission en Irak, dit-on à Bruxelles.", "Irak", PublishedDate("2021-02"), "AFP"),
    Article("vaccin", "La campagne de vaccination a commencé à Montréal.", "Vaccins", url="https://example.org/1"),
]
VERSION_1 = """
PRAGMA application_id=1399813490;
PRAGMA user_version=1;
CREATE TABLE state (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  manifest TEXT NOT NULL,
  content BLOB NOT NULL,
  articles INTEGER NOT NULL,
  passages INTEGER NOT NULL,
  removed_since INTEGER NOT NULL
) STRICT;
CREATE TABLE commits (generation INTEGER PRIMARY KEY, token TEXT NOT NULL) STRICT;
CREATE TABLE articles (
  key INTEGER PRIMARY KEY,
  article_id TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  published TEXT,
  first_day TEXT,
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
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  passage_id TEXT NOT NULL UNIQUE,
  article_key INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE,
  start INTEGER NOT NULL,
  end INTEGER NOT NULL,
  sentences TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX passages_by_article ON passages (article_key);
CREATE TABLE vectors (
  key INTEGER PRIMARY KEY REFERENCES passages (key) ON DELETE CASCADE,
  vector BLOB NOT NULL
) STRICT;
CREATE TABLE removed (key INTEGER PRIMARY KEY, generation INTEGER NOT NULL) STRICT;
CREATE INDEX removed_by_generation ON removed (generation);
CREATE VIRTUAL TABLE lexicon USING fts5(context, body, tokenize="ascii tokenchars '.'");
CREATE VIRTUAL TABLE lexicon_terms USING fts5vocab(lexicon, row);
"""
COLUMNS_1 = {
    "state": "*",
    "commits": "*",
    "articles": "key, article_id, title, published, first_day, last_day, source, url, lang, digest, text",
    "passages": "key, passage_id, article_key, start, end, sentences, text",
    "vectors": "key, vector",
    "removed": "key, generation",
    "lexicon": "rowid, context, body",
}


def make_version_1(folder: Path, made_now: Path) -> None:
    """An index as version 1 made it, of the rows of one that is made now; the article `parti` was removed from it."""
    index = Index.open(made_now, HashEncoder())
    index.put([*ARTICLES, Article("parti", "Le zwxqhk est parti.", "Départ")])
    index.close()
    folder.mkdir()
    old = connect(folder / STORE_FILE, create=True, busy_timeout_s=0)
    old.execute("PRAGMA journal_mode=WAL")
    old.execute(VERSION_1)
    old.execute("ATTACH ? AS present", (str(made_now / STORE_FILE),))
    for table, columns in COLUMNS_1.items():
        named = "" if columns == "*" else f"({columns})"
        old.execute(f"INSERT INTO {table} {named} SELECT {columns} FROM present.{table}")
    (key,) = old.execute("SELECT key FROM articles WHERE article_id = 'parti'").fetchone()
    old.execute("DELETE FROM lexicon WHERE rowid IN (SELECT key FROM passages WHERE article_key = ?)", (key,))
    old.execute("INSERT INTO removed SELECT key, 2 FROM passages WHERE article_key = ?", (key,))
    (parted,) = old.execute("SELECT digest FROM articles WHERE key = ?", (key,)).fetchone()
    (content,) = old.execute("SELECT content FROM state").fetchone()
    left = (int.from_bytes(content, "little") - int.from_bytes(parted, "little")) % 2**256
    old.execute("UPDATE state SET articles = 2, passages = 2, content = ?", (left.to_bytes(32, "little"),))
    old.execute("DELETE FROM articles WHERE key = ?", (key,))
    old.execute("INSERT INTO commits VALUES (2, 'abc')")
    old.close()
    (folder / "manifest.json").write_bytes((made_now / "manifest.json").read_bytes())


def schema_of(file: Path) -> set[str]:
    connection = connect(file, create=False, busy_timeout_s=0)
    assert header(connection)[1] == FORMAT
    statements = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    options = connection.execute("SELECT k, v FROM lexicon_config WHERE k <> 'version'").fetchall()
    connection.close()
    uncommented = (re.sub("--[^\\n]*", "", sql) for (sql,) in statements)
    return {" ".join(sql.replace("IF NOT EXISTS ", "").split()) for sql in uncommented} | {str(o) for o in options}


def test_an_index_of_version_1_is_migrated_searched_and_changed(tmp_path: Path) -> None:
    old, now = tmp_path / "ancien", tmp_path / "neuf"
    make_version_1(old, now)
    assert b"zwxqhk" in (old / STORE_FILE).read_bytes()  # version 1 left the terms of removed articles behind
    index = Index.open(old, HashEncoder())
    with index.view() as view:
        assert view.articles(["otan", "vaccin", "parti"]) == {a.article_id: a for a in ARTICLES}
        assert [found.passage.article_id for found in view.lexical("mission OTAN", 9)] == ["otan"]
        assert [f.passage.article_id for f in view.dense(HashEncoder().encode_queries(["vaccination"])[0], 1)] == [
            "vaccin"
        ]
    index.put([Article("neuf", "Un texte de plus.", "Neuf")])
    index.close()
    assert verify(old, encoder=HashEncoder(), sample=9) == []
    assert schema_of(old / STORE_FILE) == schema_of(now / STORE_FILE)
    assert b"zwxqhk" not in b"".join(path.read_bytes() for path in old.iterdir())


def test_every_format_has_a_step_to_the_next() -> None:
    assert sorted(STEPS) == list(range(1, FORMAT))


def test_a_step_that_fails_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    make_version_1(tmp_path / "ancien", tmp_path / "neuf")
    file = tmp_path / "ancien" / STORE_FILE
    blocker = connect(file, create=False, busy_timeout_s=0)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked by another writer"):
        Index.open(tmp_path / "ancien", HashEncoder(), busy_timeout_s=0.01)
    blocker.execute("ROLLBACK")
    assert header(blocker)[1] == 1
    blocker.execute("ALTER TABLE lexicon_config RENAME TO disparue")  # the step's first statement needs it
    with pytest.raises(StoreDamaged):
        Index.open(tmp_path / "ancien", HashEncoder())
    blocker.execute("ALTER TABLE disparue RENAME TO lexicon_config")
    assert header(blocker)[1] == 1
    blocker.close()
    Index.open(tmp_path / "ancien", HashEncoder()).close()
    assert verify(tmp_path / "ancien") == []


def test_an_index_of_a_later_version_is_refused_with_the_way_out_and_left_alone(tmp_path: Path) -> None:
    Index.open(tmp_path, HashEncoder()).close()
    later = connect(tmp_path / STORE_FILE, create=False, busy_timeout_s=0)
    later.execute(f"PRAGMA user_version={FORMAT + 1}")
    later.close()
    content = (tmp_path / STORE_FILE).read_bytes()
    with pytest.raises(StoreDamaged, match=f"format {FORMAT + 1}, wanted at most {FORMAT}: a later version .*export"):
        Index.open(tmp_path, HashEncoder())
    assert (tmp_path / STORE_FILE).read_bytes() == content
