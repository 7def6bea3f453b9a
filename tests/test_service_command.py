"""`python -m service`: what it prints, and how it ends where something is wrong."""

import os
import shlex
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from http_fakes import AFGHANISTAN, IRAQ, FakeIndex, answered, refused, services
from starlette.testclient import TestClient

from index.settings import Settings, load_settings
from service.__main__ import fetching_weights, http_config, listening, main, readable
from service.services import Services
from service.types import Lang, Question


def test_an_answer_is_printed_with_its_quotes_titles_and_dates() -> None:
    assert readable(answered(Question("Que fait l’OTAN ?"), [IRAQ, AFGHANISTAN])) == (
        "L’OTAN renforce sa mission en Irak. [1] La France comptait 5100 militaires. [2]\n\n"
        "[1] L’OTAN renforce sa mission en Irak.\n"
        "    Irak : l’OTAN renforce sa mission (Agence Exemple, février 2021, otan-irak)\n\n"
        "[2] La France comptait 5100 militaires.\n"
        "    Afghanistan : le départ (date inconnue, dossier/otan afghanistan)"
    )


def test_the_dates_are_in_the_language_of_the_answer() -> None:
    assert "(Agence Exemple, February 2021, otan-irak)" in readable(answered(Question("What?", Lang.EN), [IRAQ]))


def test_how_a_question_was_read_comes_first() -> None:
    answer = replace(refused(Question("Quoi ?")), note="Question lue ainsi : « Qui ? »")
    assert readable(answer) == "Question lue ainsi : « Qui ? »\n\nLes articles ne permettent pas de répondre."


def test_a_refusal_is_its_message() -> None:
    assert readable(refused(Question("Quoi ?"))) == "Les articles ne permettent pas de répondre."


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ask", "  "], "question: is empty"),
        (["ask", "--", "-" * 2001], "2001 characters"),
        (["ask", "x" * 2001], "2001 characters"),
        (["ask", "caf\udce9 ?"], "question: holds a lone surrogate or bytes that are no UTF-8"),
        (["ask", "Quoi ?", "--as-of", "hier"], "as_of: 'hier' is not a date"),
    ],
)
def test_a_question_that_cannot_be_asked_ends_with_a_message(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert told in capsys.readouterr().err


QUESTIONS = ["--lang", 'Qu’est-ce que "l’OTAN" ?', "Combien de $ coûte `date` ou $(date) ?", "C'est \\n 5 % #1 ?"]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("given", ["on the command line", "in the environment"])
def test_make_asks_the_question_as_it_was_written(question: str, given: str) -> None:
    command = [
        "make",
        "-s",
        "--no-print-directory",
        "-o",
        "setup",
        "ask",
        "RUN=printf [%s]",
    ]  # in the place of what would be run
    told = {"Q": question}
    asked = [*command, f"Q={question}"] if given == "on the command line" else command
    said = subprocess.run(
        asked, cwd=Path(__file__).parent.parent, env=os.environ | told if asked is command else None,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout == f"[service][ask][--][{question}]"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(
    ("articles", "indexed"),
    [(None, "[seeds]"), ("index tests", "[index][tests]"), ("$(date) `date`", "[$(date)][`date`]")],
)
def test_make_indexes_the_files_that_were_named(articles: str | None, indexed: str) -> None:
    command = ["make", "-s", "--no-print-directory", "-o", "setup", "index", "RUN=printf [%s]"]
    asked = command if articles is None else [*command, f"ARTICLES={articles}"]
    said = subprocess.run(asked, cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=True)
    assert said.stdout == f"[index][sync][--]{indexed}"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(
    ("given", "writer"), [([], "-"), (["WRITER=extractive"], "extractive"), (["SOURCIER_WRITER=local"], "local")]
)
def test_make_run_sets_what_it_was_given_and_outranks_no_file(given: list[str], writer: str) -> None:
    told = "RUN=sh -c 'echo $$0 $$* $${SOURCIER_WRITER:--} $${SOURCIER_FETCH_WEIGHTS:--}'"
    unset = {name: value for name, value in os.environ.items() if not name.startswith("SOURCIER_")}
    said = subprocess.run(
        ["make", "-s", "--no-print-directory", "-o", "setup", "run", told, *given], cwd=Path(__file__).parent.parent,
        env=unset, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.splitlines()[-1] == f"service --fetch-weights {writer} -"


@pytest.mark.parametrize(
    ("file", "environ", "fetched"),
    [
        ("", {}, True),
        ("fetch_weights = false", {}, False),
        ("", {"SOURCIER_FETCH_WEIGHTS": "false"}, False),
        ("fetch_weights = false", {"SOURCIER_FETCH_WEIGHTS": "true"}, True),
        ('writer = "extractive"', {"SOURCIER_PORT": "9000"}, True),
    ],
)
def test_weights_are_fetched_where_the_settings_do_not_say_whether_to(
    tmp_path: Path, file: str, environ: dict[str, str], fetched: bool
) -> None:
    toml = tmp_path / "sourcier.toml"
    toml.write_text(file, encoding="utf-8")
    said = load_settings(environ, toml)
    assert fetching_weights(said) == said.model_copy(update={"fetch_weights": fetched})


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_setup_makes_the_encoders_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    planned = subprocess.run(
        ["make", "--no-print-directory", "-n", "-o", ".venv/.installed", "setup"], cwd=Path(__file__).parent.parent,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    *_, program = shlex.split(planned.stdout)
    made: list[Path] = []
    monkeypatch.setattr("index.packaged_encoder.packaged_encoder", made.append)
    exec(program)
    assert made == [Path("var/models")]


def test_a_service_that_is_told_to_stop_closes_what_stands_around_its_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ended, held = [], services(IRAQ)

    @contextmanager
    def open_tracer(_settings: Settings, *, version: str) -> Iterator[None]:
        yield
        ended.append(f"the traces of {version} are sent")

    def load(*_: object, **__: object) -> Services:
        os.kill(os.getpid(), signal.SIGTERM)
        return held

    monkeypatch.setenv("SOURCIER_DATA", str(tmp_path))
    monkeypatch.setenv("SOURCIER_PORT", "0")
    monkeypatch.setattr("service.__main__.open_tracer", open_tracer)
    monkeypatch.setattr("service.__main__.load_services", load)
    monkeypatch.setattr("service.__main__.log_json_lines", lambda _: None)
    killed: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: killed.append(number))  # in the place of the process's end
    try:
        assert main([]) == 0
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (ended, killed) == (["the traces of 0.1.0 are sent"], [])
    assert isinstance(held.index, FakeIndex)
    assert held.index.closed


def test_an_unknown_setting_ends_with_a_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCIER_PROT", "80")
    assert main([]) == 1
    assert "SOURCIER_PROT" in capsys.readouterr().err


def test_a_port_that_is_taken_ends_with_a_message_that_names_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("SOURCIER_DATA", str(tmp_path))
        monkeypatch.setenv("SOURCIER_PORT", str(port))
        monkeypatch.setattr("service.__main__.log_json_lines", lambda _: None)
        assert main([]) == 1
    told = capsys.readouterr().err
    assert f"error: 127.0.0.1:{port} cannot be listened on" in told
    assert "in use" in told
    assert "SOURCIER_PORT" in told


def test_the_socket_takes_connections_at_once_and_sends_at_once() -> None:
    config = http_config(FastAPI(), Settings(port=0))
    with closing(listening(config)) as bound, socket.create_connection(bound.getsockname()[:2]):
        accepted, _ = bound.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    ("proxy", "believed"),
    [
        ("127.0.0.1", True), ("::ffff:127.0.0.1", True), ("::ffff:10.1.2.3", True), ("::ffff:11.1.2.3", False),
        ("::1", False),
    ],
)  # fmt: skip
def test_a_proxy_of_ipv4_is_believed_on_a_socket_for_both(proxy: str, believed: bool) -> None:
    app = FastAPI()

    @app.get("/client")
    def asking(request: Request) -> str:
        assert request.client
        return request.client.host

    config = http_config(app, Settings(trusted_proxies=("127.0.0.1", "10.0.0.0/8")))
    config.load()
    http = TestClient(config.loaded_app, client=(proxy, 1))
    told = http.get("/client", headers={"X-Forwarded-For": "192.0.2.7"}).json()
    assert told == ("192.0.2.7" if believed else proxy)
