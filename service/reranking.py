"""Late interaction: passages by how well their tokens match the question's, beside the first stage's score.

MaxSim, as in ColBERT (Khattab and Zaharia, 2020), over the encoder's own last states; nothing is trained for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

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
        asked = meaning(self._states.of_question(question))
        passages = self._states.of_passages([(articles[c.passage.article_id], c.passage) for c in found])
        scored = [
            replace(candidate, maxsim=maxsim(similarity(asked, passage), passage.own))
            for candidate, passage in zip(found, passages, strict=True)
        ]
        return sorted(scored, key=lambda c: (-c.score, c.passage.passage_id))


def meaning(question: States) -> Tensor:
    """The last states of the question's own tokens, float32 (tokens, 384)."""
    return question.last[question.own].float()


def similarity(asked: Tensor, passage: States) -> Tensor:
    """Cosines, (question tokens, passage tokens)."""
    return asked @ passage.last.float().T


def maxsim(cosines: Tensor, tokens: Sequence[int]) -> float:
    """The mean over the question's tokens of the highest cosine with one of these tokens of the passage."""
    return float(cosines[:, list(tokens)].amax(1).mean())
