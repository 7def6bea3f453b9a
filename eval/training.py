"""Trains the joint reader on a prepared file: `python -m eval.training FILE --out WEIGHTS --out-layers LAYERS`.

Spans, no answer, relevance and evidence together, on top of what the encoder's frozen lower layers make of passages and
what trained ones make of the question. Needs torch, NumPy and safetensors only, so that a rented machine can do it. On
a GPU where there is one; in bfloat16 where the processor multiplies it. Seeded. What comes out is a running mean of the
weights.
"""

import argparse
import copy
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from eval.training_batches import Batch, Sampler
from eval.training_figures import Figures
from eval.training_file import Prepared, load
from eval.training_inputs import Inputs, Layout
from eval.training_losses import loss
from eval.training_reader import AskedReader, from_encoder, from_files, write_reader
from eval.training_runs import Say, aloud, set_rates
from eval.training_states import States, quick_products
from service.joint_reader import UPPER_LAYERS, ReaderOutput

HEADS_RATE = 2  # times the body's
MEAN_OVER = 1000  # steps, of the weights
ROWS_AT_ONCE = 16  # on a CPU
TOLD_EVERY = 20  # steps
ON_A_CPU = 4  # questions in a step
SAVED = (0.25, 0.5, 0.75)  # of the steps: where the weights so far are written


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train. By the clock where `minutes` are given: the rate then falls with the time, so that it always comes
    down to its least."""

    steps: int = 6000
    minutes: float | None = None
    rate: float = 1.5e-4
    questions: int = 64
    negatives: int = 3
    made_share: float = 0.5
    stated_share: float = 0.2
    contrast_share: float = 0.3
    judged_share: float = 0.1
    dropout: float = 0.1
    frozen: int = 0
    seed: int = 13
    measured: int = 0


class Trainer:
    """Holds what a step needs: the states of the texts, the reader, and the running mean of its weights."""

    def __init__(self, prepared: Prepared, plan: Plan, start: AskedReader | None = None, device: str = "") -> None:
        """Goes on from `start`; else from the encoder's own upper layers."""
        torch.manual_seed(plan.seed)
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        torch.backends.cuda.enable_cudnn_sdp(False)  # it plans anew for each length
        self._plan, self._prepared = plan, prepared
        self._states = States(prepared, self._device)
        self._layout = Layout(prepared, self._device)
        self._sampler = Sampler(
            prepared,
            questions=plan.questions,
            negatives=plan.negatives,
            made_share=plan.made_share,
            stated_share=plan.stated_share,
            contrast_share=plan.contrast_share,
            judged_share=plan.judged_share,
            seed=plan.seed,
        )
        self._figures = Figures(prepared, self._states, self._layout, plan.measured)
        self._reader = (start or from_encoder(prepared)).to(self._device)
        for layer in self._reader.reader.layers[: plan.frozen]:
            layer.requires_grad_(False)
        self._reader.reader.side.requires_grad_(not plan.frozen)
        for module in self._reader.modules():
            if isinstance(module, nn.Dropout):
                module.p = plan.dropout
        self.mean = copy.deepcopy(self._reader).eval().requires_grad_(False)

    def train(self, say: Say = lambda _line: None, save_as: tuple[Path, Path] | None = None) -> AskedReader:
        """The mean of the weights. `say` is told of losses and figures; weights so far are written to `save_as`: the
        reader's, and what changed of the question's layers."""
        say({"step": 0, **self._figures(self.mean)})
        optimiser = self._optimiser()
        began, done, step = time.monotonic(), 0.0, 0
        self._reader.train()
        for step, batch in enumerate(self._sampler, 1):
            fraction = self._fraction(step, time.monotonic() - began)
            set_rates(optimiser, fraction, at_first=1e-3)
            cost = self._step(batch, optimiser, step)
            if step % TOLD_EVERY == 0 or step == 1:
                say({"step": step, "loss": round(float(cost), 3), "seconds": round(time.monotonic() - began, 1)})
            if save_as and any(done < at <= fraction for at in SAVED):
                write_reader(self.mean, self._prepared, *save_as)
            if done < 0.5 <= fraction < 1:
                say({"step": step, **self._figures(self.mean)})
            done = fraction
            if fraction >= 1:
                break
        if save_as:
            write_reader(self.mean, self._prepared, *save_as)
        say({"step": step, "seconds": round(time.monotonic() - began, 1), **self._figures(self.mean)})
        return self.mean.cpu()

    def _step(self, batch: Batch, optimiser: torch.optim.Optimizer, step: int) -> Tensor:
        cost = self.loss(batch)
        optimiser.zero_grad()
        cost.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(self._reader.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            ours, theirs = ([each.data for each in reader.parameters()] for reader in (self.mean, self._reader))
            torch._foreach_lerp_(ours, theirs, 1 / min(MEAN_OVER, step / 5 + 1))
        return cost.detach()

    def loss(self, batch: Batch) -> Tensor:
        self._states.make(batch.texts[:, 1])
        inputs, targets = self._layout.inputs(batch), self._layout.targets(batch)
        with quick_products(self._device):
            output = self._read(inputs)
        return loss(ReaderOutput(*(scores.float() for scores in output)), inputs, targets)

    def _read(self, inputs: Inputs) -> ReaderOutput:
        """All rows at once on a GPU; elsewhere rows of like length together, without most of the padding."""
        if self._device == "cuda":
            return ReaderOutput(*self._reader(self._states, inputs))
        lengths = inputs.mask.sum(1)
        order = lengths.argsort()
        outputs = []
        for rows in torch.split(order, ROWS_AT_ONCE):
            most = int(lengths[rows].max())
            scores = self._reader(self._states, Inputs(*(each[rows, :most] for each in inputs)))
            left = inputs.mask.shape[1] - most
            outputs.append([pad(each, (0, left), value=-torch.inf) if each.dim() == 2 else each for each in scores])
        back = order.argsort()
        return ReaderOutput(*(torch.cat(parts)[back] for parts in zip(*outputs, strict=True)))

    def _fraction(self, step: int, seconds: float) -> float:
        return seconds / 60 / self._plan.minutes if self._plan.minutes else step / self._plan.steps

    def _optimiser(self) -> torch.optim.Optimizer:
        named = [(name, tensor) for name, tensor in self._reader.named_parameters() if tensor.requires_grad]
        heads = [tensor for name, tensor in named if _is_of_heads(name)]
        body = [tensor for name, tensor in named if not _is_of_heads(name)]
        rate = self._plan.rate
        return torch.optim.AdamW(
            [
                {"params": body, "most": rate, "weight_decay": 0.01},
                {"params": heads, "most": rate * HEADS_RATE, "weight_decay": 0},
            ],
            lr=rate,
            betas=(0.9, 0.98),
            fused=True,
        )


def _is_of_heads(name: str) -> bool:
    return "head" in name or name.endswith("side")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Those that `start` takes, `out` and `out_layers` aside."""
    least = Plan()
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=int, default=least.steps)
    length.add_argument("--minutes", type=float, help="train for so long, however many steps that are")
    parser.add_argument("--rate", type=float, default=least.rate, help="the highest, of the layers; twice for heads")
    questions = least.questions if torch.cuda.is_available() else ON_A_CPU
    parser.add_argument("--questions", type=int, default=questions, help="in a step; some 4 passages to each")
    parser.add_argument("--negatives", type=int, default=least.negatives, help="passages beside the right one")
    parser.add_argument("--made-share", type=float, default=least.made_share, help="of questions that a model made")
    parser.add_argument("--stated-share", type=float, default=least.stated_share, help="of claims, among the questions")
    parser.add_argument(
        "--contrast-share",
        type=float,
        default=least.contrast_share,
        help="of contrasts, some of a passage at a time, among what are no claims",
    )
    parser.add_argument(
        "--judged-share",
        type=float,
        default=least.judged_share,
        help="of questions beside lists that were judged, among the rest",
    )
    parser.add_argument("--dropout", type=float, default=least.dropout, help="0 where few questions come twice")
    parser.add_argument(
        "--frozen",
        type=int,
        choices=range(UPPER_LAYERS + 1),
        default=least.frozen,
        help="layers, the first, that are left as they are",
    )
    parser.add_argument("--seed", type=int, default=least.seed)
    parser.add_argument("--measured", type=int, default=0, help="dev questions and lists of each set; 0: all")
    parser.add_argument("--start", type=Path, help="weights to go on from; if none, the encoder's own upper layers")
    parser.add_argument("--start-layers", type=Path, help="of the question, beside them; if none, the encoder's own")


def start(file: Path, options: argparse.Namespace) -> None:
    """Trains and writes the weights to `options.out` and `options.out_layers`; says how it goes, a line of JSON at a
    time."""
    say, began = aloud(), time.monotonic()
    prepared = load(file)
    plan = Plan(**{name: getattr(options, name) for name in Plan.__slots__})
    reader = from_files(prepared, options.start, options.start_layers) if options.start else None
    trainer = Trainer(prepared, plan, reader)
    say({"prepared": str(file), "questions": len(prepared.trained.kinds), "ready": round(time.monotonic() - began, 1)})
    trainer.train(say, (options.out, options.out_layers))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m eval.training", description="Train the joint reader.")
    parser.add_argument("file", type=Path, help="what `python -m eval train --prepare FILE` wrote")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--out-layers", type=Path, required=True, help="what changed of the question's layers")
    add_options(parser)
    options = parser.parse_args(arguments)
    start(options.file, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
