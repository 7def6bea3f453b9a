"""Deterministic, offline stand-ins for the seams: small enough to compute by hand."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray


class HashEncoder:
    """A bag of hashed word prefixes: texts that share words are close, and nothing is random."""

    name = "hash-encoder"
    dim = 64
    query_prefix = "query: "
    passage_prefix = "passage: "

    def __init__(self) -> None:
        self.encoded_passages = 0

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encode(texts)

    encode_symmetric = encode_queries

    def encode_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        self.encoded_passages += len(texts)
        if progress:
            progress(len(texts))
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in _words(text):
                row[int.from_bytes(hashlib.sha256(word[:5].encode()).digest()[:4], "little") % self.dim] += 1
            row[0] += 1e-3  # an empty text still has a direction
            row /= np.linalg.norm(row)
        return rows


def _words(text: str) -> list[str]:
    folded = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return re.findall(r"\w{3,}|\d+", folded)
