"""Answers as server-sent events: what is sent, in which order, and what becomes of the work when something stops it."""

import json
import queue
import socket
import struct
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

import httpx
import pytest
from http_fakes import AFGHANISTAN, IRAQ, FakeAnswerer, FakeIndex, client, served, services, settings

from index.errors import StoreUnavailable
from service.app import create_app
from service.errors import ArticlesChanged
from service.services import Services

QUESTION = {"question": "Que fait l’OTAN ?"}
STREAMED = QUESTION | {"stream": True}

Sent = tuple[str, dict[str, Any]]  # the name of an event and its JSON object


def test_the_evidence_comes_first_then_each_claim_then_the_whole_answer() -> None:
    sent = stream(services(IRAQ, AFGHANISTAN))
    assert [name for name, _ in sent] == ["evidence", "claim", "claim", "answer"]
    answer = sent[-1][1]
    assert sent[0][1] == {"citations": answer["citations"]}
    assert [claim for _, claim in sent[1:3]] == answer["claims"]


def test_a_streamed_answer_is_the_one_that_is_given_at_once() -> None:
    held = services(IRAQ, AFGHANISTAN)
    assert stream(held)[-1][1] == client(held).post("/v1/ask", json=QUESTION).json()


def test_a_refusal_is_an_answer_without_evidence() -> None:
    ((name, answer),) = stream(services(IRAQ), question="refusé ?")
    assert (name, answer["status"], answer["refusal"]["reason"]) == ("answer", "refused", "no_evidence")


def test_each_event_is_its_name_and_one_line_of_json() -> None:
    response = client(services(IRAQ)).post("/v1/ask", json=STREAMED)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-accel-buffering"] == "no"
    assert "content-length" not in response.headers
    events = response.text.removesuffix("\n\n").split("\n\n")
    assert [[line.split(": ")[0] for line in event.split("\n")] for event in events] == [["event", "data"]] * 3


def test_a_line_break_in_a_quote_stays_in_its_event() -> None:
    broken = type(IRAQ)("a", "Un\r\ntexte\u2028coupé. Suite.", "Titre\nlong")
    ((_, evidence), *_, (_, answer)) = stream(services(broken))
    assert evidence["citations"][0]["quote"] == answer["claims"][0]["text"] == "Un\r\ntexte\u2028coupé."


def test_what_fails_before_the_first_event_has_its_status() -> None:
    held = services(IRAQ)
    index_of(held).failure = StoreUnavailable("another process is writing")
    response = client(held).post("/v1/ask", json=STREAMED)
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert response.json()["error"]["type"] == "store_unavailable"


@pytest.mark.parametrize(
    ("failure", "error_type", "message"),
    [
        (StoreUnavailable("the disk is gone"), "store_unavailable", "the disk is gone"),
        (ArticlesChanged("ask again"), "articles_changed", "ask again"),
        (RuntimeError("the password is 1234"), "internal", "something failed on our side"),
    ],
)
def test_what_fails_later_is_told_by_an_event(failure: Exception, error_type: str, message: str) -> None:
    held = services(IRAQ)
    answerer_of(held).breaks_with = failure
    *before, (name, body) = stream(held)
    assert [name for name, _ in before] == ["evidence"]
    assert (name, body["error"]["type"]) == ("error", error_type)
    assert body["error"]["message"].startswith(message)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/ask", QUESTION),
        ("/v1/chat/completions", {"model": "sourcier", "messages": [{"role": "user", "content": "Que fait l’OTAN ?"}]}),
    ],
)
def test_an_answer_that_nothing_was_sent_of_is_begun_once_more_where_articles_changed(path: str, body: dict) -> None:
    held = services(IRAQ)
    answerer_of(held).breaks_with = ArticlesChanged("ask again")
    response = client(held).post(path, json=body)
    assert len(answerer_of(held).asked) == 2
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.json()["error"]["type"] == "articles_changed"


def test_a_claim_is_sent_before_the_next_is_written() -> None:
    held = services(IRAQ, AFGHANISTAN)
    leave = answerer_of(held).writes_when = queue.Queue()
    with asking(held) as events:
        assert next(events)[0] == "evidence"
        leave.put(None)
        assert next(events)[1]["text"] == "La France comptait 5100 militaires."
        leave.put(None)
        assert next(events)[1]["text"] == "L’OTAN renforce sa mission en Irak."
        assert next(events)[0] == "answer"


def test_a_client_that_leaves_stops_the_work_and_frees_the_worker() -> None:
    held = services(IRAQ, AFGHANISTAN)
    answerer = answerer_of(held)
    answerer.endless = True
    with served_app(held, workers=1) as url:
        with httpx.stream("POST", f"{url}/v1/ask", json=STREAMED, timeout=10) as response:
            assert next(events_of(response))[0] == "evidence"
        assert answerer.stopped.wait(10)
        answerer.endless = False
        assert httpx.post(f"{url}/v1/ask", json=QUESTION, timeout=10).status_code == 200


def test_a_connection_that_is_reset_mid_stream_stops_the_work() -> None:
    held = services(IRAQ, AFGHANISTAN)
    answerer = answerer_of(held)
    answerer.endless = True
    with served_app(held, workers=1) as url:
        with closing(connected(url, STREAMED)) as connection:
            received = b""
            while b"event: claim" not in received and (more := connection.recv(4096)):
                received += more
            assert b"event: claim" in received
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close with a reset
        assert answerer.stopped.wait(10)
        assert httpx.get(f"{url}/healthz").status_code == 200


def test_a_client_that_leaves_before_the_whole_answer_is_there_stops_the_work_too() -> None:
    held = services(IRAQ, AFGHANISTAN)
    answerer = answerer_of(held)
    answerer.endless = True
    with served_app(held, workers=1) as url:
        with closing(connected(url, QUESTION)):
            assert answerer.started.wait(10)
        assert answerer.stopped.wait(10)
        answerer.endless = False
        assert httpx.post(f"{url}/v1/ask", json=QUESTION, timeout=10).status_code == 200


def test_a_reader_that_reads_nothing_holds_no_worker() -> None:
    held = services(*(type(IRAQ)(f"a{n}", "Un très long texte. " * 20_000, "Titre") for n in range(5)))
    answerer = answerer_of(held)
    with served_app(held, workers=1, max_body_bytes=2**24) as url, closing(connected(url, STREAMED)):
        assert answerer.stopped.wait(10)
        assert httpx.post(f"{url}/v1/ask", json={"question": "refusé ?"}, timeout=10).status_code == 200


def connected(url: str, body: dict[str, Any]) -> socket.socket:
    """A connection on which the question has been sent, and nothing read."""
    connection = socket.create_connection(("127.0.0.1", httpx.URL(url).port or 0), timeout=10)
    content = json.dumps(body).encode()
    head = (
        f"POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(content)}"
    )
    connection.sendall(head.encode() + b"\r\n\r\n" + content)
    return connection


def stream(held: Services, **fields: object) -> list[Sent]:
    response = client(held).post("/v1/ask", json=STREAMED | fields)
    assert response.status_code == 200
    return list(events_of(response))


@contextmanager
def asking(held: Services) -> Iterator[Iterator[Sent]]:
    """The events of an answer by a real server, as they come."""
    with served_app(held) as url, httpx.stream("POST", f"{url}/v1/ask", json=STREAMED, timeout=10) as response:
        yield events_of(response)


def served_app(held: Services, **values: object) -> AbstractContextManager[str]:
    return served(create_app(held, settings(allowed_hosts=("127.0.0.1",), **values)))


def events_of(response: httpx.Response) -> Iterator[Sent]:
    name = ""
    for line in response.iter_lines() if not response.is_closed else response.text.split("\n"):
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def answerer_of(held: Services) -> FakeAnswerer:
    assert isinstance(held.answerer, FakeAnswerer)
    return held.answerer


def index_of(held: Services) -> FakeIndex:
    assert isinstance(held.index, FakeIndex)
    return held.index
