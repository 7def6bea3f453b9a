"""`GET /metrics`: what was counted, for Prometheus."""

from fastapi import APIRouter, Request, Response

from service.http_body import JsonRoute
from service.http_context import OurSettings
from service.http_errors import forbidden, unauthenticated
from service.http_loading import Loading
from service.http_middleware import is_loopback
from service.metrics import Metrics

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
        counted.holds(loading.loaded.index.sizes if loading.loaded else None)
        return counted.exposition(request.headers.get("accept", ""))

    content, media_type = await request.app.state.probes.run(exposition)
    return Response(content, headers={"Content-Type": media_type})
