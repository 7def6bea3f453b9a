"""Trains the encoder's last layers for questions alone, on a prepared file: `python -m eval.training_queries FILE`.

Passages stay as the encoder makes them, so that no index is built again: a question learns to lie near the passage that
answers it, by its mean and by its tokens, against those that retrieval would bring and those of the other questions of
a step. Needs torch, NumPy and safetensors only. Seeded. What is written lies between the encoder's own layers and the
trained ones (Wortsman et al. 2022), which finds more than either, and is narrowed to what weighs most of the change.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize
from torch.nn.utils.rnn import pad_sequence

from eval.training_batches import Batch, Sampler
from eval.training_file import PEOPLES_SETS, Array, Prepared, load
from eval.training_reader import narrowed
from eval.training_runs import Say, aloud, set_rates, write
from eval.training_states import States, layer_of
from index.query_layers import WEIGHTS, whole

LAYERS = 12  # of the encoder
PREFIX_TOKENS = 4  # of a question: the first special token, and those of "query:"
COLD = {"both": 0.03, "mean": 0.02}  # temperatures of the softmax, as the scores are all near each other
MEAN_COUNTS = 0.3  # of the loss by the mean alone, beside that by both
MAXSIM_COUNTS = 0.7  # beside the cosine of the means, at first
FOUND = 30  # articles that are put in order by tokens, when measuring
TOLD_EVERY = 50  # steps


@dataclass(frozen=True, slots=True)
class Plan:
    """`layers`: how many of the last are trained; `kept`: the share of the change that is kept in the end, `rank`: at
    most so many of its singular values, of each product's weight."""

    steps: int = 500
    rate: float = 5e-5
    questions: int = 24
    negatives: int = 5
    made_share: float = 0.7
    judged_share: float = 0.6
    layers: int = 4
    kept: float = 0.6
    rank: int = 32
    seed: int = 13


class Contest:
    """The questions of a batch that an article answers, all its articles, and the right one's place for each; all are
    numbers, (n,). Articles whose answer was taken out are no part of it: what is left is on the subject."""

    def __init__(self, batch: Batch, mutilated: Array) -> None:
        self.questions, right = batch.texts[batch.right_rows].T
        articles = np.unique(batch.texts[:, 1])
        self.articles = articles[~np.isin(articles, mutilated)]
        self.right = torch.from_numpy(np.searchsorted(self.articles, right))


class QueryTrainer:
    """Holds what a step needs: the last states of articles; of questions, those before the layers that are trained."""

    def __init__(self, prepared: Prepared, plan: Plan) -> None:
        torch.manual_seed(plan.seed)
        self._prepared, self._plan = prepared, plan
        self._own = prepared.sentence_numbers >= 0
        self._mean = torch.from_numpy(prepared.token_mean)
        self._articles = States(prepared, "cpu", layers=LAYERS)
        self._questions = States(prepared, "cpu", layers=LAYERS - plan.layers)
        trained = range(LAYERS - plan.layers, LAYERS)
        self.layers = nn.ModuleList(layer_of(prepared.weights, number).eval() for number in trained)
        self._before = {name: each.clone() for name, each in self.layers.state_dict().items()}
        self._maxsim_counts = nn.Parameter(torch.tensor(MAXSIM_COUNTS))
        self._mutilated = np.unique(prepared.trained.without)
        self._sampler = Sampler(
            prepared,
            questions=plan.questions,
            negatives=plan.negatives,
            made_share=plan.made_share,
            judged_share=plan.judged_share,
            seed=plan.seed,
        )

    def train(self, say: Say = lambda _line: None) -> dict[str, Tensor]:
        """What is kept of the layers' change, as `index/query_layers.py` reads it; the layers are changed by it alone.
        `say` is told of losses and, before and after, of what is found."""
        plan, began = self._plan, time.monotonic()
        say({"step": 0, **self.figures()})
        optimiser = torch.optim.AdamW(
            [
                {"params": self.layers.parameters(), "most": plan.rate},
                {"params": [self._maxsim_counts], "most": 1e-3},
            ],
            lr=plan.rate, betas=(0.9, 0.98), weight_decay=0,
        )  # fmt: skip
        for step, batch in zip(range(1, plan.steps + 1), self._sampler, strict=False):
            set_rates(optimiser, step / plan.steps)
            cost = self.loss(Contest(batch, self._mutilated))
            optimiser.zero_grad()
            cost.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            torch.nn.utils.clip_grad_norm_(self.layers.parameters(), 1.0)
            optimiser.step()
            if step % TOLD_EVERY == 0 or step == 1:
                say({"step": step, "loss": round(float(cost.detach()), 3), "seconds": round(time.monotonic() - began)})
        say({"trained": 1.0, **self.figures()})
        changes = self._keep()
        say({"kept": plan.kept, "rank": plan.rank, **self.figures()})
        return changes

    def loss(self, contest: Contest) -> Tensor:
        """Cross-entropy of the right article among those of the batch: by the mean and the tokens together, and by the
        mean alone, which retrieval begins with."""
        vectors, tokens = self._asked(contest.questions)
        theirs, their_tokens = self._read(contest.articles)
        by_mean = vectors @ theirs.T
        together = by_mean + self._maxsim_counts * _maxsims(tokens, their_tokens)
        both = cross_entropy(together / COLD["both"], contest.right)
        return both + MEAN_COUNTS * cross_entropy(by_mean / COLD["mean"], contest.right)

    def figures(self) -> dict[str, float]:
        """Of the dev questions, among all articles of dev parts: the share of right ones first, by the mean alone and
        by the tokens of the best `FOUND` too."""
        asked = self._prepared.measured
        questions = np.flatnonzero(asked.kinds < len(PEOPLES_SETS))  # neither contrasts nor claims
        articles = np.union1d(asked.articles[questions], self._prepared.measured_lists.articles.values)
        figures: dict[str, float] = {}
        with torch.inference_mode():
            vectors, tokens = self._asked(asked.wordings.values[asked.wordings.starts[questions]])
            theirs, their_tokens = self._read(articles)
            best = (vectors @ theirs.T).topk(min(FOUND, len(articles)), dim=1)
            by_tokens = [
                _maxsims([its], [their_tokens[place] for place in places])[0]
                for its, places in zip(tokens, best.indices, strict=True)
            ]
            first = (best.values + self._maxsim_counts * torch.stack(by_tokens)).argmax(1, keepdim=True)
            found = {"mean": best.indices[:, 0], "both": best.indices.gather(1, first)[:, 0]}
        for kind, name in enumerate(PEOPLES_SETS):
            its = asked.kinds[questions] == kind
            for how, places in found.items():
                right = articles[places.numpy()] == asked.articles[questions]
                figures[f"{name} first by {how}"] = round(float(right[its].mean()), 3) if its.any() else float("nan")
        return figures

    def _asked(self, questions: Array) -> tuple[Tensor, list[Tensor]]:
        """Of each question its vector, (n, 384), and its own tokens, each (tokens, 384); all L2-normalised."""
        states = self._states(self._questions, questions)
        lengths = torch.tensor([len(each) for each in states])
        hidden = pad_sequence(states, batch_first=True)
        mask = torch.arange(hidden.shape[1]) < lengths[:, None]
        for layer in self.layers:
            hidden = layer(hidden, mask)
        means = (hidden * mask[..., None]).sum(1) / lengths[:, None]
        own = [its[PREFIX_TOKENS : int(length) - 1] for its, length in zip(hidden, lengths, strict=True)]
        return normalize(means, dim=-1), [normalize(its - self._mean, dim=-1) for its in own]

    def _read(self, articles: Array) -> tuple[Tensor, list[Tensor]]:
        """The same of articles."""
        states = self._states(self._articles, articles)
        own = [its[self._own_tokens(number)] for number, its in zip(articles, states, strict=True)]
        means = torch.stack([its.mean(0) for its in states])
        return normalize(means, dim=-1), [normalize(its - self._mean, dim=-1) for its in own]

    def _own_tokens(self, article: int) -> Tensor:
        """Places of its own text's tokens in the article; the first where it has none."""
        starts = self._prepared.tokens.starts
        places = np.flatnonzero(self._own[starts[article] : starts[article + 1]])
        return torch.from_numpy(places if len(places) else np.zeros(1, np.int64))

    def _states(self, states: States, texts: Array) -> list[Tensor]:
        """Of each text, (tokens, 384)."""
        starts = self._prepared.tokens.starts
        states.make(texts)
        return [states.at(torch.arange(int(starts[text]), int(starts[text + 1]))) for text in texts]

    def _keep(self) -> dict[str, Tensor]:
        ours = self.layers.state_dict()
        changes = {name: self._plan.kept * (ours[name] - before) for name, before in self._before.items()}
        kept = narrowed(changes, self._plan.rank)
        with torch.no_grad():
            for name, change in whole(kept).items():
                ours[name].copy_(self._before[name] + change)
        return kept


def _maxsims(tokens: Sequence[Tensor], theirs: Sequence[Tensor]) -> Tensor:
    """(questions, articles), of the tokens of each: as the service has it."""
    cosines = torch.cat([*tokens]) @ torch.cat([*theirs]).T
    most = torch.stack([part.amax(1) for part in torch.split(cosines, [len(its) for its in theirs], dim=1)], dim=1)
    return torch.stack([part.mean(0) for part in torch.split(most, [len(its) for its in tokens])])


def start(file: Path, plan: Plan, out: Path = WEIGHTS) -> None:
    """Trains and writes the weights as float16; says how it goes, a line of JSON at a time."""
    write(QueryTrainer(load(file), plan).train(aloud()), out)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m eval.training_queries", description="Train how questions are encoded."
    )
    parser.add_argument("file", type=Path, help="what `python -m eval train --prepare FILE` wrote")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    least = Plan()
    for name in Plan.__slots__:
        value = getattr(least, name)
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    options = parser.parse_args(arguments)
    start(options.file, Plan(**{name: getattr(options, name) for name in Plan.__slots__}), options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
