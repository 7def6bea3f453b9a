"""Answers with server-sent events, each as soon as it is there, or with the last alone. Knows not what they say.

Work runs in a worker's thread, whose pace no slow reader holds up, and stops at its next event once the client is gone.
"""

import math
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Generic, TypeVar

import anyio
from anyio import from_thread
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from pydantic import BaseModel
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from service.http_workers import Workers

_KEEP_ALIVE_S = 15  # the longest silence that the usual proxies are sure to bear

_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}  # the others JSON escapes itself

T = TypeVar("T")


def server_sent(data: BaseModel, *, event: str | None = None) -> bytes:
    """One event whose `data:` is one JSON object."""
    return sent(data.model_dump_json(), event=event)


def sent(json: str, *, event: str | None = None) -> bytes:
    """One event. What some clients wrongly take for the end of a line is written as an escape."""
    return format_sse_event(data_str=json.translate(_LINE_ENDS), event=event)


async def last_of(work: Callable[[], Generator[T]], workers: Workers, request: Request) -> T:
    """What happens last at `work`. Stops it, and raises `ClientDisconnect`, where the client leaves before that."""
    outcome: list[T | Exception] = []

    def run() -> T:
        with closing(work()) as events:
            for event in events:
                from_thread.check_cancelled()
                last = event
        return last

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_cancel_once_gone, request.receive, tasks.cancel_scope)
        try:
            outcome.append(await workers.run(run))
        except Exception as exc:  # kept from the task group, which would wrap it
            outcome.append(exc)
        tasks.cancel_scope.cancel()
    if not outcome:
        raise ClientDisconnect
    (result,) = outcome
    if isinstance(result, Exception):
        raise result
    return result


class EventStream(Response, Generic[T]):
    """What happens at `work`, as `written` puts it, as it happens; what is written as nothing is not sent.

    The status is sent with the first event, so that what fails before that has the status and the body of any error;
    what fails later is told by the event that `failed` makes of it.
    """

    media_type = EventSourceResponse.media_type

    def __init__(
        self,
        work: Callable[[], Generator[T]],
        workers: Workers,
        *,
        written: Callable[[T], bytes],
        failed: Callable[[Exception], bytes],
    ) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})  # nginx would hold the events back
        del self.headers["content-length"]
        self._work, self._workers, self._written, self._failed = work, workers, written, failed
        self._started = False
        self._failure: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        events_in, events = anyio.create_memory_object_stream[bytes](math.inf)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._stop_once_gone, scope, receive, tasks.cancel_scope)
            tasks.start_soon(self._produce, events_in)
            await self._send_all(events, send)
            tasks.cancel_scope.cancel()
        if self._failure and not self._started:
            raise self._failure

    async def _produce(self, events_in: MemoryObjectSendStream[bytes]) -> None:
        def work() -> None:
            with closing(self._work()) as events:
                for event in events:
                    from_thread.check_cancelled()
                    if sent := self._written(event):
                        from_thread.run_sync(events_in.send_nowait, sent)

        with events_in:
            try:
                await self._workers.run(work)
            except Exception as exc:
                self._failure = exc

    async def _send_all(self, events: MemoryObjectReceiveStream[bytes], send: Send) -> None:
        with events:
            while event := await self._next(events):
                if not self._started:
                    self._started = True
                    await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await send({"type": "http.response.body", "body": event, "more_body": True})
        if self._started:
            last = self._failed(self._failure) if self._failure else b""
            await send({"type": "http.response.body", "body": last})

    async def _next(self, events: MemoryObjectReceiveStream[bytes]) -> bytes:
        """The next event, or a sign of life after a long silence between two; nothing at the end."""
        with anyio.move_on_after(_KEEP_ALIVE_S if self._started else math.inf):
            try:
                return await events.receive()
            except anyio.EndOfStream:
                return b""
        return KEEPALIVE_COMMENT

    async def _stop_once_gone(self, scope: Scope, receive: Receive, everything: anyio.CancelScope) -> None:
        await _cancel_once_gone(receive, everything)
        scope["state"]["log"].setdefault("outcome", "disconnected")  # a client may also leave once it has its answer


async def _cancel_once_gone(receive: Receive, everything: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    everything.cancel()
