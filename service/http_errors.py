"""The one place where an error becomes a status and a body: `{"error": {"type", "message", "request_id"}}`.

A type is a stable word for programs; a message is a sentence for people. Bodies that are not the JSON they should be
are 400, JSON that breaks the contract is 422.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from index.errors import IndexingError, InvalidArticle, StoreUnavailable
from service.errors import ArticlesChanged, InvalidQuestion, ServiceError
from service.problems import clipped, describe, found
from service.schemas import ErrorBody, ErrorDetail

logger = logging.getLogger(__name__)

UNFORESEEN = "something failed on our side; its log holds the details under this request id"
_LONGEST_MESSAGE_CHARS = 1000


class ApiError(HTTPException):
    """An error of the interface itself. An `HTTPException`, so that FastAPI lets it pass."""

    def __init__(
        self, status: HTTPStatus, error_type: str, message: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, message, headers)
        self.error_type = error_type


def malformed_body(message: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, "malformed_body", message)


def invalid_request(message: str) -> ApiError:
    return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", message)


def unknown_article(article_id: str) -> ApiError:
    return ApiError(HTTPStatus.NOT_FOUND, "unknown_article", f"no article has the id {found(article_id)}")


def unknown_model(name: str) -> ApiError:
    return ApiError(HTTPStatus.NOT_FOUND, "unknown_model", f"no model has the name {found(name)}; see GET /v1/models")


def conflicting_id(in_body: str | None) -> ApiError:
    message = f"article_id: {found(in_body)} is not the id in the path; leave it out of the body"
    return ApiError(HTTPStatus.CONFLICT, "conflicting_id", message)


def forbidden(message: str) -> ApiError:
    return ApiError(HTTPStatus.FORBIDDEN, "forbidden", message)


def unauthenticated() -> ApiError:
    message = "send a key that is known here, in the header Authorization: Bearer KEY"
    headers = {"WWW-Authenticate": 'Bearer realm="Sourcier"'}
    return ApiError(HTTPStatus.UNAUTHORIZED, "unauthenticated", message, headers=headers)


def rate_limited(message: str, *, retry_after_s: int) -> ApiError:
    headers = {"Retry-After": str(retry_after_s)}
    return ApiError(HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", message, headers=headers)


def unavailable(error_type: str, message: str, *, retry_after_s: int) -> ApiError:
    headers = {"Retry-After": str(retry_after_s)}
    return ApiError(HTTPStatus.SERVICE_UNAVAILABLE, error_type, message, headers=headers)


def error_response(
    request_id: str, status: int, error_type: str, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    return JSONResponse(_body(request_id, error_type, message).model_dump(), status, headers=dict(headers or {}))


def error_told(request_id: str, error: Exception) -> ErrorBody:
    """The body for an error that can no longer have a status: the answer has begun."""
    if isinstance(error, IndexingError | ServiceError):
        known = _of_ours(error)
        return _body(request_id, known.error_type, known.detail)
    logger.error("request %s failed", request_id, exc_info=error)
    return _body(request_id, "internal", UNFORESEEN)


def handle_errors(app: FastAPI, routes: Sequence[APIRoute]) -> None:
    """Makes `app` answer each class of error in the one shape; `routes` tell which methods a path has."""

    async def of_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        known = error if isinstance(error, ApiError) else _of_routing(request, error, routes)
        return _respond(request, known)

    async def of_validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return _respond(request, invalid_request(describe(error.errors())))

    async def of_ours(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, IndexingError | ServiceError)
        return _respond(request, _of_ours(error))

    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_validation)
    app.add_exception_handler(IndexingError, of_ours)
    app.add_exception_handler(ServiceError, of_ours)


def responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """How the OpenAPI document describes these errors. Any: FastAPI's own type."""
    return {
        int(status): {
            "model": ErrorBody,
            "description": _MEANINGS[status].description,
            "content": {"application/json": {"example": _MEANINGS[status].example()}},
        }
        for status in statuses
    }


def documented(status: HTTPStatus) -> dict[str, object]:
    """The same for a document that is made already."""
    content = {"schema": {"$ref": "#/components/schemas/ErrorBody"}, "example": _MEANINGS[status].example()}
    return {"description": _MEANINGS[status].description, "content": {"application/json": content}}


def _body(request_id: str, error_type: str, message: str) -> ErrorBody:
    detail = ErrorDetail(type=error_type, message=clipped(message, _LONGEST_MESSAGE_CHARS), request_id=request_id)
    return ErrorBody(error=detail)


def _respond(request: Request, error: ApiError) -> JSONResponse:
    request.state.log["error"] = error.error_type
    return error_response(request.state.request_id, error.status_code, error.error_type, error.detail, error.headers)


def _of_routing(request: Request, error: HTTPException, routes: Iterable[APIRoute]) -> ApiError:
    status = HTTPStatus(error.status_code)
    path = found(request.url.path)
    if status is HTTPStatus.NOT_FOUND:
        return ApiError(status, "unknown_route", f"nothing is served at {path}; see /docs")
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = _allowed_methods(request.url.path, routes)
        message = f"{request.method} is not served at {path}; use {allowed}"
        return ApiError(status, "method_not_allowed", message, headers={"Allow": allowed})
    return ApiError(status, status.name.lower(), error.detail, headers=error.headers)


def _allowed_methods(path: str, routes: Iterable[APIRoute]) -> str:
    """Of every route at this path; Starlette itself names those of the first only."""
    methods = {method for route in routes if route.path_regex.match(path) for method in route.methods or ()}
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def _of_ours(error: IndexingError | ServiceError) -> ApiError:
    if isinstance(error, InvalidArticle):
        return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_article", str(error))
    if isinstance(error, StoreUnavailable):
        return unavailable("store_unavailable", str(error), retry_after_s=2)
    if isinstance(error, InvalidQuestion):
        return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_question", str(error))
    if isinstance(error, ArticlesChanged):
        return unavailable("articles_changed", str(error), retry_after_s=1)
    logger.error("%s: %s", type(error).__name__, error)
    return ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", str(error))


class _Meaning(NamedTuple):
    """What a status stands for in the OpenAPI document, with an example of its error."""

    description: str
    error_type: str
    message: str

    def example(self) -> dict[str, object]:
        request_id = "0f9c6c1f4d8e4b7a9a53f8d0c2b1e6a7"
        return {"error": {"type": self.error_type, "message": self.message, "request_id": request_id}}


_MEANINGS = {
    HTTPStatus.BAD_REQUEST: _Meaning(
        "The body is not JSON in UTF-8, or asks for what this version does not serve",
        "malformed_body",
        "the body is not JSON in UTF-8: expected value at line 1 column 1",
    ),
    HTTPStatus.UNAUTHORIZED: _Meaning(
        "A key is needed",
        "unauthenticated",
        "send a key that is known here, in the header Authorization: Bearer KEY",
    ),
    HTTPStatus.FORBIDDEN: _Meaning(
        "The key may not do this", "forbidden", "the key 'desk' may not write; use one that may"
    ),
    HTTPStatus.TOO_MANY_REQUESTS: _Meaning(
        "Too many requests; see Retry-After",
        "rate_limited",
        "the key 'desk' has sent too many requests; try again in 12 s",
    ),
    HTTPStatus.NOT_FOUND: _Meaning(
        "No article, or no model, has this id", "unknown_article", "no article has the id 'otan-irak'"
    ),
    HTTPStatus.CONFLICT: _Meaning(
        "The id in the body is not the one in the path",
        "conflicting_id",
        "article_id: 'b' is not the id in the path; leave it out of the body",
    ),
    HTTPStatus.REQUEST_TIMEOUT: _Meaning(
        "The body stopped coming", "body_timeout", "nothing more of the body came for 60 s; send it again"
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _Meaning(
        "The body is too large", "body_too_large", "the body is larger than 8388608 bytes; send less"
    ),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: _Meaning(
        "The body has another Content-Type, or none",
        "unsupported_media_type",
        "send the body with Content-Type: application/json (found 'text/plain')",
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: _Meaning(
        "A field is missing, unknown or out of bounds; the message names it",
        "invalid_request",
        "k: input should be less than or equal to 50 (found 1000)",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: _Meaning(
        "Still loading, overloaded, the index cannot be written now, or it changed under the answer; see Retry-After",
        "loading",
        "loading the encoder (3 s so far); try again in a moment",
    ),
}
