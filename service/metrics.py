"""What is counted and timed while serving, in a registry of its own. Owns the names of the series; knows no HTTP.

Each instance counts for itself, so that two applications in one process never add up.
"""

from collections.abc import Mapping
from dataclasses import asdict

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder

from index.types import Sizes
from service.attempts import OUTCOMES
from service.types import Answer, Timings

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30)  # seconds

SHED = frozenset({"overloaded", "rate_limited"})
"""The errors that turn a request away for the sake of the others."""


class Metrics:
    """The service's counters. Safe to use from many threads."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry = registry or CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "sourcier_http_requests", "Requests that were answered.", ["method", "route", "status"], registry=registry
        )
        self._request_seconds = Histogram(
            "sourcier_http_request_seconds", "From the head of a request to the end of its answer.",
            ["method", "route"], buckets=_BUCKETS, registry=registry,
        )  # fmt: skip
        self._in_flight = Gauge("sourcier_http_in_flight", "Requests that are being answered.", registry=registry)
        self._shed = Counter("sourcier_shed", "Requests that were turned away.", ["reason"], registry=registry)
        self._stage_seconds = Histogram(
            "sourcier_stage_seconds", "Each stage of an answer or a search, and the whole.",
            ["stage"], buckets=_BUCKETS, registry=registry,
        )  # fmt: skip
        self._answers = Counter("sourcier_answers", "Answers with claims.", ["lang"], registry=registry)
        self._refusals = Counter("sourcier_refusals", "Refusals.", ["reason", "lang"], registry=registry)
        self._claims = Counter("sourcier_claims", "Claims that were shown.", ["method"], registry=registry)
        self._guarded = Counter(
            "sourcier_guarded", "Claims that were to be written, and sentences rendered ahead: one outcome each time.",
            ["method", "outcome"], registry=registry,
        )  # fmt: skip
        self._findings = Counter(
            "sourcier_guard_findings", "What refused claims were refused for: once for each kind that a claim had.",
            ["method", "kind"], registry=registry,
        )  # fmt: skip
        self._ready = Gauge("sourcier_ready", "1 once index and models are loaded.", registry=registry)
        self._index = {
            name: Gauge(f"sourcier_index_{name}", help_text, registry=registry)
            for name, help_text in _INDEX_SERIES.items()
        }
        self._index_unread = Counter(
            "sourcier_index_unread", "Times that what the index holds could not be read; the gauges then stay.",
            registry=registry,
        )  # fmt: skip

    def began(self) -> None:
        """A request has come in."""
        self._in_flight.inc()

    def ended(self, *, method: str, route: str, status: str, seconds: float, error: str | None) -> None:
        """The request has been answered; `error` is the type of error it was answered with."""
        self._in_flight.dec()
        self._requests.labels(method, route, status).inc()
        self._request_seconds.labels(method, route).observe(seconds)
        if error in SHED:
            self._shed.labels(error).inc()

    def answered(self, answer: Answer) -> None:
        self._timed(answer.timings)
        if answer.refusal:
            self._refusals.labels(answer.refusal.reason.value, answer.lang.value).inc()
            return
        self._answers.labels(answer.lang.value).inc()
        for claim in answer.claims:
            self._claims.labels(claim.method.value).inc()

    def searched(self, timings: Timings) -> None:
        self._timed(timings)

    def guarded(self, method: str, told: str) -> None:
        """Of a claim of this method: its outcome, or a kind of what it was refused for (`number`, …)."""
        (self._guarded if told in OUTCOMES else self._findings).labels(method, told).inc()

    def loaded(self, *, ready: bool) -> None:
        self._ready.set(ready)

    def holds(self, sizes: Sizes) -> None:
        """What the index holds at this moment."""
        for name, value in asdict(sizes).items():
            self._index[name].set(value)

    def unread(self) -> None:
        """What the index holds cannot be read at this moment: the last that could stands."""
        self._index_unread.inc()

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """Every series in the format that `accept` asks for, and its media type."""
        encode, media_type = choose_encoder(accept)
        return encode(self.registry), media_type

    def _timed(self, timings: Timings) -> None:
        """A stage that was not reached took no time and is not counted."""
        stages: Mapping[str, float] = asdict(timings)
        for stage, ms in stages.items():
            if ms:
                self._stage_seconds.labels(stage).observe(ms / 1000)


_INDEX_SERIES = {
    "articles": "Articles in the index.",
    "passages": "Passages in the index.",
    "generation": "How many times the index has changed.",
    "disk_bytes": "Bytes of the data folder's files.",
}
