"""Who is let in: keys with their scopes, and how many requests each key and each address may send.

A layer around every route, so that nothing is read of a request that is not let in, and no route can forget to ask.
"""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.audit import ACTOR, Actor
from service.http_errors import ApiError, error_response, forbidden, rate_limited, unauthenticated
from service.keys import Key, KeyRing
from service.keys import Scope as KeyScope
from service.rate_limits import RateLimit, network_of

_READING_POSTS = frozenset({"/v1/ask", "/v1/search", "/v1/chat/completions"})

Needed = Callable[[str, str], KeyScope | None]


def scope_needed(method: str, path: str) -> KeyScope | None:
    """The scope that a request needs: below `/v1`, whatever is not known to only read is taken to write. The page's own
    files and the probes hold nothing of the articles' and need none."""
    if not path.startswith("/v1"):
        return None
    if method in ("GET", "HEAD") or (method == "POST" and path in _READING_POSTS):
        return KeyScope.READ
    return KeyScope.WRITE


class Admission:
    """Within the envelope: expects its request id and its log. `needed` gives the scope for a method and a path."""

    def __init__(
        self, app: ASGIApp, *, keys: KeyRing, needed: Needed, per_key: str | None, per_address: str | None
    ) -> None:
        self._app = app
        self._keys = keys
        self._needed = needed
        self._per_key = RateLimit(per_key)
        self._per_address = RateLimit(per_address)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope["state"]
        address = scope["client"][0] if scope.get("client") else ""
        try:
            key = self._admitted(scope, address)
        except ApiError as error:
            state["log"]["error"] = error.error_type
            status, headers = error.status_code, error.headers
            refusal = error_response(state["request_id"], status, error.error_type, error.detail, headers)
            await refusal(scope, receive, send)
            return
        if key:
            state["log"]["key"] = key.name
        state["key"] = key
        token = ACTOR.set(Actor(key.name if key else None, address or None, state["request_id"]))
        try:
            await self._app(scope, receive, send)
        finally:
            ACTOR.reset(token)

    def _admitted(self, scope: Scope, address: str) -> Key | None:
        """The key of the request, None where none is needed. Raises the 401, 403 or 429 of one that is not let in."""
        needed = self._needed(scope["method"], scope["path"])
        if needed is None:
            return self._key(scope) if self._keys.required else None
        if network := network_of(address):
            _turn_away(self._per_address.wait_s(network), "this address")
        if not self._keys.required:
            return None
        key = self._key(scope)
        if key is None:
            raise unauthenticated()
        if needed not in key.scopes:
            raise forbidden(f"the key {key.name!r} may not {needed}; use one that may")
        _turn_away(self._per_key.wait_s(key.name), f"the key {key.name!r}")
        return key

    def _key(self, scope: Scope) -> Key | None:
        scheme, _, secret = Headers(scope=scope).get("authorization", "").partition(" ")
        return self._keys.find(secret.strip()) if scheme.lower() == "bearer" and secret else None


def _turn_away(wait_s: int, who: str) -> None:
    if wait_s:
        raise rate_limited(f"{who} has sent too many requests; try again in {wait_s} s", retry_after_s=wait_s)
