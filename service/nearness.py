"""How near a rendering is to its evidence, as the encoder sees both: what a model said of something else is far."""

from index.encoder import Encoder

LEAST_NEAR = 0.87
"""Of the packaged encoder; chosen on human translations and strange sentences of the train part (`eval/LOG.md`)."""


class Nearness:
    """The cosine of two texts, each encoded as one that is compared with others. Safe to use from many threads."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def __call__(self, evidence: str, rendering: str, /) -> float:
        one, other = self._encoder.encode_symmetric([evidence, rendering])
        return float(one @ other)
