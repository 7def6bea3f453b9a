"""The local model asked for many texts at once, on a small network with random weights."""

from typing import Any  # a tokenizer and a model of transformers

import pytest
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

from eval.local_model import LocalModel, Prompted

END = 0


class _Letters:
    """A token a character."""

    def __call__(self, text: str, *, add_special_tokens: bool) -> dict[str, list[int]]:
        assert not add_special_tokens
        return {"input_ids": [ord(c) % 97 for c in text]}

    def decode(self, tokens: list[int]) -> str:
        return "".join(chr(token + 97) for token in tokens)


@pytest.fixture(scope="module")
def model() -> LocalModel:
    torch.manual_seed(3)
    config = Qwen2Config(
        vocab_size=97, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, bos_token_id=None, eos_token_id=END,
    )  # fmt: skip
    network: Any = Qwen2ForCausalLM(config).eval()
    return LocalModel(network, _Letters(), END, "cpu")


def _alone(model: LocalModel, text: str, most: int) -> list[int]:
    """Greedy, without a cache or padding."""
    tokens, said = model.tokens(text), []
    with torch.inference_mode():
        for _ in range(most):
            said.append(int(model.model(input_ids=torch.tensor([tokens + said])).logits[0, -1].argmax()))
            if said[-1] == END:
                break
    return said


def test_many_requests_at_once_are_answered_as_one_by_one(model: LocalModel) -> None:
    turns = [("system", "Be brief."), ("user", "a"), ("assistant", "b")]
    requests = ["Où ?", "Combien de soldats allemands y a-t-il ?", "Qui ?"]
    before = "".join(f"<|im_start|>{role}\n{said}<|im_end|>\n" for role, said in turns)
    outputs = Prompted(model, turns)(requests, 8, begin="Q:")
    for request, output in zip(requests, outputs, strict=True):
        alone = _alone(model, f"{before}<|im_start|>user\n{request}<|im_end|>\n<|im_start|>assistant\nQ:", 8)
        assert output.text == "".join(chr(token + 97) for token in alone if token != END)
        assert output.ended == (END in alone)
        assert len(output.pieces) == len(output.scores)
        assert all(score <= 0 for score in output.scores)


def test_what_is_drawn_is_drawn_again_with_the_same_seed(model: LocalModel) -> None:
    asked = Prompted(model, [("system", "Be brief.")])
    drawn = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        drawn.append(asked(["Où ?"], 12, temperature=2.0)[0].text)
    assert drawn[0] == drawn[1] != drawn[2]
