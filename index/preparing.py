"""Makes of articles what the store keeps of them: passages, their terms, their vectors. Knows nothing of the store."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.analysis import analyse
from index.encoder import Encoder
from index.errors import EncoderError
from index.passages import cut, encoded_text
from index.store_writer import IndexedPassage
from index.types import Article, Passage

_NORM_TOLERANCE = 1e-3


def prepare(
    articles: Sequence[Article], encoder: Encoder, *, progress: Callable[[int], None] | None = None
) -> list[list[IndexedPassage]]:
    """The passages of each article, ready to be stored; an article of no sentences has none.

    `progress` is told how many more passages are encoded. Raises `EncoderError` where the vectors are not usable.
    """
    passages = [cut(article) for article in articles]
    texts = [[encoded_text(a, passage) for passage in its] for a, its in zip(articles, passages, strict=True)]
    vectors = iter(encode([text for its in texts for text in its], encoder, progress=progress))
    return [
        [_indexed(article, passage, text, next(vectors)) for passage, text in zip(its, their_texts, strict=True)]
        for article, its, their_texts in zip(articles, passages, texts, strict=True)
    ]


def encode(
    texts: Sequence[str], encoder: Encoder, *, progress: Callable[[int], None] | None = None
) -> NDArray[np.float32]:
    """float32, (n, dim), rows of norm 1. Raises `EncoderError` where the encoder gives anything else."""
    if not texts:
        return np.empty((0, encoder.dim), np.float32)
    vectors = np.array(encoder.encode_passages(texts, progress=progress), np.float32)
    if vectors.shape != (len(texts), encoder.dim):
        raise EncoderError(
            f"the encoder {encoder.name} gave vectors of shape {vectors.shape}, wanted {(len(texts), encoder.dim)};"
            " name another encoder in the settings"
        )
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not (np.abs(norms - 1) < _NORM_TOLERANCE).all():  # false for NaN too
        raise EncoderError(
            f"the encoder {encoder.name} gave vectors of norm {norms.min():.3g} to {norms.max():.3g}, wanted 1;"
            " name another encoder in the settings"
        )
    vectors /= norms
    return vectors


def terms(article: Article, passage: Passage, text: str) -> tuple[str, str]:
    """The terms of what the encoder sees around the passage, and those of the passage itself, joined by spaces."""
    context = text.removesuffix(passage.text)
    return " ".join(analyse(context, article.lang)), " ".join(analyse(passage.text, article.lang))


def _indexed(article: Article, passage: Passage, text: str, vector: NDArray[np.float32]) -> IndexedPassage:
    return IndexedPassage(passage, *terms(article, passage, text), vector)
