"""Traces: one span a request, and one for each stage of its answer. Owns OpenTelemetry.

Off unless an address is set. Knows nothing of routes nor of how answers come about: the log of a request and the events
of an answer say what there is to say. No question and no text of an article becomes part of a trace.
"""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from types import TracebackType

from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, format_trace_id
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.settings import Settings, SettingsError
from index.types import Filters
from service.services import Answering, SearchResult, Services
from service.types import Answer, Chosen, Event, Question, Retrieved

NAME = "sourcier"
_TOLD = ("request_id", "outcome", "error", "lang", "claims", "citations", "passages", "snapshot")  # of a request's log


@contextmanager
def open_tracer(settings: Settings, *, version: str) -> Iterator[Tracer | None]:
    """What spans are made with; None where no address is set. What is left is sent when the block ends.

    Raises `SettingsError` where the packages are missing that send them.
    """
    if settings.traces is None:
        yield None
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as exc:
        raise SettingsError(
            "SOURCIER_TRACES is set, and what sends traces is not installed; run `.venv/bin/pip install '.[otel]'`,"
            " or unset it"
        ) from exc
    provider = TracerProvider(resource=Resource.create({"service.name": NAME, "service.version": version}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.traces)))
    try:
        yield provider.get_tracer(NAME, version)
    finally:
        provider.shutdown()


class RequestSpans:
    """A layer within the envelope: a span around each request, in the trace that its `traceparent` names."""

    def __init__(self, app: ASGIApp, *, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer
        self._propagator = TraceContextTextMapPropagator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status: int | None = None

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        caller = self._propagator.extract(Headers(scope=scope))
        with self._tracer.start_as_current_span(
            scope["method"], caller, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            scope["state"]["log"]["trace_id"] = format_trace_id(span.get_span_context().trace_id)
            gone = False
            try:
                await self._app(scope, receive, sending)
            except ClientDisconnect:
                gone = True
                raise
            finally:
                _describe(span, scope, status, gone=gone)


def traced(services: Services, tracer: Tracer | None) -> Services:
    """The same services, each stage of whose answers and searches has a span."""
    return replace(services, answerer=_Traced(services.answerer, tracer)) if tracer else services


def _describe(span: Span, scope: Scope, status: int | None, *, gone: bool) -> None:
    """What the log of the request knows now that it is answered. A mistake of the client's is no error of ours."""
    log = scope["state"]["log"]
    if route := log.get("route"):
        span.update_name(f"{scope['method']} {route}")
        span.set_attribute("http.route", route)
    span.set_attribute("http.request.method", scope["method"])
    if status is not None:
        span.set_attribute("http.response.status_code", status)
    known = {**log, "request_id": scope["state"]["request_id"]} | ({"outcome": "disconnected"} if gone else {})
    span.set_attributes({f"{NAME}.{name}": known[name] for name in _TOLD if name in known})
    refused = status is not None and 400 <= status < 500
    if not gone and not refused and (status is None or status >= 500 or "error" in log):
        span.set_status(StatusCode.ERROR, log.get("error"))


class _Traced:
    def __init__(self, answerer: Answering, tracer: Tracer) -> None:
        self._answerer = answerer
        self._tracer = tracer

    def ask(self, question: Question) -> Answer:
        *_, answer = self.events(question)
        assert isinstance(answer, Answer)
        return answer

    def events(self, question: Question) -> Generator[Event]:
        with closing(self._answerer.events(question)) as events, _Stages(self._tracer) as stages:
            stages.begin("retrieve")
            for event in events:
                match event:
                    case Retrieved():
                        stages.begin("evidence")
                    case Chosen():
                        stages.begin("compose")
                    case Answer():
                        stages.end()
                yield event

    def search(self, query: str, k: int, filters: Filters) -> SearchResult:
        with _Stages(self._tracer) as stages:
            stages.begin("retrieve")
            return self._answerer.search(query, k, filters)


class _Stages:
    """The spans of stages that come one after the other; what fails or is given up ends the last of them."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._span: Span | None = None

    def begin(self, stage: str) -> None:
        self.end()
        self._span = self._tracer.start_span(stage)

    def end(self) -> None:
        if self._span:
            self._span.end()
        self._span = None

    def __enter__(self) -> "_Stages":
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if self._span and kind and issubclass(kind, Exception):  # a generator that is closed did not fail
            self._span.set_status(StatusCode.ERROR, kind.__name__)
        self.end()
