"""The encoder: text in, L2-normalised vectors out. Owns the sentence-transformers model, knows nothing of articles."""

import hashlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from index.errors import EncoderError
from index.grouping import grouped
from index.kept_states import KeptStates, pack, text_key, with_offsets
from index.packaged_encoder import FOLDER_NAME, PackagedEncoderError, packaged_encoder
from index.settings import Settings, repository_root

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor

    from index.cores import Cores
    from index.token_states import Offsets, Tokens, TokenStates

FloatArray = NDArray[np.float32]
Made = TypeVar("Made")
BATCH = 16
GROUP_TOKENS = 512  # of passages encoded together: a question that comes meanwhile waits for one group
QUESTIONS_AT_ONCE = 16  # a question of eight takes less than half the time of one alone; more gain little
REMEMBERED = 64  # questions: one is asked for several times on the way to its answer


class Encoder(Protocol):
    """Text to vectors. `name` identifies the weights and goes into an index's manifest."""

    name: str
    dim: int
    query_prefix: str
    passage_prefix: str

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """float32, (n, dim), rows L2-normalised."""

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        """float32, (n, dim), rows L2-normalised; `progress` is told how many more are done, a batch at a time."""


@runtime_checkable
class StatesEncoder(Encoder, Protocol):
    """An encoder that also gives what is kept of each passage's tokens."""

    def encode_passages_and_states(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> tuple[FloatArray, list[KeptStates]]:
        """The vectors as `encode_passages` gives them, and the states of each text's tokens."""


class SentenceTransformerEncoder:
    """Any sentence-transformers model, one call at a time: the cores are shared by the threads inside a call."""

    def __init__(self, model: "SentenceTransformer", name: str) -> None:
        self.model = model
        self.name = name
        self.dim = model.get_embedding_dimension() or 0
        self.query_prefix = _prompt(model, "query", name)
        self.passage_prefix = _prompt(model, "passage", name) or _prompt(model, "document", name)
        self._one_at_a_time = threading.Lock()

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        return self._encode([self.query_prefix + text for text in texts], None)

    encode_symmetric = encode_queries

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        return self._encode([self.passage_prefix + text for text in texts], progress)

    def _encode(self, texts: list[str], progress: Callable[[int], None] | None) -> FloatArray:
        """Longest first, so that a batch holds texts of like length and little padding."""
        rows = np.zeros((len(texts), self.dim), np.float32)
        order = sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            rows[batch] = self._forward([texts[i] for i in batch])
            if progress:
                progress(len(batch))
        return rows

    def _forward(self, texts: list[str]) -> FloatArray:
        with self._one_at_a_time:
            try:
                vectors = self.model.encode(
                    texts, prompt="", batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
                )
            except (RuntimeError, ValueError, MemoryError) as exc:
                raise EncoderError(f"the encoder {self.name} failed on {len(texts)} texts: {exc}") from exc
        vectors = np.asarray(vectors, np.float32)
        if not np.isfinite(vectors).all():
            raise EncoderError(f"the encoder {self.name} gave vectors that are not finite")
        return vectors


class PackagedEncoder(SentenceTransformerEncoder):
    """The packaged encoder, looked into: the joint reader goes on from what it makes of each token. Its last layers are
    others for questions, trained to lie near the passages that answer, and so are its first ones where a question is
    read, trained with the reader.

    Where products are steady, texts are encoded in groups, each on one core: two cores do two groups in less time than
    they do one after the other together.
    """

    def __init__(self, model: "SentenceTransformer", name: str, cores: "Cores") -> None:
        import torch

        from index.products import product_type, steady
        from index.query_layers import READING_WEIGHTS, query_layers
        from index.token_states import SPLIT_LAYER, TokenEncoder, layers_of

        super().__init__(model, name)
        self.cores = cores
        own = layers_of(model)
        reading = query_layers(own[:SPLIT_LAYER], READING_WEIGHTS)
        self.tokens = TokenEncoder(model, query_layers=query_layers(own), reading_layers=reading)
        self._steady = steady()
        # Of so few tokens, reading the weights takes the time: in float32 a second core helps with it.
        self._question_cores = 1 if product_type() is torch.bfloat16 else None
        self._found_by = self._remembering(self.tokens.query_states)
        self._read_with = self._remembering(self.tokens.reading_states)

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """float32, (n, dim), rows L2-normalised. Questions that threads ask at once are encoded together."""
        rows = [_mean(self.question_states(self.query_prefix + text)[0]) for text in texts]
        return np.array(rows, np.float32).reshape(-1, self.dim)

    def encode_symmetric(self, texts: Sequence[str]) -> FloatArray:
        """The same through the layers that came with the encoder, as texts are that are compared with each other."""
        rows = self._of_each([self.query_prefix + text for text in texts], lambda _, its: _mean(its.last), None)
        return np.array(rows, np.float32).reshape(-1, self.dim)

    def question_states(self, text: str, *, max_tokens: int | None = None) -> "tuple[Tensor, Offsets]":
        """The states that a question finds passages by, float32 (tokens, dim), and the tokens' offsets; its prefix
        included. Those asked for last are remembered."""
        ids, offsets = self.tokens.tokenise(text, max_tokens=max_tokens)
        return self._found_by(tuple(ids)), offsets

    def reading_states(self, text: str, *, max_tokens: int | None = None) -> "Tensor":
        """The states that a question is read with, float32 (tokens, dim); its prefix included. Those asked for last are
        remembered. They cost a pass of their own, which a search has no use for."""
        return self._read_with(tuple(self.tokens.tokenise(text, max_tokens=max_tokens)[0]))

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        """float32, (n, dim), rows L2-normalised; `progress` is told how many more are done, a group at a time."""
        rows = self._of_each([self.passage_prefix + text for text in texts], lambda _, its: _mean(its.last), progress)
        return np.array(rows, np.float32).reshape(-1, self.dim)

    def kept_states(self, texts: Sequence[str]) -> list[KeptStates]:
        """What is kept of each text's tokens; the texts begin with their prefix."""
        return self._of_each(texts, self._kept, None)

    def _kept(self, text: str, states: "TokenStates") -> KeptStates:
        blob = with_offsets(pack(states.split.numpy(), states.last.numpy()), states.offsets)
        return KeptStates(text_key(self.name, text), blob)

    def _of_each(
        self, texts: Sequence[str], make: "Callable[[str, TokenStates], Made]", progress: Callable[[int], None] | None
    ) -> list[Made]:
        """What `make` makes of each text and its states. Raises `EncoderError`."""
        from index.token_states import TokenStates

        def of_group(group: list[_Tokenised]) -> list[Made]:
            try:
                with self.cores.share(most=1):
                    states = self.tokens.states([each.ids for each in group])
            except (RuntimeError, ValueError, MemoryError) as exc:
                raise EncoderError(f"the encoder {self.name} failed on {len(group)} texts: {exc}") from exc
            return [make(each.text, TokenStates(*its, each.offsets)) for each, its in zip(group, states, strict=True)]

        made: list[Made] = []
        tokenised = (_Tokenised(text, *self.tokens.tokenise(text)) for text in texts)
        threads, most = ThreadPoolExecutor(self.cores.count if self._steady else 1), GROUP_TOKENS if self._steady else 0
        try:
            for group in threads.map(of_group, grouped(tokenised, lambda each: len(each.ids), most)):
                made += group
                if progress:
                    progress(len(group))
        finally:
            threads.shutdown(cancel_futures=True)  # whoever stops us waits for the groups under way, not for all
        return made

    def _remembering(
        self, states: "Callable[[Sequence[Tokens]], list[Tensor]]"
    ) -> "Callable[[tuple[int, ...]], Tensor]":
        """The states of one question; those that threads ask for at once are made together."""
        from index.batching import Batcher

        def together(questions: list[tuple[int, ...]]) -> "list[Tensor]":
            with self.cores.share(most=self._question_cores):
                return [its.clone() for its in states(questions)]

        return lru_cache(maxsize=REMEMBERED)(Batcher(together, most=QUESTIONS_AT_ONCE if self._steady else 1))


class KeepingEncoder(PackagedEncoder):
    """The packaged encoder, whose token states are kept."""

    def encode_passages_and_states(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> tuple[FloatArray, list[KeptStates]]:
        """float32, (n, dim), rows L2-normalised, and the kept states of each text."""
        made = self._of_each(
            [self.passage_prefix + text for text in texts],
            lambda text, states: (_mean(states.last), self._kept(text, states)),
            progress,
        )
        rows = np.array([vector for vector, _ in made], np.float32).reshape(-1, self.dim)
        return rows, [kept for _, kept in made]


class _Tokenised(NamedTuple):
    text: str
    ids: list[int]
    offsets: list[tuple[int, int]]


def _mean(states: "Tensor") -> FloatArray:
    mean = states.mean(0)
    return np.asarray((mean / mean.norm()).numpy(), np.float32)


def open_encoder(settings: Settings) -> SentenceTransformerEncoder:
    """The encoder that the settings name: a folder, a hub model, or (by default) the packaged weights, offline.

    Torch uses at most `settings.threads` threads from here on. Raises `EncoderError` if the model cannot be loaded.
    """
    import torch
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    from index.cores import Cores

    torch.set_num_threads(settings.threads)
    torch.set_float32_matmul_precision("medium")  # oneDNN's products: MKL's take twice the time on AMD processors
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # not among our own lines
    models = repository_root() / "var" / "models"
    try:
        if settings.encoder is None:
            folder = packaged_encoder(models)
            kind = KeepingEncoder if settings.keep_states else PackagedEncoder
            return kind(SentenceTransformer(str(folder), device="cpu"), folder.name, Cores(settings.threads))
        model = SentenceTransformer(settings.encoder)
        name = Path(settings.encoder).name if Path(settings.encoder).is_dir() else settings.encoder
        return SentenceTransformerEncoder(model, f"{name}@{_weights_digest(model)}")
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError, PackagedEncoderError) as exc:
        if settings.encoder is None:
            raise EncoderError(
                f"the packaged encoder cannot be loaded: {exc}. Remove {models / FOLDER_NAME}, if it is there, then"
                " run `make setup`, both as a user who may write to the checkout: that makes the folder anew"
            ) from exc
        raise EncoderError(
            f"{settings.encoder} cannot be loaded: {exc}. Give a sentence-transformers name or folder as `encoder`"
            " (SOURCIER_ENCODER), or leave it out for the packaged one"
        ) from exc


def _prompt(model: "SentenceTransformer", kind: str, name: str) -> str:
    """The model's own prompt of that kind; the E5 family's prefixes where the model ships none."""
    if prompt := (model.prompts or {}).get(kind):
        return str(prompt)
    return f"{kind}: " if "e5" in Path(name).name.lower() and kind != "document" else ""


def _weights_digest(model: "SentenceTransformer") -> str:
    """Twelve hexadecimal digits that change with the weights, whatever the folder is called."""
    digest = hashlib.sha256()
    for name, tensor in model.state_dict().items():
        digest.update(f"{name}{tuple(tensor.shape)}{float(tensor.double().sum()):.6e}".encode())
    return digest.hexdigest()[:12]
