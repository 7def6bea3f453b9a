"""A client of a running service, for other programs: needs `httpx` and nothing else of this project.

from service.client import Sourcier

for claim in Sourcier("http://127.0.0.1:8000").ask("Combien de soldats l’Allemagne fournit-elle ?"):
    print(claim.text, [citation.title for citation in claim.citations])
"""

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import httpx

_TIMEOUT_S = 60

T = TypeVar("T")
Json = Mapping[str, Any]  # Any: JSON


class SourcierError(Exception):
    """What the service answered instead: `type` is a stable word, `request_id` finds it in the service's log.

    An answer that is not the service's, such as a proxy's, is an `unexpected_response` with its `status`.
    """

    def __init__(self, error_type: str, message: str, *, status: int, request_id: str | None) -> None:
        super().__init__(message)
        self.type = error_type
        self.status = status
        self.request_id = request_id


@dataclass(frozen=True, slots=True)
class Citation:
    """`quote` is the stored article's own text, from `start` to `end` in code points."""

    number: int
    article_id: str
    title: str
    source: str | None
    published: str | None
    url: str | None
    lang: str
    start: int
    end: int
    quote: str
    translation: Json | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer with the citations that it rests on."""

    text: str
    support: float
    method: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Iterating over it gives its claims; a refusal has none, and says why in `refusal`."""

    text: str
    lang: str
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    refusal: Json | None
    snapshot: str
    json: Json

    def __iter__(self) -> Iterator[Claim]:
        return iter(self.claims)


class Sourcier:
    """Asks the service at `url`; `key` is an API key, where it wants one. A context manager, if you like."""

    def __init__(self, url: str, *, key: str | None = None, timeout_s: float = _TIMEOUT_S) -> None:
        self._http = httpx.Client(base_url=url, headers=_headers(key), timeout=timeout_s)

    def ask(self, question: str, **fields: object) -> Answer:
        """The whole answer. `fields` are those of `POST /v1/ask`: `lang`, `k`, `as_of`, … Raises `SourcierError`."""
        return _answer(self._http.post("/v1/ask", json={"question": question, **fields}))

    def stream(self, question: str, **fields: object) -> Iterator[Claim]:
        """Each claim as soon as it is verified. Raises `SourcierError`, at the latest where it fails."""
        with self._http.stream("POST", "/v1/ask", json={"question": question, "stream": True, **fields}) as response:
            if not response.is_success:
                response.read()
                _json(response)
            events = _Events(response)
            for line in response.iter_lines():
                yield from events.claims(line)
            events.end()

    def search(self, query: str, **fields: object) -> list[Json]:
        """The passages closest to the words, best first."""
        return _passages(self._http.post("/v1/search", json={"query": query, **fields}))

    def article(self, article_id: str) -> Json:
        """One article with its stored text."""
        return _json(self._http.get(_path(article_id)))

    def put(self, article_id: str, **fields: object) -> Json:
        """Adds or replaces an article (`text`, and `title`, `published`, …); it is searchable on return."""
        return _json(self._http.put(_path(article_id), json=fields))

    def delete(self, article_id: str) -> Json:
        """Removes an article; it is gone from every answer on return."""
        return _json(self._http.delete(_path(article_id)))

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> "Sourcier":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncSourcier:
    """The same, to be awaited."""

    def __init__(self, url: str, *, key: str | None = None, timeout_s: float = _TIMEOUT_S) -> None:
        self._http = httpx.AsyncClient(base_url=url, headers=_headers(key), timeout=timeout_s)

    async def ask(self, question: str, **fields: object) -> Answer:
        return _answer(await self._http.post("/v1/ask", json={"question": question, **fields}))

    async def stream(self, question: str, **fields: object) -> AsyncIterator[Claim]:
        body = {"question": question, "stream": True, **fields}
        async with self._http.stream("POST", "/v1/ask", json=body) as response:
            if not response.is_success:
                await response.aread()
                _json(response)
            events = _Events(response)
            async for line in response.aiter_lines():
                for claim in events.claims(line):
                    yield claim
            events.end()

    async def search(self, query: str, **fields: object) -> list[Json]:
        return _passages(await self._http.post("/v1/search", json={"query": query, **fields}))

    async def article(self, article_id: str) -> Json:
        return _json(await self._http.get(_path(article_id)))

    async def put(self, article_id: str, **fields: object) -> Json:
        return _json(await self._http.put(_path(article_id), json=fields))

    async def delete(self, article_id: str) -> Json:
        return _json(await self._http.delete(_path(article_id)))

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> "AsyncSourcier":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class _Events:
    """Reads a stream of events line by line."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._name = ""
        self._citations: tuple[Citation, ...] = ()
        self._answered = False

    def claims(self, line: str) -> list[Claim]:
        field, _, value = line.partition(": ")
        if field == "event":
            self._name = value
        elif field == "data":
            with _reading(self._response):
                return self._claims(json.loads(value))
        return []

    def end(self) -> None:
        """Raises `SourcierError` where the whole answer, which comes last, did not come."""
        if not self._answered:
            raise _unexpected(self._response, "it ends before the answer does")

    def _claims(self, data: Json) -> list[Claim]:
        if self._name == "error":
            raise _error(data, self._response)
        if self._name == "evidence":
            self._citations = _citations(data)
        self._answered = self._name == "answer"
        return [_claim(data, self._citations)] if self._name == "claim" else []


def _headers(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _path(article_id: str) -> str:
    return "/v1/articles/" + "".join(f"%{byte:02X}" for byte in article_id.encode())


def _json(response: httpx.Response) -> Json:
    with _reading(response):
        body = response.json()
        if not response.is_success:
            raise _error(body, response)
        if not isinstance(body, dict):
            raise TypeError("it is no JSON object")
    return body


@contextmanager
def _reading(response: httpx.Response) -> Iterator[None]:
    """Whatever stumbles over a response that is not in the service's form raises `SourcierError`."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError) as exc:
        raise _unexpected(response, f"{type(exc).__name__}: {exc}") from exc


def _unexpected(response: httpx.Response, why: str) -> SourcierError:
    status, request_id = response.status_code, response.headers.get("x-request-id")
    message = f"the answer, of status {status}, is not Sourcier's ({why}); check the address, and what stands before it"
    return SourcierError("unexpected_response", message, status=status, request_id=request_id)


def _error(body: Json, response: httpx.Response) -> SourcierError:
    error = body["error"]
    return SourcierError(
        error["type"], error["message"], status=response.status_code, request_id=error.get("request_id")
    )


def _answer(response: httpx.Response) -> Answer:
    body = _json(response)
    with _reading(response):
        citations = _citations(body)
        claims = tuple(_claim(claim, citations) for claim in body["claims"])
        return Answer(body["text"], body["lang"], claims, citations, body["refusal"], body["snapshot"], body)


def _passages(response: httpx.Response) -> list[Json]:
    with _reading(response):
        return list(_json(response)["passages"])


def _citations(body: Json) -> tuple[Citation, ...]:
    return tuple(_known(Citation, citation) for citation in body["citations"])


def _claim(body: Json, citations: Iterable[Citation]) -> Claim:
    cited = tuple(citation for citation in citations if citation.number in body["citations"])
    return Claim(body["text"], body["support"], body["method"], cited)


def _known(kind: type[T], body: Json) -> T:
    """Made of the fields that are known here: a newer service may send more."""
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # a dataclass
    return kind(**{name: value for name, value in body.items() if name in names})
