"""From articles to a searchable index, read from top to bottom: parse, cut into passages, encode, store, search.

Composes the stages, and decides what the failure of one article means for the others. Knows nothing of how a stage
works.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.encoder import Encoder
from index.errors import InvalidArticle
from index.index import Index, Outcome, Progress, Status
from index.manifest import Manifest, remove_copy, write_copy
from index.mirror import Mirror
from index.parsing import ParseFailure, read_articles
from index.preparing import prepare
from index.store import Store
from index.types import Article

BATCH_ARTICLES = 64
_BATCH_CHARS = 1_000_000

Listener = Callable[[Sequence[Outcome]], None]


@dataclass(frozen=True, slots=True)
class Report:
    """How many articles had which outcome; those that were rejected, and why; how many were kept for that reason."""

    counts: Mapping[Status, int]
    rejected: tuple[Outcome, ...]
    kept: int = 0


def sync(
    index: Index,
    paths: Sequence[Path],
    *,
    listener: Listener | None = None,
    progress: Progress | None = None,
    batch_articles: int = BATCH_ARTICLES,
) -> Report:
    """Makes the index hold exactly the articles of `paths` (files and folders): adds, replaces, removes.

    Up to `batch_articles` are committed at once. `listener` is then told their outcomes, `progress` meanwhile how many
    more passages are encoded.

    What cannot be read is rejected, and while anything is, nothing is removed: it may be the new version of an article
    that is there. Raises `InvalidArticle`, before anything is changed, where a file or folder cannot be reached at all.
    """
    tally = _Tally(listener)
    present: set[str] = set()
    for batch in _batches(_parsed(paths, tally), batch_articles):
        tally.add(index.put(batch, progress=progress))
        present.update(article.article_id for article in batch)
    gone = [article_id for article_id in index.article_ids() if article_id not in present]
    if not tally.rejected:
        for start in range(0, len(gone), batch_articles):
            tally.add(index.remove(gone[start : start + batch_articles]))
    index.save()
    return tally.report(kept=len(gone) if tally.rejected else 0)


def add(
    index: Index, paths: Sequence[Path], *, listener: Listener | None = None, progress: Progress | None = None
) -> Report:
    """Adds the articles of `paths` and replaces those of the same ids; otherwise as `sync`."""
    tally = _Tally(listener)
    for batch in _batches(_parsed(paths, tally)):
        tally.add(index.put(batch, progress=progress))
    return tally.report()


def rebuild(folder: Path, encoder: Encoder, *, progress: Progress | None = None) -> int:
    """Cuts and encodes every stored article again, with `encoder` and the present settings; how many there were.

    One transaction: until it ends, and if it fails, the index is as it was. `progress` is told of passages encoded.
    """
    manifest = Manifest.wanted(encoder)
    store = Store.open(folder, new_manifest=None)
    try:
        with store.writing() as writer:
            for batch in _batches(writer.every_article()):
                for article, passages in zip(batch, prepare(batch, encoder, progress=progress), strict=True):
                    writer.remove(article.article_id)
                    writer.add(article, passages)
            writer.set_manifest(manifest.to_json())
            remove_copy(folder)  # if we are killed after the commit, no old copy contradicts the store
        write_copy(folder, manifest)
        mirror = Mirror(store, folder, manifest)
        mirror.rebuild()
        mirror.save()
        return writer.article_count
    finally:
        store.close()


def _parsed(paths: Sequence[Path], tally: "_Tally") -> Iterator[Article]:
    """The articles of all paths, each id once; the tally is told of the rest."""
    _refuse_unreadable(paths)
    sources: dict[str, Path] = {}
    for path in paths:
        for item in read_articles(path):
            if isinstance(item, ParseFailure):
                tally.add([Outcome(item.source, Status.REJECTED, item.message)])
            elif item.article_id in sources:
                message = f"it was already read from {sources[item.article_id]}: rename one of the two"
                tally.add([Outcome(f"{path}: {item.article_id}", Status.REJECTED, message)])
            else:
                sources[item.article_id] = path
                yield item


def _refuse_unreadable(paths: Sequence[Path]) -> None:
    """A folder that cannot be listed would look like one whose articles are all gone."""

    def refuse(exc: OSError) -> None:
        raise InvalidArticle(f"{exc.filename} cannot be read ({exc.strerror}); name files and folders of articles")

    for path in paths:
        try:
            path.stat()
        except OSError as exc:
            refuse(exc)
        if path.is_dir():
            for _ in os.walk(path, onerror=refuse):
                pass


def _batches(articles: Iterable[Article], size: int = BATCH_ARTICLES) -> Iterator[list[Article]]:
    """The articles a few at a time, so that memory stays bounded and work is committed as it goes."""
    batch: list[Article] = []
    chars = 0
    for article in articles:
        if batch and (len(batch) == size or chars + len(article.text) > _BATCH_CHARS):
            yield batch
            batch, chars = [], 0
        batch.append(article)
        chars += len(article.text)
    if batch:
        yield batch


class _Tally:
    """Counts outcomes and passes them on."""

    def __init__(self, listener: Listener | None) -> None:
        self._listener = listener
        self._counts: Counter[Status] = Counter()
        self.rejected: list[Outcome] = []

    def add(self, outcomes: Sequence[Outcome]) -> None:
        self._counts.update(outcome.status for outcome in outcomes)
        self.rejected += [outcome for outcome in outcomes if outcome.status is Status.REJECTED]
        if self._listener:
            self._listener(outcomes)

    def report(self, *, kept: int = 0) -> Report:
        return Report(dict(self._counts), tuple(self.rejected), kept)
