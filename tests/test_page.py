"""The page in a real Chromium: asking, reading the sources, both languages, hostile text, failures told in words."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from http_fakes import AFGHANISTAN, IRAQ, FakeAnswerer, FakeIndex, served, services, settings

from index.dates import PublishedDate
from index.types import Article
from service.app import create_app
from service.services import Services

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH (Debian: apt-get install chromium)")

QUOTE = "L’OTAN renforce sa mission en Irak."
HOSTILE = Article(
    "hostile/é & <b>",
    "😀😀 <script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'> \u202eà l’envers\u202c مرحبا "
    + "x" * 3000 + ". Suite.",
    "<script>window.pwned = 1</script> \u202e" + "W" * 400,
    PublishedDate("2021-02-01"),
    "<b>Agence</b>",
    "javascript:window.pwned=1",
)  # fmt: skip


@dataclass
class Desk:
    """A page at a service whose articles and answers the test can change, and what the browser complained about."""

    page: "playwright_api.Page"
    held: Services
    complaints: list[str]
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
        self.page.keyboard.press("Enter")

    def answer(self, question: str = "Que fait l’OTAN ?") -> None:
        self.ask(question)
        self.page.wait_for_selector(".result:not(.stale)")

    def text(self, selector: str) -> str:
        return self.page.locator(selector).first.inner_text()

    def fits(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.fixture(scope="module")
def browser() -> Iterator["playwright_api.Browser"]:
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def desk(browser: "playwright_api.Browser", request: pytest.FixtureRequest) -> Iterator[Desk]:
    """Parametrised indirectly with options of the browser's context; a French desktop otherwise."""
    held = services(IRAQ, AFGHANISTAN)
    app = create_app(held, settings(allowed_hosts=("127.0.0.1",)))
    options = {"locale": "fr-FR", "viewport": {"width": 1280, "height": 800}} | getattr(request, "param", {})
    with served(app) as url, browser.new_context(**options) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.goto(url)
        yield Desk(page, held, complaints, url)


PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True}
ENGLISH = {"locale": "en-GB"}


def test_a_question_is_answered_with_markers_and_sources(desk: Desk) -> None:
    desk.answer()
    assert desk.text(".asked") == "Que fait l’OTAN ?"
    assert desk.page.locator(".claim").all_inner_texts() == ["La France comptait 5100 militaires.1", f"{QUOTE}2"]
    assert desk.page.locator(".source blockquote").all_inner_texts() == ["La France comptait 5100 militaires.", QUOTE]
    assert desk.page.locator(".source .origin").all_inner_texts() == ["date inconnue", "Agence Exemple · février 2021"]
    assert desk.text("#status") == "Réponse trouvée, 2 citations."
    assert desk.page.locator(".source blockquote").first.get_attribute("lang") == "fr"
    assert desk.complaints == []


def test_the_short_answer_stands_out_with_its_source(desk: Desk) -> None:
    desk.answer()
    assert desk.text(".short strong") == "La Fra1"
    assert "En bref" in desk.text(".short")


@pytest.mark.parametrize("chosen", [".claim >> nth=1 >> .marker", ".source >> nth=1 >> .title"])
def test_a_marker_or_a_source_opens_the_article_at_the_quote(desk: Desk, chosen: str) -> None:
    desk.answer()
    desk.page.click(chosen)
    desk.page.wait_for_selector("mark.chosen")
    assert desk.text("mark.chosen") == QUOTE  # an emoji stands before it
    assert desk.text("#article-title") == IRAQ.title
    assert desk.page.locator("dialog .text").inner_text() == IRAQ.text
    assert desk.page.locator("dialog a").get_attribute("href") == IRAQ.url


def test_the_quote_is_scrolled_into_view_in_a_long_article(desk: Desk) -> None:
    long = replace(IRAQ, text="😀 " + "Rien ici\n\n" * 300 + "l’essentiel. " + "Rien. " * 2000)
    desk.index.held = {long.article_id: long}
    desk.answer()
    desk.page.click(".claim .marker")
    desk.page.wait_for_selector("mark.chosen")
    bottom = desk.page.evaluate("document.querySelector('mark.chosen').getBoundingClientRect().bottom")
    top = desk.page.evaluate("document.querySelector('mark.chosen').getBoundingClientRect().top")
    assert top < 800
    assert bottom > 0


def test_the_keyboard_reaches_everything_and_comes_back(desk: Desk) -> None:
    desk.answer()
    desk.page.locator(".claim .marker").first.focus()
    desk.page.keyboard.press("Tab")
    assert desk.page.evaluate("document.activeElement.getAttribute('aria-label')") == f"Source 2 : {IRAQ.title}"
    assert "pointed" in (desk.page.locator("#source-2").get_attribute("class") or "")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("mark.chosen")
    desk.page.keyboard.press("Escape")
    assert not desk.page.locator("dialog").is_visible()
    assert desk.page.evaluate("document.activeElement.dataset.number") == "2"


def test_shift_and_enter_begin_a_new_line(desk: Desk) -> None:
    desk.page.fill("#question", "Qui")
    desk.page.keyboard.press("Shift+Enter")
    desk.page.keyboard.type("et quand ?")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector(".result")
    assert desk.answerer.asked[0].text == "Qui\net quand ?"


def test_a_refusal_is_shown_as_one(desk: Desk) -> None:
    desk.answer("refusé ?")
    assert desk.text(".refusal h3") == "Les articles ne le disent pas"
    assert "Les articles ne permettent pas de répondre." in desk.text(".refusal")
    assert desk.page.locator(".source").count() == 0
    assert desk.text("#status") == "Pas de réponse dans les articles."


@pytest.mark.parametrize("desk", [PHONE], indirect=True)
def test_hostile_articles_stay_text_and_break_no_layout(desk: Desk) -> None:
    desk.index.held = {HOSTILE.article_id: HOSTILE}
    desk.answer("<img src=x onerror='window.pwned = 1'>")
    assert desk.fits()
    desk.page.click(".marker >> nth=0")
    desk.page.wait_for_selector("mark.chosen")
    assert desk.page.locator("dialog .text").text_content() == HOSTILE.text
    assert desk.page.locator("#article-title").text_content() == HOSTILE.title
    assert desk.page.locator("dialog a, main img, main script, dialog script").count() == 0
    assert desk.page.evaluate("window.pwned") is None
    assert desk.page.evaluate("document.querySelector('dialog').scrollWidth <= window.innerWidth")
    assert desk.complaints == []


@pytest.mark.parametrize("desk", [PHONE, PHONE | {"color_scheme": "dark"} | ENGLISH], indirect=True)
def test_the_page_fits_a_small_phone(desk: Desk) -> None:
    assert desk.fits()
    desk.page.click("summary")
    desk.answer()
    assert desk.fits()


@pytest.mark.parametrize("desk", [ENGLISH], indirect=True)
def test_the_interface_speaks_the_browsers_language_and_can_be_switched(desk: Desk) -> None:
    assert desk.page.locator("button.ask").inner_text() == "Ask"
    desk.answer()
    assert desk.page.locator(".source .origin").all_inner_texts() == ["date unknown", "Agence Exemple · February 2021"]
    desk.page.click("[data-interface=fr]")
    assert desk.page.locator("button.ask").inner_text() == "Demander"
    assert desk.page.locator(".source .origin").first.inner_text() == "date inconnue"
    assert desk.page.evaluate("document.documentElement.lang") == "fr"
    desk.page.reload()
    assert desk.page.locator("button.ask").inner_text() == "Demander"


@pytest.mark.parametrize("desk", [{"locale": "de-DE"}], indirect=True)
def test_a_browser_of_another_language_gets_english(desk: Desk) -> None:
    assert desk.page.locator("button.ask").inner_text() == "Ask"


def test_dates_are_written_as_precisely_as_they_are_known(desk: Desk) -> None:
    days = {"2021": "2021", "2021-02": "février 2021", "2021-02-18": "18 février 2021", "2021-03-01": "1er mars 2021"}
    written = {
        iso: desk.page.evaluate("async (iso) => (await import('/page/messages.js')).dateInWords(iso)", iso)
        for iso in days
    }
    assert written == days


def test_spans_count_code_points(desk: Desk) -> None:
    cut = desk.page.evaluate(
        "async () => (await import('/page/spans.js')).pieces('a😀b😀c', [{start: 1, end: 3}, {start: 2, end: 4}])"
    )
    assert [piece["text"] for piece in cut] == ["a", "😀", "b", "😀", "c"]
    assert [len(piece["spans"]) for piece in cut] == [0, 1, 2, 1, 0]


def test_the_answers_language_and_the_dates_reach_the_service(desk: Desk) -> None:
    desk.page.check("[name=lang][value=en]")
    desk.page.click("summary")
    desk.page.fill("[name=as_of]", "2021-02")
    desk.answer()
    (asked,) = desk.answerer.asked
    assert (asked.lang, str(asked.filters.as_of)) == ("en", "2021-02")
    assert desk.page.locator(".translation").first.inner_text() == (
        "Traduction automatique (a fake)\n(La France comptait 5100 militaires.)"
    )
    assert "en français" in desk.text(".source .origin")


def test_what_cannot_be_asked_is_told_before_asking(desk: Desk) -> None:
    desk.ask("  ")
    assert desk.text("#alert") == "Écrivez d’abord une question."
    desk.page.click("summary")
    desk.page.fill("[name=as_of]", "2021-13")
    desk.ask("Quoi ?")
    assert desk.text("#alert").startswith("Écrivez une année (2021)")
    assert desk.page.evaluate("document.activeElement.name") == "as_of"
    assert desk.answerer.asked == []


def test_a_lost_connection_is_told_and_a_retry_loses_nothing(desk: Desk) -> None:
    desk.page.route("**/v1/ask", lambda route: route.abort())
    desk.ask()
    desk.page.wait_for_selector(".retry")
    assert "ne répond pas" in desk.text("#alert")
    desk.page.unroute("**/v1/ask")
    desk.page.click(".retry")
    desk.page.wait_for_selector(".result:not(.stale)")
    assert desk.text(".asked") == "Que fait l’OTAN ?"
    assert desk.text("#alert") == ""


@pytest.mark.parametrize(
    ("status", "error_type", "told"),
    [(503, "loading", "se prépare"), (503, "overloaded", "Trop de questions"), (500, "internal", "de notre côté")],
)
def test_each_kind_of_failure_has_its_words(desk: Desk, status: int, error_type: str, told: str) -> None:
    body = f'{{"error": {{"type": "{error_type}", "message": "m", "request_id": "abc"}}}}'
    desk.page.route("**/v1/ask", lambda route: route.fulfill(status=status, body=body))
    desk.ask()
    desk.page.wait_for_selector(".retry")
    assert told in desk.text("#alert")
    assert "Référence : abc" in desk.text("#alert")


def test_an_article_that_changed_or_went_since_the_answer_is_told(desk: Desk) -> None:
    desk.answer()
    desk.index.held[IRAQ.article_id] = replace(IRAQ, text="Un tout autre texte, plus long que le premier.")
    desk.page.click(".claim >> nth=1 >> .marker")
    desk.page.wait_for_selector("dialog .notice")
    assert "a changé" in desk.text("dialog .notice")
    assert desk.page.locator("mark").count() == 0
    desk.page.click("#article-close")
    del desk.index.held[IRAQ.article_id]
    desk.page.click(".claim >> nth=1 >> .marker")
    desk.page.locator("dialog .notice", has_text="retiré").wait_for()


def test_a_newer_question_takes_the_place_of_an_older_one(desk: Desk) -> None:
    desk.page.route("**/v1/ask", lambda route: "Lente" in (route.request.post_data or "") or route.continue_())
    desk.ask("Lente ?")
    desk.answer("Rapide ?")
    assert desk.text(".asked") == "Rapide ?"


def test_the_documentation_lists_every_operation_without_help_from_elsewhere(desk: Desk) -> None:
    desk.page.goto(f"{desk.url}/docs")
    desk.page.wait_for_selector("main:not([aria-busy])")
    assert desk.page.locator(".operation h3").all_inner_texts() == [
        "POST /v1/ask", "POST /v1/search", "GET /v1/articles", "POST /v1/articles", "GET /v1/articles/{article_id}",
        "PUT /v1/articles/{article_id}", "DELETE /v1/articles/{article_id}", "GET /healthz", "GET /readyz",
    ]  # fmt: skip
    assert desk.complaints == []
