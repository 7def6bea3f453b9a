"""`POST /v1/articles`: articles in as JSON lines, a line of outcome out for each, in order, while more come in."""

import contextlib
import itertools
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from service.bulk import Line, LineCutter, LineWriter
from service.http_body import JSON_LINES, JsonRoute, next_message, require_type
from service.http_context import OffLoop, OurSettings, ReadyServices
from service.http_errors import responses
from service.schemas import LineOutcome

router = APIRouter(route_class=JsonRoute, tags=["articles"])

_MOST_LINES = 64  # written in one go
_MOST_CHUNKS = 64  # of the body, some 64 KiB each, that may wait to be written

_ONE_IN = '{"article_id": "otan-irak", "text": "L’OTAN renforce sa mission en Irak.", "published": "2021-02-18"}\n'
_ONE_OUT = '{"line": 1, "article_id": "otan-irak", "status": "added", "message": null}\n'
# Without a schema: OpenAPI 3.1 has none for a body that is a sequence of JSON values.
_BODY = {
    "required": True,
    "description": "One JSON object a line: the fields of PUT, and `article_id`, derived from the text if missing.",
    "content": {JSON_LINES[0]: {"example": _ONE_IN}},
}
_RESPONSE: dict[str, Any] = {
    "description": "A line for each article: `line`, `article_id`, `status` (added, replaced, unchanged or rejected)"
    " and `message`.",
    "content": {JSON_LINES[0]: {"example": _ONE_OUT}},
}

Write = Callable[[Sequence[Line]], Awaitable[list[LineOutcome]]]


@router.post(
    "/v1/articles",
    summary="Store many articles",
    response_class=Response,
    responses={200: _RESPONSE, **responses(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.SERVICE_UNAVAILABLE)},
    openapi_extra={"requestBody": _BODY},
)
async def post_articles(request: Request, services: ReadyServices, workers: OffLoop, settings: OurSettings) -> Response:
    """Stores each article as its line comes in; a line may be as long as the body of another request. A bad line is
    told in its outcome and does not stop the rest. Of two lines with the same id the later stands."""
    require_type(request, JSON_LINES)
    writer = LineWriter(services.index)

    async def write(lines: Sequence[Line]) -> list[LineOutcome]:
        return await workers.run_in_turn(lambda: writer.write(lines))

    return _Outcomes(LineCutter(settings.max_body_bytes), write, timeout_s=settings.body_timeout_s)


class _Outcomes(Response):
    """Receives the body, writes its lines and sends their outcomes, all at once.

    What is received waits for the writing, but outcomes, which are small, are queued without bound: many clients read
    nothing before they have sent everything, and if the writing waited for them both sides would wait for ever.
    """

    def __init__(self, cutter: LineCutter, write: Write, *, timeout_s: float) -> None:
        super().__init__(media_type=JSON_LINES[0])
        del self.headers["content-length"]
        self._cutter, self._write, self._timeout_s = cutter, write, timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        counts: dict[str, int] = {}
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        chunks_in, chunks = anyio.create_memory_object_stream[bytes](_MOST_CHUNKS)
        outcomes_in, outcomes = anyio.create_memory_object_stream[LineOutcome](math.inf)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._receive_all, receive, chunks_in, tasks.cancel_scope)
            tasks.start_soon(self._write_all, chunks, outcomes_in)
            async with outcomes:
                async for outcome in outcomes:
                    counts[outcome.status] = counts.get(outcome.status, 0) + 1
                    body = outcome.model_dump_json().encode() + b"\n"
                    await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        scope["state"]["log"] |= {"outcomes": counts}

    async def _receive_all(
        self, receive: Receive, chunks_in: MemoryObjectSendStream[bytes], everything: anyio.CancelScope
    ) -> None:
        async with chunks_in:
            more = True
            while more:
                try:
                    message = await next_message(receive, self._timeout_s)
                except ClientDisconnect:
                    everything.cancel()
                    return
                await chunks_in.send(message.get("body", b""))
                more = message.get("more_body", False)

    async def _write_all(
        self, chunks: MemoryObjectReceiveStream[bytes], outcomes_in: MemoryObjectSendStream[LineOutcome]
    ) -> None:
        async with chunks, outcomes_in:
            async for chunk in chunks:
                await self._write_in_batches(self._cutter.feed(chunk + _at_hand(chunks)), outcomes_in)
            await self._write_in_batches(self._cutter.finish(), outcomes_in)

    async def _write_in_batches(self, lines: Iterable[Line], outcomes_in: MemoryObjectSendStream[LineOutcome]) -> None:
        lines = iter(lines)
        while batch := list(itertools.islice(lines, _MOST_LINES)):
            for outcome in await self._write(batch):
                outcomes_in.send_nowait(outcome)


def _at_hand(chunks: MemoryObjectReceiveStream[bytes]) -> bytes:
    """The chunks that have come meanwhile, so that lines are written together, yet none waits for a next one."""
    found = bytearray()
    with contextlib.suppress(anyio.WouldBlock, anyio.EndOfStream):
        while True:
            found += chunks.receive_nowait()
    return bytes(found)
