"""The reader as it is trained: with lower layers of its own for the question, before both are read together.

They begin as the encoder's own. A passage goes through those as they are, so that an index keeps what it has; a
question's pass is of some twenty tokens. What training changed of them is written as `index/query_layers.py` reads it.
Needs torch and safetensors only.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from eval.training_file import Array, Prepared
from eval.training_inputs import Inputs
from eval.training_runs import read, write
from eval.training_states import States, layer_of
from index.query_layers import whole
from index.token_states import SPLIT_LAYER
from service.joint_reader import UPPER_LAYERS, JointReader, ReaderOutput

RANK = 64  # of what is kept of each product's change: 4.7 MB


class AskedReader(nn.Module):
    """`reader` beside `lower`, the layers of the question alone."""

    def __init__(self, reader: JointReader, lower: nn.ModuleList) -> None:
        super().__init__()
        self.reader, self.lower = reader, lower

    def forward(self, states: States, inputs: Inputs) -> ReaderOutput:
        """The states are of the passages' tokens, which must have been made; the question's are made here."""
        is_question = inputs.mask & ~inputs.is_passage
        most = int(is_question.sum(1).max())
        asked = is_question[:, :most]
        hidden = states.embedded(inputs.places[:, :most])
        for layer in self.lower:
            hidden = layer(hidden, asked)
        given = states.at(inputs.places)
        hidden = pad(hidden, (0, 0, 0, given.shape[1] - most))
        output = self.reader(torch.where(is_question[..., None], hidden, given), inputs.is_passage, inputs.mask)
        return ReaderOutput(*output)


def from_encoder(prepared: Prepared) -> AskedReader:
    """All its layers are the encoder's."""
    reader = JointReader()
    reader.layers = nn.ModuleList(layer_of(prepared.weights, SPLIT_LAYER + n) for n in range(UPPER_LAYERS))
    reader.token_mean.copy_(torch.from_numpy(prepared.token_mean))
    nn.init.normal_(reader.side, std=0.02)
    return AskedReader(reader, _own(prepared.weights))


def from_files(prepared: Prepared, weights: Path, changes: Path | None) -> AskedReader:
    """The reader whose weights were written; the question's layers are the encoder's, changed as `changes` says."""
    reader, lower = JointReader(), _own(prepared.weights)
    reader.load_state_dict(read(weights))
    with torch.no_grad():
        for name, change in whole(read(changes) if changes else {}).items():
            lower.get_parameter(name).add_(change)
    return AskedReader(reader, lower)


def write_reader(trained: AskedReader, prepared: Prepared, weights: Path, changes: Path, rank: int = RANK) -> None:
    """Writes the reader's weights, and of the question's layers what changed."""
    before = _own(prepared.weights).state_dict()
    changed = {name: ours.cpu() - before[name] for name, ours in trained.lower.state_dict().items()}
    write(trained.reader.state_dict(), weights)
    write(narrowed(changed, rank), changes)


def narrowed(changes: Mapping[str, Tensor], rank: int) -> dict[str, Tensor]:
    """Each matrix as the factors, (rows, rank) and (rank, columns), of the nearest one of that rank; vectors as they
    are."""
    kept: dict[str, Tensor] = {}
    for name, change in changes.items():
        if change.dim() == 2:
            left, values, right = torch.linalg.svd(change, full_matrices=False)
            root = values[:rank].sqrt()
            part = name.removesuffix(".weight")
            kept |= {f"{part}.left": left[:, :rank] * root, f"{part}.right": root[:, None] * right[:rank]}
        else:
            kept[name] = change
    return kept


def _own(weights: Mapping[str, Array]) -> nn.ModuleList:
    """The encoder's lower layers."""
    return nn.ModuleList(layer_of(weights, number) for number in range(SPLIT_LAYER))
