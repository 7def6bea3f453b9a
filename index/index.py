"""The open index: what the service and the command line use to search, to add, to replace and to remove articles.

Owns the order of things: the manifest is checked before anything is read, passages are made before a write begins, and
an outcome is given once it is durable. Tables, vectors and passages are the business of other modules.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from index.encoder import Encoder
from index.errors import EncoderError
from index.manifest import FILE_NAME, Manifest, check, read_copy, refuse_if_rebuilt, write_copy
from index.mirror import MERGE_FROM, Mirror
from index.preparing import Draft, Prepared, draft, encode_drafts
from index.renderings import TranslationMemory
from index.seam import AnyStore, AnyWriter, Searching
from index.store import Store
from index.store_writer import digest
from index.types import Article, Sizes
from index.view import View

Progress = Callable[[int], None]


class Status(StrEnum):
    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    ABSENT = "absent"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one article; `message` says why it was rejected."""

    article_id: str
    status: Status
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """How the index was opened. `warning` says so where the vectors had to be read from the store again."""

    generation: int
    articles: int
    passages: int
    warning: str | None


class Index:
    """Safe for many threads. Other processes may read and write the same store: a new view sees what they did."""

    def __init__(
        self,
        store: AnyStore,
        searching: Searching,
        manifest: Manifest,
        *,
        encoder: Encoder | None,
        merges: bool = False,
    ) -> None:
        self._store = store
        self.renderings = TranslationMemory(store)
        self.manifest = manifest
        self._encoder = encoder
        self._merges = merges
        self._mirror = searching
        self._unsaved = False

    @classmethod
    def open(
        cls,
        folder: Path,
        encoder: Encoder | None,
        *,
        create: bool = True,
        threads: int = 1,
        busy_timeout_s: float = 5.0,
        merges: bool = False,
        merge_from: int = MERGE_FROM,
    ) -> "Index":
        """The index in `folder`, made where there is none and `create` is true.

        With `merges`, vectors are merged in the background while it is searched; else when it is saved. Below
        `merge_from` vectors none are, and every search is exact.

        Without an encoder it is opened with whatever it was built with, to read, list and remove; `put` then raises.
        Raises `ManifestMismatch`, `StoreDamaged`, or `StoreUnavailable` where there is none.
        """
        new = Manifest.wanted(encoder).to_json() if create and encoder else None
        store = Store.open(folder, new_manifest=new, busy_timeout_s=busy_timeout_s)
        try:
            manifest = _manifest(store, folder, encoder)
            mirror = Mirror(store, folder, manifest, merge_from=merge_from, threads=threads)
            index = cls(store, mirror, manifest, encoder=encoder, merges=merges)
            mirror.load()
            if mirror.rebuilt_because:
                index.save()
        except BaseException:
            store.close()
            raise
        return index

    @contextmanager
    def view(self) -> Iterator[View]:
        """One snapshot, the newest at this moment, for as long as the block lasts."""
        with self._mirror.reading() as (reader, vectors):
            if self._merges:
                self._mirror.merge_in_background()
            yield View(reader, vectors, self.manifest)

    @property
    def health(self) -> Health:
        with self._store.reading() as reader:
            return Health(reader.generation, reader.article_count, reader.passage_count, self._mirror.rebuilt_because)

    @property
    def warning(self) -> str | None:
        """What had to be made again when the index was opened."""
        return self._mirror.rebuilt_because

    @property
    def sizes(self) -> Sizes:
        """What the index holds at this moment, and the bytes of its folder's files."""
        with self._store.reading() as reader:
            return Sizes(reader.article_count, reader.passage_count, reader.generation, self._store.disk_bytes)

    def put(self, articles: Sequence[Article], *, progress: Progress | None = None) -> list[Outcome]:
        """Adds or replaces articles, all in one transaction: durable and searchable on return, or none of it is.

        An article that is there already, equal in every field, is not encoded again. Of two with the same id the later
        one stays. `progress` is told how many more passages are encoded. Hand over long lists in pieces.
        """
        outcomes, fresh = self.sort_out(articles)
        were_there = self.write(self.encode([draft(article) for article in fresh], progress=progress))
        return _as_written(outcomes, were_there)

    # The three parts of `put`, for who does them at once: see `build.sync`.

    def sort_out(self, articles: Sequence[Article]) -> tuple[list[Outcome], list[Article]]:
        """What will become of each article, once those that are given back, new or changed, are written."""
        with self._store.reading() as reader:
            known = reader.digests_of(article.article_id for article in articles)
        outcomes, fresh = _sorted_out(
            articles, known, lambda article: _unstorable(article) or self._store.refuses(article)
        )
        return outcomes, list(fresh.values())

    def encode(self, drafts: Sequence[Draft], *, progress: Progress | None = None) -> list[Prepared]:
        """What is to be written of each draft. Raises `EncoderError`."""
        if drafts and self._encoder is None:
            raise EncoderError("the index was opened without an encoder; open it with one to add articles")
        return encode_drafts(drafts, self._encoder, progress=progress) if self._encoder else []

    def write(self, prepared: Sequence[Prepared]) -> Set[str]:
        """Adds or replaces articles, all in one transaction: durable and searchable on return, or none of it is. Gives
        the ids of those that were replaced."""
        if not prepared:
            return frozenset()
        with self._writing() as writer:
            were_there = writer.digests_of(article.article_id for article, _ in prepared).keys()
            writer.put(prepared)
        return were_there

    def remove(self, article_ids: Sequence[str]) -> list[Outcome]:
        """Removes articles, all in one transaction: gone from every later view on return."""
        with self._writing() as writer:
            were_there = writer.remove_all(article_ids)
        return [
            Outcome(article_id, Status.REMOVED if was_there else Status.ABSENT)
            for article_id, was_there in zip(article_ids, were_there, strict=True)
        ]

    def states(self, text_keys: Sequence[str]) -> dict[str, bytes]:
        """The kept token states of those texts that have some, by `text_key`; of the present articles only."""
        with self._store.reading() as reader:
            return reader.states(text_keys)

    def article_ids(self) -> list[str]:
        """Every id, in order."""
        return [article_id for page in self.pages_of_ids() for article_id in page]

    def pages_of_ids(self, size: int = 4096) -> Iterator[list[str]]:
        """Every id, in order, so many at a time; what is removed meanwhile does not matter."""
        after = ""
        while True:
            with self._store.reading() as reader:
                page = reader.ids(after=after, limit=size)
            if not page:
                return
            yield page
            after = page[-1]

    def save(self) -> None:
        """Writes the snapshot of the vectors, so that the next start need not read them from the store."""
        if not self._merges:
            self._mirror.merge_if_due()
        self._mirror.save()
        self._unsaved = False

    def close(self) -> None:
        self._mirror.close()
        if self._unsaved:
            self.save()
        self._store.close()

    @contextmanager
    def _writing(self) -> Iterator[AnyWriter]:
        with self._store.writing() as writer:
            refuse_if_rebuilt(writer, self.manifest)
            yield writer
        self._unsaved = True


def _manifest(store: Store, folder: Path, encoder: Encoder | None) -> Manifest:
    """The manifest of the store, compared with its readable copy and with what `encoder` asks for."""
    with store.reading() as reader:
        found = Manifest.from_json(reader.manifest, where=str(store.path))
        is_new = reader.generation == 0
    if encoder is None:
        return found
    check(found, Manifest.wanted(encoder), where=str(store.path))
    copy = None if is_new else read_copy(folder)
    if copy is None:
        write_copy(folder, found)
    elif copy != found:
        check(copy, found, where=str(folder / FILE_NAME))
    return found


def _sorted_out(
    articles: Sequence[Article], known: Mapping[str, bytes], refuses: Callable[[Article], str | None]
) -> tuple[list[Outcome], dict[str, Article]]:
    """What becomes of each article, given the digests of those that are there; and, by id, those to be written."""
    outcomes: list[Outcome] = []
    fresh: dict[str, Article] = {}
    digests = dict(known)
    for article in articles:
        article_id, content = article.article_id, digest(article)
        if reason := refuses(article):
            outcomes.append(Outcome(article_id, Status.REJECTED, reason))
        elif digests.get(article_id) == content:
            outcomes.append(Outcome(article_id, Status.UNCHANGED))
        else:
            outcomes.append(Outcome(article_id, Status.REPLACED if article_id in digests else Status.ADDED))
            fresh[article_id] = article
            digests[article_id] = content
    return outcomes, fresh


def _as_written(outcomes: Sequence[Outcome], were_there: Set[str]) -> list[Outcome]:
    """What became of each article in fact: others may have written since it was sorted out."""
    there = set(were_there)
    told = []
    for outcome in outcomes:
        written = outcome.status in (Status.ADDED, Status.REPLACED)
        status = Status.REPLACED if outcome.article_id in there else Status.ADDED
        told.append(replace(outcome, status=status) if written else outcome)
        if written:
            there.add(outcome.article_id)
    return told


def _unstorable(article: Article) -> str | None:
    """Why no store could give back the article exactly as it is; parsing lets no such article through."""
    for name in ("article_id", "text", "title", "source", "url", "lang"):
        value = getattr(article, name) or ""
        if "\0" in value:
            return f"its {name} holds a NUL character; remove it"
        if not _is_unicode(value):
            return f"its {name} holds a lone surrogate, which is no character; decode the article correctly"
    return None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
