"""What is put to the translation memory over Milvus. What each gives is told in `store_renderings`."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from index.milvus.client import Client, Row
from index.milvus.expressions import key_of, not_in, one_of
from index.milvus.schema import ARTICLES, RECORDS, Kind
from index.milvus.state import State, record
from index.store_renderings import KeptRendering, Progress, Rendering, sentence_key
from index.types import Article

_PAGE = 1000
_NEWEST = 256  # articles, by key, that are looked through at first
_PAUSED = "paused"


class RenderingsRead:
    """Questions to the memory, for the store's reader."""

    _client: Client
    _state: State

    def articles(self, article_ids: Iterable[str]) -> dict[str, Article]:
        raise NotImplementedError  # the reader's

    def renderings(self, sentences: Iterable[str], lang: str, writer: str) -> dict[str, Rendering]:
        keys = [_rendering_key(sentence, lang, writer) for sentence in sentences]
        rows = self._client.listed(RECORDS, "key", keys, _of(Kind.RENDERING), ["name", "value"])
        return {str(row["name"]): _rendering(row)[2] for row in rows}

    def places(self, article_id: str) -> dict[int, str]:
        article_key = self._article_key(article_id)
        if article_key is None:
            return {}
        where = f"{_of(Kind.PLACE)} and article_key == {article_key}"
        rows = self._client.query(RECORDS, where, ["name", "value"])
        return {int(row["value"]): str(row["name"]) for row in sorted(rows, key=lambda row: int(row["value"]))}

    def before(self, article_key: int | None, lang: str) -> tuple[int, str] | None:
        below, width = (article_key if article_key is not None else self._state.last_article + 1), _NEWEST
        langs = [other for other in self._state.langs if other != lang]
        while below > 0 and langs:
            where = f"article_key >= {below - width} and article_key < {below} and {self._state.visible}"
            rows = self._client.query(ARTICLES, where, ["article_key", "article_id", "lang"])
            if others := [(int(row["article_key"]), str(row["article_id"])) for row in rows if row["lang"] != lang]:
                return max(others)
            below, width = below - width, min(2 * width, 8192)
        return None

    def rendering_progress(self, lang: str, writer: str) -> Progress:
        sentences = sum(both[1] for its, both in self._state.langs.items() if its != lang)
        rendered = good = 0
        where = f"{_of(Kind.RENDERING)} and article_key == {key_of(f'{lang}/{writer}')}"
        for rows in self._client.pages(RECORDS, where, ["name", "value"], _PAGE):
            sound = {str(row["name"]): not _rendering(row)[2].problems for row in rows}
            for place in self._places_of(list(sound)):
                rendered += 1
                good += sound[str(place["name"])]
        return Progress(sentences, rendered, good)

    def rendering_writers(self, lang: str) -> list[str]:
        found: set[str] = set()
        for rows in self._client.pages(RECORDS, _of(Kind.RENDERING), ["value"], _PAGE):
            found |= {writer for its, writer, _ in map(_rendering, rows) if its == lang}
        return sorted(found)

    def rendering_paused(self) -> bool:
        return bool(self._client.query(RECORDS, _of(Kind.PAUSED), ["key"]))

    def kept_renderings(self, article_id: str) -> list[KeptRendering]:
        places = self.places(article_id)
        rows = self._client.listed(
            RECORDS, "name", sorted(set(places.values())), _of(Kind.RENDERING), ["name", "value"]
        )
        kept = [
            KeptRendering(start, sentence, *_rendering(row))
            for start, sentence in places.items()
            for row in rows
            if row["name"] == sentence
        ]
        return sorted(kept, key=lambda each: (each.start, each.lang, each.writer))

    def _places_of(self, sentences: Sequence[str]) -> list[Row]:
        where = f"{_of(Kind.PLACE)}{not_in('article_key', self._state.gone_articles)}"
        return self._client.listed(RECORDS, "name", sentences, where, ["name", "article_key"])

    def _article_key(self, article_id: str) -> int | None:
        rows = self._client.query(
            ARTICLES,
            f"{one_of('id_key', [key_of(article_id)])} and {self._state.visible}",
            ["article_id", "article_key"],
        )
        return next((int(row["article_key"]) for row in rows if row["article_id"] == article_id), None)


class RenderingsWrite(RenderingsRead):
    """Changes to the memory, for the store's writer. They are seen at once, and start no generation."""

    def keep(self, article_id: str, start: int, sentence: str) -> str | None:
        article = self.articles([article_id]).get(article_id)
        article_key = self._article_key(article_id)
        if article is None or article_key is None or article.text[start : start + len(sentence)] != sentence:
            return None
        key = sentence_key(sentence, article.lang)
        place = record(f"place/{article_key}/{start}", Kind.PLACE, str(start), name=key, article_key=article_key)
        self._client.upsert(RECORDS, [place])
        return key

    def remember(self, key: str, lang: str, writer: str, rendering: Rendering) -> None:
        value = json.dumps([lang, writer, rendering.text, list(rendering.problems)], ensure_ascii=False)
        row = record(
            _rendering_key(key, lang, writer), Kind.RENDERING, value, name=key, article_key=key_of(f"{lang}/{writer}")
        )
        self._client.upsert(RECORDS, [row])

    def pause_rendering(self, paused: bool) -> None:
        if paused:
            self._client.upsert(RECORDS, [record(_PAUSED, Kind.PAUSED)])
        else:
            self._client.delete_listed(RECORDS, "key", [_PAUSED])


def forget_renderings(client: Client, gone: Sequence[int]) -> None:
    """Forgets what articles that are gone held, and the renderings that no other article holds."""
    places = client.listed(RECORDS, "article_key", gone, _of(Kind.PLACE), ["key", "name"])
    sentences = sorted({str(place["name"]) for place in places})
    where = _of(Kind.PLACE) + not_in("article_key", gone)
    still = {str(row["name"]) for row in client.listed(RECORDS, "name", sentences, where, ["name"])}
    client.delete_listed(RECORDS, "name", [each for each in sentences if each not in still], _of(Kind.RENDERING))
    client.delete_listed(RECORDS, "key", [str(place["key"]) for place in places])


def _of(kind: Kind) -> str:
    return f"kind == {int(kind)}"


def _rendering_key(sentence: str, lang: str, writer: str) -> str:
    by = hashlib.sha256(f"{lang}\0{writer}".encode()).hexdigest()
    return f"rendering/{sentence}/{by[:32]}"


def _rendering(row: Mapping[str, object]) -> tuple[str, str, Rendering]:
    """Language, writer, rendering."""
    lang, writer, text, problems = json.loads(str(row["value"]))
    return lang, writer, Rendering(text, tuple(problems))
