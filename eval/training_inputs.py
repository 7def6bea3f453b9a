"""Lays a batch out on the device: what the reader reads, and what it should say. Nothing here waits for a GPU."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from eval.training_batches import Batch
from eval.training_file import Array, Prepared


class Inputs(NamedTuple):
    """The tokens of a batch's rows, (rows, tokens): places among those of all texts; which are there; which are of the
    article; the number of each one's sentence, -1 for those that are not of the article's own text."""

    places: Tensor
    mask: Tensor
    is_passage: Tensor
    sentence: Tensor


class Targets(NamedTuple):
    """`first`, `last`: bool (rows, tokens), where answers begin and end; `right_sentences`: bool (rows, sentences);
    the others as in `Batch`."""

    first: Tensor
    last: Tensor
    right_sentences: Tensor
    members: Tensor
    right_rows: Tensor
    weights: Tensor
    null_weights: Tensor
    group_weights: Tensor
    said: Tensor


class Layout:
    def __init__(self, prepared: Prepared, device: str) -> None:
        self._device = device
        self._starts, self._lengths = self._there(prepared.tokens.starts), self._there(prepared.lengths)
        self._sentence_numbers = self._there(prepared.sentence_numbers)

    def inputs(self, batch: Batch) -> Inputs:
        texts = self._there(batch.texts)
        asked, read = self._lengths[texts].T[..., None]
        question, article = self._starts[texts].T[..., None]
        at = torch.arange(batch.tokens, device=self._device)
        mask, is_question = at < asked + read, at < asked
        is_passage = mask & ~is_question
        places = torch.where(is_question, question + at, article + at - asked).masked_fill(~mask, 0)
        sentence = self._sentence_numbers[places.masked_fill(~is_passage, 0)].masked_fill(~is_passage, -1)
        return Inputs(places, mask, is_passage, sentence)

    def targets(self, batch: Batch) -> Targets:
        rows = len(batch.texts)
        return Targets(
            self._marked(batch.first_tokens, rows, batch.tokens),
            self._marked(batch.last_tokens, rows, batch.tokens),
            self._marked(batch.right_sentences, rows, batch.sentences),
            *map(self._there, (batch.members, batch.right_rows, batch.weights, batch.null_weights)),
            *map(self._there, (batch.group_weights, batch.said)),
        )

    def _marked(self, places: Array, rows: int, columns: int) -> Tensor:
        marks = torch.zeros(rows * columns, dtype=torch.bool, device=self._device)
        return marks.index_fill_(0, self._there(places), True).view(rows, columns)

    def _there(self, array: Array) -> Tensor:
        whole = array.dtype.kind in "iu"
        tensor = torch.from_numpy(array.astype(np.int64) if whole else array)
        return tensor.pin_memory().to("cuda", non_blocking=True) if self._device == "cuda" else tensor
