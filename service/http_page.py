"""`GET /`: the page. `GET /docs`: the OpenAPI document, readable. Both are files of `service/page/`."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from service.http_body import JsonRoute
from service.page_files import LANGUAGES, PageFile, page_files

_AT = {"index.html": "/", "docs.html": "/docs", "icon.svg": "/favicon.ico"}


def page_router() -> APIRouter:
    """A route for each file of the page, read once: `app.js` at `/page/app.js`, and the HTML files at their own."""
    router = APIRouter(route_class=JsonRoute, include_in_schema=False)
    for versions in page_files():
        name = versions[LANGUAGES[0]].name
        _serve(router, _AT.get(name, f"/page/{name}"), versions)
    return router


def preferred(accept_language: str, offered: tuple[str, ...] = LANGUAGES) -> str:
    """The language of `offered` that a browser's `Accept-Language` likes best; the first where it names none."""
    wanted = []
    for position, item in enumerate(accept_language.split(",")):
        tag, _, parameter = item.strip().partition(";")
        wanted.append((-_quality(parameter), position, tag.strip()[:2].lower()))
    return next((tag for quality, _, tag in sorted(wanted) if tag in offered and quality < 0), offered[0])


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def _takes_gzip(accept_encoding: str) -> bool:
    """Whether it is named, or else anything is, and not with a quality of nothing."""
    wanted = {}
    for item in accept_encoding.lower().split(","):
        name, _, parameter = item.partition(";")
        wanted[name.strip()] = _quality(parameter)
    return wanted.get("gzip", wanted.get("*", 0.0)) > 0


def _serve(router: APIRouter, at: str, versions: Mapping[str, PageFile]) -> None:
    async def file(request: Request) -> Response:
        lang = preferred(request.headers.get("accept-language", "")) if len(versions) > 1 else LANGUAGES[0]
        return _sent(versions[lang], request)

    router.add_api_route(at, file, methods=["GET"])


def _sent(file: PageFile, request: Request) -> Response:
    headers = {"ETag": file.etag, "Cache-Control": "no-cache", "Vary": "Accept-Language, Accept-Encoding"}
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    if file.compressed is None or not _takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(file.content, media_type=file.media_type, headers=headers)
    return Response(file.compressed, media_type=file.media_type, headers=headers | {"Content-Encoding": "gzip"})
