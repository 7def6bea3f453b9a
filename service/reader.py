"""Reads passages for a question: which answer it, which of their sentences, which words. Owns the reader's weights."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from torch import Tensor

from index.products import steady
from index.query_layers import READING_WEIGHTS
from index.types import Article, Passage, Span
from service.errors import ReaderError
from service.joint_reader import JointReader, ReaderOutput
from service.packed_reader import PackedReader
from service.reranking import maxsim, similarities
from service.states import States, TokenStatesEncoder

WEIGHTS = Path(__file__).with_name("weights") / "joint_reader.safetensors"
MAX_ANSWER_TOKENS = 30


@dataclass(frozen=True, slots=True)
class SpanReading:
    """The words that answer best, a span of the article's text, and their score over "no span answers" (logits)."""

    span: Span
    score: float


@dataclass(frozen=True, slots=True)
class TokenReading:
    """The tokens of a sentence: where each is in the article's text, and its scores as the first and as the last of a
    span (logits)."""

    spans: tuple[Span, ...]
    starts: tuple[float, ...]
    ends: tuple[float, ...]

    def score(self, span: Span) -> float:
        """Of the tokens that a span lies in, the lowest where it lies in none: to compare spans of one sentence."""
        inside = [n for n, token in enumerate(self.spans) if token.start < span.end and span.start < token.end]
        return self.starts[inside[0]] + self.ends[inside[-1]] if inside else float("-inf")

    def ranked(self) -> list[Span]:
        """Every span of at most `MAX_ANSWER_TOKENS`, the best first; the first of equals."""
        places = [
            (self.starts[first] + self.ends[last], Span(self.spans[first].start, self.spans[last].end))
            for first in range(len(self.spans))
            for last in range(first, min(first + MAX_ANSWER_TOKENS, len(self.spans)))
        ]
        return [span for _, span in sorted(places, key=lambda place: -place[0])]


@dataclass(frozen=True, slots=True)
class SentenceReading:
    """A sentence's scores: `evidence` a logit, `maxsim` from -1 to 1; the best span inside the sentence, and `tokens`,
    which score any other.

    Of a sentence past the longest passage that is read, the lowest scores and no span.
    """

    evidence: float
    maxsim: float
    words: SpanReading | None
    tokens: TokenReading | None = None


UNREAD = SentenceReading(float("-inf"), -1.0, None)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was made of one passage: `relevance` is a logit that compares across passages; one reading a sentence."""

    relevance: float
    sentences: tuple[SentenceReading, ...]


class Reader(Protocol):
    """A question beside passages: one reading a passage, in their order. `name` identifies the weights."""

    name: str

    def read(self, question: str, passages: Sequence[tuple[Article, Passage]]) -> list[Reading]: ...


class JointPassageReader:
    """The trained reader. Safe to use from many threads.

    Where products are steady and nothing else is computed, passages are read in groups, each on one core: two cores do
    two in half the time, and the scores are the same.
    """

    def __init__(self, states: TokenStatesEncoder, network: PackedReader, name: str) -> None:
        self.name = name
        self._states = states
        self._network = network

    def read(self, question: str, passages: Sequence[tuple[Article, Passage]]) -> list[Reading]:
        if not passages:
            return []
        states = self._states.of_passages(passages)
        asked = self._states.question_to_read(question)
        outputs = self._outputs(asked, [passage_states.split for passage_states in states])
        cosines = similarities(self._states.of_question(question), states)
        return [
            _reading(_Scores(output, its), passage_states, passage)
            for output, its, passage_states, (_, passage) in zip(outputs, cosines, states, passages, strict=True)
        ]

    def _outputs(self, question: Tensor, passages: Sequence[Tensor]) -> list[ReaderOutput]:
        cores = self._states.cores
        groups = min(cores.count, len(passages)) if steady() and cores.idle else 1

        def of_group(first: int) -> list[ReaderOutput]:
            with cores.share(most=1 if groups > 1 else self._network.most_threads):
                return self._network.read(question, passages[first::groups])

        with ThreadPoolExecutor(groups) as threads:
            read = list(threads.map(of_group, range(groups)))
        return [read[number % groups][number // groups] for number in range(len(passages))]


def load_network(weights: Path = WEIGHTS) -> tuple[JointReader, str]:
    """The trained network and its name, which changes with its weights and with the question's layers before it.

    Raises `ReaderError` if the file is missing or does not fit.
    """
    from safetensors.torch import load_file

    network = JointReader()
    try:
        network.load_state_dict({name: tensor.float() for name, tensor in load_file(weights).items()})
        digest = hashlib.sha256(weights.read_bytes() + READING_WEIGHTS.read_bytes()).hexdigest()
    except (OSError, RuntimeError, ValueError) as exc:
        raise ReaderError(f"the reader's weights {weights} cannot be loaded: {exc}; restore the file from git") from exc
    return network, f"{weights.stem}@{digest[:12]}"


class _Scores:
    """What the network gave for one passage; `cosines` as in late interaction."""

    def __init__(self, output: ReaderOutput, cosines: Tensor) -> None:
        self.start, self.end, self.evidence = output.start[0], output.end[0], output.evidence[0]
        self.null = 2 * float(output.null[0])  # as a start and as an end
        self.relevance = float(output.relevance[0])
        self.cosines = cosines


def _reading(scores: _Scores, states: States, passage: Passage) -> Reading:
    sentences = tuple(_sentence_reading(scores, states, sentence) for sentence in passage.sentences)
    return Reading(scores.relevance, sentences)


def _sentence_reading(scores: _Scores, states: States, sentence: Span) -> SentenceReading:
    placed = [(token, span) for token, span in enumerate(states.spans) if span]
    inside = [(token, span) for token, span in placed if span[0] < sentence.end and sentence.start < span[1]]
    if not inside:
        return UNREAD
    tokens = [token for token, _ in inside]
    first, last, score = _best_span(scores.start[tokens], scores.end[tokens])
    words = Span(max(inside[first][1][0], sentence.start), min(inside[last][1][1], sentence.end))
    evidence = float(scores.evidence[tokens].mean())
    read = TokenReading(
        tuple(Span(max(start, sentence.start), min(end, sentence.end)) for _, (start, end) in inside),
        tuple(scores.start[tokens].tolist()),
        tuple(scores.end[tokens].tolist()),
    )
    return SentenceReading(evidence, maxsim(scores.cosines, tokens), SpanReading(words, score - scores.null), read)


def _best_span(start: Tensor, end: Tensor) -> tuple[int, int, float]:
    """First and last token of the best span of at most `MAX_ANSWER_TOKENS`, and its score, start + end; the first of
    equals."""
    scores = start.numpy()[:, None] + end.numpy()
    places = np.arange(len(scores))
    length = places - places[:, None]  # from a first to a last token
    scores[(length < 0) | (length >= MAX_ANSWER_TOKENS)] = -np.inf
    first, last = divmod(int(scores.argmax()), len(scores))
    return first, last, float(scores[first, last])
