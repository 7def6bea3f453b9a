"""Any causal or sequence-to-sequence model of the `transformers` library, by hub name or folder."""

import time
from typing import Any  # transformers' own classes are untyped

from prompts.writing import writing_digest
from service.types import Lang
from service.writers.prompting import chat, most_tokens, one_line, plain
from service.writers.turns import Turns
from service.writers.types import Stop, Task, WriterFailed, WriterLate, WriterStopped, WriterUnusable, never

_CODES = {"fr": ("fr", "fra_Latn", "fr_XX"), "en": ("en", "eng_Latn", "en_XX")}  # M2M100, NLLB, mBART


class HubWriter:
    """A causal model is told the prompts; a sequence-to-sequence one is given the sentence, as a translation model."""

    def __init__(self, name: str, *, threads: int, synthesis: bool = False) -> None:
        """Raises `WriterUnusable` where there is no such model, or it is of another kind: `synthesis` needs a causal
        one."""
        import torch
        from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

        torch.set_num_threads(threads)
        try:
            config = AutoConfig.from_pretrained(name)
            self._seq2seq = bool(config.is_encoder_decoder)
            kind: Any = AutoModelForSeq2SeqLM if self._seq2seq else AutoModelForCausalLM
            self._model = kind.from_pretrained(name).eval()
            self._tokenizer: Any = AutoTokenizer.from_pretrained(name)
        except (OSError, ValueError, ImportError, KeyError) as exc:
            raise WriterUnusable(f"the model {name!r} cannot be loaded by transformers ({exc}); name another") from exc
        if synthesis and self._seq2seq:
            raise WriterUnusable(f"the model {name!r} renders sentences and merges none; unset SOURCIER_SYNTHESIS")
        self._turns = Turns()
        self.name = f"transformers:{name}@{writing_digest()}"

    def renders(self, evidence_lang: str, lang: Lang) -> bool:
        return evidence_lang != lang

    def write(self, task: Task, *, timeout_s: float, stop: Stop = never) -> str:
        deadline = time.monotonic() + timeout_s
        with self._turns.take(self.name, timeout_s):
            return one_line(task, self._generate(task, deadline, stop))

    def _generate(self, task: Task, deadline: float, stop: Stop) -> str:
        import torch
        from transformers import StoppingCriteria, StoppingCriteriaList

        class Until(StoppingCriteria):
            def __call__(self, ids: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401  # untyped
                over = stop() or time.monotonic() > deadline
                return torch.full((ids.shape[0],), over, dtype=torch.bool)

        try:
            inputs, options = self._inputs(task)
            with torch.inference_mode():
                made = self._model.generate(
                    **inputs, **options, max_new_tokens=most_tokens(task), do_sample=False, num_beams=1,
                    stopping_criteria=StoppingCriteriaList([Until()]),
                )  # fmt: skip
        except (RuntimeError, ValueError, IndexError) as exc:
            raise WriterFailed(f"{self.name}: {exc}") from exc
        if stop():
            raise WriterStopped(f"{self.name} was stopped")
        if time.monotonic() > deadline:
            raise WriterLate(f"{self.name} gave no whole sentence in time")
        new = made[0] if self._seq2seq else made[0][inputs["input_ids"].shape[1] :]
        return str(self._tokenizer.decode(new, skip_special_tokens=True))

    def _inputs(self, task: Task) -> tuple[Any, dict[str, Any]]:
        tokenizer = self._tokenizer
        if not self._seq2seq:
            if tokenizer.chat_template:
                text = tokenizer.apply_chat_template(chat(task), tokenize=False, add_generation_prompt=True)
                return tokenizer(text, return_tensors="pt", add_special_tokens=False), {}
            return tokenizer(plain(task), return_tensors="pt"), {}
        options = {}
        if hasattr(tokenizer, "src_lang"):
            tokenizer.src_lang = self._code(task.evidence_lang)
            options["forced_bos_token_id"] = tokenizer.convert_tokens_to_ids(self._code(task.lang))
        prefixes = getattr(self._model.config, "task_specific_params", None) or {}
        prefix = prefixes.get(f"translation_{task.evidence_lang}_to_{task.lang}", {}).get("prefix", "")
        return tokenizer(prefix + " ".join(task.evidence.split()), return_tensors="pt"), options

    def _code(self, lang: str) -> str:
        known = self._tokenizer.get_vocab()
        return next((code for code in _CODES[lang] if code in known or f"__{code}__" in known), lang)
