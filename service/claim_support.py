"""How surely a text says what a claim says, in its language or the other, as the joint reader sees it.

It was trained on people's translations, and on the same made false: another name, number or date, a denial, two names
exchanged (`eval/training_claims.py`).
"""

import torch

from index.types import Article, Passage, Span
from service.packed_reader import PackedReader
from service.states import TokenStatesEncoder

LEAST_SUPPORT = 0.03
"""Of a rendering; chosen on human translations of the dev part and the same made false (`eval/LOG.md`)."""


class ClaimSupport:
    """From 0 to 1. A sentence is what it was trained on; of a longer claim the first 128 tokens are read.
    Safe to use from many threads."""

    def __init__(self, states: TokenStatesEncoder, network: PackedReader) -> None:
        self._states = states
        self._network = network

    def __call__(self, evidence: str, claim: str, /) -> float:
        article = Article("", evidence, "")
        span = Span(0, len(evidence))
        passage = Passage("", "", span, evidence, (span,))
        asked = self._states.of_claim(claim)
        (says,) = self._states.of_passages([(article, passage)])
        with self._states.cores.share(most=self._network.most_threads):
            (output,) = self._network.read(asked.split, [says.split])
        return float(torch.sigmoid(output.relevance[0]))
