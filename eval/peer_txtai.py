"""txtai with FAISS, for the comparison with peers: runs in the environment that `peers.py` makes."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from txtai import Embeddings

from eval.peer_runs import Peer, measured


def load(model: str, folder: Path) -> Peer:
    instructions = {"query": "query: ", "data": "passage: "}
    embeddings = Embeddings(path=model, content=True, backend="faiss", instructions=instructions)

    def ingest(passages: Sequence[tuple[str, str]]) -> None:
        embeddings.index((name, text, None) for name, text in passages)
        embeddings.save(str(folder / "txtai"))

    def searching() -> Callable[[str], list[str]]:
        return lambda query: [found["id"] for found in embeddings.search(query, 10)]

    return Peer(ingest, searching)


if __name__ == "__main__":
    sys.exit(measured(load))
