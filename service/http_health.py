"""`GET /healthz`: the process answers. `GET /readyz`: index and models are loaded."""

from http import HTTPStatus

from fastapi import APIRouter, Request

from service.http_body import JsonRoute
from service.http_context import ReadyServices
from service.http_errors import responses
from service.schemas import Alive, Ready, WriterBody
from service.services import Services

router = APIRouter(route_class=JsonRoute, tags=["health"])


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> Alive:
    return Alive()


@router.get("/readyz", responses=responses(HTTPStatus.SERVICE_UNAVAILABLE), summary="Can it answer questions?")
async def readyz(services: ReadyServices, request: Request) -> Ready:
    """Says what is loaded, and what is wrong with the index though it answers; until then, 503 and what is loading."""
    return await request.app.state.probes.run(lambda: _ready(services))  # type: ignore[no-any-return]  # app.state is untyped


def _ready(services: Services) -> Ready:
    with services.index.view() as view:
        return Ready(
            snapshot=view.snapshot,
            articles=view.article_count,
            passages=view.passage_count,
            encoder=services.encoder,
            warning=services.index.warning,
            generator=services.generator(),
            writer=WriterBody.of(services.writing) if services.writing else None,
        )
