"""Every change to a store over Milvus. What each does is told in `store_writer`.

Changes wait in memory until `finish` writes them: first what is new, which nobody sees, then the state that makes it
seen. Knows nothing of when rows of what is gone are deleted.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from index.milvus.client import Client, Row
from index.milvus.lock import taken_over
from index.milvus.origins import Signed, changed_origins
from index.milvus.reader import Counted, Reader
from index.milvus.renderings import RenderingsWrite
from index.milvus.rows import COUNTED_FIELDS, article_rows, passage_rows
from index.milvus.schema import ARTICLES, PASSAGES, RECORDS, STATES
from index.milvus.state import State, gone_records, write_state
from index.origins import signature
from index.store_writer import IndexedPassage
from index.types import Article


class Writer(RenderingsWrite, Reader):
    """A reader that also changes the store; it sees what was there when it began. Inside `MilvusStore.writing()`, which
    calls `finish`. `beat` is called now and then, so that others know that the writer lives."""

    def __init__(self, client: Client, state: State, counted: Counted, beat: Callable[[], None]) -> None:
        super().__init__(client, state, counted)
        self._beat = beat
        self._new: dict[str, tuple[Article, Sequence[IndexedPassage]]] = {}
        self._old: dict[str, Row] = {}  # what they, or nothing, take the place of

    def put(self, prepared: Sequence[tuple[Article, Sequence[IndexedPassage]]]) -> None:
        self._look_up([article.article_id for article, _ in prepared])
        self._new |= {article.article_id: (article, passages) for article, passages in prepared}

    def remove_all(self, article_ids: Sequence[str]) -> list[bool]:
        there = {*self._new, *(self._present(article_ids) - set(self._old))}
        self._look_up(article_ids)
        found = []
        for article_id in article_ids:
            found.append(article_id in there)
            there.discard(article_id)
            self._new.pop(article_id, None)
        return found

    def finish(self, holds: Callable[[], bool]) -> bool:
        """Makes all changes, if there are any, a new generation; whether there were. `holds` says whether this is still
        the only writer."""
        if not self._new and not self._old:
            return False
        born = self._state.next_generation
        state = _without(self._state.skipping(), list(self._old.values()))
        rows: dict[str, list[Row]] = {ARTICLES: [], PASSAGES: [], RECORDS: [], STATES: []}
        signed: list[Signed] = []
        for article, passages in self._new.values():
            its = signature([indexed.passage.text for indexed in passages])
            article_key = state.last_article + 1
            row, parts = article_rows(article, passages, its, article_key=article_key, born=born)
            rows[ARTICLES].append(row)
            rows[RECORDS] += parts
            for number, indexed in enumerate(passages, 1):
                key = state.last_passage + number
                passage, states = passage_rows(article, indexed, key=key, article_key=article_key, born=born)
                rows[PASSAGES].append(passage)
                rows[STATES] += states
            if its:
                signed.append(Signed(article_key, article.article_id, its))
            state = _with(state, row)
        removed = [int(row["article_key"]) for row in self._old.values()]
        origins, stale = changed_origins(self._client, self._state, removed=removed, added=signed, born=born)
        rows[RECORDS] += [*origins, *gone_records(removed, stale, born)]
        for collection, its_rows in rows.items():
            self._client.insert(collection, its_rows, told=self._beat)
        if not holds():
            raise taken_over(self.path)
        write_state(self._client, replace(state, generation=born))
        return True

    def _look_up(self, article_ids: Sequence[str]) -> None:
        """Notes that what is stored under those ids goes."""
        rows = self._by_id([each for each in article_ids if each not in self._old], COUNTED_FIELDS)
        self._old |= {str(row["article_id"]): row for row in rows}

    def _present(self, article_ids: Sequence[str]) -> set[str]:
        return {str(row["article_id"]) for row in self._by_id(article_ids, ["article_id"])}


def _without(state: State, rows: Sequence[Row]) -> State:
    for row in rows:
        state = replace(_counted(state, row, -1), last_article=state.last_article)
    return state


def _with(state: State, row: Row) -> State:
    counted = _counted(state, row, 1)
    return replace(counted, last_article=row["article_key"], last_passage=state.last_passage + row["passages"])


def _counted(state: State, row: Row, sign: int) -> State:
    content = (int(state.content, 16) + sign * int.from_bytes(bytes.fromhex(row["digest"]), "little")) % 2**256
    articles, sentences = state.langs.get(row["lang"], (0, 0))
    langs = {**state.langs, row["lang"]: (articles + sign, sentences + sign * row["sentences"])}
    return replace(
        state,
        content=f"{content:x}",
        articles=state.articles + sign,
        passages=state.passages + sign * row["passages"],
        terms=state.terms + sign * row["terms"],
        langs={lang: both for lang, both in langs.items() if both[0]},
    )
