"""The two stores, to be opened the same way: a data folder, and Milvus Lite, started within the tests' process."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.encoder import Encoder
from index.index import Index

Opening = Callable[[Encoder | None], Index]
"""Opens the index; it is made by the first call with an encoder."""


def opening(store: str, folder: Path, milvus: str) -> Iterator[Opening]:
    """An index that is not there yet, and is gone afterwards."""
    if store == "sqlite":
        yield lambda encoder: Index.open(folder, encoder, create=encoder is not None)
        return
    from index.milvus.searching import open_over

    with prefixed(milvus) as prefix:
        yield lambda encoder: open_over(_client(milvus, prefix), encoder, create=encoder is not None)


@contextmanager
def prefixed(milvus: str) -> Iterator[str]:
    """The prefix of collections that are dropped afterwards."""
    prefix = f"t{secrets.token_hex(4)}"
    yield prefix
    from index.milvus.schema import COLLECTIONS

    client = _client(milvus, prefix)
    for collection in COLLECTIONS:
        if client.exists(collection):
            client.drop(collection)
    client.close()


def start_milvus(folder: Path) -> str:
    """The address of Milvus Lite over `folder`, in this process. Skips where it is not installed."""
    pytest.importorskip("pymilvus", reason="the extra `milvus` is not installed")
    lite = pytest.importorskip("milvus_lite", reason="Milvus Lite is not installed")
    return str(lite.server_manager_instance.start_and_get_uri(str(folder / "milvus.db")))


def _client(milvus: str, prefix: str) -> "object":
    from index.milvus.client import Client

    return Client(milvus, "", prefix, timeout_s=30)
