"""The page in a real browser, over a service whose articles and answers a test can change."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from http_fakes import FakeAnswerer, FakeIndex

from service.schemas import AskRequest
from service.services import Services

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True}
ENGLISH = {"locale": "en-GB"}
DARK = {"color_scheme": "dark"}


@dataclass
class Desk:
    """A page, the service it speaks to, what the browser complained about, and what the page asked."""

    page: "Page"
    held: Services
    complaints: list[str]
    asked: list[dict[str, Any]]  # the bodies of the page's requests for answers; Any: whatever JSON can hold
    url: str

    @property
    def index(self) -> FakeIndex:
        assert isinstance(self.held.index, FakeIndex)
        return self.held.index

    @property
    def answerer(self) -> FakeAnswerer:
        assert isinstance(self.held.answerer, FakeAnswerer)
        return self.held.answerer

    def ask(self, question: str = "Que fait l’OTAN ?") -> None:
        self.page.fill("#question", question)
        self.page.press("#question", "Enter")

    def answer(self, question: str = "Que fait l’OTAN ?") -> None:
        self.ask(question)
        self.settle()

    def settle(self) -> None:
        """Waits for the answer to the last question."""
        self.page.wait_for_selector(".turn:last-child .actions")
        self.page.wait_for_selector("#ask:not([aria-busy])")

    def served(self) -> bool:
        """Whether all that the page asked reached the service; a browser may send it twice."""
        return all(AskRequest.model_validate(body).asked() in self.answerer.asked for body in self.asked)

    def text(self, selector: str) -> str:
        return self.page.locator(selector).first.inner_text()

    def texts(self, selector: str) -> list[str]:
        return self.page.locator(selector).all_inner_texts()

    def focused(self, what: str) -> str:
        return str(self.page.evaluate(f"document.activeElement.{what}"))

    def fits(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))

    def go(self, address: str = "/") -> None:
        self.page.goto(self.url + address)
        self.page.wait_for_selector("html[data-started]")

    def answers(self, pattern: str, value: object, status: int = 200) -> None:
        """From now on requests to addresses of this pattern get that JSON."""
        self.page.route(pattern, lambda route: route.fulfill(status=status, body=json.dumps(value)))

    def once(self, pattern: str, handle: "Callable[[Route], None]") -> None:
        self.page.route(pattern, handle, times=1)
