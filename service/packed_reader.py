"""Runs the joint reader over passages that lie end to end, without padding, in bfloat16 where the processor has it.

Owns the arithmetic of answering only: `JointReader` holds the weights, and is what is trained. Knows tensors only.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise

import torch
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

from service.joint_reader import EPS, HEADS, HIDDEN, JointReader, Layer, ReaderOutput


class PackedReader:
    """The same network as `reader`, for one question beside some passages. Safe to use from many threads.

    Products take and give bfloat16 where that is native; sums over layers, norms and heads stay float32. Its scores are
    then as far from exact arithmetic as those of oneDNN's own bfloat16 products, which round the same factors; but
    they depend on the number of threads, so that it must always be the same: `most_threads`.
    """

    def __init__(self, reader: JointReader, dtype: torch.dtype | None = None) -> None:
        self._reader = reader
        self.dtype = dtype or (torch.bfloat16 if _has_bfloat16() else torch.float32)
        self.most_threads = 1 if self.dtype is torch.bfloat16 else None
        self._layers = [_PackedLayer(layer, self.dtype) for layer in reader.layers if isinstance(layer, Layer)]

    def read(self, question: Tensor, passages: Sequence[Tensor]) -> list[ReaderOutput]:
        """An output of one row for each passage, its tokens counted from the passage's first.

        `question` and `passages` are states at the split, (tokens, 384).
        """
        asked = len(question)
        with torch.inference_mode():
            ours, theirs = self._reader.side
            before = question.float() + ours
            hidden = torch.cat([piece for passage in passages for piece in (before, passage.float() + theirs)])
            ends = [0, *accumulate(asked + len(passage) for passage in passages)]
            for layer in self._layers:
                hidden = layer(hidden, ends)
            tokens = self._reader.token_head(hidden)
            pairs = self._reader.pair_head(hidden[ends[:-1]])
        return [
            ReaderOutput(*tokens[start + asked : end].T[:, None], *pair[:, None])
            for pair, (start, end) in zip(pairs, pairwise(ends), strict=True)
        ]


class _PackedLayer:
    def __init__(self, layer: Layer, dtype: torch.dtype) -> None:
        self._dtype = dtype
        products = {"qkv": layer.qkv, "out": layer.out, "up": layer.up, "down": layer.down}
        self._of = {
            name: (part.weight.detach().to(dtype), part.bias.detach().to(dtype)) for name, part in products.items()
        }
        self._norms = [(norm.weight.detach(), norm.bias.detach()) for norm in (layer.norm, layer.last_norm)]

    def __call__(self, hidden: Tensor, ends: Sequence[int]) -> Tensor:
        attended = linear(self._attend(hidden, ends), *self._of["out"])
        hidden = layer_norm(hidden + attended, (HIDDEN,), *self._norms[0], EPS)
        fed = linear(gelu(linear(hidden.to(self._dtype), *self._of["up"])), *self._of["down"])
        return layer_norm(hidden + fed, (HIDDEN,), *self._norms[1], EPS)

    def _attend(self, hidden: Tensor, ends: Sequence[int]) -> Tensor:
        """Each token attends to those between the same two of `ends`."""
        heads = linear(hidden.to(self._dtype), *self._of["qkv"]).view(len(hidden), 3, HEADS, -1).permute(1, 2, 0, 3)
        mixed = [
            scaled_dot_product_attention(*heads[:, None, :, start:end])[0].transpose(0, 1)
            for start, end in pairwise(ends)
        ]
        return torch.cat(mixed).reshape(hidden.shape)


def _has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 by itself: elsewhere it is no faster than float32."""
    return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())
