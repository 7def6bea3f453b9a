"""From articles to a searchable index, read from top to bottom: parse, cut into passages, encode, store, search.

Composes the stages, and decides what the failure of one article means for the others. Knows nothing of how a stage
works.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from index.encoder import Encoder
from index.errors import InvalidArticle
from index.formats.file import Limits, ParseFailure
from index.formats.reading import DEFAULT_LIMITS, read_files
from index.grouping import grouped
from index.index import Index, Outcome, Progress, Status
from index.manifest import Manifest, remove_copy, write_copy
from index.mirror import Mirror
from index.pipeline import Times, pipelined
from index.preparing import Draft, Prepared, draft, prepare
from index.seen import SeenIds
from index.store import Store
from index.types import Article

BATCH_ARTICLES = 64
_BATCH_CHARS = 1_000_000

Listener = Callable[[Sequence[Outcome]], None]


@dataclass(frozen=True, slots=True)
class Report:
    """How many articles had which outcome; those that were rejected, and why; how many were kept for that reason; where
    the time went: `source` reads and cuts, `work` encodes, `sink` stores."""

    counts: Mapping[Status, int]
    rejected: tuple[Outcome, ...]
    kept: int = 0
    times: Times | None = None


def sync(
    index: Index,
    paths: Sequence[Path],
    *,
    listener: Listener | None = None,
    progress: Progress | None = None,
    batch_articles: int = BATCH_ARTICLES,
    limits: Limits = DEFAULT_LIMITS,
) -> Report:
    """Makes the index hold exactly the articles of `paths` (files and folders): adds, replaces, removes.

    Up to `batch_articles` are committed at once, while the next are read and encoded. `listener` is then told their
    outcomes, `progress` how many more passages are encoded, both from threads of ours. Memory does not grow with the
    number of articles. Stopped at any moment and started again, it goes on with what is missing.

    What cannot be read is rejected, and while anything is, nothing is removed: it may be the new version of an article
    that is there. Raises `InvalidArticle`, before anything is changed, where a file or folder cannot be reached at all.
    """
    tally = _Tally(listener)
    with closing(SeenIds()) as seen:
        times = _put_all(index, paths, tally, seen, progress=progress, limits=limits, batch_articles=batch_articles)
        kept = 0
        for page in index.pages_of_ids():
            gone = seen.missing(page)
            kept += len(gone) if tally.rejected else 0
            for start in range(0, 0 if tally.rejected else len(gone), batch_articles):
                tally.add(index.remove(gone[start : start + batch_articles]))
    index.save()
    return tally.report(kept=kept, times=times)


def add(
    index: Index,
    paths: Sequence[Path],
    *,
    listener: Listener | None = None,
    progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Report:
    """Adds the articles of `paths` and replaces those of the same ids; otherwise as `sync`."""
    tally = _Tally(listener)
    with closing(SeenIds()) as seen:
        times = _put_all(index, paths, tally, seen, progress=progress, limits=limits)
    return tally.report(times=times)


def rebuild(folder: Path, encoder: Encoder, *, progress: Progress | None = None) -> int:
    """Cuts and encodes every stored article again, with `encoder` and the present settings; how many there were.

    One transaction: until it ends, and if it fails, the index is as it was. `progress` is told of passages encoded.
    """
    manifest = Manifest.wanted(encoder)
    store = Store.open(folder, new_manifest=None)
    try:
        with store.writing() as writer:
            for batch in _batches(writer.every_article()):
                for article, passages in prepare(batch, encoder, progress=progress):
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


def _put_all(
    index: Index,
    paths: Sequence[Path],
    tally: "_Tally",
    seen: SeenIds,
    *,
    progress: Progress | None,
    limits: Limits,
    batch_articles: int = BATCH_ARTICLES,
) -> Times:
    """Reads, encodes and stores at once, each in its own thread: the encoder need not wait for files or the store."""
    _refuse_unreadable(paths)

    def drafted() -> Iterator[tuple[list[Outcome], list[Draft]]]:
        for batch in _batches(_parsed(paths, tally, seen, limits), batch_articles):
            outcomes, fresh = index.sort_out(batch)
            yield outcomes, [draft(article) for article in fresh]

    def encoded(batch: tuple[list[Outcome], list[Draft]]) -> tuple[list[Outcome], list[Prepared]]:
        return batch[0], index.encode(batch[1], progress=progress)

    def stored(batch: tuple[list[Outcome], list[Prepared]]) -> None:
        index.write(batch[1])
        tally.add(batch[0])

    return pipelined(drafted(), encoded, stored)


def _parsed(paths: Sequence[Path], tally: "_Tally", seen: SeenIds, limits: Limits) -> Iterator[Article]:
    """The articles of all paths, each id once; the tally is told of the rest."""
    for path in paths:
        for file, item in read_files(path, limits):
            if isinstance(item, ParseFailure):
                tally.add([Outcome(item.source, Status.REJECTED, item.message)])
            elif first := seen.add(item.article_id, file):
                message = f"it was already read from {first}: rename one of the two"
                tally.add([Outcome(f"{file}: {item.article_id}", Status.REJECTED, message)])
            else:
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
    return grouped(articles, lambda article: len(article.text), _BATCH_CHARS, count=size)


class _Tally:
    """Counts outcomes and passes them on."""

    def __init__(self, listener: Listener | None) -> None:
        self._listener = listener
        self._counts: Counter[Status] = Counter()
        self.rejected: list[Outcome] = []
        self._one_at_a_time = threading.Lock()  # rejections come from the thread that reads

    def add(self, outcomes: Sequence[Outcome]) -> None:
        with self._one_at_a_time:
            self._add(outcomes)

    def _add(self, outcomes: Sequence[Outcome]) -> None:
        self._counts.update(outcome.status for outcome in outcomes)
        self.rejected += [outcome for outcome in outcomes if outcome.status is Status.REJECTED]
        if self._listener:
            self._listener(outcomes)

    def report(self, *, times: Times, kept: int = 0) -> Report:
        return Report(dict(self._counts), tuple(self.rejected), kept, times)
