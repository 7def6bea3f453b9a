"""`POST /v1/ask` and `POST /v1/search`."""

from http import HTTPStatus

from fastapi import APIRouter, Request

from index.settings import Settings
from service.http_body import JsonRoute
from service.http_context import OffLoop, OurSettings, ReadyServices
from service.http_errors import ApiError, invalid_request, responses
from service.schemas import AskRequest, AskResponse, SearchRequest, SearchResponse

router = APIRouter(route_class=JsonRoute, tags=["questions"])

_ERRORS = responses(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


@router.post("/v1/ask", responses=_ERRORS, response_description="An answer or a refusal", summary="Ask a question")
async def ask(
    body: AskRequest, services: ReadyServices, workers: OffLoop, settings: OurSettings, request: Request
) -> AskResponse:
    """Answers with sentences that each cite a verbatim span of an article, or refuses and says why."""
    _check_bounds(body.question, body.k, settings, field="question")
    if body.stream:
        message = "stream: answers are not streamed by this version; leave it out, or send false"
        raise ApiError(HTTPStatus.BAD_REQUEST, "unsupported", message)
    question = body.asked()
    answer = await workers.run(lambda: services.answerer.ask(question))
    response = AskResponse.of(answer)
    request.state.log |= {
        "outcome": response.refusal.reason if response.refusal else "answered",
        "lang": response.lang,
        "claims": len(response.claims),
        "citations": len(response.citations),
        "snapshot": response.snapshot,
        "timings_ms": response.timings_ms.model_dump(),
    } | ({"question": question.text} if settings.log_questions else {})
    return response


@router.post("/v1/search", responses=_ERRORS, response_description="The passages", summary="Search for passages")
async def search(
    body: SearchRequest, services: ReadyServices, workers: OffLoop, settings: OurSettings, request: Request
) -> SearchResponse:
    """Gives the best passages for the words, best first."""
    _check_bounds(body.query, body.k, settings, field="query")
    filters = body.filters()
    result = await workers.run(lambda: services.answerer.search(body.query, body.k, filters))
    response = SearchResponse.of(result)
    request.state.log |= {
        "passages": len(response.passages),
        "snapshot": response.snapshot,
        "timings_ms": response.timings_ms.model_dump(),
    } | ({"query": body.query} if settings.log_questions else {})
    return response


def _check_bounds(text: str, k: int, settings: Settings, *, field: str) -> None:
    """The bounds that can be set; the OpenAPI document shows them too."""
    if len(text) > settings.max_question_chars:
        raise invalid_request(f"{field}: has {len(text)} characters; at most {settings.max_question_chars} are read")
    if k > settings.max_k:
        raise invalid_request(f"k: input should be less than or equal to {settings.max_k} (found {k})")
