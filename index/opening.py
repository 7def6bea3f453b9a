"""Opens the index that the settings name, whatever keeps it."""

from contextlib import closing, suppress
from typing import TYPE_CHECKING

from index.encoder import Encoder
from index.errors import IndexingError, StoreDamaged
from index.index import Index
from index.settings import Settings, SettingsError
from index.store import FILE_NAME, Store

if TYPE_CHECKING:
    from index.milvus.client import Client


def open_index(settings: Settings, encoder: Encoder | None, *, create: bool = True, merges: bool = False) -> Index:
    """As `Index.open`. Raises `SettingsError` where Milvus is asked for and no address is given."""
    if settings.store == "sqlite":
        return Index.open(settings.data, encoder, create=create, threads=settings.threads, merges=merges)
    from index.milvus.searching import open_over  # needs what is installed where it is asked for only

    return open_over(
        milvus_client(settings), encoder, create=create, dense_index=settings.milvus_index,
        replicas=settings.milvus_replicas,
    )  # fmt: skip


def was_written(settings: Settings) -> bool:
    """Whether articles were ever stored: an index that was emptied since counts, one that was only made does not."""
    if settings.store == "sqlite":
        with suppress(StoreDamaged):  # an empty file, of one who was killed; of any other, who opens it next tells
            if (settings.data / FILE_NAME).exists():
                with closing(Store.open(settings.data, new_manifest=None)) as store, store.reading() as reader:
                    return reader.generation > 0
        return False
    from index.milvus.schema import RECORDS
    from index.milvus.state import read_state

    with closing(milvus_client(settings)) as client:
        if not client.exists(RECORDS):
            return False
        client.load(RECORDS)
        state = read_state(client)
        return state is not None and state.generation > 0


def milvus_client(settings: Settings) -> "Client":
    """A connection to the Milvus of the settings."""
    from index.milvus.client import TIMEOUT_S, Client

    if not settings.milvus_uri:
        raise SettingsError("the store is Milvus, and SOURCIER_MILVUS_URI is not set: name it, http://HOST:19530 or so")
    token = settings.milvus_token.get_secret_value() if settings.milvus_token else ""
    return Client(settings.milvus_uri, token, settings.milvus_prefix, timeout_s=TIMEOUT_S)


def refuse_milvus(settings: Settings, command: str, instead: str) -> None:
    """Raises `IndexingError` where a command is of the data folder alone."""
    if settings.store == "milvus":
        raise IndexingError(f"`{command}` is of a data folder, and the store is Milvus: {instead}")
