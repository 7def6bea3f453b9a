"""A GGUF model, run in this process by llama.cpp. The only module that imports `xllamacpp`."""

import os
import time
from pathlib import Path
from typing import Any  # JSON

from prompts.writing import writing_digest
from service.types import Lang
from service.writers.prompting import chat, most_tokens, one_line
from service.writers.turns import Turns
from service.writers.types import Stop, Task, WriterFailed, WriterLate, WriterStopped, WriterUnusable, never

CONTEXT_TOKENS = 2048
_PATIENT = "PASSIVE"


class LocalWriter:
    """One sentence at a time, always the likeliest token: the same sentence gives the same text."""

    def __init__(self, path: Path, *, threads: int) -> None:
        """Raises `WriterUnusable` where llama.cpp or the model cannot be loaded."""
        # Threads that wait in a busy loop hold up each other once anything else runs: 0.3 tokens a second for 4.
        os.environ.setdefault("OMP_WAIT_POLICY", _PATIENT)
        try:
            import xllamacpp  # late: it reads the variable above when it is loaded

            params = xllamacpp.CommonParams()
            params.model.path = str(path)
            params.n_ctx, params.n_parallel, params.port = CONTEXT_TOKENS, 1, 0
            params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
            params.warmup = params.fit_params = False
            params.verbosity = 0
            self._server = xllamacpp.Server(params)
        except (ImportError, OSError, RuntimeError, ValueError) as exc:
            raise WriterUnusable(
                f"{path} cannot be loaded by llama.cpp ({exc}); set SOURCIER_WRITER=extractive"
            ) from exc
        self._turns = Turns()
        self.name = f"local:{path.stem}@{writing_digest()}"

    def renders(self, evidence_lang: str, lang: Lang) -> bool:
        """Into English only: into French the default model is too often wrong."""
        return evidence_lang == Lang.FR and lang == Lang.EN

    def write(self, task: Task, *, timeout_s: float, stop: Stop = never) -> str:
        deadline = time.monotonic() + timeout_s
        with self._turns.take(self.name, timeout_s):
            return one_line(task, self._generate(task, deadline, stop))

    def _generate(self, task: Task, deadline: float, stop: Stop) -> str:
        pieces: list[str] = []
        ended: list[WriterFailed] = []

        def take(chunk: Any) -> bool:  # noqa: ANN401  # JSON
            if "error" in chunk:
                ended.append(WriterFailed(f"{self.name}: {chunk['error']}"))
            elif time.monotonic() > deadline:
                ended.append(WriterLate(f"{self.name} gave no whole sentence in time"))
            elif stop():
                ended.append(WriterStopped(f"{self.name} was stopped"))
            else:
                pieces.extend(choice["delta"].get("content") or "" for choice in chunk.get("choices", ()))
            return bool(ended)

        asked = {
            "messages": chat(task), "max_tokens": most_tokens(task), "temperature": 0, "top_k": 1, "seed": 1,
            "cache_prompt": True, "stop": ["\n"], "stream": True,
        }  # fmt: skip
        try:
            self._server.handle_chat_completions(asked, take)
        except (RuntimeError, ValueError) as exc:
            raise WriterFailed(f"{self.name}: {exc}") from exc
        if ended:
            raise ended[0]
        return "".join(pieces)
