"""What is evaluated: the service within this process, or a server at a URL. Both give the HTTP contract's values."""

from typing import Protocol

import httpx

from eval.questions import GoldQuestion
from service.schemas import AskResponse, Ready, SearchResponse
from service.services import Answering

Ranked = tuple[str, float]  # a passage's id and its score, best first in a list


class System(Protocol):
    def ask(self, question: GoldQuestion) -> AskResponse: ...
    def search(self, question: GoldQuestion, k: int) -> list[Ranked]: ...


class InProcess:
    """The service, asked directly."""

    def __init__(self, answerer: Answering) -> None:
        self._answerer = answerer

    def ask(self, question: GoldQuestion) -> AskResponse:
        return AskResponse.of(self._answerer.ask(question.as_question()))

    def search(self, question: GoldQuestion, k: int) -> list[Ranked]:
        found = self._answerer.search(question.question, k, question.filters.filters())
        return [(scored.passage.passage_id, scored.score) for scored, _ in found.passages]


class Remote:
    """A server, asked over HTTP. Raises `httpx.HTTPError` where it fails or refuses the request."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def ask(self, question: GoldQuestion) -> AskResponse:
        return AskResponse.model_validate_json(self._post("/v1/ask", question, {"question": question.question}))

    def search(self, question: GoldQuestion, k: int) -> list[Ranked]:
        body = self._post("/v1/search", question, {"query": question.question, "k": k})
        return [(p.passage_id, p.score) for p in SearchResponse.model_validate_json(body).passages]

    def ready(self) -> Ready:
        return Ready.model_validate_json(self._client.get("/readyz").raise_for_status().content)

    def _post(self, path: str, question: GoldQuestion, fields: dict[str, object]) -> bytes:
        filters = question.filters.model_dump(exclude_none=True)
        return self._client.post(path, json=fields | filters).raise_for_status().content
