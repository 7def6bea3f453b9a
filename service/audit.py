"""Records every write: who, what, when, what came of it; never a word of an article. Knows nothing of HTTP.

The index itself is watched, and what renders ahead, so that no way of writing, present or future, goes unrecorded.
"""

import json
import logging
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from index.errors import IndexingError
from index.types import Article, Sizes
from service.services import ArticleIndex, ArticleView, Outcome, RenderingProgress, Services, Writing
from service.writers.types import WriterStatus

logger = logging.getLogger(__name__)

FILE_NAME = "audit.jsonl"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whose request is being answered. `key` is a key's name, None where none was needed."""

    key: str | None = None
    address: str | None = None
    request_id: str | None = None


ACTOR: ContextVar[Actor] = ContextVar("ACTOR", default=Actor())  # noqa: B039 - it is frozen


class AuditLog:
    """A file of JSON lines, opened anew for each entry, so that it can be rotated. Safe to use from many threads.

    `wanted` is asked at each write whether to record it: the first key may be made while the service runs.
    """

    def __init__(self, path: Path, wanted: Callable[[], bool]) -> None:
        self._path = path
        self._wanted = wanted
        self._lock = threading.Lock()

    def record(self, action: str, entries: Sequence[tuple[str | None, str]]) -> None:
        """One line for each article id, None where it is of no article, and outcome. A write that is done stays done:
        where it cannot be recorded, the service's log says so."""
        if not self._wanted():
            return
        actor = ACTOR.get()
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        who = {"time": time, "key": actor.key, "address": actor.address, "request_id": actor.request_id}
        lines = [
            json.dumps({**who, "action": action, "article_id": article_id, "outcome": outcome}, ensure_ascii=False)
            for article_id, outcome in entries
        ]
        try:
            self._append("".join(f"{line}\n" for line in lines).encode())
        except OSError as exc:
            logger.error("%s cannot be written: %s; not recorded: %s", self._path, exc, lines)

    def _append(self, content: bytes) -> None:
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "ab") as file:
                file.write(b"\n" + content if _breaks_off(self._path) else content)


def _breaks_off(path: Path) -> bool:
    """Whether the last line has no end: the disk was full, or the process killed, while it was written.

    False where there is none, or it cannot be read: a log may be one that the service can only append to.
    """
    with suppress(OSError), path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
    return False


def audited(services: Services, log: AuditLog) -> Services:
    """The same services, every write of whose index is recorded in `log`, and every pause of rendering ahead."""
    writing = _AuditedWriting(services.writing, log) if services.writing else None
    return replace(services, index=_Audited(services.index, log), writing=writing)


class _Audited:
    def __init__(self, index: ArticleIndex, log: AuditLog) -> None:
        self._index = index
        self._log = log

    @property
    def sizes(self) -> Sizes:
        return self._index.sizes

    @property
    def warning(self) -> str | None:
        return self._index.warning

    def view(self) -> AbstractContextManager[ArticleView]:
        return self._index.view()

    def put(self, articles: Sequence[Article]) -> Sequence[Outcome]:
        try:
            outcomes = self._index.put(articles)
        except IndexingError as exc:
            self._log.record("put", [(article.article_id, type(exc).__name__) for article in articles])
            raise
        self._log.record("put", [(outcome.article_id, str(outcome.status)) for outcome in outcomes])
        return outcomes

    def remove(self, article_ids: Sequence[str]) -> Sequence[Outcome]:
        try:
            outcomes = self._index.remove(article_ids)
        except IndexingError as exc:
            self._log.record("remove", [(article_id, type(exc).__name__) for article_id in article_ids])
            raise
        self._log.record("remove", [(outcome.article_id, str(outcome.status)) for outcome in outcomes])
        return outcomes

    def close(self) -> None:
        self._index.close()


class _AuditedWriting:
    def __init__(self, writing: Writing, log: AuditLog) -> None:
        self._writing = writing
        self._log = log

    @property
    def status(self) -> WriterStatus:
        return self._writing.status

    @property
    def paused(self) -> bool:
        return self._writing.paused

    def progress(self) -> RenderingProgress:
        return self._writing.progress()

    def turn(self, *, paused: bool) -> None:
        action, outcome = ("pause", "paused") if paused else ("resume", "resumed")
        try:
            self._writing.turn(paused=paused)
        except IndexingError as exc:
            self._log.record(action, [(None, type(exc).__name__)])
            raise
        self._log.record(action, [(None, outcome)])

    def wait(self, timeout_s: float | None = None) -> None:
        self._writing.wait(timeout_s)

    def close(self) -> None:
        self._writing.close()
