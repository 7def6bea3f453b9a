"""Late interaction: passages by how well their tokens match the question's, beside the first stage's score.

MaxSim, as in ColBERT (Khattab and Zaharia, 2020), over the encoder's own last states; nothing is trained for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import torch
from torch import Tensor

from index.types import Article
from service.retrieval import Candidate
from service.states import States, TokenStatesEncoder


class Reranker(Protocol):
    """The candidates, best first. Gives new ones; ties break by passage id."""

    def rerank(self, question: str, found: Sequence[Candidate], articles: Mapping[str, Article]) -> list[Candidate]: ...


class LateInteraction:
    """Adds MaxSim to what the first stage found."""

    def __init__(self, states: TokenStatesEncoder) -> None:
        self._states = states

    def rerank(self, question: str, found: Sequence[Candidate], articles: Mapping[str, Article]) -> list[Candidate]:
        asked = self._states.of_question(question)
        passages = self._states.of_passages([(articles[c.passage.article_id], c.passage) for c in found])
        scored = [
            replace(candidate, maxsim=maxsim(cosines, passage.own))
            for candidate, cosines, passage in zip(found, similarities(asked, passages), passages, strict=True)
        ]
        return sorted(scored, key=lambda c: (-c.score, c.passage.passage_id))


def similarities(asked: Tensor, passages: Sequence[States]) -> Sequence[Tensor]:
    """Of each passage, the cosines (question tokens, passage tokens): one product for all takes half the time."""
    if not passages:
        return []
    together = asked.float() @ torch.cat([passage.last for passage in passages]).float().T
    return torch.split(together, [len(passage.last) for passage in passages], dim=1)


def maxsim(cosines: Tensor, tokens: Sequence[int]) -> float:
    """The mean over the question's tokens of the highest cosine with one of these tokens of the passage."""
    return float(cosines[:, list(tokens)].amax(1).mean())
