"""The writer that the settings name: chosen, then fetched and loaded in a thread while the service answers already."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from index.settings import Settings
from service.writers.types import Generator, WriterState, WriterStatus, WriterUnusable

logger = logging.getLogger(__name__)

Load = Callable[[Callable[[WriterState], None]], Generator]


class Writer:
    """Holds the generator once it is loaded. Until then, and where it fails, there is none, and it says why."""

    def __init__(self, load: Load | None) -> None:
        """`load` is told whom to tell what it is doing; without it there is no writer."""
        self._generator: Generator | None = None
        self._status = WriterStatus(WriterState.LOADING if load else WriterState.NONE)
        self._thread = threading.Thread(target=self._run, args=(load,), name="writer", daemon=True) if load else None
        if self._thread:
            self._thread.start()

    @property
    def generator(self) -> Generator | None:
        return self._generator

    @property
    def status(self) -> WriterStatus:
        return self._status

    def wait(self, timeout_s: float | None = None) -> None:
        """Until it is loaded or has failed."""
        if self._thread:
            self._thread.join(timeout_s)

    def _run(self, load: Load) -> None:
        def report(state: WriterState) -> None:
            self._status = WriterStatus(state)

        try:
            generator = load(report)
        except WriterUnusable as exc:
            logger.warning("answers quote, without a writer: %s", exc)
            self._status = WriterStatus(WriterState.FAILED, str(exc))
        except Exception as exc:  # of a library: the service goes on without a writer, and says so
            logger.exception("answers quote, without a writer")
            self._status = WriterStatus(WriterState.FAILED, f"{type(exc).__name__}: {exc}")
        else:
            self._generator = generator
            self._status = WriterStatus(WriterState.READY, generator.name)


def open_writer(settings: Settings) -> Writer:
    """The writer of the settings, loading. Raises `WriterUnusable` where what is set can be seen to be wrong."""
    load = _chosen(settings)
    strong = settings.writer in ("openai", "transformers") or (settings.writer == "auto" and settings.writer_url)
    if settings.synthesis and not strong:
        raise WriterUnusable(
            f"SOURCIER_SYNTHESIS needs a writer that can merge sentences, and {settings.writer} cannot;"
            " set SOURCIER_WRITER to openai or transformers, or unset SOURCIER_SYNTHESIS"
        )
    return Writer(load)


def _chosen(settings: Settings) -> Load | None:
    from service.writers.weights import path_for

    packaged = path_for(settings.data)
    path = Path(settings.writer_model).expanduser() if settings.writer_model else packaged
    match settings.writer:
        case "extractive":
            return None
        case "auto" if settings.writer_url:
            return _endpoint(settings)
        case "auto" if not (packaged.exists() or settings.fetch_weights):
            return None
        case "openai":
            return _endpoint(settings)
        case "transformers":
            return _hub(settings)
    if settings.writer_model and settings.writer == "local" and not path.exists():
        raise WriterUnusable(f"SOURCIER_WRITER_MODEL = {settings.writer_model!r} is no file; name a GGUF file")
    return _local(settings, path if settings.writer == "local" else packaged)


def _local(settings: Settings, path: Path) -> Load:
    from service.writers import weights

    def load(report: Callable[[WriterState], None]) -> Generator:
        if path == weights.path_for(settings.data):
            if not path.exists():
                if not settings.fetch_weights:
                    raise WriterUnusable(
                        f"{path} is not there; `make run` fetches it, or set SOURCIER_FETCH_WEIGHTS=true"
                    )
                report(WriterState.FETCHING)
                weights.fetch(path)
                report(WriterState.LOADING)
            weights.check(path)
        from service.writers.local import LocalWriter

        return LocalWriter(path, threads=settings.threads)

    return load


def _endpoint(settings: Settings) -> Load:
    if not settings.writer_url or not settings.writer_model:
        raise WriterUnusable("the writer openai needs SOURCIER_WRITER_URL and SOURCIER_WRITER_MODEL; set both")
    from service.writers.endpoint import EndpointWriter

    key = settings.writer_api_key.get_secret_value() if settings.writer_api_key else None
    writer = EndpointWriter(
        settings.writer_url, settings.writer_model, key=key, timeout_s=settings.writer_timeout_s
    )  # fmt: skip
    return lambda _: writer


def _hub(settings: Settings) -> Load:
    name = settings.writer_model
    if not name:
        raise WriterUnusable("the writer transformers needs SOURCIER_WRITER_MODEL: a hub name or a folder")
    from service.writers.hub import HubWriter

    return lambda _: HubWriter(name, threads=settings.threads, synthesis=settings.synthesis)
