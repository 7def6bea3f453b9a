"""What surrounds every request: an id, a host check, the security headers, one log line, and an answer whatever fails.

Of the routes it knows their paths, to count by, and those by which a machine asks how the service is.
"""

import asyncio
import logging
import re
import time
import uuid
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.http_errors import UNFORESEEN, ApiError, error_response, unavailable
from service.metrics import Metrics
from service.problems import found
from service.rate_limits import ip_of

logger = logging.getLogger(__name__)

_SANE_ID = re.compile(r"[!-~]{1,128}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_STOPPING = "the service is stopping and waits no longer; send it again in a moment"
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})

# Scripts, styles and data come from here alone, and no HTML is ever made from a string. The one policy serves the
# page, the documentation and the JSON alike.
_SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # a deleted article must not live on in a cache; the page's files say otherwise
}


class Envelope:
    """The outermost layer. Handlers may add what is worth logging to `request.state.log`."""

    def __init__(
        self, app: ASGIApp, *, allowed_hosts: Iterable[str] | None, metrics: Metrics, routes: Sequence[Route] = ()
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._routes = routes
        self._allowed_hosts = None if allowed_hosts is None else frozenset(host.lower() for host in allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = Headers(scope=scope)
        request_id = _request_id(headers.get("x-request-id"))
        log: dict[str, Any] = {}  # Any: whatever JSON can write
        scope = {**scope, "state": {**scope.get("state", {}), "request_id": request_id, "log": log}}
        reply = _Reply(scope, send, request_id)
        self._metrics.began()
        try:
            if self._is_allowed(scope, headers.get("host", "")):
                await self._app(_without_head(scope), receive, reply.send)
            else:
                await _refuse_host(scope, receive, reply, headers.get("host", ""))
        except ClientDisconnect:
            log["outcome"] = "disconnected"
        except asyncio.CancelledError:  # the process stops, and has waited for requests as long as it may
            if reply.status is not None:
                raise
            await _answer(scope, receive, reply, unavailable("stopping", _STOPPING, retry_after_s=5))
        except Exception:
            logger.exception("request %s failed", request_id)
            if reply.status is not None:
                raise  # the answer is half sent: only breaking the connection tells the client
            await _fail(scope, receive, reply)
        finally:
            seconds = time.perf_counter() - started
            log["route"] = log.get("route") or self._route(scope)
            self._count(scope, reply.status, seconds)
            _log(scope, reply.status, seconds)

    def _count(self, scope: Scope, status: int | None, seconds: float) -> None:
        """Only what we know ourselves becomes the name of a series: anyone may send any method and any path."""
        log = scope["state"]["log"]
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = log["route"] or "other"
        told = "none" if status is None else str(status)
        self._metrics.ended(method=method, route=route, status=told, seconds=seconds, error=log.get("error"))

    def _route(self, scope: Scope) -> str | None:
        """The path as its route writes it, though the request was turned away before it came there."""
        method, path = _without_head(scope)["method"], scope["path"]
        matching = (each for each in self._routes if method in (each.methods or ()) and each.path_regex.match(path))
        return next((each.path_format for each in matching), None)

    def _is_allowed(self, scope: Scope, host: str) -> bool:
        name = re.sub(r":\d*\Z", "", host).lower()
        return self._allowed_hosts is None or name in self._allowed_hosts or _is_own_probe(scope, name)


def hosts_allowed(listening_on: str, configured: Iterable[str]) -> frozenset[str] | None:
    """The names that requests may give in `Host`; None for any.

    On a loopback address only loopback names pass, so that a web site which points its own name at 127.0.0.1 (DNS
    rebinding) cannot read the articles through its visitor's browser.
    """
    if names := frozenset(configured):
        return names
    return _LOOPBACK_NAMES if is_loopback(listening_on) else None


def _is_own_probe(scope: Scope, host: str) -> bool:
    """Whether this machine asks itself how the service is. A site that points its name here is not let in so: a browser
    gives that name as the host."""
    address = scope["client"][0] if scope.get("client") else ""
    return scope["path"] in _PROBES and host in _LOOPBACK_NAMES and is_loopback(address)


def is_loopback(address: str) -> bool:
    try:
        return ip_of(address.strip("[]")).is_loopback
    except ValueError:
        return address.lower() == "localhost"


def _request_id(given: str | None) -> str:
    return given if given and _SANE_ID.fullmatch(given) else uuid.uuid4().hex


def _without_head(scope: Scope) -> Scope:
    """HEAD is answered as GET is; `_Reply` leaves the body out."""
    return {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope


class _Reply:
    """Sends the answer with the headers that every answer has, and remembers its status."""

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._scope, self._send, self._request_id = scope, send, request_id
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            for name, value in _SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        elif self._scope["method"] == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)


async def _refuse_host(scope: Scope, receive: Receive, reply: _Reply, host: str) -> None:
    message = f"requests for the host {found(host)} are not served; to allow it, name it in SOURCIER_ALLOWED_HOSTS"
    await _answer(scope, receive, reply, ApiError(HTTPStatus.MISDIRECTED_REQUEST, "unknown_host", message))


async def _fail(scope: Scope, receive: Receive, reply: _Reply) -> None:
    await _answer(scope, receive, reply, ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", UNFORESEEN))


async def _answer(scope: Scope, receive: Receive, reply: _Reply, error: ApiError) -> None:
    state = scope["state"]
    state["log"]["error"] = error.error_type
    told = error_response(state["request_id"], error.status_code, error.error_type, error.detail, headers=error.headers)
    await told(scope, receive, reply.send)


def _log(scope: Scope, status: int | None, seconds: float) -> None:
    state = scope["state"]
    route = state["log"].pop("route", None)
    fields = {"request_id": state["request_id"], "method": scope["method"], "route": route, "status": status}
    logger.info("request", extra={"fields": fields | {"ms": round(1000 * seconds, 1)} | state["log"]})
