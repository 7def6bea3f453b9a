"""Moves an index between a data folder and Milvus, either way: what is kept is copied, nothing is encoded again.

Each batch of articles is committed, so that a run that is stopped is gone on with by the next one. At the end all is
read again and compared. Knows neither store beyond their seam.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import IndexingError, StoreDamaged
from index.kept_states import KeptStates, text_key
from index.manifest import Manifest, check, write_copy
from index.passages import encoded_text
from index.preparing import terms
from index.seam import AnyReader, AnyStore, AnyWriter
from index.store import Store
from index.store_writer import IndexedPassage
from index.types import Article

if TYPE_CHECKING:
    from index.milvus.client import Client

_BATCH = 32  # articles


@dataclass(frozen=True, slots=True)
class Moved:
    """Articles that were copied, that were there already, and that the source no longer has; renderings copied."""

    copied: int
    already: int
    removed: int
    renderings: int
    content: str  # names all of it, in either store


def migrate(
    folder: Path, client: "Client", *, to_milvus: bool, dense_index: str = "FLAT", replicas: int = 1,
    progress: Callable[[int], None] = lambda _: None,
) -> Moved:  # fmt: skip
    """Makes the index of `client` hold exactly what that in `folder` holds; not `to_milvus`, the other way round.

    `progress` is told how many more articles are done. Nothing may write to either meanwhile. Raises `ManifestMismatch`
    where there is an index of other settings at the target, `StoreDamaged` where what was written is not what was read.
    """
    from index.milvus.store import MilvusStore

    def local(manifest: str | None) -> AnyStore:
        return Store.open(folder, new_manifest=manifest)

    def remote(manifest: str | None) -> AnyStore:
        dim = Manifest.from_json(manifest, where=str(folder)).dim if manifest else 0
        return MilvusStore.open(client, new_manifest=manifest, dim=dim, dense_index=dense_index, replicas=replicas)

    open_source, open_target = (local, remote) if to_milvus else (remote, local)
    with closing(open_source(None)) as source:
        with source.reading() as reader:
            manifest = Manifest.from_json(reader.manifest, where=str(source.path))
        with closing(open_target(manifest.to_json())) as target:
            with target.reading() as reader:
                check(Manifest.from_json(reader.manifest, where=str(target.path)), manifest, where=str(target.path))
            moved = _copied(source, target, manifest, progress)
            _compare(source, target, manifest)
    if not to_milvus:
        write_copy(folder, manifest)
    return moved


def _copied(source: AnyStore, target: AnyStore, manifest: Manifest, progress: Callable[[int], None]) -> Moved:
    copied = already = renderings = 0
    for ids in _pages(source):
        with source.reading() as reader, target.reading() as there:
            known, wanted = there.digests_of(ids), reader.digests_of(ids)
            articles = reader.articles([each for each in ids if known.get(each) != wanted[each]])
            prepared = [(article, _indexed(reader, article, manifest)) for article in articles.values()]
            rendered = [each for each in ids if reader.kept_renderings(each)]
        for article, _ in prepared:
            if reason := target.refuses(article):
                raise IndexingError(f"article {article.article_id} cannot be stored in {target.path}: {reason}")
        if prepared:
            with target.writing() as writer:
                writer.put(prepared)
        if rendered:
            with source.reading() as reader, target.writing() as writer:
                renderings += sum(_remembered(reader, writer, each) for each in rendered)
        copied += len(prepared)
        already += len(ids) - len(prepared)
        progress(len(ids))
    removed = _removed(source, target)
    with source.reading() as reader:
        return Moved(copied, already, removed, renderings, f"{reader.content:x}")


def _indexed(reader: AnyReader, article: Article, manifest: Manifest) -> list[IndexedPassage]:
    """The article's passages with all that is kept of them."""
    passages = reader.passages_of(article.article_id)
    texts = [encoded_text(article, passage) for passage in passages]
    keys = [text_key(manifest.encoder, manifest.passage_prefix + text) for text in texts]
    vectors = reader.vectors([passage.passage_id for passage in passages], manifest.dim)
    states = reader.states(keys)
    return [
        IndexedPassage(passage, *terms(article, passage, text), vector, _kept(key, states.get(key)))
        for passage, text, vector, key in zip(passages, texts, vectors, keys, strict=True)
    ]


def _kept(key: str, states: bytes | None) -> KeptStates | None:
    return KeptStates(key, states) if states is not None else None


def _remembered(reader: AnyReader, writer: AnyWriter, article_id: str) -> int:
    kept = reader.kept_renderings(article_id)
    article = reader.articles([article_id])[article_id]
    sentences = {
        sentence.start: sentence for passage in reader.passages_of(article_id) for sentence in passage.sentences
    }
    known = {(each.start, each.lang, each.writer): each.rendering for each in writer.kept_renderings(article_id)}
    fresh = [each for each in kept if known.get((each.start, each.lang, each.writer)) != each.rendering]
    for each in fresh:
        if each.start in sentences and writer.keep(article_id, each.start, sentences[each.start].of(article.text)):
            writer.remember(each.sentence, each.lang, each.writer, each.rendering)
    return len(fresh)


def _removed(source: AnyStore, target: AnyStore) -> int:
    removed = 0
    for ids in list(_pages(target)):
        with source.reading() as reader:
            present = reader.digests_of(ids)
        if gone := [each for each in ids if each not in present]:
            with target.writing() as writer:
                removed += sum(writer.remove_all(gone))
    return removed


def _compare(source: AnyStore, target: AnyStore, manifest: Manifest) -> None:
    """Raises `StoreDamaged` where the two do not hold the same."""
    with source.reading() as one, target.reading() as other:
        totals = [(reader.content, reader.article_count, reader.passage_count) for reader in (one, other)]
    if totals[0] != totals[1]:
        raise StoreDamaged(f"{target.path} does not hold what {source.path} does; run `migrate` again")
    for ids in _pages(source):
        with source.reading() as one, target.reading() as other:
            if one.articles(ids) != other.articles(ids):
                raise StoreDamaged(f"{target.path} holds other articles among {ids[0]}…{ids[-1]}; run `migrate` again")
            for article_id, article in one.articles(ids).items():
                if _all_of(one, article, manifest) != _all_of(other, article, manifest):
                    raise StoreDamaged(
                        f"{target.path} holds something else of {article_id}: remove it, `migrate` again"
                    )


def _all_of(reader: AnyReader, article: Article, manifest: Manifest) -> object:
    indexed = _indexed(reader, article, manifest)
    passages = [(each.passage, each.vector.tobytes(), each.states) for each in indexed]
    return passages, reader.kept_renderings(article.article_id)


def _pages(store: AnyStore) -> Iterator[list[str]]:
    after = ""
    while True:
        with store.reading() as reader:
            ids = reader.ids(after=after, limit=_BATCH)
        if not ids:
            return
        yield ids
        after = ids[-1]
