"""What is left of the page's conversation after a reload, in a real Chromium."""

import threading
from dataclasses import replace

import pytest
from desk import Desk
from http_fakes import AFGHANISTAN, IRAQ

QUESTIONS = ["Que fait l’OTAN ?", "Et la France ?"]


@pytest.fixture(autouse=True)
def _snapshots_of_the_index(desk: Desk) -> None:
    desk.answerer.makes = lambda answer: replace(answer, snapshot=f"state-{len(desk.index.held)}")


def test_a_conversation_outlives_a_reload_without_asking_again(desk: Desk) -> None:
    desk.answer()
    desk.go()
    desk.page.wait_for_selector(".claim")
    assert desk.texts(".source blockquote") == [quote(AFGHANISTAN.text), quote(IRAQ.text[2:])]
    assert len(desk.asked) == 1
    assert desk.served()


def test_after_a_reload_nothing_is_shown_of_an_article_that_is_gone(desk: Desk) -> None:
    desk.answer()
    del desk.index.held[IRAQ.article_id]
    desk.go()
    desk.settle()
    assert desk.texts(".source blockquote") == [quote(AFGHANISTAN.text)]
    assert quote(IRAQ.text[2:]) not in desk.page.content()


def test_a_question_without_an_answer_is_kept_too(desk: Desk) -> None:
    desk.once("**/v1/ask", lambda route: route.abort())
    desk.ask(QUESTIONS[0])
    desk.page.wait_for_selector(".retry")
    desk.answerer.waits_for = threading.Event()
    desk.ask(QUESTIONS[1])
    desk.page.wait_for_selector("[aria-busy]")
    desk.go()
    assert desk.texts(".asked") == QUESTIONS
    assert desk.texts(".turn [role=alert] p") == ["Cette question attend sa réponse."] * 2
    desk.answerer.waits_for.set()
    desk.page.click(".turn:last-child .retry")
    desk.settle()
    assert desk.page.locator(".turn:first-child .retry").count() == 1


def test_whoever_asks_ends_the_resuming_and_loses_nothing(desk: Desk) -> None:
    resuming(desk)
    desk.page.fill("#question", "Et alors ?")
    desk.page.press("#question", "Enter")
    desk.answerer.waits_for.set()
    desk.settle()
    assert desk.texts(".asked") == [*QUESTIONS, "Et alors ?"]
    assert [asked["question"] for asked in desk.asked[2:]] == [QUESTIONS[0], "Et alors ?"]
    assert len(desk.texts(".turn .retry")) == 2
    desk.go()
    desk.page.wait_for_selector(".turn:nth-child(2) .actions")
    assert desk.texts(".asked") == [*QUESTIONS, "Et alors ?"]
    assert len(desk.texts(".turn .claim")) == 3


def test_a_new_conversation_ends_the_resuming(desk: Desk) -> None:
    resuming(desk)
    desk.page.click("#new")
    desk.answerer.waits_for.set()
    desk.answer("Et alors ?")
    assert desk.texts(".asked") == ["Et alors ?"]
    assert len(desk.asked) == 4


def test_while_the_service_is_not_ready_what_was_kept_stays_kept(desk: Desk) -> None:
    desk.answer()
    desk.once("**/readyz", lambda route: route.fulfill(status=503, body="{}"))
    desk.once("**/readyz", lambda route: route.fulfill(status=503, body="{}"))
    desk.go()
    assert "attend" in desk.text(".turn [role=alert]")
    desk.go()
    desk.page.wait_for_selector(".claim")
    assert len(desk.asked) == 1


def resuming(desk: Desk) -> None:
    """The articles have changed, and the first of two questions is being asked again."""
    for question in QUESTIONS:
        desk.answer(question)
    del desk.index.held[IRAQ.article_id]
    desk.answerer.waits_for = threading.Event()
    desk.page.goto(desk.url)
    desk.page.wait_for_selector("[aria-busy]")


def quote(text: str) -> str:
    return text[: text.find(".") + 1]
