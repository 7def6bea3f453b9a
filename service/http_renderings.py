"""`/v1/renderings`: how far rendering ahead of questions is, and whether it goes on."""

from http import HTTPStatus

from fastapi import APIRouter

from service.http_body import JsonRoute
from service.http_context import OffLoop, ReadyServices
from service.http_errors import responses
from service.schemas import RenderingsBody
from service.services import Services

router = APIRouter(route_class=JsonRoute, tags=["renderings"])

_ERRORS = responses(HTTPStatus.SERVICE_UNAVAILABLE)


@router.get("/v1/renderings", responses=_ERRORS, summary="How far are the renderings?")
async def progress(services: ReadyServices, workers: OffLoop) -> RenderingsBody:
    """Gives how many foreign sentences there are, how many were rendered, and how many of those failed a check."""
    return await workers.run(lambda: _progress(services))


@router.post("/v1/renderings/pause", responses=_ERRORS, summary="Pause rendering ahead")
async def pause(services: ReadyServices, workers: OffLoop) -> RenderingsBody:
    """Renders nothing ahead of questions, in whatever process, until it is resumed; gives how far it is."""
    return await workers.run(lambda: _turned(services, paused=True))


@router.post("/v1/renderings/resume", responses=_ERRORS, summary="Resume rendering ahead")
async def resume(services: ReadyServices, workers: OffLoop) -> RenderingsBody:
    """Goes on where it was paused; gives how far it is."""
    return await workers.run(lambda: _turned(services, paused=False))


def _turned(services: Services, *, paused: bool) -> RenderingsBody:
    if services.writing:
        services.writing.turn(paused=paused)
    return _progress(services)


def _progress(services: Services) -> RenderingsBody:
    return RenderingsBody.of(services.writing) if services.writing else RenderingsBody()
