"""Moves an index between a data folder and Milvus, either way: what is kept is copied, nothing is encoded again.

Each batch of articles is committed, so that a run that is stopped is gone on with by the next one. At the end all is
read again and compared; what the target holds otherwise is copied once more. Knows neither store beyond their seam.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.errors import IndexingError, StoreDamaged
from index.kept_states import KeptStates, text_key
from index.manifest import Manifest, check, write_copy
from index.passages import encoded_text
from index.preparing import terms
from index.seam import AnyReader, AnyStore, AnyWriter
from index.store import Store
from index.store_renderings import KeptRendering, sentence_key
from index.store_writer import IndexedPassage
from index.types import Article, Passage

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

    Of renderings, those of sentences that are still cut so are copied; what is rendered at the target alone may stay.
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
            _compare_totals(source, target)
    if not to_milvus:
        write_copy(folder, manifest)
    return moved


def _copied(source: AnyStore, target: AnyStore, manifest: Manifest, progress: Callable[[int], None]) -> Moved:
    """Copies the articles that the target does not hold, then those of which it keeps something else."""
    removed = _removed(source, target)  # first: states are found by their text, whatever article it is of
    copied: set[str] = set()
    total = renderings = 0
    for ids in _pages(source):
        new = _new(source, target, ids)
        _put(source, target, new, manifest)
        renderings += _rendered(source, target, ids)
        total += len(ids)
        copied.update(new)
        progress(len(ids))
    outdated = list(_differing(source, target, manifest, _pages(source)))  # the source was rebuilt since, for one
    for ids in outdated:
        _put(source, target, ids, manifest)
        copied.update(ids)
        renderings += _rendered(source, target, ids)
    for ids in _differing(source, target, manifest, outdated):
        raise StoreDamaged(f"{target.path} holds something else of {ids[0]}; run `migrate` again")
    with source.reading() as reader:
        return Moved(len(copied), total - len(copied), removed, renderings, f"{reader.content:x}")


def _new(source: AnyStore, target: AnyStore, ids: Sequence[str]) -> list[str]:
    """Those of the source's articles that the target does not hold, or holds with another content."""
    with source.reading() as reader, target.reading() as there:
        known, wanted = there.digests_of(ids), reader.digests_of(ids)
    return [each for each in ids if known.get(each) != wanted[each]]


def _put(source: AnyStore, target: AnyStore, ids: Sequence[str], manifest: Manifest) -> None:
    with source.reading() as reader:
        prepared = [(article, _indexed(reader, article, manifest)) for article in reader.articles(ids).values()]
    for article, _ in prepared:
        if reason := target.refuses(article):
            raise IndexingError(f"article {article.article_id} cannot be stored in {target.path}: {reason}")
    if prepared:
        with target.writing() as writer:
            writer.put(prepared)


def _indexed(reader: AnyReader, article: Article, manifest: Manifest) -> list[IndexedPassage]:
    """The article's passages with all that a store takes of them."""
    return [
        IndexedPassage(
            passage, *terms(article, passage, encoded_text(article, passage)), np.frombuffer(vector, np.float32), states
        )
        for passage, vector, states in _passages(reader, article, manifest)
    ]


def _passages(
    reader: AnyReader, article: Article, manifest: Manifest
) -> list[tuple[Passage, bytes, KeptStates | None]]:  # fmt: skip
    """What the reader's store holds of each of the article's passages: also its vector's bytes, float32, and states."""
    passages = reader.passages_of(article.article_id)
    texts = [encoded_text(article, passage) for passage in passages]
    keys = [text_key(manifest.encoder, manifest.passage_prefix + text) for text in texts]
    vectors = reader.vectors([passage.passage_id for passage in passages], manifest.dim)
    states = reader.states(keys)
    return [
        (passage, vector.tobytes(), KeptStates(key, states[key]) if key in states else None)
        for passage, vector, key in zip(passages, vectors, keys, strict=True)
    ]


def _rendered(source: AnyStore, target: AnyStore, ids: Sequence[str]) -> int:
    """Copies the renderings of these articles that are not at the target; how many."""
    with source.reading() as reader:
        found = {article.article_id: _renderings(reader, article) for article in reader.articles(ids).values()}
    if not any(found.values()):
        return 0
    with target.writing() as writer:
        return sum(_remembered(writer, article_id, renderings) for article_id, renderings in found.items())


def _renderings(reader: AnyReader, article: Article) -> dict[KeptRendering, str]:
    """The article's renderings with the sentences that they are of; without those of what is no sentence of it now."""
    kept = reader.kept_renderings(article.article_id)
    passages = reader.passages_of(article.article_id) if kept else []
    sentences = {span.start: span.of(article.text) for passage in passages for span in passage.sentences}
    keys = {start: sentence_key(sentence, article.lang) for start, sentence in sentences.items()}
    return {each: sentences[each.start] for each in kept if keys.get(each.start) == each.sentence}


def _remembered(writer: AnyWriter, article_id: str, renderings: Mapping[KeptRendering, str]) -> int:
    """Keeps those of the article's renderings that are not there; how many."""
    known = set(writer.kept_renderings(article_id)) if renderings else set()
    fresh = {each: sentence for each, sentence in renderings.items() if each not in known}
    for each, sentence in fresh.items():
        if writer.keep(article_id, each.start, sentence):
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


def _differing(
    source: AnyStore, target: AnyStore, manifest: Manifest, pages: Iterable[list[str]]
) -> Iterator[list[str]]:  # fmt: skip
    """Of each page the articles of which the target does not hold what the source does, where there are some."""
    for ids in pages:
        with source.reading() as one, target.reading() as other:
            articles, there = one.articles(ids), other.articles(ids)
            differing = [
                article_id
                for article_id, article in articles.items()
                if there.get(article_id) != article
                or _passages(one, article, manifest) != _passages(other, article, manifest)
                or _renderings(one, article).keys() - set(other.kept_renderings(article_id))
            ]
        if differing:
            yield differing


def _compare_totals(source: AnyStore, target: AnyStore) -> None:
    """Raises `StoreDamaged` where the two do not hold the same articles, and as many passages."""
    with source.reading() as one, target.reading() as other:
        totals = [(reader.content, reader.article_count, reader.passage_count) for reader in (one, other)]
    if totals[0] != totals[1]:
        raise StoreDamaged(f"{target.path} does not hold what {source.path} does; run `migrate` again")


def _pages(store: AnyStore) -> Iterator[list[str]]:
    after = ""
    while True:
        with store.reading() as reader:
            ids = reader.ids(after=after, limit=_BATCH)
        if not ids:
            return
        yield ids
        after = ids[-1]
