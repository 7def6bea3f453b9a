"""Traces: what spans a request has, whose trace they are part of, and that no words of anybody are in them."""

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise

import pytest
from http_fakes import IRAQ, FakeAnswerer, services, settings
from starlette.testclient import TestClient

from index.errors import StoreUnavailable
from index.settings import SettingsError
from service.app import create_app
from service.services import Services
from service.tracing import open_tracer

pytest.importorskip("opentelemetry.sdk", reason="the extra `otel` is not installed")
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

QUESTION = {"question": "Que fait l’OTAN en secret ?"}
TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"


class Traced:
    """A service, and the spans that have ended."""

    def __init__(self) -> None:
        self.ended = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.ended))
        self.held: Services = services(IRAQ)
        tracer = self.provider.get_tracer("test")
        self.http = TestClient(create_app(self.held, settings(), tracer=tracer), raise_server_exceptions=False)

    @property
    def answerer(self) -> FakeAnswerer:
        assert isinstance(self.held.answerer, FakeAnswerer)
        return self.held.answerer

    def spans(self) -> tuple[ReadableSpan, list[ReadableSpan]]:
        """That of the one request, and those of its stages, in order."""
        *stages, request = self.ended.get_finished_spans()
        return request, stages


@pytest.fixture
def traced() -> Iterator[Traced]:
    made = Traced()
    yield made
    made.provider.shutdown()


@pytest.mark.parametrize("stream", [False, True])
def test_a_request_has_a_span_and_each_stage_of_its_answer_one_below_it(traced: Traced, stream: bool) -> None:
    traced.http.post("/v1/ask", json={**QUESTION, "stream": stream}, headers={"X-Request-ID": "r1"})
    request, stages = traced.spans()
    assert (request.name, [stage.name for stage in stages]) == ("POST /v1/ask", ["retrieve", "evidence", "compose"])
    assert [stage.parent for stage in stages] == [request.context] * 3
    assert dict(request.attributes or {}) == {
        "http.request.method": "POST", "http.route": "/v1/ask", "http.response.status_code": 200,
        "sourcier.request_id": "r1", "sourcier.outcome": "answered", "sourcier.lang": "fr", "sourcier.claims": 1,
        "sourcier.citations": 1, "sourcier.snapshot": "state",
    }  # fmt: skip
    for before, after in pairwise(stages):
        assert (before.end_time or 0) <= (after.start_time or 0)


def test_a_refusal_composes_nothing(traced: Traced) -> None:
    traced.http.post("/v1/ask", json={"question": "refusé ?"})
    request, stages = traced.spans()
    assert [stage.name for stage in stages] == ["retrieve", "evidence"]
    assert (request.attributes or {})["sourcier.outcome"] == "no_evidence"
    assert request.status.is_ok


def test_a_search_retrieves_and_a_read_has_no_stage(traced: Traced) -> None:
    traced.http.post("/v1/search", json={"query": "OTAN"})
    traced.http.get(f"/v1/articles/{IRAQ.article_id}")
    traced.http.get("/somewhere/else")
    assert [span.name for span in traced.ended.get_finished_spans()] == [
        "retrieve", "POST /v1/search", "GET /v1/articles/{article_id}", "GET",
    ]  # fmt: skip


def test_the_callers_trace_goes_on(traced: Traced) -> None:
    traced.http.post("/v1/ask", json=QUESTION, headers={"traceparent": f"00-{TRACE}-{CALLER}-01"})
    request, stages = traced.spans()
    assert request.parent
    assert f"{request.parent.span_id:016x}" == CALLER
    assert {f"{span.context.trace_id:032x}" for span in (request, *stages) if span.context} == {TRACE}


def test_a_traceparent_that_is_none_begins_a_trace(traced: Traced) -> None:
    traced.http.get("/healthz", headers={"traceparent": "00-zz-1"})
    assert traced.spans()[0].parent is None


def test_the_log_names_the_trace(traced: Traced, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "service")
    traced.http.get("/healthz", headers={"traceparent": f"00-{TRACE}-{CALLER}-01"})
    (line,) = [record.__dict__["fields"] for record in caplog.records if record.getMessage() == "request"]
    assert line["trace_id"] == TRACE


@pytest.mark.parametrize("stream", [False, True])
def test_what_fails_is_told_by_the_stage_and_the_request(traced: Traced, stream: bool) -> None:
    traced.answerer.breaks_with = StoreUnavailable("the disk is gone")
    traced.http.post("/v1/ask", json={**QUESTION, "stream": stream})
    request, stages = traced.spans()
    assert [stage.status.is_ok for stage in stages] == [True, True, False]
    assert (request.status.is_ok, request.status.description) == (False, "store_unavailable")


def test_a_mistake_of_the_client_is_no_error_of_ours(traced: Traced) -> None:
    traced.http.post("/v1/ask", json={"question": " "})
    request, _ = traced.spans()
    assert request.status.is_ok
    assert (request.attributes or {})["http.response.status_code"] == 422


def test_no_words_of_a_question_or_an_article_are_in_a_trace(traced: Traced) -> None:
    traced.http.post("/v1/ask", json=QUESTION)
    traced.answerer.breaks_with = RuntimeError("Que fait l’OTAN en secret ?")
    traced.http.post("/v1/ask", json=QUESTION)
    told = "".join(span.to_json(indent=None) for span in traced.ended.get_finished_spans())
    assert "secret" not in told
    assert "OTAN" not in told
    assert IRAQ.article_id not in told


def test_spans_are_sent_to_the_address_that_is_set() -> None:
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        ours = settings(traces=f"http://127.0.0.1:{collector.server_port}/v1/traces")
        with open_tracer(ours, version="7.8.9") as tracer:
            assert tracer
            tracer.start_span("retrieve").end()
        collector.shutdown()
    ((path, sent),) = received
    assert path == "/v1/traces"
    assert all(words in sent for words in (b"retrieve", b"sourcier", b"7.8.9"))


def test_without_an_address_there_is_nothing() -> None:
    with open_tracer(settings(), version="1") as tracer:
        assert tracer is None


def test_an_address_without_the_packages_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with (
        pytest.raises(SettingsError, match=r"pip install '\.\[otel\]'"),
        open_tracer(settings(traces="http://127.0.0.1:1/v1/traces"), version="1"),
    ):
        pass
