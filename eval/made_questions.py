"""English wordings of French training questions, made by the local writer's model.

They teach and never measure. Many questions are put into English at once, by torch: some five a second on a core that
multiplies bfloat16. What was made is kept in a file, a line a question, so that making it is done once and may be
stopped at any time.
"""

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any  # of transformers, whose models and caches are untyped

import torch

from eval.datasets import PooledQuestion, records
from eval.errors import EvaluationError
from index.language import detect
from service.writers.weights import default_path

AT_ONCE = 96
MOST_TOKENS = 48
_ASKED = re.compile(r"[^\n?]{12,160}\?")
_SYSTEM = "You translate French questions into natural English. Reply with the English question only."
_EXAMPLES = (
    ("Combien de soldats ont été envoyés au Mali ?", "How many soldiers were sent to Mali?"),
    ("Qui a succédé à Louis XIV sur le trône ?", "Who succeeded Louis XIV on the throne?"),
    (
        "Dans quel pays se trouve le siège de l'entreprise ?",
        "In which country is the company's headquarters located?",
    ),
    ("Que prévoit le traité de Versailles ?", "What does the Treaty of Versailles provide for?"),
    ("Pourquoi les ouvriers refusent-ils de travailler ?", "Why do the workers refuse to work?"),
)


def read_english(path: Path) -> dict[str, str]:
    """By question id, those outputs that are one question in English; none where there is no such file.

    Raises `MissingDataset` or `InvalidDataset` for a broken file.
    """
    made = {str(record["id"]): str(record["out"]).strip() for record in records(path)} if path.exists() else {}
    return {key: asked for key, asked in made.items() if _ASKED.fullmatch(asked) and detect(asked) == "en"}


def make_english(questions: Sequence[PooledQuestion], path: Path) -> Iterator[int]:
    """Adds to the file each question that it lacks, and says how many were added at a time.

    Raises `EvaluationError` where the model's weights are not there.
    """
    done = {str(record["id"]) for record in records(path)} if path.exists() else set()
    left = sorted((q for q in questions if q.question_id not in done), key=lambda q: len(q.question))
    translator = _Translator(default_path()) if left else None
    path.parent.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(left), AT_ONCE):
        batch = left[start : start + AT_ONCE]
        assert translator
        outputs = translator([question.question for question in batch])
        with path.open("a", encoding="utf-8") as file:
            for question, output in zip(batch, outputs, strict=True):
                line: Mapping[str, str] = {"id": question.question_id, "question": question.question, "out": output}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        yield len(batch)


class _Translator:
    """The model, and what it makes of the instructions and the examples, which every question follows."""

    def __init__(self, weights: Path) -> None:
        if not weights.exists():
            raise EvaluationError(f"{weights} is not there; `make run` fetches it")
        from transformers import AutoModelForCausalLM, AutoTokenizer

        model: Any = AutoModelForCausalLM
        tokenizer: Any = AutoTokenizer
        folder, name = str(weights.parent), weights.name
        self._model = model.from_pretrained(folder, gguf_file=name, dtype=torch.bfloat16).eval()
        self._tokenizer = tokenizer.from_pretrained(folder, gguf_file=name)
        self._end = int(self._tokenizer.convert_tokens_to_ids("<|im_end|>"))
        turns = [_turn("system", _SYSTEM)]
        turns += [_turn("user", french) + _turn("assistant", english) for french, english in _EXAMPLES]
        self._prefix = self._tokens("".join(turns))
        with torch.inference_mode():
            self._cache = self._model(input_ids=torch.tensor([self._prefix]), use_cache=True).past_key_values

    def __call__(self, questions: Sequence[str]) -> list[str]:
        """Greedy, all at once; an output that has not ended is empty."""
        asked = [self._tokens(_turn("user", question) + "<|im_start|>assistant\n") for question in questions]
        width, before = max(map(len, asked)), len(self._prefix)
        ids = torch.full((len(asked), width), self._end)
        places = torch.zeros(len(asked), width, dtype=torch.long)
        mask = torch.zeros(len(asked), before + width, dtype=torch.long)
        mask[:, :before] = 1
        for row, tokens in enumerate(asked):  # padded between the prefix and the question
            ids[row, width - len(tokens) :] = torch.tensor(tokens)
            places[row, width - len(tokens) :] = torch.arange(before, before + len(tokens))
            mask[row, before + width - len(tokens) :] = 1
        cache = copy.deepcopy(self._cache)
        cache.batch_repeat_interleave(len(asked))
        said: list[list[int]] = [[] for _ in asked]
        ended = [False] * len(asked)
        with torch.inference_mode():
            for _ in range(MOST_TOKENS):
                logits = self._model(
                    input_ids=ids, attention_mask=mask, position_ids=places, past_key_values=cache, logits_to_keep=1
                ).logits
                ids = logits[:, -1:].argmax(-1)
                for row, token in enumerate(ids[:, 0].tolist()):
                    ended[row] = ended[row] or token == self._end
                    if not ended[row]:
                        said[row].append(token)
                if all(ended):
                    break
                mask = torch.cat([mask, torch.ones(len(asked), 1, dtype=torch.long)], 1)
                places = places[:, -1:] + 1
        return [self._tokenizer.decode(s).strip() if done else "" for s, done in zip(said, ended, strict=True)]

    def _tokens(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])


def _turn(role: str, said: str) -> str:
    return f"<|im_start|>{role}\n{said}<|im_end|>\n"
