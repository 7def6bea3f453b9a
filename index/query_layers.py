"""The encoder's last layers as they are for questions: trained, while passages go through those that the package ships.

An index holds for any such weights. Knows tensors only; `eval/training_queries.py` makes the weights.
"""

from pathlib import Path

from index.errors import EncoderError
from index.packed_layers import NORMS, PRODUCTS, Weights

WEIGHTS = Path(__file__).with_name("query_layers.safetensors")


def query_layers(path: Path = WEIGHTS) -> list[Weights]:
    """The weights of each layer, the encoder's last one last. Raises `EncoderError` if the file is missing or wrong."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = {name: tensor.float() for name, tensor in load_file(path).items()}
        count = len({name.split(".")[0] for name in tensors})
        return [
            {part: (tensors[f"{number}.{part}.weight"], tensors[f"{number}.{part}.bias"]) for part in PRODUCTS + NORMS}
            for number in range(count)
        ]
    except (OSError, KeyError, SafetensorError) as exc:
        raise EncoderError(f"the query layers {path} cannot be loaded: {exc!r}; restore the file from git") from exc
