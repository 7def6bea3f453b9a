"""A run of the evaluation on a fake system: scored, written, read again, compared, checked against what is expected."""

import argparse
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from eval_fakes import COLLECTION, FakeAnswerer, FakeSystem, answered, detect, question, refused

from eval.__main__ import main
from eval.bench import LIMIT_MS, bench, lines, past_limits
from eval.comparing import Expected, compare, load_expected, shortfalls
from eval.errors import InvalidQuestions, InvalidRun
from eval.metrics import METRICS
from eval.report import comparison, latency, page, quality, table
from eval.running import Run, ask_all, read, record, summarise, write
from eval.statistics import Tally
from eval.systems import InProcess, Remote
from eval.throughput import Load
from index.settings import repository_root
from service.schemas import AskResponse, FilterFields

QUESTIONS = [
    question("a1", question_id="fr-1", short=("1600 soldats",)),
    question("b2", question_id="en-1", lang="en"),
    question(question_id="fr-2"),
]
GOOD = {
    "fr-1": answered("a1", short="1600 soldats"),
    "en-1": answered("b2", lang="en", lead_in="The article says: "),
    "fr-2": refused(),
}
RANKINGS = {"fr-1": ["a#1", "b#1"], "en-1": ["a#1", "b#2"]}


def run(replies: dict[str, AskResponse] = GOOD, rankings: dict[str, list[str]] = RANKINGS) -> Run:
    results = ask_all(FakeSystem(replies, rankings), QUESTIONS, COLLECTION, detect)
    return record(
        results, part="all", questions_sha256="0" * 64, about={"encoder": "fake"}, root=repository_root(),
        started=datetime(2021, 2, 18, tzinfo=UTC),
    )  # fmt: skip


def without(question_id: str) -> dict[str, AskResponse]:
    return {name: reply for name, reply in GOOD.items() if name != question_id}


def test_each_question_is_scored_and_summed_by_language_and_part() -> None:
    summary = summarise(run().results)
    assert summary["all"]["citation_recall"].value == 1
    assert summary["all"]["mrr@10"].value == (1 + 1 / 2) / 2
    assert summary["en"]["recall@1"].value == 0
    assert summary["fr"]["recall@1"].value == 1
    assert summary["fr"]["refusal_recall"].n == 1
    assert summary["dev"]["language"].n == len(QUESTIONS)
    assert summary["all"].keys() == METRICS.keys()


def test_every_question_asked_is_reported_to_the_progress_bar() -> None:
    count: list[None] = []
    ask_all(FakeSystem(GOOD, RANKINGS), QUESTIONS, COLLECTION, detect, asked=lambda: count.append(None))
    assert len(count) == len(QUESTIONS)


def test_a_question_that_errs_scores_zero_and_is_counted_and_the_others_are_asked() -> None:
    failed = run(without("fr-1"), {"en-1": ["b#2"]})
    summary = summarise(failed.results)
    assert summary["all"]["citation_recall"].value == 1 / 2
    assert summary["all"]["recall@10"].value == 1 / 2
    assert summary["all"]["language"].value == 2 / 3
    assert failed.results[0].errors == ["KeyError: 'fr-1'", "KeyError: 'fr-1'"]
    assert failed.results[0].latency_ms is None


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = run()
    write(made, tmp_path / "out")
    assert read(tmp_path / "out") == made
    assert read(tmp_path / "out" / "run.json") == made


def test_rankings_and_judgements_are_written_in_trecs_columns(tmp_path: Path) -> None:
    write(run(), tmp_path)
    assert (tmp_path / "run.trec").read_text().splitlines()[:2] == [
        "fr-1 Q0 a#1 1 1.000000 sourcier",
        "fr-1 Q0 b#1 2 0.500000 sourcier",
    ]
    assert (tmp_path / "qrels.trec").read_text().splitlines() == ["fr-1 0 a#1 1", "en-1 0 b#2 1"]


def test_a_file_that_is_no_run_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(InvalidRun, match=r"run\.json is no run"):
        read(tmp_path)


def test_a_run_records_the_prompts_it_was_made_with() -> None:
    made = run()
    names = {path.name for path in (repository_root() / "prompts").iterdir() if path.is_file()}
    assert made.prompts.keys() == names
    assert made.about == {"encoder": "fake"}


# Comparing


def test_a_run_compared_with_a_worse_one_shows_what_was_lost() -> None:
    differences = compare(run(), run(without("fr-1")))
    assert differences["fr"]["citation_recall"].value == -1
    assert differences["en"]["citation_recall"].value == 0
    assert "citation_recall" in comparison(differences)


def test_runs_of_other_questions_are_not_compared() -> None:
    with pytest.raises(InvalidRun, match="other questions"):
        compare(run(), run().model_copy(update={"questions_sha256": "1" * 64}))
    with pytest.raises(InvalidRun, match="different questions"):
        compare(run(), run().model_copy(update={"results": run().results[:2]}))


def test_a_figure_below_what_is_expected_by_more_than_its_tolerance_is_named() -> None:
    made = run()
    summary = summarise(made.results)
    metrics = {"mrr@10": {"all": 0.76, "en": 0.6}, "recall@1": {"fr": 1.0}}
    expected = Expected(part="all", tolerance={"default": 0.02}, metrics=metrics)
    assert shortfalls(made, summary, expected) == ["mrr@10 (en): 0.500, expected 0.600 less 0.020 at most"]
    loose = expected.model_copy(update={"tolerance": {"default": 0.0, "mrr@10": 0.1}})
    assert shortfalls(made, summary, loose) == []


def test_an_expected_figure_of_a_group_that_was_not_asked_is_missing() -> None:
    made = run()
    expected = Expected(part="all", tolerance={"default": 0.0}, metrics={"mrr@10": {"test": 0.5}})
    assert shortfalls(made, summarise(made.results), expected) == [
        "mrr@10 (test): no figure, expected 0.500 less 0.000 at most"
    ]


def test_expected_figures_are_of_metrics_that_exist_and_of_the_part_that_was_run(tmp_path: Path) -> None:
    path = tmp_path / "expected.json"
    path.write_text('{"part": "all", "tolerance": {"default": 0}, "metrics": {"recall@3": {"all": 1}}}')
    with pytest.raises(InvalidRun, match="recall@3"):
        load_expected(path)
    expected = load_expected(repository_root() / "eval" / "expected.json")
    made = run().model_copy(update={"part": "dev"})
    with pytest.raises(InvalidRun, match="'dev'"):
        shortfalls(made, summarise(made.results), expected)


# Asking


def test_a_server_is_asked_with_the_filters_of_the_question() -> None:
    sent: list[tuple[str, object]] = []

    def reply(request: httpx.Request) -> httpx.Response:
        sent.append((request.url.path, json.loads(request.content)))
        return httpx.Response(200, content=answered("a1").model_dump_json())

    asked = QUESTIONS[0].model_copy(update={"filters": FilterFields(as_of="2021-02", article_ids=["a"])})
    with httpx.Client(base_url="http://test", transport=httpx.MockTransport(reply)) as client:
        assert Remote(client).ask(asked) == answered("a1")
    assert sent == [("/v1/ask", {"question": "Quoi ?", "as_of": "2021-02", "article_ids": ["a"]})]


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(503, json={"error": {"type": "loading", "message": "…", "request_id": "1"}}),
        httpx.Response(200, json={"text": "no contract of ours"}),
    ],
)
def test_a_server_that_fails_or_breaks_the_contract_costs_the_question(response: httpx.Response) -> None:
    with httpx.Client(base_url="http://test", transport=httpx.MockTransport(lambda _: response)) as client:
        result = ask_all(Remote(client), QUESTIONS[:1], COLLECTION, detect)[0]
    assert result.reply is None
    assert len(result.errors) == 2
    assert set(result.tallies.values()) == {Tally(0, 1)}


def test_the_service_within_the_process_gives_what_a_server_would() -> None:
    system = InProcess(FakeAnswerer())
    asked = QUESTIONS[0]
    assert system.ask(asked).text == "Elle part en mai. [1]"
    assert system.search(asked, 1) == [("a#2", 0.5)]


def test_a_bench_splits_the_clients_time_and_relates_it_to_the_encoder() -> None:
    found = bench(FakeSystem(GOOD, RANKINGS), QUESTIONS, str.upper, rounds=2)
    assert found.questions == 2 * len(QUESTIONS)
    assert sum(found.shares.values()) == pytest.approx(1)
    assert found.shares["evidence"] == pytest.approx(2 * found.shares["retrieve"])  # 2 ms and 1 ms in the fake
    assert found.encoder_ratio == pytest.approx(found.median_ms / found.encoder_ms)
    assert len(list(lines(found))) == 7
    assert past_limits(replace(found, median_ms=LIMIT_MS)) == []
    assert past_limits(replace(found, median_ms=LIMIT_MS + 1)) == [f"median: {LIMIT_MS + 1} ms, limit {LIMIT_MS}"]


def test_a_bench_without_a_question_is_refused() -> None:
    with pytest.raises(InvalidQuestions, match="no question"):
        bench(FakeSystem(GOOD, RANKINGS), [], str.upper)


# The command line


def test_two_runs_are_compared_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(run(), tmp_path / "a")
    write(run(without("fr-1")), tmp_path / "b")
    assert main(["compare", str(tmp_path / "a"), str(tmp_path / "b")]) == 0
    assert "citation_recall" in capsys.readouterr().out


def test_what_cannot_be_done_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(tmp_path), str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(f"error: {tmp_path / 'run.json'} is no run")
    assert main(["run", "--check", str(tmp_path / "none.json")]) == 2
    assert "does not say what is expected" in capsys.readouterr().err
    assert main(["run", "--questions", str(tmp_path / "none.jsonl")]) == 2
    assert capsys.readouterr().err.startswith(f"error: {tmp_path / 'none.jsonl'} cannot be read")


@pytest.mark.parametrize(
    ("line", "command", "given"),
    [
        ("bench", "answers", {"rounds": 1, "url": None, "check": False}),
        ("bench --rounds 3 --url http://test", "answers", {"rounds": 3, "url": "http://test"}),
        ("bench answers --check", "answers", {"rounds": 1, "check": True}),
        ("bench throughput --requests 5 --out f", "throughput", {"requests": 5, "out": Path("f"), "data": None}),
        ("bench scale --passages 2000", "scale", {"passages": 2000, "check": False}),
        ("bench peers", "peers", {"out": None}),
    ],
)
def test_each_bench_has_its_own_options(
    line: str, command: str, given: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[argparse.Namespace] = []
    monkeypatch.setattr(f"eval.__main__.run_{command}", lambda options: called.append(options) or 0)
    assert main(line.split()) == 0
    (options,) = called
    assert vars(options).items() >= given.items()


@pytest.mark.parametrize(
    "line",
    [
        "bench throughput --url http://test", "bench throughput --rounds 3", "bench scale --requests 5",
        "bench peers --check", "bench answers --passages 2000", "bench --rounds 0", "bench nothing",
        "faults --runs 0", "faults --runs -3",
    ],
)  # fmt: skip
def test_an_option_that_would_do_nothing_is_refused(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCIER_DATASETS", raising=False)  # what is not refused would go on to measure
    with pytest.raises(SystemExit, match="2"):
        main(line.split())


def test_a_limit_fails_a_bench_where_that_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = Load("/v1/ask", replies=400, errors=0, per_s=9, median_ms=9, p99_ms=9, cpu_ms=1000 * 2 / 9)
    monkeypatch.setattr("eval.throughput.throughput", lambda *_, **__: [slow])
    monkeypatch.setenv("SOURCIER_DATASETS", str(tmp_path))
    out = tmp_path / "new" / "figures.json"
    line = ["bench", "throughput", "--out", str(out)]
    assert main(line) == 0
    assert json.loads(out.read_text())[0]["per_s"] == 9
    assert main([*line, "--check"]) == 1
    assert capsys.readouterr().err == "check failed: /v1/ask: 9.0 a second on two quiet cores, limit 10\n"
    monkeypatch.setattr("eval.throughput.throughput", lambda *_, **__: [replace(slow, errors=1)])
    assert main(line) == 1


# Reading


def test_the_table_has_a_line_for_each_metric_and_a_column_for_each_group() -> None:
    lines = table(summarise(run().results)).splitlines()
    assert lines[0].split() == ["all", "fr", "en", "dev"]
    assert [line.split()[0] for line in lines[1:]] == list(METRICS)


def test_the_page_puts_failures_first_and_loads_nothing() -> None:
    made = run(without("fr-2"))
    html = page(made, summarise(made.results))
    assert html.index("fr-2") < html.index("fr-1")
    assert "http" not in html.replace("https://", "http://").split("</style>")[1].split("What was run")[0]
    assert "src=" not in html
    assert "href=" not in html


def test_the_page_shows_text_as_text() -> None:
    nasty = answered("a1").model_copy(update={"text": "<script>alert(1)</script>"})
    made = run(GOOD | {"fr-1": nasty})
    assert "<script>" not in page(made, summarise(made.results))


def test_quality_is_the_mean_of_what_concerns_the_question() -> None:
    result = (
        run()
        .results[0]
        .model_copy(update={"tallies": {"recall@1": Tally(0, 1), "language": Tally(1, 1), "claims": Tally(3, 1)}})
    )
    assert quality(result) == 1 / 2


def test_latency_is_of_the_questions_that_were_answered() -> None:
    assert latency([]) == "no question was answered"
    timed = [r.model_copy(update={"latency_ms": ms}) for r, ms in zip(run().results, (10, 30, None), strict=True)]
    assert latency(timed) == "20 ms median, 30 ms at the 95th percentile"
