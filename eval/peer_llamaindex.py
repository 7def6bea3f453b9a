"""LlamaIndex with FAISS, for the comparison with peers: runs in the environment that `peers.py` makes."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import faiss
from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.core.schema import TextNode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.faiss import FaissVectorStore

from eval.peer_runs import Peer, measured


def load(model: str, folder: Path) -> Peer:
    encoder = HuggingFaceEmbedding(model, query_instruction="query: ", text_instruction="passage: ", device="cpu")
    store = FaissVectorStore(faiss_index=faiss.IndexFlatIP(384))
    storage = StorageContext.from_defaults(vector_store=store)
    index = VectorStoreIndex([], storage_context=storage, embed_model=encoder)

    def ingest(passages: Sequence[tuple[str, str]]) -> None:
        index.insert_nodes([TextNode(id_=name, text=text) for name, text in passages])
        storage.persist(str(folder / "llamaindex"))

    def searching() -> Callable[[str], list[str]]:
        retriever = index.as_retriever(similarity_top_k=10)
        return lambda query: [found.node.node_id for found in retriever.retrieve(query)]

    return Peer(ingest, searching)


if __name__ == "__main__":
    sys.exit(measured(load))
