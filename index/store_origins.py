"""Which articles of the store are one wire copy, republished: kept with every article that comes, changes or goes.

An article's `origin` is the least key of its group, so that it names the group: of those that are linked, directly or
through others. Copies of an article are those that are linked with it directly. Knows nothing of how signatures tell.
"""

import json
from collections.abc import Iterable, Sequence

import numpy as np

from index.origins import Member, Signature, groups, linked, signature
from index.sqlite import Connection

ORIGINS = """
CREATE TABLE IF NOT EXISTS signatures (
  article_key INTEGER PRIMARY KEY REFERENCES articles (key) ON DELETE CASCADE,
  origin INTEGER NOT NULL,               -- the least article_key of those that are one wire copy
  shingles INTEGER NOT NULL,
  minima BLOB NOT NULL                   -- uint32, little-endian: see origins.py
) STRICT;
CREATE INDEX IF NOT EXISTS signatures_by_origin ON signatures (origin);
CREATE TABLE IF NOT EXISTS bands (
  band INTEGER NOT NULL,
  article_key INTEGER NOT NULL,
  PRIMARY KEY (band, article_key)
) STRICT, WITHOUT ROWID;
"""
_LISTED = "(SELECT value FROM json_each(?))"


def link_all(connection: Connection) -> None:
    """Links every article of a store that was made before there were links."""
    passages = "SELECT text FROM passages WHERE article_key = ? ORDER BY start"
    keys = connection.execute("SELECT json_group_array(key) FROM (SELECT key FROM articles ORDER BY key)").get
    for key in json.loads(keys):
        link(connection, key, [str(text) for (text,) in connection.execute(passages, (key,))])


def link(connection: Connection, article_key: int, texts: Sequence[str]) -> None:
    """Keeps the signature of a new article's passages, and joins it to those that it is a copy of."""
    mine = signature(texts)
    if mine is None:
        return
    bands = mine.bands()
    near = _signatures(
        connection, f"article_key IN (SELECT article_key FROM bands WHERE band IN {_marks(bands)})", bands
    )
    of_one = linked(mine, [its for _, _, its in near])
    origins = {origin for (_, origin, _), is_copy in zip(near, of_one, strict=True) if is_copy}
    origin = min({article_key, *origins})
    for other in origins - {origin}:
        connection.execute("UPDATE signatures SET origin = ? WHERE origin = ?", (origin, other))
    connection.execute(
        "INSERT INTO signatures VALUES (?, ?, ?, ?)",
        (article_key, origin, mine.shingles, mine.values.astype("<u4").tobytes()),
    )
    connection.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", [(band, article_key) for band in bands])


def unlink(connection: Connection, article_key: int) -> None:
    """Forgets an article's signature, before the article goes; those that only it held together are apart again."""
    found = _signatures(connection, "article_key = ?", [article_key])
    if not found:
        return
    _, origin, its = found[0]
    connection.executemany(
        "DELETE FROM bands WHERE band = ? AND article_key = ?", [(b, article_key) for b in its.bands()]
    )
    connection.execute("DELETE FROM signatures WHERE article_key = ?", (article_key,))
    left = _signatures(connection, "origin = ?", [origin])
    for group in groups([its for _, _, its in left]):
        keys = [left[place][0] for place in group]
        connection.executemany("UPDATE signatures SET origin = ? WHERE article_key = ?", [(min(keys), k) for k in keys])


def members(connection: Connection, article_ids: Iterable[str]) -> list[Member]:
    """Those of the articles that have a signature, by id."""
    of_ids = f"articles a CROSS JOIN signatures s ON s.article_key = a.key WHERE a.article_id IN {_LISTED}"
    return _members(connection, of_ids, [json.dumps(list(article_ids))])


def members_of(connection: Connection, origins: Iterable[int], where: str, values: Sequence[str]) -> list[Member]:
    """The articles `a` of these groups of which the condition holds, by id."""
    of_groups = f"signatures s CROSS JOIN articles a ON a.key = s.article_key WHERE s.origin IN {_LISTED} AND {where}"
    return _members(connection, of_groups, [json.dumps(list(origins)), *values])


def _members(connection: Connection, chosen: str, values: Sequence[str]) -> list[Member]:
    query = f"SELECT a.article_id, s.origin, s.shingles, s.minima FROM {chosen} ORDER BY a.article_id"
    return [
        Member(article_id, origin, _signature(shingles, minima))
        for article_id, origin, shingles, minima in connection.execute(query, values)
    ]


def _signatures(connection: Connection, where: str, values: Sequence[int]) -> list[tuple[int, int, Signature]]:
    """Article key, origin, signature; by key."""
    query = f"SELECT article_key, origin, shingles, minima FROM signatures WHERE {where} ORDER BY article_key"
    return [
        (key, origin, _signature(shingles, minima))
        for key, origin, shingles, minima in connection.execute(query, values)
    ]


def _signature(shingles: int, minima: bytes) -> Signature:
    return Signature(shingles, np.frombuffer(minima, "<u4").astype(np.uint32))


def _marks(values: Sequence[int]) -> str:
    return f"({','.join('?' * len(values))})"
