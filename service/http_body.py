"""Reads request bodies: of the type that was agreed, within bounds of size and time, and strict JSON in UTF-8."""

from collections.abc import AsyncIterator, Callable, Coroutine
from email.message import Message as Header
from http import HTTPStatus
from typing import Any

import anyio
from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from service.http_errors import ApiError, malformed_body
from service.problems import found
from service.schemas import strict_json

JSON = ("application/json",)
JSON_LINES = ("application/x-ndjson", "application/jsonl", "application/ndjson", "application/x-jsonlines")


class JsonRoute(APIRoute):
    """A route whose body, where it takes one, is read by this module before FastAPI validates it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        has_body = self.body_field is not None

        async def handle(request: Request) -> Response:
            request.state.log["route"] = self.path_format
            if has_body:
                require_type(request, JSON)
                request = _JsonRequest(request.scope, request.receive)
                await request.json()
            return await handler(request)

        return handle


def require_type(request: Request, accepted: tuple[str, ...]) -> None:
    """Raises the 415 of a body of another type, or of none.

    A body without a type is refused too: browsers let any site send one here, but ask before they send JSON.
    """
    header = Header()
    header["Content-Type"] = request.headers.get("content-type", "")
    charset = str(header.get_param("charset") or "utf-8").lower()
    if header["Content-Type"] and header.get_content_type() in accepted and charset in ("utf-8", "utf8"):
        return
    given = found(request.headers["content-type"]) if "content-type" in request.headers else "none"
    message = f"send the body with Content-Type: {accepted[0]} (found {given})"
    raise ApiError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)


async def bounded_body(request: Request) -> bytes:
    """The whole body. Raises the 413 of a body too large as soon as that is known, and the 408 of one that stalls."""
    body = bytearray()
    async for piece in pieces_of_body(request, most_bytes=request.app.state.settings.max_body_bytes):
        body += piece
    return bytes(body)


async def pieces_of_body(
    request: Request, *, most_bytes: int, setting: str = "SOURCIER_MAX_BODY_BYTES"
) -> AsyncIterator[bytes]:
    """The body as it comes; raises as `bounded_body`. `setting` is what would let more come."""
    too_large = ApiError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body_too_large",
        f"the body is larger than {most_bytes} bytes; send less, or raise {setting}",
    )
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most_bytes:
        raise too_large
    received = 0
    more = True
    while more:
        message = await next_message(request.receive, request.app.state.settings.body_timeout_s)
        received += len(message.get("body", b""))
        if received > most_bytes:
            raise too_large
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def next_message(receive: Receive, timeout_s: float) -> Message:
    """The next piece of the body. Raises the 408 of a silence of `timeout_s`."""
    with anyio.move_on_after(timeout_s):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        return message
    text = f"nothing more of the body came for {timeout_s:g} s; send it again"
    raise ApiError(HTTPStatus.REQUEST_TIMEOUT, "body_timeout", text, headers={"Connection": "close"})


class _JsonRequest(Request):
    _strict: object

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            self._body = await bounded_body(self)
        return self._body

    async def json(self) -> object:
        if not hasattr(self, "_strict"):
            self._strict = _strict_json(await self.body())
        return self._strict


def _strict_json(body: bytes) -> object:
    try:
        return strict_json(body)
    except ValueError as exc:
        raise malformed_body(f"the body is not JSON in UTF-8: {exc}") from exc
