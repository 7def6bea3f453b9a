"""The encoder's layers as they are for questions: trained, while passages go through those that the package ships.

To find passages by, a question goes through other last layers; to be read beside one, through other first layers. What
training changed is kept, not what came of it: of each product's weight as two narrow factors (Hu et al. 2022; here
found afterwards, by singular values), of biases and norms whole. An index holds for any such changes. Knows tensors
only; `eval/training_queries.py` and `eval/training.py` make them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import EncoderError
from index.packed_layers import Weights

if TYPE_CHECKING:
    from torch import Tensor

WEIGHTS = Path(__file__).with_name("query_layers.safetensors")
READING_WEIGHTS = Path(__file__).with_name("reading_layers.safetensors")


def query_layers(own: Sequence[Weights], path: Path = WEIGHTS) -> list[Weights]:
    """The last of the `own` layers, as many as the file changes, in their order and changed.

    Raises `EncoderError` if the file is missing or wrong.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        changes = whole({name: tensor.float() for name, tensor in load_file(path).items()})
        count = len({name.split(".")[0] for name in changes})
        return [_changed(weights, changes, f"{number}.") for number, weights in enumerate(own[-count:])]
    except (OSError, KeyError, RuntimeError, SafetensorError) as exc:
        raise EncoderError(f"the query layers {path} cannot be loaded: {exc!r}; restore the file from git") from exc


def whole(kept: Mapping[str, "Tensor"]) -> dict[str, "Tensor"]:
    """By the name of each parameter its change: of two factors their product, of any other what is kept of it."""
    factors = {name.removesuffix(".left") for name in kept if name.endswith(".left")}
    plain = {name: change for name, change in kept.items() if not name.endswith((".left", ".right"))}
    return plain | {f"{part}.weight": kept[f"{part}.left"] @ kept[f"{part}.right"] for part in factors}


def _changed(weights: Weights, changes: Mapping[str, "Tensor"], layer: str) -> Weights:
    return {
        part: (weight.detach() + changes[f"{layer}{part}.weight"], bias.detach() + changes[f"{layer}{part}.bias"])
        for part, (weight, bias) in weights.items()
    }
