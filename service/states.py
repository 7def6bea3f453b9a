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
BATCH = 8
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
        keys = [hashlib.sha256(repr(text).encode()).digest() for text in texts]
        with self._one_at_a_time, torch.inference_mode():
            known = {key: states for key in keys if (states := self._cache.get(key))}
            unknown = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            longest_first = sorted(unknown, key=lambda key: -len(unknown[key][0]))
            for start in range(0, len(longest_first), BATCH):
                batch = longest_first[start : start + BATCH]
                for key, states in zip(batch, self._forward([unknown[key] for key in batch], max_tokens), strict=True):
                    known[key] = states
                    self._cache.put(key, states)
        return [known[key] for key in keys]

    def _forward(self, texts: Sequence[tuple[str, int, int]], max_tokens: int) -> list[States]:
        tokens = self._tokenizer(
            [text for text, _, _ in texts], truncation=True, max_length=max_tokens, padding=True,
            return_tensors="pt", return_offsets_mapping=True,
        )  # fmt: skip
        mask = tokens["attention_mask"].bool()
        hidden = split = self._bert.embeddings(input_ids=tokens["input_ids"])
        for number, layer in enumerate(self._bert.encoder.layer, 1):
            hidden = layer(hidden, mask[:, None, None, :])
            split = hidden if number == SPLIT_LAYER else split
        last = normalize(hidden - self._token_mean, dim=-1)
        offsets = tokens["offset_mapping"].tolist()
        made = []
        for row, ((_, head, shift), length) in enumerate(zip(texts, mask.sum(1).tolist(), strict=True)):
            spans = tuple((a - shift, b - shift) if b > a and a >= head else None for a, b in offsets[row][:length])
            made.append(States(split[row, :length].half(), last[row, :length].half(), spans))
        return made


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
