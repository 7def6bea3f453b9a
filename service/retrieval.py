"""First stage: the passages closest to a question, by meaning and by words together. Knows nothing of answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.encoder import Encoder
from index.types import Filters, Passage, ScoredPassage

CANDIDATES = 50  # of each kind; fusing more changed no figure
LEXICAL_WEIGHT = 0.2  # of 0.05…0.4, chosen on PIAF's training titles and English news titles: see eval/LOG.md
MAXSIM_WEIGHT = 0.8  # of 0.4…1.3, on dev parts: see eval/LOG.md
READ = 6  # passages at most that are read beside the question: of 5, 6, 8 the right sentence is first as often
READ_ANYHOW = 2  # of them, however far below the best
NEAR = 0.08  # of the best score: answers are as good as with all six, with 0.06 they are not (eval/LOG.md)


class Searchable(Protocol):
    """One consistent state of the index, as far as retrieval needs it."""

    def dense(self, vector: NDArray[np.float32], k: int, filters: Filters) -> list[ScoredPassage]: ...
    def lexical(self, query: str, k: int, filters: Filters) -> list[ScoredPassage]: ...
    def vectors(self, passage_ids: list[str]) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A retrieved passage: its cosine with the question; the share, 0 to 1, of the most BM25 it could have; and, once
    reranked, its MaxSim, from -1 to 1."""

    passage: Passage
    cosine: float
    lexical: float
    maxsim: float = 0.0

    @property
    def score(self) -> float:
        return self.cosine + LEXICAL_WEIGHT * self.lexical + MAXSIM_WEIGHT * self.maxsim


def retrieve(view: Searchable, encoder: Encoder, query: str, k: int, filters: Filters) -> list[Candidate]:
    """At most `k` candidates that pass the filters, best first; ties break by passage id.

    The score is a sum, not a sum of ranks: both parts mean the same for any question and any collection, so a
    question whose words say little leans on meaning by itself.
    """
    vector = encoder.encode_queries([query])[0]
    wanted = max(k, CANDIDATES)
    dense = {found.passage.passage_id: found for found in view.dense(vector, wanted, filters)}
    lexical = {found.passage.passage_id: found for found in view.lexical(query, wanted, filters)}
    only_lexical = sorted(lexical.keys() - dense.keys())
    cosines = dict(zip(only_lexical, view.vectors(only_lexical) @ vector, strict=True)) if only_lexical else {}
    candidates = [
        Candidate(
            found.passage,
            dense[key].score if key in dense else float(cosines[key]),
            lexical[key].score if key in lexical else 0.0,
        )
        for key, found in (lexical | dense).items()
    ]
    return sorted(candidates, key=lambda c: (-c.score, c.passage.passage_id))[:k]


def worth_reading(found: Sequence[Candidate]) -> Sequence[Candidate]:
    """Of candidates in order, best first, those in which an answer is to be looked for: reading takes most of an
    answer's time, and what lies far below the best hardly ever answers."""
    near = [candidate for candidate in found[:READ] if candidate.score >= found[0].score - NEAR]
    return found[: max(READ_ANYHOW, len(near))]
