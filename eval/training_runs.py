"""What every training shares: how its rate warms up and falls, how it says how it goes, how weights are written.

Knows nothing of what is trained. Needs torch and safetensors only.
"""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from torch import Tensor
from torch.optim import Optimizer

WARM_UP = 0.03  # of the training
LEAST_RATE = 0.02  # of the highest

Say = Callable[[Mapping[str, object]], None]
_log = logging.getLogger(__name__)


def set_rates(optimiser: Optimizer, fraction: float, at_first: float = 0.0) -> None:
    """The rate of each group, whose highest is its `most`, where so much of the training is done."""
    for group in optimiser.param_groups:
        group["lr"] = group["most"] * min(1.0, fraction / WARM_UP + at_first) * max(LEAST_RATE, 1 - fraction)


def aloud() -> Say:
    """What is said is printed, a line of JSON at a time."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    return lambda line: _log.info(json.dumps(line))


def write(weights: Mapping[str, Tensor], path: Path) -> None:
    """Writes the weights as float16."""
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.cpu().half().contiguous() for name, tensor in weights.items()}, path)


def read(path: Path) -> dict[str, Tensor]:
    """What was written, as float32."""
    from safetensors.torch import load_file

    return {name: tensor.float() for name, tensor in load_file(path).items()}
