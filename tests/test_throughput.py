"""What a server bears is what it did: refusals are told, and are neither counted a second nor timed."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from fastapi import FastAPI, Response
from http_fakes import served

from eval.errors import ServerFailed
from eval.throughput import _WARM_UP, Load, _load, lines, past_limits

NOBODY = 0  # no process has this id: its processor time is not told


def load(statuses: Sequence[int], clock: list[float]) -> Load:
    """Of one client and a server that gives these replies in turn: a success takes a second, a refusal a tenth."""
    app, replies = FastAPI(), iter(statuses)

    @app.post("/v1/ask")
    def ask() -> Response:
        status = next(replies)
        clock[0] += 1 if status == 200 else 0.1
        return Response(status_code=status)

    with served(app) as url:
        return asyncio.run(_load(url, NOBODY, "/v1/ask", ["Qui ?"] * len(statuses), 1))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr("eval.throughput.perf_counter", lambda: now[0])
    return now


def test_refusals_are_errors_and_no_throughput(clock: list[float]) -> None:
    found = load([200] * _WARM_UP + [503, 200] * 10, clock)
    assert (found.replies, found.errors) == (20, 10)
    assert found.per_s == pytest.approx(10 / (10 * 1 + 10 * 0.1))
    assert found.median_ms == pytest.approx(1000)
    assert found.p99_ms == pytest.approx(1000)


def test_what_fails_while_the_server_warms_up_is_not_counted(clock: list[float]) -> None:
    found = load([503] * _WARM_UP + [200] * 3, clock)
    assert (found.replies, found.errors) == (3, 0)


def test_a_server_that_refuses_all_or_is_asked_nothing_has_no_figures(clock: list[float]) -> None:
    with pytest.raises(ServerFailed, match="/v1/ask answered none of 3 requests"):
        load([200] * _WARM_UP + [503] * 3, clock)
    with pytest.raises(ServerFailed, match="none of 0 requests"):
        load([200] * 20, clock)


JUST = Load("/v1/search", replies=400, errors=0, per_s=3, median_ms=1, p99_ms=1, cpu_ms=1000 * 2 / 25)


def test_a_limit_is_of_two_quiet_cores() -> None:
    assert past_limits([JUST]) == []
    assert list(lines([JUST]))[2:] == [
        "  80 ms of CPU each: 25.0 a second on two quiet cores at the most,", "  1.00 of the limit of 25 a second"
    ]  # fmt: skip
    assert past_limits([replace(JUST, cpu_ms=100)]) == ["/v1/search: 20.0 a second on two quiet cores, limit 25"]


def test_without_the_processors_time_nothing_is_said_of_quiet_cores() -> None:
    untold = replace(JUST, cpu_ms=0)
    assert list(lines([untold])) == [
        "/v1/search from 16 clients: 400 replies, 0 errors",
        "  3.0 a second; median 1 ms, 99th percentile 1 ms",
        "  the system tells no processor time",
    ]
    assert past_limits([untold]) == ["/v1/search: cannot be judged, as the system tells no processor time"]
