"""What the encoder makes of each token of a text: the states that late interaction and the joint reader work on.

A passage's states depend on the passage alone, so they are kept while there is room. Knows neither of the two users.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import normalize

from index.encoder import SentenceTransformerEncoder
from index.passages import encoded_text
from index.types import Article, Passage
from service.joint_reader import SPLIT_LAYER

MAX_QUESTION_TOKENS = 64
MAX_PASSAGE_TOKENS = 320
CACHE_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True)
class States:
    """A text's tokens: their states at the split and after the last layer, the latter centred and L2-normalised, both
    float16 (tokens, 384). `spans` are the tokens' places in the question or in the article's text; `None` for special
    tokens, the prefix and the title."""

    split: Tensor
    last: Tensor
    spans: tuple[tuple[int, int] | None, ...]

    @property
    def own(self) -> list[int]:
        """The tokens of the question, or of the passage, itself; the first token where there is none."""
        return [token for token, span in enumerate(self.spans) if span] or [0]


class StatesEncoder:
    """The packaged encoder, looked into. `token_mean` (384,) is what the last states are centred by."""

    def __init__(self, encoder: SentenceTransformerEncoder, token_mean: Tensor) -> None:
        bert: Any = encoder.model[0].auto_model  # a BertModel, whose parts are untyped
        self._bert = bert
        self._tokenizer = encoder.model.tokenizer
        self._query_prefix, self._passage_prefix = encoder.query_prefix, encoder.passage_prefix
        self._token_mean = token_mean
        self._cache = _Cache(CACHE_BYTES)
        self._one_at_a_time = threading.Lock()

    def of_question(self, question: str) -> States:
        prefix = len(self._query_prefix)
        return self._states([(self._query_prefix + question, prefix, prefix)], MAX_QUESTION_TOKENS)[0]

    def of_passages(self, passages: Sequence[tuple[Article, Passage]]) -> list[States]:
        texts = []
        for article, passage in passages:
            text = self._passage_prefix + encoded_text(article, passage)
            head = len(text) - len(passage.text)  # the passage's text ends what is encoded
            texts.append((text, head, head - passage.span.start))
        return self._states(texts, MAX_PASSAGE_TOKENS)

    def _states(self, texts: Sequence[tuple[str, int, int]], max_tokens: int) -> list[States]:
        """Each text comes with how many of its first characters are not its own, and what to take off its offsets."""
        with self._one_at_a_time, torch.inference_mode():
            return [self._kept(text, max_tokens) for text in texts]

    def _kept(self, text: tuple[str, int, int], max_tokens: int) -> States:
        key = hashlib.sha256(repr(text).encode()).digest()
        states = self._cache.get(key)
        if states is None:
            states = self._forward(*text, max_tokens)
            self._cache.put(key, states)
        return states

    def _forward(self, text: str, head: int, shift: int, max_tokens: int) -> States:
        """One text at a time: in a batch, its states would depend, in their last digits, on the texts beside it."""
        tokens = self._tokenizer(
            text, truncation=True, max_length=max_tokens, return_tensors="pt", return_offsets_mapping=True
        )
        hidden = split = self._bert.embeddings(input_ids=tokens["input_ids"])
        for number, layer in enumerate(self._bert.encoder.layer, 1):
            hidden = layer(hidden)
            split = hidden if number == SPLIT_LAYER else split
        last = normalize(hidden[0] - self._token_mean, dim=-1)
        offsets = tokens["offset_mapping"][0].tolist()
        spans = tuple((a - shift, b - shift) if b > a and a >= head else None for a, b in offsets)
        return States(split[0].half(), last.half(), spans)


class _Cache:
    """The states used last, up to a number of bytes. Keyed by the text itself (its digest), so it is never stale."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[bytes, States] = OrderedDict()

    def get(self, key: bytes) -> States | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: bytes, states: States) -> None:
        self._kept[key] = states
        self._bytes += states.split.nbytes + states.last.nbytes
        while self._bytes > self._max_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= dropped.split.nbytes + dropped.last.nbytes
