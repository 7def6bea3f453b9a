"""Every change to the store's tables, and what must change together. Knows nothing of how terms or vectors are made."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.kept_states import KeptStates
from index.sqlite import Connection
from index.store_origins import link, unlink
from index.store_reader import Reader
from index.store_renderings import RenderingsWrite
from index.types import Article, Passage


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """A passage with what search needs of it: space-separated terms, and its vector, float32 (dim,) of norm 1; and
    with its tokens' states, where they are kept."""

    passage: Passage
    context_terms: str
    body_terms: str
    vector: NDArray[np.float32]
    states: KeptStates | None = None


def digest(article: Article) -> bytes:
    """Names the content of `article`, every field of it: equal digests, equal articles."""
    published = str(article.published) if article.published else None
    fields = [article.article_id, article.text, article.title, published, article.source, article.url, article.lang]
    return hashlib.sha256(json.dumps(fields).encode()).digest()


class Writer(RenderingsWrite, Reader):
    """A reader that also changes the store; it sees its own changes. Inside `Store.writing()`, which calls `finish`."""

    removed_any = False
    _changed = False
    _removed: dict[str, tuple[bytes, list[tuple[int, str]]]]  # articles, with what was rendered of them

    def __init__(self, connection: Connection, path: Path) -> None:
        super().__init__(connection, path)
        self._removed = {}
        self._loosened: set[str] = set()

    def put(self, prepared: Sequence[tuple[Article, Sequence[IndexedPassage]]]) -> None:
        """Adds articles, each in the place of the one with its id."""
        for article, passages in prepared:
            self.remove(article.article_id)
            self.add(article, passages)

    def add(self, article: Article, passages: Sequence[IndexedPassage]) -> None:
        """Stores an article whose id is not there, with everything that belongs to it."""
        content = digest(article)
        date = article.published
        days = (str(date), date.first_day.isoformat(), date.last_day.isoformat()) if date else (None, None, None)
        article_key = self._sql.execute(
            "INSERT INTO articles (article_id, title, source, url, lang, text, digest, published, first_day, last_day)"
            " VALUES (?,?,?,?,?,?,?,?,?,?) RETURNING key",
            (
                article.article_id,
                article.title,
                article.source,
                article.url,
                article.lang,
                article.text,
                content,
                *days,
            ),
        ).get
        for indexed in passages:
            self._add_passage(article_key, indexed)
        link(self._sql, article_key, [indexed.passage.text for indexed in passages])
        if self._removed.get(article.article_id, (None,))[0] == content:  # cut again, and the same as it was
            self._keep_again(article_key, self._removed[article.article_id][1])
        self._count(1, len(passages), int.from_bytes(content, "little"))

    def _add_passage(self, article_key: int, indexed: IndexedPassage) -> None:
        passage = indexed.passage
        sentences = json.dumps([[sentence.start, sentence.end] for sentence in passage.sentences])
        key = self._sql.execute(
            "INSERT INTO passages (passage_id, article_key, start, end, sentences, text) VALUES (?,?,?,?,?,?)"
            " RETURNING key",
            (passage.passage_id, article_key, passage.span.start, passage.span.end, sentences, passage.text),
        ).get
        vector = indexed.vector.astype("<f4").tobytes()
        self._sql.execute("INSERT INTO vectors VALUES (?, ?)", (key, vector))
        if indexed.states:
            self._sql.execute("INSERT INTO states VALUES (?, ?, ?)", (key, *indexed.states))
        self._sql.execute(
            "INSERT INTO lexicon (rowid, context, body) VALUES (?, ?, ?)",
            (key, indexed.context_terms, indexed.body_terms),
        )

    def remove(self, article_id: str) -> bool:
        """Removes an article and everything that belongs to it; false where there is none."""
        query = "SELECT key, digest FROM articles WHERE article_id IN (SELECT value FROM json_each(?))"
        row = self._sql.execute(query, (json.dumps([article_id]),)).fetchone()
        if row is None:
            return False
        article_key, content = row
        keys = self._sql.execute("SELECT key FROM passages WHERE article_key = ?", (article_key,)).fetchall()
        self._sql.executemany("DELETE FROM lexicon WHERE rowid = ?", keys)
        self._sql.executemany("INSERT INTO removed VALUES (?, ?)", [(key, self.generation + 1) for (key,) in keys])
        places = self._kept_of(article_key)
        self._removed[article_id] = content, places
        self._loosened.update(sentence for _, sentence in places)
        unlink(self._sql, article_key)
        self._sql.execute("DELETE FROM articles WHERE key = ?", (article_key,))
        self._count(-1, -len(keys), -int.from_bytes(content, "little"))
        self.removed_any = True
        return True

    def remove_all(self, article_ids: Sequence[str]) -> list[bool]:
        """As `remove`, of each in turn."""
        return [self.remove(article_id) for article_id in article_ids]

    def set_manifest(self, manifest: str) -> None:
        """Records what every passage is now built with, and forgets the keys removed so far."""
        self.manifest = manifest
        self.start_over(after=self.generation)

    def start_over(self, *, after: int) -> None:
        """The next generation is later than `after` too, and whoever knows an earlier one must read everything."""
        self.generation = max(self.generation, after)
        self.removed_since = self.generation + 1
        self._sql.execute("DELETE FROM removed")
        self._changed = True

    def _count(self, articles: int, passages: int, content: int) -> None:
        self.article_count += articles
        self.passage_count += passages
        self.content = (self.content + content) % 2**256
        self._changed = True

    def finish(self) -> None:
        """Starts the next generation, if anything was changed."""
        if not self._changed:
            return
        self._forget_unheld(self._loosened)
        content = self.content.to_bytes(32, "little")
        self._sql.execute(
            "UPDATE state SET manifest = ?, content = ?, articles = ?, passages = ?, removed_since = ?",
            (self.manifest, content, self.article_count, self.passage_count, self.removed_since),
        )
        self._sql.execute("INSERT INTO commits VALUES (?, ?)", (self.generation + 1, secrets.token_hex(8)))
