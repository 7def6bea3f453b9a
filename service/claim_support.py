"""How likely it is that a text says what a claim says, in its language or the other.

Two things tell: what the joint reader makes of both, which was trained on people's translations and on the same made
false (`eval/training_claims.py`), and what speaks against the claim: what the guard's rules find, and an order that is
not the evidence's. `python -m eval calibrate-claims` fits what each is worth, into `weights/claim_support.json`.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch

from index.types import Article, Passage, Span
from service.guard.order import order
from service.guard.types import Kind, Pair, Problem, SupportScore
from service.logistic import Logistic
from service.packed_reader import PackedReader
from service.states import TokenStatesEncoder

CLAIM_WEIGHTS = Path(__file__).with_name("weights") / "claim_support.json"
WEIGHED = (Kind.NAME, Kind.NUMBER, Kind.DATE, Kind.NEGATION, Kind.RELATION)
"""Problems that are worth something each; the others are worth the same."""
_SUREST = 1e-7


@dataclass(frozen=True, slots=True)
class ClaimWeights(Logistic):
    """What turns what is known of a claim into a probability, were as many claims true as false. `least`: what a
    rendering must reach."""

    least: float

    def probability(self, features: Mapping[str, float]) -> float:
        return 1 / (1 + math.exp(-self.logit(features)))


@cache
def claim_weights(path: Path = CLAIM_WEIGHTS) -> ClaimWeights:
    return ClaimWeights(**json.loads(path.read_text(encoding="utf-8")))


def claim_features(said: float, pair: Pair, problems: Sequence[Problem]) -> dict[str, float]:
    """`said`: from 0 to 1, as the reader sees it; here in log-odds."""
    bounded = min(max(said, _SUREST), 1 - _SUREST)
    kinds = {problem.kind for problem in problems}
    told = order(pair)
    return {
        "said": math.log(bounded / (1 - bounded)),
        **{kind.value: float(kind in kinds) for kind in WEIGHED},
        "another_problem": float(bool(kinds.difference(WEIGHED))),
        "exchanged": float(told.exchanged),
        "crossed": told.crossed,
    }


class ClaimSupport:
    """The probability that the evidence of a pair says its claim, beside what the guard finds wrong with it."""

    def __init__(self, said: SupportScore, weights: ClaimWeights) -> None:
        self.said = said
        self._weights = weights

    @property
    def least(self) -> float:
        return self._weights.least

    def __call__(self, pair: Pair, problems: Sequence[Problem] = ()) -> float:
        return self._weights.probability(claim_features(self.said(pair.evidence, pair.rendering), pair, problems))


class ReadSupport:
    """What the joint reader makes of a claim, from 0 to 1. A sentence is what it was trained on; of a longer claim the
    first 128 tokens are read. Safe to use from many threads."""

    def __init__(self, states: TokenStatesEncoder, network: PackedReader) -> None:
        self._states = states
        self._network = network

    def __call__(self, evidence: str, claim: str, /) -> float:
        article = Article("", evidence, "")
        span = Span(0, len(evidence))
        passage = Passage("", "", span, evidence, (span,))
        asked = self._states.claim_to_read(claim)
        (says,) = self._states.of_passages([(article, passage)])
        with self._states.cores.share(most=self._network.most_threads):
            (output,) = self._network.read(asked, [says.split])
        return float(torch.sigmoid(output.relevance[0]))
