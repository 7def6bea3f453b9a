"""Stores the articles of an uploaded file or archive, and says what became of each. Knows nothing of HTTP."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from index.errors import IndexingError
from index.formats.file import ParseFailure
from index.types import Article
from service.schemas import FileOutcome
from service.services import ArticleIndex

Read = Iterator[tuple[str, Article | ParseFailure]]

_BATCH_ITEMS = 64
_BATCH_CHARS = 1_000_000


def stored_as(article_id: str, read: Read) -> Read:
    """The one article that is read, under that id. Of several none can take its place: they fail together, as does one
    beside what cannot be read."""
    first = list(islice(read, 2))
    if failures := [(name, item) for name, item in first if isinstance(item, ParseFailure)]:
        yield from failures
        return
    for name, item in first[:1]:
        if len(first) > 1:
            yield name, ParseFailure(name, f"holds more than one article; {article_id!r} can be replaced by one alone")
        elif isinstance(item, Article):
            yield name, replace(item, article_id=article_id)


class FileWriter:
    """Writes what is read of a file, a batch at a time, so that memory stays bounded and outcomes come as it goes."""

    def __init__(self, index: ArticleIndex, read: Read) -> None:
        self._index = index
        self._read = read
        self._line = 0

    def write_next(self) -> list[FileOutcome]:
        """Reads and writes the next articles: an outcome for each, in order; none at the end of the file."""
        batch = self._next_batch()
        articles = [item for _, item in batch if isinstance(item, Article)]
        outcomes = iter(self._put(articles))
        return [
            self._outcome(item.source, None, "rejected", item.message)
            if isinstance(item, ParseFailure)
            else self._outcome(name, item.article_id, *next(outcomes))
            for name, item in batch
        ]

    def _next_batch(self) -> list[tuple[str, Article | ParseFailure]]:
        batch = []
        chars = 0
        for name, item in self._read:
            batch.append((name, item))
            chars += len(item.text) if isinstance(item, Article) else 0
            if len(batch) == _BATCH_ITEMS or chars >= _BATCH_CHARS:
                break
        return batch

    def _put(self, articles: Sequence[Article]) -> list[tuple[str, str | None]]:
        """Status and message of each; where they cannot be written they are rejected, and the next may be written."""
        try:
            return [(str(outcome.status), outcome.message) for outcome in self._index.put(articles)] if articles else []
        except IndexingError as exc:
            return [("rejected", str(exc))] * len(articles)

    def _outcome(self, file: str, article_id: str | None, status: str, message: str | None) -> FileOutcome:
        self._line += 1
        return FileOutcome.model_validate(
            {"line": self._line, "file": file, "article_id": article_id, "status": status, "message": message}
        )
