"""An index and a server of the evaluation's own, the server started as users start it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx

from eval.errors import InvalidQuestions, ServerFailed
from index.build import sync
from index.encoder import open_encoder
from index.opening import open_index
from index.settings import Settings

START_S = 300
STOP_S = 30


def index_articles(articles: Path, settings: Settings) -> None:
    """Makes the index of `settings` hold these articles; raises `InvalidQuestions` if one is rejected."""
    with closing(open_index(settings, open_encoder(settings))) as index:
        report = sync(index, [articles])
    if report.rejected:
        raise InvalidQuestions(f"{articles} cannot be indexed: {report.rejected[0].message}")


@contextmanager
def served(articles: Path, settings: Settings, root: Path) -> Iterator[str]:
    """The URL of a server over `articles`, indexed in the data folder of `settings`; it is stopped on leaving.

    Raises `ServerFailed` if it is not ready in time.
    """
    index_articles(articles, settings)
    with serving(settings, root) as (url, _):
        yield url


@contextmanager
def serving(settings: Settings, root: Path) -> Iterator[tuple[str, int]]:
    """The URL and the process id of a server over the data folder of `settings`, as it is; as `served`."""
    port = _free_port()
    own = {"SOURCIER_DATA": str(settings.data), "SOURCIER_HOST": "127.0.0.1", "SOURCIER_PORT": str(port)}
    environ = os.environ | own
    log_path = settings.data / "server.log"
    with log_path.open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "service"], cwd=root, env=environ, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_ready(url, server, log_path)
            yield url, server.pid
        finally:
            server.terminate()
            try:
                server.wait(STOP_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise ServerFailed(f"the server ended with {server.returncode}: {log.read_text(errors='replace')[-2000:]}")
        try:
            if httpx.get(f"{url}/readyz", timeout=5).is_success:
                return
        except httpx.TransportError:
            pass  # not listening yet
        time.sleep(0.2)
    raise ServerFailed(f"the server was not ready after {START_S} s: {log.read_text(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
