"""What Open WebUI and LibreChat send to a server that speaks OpenAI's interface, as their sources show, and what they
need of its answers."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from http_fakes import AFGHANISTAN, IRAQ, FakeAnswerer, served, services, settings

from service.app import create_app
from service.keys import Scope, make_key
from service.services import Services
from service.types import Turn

QUESTION = "Que fait l’OTAN ?"
SAID = "La France comptait 5100 militaires. [1] L’OTAN renforce sa mission en Irak. [2]"
SECRET, KEY = make_key("chat", [Scope.READ])
HISTORY = (Turn("Qui est en Irak ?", "L’OTAN. [1]"),)
CHAT_HISTORY = f"USER: {QUESTION}\nASSISTANT: {SAID}"

# Open WebUI: a system prompt where the administrator set one; parts where a file was attached, a mark for caches on the
# last; usage always; tools where some are on; what it forwards of the user is in headers.
OPEN_WEBUI = {
    "stream": True,
    "model": "sourcier",
    "messages": [
        {"role": "system", "content": "Today is Friday.\n\nAnswer in German."},
        {"role": "user", "content": HISTORY[0].question},
        {"role": "assistant", "content": HISTORY[0].answer},
        {"role": "user", "content": [{"type": "text", "text": QUESTION, "cache_control": {"type": "ephemeral"}}]},
    ],
    "stream_options": {"include_usage": True},
    "temperature": 0.8,
    "logit_bias": {},
    "reasoning": {"effort": "medium"},
    "tools": [{"type": "function", "function": {"name": "search_web", "parameters": {"type": "object"}}}],
    "tool_choice": "auto",
}
# LibreChat, through LangChain: names on messages, parts in answers, the conversation's and the user's ids, nulls.
LIBRECHAT = {
    "model": "sourcier",
    "stream": True,
    "stream_options": {"include_usage": True},
    "n": 1,
    "user": "6553f1c0a1b2c3d4e5f60718",
    "temperature": None,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "parallel_tool_calls": True,
    "messages": [
        {"role": "developer", "content": [{"type": "text", "text": "Be brief.", "cache_control": None}]},
        {"role": "user", "name": "someone", "content": HISTORY[0].question},
        {
            "role": "assistant",
            "content": [{"type": "text", "text": HISTORY[0].answer}],
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            "reasoning_content": "…",
        },
        {"role": "tool", "tool_call_id": "c", "content": "42"},
        {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
    ],
}
HEADERS = {
    "Authorization": f"Bearer {SECRET}", "X-OpenWebUI-User-Name": "Zo%C3%AB", "X-OpenWebUI-User-Id": "1",
    "X-OpenWebUI-User-Email": "zoe@example.org", "X-OpenWebUI-User-Role": "user", "X-OpenWebUI-Chat-Id": "c1",
    "HTTP-Referer": "https://openwebui.com/", "X-Title": "Open WebUI",
}  # fmt: skip
TITLES = {
    "Open WebUI": f'### Task:\nName this chat.\n### Output:\n{{ "title": "…" }}\n### Chat History:\n{CHAT_HISTORY}',
    "LibreChat": f"Name this conversation, in 5 words at most.\n\nConversation:\n{CHAT_HISTORY}",
}


@pytest.fixture
def held() -> Services:
    return services(IRAQ, AFGHANISTAN)


@pytest.fixture
def http(held: Services) -> Iterator[httpx.Client]:
    ours = settings(allowed_hosts=("127.0.0.1",), keys=(KEY.line(),))
    with served(create_app(held, ours)) as url, httpx.Client(base_url=f"{url}/v1", headers=HEADERS) as opened:
        yield opened


def asked(held: Services) -> tuple[str, tuple[Turn, ...]]:
    assert isinstance(held.answerer, FakeAnswerer)
    (question,) = held.answerer.asked
    return question.text, question.history


def chunks(response: httpx.Response) -> list[dict[str, Any]]:
    """Read as both read it: a line at a time, what follows `data: `, up to `[DONE]`."""
    assert response.headers["content-type"].startswith("text/event-stream")
    lines = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


@pytest.mark.parametrize("body", [OPEN_WEBUI, LIBRECHAT], ids=["Open WebUI", "LibreChat"])
def test_a_conversation_is_answered_from_the_articles(
    http: httpx.Client, held: Services, body: dict[str, object]
) -> None:
    given = chunks(http.post("/chat/completions", json=body))
    assert asked(held) == (QUESTION, HISTORY)
    deltas = [choice["delta"] for chunk in given for choice in chunk["choices"]]
    assert "".join(delta.get("content") or "" for delta in deltas) == SAID
    assert deltas[0]["role"] == "assistant"
    assert [choice["finish_reason"] for chunk in given for choice in chunk["choices"]][-1] == "stop"
    assert given[-1]["choices"] == []
    assert given[-1]["usage"]["total_tokens"] > 0
    assert len({(chunk["id"], chunk["model"], chunk["object"]) for chunk in given}) == 1


def test_the_sources_that_open_webui_lists_are_those_of_the_answer(http: httpx.Client) -> None:
    """It makes a source of the title and the URL of each `url_citation` that a chunk carries."""
    deltas = [
        choice["delta"]
        for chunk in chunks(http.post("/chat/completions", json=OPEN_WEBUI))
        for choice in chunk["choices"]
    ]
    notes = [note["url_citation"] for delta in deltas for note in delta.get("annotations", [])]
    assert [note["title"] for note in notes] == [AFGHANISTAN.title, IRAQ.title]
    assert notes[1]["url"] == IRAQ.url
    assert http.get(notes[0]["url"]).json()["title"] == AFGHANISTAN.title


def test_the_models_are_listed_as_both_read_them(http: httpx.Client) -> None:
    listed = http.get("/models").json()
    assert [(model["id"], model["object"], model["owned_by"]) for model in listed["data"]] == [
        ("sourcier", "model", "sourcier")
    ]
    assert http.get("/models", headers={"Authorization": "Bearer no"}).status_code == 401


@pytest.mark.parametrize("prompt", TITLES.values(), ids=TITLES)
def test_a_title_that_is_asked_for_all_the_same_breaks_nothing(http: httpx.Client, prompt: str) -> None:
    """Open WebUI takes what has no braces for no title, and uses the first question instead."""
    body = {"model": "sourcier", "messages": [{"role": "user", "content": prompt}], "stream": False}
    given = http.post("/chat/completions", json={**body, "max_completion_tokens": 1000})
    assert given.status_code == 200
    assert "{" not in given.json()["choices"][0]["message"]["content"]


def test_an_error_is_told_where_both_look_for_it(http: httpx.Client) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    parts = [{"type": "text", "text": QUESTION}, image]
    given = http.post("/chat/completions", json={**OPEN_WEBUI, "messages": [{"role": "user", "content": parts}]})
    assert given.status_code == 422
    assert "text" in given.json()["error"]["message"]
