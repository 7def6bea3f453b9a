"""Every question that is put to the store's tables. Knows nothing of how they are changed, nor of FAISS."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.dates import PublishedDate
from index.errors import StoreDamaged
from index.facts import Fact
from index.origins import copies_of
from index.sqlite import Connection, CopyProgress, copy_database
from index.store_origins import members, members_of
from index.store_renderings import RenderingsRead
from index.types import Article, Filters, Passage, Span


class DerivedTerms(Protocol):
    """What is derived from the lexical index of exactly the state that is read, for large ones."""

    def passages_with(self, terms: Sequence[str]) -> dict[str, int]: ...
    def best(self, terms: Sequence[str], k: int, filters: Filters) -> list[tuple[int, float]]: ...


class Reader(RenderingsRead):
    """What the store held at one moment. For one thread at a time, inside `Store.reading()`.

    Ids of any spelling may be asked for, lone surrogates included; those that are not there are left out.
    """

    manifest: str
    content: int  # the sum of the articles' digests modulo 2^256: equal for the same articles in any order
    generation: int
    article_count: int
    passage_count: int
    token: str  # drawn for each generation: tells two stores of the same generation apart
    terms: "DerivedTerms | None" = None  # what searches for terms in place of FTS5, with the same scores, if anything

    def __init__(self, connection: Connection, path: Path) -> None:
        self._sql = connection
        self.path = path
        state = self._sql.execute("SELECT manifest, content, articles, passages, removed_since FROM state").fetchone()
        last = self._sql.execute("SELECT generation, token FROM commits ORDER BY generation DESC LIMIT 1").fetchone()
        if state is None or last is None:
            raise StoreDamaged(f"{path} lacks its state; restore it from a backup")
        self.manifest, content, self.article_count, self.passage_count, self.removed_since = state
        self.content = int.from_bytes(content, "little")
        self.generation, self.token = last

    # Articles

    def articles(self, article_ids: Iterable[str]) -> dict[str, Article]:
        """The articles of those ids that exist, in the order of the ids."""
        wanted = list(dict.fromkeys(article_ids))
        rows = self._sql.execute(f"SELECT {_ARTICLE} FROM articles WHERE article_id IN {_LISTED}", (_listed(wanted),))
        found = {row[0]: _article(row) for row in rows}
        return {article_id: found[article_id] for article_id in wanted if article_id in found}

    def page(self, *, after: str | None, limit: int) -> list[Article]:
        """Up to `limit` articles by id, from the first id greater than `after`."""
        query = f"SELECT {_ARTICLE} FROM articles WHERE article_id > ? ORDER BY article_id LIMIT ?"
        return [_article(row) for row in self._sql.execute(query, (_bindable(after or ""), limit))]

    def sources(self, *, limit: int) -> list[tuple[str, int]]:
        """The sources that articles name, each with how many do: those of most first, then by name."""
        query = """
            SELECT source, count(*) AS articles FROM articles WHERE source IS NOT NULL
            GROUP BY source ORDER BY articles DESC, source LIMIT ?
        """
        return [(str(source), int(count)) for source, count in self._sql.execute(query, (limit,))]

    def every_article(self) -> Iterator[Article]:
        """All articles by id, a few in memory at a time."""
        after: str | None = None
        while page := self.page(after=after, limit=_PAGE):
            yield from page
            after = page[-1].article_id

    def ids(self, *, after: str, limit: int) -> list[str]:
        """Up to `limit` ids, in order, from the first greater than `after`."""
        query = "SELECT article_id FROM articles WHERE article_id > ? ORDER BY article_id LIMIT ?"
        return [article_id for (article_id,) in self._sql.execute(query, (after, limit))]

    def digests(self) -> dict[str, bytes]:
        """The digest of every article."""
        return dict(self._sql.execute("SELECT article_id, digest FROM articles"))

    def digests_of(self, article_ids: Iterable[str]) -> dict[str, bytes]:
        """The digests of the articles of those ids that exist."""
        query = f"SELECT article_id, digest FROM articles WHERE article_id IN {_LISTED}"
        return dict(self._sql.execute(query, (_listed(article_ids),)))

    def langs(self) -> list[str]:
        """The languages of the articles, each once, in order."""
        return [lang for (lang,) in self._sql.execute(_LANGS)]

    def any_article(self, filters: Filters) -> bool:
        where, values = _conditions(filters)
        return bool(self._sql.execute(f"SELECT EXISTS (SELECT 1 FROM articles a WHERE {where})", values).get)

    def linked(self, article_ids: Iterable[str]) -> dict[str, list[str]]:
        """For each that has some: the ids of the others of these that are one wire copy with it, in order."""
        asked = members(self._sql, article_ids)
        return copies_of(asked, asked)

    def copies(self, article_ids: Iterable[str], filters: Filters) -> dict[str, list[str]]:
        """For each that has some: the ids of the other articles that are one wire copy with it, and pass, in order."""
        asked = members(self._sql, article_ids)
        return copies_of(asked, members_of(self._sql, {each.origin for each in asked}, *_conditions(filters)))

    # Passages

    def passages_of(self, article_id: str) -> list[Passage]:
        """The passages of an article in the order of its text; none where there is no such article."""
        query = f"{_PASSAGES} WHERE a.article_id IN {_LISTED} ORDER BY p.start"
        return [_passage(row) for row in self._sql.execute(query, (_listed([article_id]),))]

    def passages(self, keys: Sequence[int]) -> dict[int, Passage]:
        rows = self._sql.execute(f"{_PASSAGES} WHERE p.key IN {_LISTED}", (_listed(keys),))
        return {row[0]: _passage(row) for row in rows}

    def keys(self, filters: Filters) -> NDArray[np.int64]:
        """The keys of the passages of the articles that pass, in order."""
        where, values = _conditions(filters)
        query = f"SELECT p.key FROM articles a CROSS JOIN passages p ON p.article_key = a.key WHERE {where}"
        return np.sort(np.fromiter((key for (key,) in self._sql.execute(query, values)), np.int64))

    def lexical(
        self, terms: Sequence[str], k: int, filters: Filters, *, context_weight: float
    ) -> list[tuple[int, float]]:
        """The keys of the `k` passages with the highest BM25 for those terms, and that score; ties by id.

        Where `terms` searches for them, all that are tied with the k-th come.
        """
        if self.terms and context_weight == 1:
            return self.terms.best(terms, k, filters)
        where, values = _conditions(filters)
        match = " OR ".join(f'"{term}"' for term in terms)
        query = f"""
            SELECT p.key, -bm25(lexicon, ?, 1.0) AS score
            FROM lexicon CROSS JOIN passages p ON p.key = lexicon.rowid CROSS JOIN articles a ON a.key = p.article_key
            WHERE lexicon MATCH ? AND {where} ORDER BY score DESC, p.passage_id LIMIT ?
        """
        return [(key, score) for key, score in self._sql.execute(query, (context_weight, match, *values, k))]

    def passages_with(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many passages each of these terms of the lexical index is; those that are in none are left out."""
        if self.terms:
            return self.terms.passages_with(terms)
        query = f"SELECT term, doc FROM lexicon_terms WHERE term IN {_LISTED}"
        return dict(self._sql.execute(query, (_listed(terms),)))

    def terms_after(self, key: int) -> Iterator[tuple[list[int], list[tuple[str, str]]]]:
        """The keys above `key`, in order, with the terms of context and body; a few thousand at a time."""
        cursor = self._sql.execute("SELECT rowid, context, body FROM lexicon WHERE rowid > ? ORDER BY rowid", (key,))
        while rows := list(islice(cursor, _ROWS)):
            yield [key for key, _, _ in rows], [(context, body) for _, context, body in rows]

    # Vectors

    def vectors(self, passage_ids: Sequence[str], dim: int) -> NDArray[np.float32]:
        """float32, (n, dim), in the order of the ids. Raises `KeyError` for an id that is not there."""
        query = "SELECT p.passage_id, v.vector FROM passages p JOIN vectors v USING (key) WHERE p.passage_id IN "
        found = dict(self._sql.execute(query + _LISTED, (_listed(passage_ids),)))
        return self._matrix([found[passage_id] for passage_id in passage_ids], dim)

    def states(self, text_keys: Sequence[str]) -> dict[str, bytes]:
        """The kept states of those texts that have some."""
        return dict(
            self._sql.execute(f"SELECT text_key, states FROM states WHERE text_key IN {_LISTED}", (_listed(text_keys),))
        )

    def added_after(self, key: int, dim: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """The keys above `key`, in order, with their vectors, float32 (n, dim); a few thousand at a time."""
        cursor = self._sql.execute("SELECT key, vector FROM vectors WHERE key > ? ORDER BY key", (key,))
        while rows := list(islice(cursor, _ROWS)):
            keys, blobs = zip(*rows, strict=True)
            yield np.array(keys, np.int64), self._matrix(blobs, dim)

    def facts_after(self, key: int) -> Iterator[Fact]:
        """What filters compare of each passage whose key is above `key`, in the order of keys."""
        query = """
            SELECT p.key, a.first_day, a.last_day, a.source
            FROM passages p CROSS JOIN articles a ON a.key = p.article_key
            WHERE p.key > ? ORDER BY p.key
        """
        yield from self._sql.execute(query, (key,))

    def count_after(self, key: int) -> int:
        """How many passages have a key above `key`."""
        return int(self._sql.execute("SELECT count(*) FROM passages WHERE key > ?", (key,)).get)

    def removed_after(self, generation: int) -> list[int]:
        """The keys that a later generation than this one removed; complete from generation `removed_since` on."""
        query = "SELECT key FROM removed WHERE generation > ? ORDER BY key"
        return [key for (key,) in self._sql.execute(query, (generation,))]

    def token_of(self, generation: int) -> str | None:
        """What was drawn for that generation; `None` where this store never had it."""
        row = self._sql.execute("SELECT token FROM commits WHERE generation = ?", (generation,)).fetchone()
        return str(row[0]) if row else None

    # The whole

    def copy_to(self, target: Connection, path: Path, progress: CopyProgress | None = None) -> None:
        """Makes another database, at `path`, equal to what this reader sees."""
        copy_database(self._sql, target, path, progress)

    def _matrix(self, blobs: Sequence[bytes], dim: int) -> NDArray[np.float32]:
        if any(len(blob) != 4 * dim for blob in blobs):
            raise StoreDamaged(f"{self.path} holds vectors of another size than {dim}; run `python -m index rebuild`")
        return np.frombuffer(b"".join(blobs), "<f4").reshape(-1, dim).astype(np.float32)


_PAGE = 64  # articles read at a time
_ROWS = 4096  # vectors read at a time
_ARTICLE = "article_id, text, title, published, source, url, lang"
_PASSAGES = """
    SELECT p.key, p.passage_id, a.article_id, p.start, p.end, p.text, p.sentences
    FROM passages p JOIN articles a ON a.key = p.article_key
"""
_LISTED = "(SELECT value FROM json_each(?))"
_LANGS = """
    WITH RECURSIVE present (lang) AS (
      SELECT min(lang) FROM articles
      UNION ALL SELECT (SELECT min(lang) FROM articles WHERE lang > present.lang) FROM present WHERE lang IS NOT NULL
    ) SELECT lang FROM present WHERE lang IS NOT NULL
"""


def _conditions(filters: Filters) -> tuple[str, list[str]]:
    """What `filters` ask of an article `a`, in SQL. An unknown date (NULL) passes no bound on dates."""
    conditions = ["TRUE"]
    values = []
    if filters.published_after:
        conditions.append("a.first_day >= ?")
        values.append(filters.published_after.first_day.isoformat())
    for bound in (filters.published_before, filters.as_of):
        if bound:
            conditions.append("a.last_day <= ?")
            values.append(bound.last_day.isoformat())
    for column, allowed in (("article_id", filters.article_ids), ("source", filters.sources)):
        if allowed is not None:
            conditions.append(f"a.{column} IN {_LISTED}")
            values.append(_listed(allowed))
    return " AND ".join(conditions), values


def _listed(values: Iterable[str] | Iterable[int]) -> str:
    """JSON, all ASCII: unlike a bound string it can hold a lone surrogate, which then equals nothing stored."""
    return json.dumps(list(values))


def _bindable(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _article(row: Sequence[str]) -> Article:
    article_id, text, title, published, source, url, lang = row
    return Article(article_id, text, title, PublishedDate(published) if published else None, source, url, lang)


def _passage(row: tuple[int, str, str, int, int, str, str]) -> Passage:
    _, passage_id, article_id, start, end, text, sentences = row
    spans = tuple(Span(*sentence) for sentence in json.loads(sentences))
    return Passage(passage_id, article_id, Span(start, end), text, spans)
