"""`GET /metrics`: what was counted, for Prometheus."""

import logging

from fastapi import APIRouter, Request, Response

from index.errors import IndexingError
from service.http_body import JsonRoute
from service.http_context import OurSettings
from service.http_errors import forbidden, unauthenticated
from service.http_loading import Loading
from service.http_middleware import is_loopback
from service.metrics import Metrics
from service.services import Services

logger = logging.getLogger(__name__)
router = APIRouter(route_class=JsonRoute, include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request, settings: OurSettings) -> Response:
    """In Prometheus' text format, or in OpenMetrics where `Accept` asks for it."""
    if settings.metrics == "loopback" and not is_loopback(request.client.host if request.client else ""):
        raise forbidden("the metrics are for this machine alone; see SOURCIER_METRICS")
    if settings.metrics == "key" and request.state.key is None:
        raise unauthenticated()
    counted: Metrics = request.app.state.metrics
    loading: Loading = request.app.state.loading

    def exposition() -> tuple[bytes, str]:
        _count(counted, loading.loaded)
        return counted.exposition(request.headers.get("accept", ""))

    content, media_type = await request.app.state.probes.run(exposition)
    return Response(content, headers={"Content-Type": media_type})


def _count(counted: Metrics, loaded: Services | None) -> None:
    """An index that cannot be read takes none of the other series along."""
    counted.loaded(ready=loaded is not None)
    if loaded is None:
        return
    try:
        counted.holds(loaded.index.sizes)
    except (IndexingError, OSError) as exc:
        logger.warning("what the index holds cannot be read: %s", exc)
        counted.unread()
