"""`POST /v1/files`: one file or archive in, of any format that is read; a line of outcome out for each article."""

import os
from collections.abc import AsyncIterator
from http import HTTPStatus
from tempfile import TemporaryFile
from typing import IO, Annotated, Any, BinaryIO

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from index.errors import StoreUnavailable
from index.formats.file import File, Limits
from index.formats.reading import read_file
from index.parsing import checked_id
from index.settings import Settings
from service.http_body import JSON_LINES, JsonRoute, pieces_of_body, require_type
from service.http_context import OffLoop, OurSettings, ReadyServices
from service.http_errors import responses
from service.http_workers import Workers
from service.schemas import UploadQuery
from service.uploads import FileWriter, stored_as

router = APIRouter(route_class=JsonRoute, tags=["articles"])

FILE = ("application/octet-stream",)

_ONE_OUT = (
    '{"line": 1, "file": "depeches.zip/irak.html", "article_id": "https://example.org/irak", "status": "added",'
    ' "message": null}\n'
)
_BODY = {
    "required": True,
    "description": "The bytes of the file: text, Markdown, HTML, PDF, DOCX, RSS, Atom, NewsML-G2, NITF, ninjs, JSON,"
    " JSON lines, or a zip or tar archive of such files.",
    "content": {FILE[0]: {"schema": {"type": "string", "format": "binary"}}},
}
_RESPONSE: dict[str, Any] = {
    "description": "A line for each article, and for each file that could not be read: `line`, `file`, `article_id`,"
    " `status` (added, replaced, unchanged or rejected) and `message`.",
    "content": {JSON_LINES[0]: {"example": _ONE_OUT}},
}
_ERRORS = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


@router.post(
    "/v1/files",
    summary="Store the articles of a file",
    response_class=Response,
    responses={200: _RESPONSE, **responses(*_ERRORS)},
    openapi_extra={"requestBody": _BODY},
)
async def post_file(
    query: Annotated[UploadQuery, Query()], request: Request, services: ReadyServices, workers: OffLoop,
    settings: OurSettings,
) -> Response:  # fmt: skip
    """Reads the articles of a file or archive and stores them. What cannot be read is told in its outcome and does not
    stop the rest. Each article is durable and searchable when its line comes. With `article_id` the file must hold one
    article, which is stored under that id, in the place of the one that is there."""
    require_type(request, FILE)
    wanted = None if query.article_id is None else checked_id(query.article_id)
    kept = await _received(request, settings)
    limits = Limits(file_bytes=settings.max_file_bytes, archive_bytes=settings.max_archive_bytes)
    file = File(query.filename, kept.tell(), lambda: _from_its_start(kept), limits.file_bytes)
    read = read_file(file, limits)
    writer = FileWriter(services.index, read if wanted is None else stored_as(wanted, read))
    return StreamingResponse(_lines(writer, workers, request, kept), media_type=JSON_LINES[0])


async def _received(request: Request, settings: Settings) -> IO[bytes]:
    """The body, in a file without a name, which goes with the request, in the data folder: that can be written."""
    folder = settings.data if settings.data.is_dir() else None
    try:
        kept = await to_thread.run_sync(lambda: TemporaryFile(dir=folder))  # noqa: SIM115  # closed with the response
        try:
            most = settings.max_upload_bytes
            async for piece in pieces_of_body(request, most_bytes=most, setting="SOURCIER_MAX_UPLOAD_BYTES"):
                await to_thread.run_sync(kept.write, piece)
            await to_thread.run_sync(kept.flush)
        except BaseException:
            kept.close()
            raise
    except OSError as exc:
        raise StoreUnavailable(
            f"the data folder cannot take the upload ({exc.strerror}): free some space and send it again"
        ) from exc
    return kept


async def _lines(writer: FileWriter, workers: Workers, request: Request, kept: IO[bytes]) -> AsyncIterator[bytes]:
    counts: dict[str, int] = {}
    request.state.log["outcomes"] = counts
    with kept:
        while outcomes := await workers.run_in_turn(writer.write_next):
            for outcome in outcomes:
                counts[outcome.status] = counts.get(outcome.status, 0) + 1
            yield b"".join(outcome.model_dump_json().encode() + b"\n" for outcome in outcomes)


def _from_its_start(kept: IO[bytes]) -> BinaryIO:
    """The same file again; whoever reads it may close it."""
    stream = os.fdopen(os.dup(kept.fileno()), "rb")
    stream.seek(0)
    return stream
