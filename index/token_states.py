"""What a BERT-like encoder makes of each token of a text: the states that late interaction and the joint reader need.

A passage's vector is the mean of its last states, so keeping them costs no time when an article comes in. Knows
nothing of questions, articles or the store.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SPLIT_LAYER = 6  # of 12: the joint reader goes on from the output of the sixth layer

Tokens = Sequence[int]


class TokenStates(NamedTuple):
    """float32 (tokens, dim) at the split and after the last layer; each token's offsets in the text, the empty ones of
    special tokens included."""

    split: Tensor
    last: Tensor
    offsets: list[tuple[int, int]]


def token_states(model: "SentenceTransformer", text: str, *, max_tokens: int | None = None) -> TokenStates:
    """One text by itself."""
    ids, offsets = tokenise(model, text, max_tokens=max_tokens)
    return TokenStates(*states_together(model, [ids])[0], offsets)


def states_together(
    model: "SentenceTransformer", texts: Sequence[Tokens], *, layers: int | None = None
) -> list[tuple[Tensor, Tensor]]:
    """The states of each text, at the split and after the last layer (of `layers`), float32 (tokens, dim).

    The texts lie end to end, without padding: each layer's products run over all tokens at once, its attention within
    each text. A text's states are those it has by itself, bit for bit, where `cores.steady()`.
    """
    bert: Any = model[0].auto_model  # a BertModel, whose parts are untyped
    ends = [0, *accumulate(len(ids) for ids in texts)]
    ids = torch.tensor([token for text in texts for token in text])
    places = torch.cat([torch.arange(len(text)) for text in texts])
    with torch.inference_mode():
        hidden = split = bert.embeddings(input_ids=ids[None], position_ids=places[None])[0]
        for number, layer in enumerate(bert.encoder.layer[:layers], 1):
            hidden = _layer(layer, hidden, ends)
            split = hidden if number == SPLIT_LAYER else split
    return [(split[start:end], hidden[start:end]) for start, end in pairwise(ends)]


def _layer(layer: Any, hidden: Tensor, ends: Sequence[int]) -> Tensor:  # noqa: ANN401  # untyped
    """What a `BertLayer` does, to several texts at once; each lies between two of `ends`."""
    attention = layer.attention.self
    query, key, value = (
        part(hidden).view(len(hidden), attention.num_attention_heads, -1).transpose(0, 1)
        for part in (attention.query, attention.key, attention.value)
    )
    mixed = torch.cat(
        [
            scaled_dot_product_attention(query[None, :, a:b], key[None, :, a:b], value[None, :, a:b])[0].transpose(0, 1)
            for a, b in pairwise(ends)
        ]
    ).reshape(hidden.shape)
    attended = layer.attention.output(mixed, hidden)
    output: Tensor = layer.output(layer.intermediate(attended), attended)
    return output


def tokenise(
    model: "SentenceTransformer", text: str, *, max_tokens: int | None = None
) -> tuple[list[int], list[tuple[int, int]]]:
    """The tokens' numbers and their offsets, special tokens included; as many as the model reads, or fewer."""
    tokens = model.tokenizer(
        text, truncation=True, max_length=max_tokens or model.max_seq_length, return_offsets_mapping=True
    )
    return list(tokens["input_ids"]), [(start, end) for start, end in tokens["offset_mapping"]]
