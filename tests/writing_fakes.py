"""A writer that says what it was told to say, a check that a reader can compute, and an endpoint that misbehaves."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from index.dates import PublishedDate
from service.attempts import Finding
from service.types import Lang
from service.writers.types import Generator, Stop, Task, WriterFailed, WriterState, WriterStatus, never


class FakeWriter:
    """Says the texts one after the other, the last for ever; an exception is raised instead."""

    name = "fake@1"

    def __init__(self, *texts: str | WriterFailed) -> None:
        self.texts = list(texts)
        self.tasks: list[Task] = []

    def renders(self, evidence_lang: str, lang: Lang) -> bool:
        return (evidence_lang, lang) == ("fr", "en")

    def write(self, task: Task, *, timeout_s: float, stop: Stop = never) -> str:
        assert timeout_s > 0
        assert not stop()
        self.tasks.append(task)
        text = self.texts[0] if len(self.texts) == 1 else self.texts.pop(0)
        if isinstance(text, WriterFailed):
            raise text
        return text


class Holder:
    """The writer, loaded; or none."""

    def __init__(self, generator: Generator | None) -> None:
        self.generator = generator
        self.status = WriterStatus(WriterState.READY if generator else WriterState.NONE)


def same_digits(
    evidence: str, rendering: str, *, evidence_lang: str, lang: str, published: PublishedDate | None
) -> Sequence[Finding]:
    """Finds fault with a rendering that has not the digits of its evidence, or no words."""
    assert evidence_lang != lang, published
    wanted, found = ([c for c in text if c.isdigit()] for text in (evidence, rendering))
    if wanted == found and rendering:
        return []
    return [Finding("number", f"The digits are not {''.join(wanted)}.")]


@contextmanager
def endpoint(
    reply: str | bytes | int, *, delay_s: float = 0, trickle: bool = False
) -> Iterator[tuple[str, list[dict]]]:
    """An endpoint's base URL, and the bodies it was sent. An integer is a status; bytes are sent as they are."""
    received: list[dict] = []
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            over.wait(delay_s)
            said = {"choices": [{"message": {"role": "assistant", "content": reply}}]}
            body = reply if isinstance(reply, bytes) else json.dumps(said).encode()
            self.send_response(reply if isinstance(reply, int) else 200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            try:
                for i in range(0, len(body), 1 if trickle else len(body)):
                    self.wfile.write(body[i : i + (1 if trickle else len(body))])
                    if trickle:
                        time.sleep(0.02)
            except OSError:
                pass  # the writer has hung up

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", received
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()
