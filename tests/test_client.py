"""Our Python client, against a real server."""

import ast
import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Response
from http_fakes import AFGHANISTAN, IRAQ, FakeAnswerer, served, services, settings

from index.errors import StoreUnavailable
from service.app import create_app
from service.client import AsyncSourcier, Claim, Sourcier, SourcierError
from service.keys import Scope, make_key
from service.services import Services

ROOT = Path(__file__).parent.parent
QUESTION = "Que fait l’OTAN ?"
CLAIMS = [
    ("La France comptait 5100 militaires.", ["Afghanistan : le départ"]),
    ("L’OTAN renforce sa mission en Irak.", ["Irak : l’OTAN renforce sa mission"]),
]


@pytest.fixture
def held() -> Services:
    return services(IRAQ, AFGHANISTAN)


@pytest.fixture
def url(held: Services) -> Iterator[str]:
    with served(create_app(held, settings(allowed_hosts=("127.0.0.1",)))) as address:
        yield address


def test_an_answer_is_iterated_claim_by_claim_at_once_and_streamed(url: str) -> None:
    with Sourcier(url) as sourcier:
        for claims in (sourcier.ask(QUESTION), sourcier.stream(QUESTION)):
            assert [(claim.text, [cited.title for cited in claim.citations]) for claim in claims] == CLAIMS


def test_it_can_be_awaited_too(url: str) -> None:
    async def ask() -> list[list[str]]:
        async with AsyncSourcier(url) as sourcier:
            whole = await sourcier.ask(QUESTION, lang="fr")
            return [[claim.text for claim in whole], [claim.text async for claim in sourcier.stream(QUESTION)]]

    assert asyncio.run(ask()) == [[text for text, _ in CLAIMS]] * 2


def test_a_refusal_has_no_claims_and_says_why(url: str) -> None:
    with Sourcier(url) as sourcier:
        answer = sourcier.ask("refusé ?")
        assert (list(answer), answer.refusal and answer.refusal["reason"]) == ([], "no_evidence")
        assert list(sourcier.stream("refusé ?")) == []


@pytest.mark.parametrize("article_id", ["otan", "dossier/été n°1", "..", "a?b#c%"])
def test_articles_are_put_read_found_and_deleted(url: str, article_id: str) -> None:
    with Sourcier(url) as sourcier:
        if article_id == "..":
            with pytest.raises(SourcierError):
                sourcier.put(article_id, text="Un.")
            return
        assert sourcier.put(article_id, text="L’été fut chaud.")["status"] == "added"
        assert sourcier.article(article_id)["text"] == "L’été fut chaud."
        assert article_id in [passage["article_id"] for passage in sourcier.search("été", k=8)]
        assert sourcier.delete(article_id)["status"] == "removed"


def test_what_the_service_refuses_is_raised_with_its_type_and_request_id(url: str, held: Services) -> None:
    with Sourcier(url) as sourcier:
        for failing in (lambda: sourcier.ask(" "), lambda: list(sourcier.stream(" "))):
            with pytest.raises(SourcierError, match="question: is empty") as raised:
                failing()
            assert (raised.value.type, raised.value.status) == ("invalid_request", 422)
            assert raised.value.request_id
        assert isinstance(held.answerer, FakeAnswerer)
        held.answerer.breaks_with = StoreUnavailable("the disk is gone")
        with pytest.raises(SourcierError, match="the disk is gone"):
            list(sourcier.stream(QUESTION))


EVIDENCE = 'event: evidence\ndata: {"citations": []}\n\n'
CLAIM = 'event: claim\ndata: {"text": "Un.", "support": 0.9, "method": "quote", "citations": []}\n\n'


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (502, '{"message": "upstream"}'), (503, '{"error": "upstream"}'), (503, "[]"), (502, "<html>"),
        (307, ""), (200, "<html>"), (200, "[]"), (200, '{"claims": []}'), (200, EVIDENCE + CLAIM),
        (200, EVIDENCE + CLAIM + "event: answer\n"), (200, "event: error\ndata: {}\n\n"),
        (200, 'event: claim\ndata: {"text": "Un."}\n\n'),
    ],
)  # fmt: skip
def test_whatever_is_no_answer_of_the_service_is_raised_with_its_status(status: int, body: str) -> None:
    async def await_them(url: str) -> list[SourcierError]:
        async with AsyncSourcier(url) as sourcier:
            raised = []
            for asking in (sourcier.ask("Quoi ?"), sourcier.search("quoi"), drained(sourcier.stream("Quoi ?"))):
                with pytest.raises(SourcierError) as caught:
                    await asking
                raised.append(caught.value)
            return raised

    async def drained(claims: AsyncIterator[Claim]) -> None:
        async for _ in claims:
            pass

    with served(saying(status, body)) as url, Sourcier(url) as sourcier:
        raised = asyncio.run(await_them(url))
        for asking in (lambda: sourcier.ask("Quoi ?"), lambda: sourcier.search("quoi")):
            with pytest.raises(SourcierError) as caught:
                asking()
            raised.append(caught.value)
        given: list[Claim] = []
        with pytest.raises(SourcierError) as caught:
            given.extend(sourcier.stream("Quoi ?"))
        raised.append(caught.value)
    assert len(given) == body.count(CLAIM)  # those that came, and then the error
    told = {(error.type, error.status, error.request_id) for error in raised}
    assert told == {("unexpected_response", status, "abc")}


def saying(status: int, body: str) -> FastAPI:
    """What answers every request so, as a proxy does."""
    app = FastAPI()

    @app.post("/{path:path}")
    def answer(path: str) -> Response:
        return Response(body, status, {"Location": f"https://example.org/{path}", "X-Request-ID": "abc"})

    return app


def test_the_key_is_sent(tmp_path: Path) -> None:
    secret, key = make_key("desk", [Scope.READ])
    ours = settings(allowed_hosts=("127.0.0.1",), keys=(key.line(),), data=tmp_path)
    with (
        served(create_app(services(IRAQ), ours)) as url,
        Sourcier(url, key=secret) as known,
        Sourcier(url) as unknown,
    ):
        assert len(list(known.ask(QUESTION))) == 1
        with pytest.raises(SourcierError, match="send a key"):
            unknown.ask(QUESTION)


def test_it_needs_nothing_of_the_project_but_itself() -> None:
    tree = ast.parse((ROOT / "service/client.py").read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in imported if name and name.startswith(("index", "service", "prompts"))]
    loads = "import sys, service.client; sys.exit(any(m in sys.modules for m in ('torch', 'fastapi', 'pydantic')))"
    assert subprocess.run([sys.executable, "-c", loads], cwd=ROOT, check=False).returncode == 0
