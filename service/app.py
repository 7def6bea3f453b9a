"""The HTTP application: what it is made of. Knows nothing of how answers come about."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import anyio
from fastapi import FastAPI
from fastapi.routing import APIRoute
from opentelemetry.trace import Tracer
from starlette.middleware.cors import CORSMiddleware

from index.settings import Settings
from service import (
    http_articles,
    http_browsing,
    http_bulk,
    http_chat,
    http_files,
    http_health,
    http_metrics,
    http_questions,
    http_renderings,
)
from service.audit import FILE_NAME as AUDIT_FILE_NAME
from service.audit import AuditLog, audited
from service.http_admission import Admission, scope_needed
from service.http_errors import documented, handle_errors
from service.http_loading import Loading
from service.http_middleware import Envelope, hosts_allowed
from service.http_page import page_router
from service.http_workers import Workers
from service.keys import KeyRing
from service.metrics import Metrics
from service.observing import observed
from service.services import Load, Services
from service.tracing import RequestSpans, traced

VERSION = "0.1.0"
_DESCRIPTION = "Answers questions about a collection of news articles, in French or English, with exact citations."


def create_app(
    services: Services | Load,
    settings: Settings,
    *,
    metrics: Metrics | None = None,
    keys: KeyRing | None = None,
    tracer: Tracer | None = None,
    on_failure: Callable[[Exception], None] = lambda _: None,
) -> FastAPI:
    """The application over `services`, or over what `services(report)` will have loaded. It counts into `metrics`
    and is traced by `tracer`, where there is one. Who is let in is said by `keys`, else by the settings.

    With a function the application answers at once, loads in a thread, and says 503 meanwhile; if that fails,
    `on_failure` is told, so that the process can end. The services are closed with the application.
    """
    app = _Application(
        title="Sourcier", version=VERSION, description=_DESCRIPTION, lifespan=_lifespan(on_failure),
        docs_url=None, redoc_url=None, redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,  # what generated clients call it
    )  # fmt: skip
    app.state.settings = settings
    app.state.metrics = metrics = metrics or Metrics()
    app.state.keys = keys = keys or KeyRing.of(settings)
    audit = audit_log(settings, keys)

    def prepare(loaded: Services) -> Services:
        return audited(observed(traced(loaded, tracer), [metrics]), audit)

    app.state.loading = Loading(services, prepare=prepare)
    app.state.workers = Workers(at_once=settings.workers, waiting=settings.max_waiting)
    app.state.probes = Workers(at_once=1, waiting=16)  # a probe must not wait behind questions

    hosts = hosts_allowed(settings.host, settings.allowed_hosts)
    app.add_middleware(
        Admission, keys=keys, needed=scope_needed,
        per_key=settings.per_key, per_address=settings.per_address,
    )  # fmt: skip
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=settings.cors_origins, allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["*"],  # SDKs send their own, which change (x-stainless-…), and none of them opens anything
            expose_headers=["X-Request-ID", "Retry-After"],
        )  # fmt: skip
    if tracer:
        app.add_middleware(RequestSpans, tracer=tracer)
    routers = [
        http_questions.router, http_chat.router, http_articles.router, http_browsing.router, http_bulk.router,
        http_files.router, http_health.router, http_metrics.router, http_renderings.router, page_router(),
    ]  # fmt: skip
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    app.add_middleware(Envelope, allowed_hosts=hosts, metrics=metrics, routes=routes)
    for router in routers:
        app.include_router(router)
    handle_errors(app, routes)
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
            for schema in ("AskRequest", "SearchRequest", "ChatOptions"):
                schemas[schema]["properties"]["k"]["maximum"] = settings.max_k
            self._show_admission()
            text, _ = schemas["UserMessage"]["properties"]["content"]["anyOf"]
            text["maxLength"] = settings.max_question_chars
        return super().openapi()

    def _show_admission(self) -> None:
        assert self.openapi_schema is not None
        keys: KeyRing = self.state.keys
        refusals = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)
        bearer = {"type": "http", "scheme": "bearer", "description": "A key, where the service has some."}
        self.openapi_schema["components"]["securitySchemes"] = {"key": bearer}
        for path, operations in self.openapi_schema["paths"].items():
            for operation in operations.values() if path.startswith("/v1") else ():
                operation["responses"] |= {str(int(status)): documented(status) for status in refusals}
                if keys.required:
                    operation["security"] = [{"key": []}]


def audit_log(settings: Settings, keys: KeyRing) -> AuditLog:
    """While there are no keys and no file is named for it there is nobody to name, and nothing is recorded."""
    if settings.audit_log:
        return AuditLog(settings.audit_log, wanted=lambda: True)
    return AuditLog(settings.data / AUDIT_FILE_NAME, wanted=lambda: keys.required)
