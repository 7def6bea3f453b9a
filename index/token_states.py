"""What a BERT-like encoder makes of each token of a text: the states that late interaction and the joint reader need.

A passage's vector is the mean of its last states, so keeping them costs no time when an article comes in. Knows
nothing of questions, articles or the store.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SPLIT_LAYER = 6  # of 12: the joint reader goes on from the output of the sixth layer


class TokenStates(NamedTuple):
    """float32 (tokens, dim) at the split and after the last layer; each token's offsets in the text, the empty ones of
    special tokens included."""

    split: Tensor
    last: Tensor
    offsets: list[tuple[int, int]]


def token_states(model: "SentenceTransformer", text: str, *, max_tokens: int | None = None) -> TokenStates:
    """One text at a time: in a batch, its states would depend, in their last digits, on the texts beside it."""
    ids, offsets = tokenise(model, text, max_tokens=max_tokens)
    bert: Any = model[0].auto_model  # a BertModel, whose parts are untyped
    with torch.inference_mode():
        hidden = split = bert.embeddings(input_ids=torch.tensor([ids]))
        for number, layer in enumerate(bert.encoder.layer, 1):
            hidden = layer(hidden)
            split = hidden if number == SPLIT_LAYER else split
    return TokenStates(split[0], hidden[0], offsets)


def tokenise(
    model: "SentenceTransformer", text: str, *, max_tokens: int | None = None
) -> tuple[list[int], list[tuple[int, int]]]:
    """The tokens' numbers and their offsets, special tokens included; as many as the model reads, or fewer."""
    tokens = model.tokenizer(
        text, truncation=True, max_length=max_tokens or model.max_seq_length, return_offsets_mapping=True
    )
    return list(tokens["input_ids"]), [(start, end) for start, end in tokens["offset_mapping"]]
