"""The truth, kept by Milvus: articles, passages, terms and vectors in four collections, with one writer at a time.

Owns who may read and write when, and when the rows of what is gone are deleted: at once, or as soon as no reader of
this process needs them. Statements are in `reader` and `writer`, what a commit is in `state`.
"""

import logging
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from index.errors import StoreDamaged, StoreUnavailable
from index.milvus.client import Client
from index.milvus.expressions import one_of
from index.milvus.lock import LEASE_S, Intent
from index.milvus.reader import Counted, Reader
from index.milvus.renderings import forget_renderings
from index.milvus.rows import refused
from index.milvus.schema import (
    ARTICLES,
    COLLECTIONS,
    PASSAGES,
    RECORDS,
    STATES,
    Kind,
    load_collections,
    make_collections,
)
from index.milvus.state import State, make_void, read_state, write_state
from index.milvus.writer import Writer
from index.types import Article

_log = logging.getLogger(__name__)


class MilvusStore:
    """Safe for many threads; other processes and machines may read and write the same collections."""

    disk_bytes = 0  # none are on this machine

    def __init__(self, client: Client, *, lease_s: float, wait_s: float) -> None:
        self._client = client
        self._lease_s = lease_s
        self._wait_s = wait_s
        self._writing = threading.Lock()
        self._lock = threading.Lock()
        self._open: Counter[int] = Counter()  # readers of this process, by generation
        self._counted = Counted()
        self._seen = 0  # the newest generation that was read: none that is read from now on is older
        self._left = False  # rows to be deleted

    @classmethod
    def open(
        cls,
        client: Client,
        *,
        new_manifest: str | None,
        dim: int = 0,
        dense_index: str = "FLAT",
        replicas: int = 1,
        lease_s: float = LEASE_S,
        wait_s: float | None = None,
    ) -> "MilvusStore":
        """The store of the client's prefix, made with `new_manifest` for vectors of `dim` where there is none yet.

        A writer waits `wait_s` for another one, as long as for one that has died unless that is given. Raises
        `StoreUnavailable` where there is none and no manifest is given.
        """
        store = cls(client, lease_s=lease_s, wait_s=lease_s + 5 if wait_s is None else wait_s)
        there = all(client.exists(collection) for collection in COLLECTIONS)
        if there:
            load_collections(client)  # Milvus Lite forgets what was loaded when its process ends
        if not there or read_state(client) is None:
            if new_manifest is None:
                raise StoreUnavailable(
                    f"there is no index in {client.path}; make one with `python -m index sync` or `add`, or name"
                    " another prefix (SOURCIER_MILVUS_PREFIX)"
                )
            make_collections(client, dim, dense_index=dense_index, replicas=replicas)
            load_collections(client)
            with store._only_writer() as (_, state):
                if state is None:  # no other process has made it just now
                    write_state(client, State(new_manifest, index=dense_index))
        return store

    @property
    def path(self) -> str:
        return self._client.path

    def refuses(self, article: Article) -> str | None:
        return refused(article)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        with self._lock:
            generation = self._seen
            self._open[generation] += 1
        try:
            state = self._state()
            with self._lock:
                self._open[generation] -= 1
                generation = state.generation
                self._open[generation] += 1
                self._seen = max(self._seen, generation)
                if self._counted.generation < generation:
                    self._counted = Counted(generation)
                counted = self._counted
            yield Reader(self._client, state, counted)
        finally:
            with self._lock:
                self._open[generation] -= 1
                self._open += Counter()  # without those that are at none
        if self._left:
            self._delete_gone()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        with self._writing, self._only_writer() as (intent, state):
            writer = Writer(self._client, self._made(state), Counted(), intent.beat)
            yield writer
            if writer.finish(intent.still_holds):
                self._left = True
        if self._left:
            self._delete_gone()

    def drop(self) -> None:
        """Deletes the whole, which nobody may have open."""
        for collection in (ARTICLES, PASSAGES, STATES, RECORDS):
            self._client.drop(collection)

    def close(self) -> None:
        if self._left:
            self._delete_gone()
        self._client.close()

    @contextmanager
    def _only_writer(self) -> Iterator[tuple[Intent, State | None]]:
        """The state from which it writes, if there is one yet. What a writer that failed has left nobody saw, and is
        deleted; where it cannot be, by the next one."""
        intent = Intent(self._client, self._lease_s)
        intent.take(self._wait_s)
        state = read_state(self._client)
        if state and intent.took_over:
            state = make_void(self._client, state)
            self._delete_unseen(state.void)
        try:
            yield intent, state
        except BaseException:
            with suppress(StoreUnavailable):
                if state:
                    self._delete_unseen([state.next_generation])
                intent.withdraw()
            raise
        intent.withdraw()

    def _state(self) -> State:
        return self._made(read_state(self._client))

    def _made(self, state: State | None) -> State:
        if state is None:
            raise StoreDamaged(f"{self.path} lacks its state; sync the articles to another prefix")
        return state

    def _delete_unseen(self, generations: Sequence[int]) -> None:
        """Deletes the rows of those that were not committed. Each is of one writer alone."""
        state = self._state()
        unseen = [each for each in generations if each > state.generation or each in state.void]
        for collection in (PASSAGES, STATES, ARTICLES, RECORDS):
            self._client.delete(collection, one_of("born", unseen))
        self._left = self._left or bool(state.gone)

    def _delete_gone(self) -> None:
        """Deletes what is gone, but for what a reader of this process may still ask for.

        The records that tell what is gone go last: whoever is killed before then, it is gone all the same.
        """
        try:
            state = self._state()
            with self._lock:
                oldest = min(self._open, default=state.generation)
            if state.gone_articles:
                forget_renderings(self._client, state.gone_articles)
            for gone in state.gone:
                if gone.generation <= oldest:
                    self._delete(list(gone.articles), list(gone.records), gone.key)
            self._left = bool(state.gone) and oldest < state.gone[-1].generation
        except StoreUnavailable as exc:  # what is gone is gone all the same
            _log.warning("rows of what was removed are still in Milvus (%s); the next reader deletes them", exc)

    def _delete(self, articles: list[int], records: list[str], key: str) -> None:
        for collection in (PASSAGES, STATES, ARTICLES):
            self._client.delete_listed(collection, "article_key", articles)
        kinds = [int(kind) for kind in (Kind.PART, Kind.ORIGIN, Kind.PLACE)]
        self._client.delete_listed(RECORDS, "article_key", articles, f"kind in {kinds}")
        self._client.delete_listed(RECORDS, "key", [*records])
        self._client.delete_listed(RECORDS, "key", [key])
