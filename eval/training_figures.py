"""How well a reader reads the dev parts of a prepared file, by tokens: the texts are not there.

A look during training; what the project reports is measured on the texts themselves, by `eval/tasks/`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from eval.training_batches import NULL, Group, Row, batch_of
from eval.training_file import DEV_CLAIMS, DEV_SETS, LISTS, Array, Prepared
from eval.training_inputs import Layout
from eval.training_losses import NEVER, sentence_scores
from eval.training_reader import AskedReader
from eval.training_states import States, quick_products
from service.joint_reader import ReaderOutput

MAX_ANSWER_TOKENS = 30
CONTRAST = DEV_SETS.index("contrast")
ROWS_AT_ONCE = {"cpu": 32, "cuda": 512}


class Read(NamedTuple):
    """Of each row: the best span within a sentence, by its first and last token in the article, its score over "no span
    answers", the sentence with the most evidence, and the relevance."""

    first: Array
    last: Array
    score: Array
    sentence: Array
    relevance: Array


class Figures:
    """Called with a reader. `most`: questions of each set that are asked at most, all where it is 0."""

    def __init__(self, prepared: Prepared, states: States, layout: Layout, most: int = 0) -> None:
        self._prepared, self._states, self._layout = prepared, states, layout
        asked, lists = prepared.measured, prepared.measured_lists
        chosen = _some_of_each(asked.kinds, most)
        self._questions, self._claims = (
            chosen[(asked.kinds[chosen] < len(DEV_SETS)) == asks] for asks in (True, False)
        )
        self._altered = np.array([q for q in self._questions if len(asked.misses.of(q))], np.int64)
        self._lists = _some_of_each(lists.kinds, most)

    def __call__(self, reader: AskedReader) -> dict[str, float]:
        asked, lists = self._prepared.measured, self._prepared.measured_lists
        articles = asked.articles[self._questions]
        worded = asked.wordings.values[asked.wordings.starts[self._questions]]
        read = self._read(reader, worded, articles)
        figures: dict[str, float] = {"questions": float(len(self._questions))}
        for kind, name in enumerate(DEV_SETS):
            rows = np.flatnonzero(asked.kinds[self._questions] == kind)
            figures |= {f"{name} {measure}": value for measure, value in self._spans(read, rows).items()}
        kinds = asked.kinds[self._altered]
        for name, ours in (("near misses", kinds != CONTRAST), ("contrasts", kinds == CONTRAST)):
            figures[f"{name} auc"] = self._told_apart(reader, self._altered[ours])
        for kind, name in enumerate(DEV_CLAIMS, len(DEV_SETS)):
            figures[f"{name} auc"] = self._told_apart(reader, self._claims[asked.kinds[self._claims] == kind])
        listed, owners = lists.articles.taken(self._lists)
        relevance = self._read(reader, lists.questions[self._lists][owners], listed).relevance
        best = np.full(len(self._lists), -np.inf)
        np.maximum.at(best, owners, relevance)
        for kind, name in enumerate(LISTS):
            ours, answerable = lists.kinds[self._lists] == kind, lists.answerable[self._lists]
            figures[f"nomiracl {name} auc"] = auc(best[ours & answerable], best[ours & ~answerable])
        return {name: round(value, 3) for name, value in figures.items()}

    def _told_apart(self, reader: AskedReader, questions: Array) -> float:
        """AUC of the relevance of these beside their articles, against that of their near misses beside the same."""
        asked = self._prepared.measured
        articles, misses = asked.articles[questions], asked.misses
        missed, owners = misses.taken(questions)
        right = self._read(reader, asked.wordings.values[asked.wordings.starts[questions]], articles)
        return auc(right.relevance, self._read(reader, missed, articles[owners]).relevance)

    def _spans(self, read: Read, rows: Array) -> dict[str, float]:
        asked = self._prepared.measured
        ever: list[float] = []
        refusing: list[float] = []
        right: list[bool] = []
        for row in rows:
            question = self._questions[row]
            words = self._prepared.tokens.of(asked.articles[question])
            said = words[read.first[row] : read.last[row] + 1]
            f1 = max((_f1(said, words[a : b + 1]) for a, b in asked.answers.of(question)), default=0.0)
            ever.append(f1)
            refusing.append(f1 if read.score[row] > 0 else 0.0)
            right.append(bool(np.isin(read.sentence[row], asked.sentences.of(question))))
        means = [float(np.mean(values)) for values in (ever, refusing, right)] if len(rows) else []
        return dict(zip(("f1 never refusing", "f1", "best sentence"), means, strict=False))

    def _read(self, reader: AskedReader, questions: Array, articles: Array) -> Read:
        """Rows of like length together, given back in their order."""
        texts = np.stack([questions, articles], 1).astype(np.int64)
        order = np.argsort(self._prepared.lengths[texts].sum(1), kind="stable")
        parts = list(self._parts(reader, texts[order]))
        back = np.argsort(order, kind="stable")
        return Read(*(np.concatenate(values)[back] if parts else np.empty(0) for values in _columns(parts)))

    def _parts(self, reader: AskedReader, texts: Array) -> Iterator[Read]:
        step = ROWS_AT_ONCE[self._states.device]
        for start in range(0, len(texts), step):
            some = texts[start : start + step]
            rows = [Group([Row(int(q), int(a), -1, 1.0, NULL)], 1.0) for q, a in some]
            batch = batch_of(rows, self._prepared, self._prepared.measured)
            self._states.make(some[:, 1])
            inputs = self._layout.inputs(batch)
            with torch.inference_mode(), quick_products(self._states.device):
                output = reader(self._states, inputs)
            output = ReaderOutput(*(scores.float() for scores in output))
            first, last, score = best_spans(output.start, output.end, inputs.sentence)
            best = sentence_scores(output.evidence, inputs.sentence, batch.sentences).argmax(1)
            asked = torch.from_numpy(self._prepared.lengths[some[:, 0]]).to(first.device)
            columns = (first - asked, last - asked, score - 2 * output.null, best, output.relevance)
            yield Read(*(column.cpu().numpy() for column in columns))


def best_spans(start: Tensor, end: Tensor, sentence: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """First and last token of each row's best span of at most `MAX_ANSWER_TOKENS` in one sentence, and its score."""
    first, last, best = (torch.zeros(len(start), dtype=torch.long, device=start.device) for _ in range(3))
    best = best + NEVER
    tokens = start.shape[1]
    for width in range(min(MAX_ANSWER_TOKENS, tokens)):
        before, after = slice(0, tokens - width), slice(width, tokens)
        within = (sentence[:, before] == sentence[:, after]) & (sentence[:, before] >= 0)
        score, at = (start[:, before] + end[:, after]).masked_fill(~within, NEVER).max(1)
        better = score > best
        first, last = torch.where(better, at, first), torch.where(better, at + width, last)
        best = torch.where(better, score, best)
    return first, last, best


def auc(positive: Array, negative: Array) -> float:
    """How often a positive's score is higher than a negative's, ties counting half; 0.5 where one of them is empty."""
    if not len(positive) or not len(negative):
        return 0.5
    difference = positive[:, None] - negative
    return float((difference > 0).mean() + (difference == 0).mean() / 2)


def _f1(given: Array, wanted: Array) -> float:
    shared = sum((Counter(given.tolist()) & Counter(wanted.tolist())).values())
    return 2 * shared / (len(given) + len(wanted))


def _some_of_each(kinds: Array, most: int) -> Array:
    """As many, from all over each kind: neighbours are about the same article."""
    every = [np.flatnonzero(kinds == kind) for kind in np.unique(kinds)]
    some = [numbers[:: -(-len(numbers) // most) if most else 1] for numbers in every]
    return np.concatenate(some or [np.empty(0, np.int64)])


def _columns(parts: Sequence[Read]) -> list[list[Array]]:
    return [[part[column] for part in parts] for column in range(len(Read._fields))]
