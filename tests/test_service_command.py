"""`python -m service`: what it prints, and how it ends where something is wrong."""

import socket
from contextlib import closing

import pytest
from fastapi import FastAPI
from http_fakes import AFGHANISTAN, IRAQ, answered, refused

from index.settings import Settings
from service.__main__ import http_config, listening, main, readable
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


def test_a_refusal_is_its_message() -> None:
    assert readable(refused(Question("Quoi ?"))) == "Les articles ne permettent pas de répondre."


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ask", "  "], "question: is empty"),
        (["ask", "x" * 2001], "2001 characters"),
        (["ask", "Quoi ?", "--as-of", "hier"], "as_of: 'hier' is not a date"),
    ],
)
def test_a_question_that_cannot_be_asked_ends_with_a_message(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert told in capsys.readouterr().err


def test_an_unknown_setting_ends_with_a_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCIER_PROT", "80")
    assert main([]) == 1
    assert "SOURCIER_PROT" in capsys.readouterr().err


def test_the_socket_takes_connections_at_once_and_sends_at_once() -> None:
    config = http_config(FastAPI(), Settings(port=0))
    with closing(listening(config)) as bound, socket.create_connection(bound.getsockname()[:2]):
        accepted, _ = bound.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
