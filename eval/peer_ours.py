"""Ours, for the comparison with peers: in a process of its own, as they are."""

import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from eval.peer_runs import Peer, measured
from index.build import sync
from index.encoder import open_encoder
from index.index import Index
from index.settings import load_settings
from index.types import Filters
from service.retrieval import retrieve


def load(_: str, folder: Path) -> Peer:
    encoder = open_encoder(load_settings())
    index = Index.open(folder / "data", encoder, threads=1)

    def ingest(passages: Sequence[tuple[str, str]]) -> None:
        """From the file of articles; `passages` are what the others are given."""
        with closing(index):
            report = sync(index, [folder / "articles.jsonl"])
        assert passages
        assert not report.rejected, report.rejected[0].message

    def searching() -> Callable[[str], list[str]]:
        opened = Index.open(folder / "data", encoder, threads=1)

        def search(query: str) -> list[str]:
            with opened.view() as view:
                return [found.passage.passage_id for found in retrieve(view, encoder, query, 10, Filters())]

        return search

    return Peer(ingest, searching)


if __name__ == "__main__":
    sys.exit(measured(load))
