"""Runs the joint reader over passages that lie end to end, without padding, in bfloat16 where the processor has it.

Owns the arithmetic of answering only: `JointReader` holds the weights, and is what is trained. Knows tensors only.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise

import torch
from torch import Tensor

from index.packed_layers import NORMS, PRODUCTS, PackedLayer, Weights
from index.products import product_type
from service.joint_reader import EPS, HEADS, JointReader, Layer, ReaderOutput


class PackedReader:
    """The same network as `reader`, for one question beside some passages. Safe to use from many threads.

    Products take and give bfloat16 where that is native; sums over layers, norms and heads stay float32. Its scores are
    then as far from exact arithmetic as those of oneDNN's own bfloat16 products, which round the same factors; but
    they depend on the number of threads, so that it must always be the same: `most_threads`.
    """

    def __init__(self, reader: JointReader, dtype: torch.dtype | None = None) -> None:
        self._reader = reader
        self.dtype = dtype or product_type()
        self.most_threads = 1 if self.dtype is torch.bfloat16 else None
        self._layers = [
            PackedLayer(_weights(layer), heads=HEADS, eps=EPS, dtype=self.dtype)
            for layer in reader.layers
            if isinstance(layer, Layer)
        ]

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


def _weights(layer: Layer) -> Weights:
    parts = {name: getattr(layer, name) for name in (*PRODUCTS, *NORMS)}
    return {name: (part.weight, part.bias) for name, part in parts.items()}
