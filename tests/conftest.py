"""Exact products; and one server for all tests of the page, one browser for each file, a context for each test.

The browser does not outlive its file: while playwright runs, no other event loop can run in this thread.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from desk import CHROMIUM, Desk
from http_fakes import AFGHANISTAN, IRAQ, FakeAnswerer, FakeIndex, served, services, settings

from service.app import create_app
from service.services import Services

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Request


@pytest.fixture
def exact_products() -> Iterator[None]:
    """Products of float32 in float32, which processors with AMX make of bfloat16 where they may."""
    import torch  # most tests do without

    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    yield
    torch.set_float32_matmul_precision(before)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium on the PATH (Debian: apt-get install chromium)")
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def paged() -> Iterator[tuple[Services, str]]:
    """A service of fakes, and the address of its server."""
    held = services(IRAQ, AFGHANISTAN)
    with served(create_app(held, settings(allowed_hosts=("127.0.0.1",)))) as url:
        yield held, url


@pytest.fixture
def desk(browser: "Browser", paged: tuple[Services, str], request: pytest.FixtureRequest) -> Iterator[Desk]:
    """Parametrised indirectly with options of the browser's context; a French desktop otherwise."""
    held, url = paged
    assert isinstance(held.index, FakeIndex)
    assert isinstance(held.answerer, FakeAnswerer)
    vars(held.index).update(vars(FakeIndex({article.article_id: article for article in (IRAQ, AFGHANISTAN)})))
    vars(held.answerer).update(vars(FakeAnswerer(held.index)))
    options = {"locale": "fr-FR", "viewport": {"width": 1280, "height": 800}} | getattr(request, "param", {})
    with browser.new_context(**options) as context:
        page = context.new_page()
        page.set_default_timeout(30_000)  # a busy machine is slow, not wrong
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        asked: list[dict[str, Any]] = []

        def note(sent: "Request") -> None:
            if sent.url == f"{url}/v1/ask":
                asked.append(sent.post_data_json or {})

        page.on("request", note)
        made = Desk(page, held, complaints, asked, url)
        made.answers("**/v1/suggestions?*", {"questions": [], "snapshot": "state"})  # else they would be asked too
        made.go()
        yield made
