"""Any endpoint that speaks OpenAI's chat completions. It may be down, slow or wrong: none of that reaches an answer."""

import re
import threading
import time
from typing import Any  # JSON

import httpx

from prompts.writing import writing_digest
from service.types import Lang
from service.writers.prompting import chat, most_tokens, one_line
from service.writers.types import Stop, Task, WriterBusy, WriterFailed, WriterLate, WriterStopped, WriterUnusable, never

TRIES = 3
BACKOFF_S = 0.25  # doubled after each try
OPEN_AFTER = 3  # failures in a row, after which the endpoint is left alone
OPEN_S = 30.0
MAX_BYTES = 1 << 20
_SURROGATE = re.compile(r"[\ud800-\udfff]")  # half a character, which UTF-8 cannot write and Rust panics on
_WORTH_ANOTHER_TRY = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class EndpointWriter:
    """`url` is the base that `/chat/completions` is appended to, as OpenAI's clients take it."""

    def __init__(self, url: str, model: str, *, key: str | None, timeout_s: float) -> None:
        try:
            self._client = httpx.Client(  # no connection outlives its request: nobody closes a writer
                limits=httpx.Limits(max_keepalive_connections=0),
                headers={"authorization": f"Bearer {key}"} if key else {},
                timeout=timeout_s,
                follow_redirects=False,
            )
            self._url = httpx.URL(f"{url.rstrip('/')}/chat/completions")
        except (httpx.InvalidURL, ValueError) as exc:
            raise WriterUnusable(f"SOURCIER_WRITER_URL = {url!r} is no address ({exc})") from exc
        if self._url.scheme not in ("http", "https"):
            raise WriterUnusable(f"SOURCIER_WRITER_URL = {url!r} is no address; write one that starts with http")
        self._model = model
        self._timeout_s = timeout_s
        self._breaker = Breaker()
        self.name = f"openai:{model}@{writing_digest()}"

    def renders(self, evidence_lang: str, lang: Lang) -> bool:
        return evidence_lang != lang

    def write(self, task: Task, *, timeout_s: float, stop: Stop = never) -> str:
        deadline = time.monotonic() + min(timeout_s, self._timeout_s)
        if not self._breaker.closed:
            raise WriterBusy(f"{self.name} failed {OPEN_AFTER} times in a row and is left alone for {OPEN_S:.0f} s")
        try:
            written = self._tried(task, deadline, stop)
        except WriterFailed as failure:
            if not isinstance(failure, WriterStopped):
                self._breaker.failed()
            raise
        self._breaker.worked()
        return one_line(task, written)

    def _tried(self, task: Task, deadline: float, stop: Stop) -> str:
        for attempt in range(TRIES):
            try:
                return self._asked(task, deadline, stop)
            except _WorthAnotherTry as failure:
                pause_s = BACKOFF_S * 2**attempt
                if attempt == TRIES - 1 or time.monotonic() + pause_s >= deadline:
                    raise WriterFailed(str(failure)) from failure
                time.sleep(pause_s)
        raise AssertionError("the last try returns or raises")

    def _asked(self, task: Task, deadline: float, stop: Stop) -> str:
        body = {
            "model": self._model,
            "messages": chat(task),
            "max_tokens": most_tokens(task),
            "temperature": 0,
            "seed": 1,
        }
        left_s = max(0.05, deadline - time.monotonic())
        received = bytearray()
        try:
            with self._client.stream("POST", self._url, json=body, timeout=left_s) as response:
                if response.status_code in _WORTH_ANOTHER_TRY:
                    raise _WorthAnotherTry(f"{self.name} answered {response.status_code}")
                if response.status_code != httpx.codes.OK:
                    raise WriterFailed(f"{self.name} answered {response.status_code}")
                for piece in response.iter_bytes():  # one at a time: a timeout of httpx bounds each read, not the whole
                    received += piece
                    if len(received) > MAX_BYTES:
                        raise WriterFailed(f"{self.name} answered more than {MAX_BYTES} bytes")
                    if time.monotonic() > deadline:
                        raise WriterLate(f"{self.name} gave no whole answer in time")
                    if stop():
                        raise WriterStopped(f"{self.name} was stopped")
        except httpx.TimeoutException as exc:
            raise WriterLate(f"{self.name} did not answer in time") from exc
        except httpx.HTTPError as exc:
            raise _WorthAnotherTry(f"{self.name} cannot be reached: {exc}") from exc
        return self._content(response, bytes(received))

    def _content(self, response: httpx.Response, received: bytes) -> str:
        try:
            message: Any = httpx.Response(200, content=received).json()["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError, RecursionError) as exc:
            raise WriterFailed(f"{self.name} gave no chat completion ({response.status_code})") from exc
        if not isinstance(message, str) or _SURROGATE.search(message):
            raise WriterFailed(f"{self.name} gave a chat completion without text")
        return message


class _WorthAnotherTry(Exception):  # never leaves this module
    """A failure that may be over in a moment."""


class Breaker:
    """Opens after failures in a row, so that a dead endpoint costs no answer its time; lets one try through later."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = 0.0

    @property
    def closed(self) -> bool:
        with self._lock:
            if self._failures < OPEN_AFTER:
                return True
            if time.monotonic() < self._open_until:
                return False
            self._open_until = time.monotonic() + OPEN_S  # this caller tries; the others wait for what comes of it
            return True

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._open_until = time.monotonic() + OPEN_S

    def worked(self) -> None:
        with self._lock:
            self._failures = 0
