"""The HTTP interface in its normal life: answers, passages, articles, health, headers, logs, loading and overload."""

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import HashEncoder
from http_fakes import AFGHANISTAN, IRAQ, FakeAnswerer, FakeIndex, client, services, settings
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from index.errors import StoreUnavailable
from index.index import Index
from index.types import Filters
from service.app import create_app
from service.http_loading import said
from service.http_middleware import Envelope, hosts_allowed
from service.metrics import Metrics
from service.services import Report, Services
from service.types import Lang, Turn

NDJSON = {"Content-Type": "application/x-ndjson"}


# Questions


def test_an_answer_has_the_keys_of_the_contract_and_no_others() -> None:
    answer = client(services(IRAQ)).post("/v1/ask", json={"question": "Que fait l’OTAN ?"}).json()
    assert list(answer) == [
        "id", "question", "lang", "status", "text", "short_answer", "claims", "citations", "refusal", "snapshot",
        "generator", "timings_ms",
    ]  # fmt: skip
    assert list(answer["claims"][0]) == ["text", "start", "end", "citations", "support", "method"]
    assert list(answer["citations"][0]) == [
        "number", "article_id", "title", "source", "published", "url", "lang", "start", "end", "quote", "translation",
    ]  # fmt: skip
    assert list(answer["timings_ms"]) == ["retrieve", "evidence", "compose", "total"]
    assert (answer["status"], answer["refusal"], answer["citations"][0]["published"]) == ("answered", None, "2021-02")


def test_a_citation_is_a_span_of_code_points_of_the_article_that_is_served() -> None:
    http = client(services(IRAQ))
    (citation,) = http.post("/v1/ask", json={"question": "Que fait l’OTAN ?"}).json()["citations"]
    text = http.get(f"/v1/articles/{citation['article_id']}").json()["text"]
    assert text[citation["start"] : citation["end"]] == citation["quote"] == "L’OTAN renforce sa mission en Irak."


def test_a_refusal_says_why_and_cites_nothing() -> None:
    answer = client(services(IRAQ)).post("/v1/ask", json={"question": "refusé ?"}).json()
    assert answer["status"] == "refused"
    assert answer["refusal"] == {"reason": "no_evidence", "message": "Les articles ne permettent pas de répondre."}
    assert (answer["claims"], answer["citations"], answer["short_answer"]) == ([], [], None)


def test_a_foreign_quote_keeps_its_language_beside_its_translation() -> None:
    answer = client(services(IRAQ)).post("/v1/ask", json={"question": "What does NATO do?", "lang": "en"}).json()
    (citation,) = answer["citations"]
    assert (answer["lang"], citation["lang"]) == ("en", "fr")
    assert citation["translation"] == {"lang": "en", "text": f"({citation['quote']})", "by": "a fake"}


def test_every_field_of_a_question_reaches_the_answerer() -> None:
    held = services(IRAQ)
    body = {
        "question": "Combien ?", "lang": "en", "k": 3, "published_after": "2020", "published_before": "2021-02",
        "as_of": "2021-02-18", "article_ids": ["otan-irak"], "sources": [], "stream": False,
        "history": [{"question": "Qui ?", "answer": "L’OTAN. [1]"}],
    }  # fmt: skip
    assert client(held).post("/v1/ask", json=body).status_code == 200
    (asked,) = asked_of(held)
    assert (asked.text, asked.lang, asked.k, asked.history) == (
        "Combien ?",
        Lang.EN,
        3,
        (Turn("Qui ?", "L’OTAN. [1]"),),
    )
    dates = (asked.filters.published_after, asked.filters.published_before, asked.filters.as_of)
    assert [str(date) for date in dates] == ["2020", "2021-02", "2021-02-18"]
    assert (asked.filters.article_ids, asked.filters.sources) == (("otan-irak",), ())


def test_a_source_is_looked_for_as_it_is_stored() -> None:
    """As for an article whose source was sent so: its white space becomes single spaces."""
    held = services(IRAQ)
    client(held).post("/v1/ask", json={"question": "Combien ?", "sources": [" Agence\u00a0 Exemple\n"]})
    (asked,) = asked_of(held)
    assert asked.filters.sources == ("Agence Exemple",)


def test_fields_that_are_null_or_left_out_restrict_nothing() -> None:
    held = services(IRAQ)
    body = {"question": "Combien ?", "as_of": None, "sources": None, "history": None}
    assert client(held).post("/v1/ask", json=body).status_code == 200
    (asked,) = asked_of(held)
    assert (asked.lang, asked.k, asked.filters, asked.history) == (None, 8, Filters(), ())


def test_a_search_gives_passages_in_rank_order() -> None:
    found = client(services(IRAQ, AFGHANISTAN)).post("/v1/search", json={"query": "OTAN", "k": 5}).json()
    assert list(found) == ["passages", "snapshot", "timings_ms"]
    assert [passage["rank"] for passage in found["passages"]] == [1, 2]
    assert found["passages"][1] == {
        "passage_id": "otan-irak#0", "article_id": "otan-irak", "rank": 2, "score": 0.5, "start": 2, "end": 37,
        "text": "L’OTAN renforce sa mission en Irak.", "title": "Irak : l’OTAN renforce sa mission",
        "published": "2021-02", "source": "Agence Exemple",
    }  # fmt: skip


# Articles


def test_an_article_is_added_read_replaced_and_deleted() -> None:
    http = client(services())
    added = http.put("/v1/articles/otan", json={"text": "Un.", "title": "Titre", "published": "2021", "lang": "fr"})
    assert (added.status_code, added.json()) == (201, {"article_id": "otan", "status": "added", "message": None})
    assert added.headers["location"] == "/v1/articles/otan"
    assert http.get("/v1/articles/otan").json() == {
        "article_id": "otan", "title": "Titre", "published": "2021", "source": None, "url": None, "lang": "fr",
        "chars": 3, "text": "Un.",
    }  # fmt: skip
    assert http.put("/v1/articles/otan", json={"text": "Deux.", "lang": "fr"}).status_code == 200
    assert http.get("/v1/articles/otan").json()["text"] == "Deux."
    assert http.delete("/v1/articles/otan").json()["status"] == "removed"
    assert http.get("/v1/articles/otan").status_code == http.delete("/v1/articles/otan").status_code == 404


@pytest.mark.parametrize(
    ("path", "article_id"),
    [
        ("dossier/otan", "dossier/otan"),
        ("dossier%2Fotan", "dossier/otan"),
        ("%C3%A9lys%C3%A9e%20n%C2%B01", "élysée n°1"),
        ("100%25", "100%"),
        ("a%3Fb%23c", "a?b#c"),
        ("%F0%9F%98%80", "😀"),
        ("a//b/", "a//b/"),
    ],
)
def test_an_id_may_hold_any_character(path: str, article_id: str) -> None:
    http = client(services())
    added = http.put(f"/v1/articles/{path}", json={"text": "Un texte."})
    assert added.json()["article_id"] == article_id
    assert http.get(added.headers["location"]).json()["article_id"] == article_id


def test_the_id_may_be_repeated_in_the_body_but_not_differ() -> None:
    http = client(services())
    assert http.put("/v1/articles/a", json={"text": "Un.", "article_id": "a"}).status_code == 201
    refused = http.put("/v1/articles/a", json={"text": "Un.", "article_id": "b"})
    assert (refused.status_code, error_type(refused)) == (409, "conflicting_id")


def test_the_list_is_read_page_by_page_without_text() -> None:
    http = client(services(IRAQ, AFGHANISTAN))
    first = http.get("/v1/articles", params={"limit": 1}).json()
    assert [article["article_id"] for article in first["articles"]] == ["dossier/otan afghanistan"]
    assert "text" not in first["articles"][0]
    assert first["articles"][0]["chars"] == 52
    second = http.get("/v1/articles", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [article["article_id"] for article in second["articles"]] == ["otan-irak"]
    assert second["next_cursor"] is None


def test_the_list_of_an_empty_index_is_an_empty_page() -> None:
    assert client(services()).get("/v1/articles").json() == {"articles": [], "next_cursor": None}


# Bulk


def test_each_line_of_a_bulk_body_gets_its_outcome_in_order() -> None:
    body = b"\n".join(
        [
            b'{"article_id": "a", "text": "Un."}',
            b"",
            b"not json",
            b'{"article_id": "b", "text": "Deux.", "colour": 1}',
            b'{"article_id": "c", "text": "\xff"}',
            b"[]",
            '{"article_id": "d", "text": "L’été."}\r'.encode(),
        ]
    )
    outcomes = bulk(client(services()), body)
    assert [(o["line"], o["article_id"], o["status"]) for o in outcomes] == [
        (1, "a", "added"), (3, None, "rejected"), (4, "b", "rejected"), (5, None, "rejected"), (6, None, "rejected"),
        (7, "d", "added"),
    ]  # fmt: skip
    assert "colour: unknown field" in outcomes[2]["message"]


def test_a_bulk_body_may_begin_with_a_byte_order_mark() -> None:
    (outcome,) = bulk(client(services()), '\ufeff{"article_id": "a", "text": "Un."}'.encode())
    assert (outcome["article_id"], outcome["status"]) == ("a", "added")


def test_an_article_without_id_gets_the_same_one_each_time() -> None:
    http = client(services())
    (first,) = bulk(http, b'{"text": "Un texte."}')
    (again,) = bulk(http, b'{"text": "Un texte."}\n')
    assert (first["status"], again["status"]) == ("added", "unchanged")
    assert first["article_id"] == again["article_id"]


def test_of_two_lines_with_one_id_the_later_stands_and_says_so() -> None:
    http = client(services())
    outcomes = bulk(http, b'{"article_id": "a", "text": "Un."}\n{"article_id": "a", "text": "Deux."}\n')
    assert [outcome["status"] for outcome in outcomes] == ["added", "replaced"]
    assert outcomes[1]["message"] == "line 1 gave the same article_id; this one stands"
    assert http.get("/v1/articles/a").json()["text"] == "Deux."


def test_a_line_too_long_is_rejected_and_the_next_one_is_stored() -> None:
    http = client(services(), max_body_bytes=1024)
    body = b'{"article_id": "a", "text": "' + b"x" * 2000 + b'"}\n{"article_id": "b", "text": "Un."}'
    outcomes = bulk(http, body)
    assert [(o["line"], o["status"]) for o in outcomes] == [(1, "rejected"), (2, "added")]
    assert "too long" in outcomes[0]["message"]


def test_a_bulk_body_larger_than_any_other_is_stored_in_batches() -> None:
    held = services()
    lines = [json.dumps({"article_id": f"a{n}", "text": "Un texte. " * 30}) for n in range(200)]
    outcomes = bulk(client(held, max_body_bytes=1024), "\n".join(lines).encode())
    assert [outcome["article_id"] for outcome in outcomes] == [f"a{n}" for n in range(200)]
    assert max(index_of(held).puts) <= 64


def test_an_empty_bulk_body_has_no_outcome() -> None:
    assert bulk(client(services()), b"") == []


def test_lines_that_cannot_be_written_are_told_one_by_one() -> None:
    held = services()
    index_of(held).failure = StoreUnavailable("another process is writing")
    outcomes = bulk(client(held), b'{"article_id": "a", "text": "Un."}\n{"article_id": "b", "text": "Deux."}')
    assert [(o["article_id"], o["status"], o["message"]) for o in outcomes] == [
        ("a", "rejected", "another process is writing"), ("b", "rejected", "another process is writing"),
    ]  # fmt: skip


# Over the real index


@pytest.fixture
def real(tmp_path: Path) -> Iterator[TestClient]:
    index = Index.open(tmp_path, HashEncoder())
    held = Services(FakeAnswerer(FakeIndex()), index, "hash-encoder", lambda: "extractive")
    with TestClient(create_app(held, settings())) as http:
        yield http


def test_the_real_index_stores_what_is_sent_and_forgets_what_is_deleted(real: TestClient) -> None:
    text = "😀 L’OTAN renforce sa mission en Irak\u00a0; elle passera de 500 à 4000 personnes.\r\n\n« Graduelle »"
    assert real.put("/v1/articles/otan%2Firak", json={"text": text, "published": "2021-02"}).status_code == 201
    assert (
        real.put("/v1/articles/otan%2Firak", json={"text": text, "published": "2021-02"}).json()["status"]
        == "unchanged"
    )
    assert real.get("/v1/articles/otan/irak").json()["text"] == text
    before = real.get("/readyz").json()
    assert (before["articles"], before["passages"] > 0) == (1, True)
    assert real.delete("/v1/articles/otan%2Firak").json()["status"] == "removed"
    assert real.delete("/v1/articles/otan%2Firak").status_code == 404
    after = real.get("/readyz").json()
    assert (after["articles"], after["passages"]) == (0, 0)
    assert after["snapshot"] != before["snapshot"]


def test_the_real_index_takes_a_bulk_body(real: TestClient) -> None:
    lines = [{"article_id": f"a{n}", "text": f"L’été {n} fut chaud à Nîmes."} for n in (1, 2, 1)]
    outcomes = bulk(real, "\n".join(json.dumps(line) for line in lines).encode())
    assert [outcome["status"] for outcome in outcomes] == ["added", "added", "unchanged"]
    assert [article["article_id"] for article in real.get("/v1/articles").json()["articles"]] == ["a1", "a2"]


# What surrounds every request


def test_a_sane_request_id_is_echoed_and_any_other_replaced() -> None:
    http = client(services())
    assert http.get("/healthz", headers={"X-Request-ID": "abc-123"}).headers["x-request-id"] == "abc-123"
    for bad in ("", "a b", "x" * 129, "é".encode()):
        fresh = http.get("/healthz", headers={"X-Request-ID": bad}).headers["x-request-id"]
        assert len(fresh) == 32
        assert fresh.isalnum()


def test_an_error_carries_the_request_id_of_its_header() -> None:
    response = client(services()).get("/nowhere", headers={"X-Request-ID": "abc"})
    assert response.json()["error"]["request_id"] == response.headers["x-request-id"] == "abc"


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/page/app.js", "/healthz", "/nowhere", "/v1/articles", "/openapi.json"]
)
def test_every_response_has_the_security_headers(path: str) -> None:
    headers = client(services(IRAQ)).get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_articles_are_not_kept_by_caches_and_page_files_are_revalidated() -> None:
    http = client(services(IRAQ))
    assert http.get("/v1/articles/otan-irak").headers["cache-control"] == "no-store"
    script = http.get("/page/app.js")
    assert script.headers["cache-control"] == "no-cache"
    assert http.get("/page/app.js", headers={"If-None-Match": script.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("gzip", True), ("br, GZIP;q=0.5", True), ("*", True), ("gzip;q=0, identity", False), ("*, gzip;q=0", False),
        ("identity", False), ("", False), ("gzip;q=a", False),
    ],
)  # fmt: skip
def test_a_file_of_the_page_is_compressed_for_who_takes_it(accepted: str, compressed: bool) -> None:
    sent = client(services()).get("/page/app.js", headers={"Accept-Encoding": accepted})
    assert (sent.headers.get("content-encoding") == "gzip") is compressed
    assert sent.status_code == 200


def test_a_request_that_a_stopping_service_gives_up_is_told_to_come_again() -> None:
    begun = asyncio.Event()

    async def slow(_scope: Scope, _receive: Receive, _send: Send) -> None:
        begun.set()
        await asyncio.sleep(60)

    async def given_up() -> list[Message]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "PUT", "path": "/v1/articles/a", "headers": []}
        envelope = Envelope(slow, allowed_hosts=None, metrics=Metrics())
        answering = asyncio.create_task(envelope(scope, lambda: asyncio.sleep(60), send))
        await begun.wait()
        answering.cancel()  # as uvicorn does, once it has waited long enough
        await answering
        return sent

    start, body = asyncio.run(given_up())
    assert (start["status"], dict(start["headers"])[b"retry-after"]) == (503, b"5")
    assert json.loads(body["body"])["error"]["type"] == "stopping"


def test_nothing_of_the_pages_comes_from_elsewhere() -> None:
    http = client(services())
    for path in ("/", "/docs"):
        page = http.get(path).text
        assert "://" not in page.replace("http://www.w3.org", "")
        assert "<script>" not in page
        assert "style=" not in page


def test_head_is_answered_without_a_body() -> None:
    response = client(services()).head("/healthz")
    assert (response.status_code, response.content) == (200, b"")


def test_only_loopback_names_are_served_on_a_loopback_address() -> None:
    assert hosts_allowed("127.0.0.1", ()) == hosts_allowed("::1", ()) == {"localhost", "127.0.0.1", "[::1]"}
    assert hosts_allowed("0.0.0.0", ()) is None
    assert hosts_allowed("0.0.0.0", ("a.example",)) == {"a.example"}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("[::1]:80", 200),
        ("127.0.0.1", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
    ],
)
def test_a_site_that_points_its_name_here_is_refused(host: str, status: int) -> None:
    http = TestClient(create_app(services(), settings(allowed_hosts=())))
    assert http.get("/healthz", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize(
    ("host", "address", "status"),
    [
        ("127.0.0.1:8000", "127.0.0.1", 200),
        ("localhost", "::1", 200),
        ("[::1]:8000", "::ffff:127.0.0.1", 200),
        ("evil.example:8000", "127.0.0.1", 421),  # a site that points its name here
        ("127.0.0.1:8000", "192.0.2.7", 421),
    ],
)
def test_this_machine_may_always_ask_how_the_service_is(path: str, host: str, address: str, status: int) -> None:
    http = TestClient(create_app(services(), settings(allowed_hosts=("a.example",))), client=(address, 50000))
    assert http.get(path, headers={"Host": host}).status_code == status


@pytest.mark.parametrize("path", ["/", "/v1/articles", "/openapi.json", "/metrics/", "/readyz/../v1/articles"])
def test_this_machine_may_ask_nothing_else_by_a_name_that_is_not_allowed(path: str) -> None:
    http = TestClient(create_app(services(), settings(allowed_hosts=("a.example",))), client=("127.0.0.1", 50000))
    assert http.get(path, headers={"Host": "127.0.0.1:8000"}).status_code == 421


def test_one_line_is_logged_a_request_without_its_question(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "service")
    client(services(IRAQ)).post("/v1/ask", json={"question": "Un secret ?"}, headers={"X-Request-ID": "abc"})
    (record,) = [record for record in caplog.records if record.message == "request"]
    fields: dict[str, Any] = record.__dict__["fields"]
    assert fields | {"ms": 0} == {
        "request_id": "abc", "method": "POST", "route": "/v1/ask", "status": 200, "ms": 0, "outcome": "answered",
        "lang": "fr", "claims": 1, "citations": 1, "snapshot": "state",
        "timings_ms": {"retrieve": 1.0, "evidence": 2.0, "compose": 3.0, "total": 6.0},
    }  # fmt: skip
    assert "secret" not in caplog.text


def test_questions_are_logged_where_the_settings_ask_for_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "service")
    client(services(IRAQ), log_questions=True).post("/v1/ask", json={"question": "Un secret ?"})
    assert [r.__dict__["fields"]["question"] for r in caplog.records if r.message == "request"] == ["Un secret ?"]


def test_an_unforeseen_failure_is_told_without_its_details(caplog: pytest.LogCaptureFixture) -> None:
    held = services(IRAQ)
    index_of(held).failure = RuntimeError("the password is 1234")
    response = client(held).post("/v1/ask", json={"question": "Quoi ?"})
    assert (response.status_code, error_type(response)) == (500, "internal")
    assert "1234" not in response.text
    assert "1234" in caplog.text
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_store_that_cannot_be_written_now_says_when_to_try_again() -> None:
    held = services()
    index_of(held).failure = StoreUnavailable("another process is writing; try again")
    response = client(held).put("/v1/articles/a", json={"text": "Un."})
    assert (response.status_code, error_type(response), response.headers["retry-after"]) == (
        503,
        "store_unavailable",
        "2",
    )


# Loading, threads and the end


def test_the_service_is_alive_at_once_and_ready_when_everything_is_loaded() -> None:
    gate = threading.Event()

    def load(report: Report) -> Services:
        report("the encoder")
        gate.wait(10)
        return services(IRAQ)

    with TestClient(create_app(load, settings())) as http:
        assert http.get("/healthz").json() == {"status": "alive"}
        for response in (http.get("/readyz"), http.post("/v1/ask", json={"question": "Quoi ?"})):
            assert (response.status_code, error_type(response)) == (503, "loading")
            assert response.headers["retry-after"] == "2"
        gate.set()
        until(lambda: http.get("/readyz").status_code == 200)
        assert http.get("/readyz").json() == {
            "status": "ready", "snapshot": "state-1", "articles": 1, "passages": 1, "encoder": "hash-encoder",
            "generator": "extractive", "writer": None, "warning": None,
        }  # fmt: skip


def test_the_generator_is_told_as_it_is_now() -> None:
    names = iter(["extractive", "fake@1"])  # the writer has loaded meanwhile
    http = client(replace(services(IRAQ), generator=lambda: next(names)))
    assert [http.get("/readyz").json()["generator"] for _ in range(2)] == ["extractive", "fake@1"]


def test_what_had_to_be_made_again_of_the_index_is_told(tmp_path: Path) -> None:
    def opened() -> tuple[Index, str | None]:
        index = Index.open(tmp_path, HashEncoder())
        held = replace(services(), index=index)
        return index, client(held).get("/readyz").json()["warning"]

    index, warning = opened()
    assert warning is None
    index.put([IRAQ])
    index.close()
    (snapshot,) = tmp_path.glob("vectors.snapshot*")
    snapshot.write_bytes(snapshot.read_bytes()[:-8])
    index, warning = opened()
    index.close()
    assert warning
    assert "read from the store instead" in warning


def test_what_is_being_loaded_is_said() -> None:
    gate, reported = threading.Event(), threading.Event()

    def load(report: Report) -> Services:
        report("the encoder")
        reported.set()
        gate.wait(10)
        return services()

    with TestClient(create_app(load, settings())) as http:
        reported.wait(10)
        assert "loading the encoder" in http.get("/readyz").json()["error"]["message"]
        gate.set()


def test_a_failure_to_load_is_handed_over_and_told() -> None:
    failures: list[Exception] = []
    failed = threading.Event()

    def load(report: Report) -> Services:
        report("the index")
        raise StoreUnavailable("the disk is full")

    def on_failure(failure: Exception) -> None:
        failures.append(failure)
        failed.set()

    with TestClient(create_app(load, settings(), on_failure=on_failure)) as http:
        failed.wait(10)
        response = http.get("/readyz")
    assert [str(failure) for failure in failures] == ["the disk is full"]
    assert (response.status_code, error_type(response)) == (503, "failed")
    assert "could not load the index: the disk is full" in response.json()["error"]["message"]


def test_a_failure_that_nobody_foresaw_is_told_with_its_class_and_logged_with_its_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failures: list[Exception] = []
    failed = threading.Event()

    def load(report: Report) -> Services:
        report("the reader")
        raise KeyError("joint_reader")

    def on_failure(failure: Exception) -> None:
        failures.append(failure)
        failed.set()

    with TestClient(create_app(load, settings(), on_failure=on_failure)) as http:
        failed.wait(10)
        told = http.get("/readyz").json()["error"]["message"]
    assert told == "the service could not load the reader: KeyError: 'joint_reader'"
    assert [said(failure) for failure in failures] == ["KeyError: 'joint_reader'"]
    (record,) = [record for record in caplog.records if record.getMessage() == "loading the reader failed"]
    assert record.exc_info
    assert record.exc_info[1] is failures[0]


def test_the_index_is_closed_with_the_application() -> None:
    held = services()
    with TestClient(create_app(held, settings())):
        assert not index_of(held).closed
    assert index_of(held).closed


def test_blocking_work_stays_off_the_event_loop() -> None:
    held = services(IRAQ)
    with waiting(held) as gate, TestClient(create_app(held, settings())) as http, ThreadPoolExecutor(1) as pool:
        asking = pool.submit(http.post, "/v1/ask", json={"question": "Quoi ?"})
        assert answerer_of(held).started.wait(10)
        assert http.get("/healthz").status_code == 200
        assert http.get("/readyz").status_code == 200
        gate.set()
        assert asking.result(10).status_code == 200


def test_more_requests_than_may_wait_are_refused_and_told_to_come_back() -> None:
    held = services(IRAQ)
    app = create_app(held, settings(workers=1, max_waiting=1))
    with waiting(held) as gate, TestClient(app) as http, ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(http.post, "/v1/ask", json={"question": "Quoi ?"}) for _ in range(2)]
        until(lambda: app.state.workers._taken == 2)
        refused = http.post("/v1/ask", json={"question": "Et moi ?"})
        gate.set()
        assert [request.result(10).status_code for request in asking] == [200, 200]
    assert (refused.status_code, error_type(refused), refused.headers["retry-after"]) == (503, "overloaded", "2")


def test_the_document_shows_the_bounds_that_are_set() -> None:
    document = client(services(), max_question_chars=100, max_k=7).get("/openapi.json").json()
    asked = document["components"]["schemas"]["AskRequest"]["properties"]
    assert (asked["question"]["maxLength"], asked["k"]["maximum"]) == (100, 7)


def asked_of(held: Services) -> list[Any]:
    return answerer_of(held).asked


def answerer_of(held: Services) -> FakeAnswerer:
    assert isinstance(held.answerer, FakeAnswerer)
    return held.answerer


def index_of(held: Services) -> FakeIndex:
    assert isinstance(held.index, FakeIndex)
    return held.index


def bulk(http: TestClient, body: bytes) -> list[dict[str, Any]]:
    response = http.post("/v1/articles", content=body, headers=NDJSON)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in response.text.splitlines()]


def error_type(response: Any) -> str:  # noqa: ANN401 - the test client's own type of response
    (error,) = response.json().values()
    assert set(error) == {"type", "message", "request_id"}
    return str(error["type"])


def until(holds: Any, *, times: int = 500) -> None:  # noqa: ANN401 - any function without arguments
    pause = threading.Event()
    for _ in range(times):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError("it never came to hold")


@contextmanager
def waiting(held: Services) -> Iterator[threading.Event]:
    """Questions wait until the event is set."""
    answerer_of(held).waits_for = gate = threading.Event()
    try:
        yield gate
    finally:
        gate.set()
