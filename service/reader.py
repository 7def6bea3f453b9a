"""Reads passages for a question: which answer it, which of their sentences, which words. Owns the reader's weights.

Two readings of the same states. Late interaction (MaxSim, as in ColBERT, Khattab and Zaharia 2020) compares the last
states of the question's tokens with those of the passage's; the joint reader runs over the states of both at the split.
A passage's states depend on the passage alone, so they are kept while there is room.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor
from torch.nn.functional import normalize

from index.encoder import SentenceTransformerEncoder
from index.passages import encoded_text
from index.types import Article, Passage, Span
from service.errors import ReaderError
from service.joint_reader import HIDDEN, SPLIT_LAYER, JointReader, ReaderOutput

if TYPE_CHECKING:
    from transformers import BertModel, PreTrainedTokenizerFast

WEIGHTS = Path(__file__).with_name("weights") / "joint_reader.safetensors"
MAX_QUESTION_TOKENS = 64
MAX_PASSAGE_TOKENS = 320
MAX_ANSWER_TOKENS = 30
STARTS_TRIED = 20
CACHE_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True)
class SpanReading:
    """The words that answer best, a span of the article's text, and their score over "no span answers" (logits)."""

    span: Span
    score: float


@dataclass(frozen=True, slots=True)
class SentenceReading:
    """A sentence's scores: `evidence` a logit, `maxsim` between -1 and 1; and the best span inside the sentence.

    Of a sentence past the longest passage that is read, the lowest scores and no span.
    """

    evidence: float
    maxsim: float
    words: SpanReading | None


UNREAD = SentenceReading(float("-inf"), -1.0, None)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was made of one passage: `relevance` is a logit, `maxsim` lies between -1 and 1; both compare across passages.

    `sentences` has one entry for each of the passage's sentences, in order.
    """

    relevance: float
    maxsim: float
    sentences: tuple[SentenceReading, ...]


class Reader(Protocol):
    """The second stage: a question beside passages. One reading a passage, in their order."""

    name: str

    def read(self, question: str, passages: Sequence[tuple[Article, Passage]]) -> list[Reading]: ...


@dataclass(frozen=True, slots=True)
class _States:
    """A text's tokens: their states at the split and after the last layer, the latter centred and L2-normalised, both
    float16 (tokens, 384); and each token's offsets in the text."""

    split: Tensor
    last: Tensor
    offsets: tuple[tuple[int, int], ...]


class JointPassageReader:
    """The trained reader, on the lower layers of the packaged encoder."""

    def __init__(self, encoder: "SentenceTransformerEncoder", reader: JointReader, name: str) -> None:
        self.name = name
        self._bert: BertModel = encoder.model[0].auto_model
        self._tokenizer: PreTrainedTokenizerFast = encoder.model.tokenizer
        self._prefixes = (encoder.query_prefix, encoder.passage_prefix)
        self._reader = reader.eval()
        self._cache = _StatesCache(CACHE_BYTES)
        self._one_at_a_time = threading.Lock()

    def read(self, question: str, passages: Sequence[tuple[Article, Passage]]) -> list[Reading]:
        if not passages:
            return []
        with self._one_at_a_time, torch.inference_mode():
            asked = self._states([self._prefixes[0] + question], MAX_QUESTION_TOKENS)[0]
            meaning = asked.last[_after(asked, len(self._prefixes[0]))].float()
            texts = [self._prefixes[1] + encoded_text(article, passage) for article, passage in passages]
            states = self._cached_states(texts)
            output = self._reader(*_side_by_side(asked, states))
            return [
                _reading(_PassageScores(output, row, len(asked.offsets), state, meaning), len(text), passage)
                for row, (state, text, (_, passage)) in enumerate(zip(states, texts, passages, strict=True))
            ]

    def warm(self, passages: Sequence[tuple[Article, Passage]]) -> None:
        """Computes and keeps the states of these passages, as far as there is room."""
        with self._one_at_a_time, torch.inference_mode():
            self._cached_states([self._prefixes[1] + encoded_text(article, passage) for article, passage in passages])

    def _cached_states(self, texts: list[str]) -> list[_States]:
        keys = [hashlib.sha256(text.encode()).digest() for text in texts]
        known = {key: self._cache.get(key) for key in keys}
        unknown = {key: text for key, text in zip(keys, texts, strict=True) if known[key] is None}
        for key, states in zip(unknown, self._states(list(unknown.values()), MAX_PASSAGE_TOKENS), strict=True):
            known[key] = states
            self._cache.put(key, states)
        return [states for key in keys if (states := known[key]) is not None]

    def _states(self, texts: list[str], max_tokens: int) -> list[_States]:
        if not texts:
            return []
        tokens = self._tokenizer(
            texts, truncation=True, max_length=max_tokens, padding=True, return_tensors="pt",
            return_offsets_mapping=True,
        )  # fmt: skip
        mask = tokens["attention_mask"].bool()
        hidden = self._bert.embeddings(input_ids=tokens["input_ids"])
        split = hidden
        for number, layer in enumerate(self._bert.encoder.layer, 1):
            hidden = layer(hidden, mask[:, None, None, :])
            split = hidden if number == SPLIT_LAYER else split
        last = normalize(hidden - self._reader.token_mean, dim=-1)
        return [
            _States(
                split[row, :length].half(),
                last[row, :length].half(),
                tuple((start, end) for start, end in tokens["offset_mapping"][row, :length].tolist()),
            )
            for row, length in enumerate(mask.sum(1).tolist())
        ]


class _StatesCache:
    """The states read last, up to a number of bytes. Keyed by the text itself (its digest), so it is never stale."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[bytes, _States] = OrderedDict()

    def get(self, key: bytes) -> _States | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: bytes, states: _States) -> None:
        self._kept[key] = states
        self._bytes += states.split.nbytes + states.last.nbytes
        while self._bytes > self._max_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= dropped.split.nbytes + dropped.last.nbytes


def open_reader(encoder: SentenceTransformerEncoder, weights: Path = WEIGHTS) -> JointPassageReader:
    """The reader on `encoder`, which must be the packaged one: its lower layers are part of what was trained.

    Raises `ReaderError` if the weights are missing or do not fit.
    """
    from safetensors.torch import load_file

    reader = JointReader()
    try:
        state = load_file(weights)
        reader.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    except (OSError, RuntimeError, ValueError) as exc:
        raise ReaderError(f"the reader's weights {weights} cannot be loaded: {exc}; restore the file from git") from exc
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return JointPassageReader(encoder, reader, f"{weights.stem}@{digest[:12]}")


def _side_by_side(question: _States, passages: list[_States]) -> tuple[Tensor, Tensor, Tensor]:
    """What `JointReader.forward` takes: each passage after the question, padded at the end."""
    asked = len(question.offsets)
    lengths = torch.tensor([asked + len(passage.offsets) for passage in passages])
    columns = torch.arange(int(lengths.max()))
    hidden = torch.zeros(len(passages), len(columns), HIDDEN)
    hidden[:, :asked] = question.split.float()
    for row, passage in enumerate(passages):
        hidden[row, asked : int(lengths[row])] = passage.split.float()
    mask = columns < lengths[:, None]
    return hidden, (columns >= asked) & mask, mask


class _PassageScores:
    """One passage's row of the output, its tokens counted from its own first one."""

    def __init__(self, output: ReaderOutput, row: int, asked: int, states: _States, meaning: Tensor) -> None:
        tokens = slice(asked, asked + len(states.offsets))
        self.start, self.end, self.evidence = (
            output.start[row, tokens],
            output.end[row, tokens],
            output.evidence[row, tokens],
        )
        self.null = 2 * float(output.null[row])  # as a start and as an end
        self.relevance = float(output.relevance[row])
        self.offsets = states.offsets
        self.similarity = meaning @ states.last.float().T  # (question tokens, passage tokens)

    def maxsim(self, tokens: list[int]) -> float:
        """The mean over the question's tokens of the highest similarity with one of these."""
        return float(self.similarity[:, tokens].amax(1).mean())


def _reading(scores: _PassageScores, text_chars: int, passage: Passage) -> Reading:
    """The scores in the article's own offsets. The passage's text ends the text that was read."""
    shift = passage.span.start - (text_chars - len(passage.text))
    spans = [(start + shift, end + shift) for start, end in scores.offsets]
    said = [token for token, (start, end) in enumerate(spans) if end > start]
    sentences = tuple(_sentence_reading(scores, spans, sentence) for sentence in passage.sentences)
    return Reading(scores.relevance, scores.maxsim(said), sentences)


def _sentence_reading(scores: _PassageScores, spans: list[tuple[int, int]], sentence: Span) -> SentenceReading:
    inside = [token for token, (a, b) in enumerate(spans) if b > a and a < sentence.end and sentence.start < b]
    if not inside:
        return UNREAD
    tokens = slice(inside[0], inside[-1] + 1)
    first, last, score = _best_span(scores.start[tokens], scores.end[tokens])
    start, end = spans[inside[0] + first][0], spans[inside[0] + last][1]
    words = Span(max(start, sentence.start), min(end, sentence.end))
    evidence = float(scores.evidence[tokens].mean())
    return SentenceReading(evidence, scores.maxsim(inside), SpanReading(words, score - scores.null))


def _after(states: _States, chars: int) -> list[int]:
    """The tokens that lie past the prefix; the special tokens, which are empty, left out."""
    return [token for token, (start, end) in enumerate(states.offsets) if end > start and start >= chars] or [0]


def _best_span(start: Tensor, end: Tensor) -> tuple[int, int, float]:
    """First and last token of the best span of at most `MAX_ANSWER_TOKENS`, and its score, start + end."""
    best = (0, 0, float("-inf"))
    for first in torch.topk(start, min(STARTS_TRIED, len(start))).indices.tolist():
        ends = end[first : first + MAX_ANSWER_TOKENS]
        last = int(ends.argmax())
        score = float(start[first] + ends[last])
        if score > best[2]:
            best = (first, first + last, score)
    return best
