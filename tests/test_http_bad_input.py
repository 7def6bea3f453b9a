"""Bad input over HTTP: a 4xx in the one error shape that names what is wrong; nothing is stored."""

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from http_fakes import IRAQ, client, served, services, settings

from service.app import create_app

JSON = {"Content-Type": "application/json"}
QUESTION = {"question": "Que fait l’OTAN en Irak ?"}


# Bodies that are not JSON


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"question", b'{"question": "a",}', b"{'question': 'a'}", b'{"question": "a"} {}',
        b'{"question": "\xff"}', b'{"question": "\xe9t\xe9"}', '{"question": "a"}'.encode("utf-16"),
        b'\xef\xbb\xbf{"question": "a"}', b'{"question": "a\x00"}', b'{"question": "a\nb"}',
        b'{"question": "\\ud800"}', b'{"question": "\\udc00\\ud800"}', b'{"question": "\xed\xa0\x80"}',
        b'{"k": NaN}', b'{"k": Infinity}', b'{"k": -Infinity}', b'{"k": ' + b"9" * 5000 + b"}",
        b"[" * 100_000, b'{"a":' * 100_000, b'{"question": "a", "history": ' + b"[" * 300 + b"]" * 300 + b"}",
    ],
)  # fmt: skip
def test_a_body_that_is_not_strict_json_is_refused(body: bytes) -> None:
    refused = client(services()).post("/v1/ask", content=body, headers=JSON)
    assert error_of(refused, 400)["type"] == "malformed_body"


@pytest.mark.parametrize("body", ["null", "[]", '"question"', "1", "true", '[{"question": "a"}]'])
def test_json_that_is_no_object_is_refused(body: str) -> None:
    refused = client(services()).post("/v1/ask", content=body, headers=JSON)
    assert error_of(refused, 422)["type"] == "invalid_request"


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml",
     "application/json; charset=latin-1", "application/jsonp", "text/json", "application"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/ask", "/v1/articles"])
def test_a_body_of_another_type_or_of_none_is_refused(content_type: str | None, path: str) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    refused = client(services()).post(path, content=b'{"question": "a"}', headers=headers)
    assert error_of(refused, 415)["type"] == "unsupported_media_type"


@pytest.mark.parametrize(
    "content_type", ["application/json;charset=UTF-8", "APPLICATION/JSON", 'application/json; charset="utf-8"']
)
def test_the_type_may_be_written_as_standards_allow(content_type: str) -> None:
    answer = client(services(IRAQ)).post(
        "/v1/ask", content=json.dumps(QUESTION), headers={"Content-Type": content_type}
    )
    assert answer.status_code == 200


# Fields


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("question", "", "question"), ("question", " \t\u00a0\u202f", "question"), ("question", "x" * 2001, "question"),
        ("question", None, "question"), ("question", 8, "question"), ("question", ["a"], "question"),
        ("question", "a\0b", "question"), ("k", "8", "k"), ("k", 8.5, "k"), ("k", True, "k"), ("k", None, "k"),
        ("k", 0, "k"), ("k", -1, "k"), ("k", 51, "k"), ("k", 10**400, "k"),
        ("lang", "de", "lang"), ("lang", "FR", "lang"),
        ("lang", None, "lang"), ("stream", "true", "stream"), ("stream", 1, "stream"),
        ("article_ids", "otan-irak", "article_ids"), ("article_ids", [1], "article_ids.0"),
        ("article_ids", [None], "article_ids.0"), ("article_ids", [""], "article_ids.0"),
        ("article_ids", ["a", "x" * 201], "article_ids.1"), ("article_ids", ["a"] * 1001, "article_ids"),
        ("sources", {"AFP": 1}, "sources"), ("sources", [{}], "sources.0"), ("history", {}, "history"),
        ("history", [{"question": "a"}], "history.0.answer"), ("history", ["a"], "history.0"),
        ("history", [{"question": "a", "answer": "b", "mood": "c"}], "history.0.mood"),
        ("history", [{"question": "a", "answer": "b"}] * 21, "history"),
        ("history", [{"question": "a", "answer": "b" * 20_001}], "history.0.answer"),
        ("as_off", "2021", "as_off"), ("Question", "a", "Question"), ("é", 1, "é"),
    ],
)  # fmt: skip
def test_a_field_that_breaks_the_contract_is_refused_and_named(field: str, value: object, named: str) -> None:
    held = services(IRAQ)
    refused = client(held).post("/v1/ask", json=QUESTION | {field: value})
    error = error_of(refused, 422)
    assert error["type"] == "invalid_request"
    assert error["message"].startswith(f"{named}: ")


@pytest.mark.parametrize("field", ["published_after", "published_before", "as_of"])
@pytest.mark.parametrize(
    "value",
    ["", "2021-13", "2021-02-30", "2021-2", "21-02", "18/02/2021", "février 2021", "2021-02-18T25:00", "0000",
     "２０２１",      "2021-02-", "+2021", "2021-W07", "9" * 100_000, 2021, 2021.5, ["2021"], True],
)  # fmt: skip
def test_a_broken_date_is_refused_with_the_way_out(field: str, value: object) -> None:
    message = error_of(client(services(IRAQ)).post("/v1/ask", json=QUESTION | {field: value}), 422)["message"]
    assert message.startswith(f"{field}: ")
    assert len(message) <= 1000
    assert "YYYY-MM-DD" in message or "valid string" in message or value == "9" * 100_000


def test_of_a_value_of_several_types_the_field_is_named_and_no_part_of_ours() -> None:
    said = [{"role": "user", "content": ""}, {"role": "assistant", "content": "?"}, {"role": "user", "content": "…"}]
    refused = client(services()).post("/v1/chat/completions", json={"model": "sourcier", "messages": said})
    message = error_of(refused, 422)["message"]
    assert "messages.0.user.content" in message
    assert not re.search(r"function|0x|\[|<", message)


def test_every_problem_is_told_at_once() -> None:
    message = error_of(client(services()).post("/v1/search", json={"k": "8", "colour": "red"}), 422)["message"]
    assert (
        message
        == "query: field required; k: input should be a valid integer (found '8'); colour: unknown field; remove it"
    )


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=dix", "limit=", "limit=1.5", "limit=1&page=2", "cursor=%00", f"cursor={'x' * 201}"],
)
def test_a_page_of_the_list_has_bounds(query: str) -> None:
    assert error_of(client(services()).get(f"/v1/articles?{query}"), 422)["type"] == "invalid_request"


# Articles


@pytest.mark.parametrize(
    "body",
    [
        {}, {"text": ""}, {"text": " \n"}, {"text": None}, {"text": 1}, {"text": "a\0b"}, {"text": "Un.", "titre": "a"},
        {"text": "Un.", "published": "hier"}, {"text": "Un.", "published": 2021}, {"text": "Un.", "lang": "de"},
        {"text": "Un.", "title": 1}, {"text": "Un.", "url": ["a"]}, {"text": "Un.", "url": "javascript:alert(1)"},
        {"text": "Un.", "title": "x" * 501}, {"text": "Un.", "source": "x" * 201},
    ],
)  # fmt: skip
def test_a_broken_article_is_refused_and_not_stored(body: dict[str, object]) -> None:
    http = client(services())
    assert error_of(http.put("/v1/articles/a", json=body), 422)["type"] in ("invalid_request", "invalid_article")
    assert http.get("/v1/articles").json()["articles"] == []


def test_a_field_that_is_blank_counts_as_not_given() -> None:
    http = client(services())
    blank = {"text": "Un soldat est parti.", "published": "", "lang": " ", "title": "", "source": " ", "url": ""}
    assert http.put("/v1/articles/a", json=blank).status_code == 201
    kept = http.get("/v1/articles/a").json()
    assert (kept["published"], kept["lang"], kept["source"], kept["url"]) == (None, "fr", None, None)


@pytest.mark.parametrize("path", ["%FF", "%C3", "a%00b", "%20", "x" * 201, "a%0Ab", "%1B"])
def test_an_id_that_cannot_be_one_is_refused_and_not_stored(path: str) -> None:
    http = client(services())
    assert error_of(http.put(f"/v1/articles/{path}", json={"text": "Un."}), 422)
    assert http.get("/v1/articles").json()["articles"] == []


# Routes


def test_an_unknown_route_is_told() -> None:
    for path in ("/nowhere", "/v1", "/v1/ask/", "/page/../app.py", "/page/..%2fapp.py", "/page/index.html", "/redoc"):
        assert error_of(client(services()).get(path), 404)["type"] == "unknown_route"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/ask", "POST"),
        ("PATCH", "/v1/articles", "GET, HEAD, POST"),
        ("POST", "/v1/articles/a", "DELETE, GET, HEAD, PUT"),
        ("DELETE", "/", "GET, HEAD"),
        ("OPTIONS", "/v1/search", "POST"),
    ],
)
def test_another_method_is_refused_with_those_that_are_served(method: str, path: str, allowed: str) -> None:
    refused = client(services()).request(method, path)
    assert error_of(refused, 405)["type"] == "method_not_allowed"
    assert refused.headers["allow"] == allowed


def test_no_other_site_is_let_in() -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in client(services()).options("/v1/ask", headers=headers).headers


# Size and time, over a real connection


def test_a_body_too_large_is_refused_by_its_declared_length() -> None:
    refused = client(services(), max_body_bytes=1024).post("/v1/ask", json={"question": "x" * 2000})
    assert error_of(refused, 413)["type"] == "body_too_large"


@pytest.mark.parametrize(
    "head",
    [
        b"GET /v1/files?filename=\xc3\xa9.txt HTTP/1.1\r\nHost: localhost",
        b"GET /healthz HTTP/1.1",
        b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: many",
        b"hello",
    ],
)
def test_what_is_no_http_is_told_in_the_shape_of_every_error(url: str, head: bytes) -> None:
    with closing(connect(url)) as connection:
        connection.sendall(head + b"\r\n\r\n")
        received = b"".join(iter(lambda: connection.recv(4096), b""))
    told, body = received.split(b"\r\n\r\n", 1)
    error = json.loads(body)["error"]
    assert told.startswith(b"HTTP/1.1 400 ")
    assert f"x-request-id: {error['request_id']}" in told.decode().lower()
    assert error["type"] == "malformed_request"
    assert "percent-encode" in error["message"]


def test_a_body_too_large_is_refused_while_it_comes_without_declared_length(url: str) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 100:
            sent += 1
            yield b"x" * 1024
            time.sleep(0.01)

    try:
        refused = httpx.post(f"{url}/v1/ask", content=endless(), headers=JSON)
    except httpx.WriteError:
        assert sent < 100  # the connection was closed while we were still sending
    else:
        assert error_of(refused, 413)["type"] == "body_too_large"


def test_a_body_that_stops_coming_is_not_waited_for_for_ever(url: str) -> None:
    with closing(connect(url)) as connection:
        connection.sendall(request_head("/v1/ask", "application/json", b"Content-Length: 9") + b"{")
        assert connection.recv(4096).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("path", "content_type"), [("/v1/ask", "application/json"), ("/v1/articles", "application/x-ndjson")]
)
def test_a_client_that_leaves_does_no_harm(url: str, path: str, content_type: str) -> None:
    with closing(connect(url)) as connection:
        connection.sendall(request_head(path, content_type, b"Content-Length: 99") + b"{")
    assert httpx.get(f"{url}/healthz").status_code == 200


def test_outcomes_of_a_bulk_body_come_before_its_end(url: str) -> None:
    line = b'{"article_id": "a", "text": "Un."}\n'
    with closing(connect(url)) as connection:
        connection.sendall(request_head("/v1/articles", "application/x-ndjson", b"Transfer-Encoding: chunked"))
        connection.sendall(b"%x\r\n%b\r\n" % (len(line), line))
        received = b""
        while b'"status":"added"' not in received and (more := connection.recv(4096)):
            received += more
        assert b'"status":"added"' in received
        connection.sendall(b"0\r\n\r\n")


def test_a_client_that_reads_only_after_it_has_sent_everything_is_served(url: str) -> None:
    lines = b"".join(b'{"article_id": "%0200d", "text": "Un."}\n' % n for n in range(4_000))
    outcomes = httpx.post(
        f"{url}/v1/articles", content=lines, headers={"Content-Type": "application/x-ndjson"}, timeout=60
    )
    assert outcomes.text.count("\n") == 4_000


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server of ours with small bounds."""
    small = settings(allowed_hosts=("localhost", "127.0.0.1"), max_body_bytes=4096, body_timeout_s=0.5)
    with served(create_app(services(), small)) as address:
        yield address


def connect(url: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", httpx.URL(url).port or 0), timeout=10)


def request_head(path: str, content_type: str, framing: bytes) -> bytes:
    lines = [f"POST {path} HTTP/1.1".encode(), b"Host: localhost", f"Content-Type: {content_type}".encode(), framing]
    return b"\r\n".join([*lines, b"", b""])


def error_of(response: httpx.Response, status: int) -> dict[str, str]:
    """The error, after checking its shape and that nothing of our insides shows."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    (error,) = response.json().values()
    assert set(error) == {"type", "message", "request_id"}
    assert "Traceback" not in response.text
    assert "pydantic" not in response.text
    found: dict[str, str] = error
    return found
