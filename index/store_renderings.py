"""What is put to the tables of the translation memory: renderings, and the places in articles that they are of.

A rendering is there as long as an article is that holds its sentence. Knows nothing of who renders, or when.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from index.sqlite import Connection


@dataclass(frozen=True, slots=True)
class Rendering:
    """A sentence as a writer put it into another language; `problems` are what its check found."""

    text: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How many sentences there are to be rendered into a language, how many were, and how many of those are good."""

    sentences: int
    rendered: int
    good: int


@dataclass(frozen=True, slots=True)
class KeptRendering:
    """A rendering of the sentence that starts there in its article."""

    start: int
    sentence: str  # its key
    lang: str
    writer: str
    rendering: Rendering


def sentence_key(sentence: str, lang: str) -> str:
    return hashlib.sha256(f"{lang}\0{sentence}".encode()).hexdigest()[:32]


class RenderingsRead:
    """Questions to the memory, for the store's reader."""

    _sql: Connection

    def renderings(self, sentences: Iterable[str], lang: str, writer: str) -> dict[str, Rendering]:
        """What is remembered of those sentences, by their keys."""
        rows = self._sql.execute(
            "SELECT sentence, text, problems FROM renderings"
            " WHERE sentence IN (SELECT value FROM json_each(?)) AND lang = ? AND writer = ?",
            (json.dumps(list(sentences)), lang, writer),
        )
        return {sentence: Rendering(text, tuple(json.loads(problems))) for sentence, text, problems in rows}

    def places(self, article_id: str) -> dict[int, str]:
        """Where in the article which sentence starts that the memory knows to be there."""
        query = "SELECT start, sentence FROM rendered JOIN articles ON key = article_key WHERE article_id = ?"
        return dict(self._sql.execute(query, (article_id,)))

    def before(self, article_key: int | None, lang: str) -> tuple[int, str] | None:
        """The newest article in another language than `lang`, of those that were stored before that one."""
        row = self._sql.execute(
            "SELECT key, article_id FROM articles WHERE lang <> ?1 AND (?2 IS NULL OR key < ?2)"
            " ORDER BY key DESC LIMIT 1",
            (lang, article_key),
        ).fetchone()
        return (int(row[0]), str(row[1])) if row else None

    def rendering_progress(self, lang: str, writer: str) -> Progress:
        sentences: int = self._sql.execute(
            "SELECT coalesce(sum(json_array_length(p.sentences)), 0)"
            " FROM passages p JOIN articles a ON a.key = p.article_key WHERE a.lang <> ?",
            (lang,),
        ).get
        rendered, good = self._sql.execute(
            "SELECT count(*), coalesce(sum(problems = '[]'), 0)"
            " FROM rendered JOIN renderings USING (sentence) WHERE lang = ? AND writer = ?",
            (lang, writer),
        ).get
        return Progress(sentences, rendered, good)

    def rendering_writers(self, lang: str) -> list[str]:
        query = "SELECT DISTINCT writer FROM renderings WHERE lang = ? ORDER BY writer"
        return [str(writer) for (writer,) in self._sql.execute(query, (lang,))]

    def kept_renderings(self, article_id: str) -> list[KeptRendering]:
        """Every rendering of the article's sentences, by place, language and writer."""
        rows = self._sql.execute(
            "SELECT d.start, d.sentence, r.lang, r.writer, r.text, r.problems"
            " FROM articles a JOIN rendered d ON d.article_key = a.key JOIN renderings r USING (sentence)"
            " WHERE a.article_id = ? ORDER BY d.start, r.lang, r.writer",
            (article_id,),
        )
        return [
            KeptRendering(start, sentence, lang, writer, Rendering(text, tuple(json.loads(problems))))
            for start, sentence, lang, writer, text, problems in rows
        ]

    def rendering_paused(self) -> bool:
        return bool(self._sql.execute("SELECT EXISTS (SELECT 1 FROM rendering_job WHERE paused)").get)


class RenderingsWrite(RenderingsRead):
    """Changes to the memory, for the store's writer. They start no generation: the articles stay what they are."""

    def keep(self, article_id: str, start: int, sentence: str) -> str | None:
        """Records that the article holds this sentence there; its key, or `None` where the article does not."""
        row = self._sql.execute(
            "SELECT key, lang FROM articles WHERE article_id = ? AND substr(text, ?, ?) = ?",
            (article_id, start + 1, len(sentence), sentence),
        ).fetchone()
        if row is None:
            return None
        article_key, lang = row
        key = sentence_key(sentence, lang)
        self._sql.execute("INSERT OR REPLACE INTO rendered VALUES (?, ?, ?)", (article_key, start, key))
        return key

    def remember(self, key: str, lang: str, writer: str, rendering: Rendering) -> None:
        problems = json.dumps(rendering.problems, ensure_ascii=False)
        self._sql.execute(
            "INSERT OR REPLACE INTO renderings VALUES (?, ?, ?, ?, ?)", (key, lang, writer, rendering.text, problems)
        )

    def pause_rendering(self, paused: bool) -> None:
        self._sql.execute("INSERT OR REPLACE INTO rendering_job VALUES (1, ?)", (int(paused),))

    def _kept_of(self, article_key: int) -> list[tuple[int, str]]:
        query = "SELECT start, sentence FROM rendered WHERE article_key = ?"
        return [(int(start), str(sentence)) for start, sentence in self._sql.execute(query, (article_key,))]

    def _keep_again(self, article_key: int, places: Iterable[tuple[int, str]]) -> None:
        self._sql.executemany(
            "INSERT OR REPLACE INTO rendered VALUES (?, ?, ?)", [(article_key, *place) for place in places]
        )

    def _forget_unheld(self, sentences: Iterable[str]) -> None:
        """Drops the renderings of those sentences that no article holds any more."""
        self._sql.execute(
            "DELETE FROM renderings WHERE sentence IN (SELECT value FROM json_each(?))"
            " AND sentence NOT IN (SELECT sentence FROM rendered)",
            (json.dumps(list(sentences)),),
        )
