"""The HTTP application: what it is made of. Knows nothing of how answers come about."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
from fastapi import FastAPI
from fastapi.routing import APIRoute

from index.settings import Settings
from service import http_articles, http_browsing, http_bulk, http_files, http_health, http_metrics, http_questions
from service.http_errors import handle_errors
from service.http_loading import Loading
from service.http_middleware import Envelope, hosts_allowed
from service.http_page import page_router
from service.http_workers import Workers
from service.metrics import Metrics
from service.observing import observed
from service.services import Load, Services

VERSION = "0.1.0"
_DESCRIPTION = "Answers questions about a collection of news articles, in French or English, with exact citations."


def create_app(
    services: Services | Load,
    settings: Settings,
    *,
    metrics: Metrics | None = None,
    on_failure: Callable[[Exception], None] = lambda _: None,
) -> FastAPI:
    """The application over `services`, or over what `services(report)` will have loaded. It counts into `metrics`.

    With a function the application answers at once, loads in a thread, and says 503 meanwhile; if that fails,
    `on_failure` is told, so that the process can end. The services are closed with the application.
    """
    app = _Application(
        title="Sourcier", version=VERSION, description=_DESCRIPTION, lifespan=_lifespan(on_failure),
        docs_url=None, redoc_url=None, redirect_slashes=False,
    )  # fmt: skip
    app.state.settings = settings
    app.state.metrics = metrics = metrics or Metrics()
    app.state.loading = Loading(services, prepare=lambda loaded: observed(loaded, [metrics]))
    app.state.workers = Workers(at_once=settings.workers, waiting=settings.max_waiting)
    app.state.probes = Workers(at_once=1, waiting=16)  # a probe must not wait behind questions

    hosts = hosts_allowed(settings.host, settings.allowed_hosts)
    app.add_middleware(Envelope, allowed_hosts=hosts, metrics=metrics)
    routers = [
        http_questions.router, http_articles.router, http_browsing.router, http_bulk.router, http_files.router,
        http_health.router, http_metrics.router, page_router(),
    ]  # fmt: skip
    for router in routers:
        app.include_router(router)
    handle_errors(app, [route for router in routers for route in router.routes if isinstance(route, APIRoute)])
    return app


def _lifespan(on_failure: Callable[[Exception], None]) -> Callable[[FastAPI], Any]:  # Any: FastAPI's own type
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loading: Loading = app.state.loading
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(loading.run, on_failure)
            yield
        await loading.close()

    return lifespan


class _Application(FastAPI):
    """Its OpenAPI document shows the bounds that are set."""

    def openapi(self) -> dict[str, Any]:  # Any: JSON
        if self.openapi_schema is None:
            settings: Settings = self.state.settings
            schemas = super().openapi()["components"]["schemas"]
            for schema, field in (("AskRequest", "question"), ("SearchRequest", "query")):
                schemas[schema]["properties"][field]["maxLength"] = settings.max_question_chars
                schemas[schema]["properties"]["k"]["maximum"] = settings.max_k
        return super().openapi()
