"""Transformer layers of BERT's shape, run over texts that lie end to end, without padding.

Owns the arithmetic that the encoder and the reader share. Knows tensors only.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, scaled_dot_product_attention

from index.products import Product, plain_attention

PRODUCTS = ("qkv", "out", "up", "down")
NORMS = ("norm", "last_norm")
_SCORES = 2**18  # of so many heads at a time: larger arrays leave the cache, and are given back to the system each time

Weights = Mapping[str, tuple[Tensor, Tensor]]
"""The weight and the bias of each of `PRODUCTS` and `NORMS`."""


class PackedLayer:
    """One post-norm layer. Products take and give `dtype`; attention weights, sums over layers and norms are float32
    (with AMX, attention is in `dtype` as well)."""

    def __init__(self, weights: Weights, *, heads: int, eps: float, dtype: torch.dtype) -> None:
        self._heads = heads
        self._eps = eps
        self._products = {name: Product(*(each.detach().to(dtype) for each in weights[name])) for name in PRODUCTS}
        self._norms = {name: tuple(each.detach() for each in weights[name]) for name in NORMS}

    def __call__(self, hidden: Tensor, ends: Sequence[int]) -> Tensor:
        """`hidden`: float32 (tokens, dim). Each token attends to those between the same two of `ends`."""
        attended = self._products["out"](self._attend(hidden, ends))
        hidden = self._normed("norm", hidden + attended)
        fed = self._products["down"](gelu(self._products["up"](hidden)))
        return self._normed("last_norm", hidden + fed)

    def _normed(self, name: str, rows: Tensor) -> Tensor:
        weight, bias = self._norms[name]
        return layer_norm(rows, weight.shape, weight, bias, self._eps)

    def _attend(self, hidden: Tensor, ends: Sequence[int]) -> Tensor:
        heads = self._products["qkv"](hidden).view(len(hidden), 3, self._heads, -1).permute(1, 2, 0, 3)
        heads = heads.float() if plain_attention() else heads
        mixed = [_mixed(*heads[:, :, start:end]).transpose(0, 1) for start, end in pairwise(ends)]
        return torch.cat(mixed).reshape(hidden.shape)


def _mixed(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """What each token of a text takes of the others; all (heads, tokens, size)."""
    if not plain_attention():
        return scaled_dot_product_attention(query[None], key[None], value[None])[0]
    heads = max(1, _SCORES // query.shape[1] ** 2)
    parts = zip(*(torch.split(each, heads) for each in (query, key, value)), strict=True)
    return torch.cat([_plainly(*part) for part in parts])


def _plainly(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    scores = (query / math.sqrt(query.shape[-1])) @ key.transpose(-1, -2)
    return scores.softmax(-1) @ value


def weights_of_bert(layer: Any) -> Weights:  # noqa: ANN401  # a BertLayer, whose parts are untyped
    attention = layer.attention.self
    asked = [(part.weight, part.bias) for part in (attention.query, attention.key, attention.value)]
    parts = {
        "out": layer.attention.output.dense,
        "norm": layer.attention.output.LayerNorm,
        "up": layer.intermediate.dense,
        "down": layer.output.dense,
        "last_norm": layer.output.LayerNorm,
    }
    weight, bias = (torch.cat(each) for each in zip(*asked, strict=True))
    return {"qkv": (weight, bias)} | {name: (part.weight, part.bias) for name, part in parts.items()}
