"""Checks every invariant of an index on the disk and says which do not hold. Changes nothing but what heals itself.

Knows what should hold, and asks the other modules what does.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import compress
from pathlib import Path

import numpy as np

from index.analysis import ANALYSIS
from index.dates import PublishedDate
from index.encoder import Encoder
from index.errors import ManifestMismatch, StoreDamaged, StoreUnavailable
from index.kept_states import unpack
from index.manifest import FILE_NAME as MANIFEST_FILE
from index.manifest import Manifest, check, is_present, read_copy
from index.passages import CHUNKING, cut, encoded_text
from index.postings import Postings
from index.preparing import encode, terms
from index.store import Store
from index.store_audit import Audit, StoredArticle, StoredPassage
from index.store_writer import digest
from index.types import Article, Filters, Passage
from index.vector_base import Base
from index.vector_snapshot import FILE_NAME as SNAPSHOT_FILE
from index.vector_snapshot import SnapshotError, read_snapshot

UNREADABLE = (ValueError, TypeError, KeyError)
"""What comes of a damaged row that SQLite reads: text that is no UTF-8, a value that is missing or of another type."""
_NORM_TOLERANCE = 1e-3
_SAME_COSINE = 0.999


def verify(
    folder: Path, *, encoder: Encoder | None = None, sample: int = 0, outdated: bool = False
) -> list[str]:  # fmt: skip
    """What is wrong with the index in `folder`, a line for each; empty where all is well.

    With `sample`, so many passages are encoded again and compared. With `outdated`, an index whose texts were cut or
    analysed otherwise than today is not at fault for that: its articles are checked, its passages cannot be.

    Raises `StoreUnavailable` where there is no index.
    """
    try:
        store = Store.open(folder, new_manifest=None)
    except StoreDamaged as exc:  # so much so that it cannot even be opened
        return [str(exc)]
    violations: list[str] = []
    try:
        for violation in _violations(store, folder, encoder, sample, outdated):
            violations.append(violation)  # one by one: what was found before the file became unreadable counts
    except (StoreDamaged, StoreUnavailable, ManifestMismatch) as exc:
        violations.append(str(exc))
    except UNREADABLE as exc:
        violations.append(f"a row cannot be read: {exc}")
    finally:
        store.close()
    return violations


def _violations(
    store: Store, folder: Path, encoder: Encoder | None, sample: int, outdated: bool
) -> Iterator[str]:  # fmt: skip
    with store.auditing() as audit:
        yield from audit.damage()
        yield from _legible("the tables", audit.orphans())
        manifest = Manifest.from_json(audit.manifest, where=str(store.path))
        comparable = is_present(manifest)
        if comparable or not outdated:
            yield from _of_manifest(manifest, folder)
        yield from _legible("the totals", _of_totals(audit))
        for key in audit.article_keys():
            yield from _legible(f"article row {key}", _of_row(audit, key, manifest.dim if comparable else None))
        yield from _legible(SNAPSHOT_FILE, _of_snapshot(audit, folder, manifest.dim))
        if encoder and sample:
            yield from _legible("the sample", _of_encoding(audit, encoder, manifest, sample))
    yield from _of_lexicon(store)


def _legible(where: str, violations: Iterable[str]) -> Iterator[str]:
    """These, as far as the rows can be read, and which cannot: what follows is looked at all the same."""
    try:
        yield from violations
    except UNREADABLE as exc:
        yield f"{where}: a row cannot be read: {exc}"


def _of_manifest(manifest: Manifest, folder: Path) -> Iterator[str]:
    present = replace(manifest, chunking=CHUNKING, analysis=ANALYSIS)
    for found, wanted, where in ((manifest, present, "the store"), (read_copy(folder), manifest, MANIFEST_FILE)):
        if found is None:
            yield f"{where} is missing"
            continue
        try:
            check(found, wanted, where=where)
        except ManifestMismatch as exc:
            yield str(exc)


def _of_totals(audit: Audit) -> Iterator[str]:
    counted = audit.counts()
    recorded = (audit.article_count, audit.passage_count)
    if counted != recorded:
        yield f"the store records {recorded} articles and passages, and holds {counted}"
    content = sum(int.from_bytes(digest, "little") for digest in audit.digests().values()) % 2**256
    if content != audit.content:
        yield "the store's record of its content is not the sum of its articles' digests"


def _of_row(audit: Audit, key: int, dim: int | None) -> Iterator[str]:
    """What is wrong with one article, and with its passages where their vectors' `dim` is given."""
    stored = audit.stored_article(key)
    yield from of_article(stored)
    if dim is not None:
        yield from of_passages(stored.article, audit.stored_passages(key), dim)


def of_article(stored: StoredArticle) -> Iterator[str]:
    """What is wrong with an article by itself."""
    article = stored.article
    where = f"article {article.article_id}"
    if digest(article) != stored.digest:
        yield f"{where}: its content is not what its digest says"
    try:
        date = PublishedDate.parse(article.published.iso) if article.published else None
        days = (date.first_day.isoformat(), date.last_day.isoformat()) if date else (None, None)
    except ValueError as exc:
        yield f"{where}: its date is none ({exc})"
    else:
        if days != (stored.first_day, stored.last_day):
            yield f"{where}: its days {(stored.first_day, stored.last_day)} are not those of its date {date}"


def of_passages(article: Article, passages: Sequence[StoredPassage], dim: int) -> Iterator[str]:
    """What is wrong with the passages of an article, in the order of its text; vectors are of `dim` numbers."""
    where = f"article {article.article_id}"
    expected = cut(article)
    if [passage.passage_id for passage in expected] != [passage.passage_id for passage in passages]:
        yield f"{where}: its passages are not those that its text is cut into"
        return
    for passage, wanted in zip(passages, expected, strict=True):
        yield from _of_passage(passage, wanted, article, dim)


def _of_passage(found: StoredPassage, wanted: Passage, article: Article, dim: int) -> Iterator[str]:
    where = f"passage {found.passage_id}"
    if article.text[found.start : found.end] != found.text:
        yield f"{where}: its span does not give its text"
    if (found.start, found.end) != (wanted.span.start, wanted.span.end):
        yield f"{where}: its span is not that which the article is cut into"
    sentences = [[sentence.start, sentence.end] for sentence in wanted.sentences]
    if found.sentences != json.dumps(sentences):
        yield f"{where}: its sentences are not those of its text"
    if not all(found.start <= start < end <= found.end for start, end in sentences):
        yield f"{where}: a sentence lies outside it"
    found_terms = (found.context_terms, found.body_terms)
    if found_terms not in ((None, None), terms(article, wanted, encoded_text(article, wanted))):
        yield f"{where}: its terms are not those of its text"
    if found.vector is not None:
        yield from _of_vector(found.vector, where, dim)
    if found.states is not None:
        yield from _of_states(found.states, where, dim)


def _of_vector(blob: bytes, where: str, dim: int) -> Iterator[str]:
    if len(blob) != 4 * dim:
        yield f"{where}: its vector has {len(blob)} bytes, wanted {4 * dim}"
        return
    norm = float(np.linalg.norm(np.frombuffer(blob, "<f4")))
    if not abs(norm - 1) < _NORM_TOLERANCE:  # true for NaN too
        yield f"{where}: its vector has norm {norm:.3g}, wanted 1"


def _of_states(blob: bytes, where: str, dim: int) -> Iterator[str]:
    try:
        kept = unpack(blob, dim, arrays=2)
    except ValueError as exc:
        yield f"{where}: {exc}"
    else:
        if not all(np.isfinite(states).all() for states in kept):
            yield f"{where}: its kept states are not finite"


def _of_snapshot(audit: Audit, folder: Path, dim: int) -> Iterator[str]:
    """A snapshot that is missing or of another state is only slow; one that is damaged or disagrees is a violation."""
    if not (folder / SNAPSHOT_FILE).exists():
        return
    try:
        stamp, vectors = read_snapshot(folder)
    except SnapshotError as exc:
        yield f"{SNAPSHOT_FILE}: {exc}; it is made again when the index is opened next"
        return
    if audit.token_of(stamp.generation) != stamp.token or stamp.generation < audit.removed_since or stamp.dim != dim:
        return
    vectors = vectors.changed(audit.added_after(vectors.last_key, dim), audit.removed_after(stamp.generation))
    held = 0
    for keys, rows in audit.added_after(0, dim):
        held += len(keys)
        for key in keys[(vectors.rows(keys) != rows).any(axis=1)]:
            yield f"{SNAPSHOT_FILE}: passage {key} has another vector than in the store, or none"
    if len(vectors) != held:
        yield f"{SNAPSHOT_FILE}: it gives {len(vectors)} vectors, the store {held}"
    if vectors.base:
        yield from _of_terms(audit, vectors.base)


def _of_terms(audit: Audit, base: Base) -> Iterator[str]:
    """Of each passage in the base that the store holds still, the terms there are those of the store."""
    prints, lengths = base.postings.fingerprints(), base.postings.lengths
    for keys, held in audit.terms_after(0):
        here, places = base.places(np.array(keys, np.int64))
        if not len(places):
            return  # the keys of both ascend: what follows came after the base
        stored = Postings.of(list(compress(held, here)))
        differ = (stored.fingerprints() != prints[places]) | (stored.lengths != lengths[places])
        for key in base.keys[places[differ]]:
            yield f"{base.file.name}: passage {key} has other terms than in the store"


def _of_encoding(audit: Audit, encoder: Encoder, manifest: Manifest, sample: int) -> Iterator[str]:
    """Passages spread evenly over the collection, encoded again."""
    wanted = replace(Manifest.wanted(encoder), chunking=manifest.chunking, analysis=manifest.analysis)
    try:
        check(manifest, wanted, where="the store")
    except ManifestMismatch as exc:
        yield f"no passage was encoded again: {exc}"
        return
    keys = audit.keys(Filters())
    chosen = keys[np.linspace(0, len(keys) - 1, min(sample, len(keys))).astype(int)].tolist() if len(keys) else []
    passages = [audit.passages([key])[key] for key in chosen]
    articles = audit.articles(passage.article_id for passage in passages)
    texts = [encoded_text(articles[passage.article_id], passage) for passage in passages]
    stored = audit.vectors([passage.passage_id for passage in passages], encoder.dim)
    cosines = (encode(texts, encoder) * stored).sum(axis=1)
    for passage, cosine in zip(passages, cosines, strict=True):
        if not cosine > _SAME_COSINE:
            yield f"passage {passage.passage_id}: encoded again, it has a cosine of {cosine:.4f} with itself"


def _of_lexicon(store: Store) -> Iterator[str]:
    try:
        store.check_lexicon()
    except StoreUnavailable as exc:
        yield f"the lexical index was not checked: {exc}"
