"""Schemathesis over the OpenAPI document: the service and its document agree, and nothing makes it fail."""

import os
import re
import subprocess
import sys
from pathlib import Path

import fuzz_hooks
import pytest
import schemathesis
from http_fakes import AFGHANISTAN, IRAQ, served, services, settings
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as hypothesis_settings
from schemathesis import Case
from starlette.types import ASGIApp, Receive, Scope, Send

from service.app import create_app

CASES = 2_000
HERE = Path(__file__).parent


def lasting(app: ASGIApp) -> ASGIApp:
    """`app` without its end: each case is a session of its own, and the first one would close the index."""

    async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        for stage in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{stage}.complete"})

    return asgi


document = schemathesis.openapi.from_asgi("/openapi.json", lasting(create_app(services(IRAQ, AFGHANISTAN), settings())))


@document.parametrize()
@seed(20210218)
@hypothesis_settings(
    max_examples=50,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_service_keeps_to_its_document(case: Case) -> None:
    case.call_and_validate()


@pytest.mark.fuzz
def test_two_thousand_cases_of_the_whole_document_pass_every_check(tmp_path: Path) -> None:
    """By schemathesis' own command, over the wire, in all its phases: examples, borders, random cases, and links."""
    ours = settings(allowed_hosts=("127.0.0.1",), rate_per_address="none")
    with served(create_app(services(IRAQ, AFGHANISTAN), ours)) as url:
        done = subprocess.run(
            [
                Path(sys.executable).parent / "schemathesis", "run", f"{url}/openapi.json", "--checks=all",
                "--max-examples=150", "--seed=20210218",
            ],
            cwd=tmp_path, env={**os.environ, "SCHEMATHESIS_HOOKS": fuzz_hooks.__name__, "PYTHONPATH": str(HERE)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    counted = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert counted, done.stdout
    assert int(counted[1]) == int(counted[2]) >= CASES
