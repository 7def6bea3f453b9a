"""Passages encoded by two workers are, byte for byte, those that one process encodes; what is missing is told."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType, TracebackType

import pytest

from index.build import sync
from index.cluster import TEXTS_A_TASK, WORKERS_WAIT_S, ClusterEncoder, cluster_encoder
from index.encoder import open_encoder
from index.errors import EncoderError
from index.index import Index
from index.settings import Settings, repository_root


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    pytest.importorskip("distributed", reason="Dask is not installed: pip install distributed==2026.8.0")
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=None
    ) as cluster:
        yield cluster.scheduler_address


@pytest.mark.real
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_two_workers_give_the_bytes_of_one_process(address: str, tmp_path: Path) -> None:
    settings = Settings(threads=1)
    contents = []
    with cluster_encoder(address, settings) as encoder:
        for name, its in (("one", open_encoder(settings)), ("two", encoder)):
            index = Index.open(tmp_path / name, its)
            sync(index, [repository_root() / "seeds"])
            with index._store.reading() as reader, index.view() as view:
                rows = reader._sql.execute("SELECT vector, states FROM vectors JOIN states USING (key) ORDER BY key")
                contents.append((view.snapshot, list(rows)))
            index.close()
    assert len(contents[0][1]) > TEXTS_A_TASK  # several tasks
    assert contents[0] == contents[1]


# What is missing: a Dask that fails as the real one does


class Done:
    def result(self) -> tuple[str, int, str, str]:
        return "hash-encoder", 64, "query: ", "passage: "


class FakeClient:
    """A scheduler at `tcp://HOST:8786` with one worker; at `tcp://LONELY:8786` with none; nowhere else."""

    def __init__(self, address: str, *, set_as_default: bool) -> None:
        assert not set_as_default
        host, _, port = address.removeprefix("tcp://").partition(":")
        if not port:
            raise ValueError(f"missing port number in address {address!r}")
        if address.startswith("tls://"):
            raise TypeError("TLS expects a `ssl_context` argument")
        self._workers = {"HOST": 1, "LONELY": 0}
        if host not in self._workers:
            raise OSError(f"Timed out trying to connect to {address}")
        self._host = host
        self.closed = False

    def __enter__(self) -> "FakeClient":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.closed = True

    def wait_for_workers(self, n_workers: int, timeout: float) -> None:
        if self._workers[self._host] < n_workers:
            raise TimeoutError(f"Only 0/{n_workers} workers arrived after {timeout}")

    def submit(self, *_: object, pure: bool) -> Done:
        assert not pure
        return Done()


@pytest.fixture
def _dask(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = ModuleType("distributed")
    vars(fake).update(Client=FakeClient, KilledWorker=type("KilledWorker", (Exception,), {}))
    monkeypatch.setitem(sys.modules, "distributed", fake)


def encoder_at(address: str) -> AbstractContextManager[ClusterEncoder]:
    return cluster_encoder(address, Settings(encoder="autre"))


@pytest.mark.usefixtures("_dask")
@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("nonsense", "nonsense cannot be connected to .missing port number.*; name a scheduler as in tcp://HOST:8786"),
        ("tls://HOST:8786", "tls://HOST:8786 cannot be connected to .TLS expects"),
        ("tcp://ABSENT:8786", "the cluster failed: Timed out trying to connect to tcp://ABSENT:8786"),
        ("tcp://LONELY:8786", f"the cluster failed: Only 0/1 workers arrived after {WORKERS_WAIT_S}; .*workers are up"),
    ],
)
def test_a_cluster_that_cannot_be_used_is_told_with_what_is_missing(address: str, reason: str) -> None:
    with pytest.raises(EncoderError, match=reason), encoder_at(address):
        pass


@pytest.mark.usefixtures("_dask")
def test_an_error_of_ours_is_not_told_as_one_of_the_cluster() -> None:
    with pytest.raises(OSError, match=r"^\[Errno 28\] No space left on device$"), encoder_at("tcp://HOST:8786"):
        raise OSError(28, "No space left on device")


@pytest.mark.usefixtures("_dask")
def test_an_encoder_tells_what_the_workers_load() -> None:
    with encoder_at("tcp://HOST:8786") as encoder:
        assert (encoder.name, encoder.dim) == ("hash-encoder", 64)


def test_without_dask_it_is_told_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(EncoderError, match=r"needs Dask, which is not installed .*pip install"),
        encoder_at("tcp://H:1"),
    ):
        pass
