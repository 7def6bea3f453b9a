"""The network that reads a question beside a passage: the encoder's upper layers, run over both at once.

Below, a question and a passage are seen apart. A passage goes through the encoder's own lower layers, as it does for
retrieval, so that its states at the split can be computed once and kept (the split is that of DeFormer, Cao et al.
2020, and PreTTR, MacAvaney et al. 2020); a question goes through others, trained with this network
(`index/query_layers.py`). Knows tensors only: no text, no article.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from index.token_states import SPLIT_LAYER

HIDDEN, HEADS, FFN, EPS = 384, 12, 1536, 1e-12
UPPER_LAYERS = 12 - SPLIT_LAYER
DROPOUT = 0.1  # while training only
PADDED = -1e4  # added to attention scores: finite in float16, and exp(-1e4) is 0


class ReaderOutput(NamedTuple):
    """Logits. `start`, `end`, `evidence`: (batch, tokens), over the passage's tokens only (-inf elsewhere, and at
    padding); `null`: (batch,), the score of "no span answers", comparable with start + end; `relevance`: (batch,)."""

    start: Tensor
    end: Tensor
    evidence: Tensor
    null: Tensor
    relevance: Tensor


class JointReader(nn.Module):
    """Six transformer layers over `[question states; passage states]`, and four small heads."""

    def __init__(self) -> None:
        super().__init__()
        self.token_mean: Tensor
        self.register_buffer("token_mean", torch.zeros(HIDDEN))  # of the encoder's last states, for late interaction
        self.side = nn.Parameter(torch.zeros(2, HIDDEN))  # tells the question's tokens from the passage's
        self.layers = nn.ModuleList(Layer() for _ in range(UPPER_LAYERS))
        self.token_head = nn.Linear(HIDDEN, 3)  # start, end, evidence
        self.pair_head = nn.Linear(HIDDEN, 2)  # null, relevance; read at the question's first token

    def forward(self, states: Tensor, is_passage: Tensor, mask: Tensor) -> ReaderOutput:
        """`states`: (batch, tokens, 384); `is_passage`, `mask`: bool (batch, tokens); `mask` is false at padding."""
        hidden = states + self.side[is_passage.long()]
        for layer in self.layers:
            hidden = layer(hidden, mask)
        tokens = self.token_head(hidden).masked_fill(~(is_passage & mask)[..., None], float("-inf"))
        start, end, evidence = tokens.unbind(-1)
        null, relevance = self.pair_head(hidden[:, 0]).unbind(-1)
        return ReaderOutput(start, end, evidence, null, relevance)


class Layer(nn.Module):
    """One post-norm transformer layer, with BERT's shapes."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.out = nn.Linear(HIDDEN, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=EPS)
        self.up = nn.Linear(HIDDEN, FFN)
        self.down = nn.Linear(FFN, HIDDEN)
        self.last_norm = nn.LayerNorm(HIDDEN, eps=EPS)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """`mask`: bool (batch, tokens), the tokens that are attended to."""
        hidden = self.norm(hidden + self.dropout(self.out(self._attend(hidden, mask))))
        normed: Tensor = self.last_norm(hidden + self.dropout(self.down(gelu(self.up(hidden)))))
        return normed

    def _attend(self, hidden: Tensor, mask: Tensor) -> Tensor:
        batch, tokens, _ = hidden.shape
        heads = self.qkv(hidden).view(batch, tokens, 3, HEADS, HIDDEN // HEADS).permute(2, 0, 3, 1, 4)
        attend = _attend_on_gpu if hidden.is_cuda else _attend_plainly
        query, key, value = heads.unbind()
        mixed = attend(query, key, value, mask)
        return mixed.transpose(1, 2).reshape(batch, tokens, HIDDEN)


def _attend_on_gpu(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    return scaled_dot_product_attention(query, key, value, mask[:, None, None])


def _attend_plainly(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    """In plain products: on a CPU as fast as torch's own when answering, and 1.4 times in training."""
    shape = query.shape
    query, key, value = (each.flatten(0, 1) for each in (query, key, value))
    bias = torch.zeros_like(mask, dtype=query.dtype).masked_fill(~mask, PADDED)[:, None].repeat_interleave(HEADS, 0)
    weights = torch.baddbmm(bias, query, key.transpose(1, 2), alpha=query.shape[-1] ** -0.5).softmax(-1)
    mixed: Tensor = (weights.to(value.dtype) @ value).view(shape)
    return mixed
