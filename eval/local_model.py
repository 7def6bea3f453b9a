"""The local writer's model, asked by torch for many texts at once: for what is made beforehand, never while answering.

Some five short texts a second on a core that multiplies bfloat16, a thousand on a large GPU.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple  # Any: of transformers, whose models and caches are untyped

import torch
from torch import Tensor

from eval.errors import EvaluationError

Turns = Sequence[tuple[str, str]]
"""Who says it (`system`, `user`, `assistant`), and what."""


class Output(NamedTuple):
    """What the model wrote, as the pieces it is made of, with the logarithm of each one's probability. `ended`: it was
    not cut off. A character that two pieces share is in neither of them as such."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    ended: bool

    @property
    def text(self) -> str:
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A causal language model and its tokenizer; `end` is the token that ends a turn."""

    model: Any
    tokenizer: Any
    end: int
    device: str

    def tokens(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])


def open_local_model(weights: Path) -> LocalModel:
    """In bfloat16, on a GPU where there is one. Raises `EvaluationError` where the weights are not there."""
    if not weights.exists():
        raise EvaluationError(f"{weights} is not there; `make run` fetches it")
    from transformers import AutoModelForCausalLM, AutoTokenizer

    models: Any = AutoModelForCausalLM
    tokenizers: Any = AutoTokenizer
    folder, name = str(weights.parent), weights.name
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = models.from_pretrained(folder, gguf_file=name, dtype=torch.bfloat16).eval().to(device)
    tokenizer = tokenizers.from_pretrained(folder, gguf_file=name)
    return LocalModel(model, tokenizer, int(tokenizer.convert_tokens_to_ids("<|im_end|>")), device)


class Prompted:
    """The model after turns that every request follows: what it makes of them is made once."""

    def __init__(self, model: LocalModel, turns: Turns) -> None:
        self._model = model
        self._before = model.tokens("".join(_turn(*turn) for turn in turns))
        with torch.inference_mode():
            ids = torch.tensor([self._before], device=model.device)
            self._cache = model.model(input_ids=ids, use_cache=True).past_key_values

    def __call__(
        self, requests: Sequence[str], most: int, *, begin: str = "", temperature: float = 0.0
    ) -> list[Output]:
        """Answers to all requests, each by itself, of at most so many tokens; each goes on from `begin`. The likeliest
        token each time, or drawn at that temperature (from torch's own generator)."""
        opened = f"<|im_start|>assistant\n{begin}"
        asked = [self._model.tokens(_turn("user", request) + opened) for request in requests]
        ids, places, mask = self._laid_out(asked)
        cache = copy.deepcopy(self._cache)
        cache.batch_repeat_interleave(len(asked))
        said = torch.full((len(asked), most), self._model.end)
        scores = torch.zeros(len(asked), most)
        ended = torch.zeros(len(asked), dtype=torch.bool, device=self._model.device)
        with torch.inference_mode():
            for step in range(most):
                logits = self._model.model(
                    input_ids=ids, attention_mask=mask, position_ids=places, past_key_values=cache, logits_to_keep=1
                ).logits[:, -1].float()  # fmt: skip
                drawn = _drawn(logits, temperature).masked_fill(ended, self._model.end)
                said[:, step] = drawn
                scores[:, step] = logits.log_softmax(-1).gather(1, drawn[:, None])[:, 0]
                ended |= drawn == self._model.end
                if bool(ended.all()):
                    break
                ids, places = drawn[:, None], places[:, -1:] + 1
                mask = torch.cat([mask, mask.new_ones(len(asked), 1)], 1)
        rows = zip(said.tolist(), scores.tolist(), ended.tolist(), strict=True)
        return [self._output(*row) for row in rows]

    def _laid_out(self, asked: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor, Tensor]:
        """Tokens, places and mask, padded between the turns before and the request."""
        width, before = max(map(len, asked)), len(self._before)
        ids = torch.full((len(asked), width), self._model.end)
        places = torch.zeros(len(asked), width, dtype=torch.long)
        mask = torch.zeros(len(asked), before + width, dtype=torch.long)
        mask[:, :before] = 1
        for row, tokens in enumerate(asked):
            ids[row, width - len(tokens) :] = torch.tensor(tokens)
            places[row, width - len(tokens) :] = torch.arange(before, before + len(tokens))
            mask[row, before + width - len(tokens) :] = 1
        device = self._model.device
        return ids.to(device), places.to(device), mask.to(device)

    def _output(self, said: list[int], scores: list[float], ended: bool) -> Output:
        length = said.index(self._model.end) if ended else len(said)
        pieces = tuple(self._model.tokenizer.decode([token]) for token in said[:length])
        return Output(pieces, tuple(scores[:length]), ended)


def _drawn(logits: Tensor, temperature: float) -> Tensor:
    """By Gumbel noise: the highest of logits so disturbed falls on each token with its probability."""
    noise = -torch.empty_like(logits).exponential_().log() if temperature else 0
    return (logits / temperature + noise if temperature else logits).argmax(-1)


def _turn(role: str, said: str) -> str:
    return f"<|im_start|>{role}\n{said}<|im_end|>\n"
