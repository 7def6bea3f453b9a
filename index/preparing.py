"""Makes of articles what the store keeps of them: passages, their terms, their vectors. Knows nothing of the store."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from index.analysis import analyse
from index.encoder import Encoder, StatesEncoder
from index.errors import EncoderError
from index.kept_states import KeptStates
from index.passages import cut, encoded_text
from index.store_writer import IndexedPassage
from index.types import Article, Passage

_NORM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Draft:
    """An article with all that is made of it without a model: its passages, what the encoder will see, their terms."""

    article: Article
    passages: tuple[Passage, ...]
    texts: tuple[str, ...]
    terms: tuple[tuple[str, str], ...]


Prepared = tuple[Article, list[IndexedPassage]]
"""An article with its passages, ready to be stored; one of no sentences has none."""


def draft(article: Article) -> Draft:
    passages = tuple(cut(article))
    texts = tuple(encoded_text(article, passage) for passage in passages)
    return Draft(article, passages, texts, tuple(map(partial(terms, article), passages, texts)))


def prepare(
    articles: Sequence[Article], encoder: Encoder, *, progress: Callable[[int], None] | None = None
) -> list[Prepared]:
    """Drafts and encodes each article. `progress` and errors as in `encode_drafts`."""
    return encode_drafts([draft(article) for article in articles], encoder, progress=progress)


def encode_drafts(
    drafts: Sequence[Draft], encoder: Encoder, *, progress: Callable[[int], None] | None = None
) -> list[Prepared]:
    """`progress` is told how many more passages are encoded. Raises `EncoderError` where vectors are not usable."""
    encoded = iter(_encoded([text for its in drafts for text in its.texts], encoder, progress))
    return [
        (
            its.article,
            [
                IndexedPassage(passage, *both, *next(encoded))
                for passage, both in zip(its.passages, its.terms, strict=True)
            ],
        )
        for its in drafts
    ]


def encode(texts: Sequence[str], encoder: Encoder) -> NDArray[np.float32]:
    """float32, (n, dim), rows of norm 1. Raises `EncoderError` where the encoder gives anything else."""
    return _checked(encoder.encode_passages(texts), len(texts), encoder) if texts else _none(encoder)


def _encoded(
    texts: Sequence[str], encoder: Encoder, progress: Callable[[int], None] | None
) -> Iterable[tuple[NDArray[np.float32], KeptStates | None]]:
    """The vector of each text and, where the encoder gives them, the states of its tokens."""
    if not texts:
        return []
    if isinstance(encoder, StatesEncoder):
        vectors, states = encoder.encode_passages_and_states(texts, progress=progress)
        return zip(_checked(vectors, len(texts), encoder), states, strict=True)
    vectors = encoder.encode_passages(texts, progress=progress)
    return ((vector, None) for vector in _checked(vectors, len(texts), encoder))


def _none(encoder: Encoder) -> NDArray[np.float32]:
    return np.empty((0, encoder.dim), np.float32)


def _checked(vectors: NDArray[np.float32], texts: int, encoder: Encoder) -> NDArray[np.float32]:
    vectors = np.array(vectors, np.float32)
    if vectors.shape != (texts, encoder.dim):
        raise EncoderError(
            f"the encoder {encoder.name} gave vectors of shape {vectors.shape}, wanted {(texts, encoder.dim)};"
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
