"""Passages encoded by two workers are, byte for byte, those that one process encodes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="Dask is not installed: pip install distributed==2026.8.0")

from distributed import LocalCluster

from index.build import sync
from index.cluster import TEXTS_A_TASK, cluster_encoder
from index.encoder import open_encoder
from index.index import Index
from index.settings import Settings, repository_root

pytestmark = [
    pytest.mark.real,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=None
    ) as cluster:
        yield cluster.scheduler_address


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
