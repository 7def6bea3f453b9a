"""Schemathesis over the OpenAPI document: the service and its document agree, and nothing makes it fail."""

import schemathesis
from http_fakes import AFGHANISTAN, IRAQ, services, settings
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as hypothesis_settings
from schemathesis import Case, SerializationContext
from starlette.types import ASGIApp, Receive, Scope, Send

from service.app import create_app


@schemathesis.serializer("application/x-ndjson")
def json_lines(_context: SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")


def lasting(app: ASGIApp) -> ASGIApp:
    """`app` without its end: each case is a session of its own, and the first one would close the index."""

    async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        for stage in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{stage}.complete"})

    return asgi


document = schemathesis.openapi.from_asgi("/openapi.json", lasting(create_app(services(IRAQ, AFGHANISTAN), settings())))


@document.parametrize()
@seed(20210218)
@hypothesis_settings(
    max_examples=50,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_service_keeps_to_its_document(case: Case) -> None:
    case.call_and_validate()
