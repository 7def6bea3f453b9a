"""Which ids were read so far, and from where: on the disk once they are many, so that memory stays bounded."""

from collections.abc import Iterable

from index.sqlite import scratch


class SeenIds:
    """For one thread at a time. The file has no name and is gone when it is closed, or when the process ends."""

    def __init__(self) -> None:
        self._sql = scratch()
        self._sql.execute("CREATE TABLE seen (article_id TEXT PRIMARY KEY, source TEXT NOT NULL) WITHOUT ROWID")

    def add(self, article_id: str, source: str) -> str | None:
        """Where the id was read before; `None` if it is new, and is now remembered."""
        before = self._sql.execute("SELECT source FROM seen WHERE article_id = ?", (article_id,)).get
        if before is None:
            self._sql.execute("INSERT INTO seen VALUES (?, ?)", (article_id, source))
        return None if before is None else str(before)

    def missing(self, article_ids: Iterable[str]) -> list[str]:
        """Those of the ids that were not read, in their order."""
        query = "SELECT 1 FROM seen WHERE article_id = ?"
        return [article_id for article_id in article_ids if self._sql.execute(query, (article_id,)).get is None]

    def close(self) -> None:
        self._sql.close()
