"""What `verify` must read of the store's tables that nothing else reads. Knows what should hold between the tables."""

from collections.abc import Iterator
from dataclasses import dataclass

from index.store_reader import Reader
from index.types import Article


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article's row: the article and what is derived from it."""

    key: int
    article: Article
    digest: bytes
    first_day: str | None
    last_day: str | None


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage's row as it is, sound or not, with its terms and its vector where there are some."""

    passage_id: str
    start: int
    end: int
    text: str
    sentences: str  # JSON
    context_terms: str | None
    body_terms: str | None
    vector: bytes | None
    states: bytes | None


class Audit(Reader):
    """A reader of everything. Inside `Store.auditing()`."""

    def damage(self) -> Iterator[str]:
        """What SQLite itself finds wrong with the file."""
        for (line,) in self._sql.execute("PRAGMA integrity_check"):
            if line != "ok":
                yield f"SQLite: {line}"
        for table, row, parent, _ in self._sql.execute("PRAGMA foreign_key_check"):
            yield f"{table} row {row} has no row in {parent}"

    def orphans(self) -> Iterator[str]:
        """Rows that miss their counterpart in another table."""
        for problem, query in _ORPHANS.items():
            for (key,) in self._sql.execute(query):
                yield problem.format(key)

    def counts(self) -> tuple[int, int]:
        """How many articles and passages there are, counted."""
        articles, passages = (
            self._sql.execute(f"SELECT count(*) FROM {table}").get for table in ("articles", "passages")
        )
        return articles, passages

    def article_keys(self) -> Iterator[int]:
        """The keys of all articles, in the order of their ids."""
        for (key,) in self._sql.execute("SELECT key FROM articles ORDER BY article_id"):
            yield key

    def stored_article(self, key: int) -> StoredArticle:
        """The article of that key."""
        query = "SELECT article_id, digest, first_day, last_day FROM articles WHERE key = ?"
        ((article_id, *derived),) = self._sql.execute(query, (key,))
        return StoredArticle(key, self.articles([article_id])[article_id], *derived)

    def stored_passages(self, article_key: int) -> list[StoredPassage]:
        """The passages of an article in the order of their keys."""
        return [StoredPassage(*row) for row in self._sql.execute(_STORED_PASSAGES, (article_key,))]


_STORED_PASSAGES = """
    SELECT p.passage_id, p.start, p.end, p.text, p.sentences, l.context, l.body, v.vector, s.states
    FROM passages p LEFT JOIN lexicon l ON l.rowid = p.key LEFT JOIN vectors v ON v.key = p.key
      LEFT JOIN states s ON s.key = p.key
    WHERE p.article_key = ? ORDER BY p.key
"""
_ORPHANS = {
    "passage {} has no article": "SELECT key FROM passages WHERE article_key NOT IN (SELECT key FROM articles)",
    "passage {} has no vector": "SELECT key FROM passages WHERE key NOT IN (SELECT key FROM vectors)",
    "passage {} has no terms": "SELECT key FROM passages WHERE key NOT IN (SELECT rowid FROM lexicon)",
    "vector {} has no passage": "SELECT key FROM vectors WHERE key NOT IN (SELECT key FROM passages)",
    "terms {} have no passage": "SELECT rowid FROM lexicon WHERE rowid NOT IN (SELECT key FROM passages)",
    "the rendering of sentence {} is of no article": "SELECT sentence FROM renderings"
    " WHERE sentence NOT IN (SELECT sentence FROM rendered)",
    "states {} have no passage": "SELECT key FROM states WHERE key NOT IN (SELECT key FROM passages)",
    "article {} has no origin": "SELECT article_key FROM signatures WHERE origin NOT IN"
    " (SELECT article_key FROM signatures)",
    "signature {} has no article": "SELECT article_key FROM signatures WHERE article_key NOT IN"
    " (SELECT key FROM articles)",
    "band {} has no signature": "SELECT band FROM bands WHERE article_key NOT IN (SELECT article_key FROM signatures)",
    "passage {} is there and recorded as removed": "SELECT key FROM removed WHERE key IN (SELECT key FROM passages)",
}
