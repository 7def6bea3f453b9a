"""The index over a Milvus cluster, in the place of SQLite and FAISS: see `index.seam`."""
