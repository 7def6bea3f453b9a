"""What the encoder's lower layers make of the texts of a prepared file: the states that training starts from.

They are frozen, so that a text's states are computed once: all of them beforehand on a GPU, each when it is first asked
for elsewhere. Kept in float16. Knows torch and the file, nothing of training.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import layer_norm

from eval.training_file import Array, Prepared
from index.packaged_encoder import dequantised
from index.token_states import SPLIT_LAYER
from service.joint_reader import EPS, HIDDEN, Layer

TOKENS_AT_ONCE = {"cpu": 4096, "cuda": 2**17}  # padding included


class States:
    """The states of every token of every text, end to end, after so many layers."""

    def __init__(self, prepared: Prepared, device: str, layers: int = SPLIT_LAYER) -> None:
        self.device = device
        self._tokens = torch.from_numpy(prepared.tokens.values.astype(np.int64)).to(device)
        self._starts, self._lengths = prepared.tokens.starts, prepared.lengths
        self._done = np.zeros(len(self._lengths), np.bool_)
        self._states = torch.empty(len(self._tokens), HIDDEN, dtype=torch.float16, device=device)
        self._states[0] = 0  # what stands at padding, where not even a weight of nothing makes a number of a NaN
        self._lower = [layer_of(prepared.weights, number).eval().to(device) for number in range(layers)]
        self._embeddings = {
            name: tensor.to(device) for name, tensor in _tensors(prepared.weights).items() if name.startswith("emb.")
        }
        if device == "cuda":
            self.make(np.arange(len(self._lengths)))

    def at(self, places: Tensor) -> Tensor:
        """The states, float32, of tokens by their places among those of all texts."""
        return self._states[places].float()

    def embedded(self, places: Tensor) -> Tensor:
        """(texts, tokens, 384), float32: what the first layer is given, of tokens by their places among those of all
        texts; each row begins with a text's first one."""
        with torch.no_grad():
            hidden = self._embeddings["emb.word"][self._tokens[places]] + self._embeddings["emb.type"][0]
            hidden = hidden + self._embeddings["emb.pos"][: places.shape[1]]
            weight, bias = (self._embeddings[f"emb.ln.{kind}"][0] for kind in "wb")
            return layer_norm(hidden, (HIDDEN,), weight, bias, EPS)

    def make(self, texts: Array) -> None:
        """Sees to it that these texts' states are there."""
        missing = np.unique(texts[~self._done[texts]])
        for some in self._groups(missing):
            lengths = self._lengths[some]
            within = np.arange(lengths.max())
            mask = torch.from_numpy(within < lengths[:, None]).to(self.device)
            places = torch.from_numpy(self._starts[some][:, None] + within).to(self.device) * mask
            states = self._run(places, mask)
            self._states[places[mask]] = states[mask].half()
        self._done[missing] = True

    def _groups(self, texts: Array) -> Iterator[Array]:
        """Texts of like length."""
        order = texts[np.argsort(-self._lengths[texts], kind="stable")]
        while len(order):
            count = max(1, TOKENS_AT_ONCE[self.device] // int(self._lengths[order[0]]))
            yield order[:count]
            order = order[count:]

    def _run(self, places: Tensor, mask: Tensor) -> Tensor:
        with torch.inference_mode(), quick_products(self.device):
            hidden = self.embedded(places)
            for layer in self._lower:
                hidden = layer(hidden, mask)
        return hidden


def quick_products(device: str) -> AbstractContextManager[None]:
    """bfloat16 products where the processor has them: what is trained on need not be exact."""
    native = device == "cuda" or torch.cpu._is_avx512_bf16_supported()  # it has no public name
    return torch.autocast(device, torch.bfloat16, enabled=native)


def layer_of(weights: Mapping[str, Array], number: int) -> Layer:
    """One of the encoder's twelve layers."""
    tensors = _tensors({n: a for n, a in weights.items() if n.startswith(f"l{number}.")})
    asked = {f"l{number}.qkv.{kind}": [tensors[f"l{number}.{part}.{kind}"] for part in "qkv"] for kind in "wb"}
    tensors |= {name: torch.cat(parts) for name, parts in asked.items()}
    parts = {"qkv": "qkv", "out": "ao", "norm": "aln", "up": "fi", "down": "fo", "last_norm": "oln"}
    kinds = {"weight": "w", "bias": "b"}
    layer = Layer()
    layer.load_state_dict(
        {
            f"{ours}.{kind}": tensors[f"l{number}.{theirs}.{short}"].view_as(getattr(getattr(layer, ours), kind))
            for ours, theirs in parts.items()
            for kind, short in kinds.items()
        }
    )
    return layer


def _tensors(weights: Mapping[str, Array]) -> dict[str, Tensor]:
    """Rows of 384 where they are multiples of it: what is of another width is cut to its shape where it is used."""
    return {name: torch.from_numpy(dequantised(stored)).view(-1, HIDDEN) for name, stored in weights.items()}
