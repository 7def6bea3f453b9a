"""`POST /v1/chat/completions` and `GET /v1/models`: the service as a model, for tools that speak OpenAI's interface."""

import json
import time
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from service.answering import once_more
from service.chat import Chunks, Told, question_of
from service.chat_schemas import MODEL, ChatCompletion, ChatRequest, Model, ModelList
from service.http_body import JsonRoute
from service.http_context import OffLoop, OurSettings, ReadyServices
from service.http_errors import error_told, responses, unknown_model
from service.http_questions import BODY_ERRORS, check_bounds, outcome
from service.http_streaming import EventStream, last_of, sent, server_sent
from service.http_workers import Workers
from service.services import Services
from service.types import Answer, Event, Question

_DONE = sent("[DONE]")
_CHUNK = {
    "id": "chatcmpl-…", "object": "chat.completion.chunk", "created": 1764300000, "model": MODEL,
    "choices": [{"index": 0, "delta": {"content": "… [1]"}, "logprobs": None, "finish_reason": None}],
}  # fmt: skip
_STREAMED = {
    "content": {
        EventStream.media_type: {
            "schema": {
                "type": "object",
                "description": "Each event is a chunk, one JSON object; the last says `[DONE]`.",
                "properties": {"data": {"type": "string"}},
                "required": ["data"],
            },
            "example": f"data: {json.dumps(_CHUNK, ensure_ascii=False)}\n\ndata: [DONE]\n\n",
        }
    }
}

router = APIRouter(route_class=JsonRoute, tags=["openai"])


@router.post(
    "/v1/chat/completions",
    responses={200: _STREAMED, **responses(HTTPStatus.NOT_FOUND), **BODY_ERRORS},
    response_model=ChatCompletion,
    response_description="The answer, or the refusal, as a completion",
    summary="Ask in OpenAI's shape",
)
async def complete(
    body: ChatRequest, services: ReadyServices, workers: OffLoop, settings: OurSettings, request: Request
) -> ChatCompletion | EventStream[Event]:
    """Answers the last of the user's messages, the earlier ones being its history. Annotations point into the content;
    the whole answer is under `sourcier`."""
    if body.model != MODEL:
        raise unknown_model(body.model)
    question = question_of(body)
    check_bounds(question.text, question.k, settings, field="messages")
    log: dict[str, Any] = request.state.log
    if settings.log_questions:
        log["question"] = question.text
    told = Told(f"chatcmpl-{request.state.request_id}", int(time.time()), f"{request.base_url}v1/articles/")
    if body.stream:
        with_usage = bool(body.stream_options and body.stream_options.include_usage)
        return _streamed(Chunks(told, question, with_usage=with_usage), question, services, workers, request)
    answer = await last_of(lambda: once_more(lambda: services.answerer.events(question)), workers, request)
    assert isinstance(answer, Answer)
    log |= outcome(answer)
    return told.completion(question, answer)


@router.get("/v1/models", summary="List the models")
async def list_models() -> ModelList:
    """There is one, whatever writes the claims."""
    return ModelList(data=[Model()])


@router.get(
    "/v1/models/{model}",
    responses=responses(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
    summary="Describe a model",
)
async def get_model(model: Annotated[str, Path(examples=[MODEL])]) -> Model:
    if model != MODEL:
        raise unknown_model(model)
    return Model()


def _streamed(
    chunks: Chunks, question: Question, services: Services, workers: Workers, request: Request
) -> EventStream[Event]:
    log: dict[str, Any] = request.state.log

    def written(event: Event) -> bytes:
        pieces = b"".join(sent(json.dumps(chunk, ensure_ascii=False)) for chunk in chunks.of(event))
        if not isinstance(event, Answer):
            return pieces
        log.update(outcome(event))
        return pieces + _DONE

    def failed(error: Exception) -> bytes:
        told = error_told(request.state.request_id, error)
        log["error"] = told.error.type
        return server_sent(told)

    return EventStream(lambda: services.answerer.events(question), workers, written=written, failed=failed)
