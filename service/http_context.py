"""What a route needs from the application, as dependencies."""

from typing import Annotated
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Path, Request
from starlette.convertors import PathConvertor, register_url_convertor

from index.settings import Settings
from service.http_errors import invalid_request
from service.http_workers import Workers
from service.schemas import IdInPath
from service.services import Services


class _AnyText(PathConvertor):
    """The rest of the path, slashes and line breaks included (Starlette's own `path` ends at a line break)."""

    regex = "(?s:.*)"


register_url_convertor("article_id", _AnyText())
ARTICLE_PATH = "/v1/articles/{article_id:article_id}"


async def _services(request: Request) -> Services:
    services: Services = request.app.state.loading.services
    return services


async def _workers(request: Request) -> Workers:
    workers: Workers = request.app.state.workers
    return workers


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _article_id(
    request: Request,
    article_id: Annotated[IdInPath, Path(examples=["otan-irak"])],
) -> str:
    """The id that the path names; what is percent-encoded in it, slashes included, belongs to the id."""
    try:
        unquote_to_bytes(request.scope.get("raw_path") or b"").decode("utf-8")
    except UnicodeDecodeError as exc:
        raise invalid_request(f"the id in the path is not UTF-8: {exc.reason} at byte {exc.start}") from exc
    if "\0" in article_id:
        raise invalid_request("the id in the path holds a NUL character; remove it")
    return article_id


ReadyServices = Annotated[Services, Depends(_services)]
OffLoop = Annotated[Workers, Depends(_workers)]
OurSettings = Annotated[Settings, Depends(_settings)]
ArticleIdInPath = Annotated[str, Depends(_article_id)]
