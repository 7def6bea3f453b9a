"""Holds the services: ready, still loading in a thread, or failed. Knows nothing of what loading them takes."""

import logging
import time
from collections.abc import Callable

import anyio.to_thread

from index.errors import IndexingError
from service.errors import ServiceError
from service.http_errors import ApiError, unavailable
from service.services import Load, Services

logger = logging.getLogger(__name__)

_OURS = (IndexingError, ServiceError)


class Loading:
    """Made of services, it is ready; made of a function that loads them, it is ready once `run` has called that.

    `prepare` makes of what was loaded what is served.
    """

    def __init__(self, source: Services | Load, *, prepare: Callable[[Services], Services]) -> None:
        self._prepare = prepare
        self._load = None if isinstance(source, Services) else source
        self._services = prepare(source) if isinstance(source, Services) else None
        self._stage = "the service"
        self._started = time.monotonic()
        self.failure: Exception | None = None

    async def run(self, on_failure: Callable[[Exception], None]) -> None:
        """Loads, in a thread. A failure is kept and handed to `on_failure`, which ends the service."""
        if self._load is None:
            return
        load, self._load = self._load, None
        try:
            self._services = self._prepare(await anyio.to_thread.run_sync(load, self._report))
        except Exception as exc:
            if not isinstance(exc, _OURS):
                logger.exception("loading %s failed", self._stage)
            self.failure = exc
            on_failure(exc)
        else:
            logger.info("ready after %.1f s", time.monotonic() - self._started)

    async def close(self) -> None:
        """Closes the services once nothing uses them any more."""
        services, self._services = self._services, None
        if services:
            await anyio.to_thread.run_sync(services.close)

    @property
    def loaded(self) -> Services | None:
        return self._services

    @property
    def services(self) -> Services:
        """Raises the 503 of a service that is not ready."""
        if self._services:
            return self._services
        raise self._not_ready()

    def _report(self, stage: str) -> None:
        logger.info("loading %s", stage)
        self._stage = stage

    def _not_ready(self) -> ApiError:
        if self.failure:
            message = f"the service could not load {self._stage}: {said(self.failure)}"
            return unavailable("failed", message, retry_after_s=60)
        seconds = time.monotonic() - self._started
        message = f"loading {self._stage} ({seconds:.0f} s so far); try again in a moment"
        return unavailable("loading", message, retry_after_s=2)


def said(failure: Exception) -> str:
    """Its message; of one that is not ours, which may be a bare word, its class too."""
    return str(failure) if isinstance(failure, _OURS) else f"{type(failure).__name__}: {failure}"
