"""What a BERT-like encoder makes of each token of a text: the states that late interaction and the joint reader need.

A passage's vector is the mean of its last states, so keeping them costs no time when an article comes in. Knows
nothing of questions, articles or the store.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from index.packed_layers import PackedLayer, Weights, weights_of_bert
from index.products import product_type

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SPLIT_LAYER = 6  # of 12: the joint reader goes on from the output of the sixth layer

Tokens = Sequence[int]
Offsets = list[tuple[int, int]]


class TokenStates(NamedTuple):
    """float32 (tokens, dim) at the split and after the last layer; each token's offsets in the text, the empty ones of
    special tokens included."""

    split: Tensor
    last: Tensor
    offsets: Offsets


def layers_of(model: "SentenceTransformer") -> list[Weights]:
    """Of a BERT-like model, the first one first."""
    bert: Any = model[0].auto_model  # its parts are untyped
    return [weights_of_bert(layer) for layer in bert.encoder.layer]


class TokenEncoder:
    """The tokenizer and the layers of `model`, whose weights it has in the processor's type of products. To be found
    by, a question goes through `query_layers` in place of as many of the last ones; to be read, through
    `reading_layers`.

    Safe to use from many threads; where products are of bfloat16, only one thread may be given to each call.
    """

    def __init__(
        self,
        model: "SentenceTransformer",
        dtype: torch.dtype | None = None,
        query_layers: Sequence[Weights] = (),
        reading_layers: Sequence[Weights] = (),
    ) -> None:
        bert: Any = model[0].auto_model  # a BertModel, whose parts are untyped
        heads, eps = bert.config.num_attention_heads, bert.config.layer_norm_eps
        self._model = model
        self._embeddings = bert.embeddings
        self._layers, tuned, reading = (
            [PackedLayer(each, heads=heads, eps=eps, dtype=dtype or product_type()) for each in weights]
            for weights in (layers_of(model), query_layers, reading_layers)
        )
        self._query_layers = self._layers[: len(self._layers) - len(tuned)] + tuned
        self._reading_layers = reading or self._layers[:SPLIT_LAYER]

    def tokenise(self, text: str, *, max_tokens: int | None = None) -> tuple[list[int], Offsets]:
        """The tokens' numbers and their offsets, special tokens included; as many as the model reads, or fewer."""
        most = max_tokens or self._model.max_seq_length
        tokens = self._model.tokenizer(text, truncation=True, max_length=most, return_offsets_mapping=True)
        return list(tokens["input_ids"]), [(start, end) for start, end in tokens["offset_mapping"]]

    def states(self, texts: Sequence[Tokens]) -> list[tuple[Tensor, Tensor]]:
        """The states of each text, at the split and after the last layer, float32 (tokens, dim)."""
        split, last = self._through(texts, self._layers[:SPLIT_LAYER], self._layers[SPLIT_LAYER:])
        return list(zip(split, last, strict=True))

    def query_states(self, texts: Sequence[Tokens]) -> list[Tensor]:
        """Of questions, the states that passages are found by: after the last layer, float32 (tokens, dim)."""
        return self._through(texts, self._query_layers)[0]

    def reading_states(self, texts: Sequence[Tokens]) -> list[Tensor]:
        """Of questions, the states that the joint reader goes on from: at the split, float32 (tokens, dim)."""
        return self._through(texts, self._reading_layers)[0]

    def _through(self, texts: Sequence[Tokens], *parts: Sequence[PackedLayer]) -> list[list[Tensor]]:
        """The states of each text after each part of the layers.

        The texts lie end to end, without padding: each layer's products run over all tokens at once, its attention
        within each text. A text's states are those it has by itself, bit for bit, where products are `steady()`.
        """
        ends = [0, *accumulate(len(ids) for ids in texts)]
        ids = torch.tensor([token for text in texts for token in text])
        places = torch.cat([torch.arange(len(text)) for text in texts])
        made = []
        with torch.inference_mode():
            hidden = self._embeddings(input_ids=ids[None], position_ids=places[None])[0]
            for layers in parts:
                for layer in layers:
                    hidden = layer(hidden, ends)
                made.append([hidden[start:end] for start, end in pairwise(ends)])
        return made
