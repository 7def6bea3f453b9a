"""`GET /metrics`: what is counted, what it is called, and who may read it."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes import HashEncoder
from http_fakes import AFGHANISTAN, IRAQ, FakeAnswerer, FakeIndex, client, services, settings
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse
from starlette.testclient import TestClient
from writing_fakes import FakeWriter

from index.errors import StoreUnavailable
from index.index import Index
from service.app import create_app
from service.attempts import OUTCOMES, Finding, attempt
from service.guard.types import Kind
from service.metrics import Metrics
from service.services import Report, Services
from service.types import Answer, Lang, Method, Refusal, RefusalReason, Timings
from service.writers.types import Task, WriterBusy, WriterFailed, WriterLate, WriterStopped

QUESTION = {"question": "Que fait l’OTAN ?"}


def test_answers_are_counted_by_language_claims_by_method_and_refusals_by_reason() -> None:
    http = client(services(IRAQ, AFGHANISTAN), metrics="anyone")
    http.post("/v1/ask", json=QUESTION)
    http.post("/v1/ask", json=QUESTION | {"stream": True})
    http.post("/v1/ask", json={"question": "refusé ?"})
    series = scraped(http)
    assert series['sourcier_answers_total{lang="fr"}'] == 2
    assert series['sourcier_claims_total{method="quote"}'] == 2 * 2
    assert series['sourcier_refusals_total{lang="fr",reason="no_evidence"}'] == 1


def test_each_stage_has_its_histogram_in_seconds() -> None:
    http = client(services(IRAQ), metrics="anyone")
    http.post("/v1/ask", json=QUESTION)
    http.post("/v1/search", json={"query": "OTAN"})
    series = scraped(http)
    assert series['sourcier_stage_seconds_count{stage="evidence"}'] == 2
    assert series['sourcier_stage_seconds_sum{stage="compose"}'] == pytest.approx(2 * 3 / 1000)
    assert series['sourcier_stage_seconds_bucket{le="0.005",stage="total"}'] == 0
    assert series['sourcier_stage_seconds_bucket{le="0.01",stage="total"}'] == 2


def test_a_stage_that_was_not_reached_is_not_counted() -> None:
    metrics = Metrics()
    refusal = Refusal(RefusalReason.EMPTY_INDEX, "Rien.")
    metrics.answered(Answer("a", "Q ?", Lang.FR, "Rien.", None, (), (), refusal, "s", "g", Timings(0, 0, 0, 4)))
    assert [name for name in samples(metrics) if "stage_seconds_count" in name] == [
        'sourcier_stage_seconds_count{stage="total"}'
    ]


def test_each_claim_has_one_outcome_and_what_it_was_refused_for_is_counted_apart() -> None:
    metrics = Metrics()

    def written(*found_at_each_try: Sequence[str]) -> None:
        tries = iter(found_at_each_try)
        attempt(
            Task("500 soldats", "fr", Lang.EN), FakeWriter("500 soldiers"),
            lambda _: [Finding(kind, "hint") for kind in next(tries)],
            deadline=time.monotonic() + 60, count=lambda told: metrics.guarded(Method.TRANSLATION.value, told),
        )  # fmt: skip

    written([])
    written(["number"], [])
    written(["date"], ["name", "number", "number"])
    written(["number"], ["number"])
    assert {name: value for name, value in samples(metrics).items() if "guard" in name and "_created" not in name} == {
        'sourcier_guarded_total{method="translation",outcome="passed"}': 1,
        'sourcier_guarded_total{method="translation",outcome="retried"}': 1,
        'sourcier_guarded_total{method="translation",outcome="refused"}': 2,
        'sourcier_guard_findings_total{kind="name",method="translation"}': 1,
        'sourcier_guard_findings_total{kind="number",method="translation"}': 2,
    }


def test_what_a_writer_can_fail_with_is_an_outcome_and_what_the_guard_finds_is_none() -> None:
    failures = (WriterFailed, WriterLate, WriterBusy, WriterStopped)
    assert {failure.outcome for failure in failures} < OUTCOMES
    assert OUTCOMES.isdisjoint(Kind)


def test_requests_are_counted_by_route_and_status_and_nothing_sent_becomes_a_name() -> None:
    http = client(services(IRAQ), metrics="anyone")
    http.get("/v1/articles/otan-irak")
    http.get("/v1/articles/absent")
    http.get("/nowhere/1")
    http.request("BREW", "/nowhere/2")
    series = scraped(http)
    route = 'method="GET",route="/v1/articles/{article_id}"'
    assert series[f'sourcier_http_requests_total{{{route},status="200"}}'] == 1
    assert series[f'sourcier_http_requests_total{{{route},status="404"}}'] == 1
    assert series[f"sourcier_http_request_seconds_count{{{route}}}"] == 2
    assert series['sourcier_http_requests_total{method="other",route="other",status="404"}'] == 1
    assert not [name for name in series if "nowhere" in name or "BREW" in name or "absent" in name]


def test_a_request_that_is_turned_away_counts_under_its_route() -> None:
    app = create_app(services(IRAQ), settings(metrics="anyone", rate_per_address="1/minute"))
    http = TestClient(app, client=("192.0.2.7", 1))
    asked = [http.post("/v1/ask", json=QUESTION), http.post("/v1/ask", json=QUESTION), http.head("/v1/articles/a")]
    unknown_host = http.get("/readyz", headers={"Host": "evil.example"})
    assert [response.status_code for response in (*asked, unknown_host)] == [200, 429, 429, 421]
    series = scraped(http)
    assert series['sourcier_http_requests_total{method="POST",route="/v1/ask",status="429"}'] == 1
    assert series['sourcier_http_requests_total{method="HEAD",route="/v1/articles/{article_id}",status="429"}'] == 1
    assert series['sourcier_http_requests_total{method="GET",route="/readyz",status="421"}'] == 1
    assert series['sourcier_http_request_seconds_count{method="POST",route="/v1/ask"}'] == 2


def test_requests_under_way_and_those_turned_away_are_counted() -> None:
    held = services(IRAQ)
    answerer = held.answerer
    assert isinstance(answerer, FakeAnswerer)
    answerer.waits_for = gate = threading.Event()
    app = create_app(held, settings(workers=1, max_waiting=0, metrics="anyone"))
    with TestClient(app) as http, ThreadPoolExecutor(1) as pool:
        asking = pool.submit(http.post, "/v1/ask", json=QUESTION)
        assert answerer.started.wait(10)
        assert http.post("/v1/ask", json=QUESTION).status_code == 503
        assert scraped(http)["sourcier_http_in_flight"] == 1 + 1  # the question, and the reading of the metrics
        gate.set()
        assert asking.result(10).status_code == 200
        series = scraped(http)
    assert series['sourcier_shed_total{reason="overloaded"}'] == 1
    assert series["sourcier_http_in_flight"] == 1


def test_the_sizes_are_those_of_the_index_at_this_moment(tmp_path: Path) -> None:
    index = Index.open(tmp_path, HashEncoder())
    held = Services(FakeAnswerer(FakeIndex()), index, "hash-encoder", lambda: "extractive")
    with TestClient(create_app(held, settings(metrics="anyone"))) as http:
        before = scraped(http)
        http.put("/v1/articles/a", json={"text": "L’été fut chaud à Nîmes."})
        after = scraped(http)
        assert after["sourcier_index_disk_bytes"] == sum(f.stat().st_size for f in tmp_path.iterdir())
    assert (before["sourcier_index_articles"], after["sourcier_index_articles"]) == (0, 1)
    assert after["sourcier_index_passages"] == 1
    assert after["sourcier_index_generation"] == before["sourcier_index_generation"] + 1


@pytest.mark.parametrize("failure", [StoreUnavailable("the disk is gone"), FileNotFoundError("the folder is gone")])
def test_an_index_that_cannot_be_read_takes_no_other_series_along(failure: Exception) -> None:
    held = services(IRAQ)
    http = client(held, metrics="anyone")
    http.post("/v1/ask", json=QUESTION)
    before = scraped(http)
    assert isinstance(held.index, FakeIndex)
    held.index.unsized = failure
    after = scraped(http)
    assert (before["sourcier_index_unread_total"], after["sourcier_index_unread_total"]) == (0, 1)
    kept = ("sourcier_index_articles", "sourcier_index_passages", "sourcier_ready", 'sourcier_answers_total{lang="fr"}')
    assert [after[name] for name in kept] == [before[name] for name in kept] == [1, 1, 1, 1]


def test_metrics_can_be_read_while_the_service_loads() -> None:
    gate = threading.Event()

    def load(report: Report) -> Services:
        report("the encoder")
        gate.wait(10)
        return services()

    with TestClient(create_app(load, settings(metrics="anyone"))) as http:
        assert scraped(http)["sourcier_ready"] == 0
        gate.set()


def test_two_applications_count_apart() -> None:
    one, other = (client(services(IRAQ), metrics="anyone") for _ in range(2))
    one.post("/v1/ask", json=QUESTION)
    assert 'sourcier_answers_total{lang="fr"}' in scraped(one)
    assert 'sourcier_answers_total{lang="fr"}' not in scraped(other)


def test_openmetrics_is_given_where_it_is_asked_for() -> None:
    response = client(services(IRAQ), metrics="anyone").get(
        "/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}
    )
    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert "sourcier_ready" in {family.name for family in parse_openmetrics(response.text)}


@pytest.mark.parametrize(
    ("address", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("192.0.2.7", 403), ("::ffff:192.0.2.7", 403)],
)
def test_the_metrics_are_for_this_machine_unless_the_settings_say_otherwise(address: str, status: int) -> None:
    http = TestClient(create_app(services(), settings()), client=(address, 50000))
    assert http.get("/metrics").status_code == status


def scraped(http: TestClient) -> dict[str, float]:
    response = http.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    return by_name(response.text)


def samples(metrics: Metrics) -> dict[str, float]:
    return by_name(metrics.exposition("")[0].decode())


def by_name(exposition: str) -> dict[str, float]:
    """Each sample's value under its name and its labels, in the order of the alphabet."""
    found = {}
    for family in parse(exposition):
        for sample in family.samples:
            labels = ",".join(f'{label}="{value}"' for label, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found
