"""An index over Milvus, opened: there is nothing to mirror, merge or save, since Milvus does."""

from collections.abc import Iterator
from contextlib import contextmanager

from index.encoder import Encoder
from index.index import Index
from index.manifest import Manifest, check, refuse_if_rebuilt
from index.milvus.client import Client
from index.milvus.reader import Reader
from index.milvus.store import MilvusStore


class MilvusSearching:
    """A reader of Milvus also searches."""

    rebuilt_because: str | None = None

    def __init__(self, store: MilvusStore, manifest: Manifest) -> None:
        self._store = store
        self._manifest = manifest

    @contextmanager
    def reading(self) -> Iterator[tuple[Reader, Reader]]:
        with self._store.reading() as reader:
            refuse_if_rebuilt(reader, self._manifest)
            yield reader, reader

    def merge_if_due(self) -> bool:
        return False

    def merge_in_background(self) -> None:
        pass

    def save(self) -> None:
        pass

    def close(self) -> None:
        pass


def open_over(
    client: Client, encoder: Encoder | None, *, create: bool = True, dense_index: str = "FLAT", replicas: int = 1,
    lease_s: float | None = None,
) -> Index:  # fmt: skip
    """As `Index.open`, over the collections of `client`."""
    wanted = Manifest.wanted(encoder) if encoder else None
    lease = {} if lease_s is None else {"lease_s": lease_s}
    store = MilvusStore.open(
        client, new_manifest=wanted.to_json() if wanted and create else None, dim=wanted.dim if wanted else 0,
        dense_index=dense_index, replicas=replicas, **lease,
    )  # fmt: skip
    try:
        with store.reading() as reader:
            manifest = Manifest.from_json(reader.manifest, where=store.path)
        if wanted:
            check(manifest, wanted, where=store.path)
    except BaseException:
        store.close()
        raise
    return Index(store, MilvusSearching(store, manifest), manifest, encoder=encoder)
