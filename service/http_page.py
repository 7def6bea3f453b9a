"""`GET /`: the chat page. `GET /docs`: the OpenAPI document, readable. Both are files of `service/page/`."""

from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request, Response

from service.http_body import JsonRoute

_FOLDER = Path(__file__).parent / "page"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_AT = {"index.html": "/", "docs.html": "/docs", "icon.svg": "/favicon.ico"}


def page_router() -> APIRouter:
    """A route for each file of the page, read once: `app.js` at `/page/app.js`, and the HTML files at their own."""
    router = APIRouter(route_class=JsonRoute, include_in_schema=False)
    for path in sorted(_FOLDER.iterdir()):
        if path.suffix in _TYPES:
            _serve(router, _AT.get(path.name, f"/page/{path.name}"), path.read_bytes(), _TYPES[path.suffix])
    return router


def _serve(router: APIRouter, at: str, content: bytes, media_type: str) -> None:
    etag = f'"{sha256(content).hexdigest()[:16]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}

    async def file(request: Request) -> Response:
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=media_type, headers=headers)

    router.add_api_route(at, file, methods=["GET"])
