"""The tools of the Model Context Protocol, driven by its official client over both transports."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from http_fakes import AFGHANISTAN, IRAQ, client, served, services, settings
from mcp import Client, StdioServerParameters

from service.keys import KeyRing, Scope, make_key
from service.mcp_server import http_app, tools
from service.services import Services

HERE = Path(__file__).parent
SECRET, KEY = make_key("desk", [Scope.READ])


def over_stdio() -> StdioServerParameters:
    path = os.pathsep.join([str(HERE.parent), str(HERE)])
    return StdioServerParameters(
        command=sys.executable, args=[str(HERE / "serve_mcp_fakes.py")], env={**os.environ, "PYTHONPATH": path}
    )


@contextmanager
def over_http(held: Services, **values: object) -> Iterator[str]:
    ours = settings(allowed_hosts=("127.0.0.1",), **values)
    with served(http_app(tools(held, ours), ours, KeyRing.of(ours))) as address:
        yield f"{address}/mcp"


@pytest.fixture(params=["stdio", "http"])
def server(request: pytest.FixtureRequest) -> Iterator[StdioServerParameters | str]:
    if request.param == "stdio":
        yield over_stdio()
    else:
        with over_http(services(IRAQ, AFGHANISTAN)) as url:
            yield url


def test_the_tools_are_listed_with_what_they_take(server: StdioServerParameters | str) -> None:
    async def talk(opened: Client) -> Any:  # noqa: ANN401 - the library's own type
        return (await opened.list_tools()).tools

    listed = speaking(server, talk)
    assert [tool.name for tool in listed] == ["ask", "search", "get_article"]
    assert listed[0].input_schema["required"] == ["question"]
    assert {"lang", "as_of", "sources"} <= listed[0].input_schema["properties"].keys()
    assert all(tool.annotations.read_only_hint and tool.output_schema for tool in listed)


def test_each_tool_gives_what_the_contract_gives(server: StdioServerParameters | str) -> None:
    async def talk(opened: Client) -> list[Any]:
        return [
            (await opened.call_tool("ask", {"question": "Que fait l’OTAN ?"})).structured_content,
            (await opened.call_tool("search", {"query": "OTAN", "k": 1})).structured_content,
            (await opened.call_tool("get_article", {"article_id": "otan-irak"})).structured_content,
        ]

    http = client(services(IRAQ, AFGHANISTAN))
    assert speaking(server, talk) == [
        http.post("/v1/ask", json={"question": "Que fait l’OTAN ?"}).json(),
        http.post("/v1/search", json={"query": "OTAN", "k": 1}).json(),
        http.get("/v1/articles/otan-irak").json(),
    ]


@pytest.mark.parametrize(
    ("tool", "given", "told"),
    [
        ("ask", {"question": " "}, "question: is empty"),
        ("ask", {"question": "x" * 2001}, "2001 characters"),
        ("ask", {"question": "Quoi ?", "as_of": "hier"}, "as_of: 'hier' is not a date"),
        ("search", {"query": "OTAN", "k": 51}, "51"),
        ("get_article", {"article_id": "absent"}, "no article has the id 'absent'"),
    ],
)
def test_what_cannot_be_done_is_told_as_an_error_of_the_tool(tool: str, given: dict[str, object], told: str) -> None:
    async def talk(opened: Client) -> Any:  # noqa: ANN401 - the library's own type
        return await opened.call_tool(tool, given)

    with over_http(services(IRAQ)) as url:
        result = speaking(url, talk)
    assert result.is_error
    assert told in result.content[0].text


def test_an_unforeseen_failure_shows_nothing_of_our_insides() -> None:
    held = services(IRAQ)
    held.index.failure = RuntimeError("the password is 1234")  # type: ignore[attr-defined]  # the fake's own

    async def talk(opened: Client) -> Any:  # noqa: ANN401 - the library's own type
        return await opened.call_tool("ask", {"question": "Quoi ?"})

    with over_http(held) as url:
        result = speaking(url, talk)
    assert result.is_error
    assert "1234" not in result.content[0].text


def test_over_http_a_key_is_asked_for_where_there_are_some(tmp_path: Path) -> None:
    with over_http(services(IRAQ), keys=(KEY.line(),), data=tmp_path) as url:
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        headers = {"Accept": "application/json, text/event-stream"}
        refused = httpx.post(url, json=body, headers=headers)
        admitted = httpx.post(url, json=body, headers=headers | {"Authorization": f"Bearer {SECRET}"})
    assert (refused.status_code, refused.json()["error"]["type"]) == (401, "unauthenticated")
    assert admitted.status_code != 401
    assert refused.headers["x-content-type-options"] == admitted.headers["x-content-type-options"] == "nosniff"


def test_another_host_is_refused_over_http() -> None:
    with over_http(services(IRAQ)) as url:
        assert httpx.post(url, json={}, headers={"Host": "evil.example"}).status_code == 421


def speaking(server: StdioServerParameters | str, talk: Callable[[Client], Awaitable[Any]]) -> Any:  # noqa: ANN401
    async def session() -> Any:  # noqa: ANN401 - whatever `talk` gives
        async with Client(server) as opened:
            return await talk(opened)

    return asyncio.run(session())
