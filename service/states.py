"""What the encoder makes of each token of a text: the states that late interaction and the joint reader work on.

A passage's states depend on the passage alone: they come from the index, which keeps them, else they are computed, and
those used last stay in memory. Knows neither of the two users.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

from index.encoder import PackagedEncoder
from index.kept_states import Packed, offsets_of, packed_arrays, text_key
from index.passages import encoded_text
from index.types import Article, Passage

MAX_QUESTION_TOKENS = 64
MAX_CLAIM_TOKENS = 128
CACHE_BYTES = 512 * 2**20

Kept = Callable[[Sequence[str]], Mapping[str, bytes]]
_Spans = tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class States:
    """A passage's tokens: their states at the split and after the last layer, the latter centred and L2-normalised,
    both float16 (tokens, 384). `spans` are the tokens' places in the article's text; `None` for special tokens, the
    prefix and the title.

    The states at the split stay as they are kept until they are asked for: of most passages they never are.
    """

    at_split: Packed
    last: Tensor
    spans: _Spans

    @property
    def split(self) -> Tensor:
        return torch.from_numpy(self.at_split.values()).half()

    @property
    def nbytes(self) -> int:
        return self.last.nbytes + self.at_split.codes.nbytes

    @property
    def own(self) -> list[int]:
        """The tokens of the passage itself; the first token where there is none."""
        return _own(self.spans)


@dataclass(frozen=True, slots=True)
class _Text:
    """What is encoded; how many of its first characters are not its own; and what to take off its offsets."""

    text: str
    head: int
    shift: int


class TokenStatesEncoder:
    """The packaged encoder, looked into. `token_mean` (384,) is what the last states are centred by; `kept` gives the
    kept states of those texts that have some, by their `text_key`."""

    def __init__(self, encoder: PackagedEncoder, token_mean: Tensor, kept: Kept = lambda _: {}) -> None:
        self._encoder = encoder
        self._token_mean = token_mean
        self._kept = kept
        self._cache = _Cache(CACHE_BYTES)
        self.cores = encoder.cores

    def of_question(self, question: str) -> Tensor:
        """What a question is compared with passages by: of its own tokens the states after the last layer, centred and
        L2-normalised, float16 (tokens, 384)."""
        text = self._asked(question)
        last, offsets = self._encoder.question_states(text.text, max_tokens=MAX_QUESTION_TOKENS)
        return self._compared(last)[_own(_spans(text, offsets))]

    def question_to_read(self, question: str) -> Tensor:
        """What a question is read with: the states of all its tokens at the split, float16 (tokens, 384)."""
        return self._encoder.reading_states(self._asked(question).text, max_tokens=MAX_QUESTION_TOKENS).half()

    def claim_to_read(self, claim: str) -> Tensor:
        """The same of a claim, which stands where a question does and is longer."""
        return self._encoder.reading_states(self._asked(claim).text, max_tokens=MAX_CLAIM_TOKENS).half()

    def of_passages(self, passages: Sequence[tuple[Article, Passage]]) -> list[States]:
        texts = [self._text(article, passage) for article, passage in passages]
        states = {text: found for text in texts if (found := self._cache.get(self._place(text)))}
        missing = {text: self._key(text) for text in texts if text not in states}
        blobs = self._blobs({key: text.text for text, key in missing.items()}) if missing else {}
        for text, key in missing.items():
            states[text] = self._of_kept(text, blobs[key])
            self._cache.put(self._place(text), states[text])
        return [states[text] for text in texts]

    def _key(self, text: _Text) -> str:
        return text_key(self._encoder.name, text.text)

    def _place(self, text: _Text) -> str:
        """Equal texts at different places of their articles have the same states, but not the same spans."""
        return f"{self._key(text)} {text.shift}"

    def _asked(self, question: str) -> _Text:
        prefix = self._encoder.query_prefix
        return _Text(prefix + question, len(prefix), len(prefix))

    def _text(self, article: Article, passage: Passage) -> _Text:
        text = self._encoder.passage_prefix + encoded_text(article, passage)
        head = len(text) - len(passage.text)  # the passage's text ends what is encoded
        return _Text(text, head, head - passage.span.start)

    def _blobs(self, texts: Mapping[str, str]) -> Mapping[str, bytes]:
        """By the text's key, its states as they are kept; of those that have none, the bytes that would have been kept:
        an answer does not depend on whether they were."""
        kept = self._kept(list(texts))
        computed = self._encoder.kept_states([text for key, text in texts.items() if key not in kept])
        return dict(kept) | {each.text_key: each.blob for each in computed}

    def _of_kept(self, text: _Text, blob: bytes) -> States:
        dim = len(self._token_mean)
        split, last = packed_arrays(blob, dim, arrays=2)
        offsets = offsets_of(blob, dim, arrays=2) or self._encoder.tokens.tokenise(text.text)[1]
        split = split._replace(codes=split.codes.copy())  # else it would hold the states after the last layer too
        return States(split, self._compared(torch.from_numpy(last.values())), _spans(text, offsets))

    def _compared(self, last: Tensor) -> Tensor:
        return normalize(last - self._token_mean, dim=-1).half()


def _spans(text: _Text, offsets: Sequence[tuple[int, int]]) -> _Spans:
    head, shift = text.head, text.shift
    return tuple([(a - shift, b - shift) if b > a and a >= head else None for a, b in offsets])


def _own(spans: _Spans) -> list[int]:
    return [token for token, span in enumerate(spans) if span] or [0]


class _Cache:
    """The states used last, up to a number of bytes. Keyed by the text itself (its digest), so it is never stale.

    Safe to use from many threads; two that miss the same text at once both make its states, which are equal.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, States] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> States | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: str, states: States) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = states
            self._bytes += states.nbytes
            while self._bytes > self._max_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= dropped.nbytes
