"""`POST /v1/ask` and `POST /v1/search`."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request

from index.settings import Settings
from service.answering import once_more
from service.http_body import JsonRoute
from service.http_context import OffLoop, OurSettings, ReadyServices
from service.http_errors import error_told, invalid_request, responses
from service.http_streaming import EventStream, last_of, server_sent
from service.http_workers import Workers
from service.schemas import (
    AskRequest,
    AskResponse,
    ClaimBody,
    EvidenceBody,
    SearchRequest,
    SearchResponse,
)
from service.services import Answering
from service.types import Answer, Chosen, Claim, Event, Question, Retrieved

_EVENT = {
    "type": "object",
    "description": "One of the events, told apart by its name; its data is one JSON object.",
    "properties": {
        "event": {"enum": ["evidence", "claim", "answer", "error"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "data"],
}
_CLAIM_SENT = 'event: claim\ndata: {"text": "…", "start": 0, "end": 150, "citations": [1], "…": "…"}\n\n'
_STREAMED = {"content": {EventStream.media_type: {"schema": _EVENT, "example": _CLAIM_SENT}}}

router = APIRouter(route_class=JsonRoute, tags=["questions"])

BODY_ERRORS = responses(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


@router.post(
    "/v1/ask",
    responses={200: _STREAMED, **BODY_ERRORS},
    response_model=AskResponse,
    response_description="An answer or a refusal",
    summary="Ask a question",
)
async def ask(
    body: AskRequest, services: ReadyServices, workers: OffLoop, settings: OurSettings, request: Request
) -> AskResponse | EventStream[Event]:
    """Answers with sentences that each cite a verbatim span of an article, or refuses and says why."""
    check_bounds(body.question, body.k, settings, field="question")
    question = body.asked()
    log: dict[str, Any] = request.state.log
    if settings.log_questions:
        log["question"] = question.text
    if body.stream:
        return _streamed(services.answerer, question, workers, request.state.request_id, log)
    answer = await last_of(lambda: once_more(lambda: services.answerer.events(question)), workers, request)
    assert isinstance(answer, Answer)
    log |= outcome(answer)
    return AskResponse.of(answer)


@router.post("/v1/search", responses=BODY_ERRORS, response_description="The passages", summary="Search for passages")
async def search(
    body: SearchRequest, services: ReadyServices, workers: OffLoop, settings: OurSettings, request: Request
) -> SearchResponse:
    """Gives the best passages for the words, best first."""
    check_bounds(body.query, body.k, settings, field="query")
    filters = body.filters()
    result = await workers.run(lambda: services.answerer.search(body.query, body.k, filters))
    response = SearchResponse.of(result)
    request.state.log |= {
        "passages": len(response.passages),
        "snapshot": response.snapshot,
        "timings_ms": response.timings_ms.model_dump(),
    } | ({"query": body.query} if settings.log_questions else {})
    return response


def _streamed(
    answerer: Answering, question: Question, workers: Workers, request_id: str, log: dict[str, Any]
) -> EventStream[Event]:
    def written(event: Event) -> bytes:
        match event:
            case Retrieved():
                return b""
            case Chosen():
                return server_sent(EvidenceBody.of(event), event="evidence")
            case Claim():
                return server_sent(ClaimBody.of(event), event="claim")
            case Answer():
                log.update(outcome(event))
                return server_sent(AskResponse.of(event), event="answer")

    def failed(error: Exception) -> bytes:
        told = error_told(request_id, error)
        log["error"] = told.error.type
        return server_sent(told, event="error")

    return EventStream(lambda: answerer.events(question), workers, written=written, failed=failed)


def outcome(answer: Answer) -> dict[str, Any]:
    """What the log says of an answer. Any: whatever JSON can write."""
    return {
        "outcome": answer.refusal.reason.value if answer.refusal else "answered",
        "lang": answer.lang.value,
        "claims": len(answer.claims),
        "citations": len(answer.citations),
        "snapshot": answer.snapshot,
        "timings_ms": asdict(answer.timings),
    }


def check_bounds(text: str, k: int, settings: Settings, *, field: str) -> None:
    """The bounds that can be set; the OpenAPI document shows them too."""
    if len(text) > settings.max_question_chars:
        raise invalid_request(f"{field}: has {len(text)} characters; at most {settings.max_question_chars} are read")
    if k > settings.max_k:
        raise invalid_request(f"k: input should be less than or equal to {settings.max_k} (found {k})")
