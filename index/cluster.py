"""An encoder whose passages are encoded by the workers of a Dask cluster, each text as one machine would encode it.

Owns how texts are dealt out and come back in order; Dask owns workers, retries and the network. Everything else of an
index (parsing, cutting, writing) stays where it is: this is one more `Encoder`.
"""

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from index.encoder import Encoder, FloatArray, StatesEncoder, open_encoder
from index.errors import EncoderError
from index.kept_states import KeptStates
from index.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

TEXTS_A_TASK = 16
WORKERS_WAIT_S = 60

Progress = Callable[[int], None]


class ClusterEncoder:
    """The encoder that `settings` name, on every worker. A worker that dies loses its tasks to the others."""

    def __init__(self, client: "Client", settings: Settings) -> None:
        self._client = client
        self._settings = settings.model_dump_json()
        self.name, self.dim, self.query_prefix, self.passage_prefix = self._one(_about)

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        rows: FloatArray = self._one(_queries, list(texts))
        return rows

    def encode_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> FloatArray:
        blocks = self._dealt(_passages, texts, progress)
        return np.concatenate([np.zeros((0, self.dim), np.float32), *blocks])

    def _dealt(self, task: Callable[..., Any], texts: Sequence[str], progress: Progress | None) -> list[Any]:
        """What `task` gives for each run of texts, in order. Any: of `task`'s own type."""
        runs = [list(texts[start : start + TEXTS_A_TASK]) for start in range(0, len(texts), TEXTS_A_TASK)]
        with _clear_errors():
            futures = [self._client.submit(task, self._settings, run, pure=False) for run in runs]
            results = []
            for run, future in zip(runs, futures, strict=True):
                results.append(future.result())
                if progress:
                    progress(len(run))
        return results

    def _one(self, task: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401  # of `task`'s own type
        with _clear_errors():
            return self._client.submit(task, self._settings, *arguments, pure=False).result()


class KeepingClusterEncoder(ClusterEncoder):
    """The same, of an encoder whose token states are kept."""

    def encode_passages_and_states(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> tuple[FloatArray, list[KeptStates]]:
        blocks = self._dealt(_passages_and_states, texts, progress)
        rows = np.concatenate([np.zeros((0, self.dim), np.float32), *(rows for rows, _ in blocks)])
        return rows, [kept for _, states in blocks for kept in states]


@contextmanager
def cluster_encoder(address: str, settings: Settings) -> "Iterator[ClusterEncoder]":
    """The encoder of the cluster whose scheduler listens at `address`, once a worker is there.

    Raises `EncoderError` saying what is missing.
    """
    with _connected(address) as client:
        with _clear_errors():
            client.wait_for_workers(1, timeout=WORKERS_WAIT_S)
        keeps = settings.encoder is None and settings.keep_states
        yield (KeepingClusterEncoder if keeps else ClusterEncoder)(client, settings)


def _connected(address: str) -> "Client":
    try:
        from distributed import Client
    except ImportError as exc:
        raise EncoderError(
            f"encoding on {address} needs Dask, which is not installed ({exc}); pip install distributed==2026.8.0"
        ) from exc
    try:
        with _clear_errors():
            return Client(address, set_as_default=False)  # type: ignore[no-untyped-call]
    except (ValueError, TypeError) as exc:  # TypeError: of TLS that is not configured
        raise EncoderError(f"{address} cannot be connected to ({exc}); name a scheduler as in tcp://HOST:8786") from exc


@contextmanager
def _clear_errors() -> "Iterator[None]":
    from distributed import KilledWorker

    try:
        yield
    except (OSError, TimeoutError, KilledWorker) as exc:
        raise EncoderError(f"the cluster failed: {exc}; see its scheduler's log, and whether workers are up") from exc


# What workers run: functions of the settings, as JSON, each of which loads the encoder once in a process.


@cache
def _encoder(settings: str) -> Encoder:
    return open_encoder(Settings.model_validate_json(settings, strict=False))


def _about(settings: str) -> tuple[str, int, str, str]:
    encoder = _encoder(settings)
    return encoder.name, encoder.dim, encoder.query_prefix, encoder.passage_prefix


def _queries(settings: str, texts: list[str]) -> FloatArray:
    return _encoder(settings).encode_queries(texts)


def _passages(settings: str, texts: list[str]) -> FloatArray:
    return _encoder(settings).encode_passages(texts)


def _passages_and_states(settings: str, texts: list[str]) -> tuple[FloatArray, list[KeptStates]]:
    encoder = _encoder(settings)
    assert isinstance(encoder, StatesEncoder)
    return encoder.encode_passages_and_states(texts)
