"""HTTP/1.1 as uvicorn speaks it, but for what is said to bytes that are no request: the error in the one shape."""

import uuid
from http import HTTPStatus

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from service.http_errors import error_response

_MESSAGE = (
    "what came is no HTTP/1.1 request; name the host in `Host`, give the body's true length, and percent-encode what is"
    " not ASCII in the address (`é` is `%C3%A9`)"
)


class Protocol(H11Protocol):
    def send_400_response(self, msg: str) -> None:
        request_id = uuid.uuid4().hex
        self.logger.warning("request %s: %s", request_id, msg)
        told = error_response(request_id, HTTPStatus.BAD_REQUEST, "malformed_request", _MESSAGE)
        headers = [*told.raw_headers, (b"x-request-id", request_id.encode()), (b"connection", b"close")]
        status = HTTPStatus.BAD_REQUEST
        for event in (
            h11.Response(status_code=status, headers=headers, reason=status.phrase.encode()),
            h11.Data(data=bytes(told.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
