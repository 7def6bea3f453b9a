"""Permanent links to answers, and answers copied with their citations, in a real Chromium."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from desk import Desk
from http_fakes import IRAQ

from index.dates import PublishedDate
from index.types import Article

Clipboard = Callable[[], str]


@pytest.fixture
def clipboard(desk: Desk) -> Clipboard:
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return lambda: str(desk.page.evaluate("navigator.clipboard.readText()"))


def copied(desk: Desk, clipboard: Clipboard, name: str) -> str:
    desk.page.click(f".turn:last-child [data-copy={name}]")
    desk.page.locator("#status", has_text="Copié").wait_for()
    return clipboard()


def follow(desk: Desk, link: str) -> None:
    desk.page.goto("about:blank")
    desk.page.goto(link)
    desk.page.wait_for_selector(".linked")


def test_a_link_asks_the_same_and_says_that_the_answer_is_the_same(desk: Desk, clipboard: Clipboard) -> None:
    desk.page.click("#filters summary")
    desk.page.fill("[name=as_of]", "2021-02")
    desk.page.check("[name=sources]")
    desk.answer("Qu’a dit « l’OTAN » & qui ?")
    desk.answer("Et après ?")
    link = copied(desk, clipboard, "link")
    follow(desk, link)
    first, second, linked = desk.asked
    assert linked == second
    assert first != second
    assert desk.served()
    assert "même réponse" in desk.text(".linked")
    assert desk.page.locator(".linked li").count() == 0


@pytest.mark.parametrize(
    ("change", "told", "state"),
    [
        (len, "inchangées", "inchangée"),
        (lambda held: held.update({IRAQ.article_id: replace(IRAQ, source="Autre")}), "ont changé", "modifiée depuis"),
        (lambda held: held.pop(IRAQ.article_id), "ont changé", "retirée depuis"),
    ],
)
def test_a_link_says_what_has_become_of_its_sources(
    desk: Desk, clipboard: Clipboard, change: Callable[[dict[str, Article]], object], told: str, state: str
) -> None:
    desk.answer()
    link = copied(desk, clipboard, "link")
    change(desk.index.held)
    desk.answerer.makes = lambda answer: replace(answer, answer_id="another", snapshot="another")
    follow(desk, link)
    assert told in desk.text(".linked p")
    assert desk.texts(".linked .state") == ["inchangée", state]


def test_a_link_marks_its_quote_only_in_the_article_that_was_cited(desk: Desk, clipboard: Clipboard) -> None:
    desk.answer()
    link = copied(desk, clipboard, "link")
    desk.answerer.makes = lambda answer: replace(answer, answer_id="another")
    follow(desk, link)
    desk.page.click(".linked li:nth-child(2) button")
    desk.page.wait_for_selector("mark.chosen")
    assert desk.text("mark.chosen") == "L’OTAN renforce sa mission en Irak."
    desk.index.held[IRAQ.article_id] = replace(IRAQ, text="Rectificatif. " + IRAQ.text)
    follow(desk, link)
    desk.page.click(".linked li:nth-child(2) button")
    desk.page.locator("#article .notice", has_text="a changé").wait_for()
    assert desk.page.locator("mark").count() == 0


@pytest.mark.parametrize("cut", ["&cited=", "&answer=", "&q="])
def test_a_link_that_was_cut_does_not_say_that_its_sources_are_the_same(
    desk: Desk, clipboard: Clipboard, cut: str
) -> None:
    desk.answer()
    link = copied(desk, clipboard, "link").rpartition(cut)[0] + ("&q=Que fait l’OTAN" if cut == "&q=" else "")
    desk.answerer.makes = lambda answer: replace(answer, answer_id="another", snapshot="another")
    follow(desk, link)
    assert "impossible de vérifier" in desk.text(".linked p")


def test_a_check_that_fails_is_taken_for_no_change(desk: Desk, clipboard: Clipboard) -> None:
    desk.answer()
    link = copied(desk, clipboard, "link")
    desk.answers("**/v1/articles/*", {}, 503)
    desk.answerer.makes = lambda answer: replace(answer, answer_id="another", snapshot="another")
    follow(desk, link)
    assert "impossible de vérifier" in desk.text(".linked p")
    assert desk.texts(".linked .state") == ["impossible à vérifier"] * 2
    desk.page.click("[data-copy=link]")
    desk.page.wait_for_selector(".turn .retry")  # no link is better than a wrong one
    desk.page.unroute("**/v1/articles/*")
    desk.page.click(".turn .retry")
    desk.page.locator("#status", has_text="Copié").wait_for()
    assert desk.page.locator(".turn .retry").count() == 0


@pytest.mark.parametrize(
    "hash", ["#q=", "#q=%20", "#cited=x&q=Qui%3F&turn=[1]&cited={}&cited=[1,2]", "#articles?q=%00"]
)
def test_a_link_that_anyone_may_have_written_harms_nothing(desk: Desk, hash: str) -> None:
    desk.page.goto("about:blank")
    desk.go("/" + hash)
    assert desk.page.locator("#question, [name=q]").first.is_visible() or "articles" in hash
    assert not [complaint for complaint in desk.complaints if "422" not in complaint]


def test_a_new_question_leaves_the_link(desk: Desk, clipboard: Clipboard) -> None:
    desk.answer()
    follow(desk, copied(desk, clipboard, "link"))
    desk.answer("Et après ?")
    assert desk.page.url == f"{desk.url}/"


def test_an_answer_is_copied_with_its_citations(desk: Desk, clipboard: Clipboard) -> None:
    troops = replace(IRAQ, article_id="otan", title="50 % de {troupes}_*", published=PublishedDate("2021-02-18"))
    desk.index.held = {"otan": replace(troops, url="https://example.org/a_b?c={d}&e")}
    desk.answer()
    quote = "L’OTAN renforce sa mission en Irak."
    escaped = r"50 % de {troupes}\_\*, Agence Exemple, 18 février 2021, https://example.org/a\_b?c={d}&e"
    described = "50 % de {troupes}_*, Agence Exemple, 18 février 2021, https://example.org/a_b?c={d}&e"
    assert copied(desk, clipboard, "text") == (
        f"Que fait l’OTAN ?\n\n{quote} [1]\n\nSources\n[1] {described}\n    «\u00a0{quote}\u00a0»"
    )
    assert copied(desk, clipboard, "markdown").split("\n\n") == [
        "**Que fait l’OTAN ?**", f"{quote}[^1]", f"[^1]: {escaped}\u00a0: «\u00a0{quote}\u00a0»",
    ]  # fmt: skip
    assert copied(desk, clipboard, "bibtex") == (
        "@article{otan-2021,\n  title = {50 \\% de \\{troupes\\}\\_*},\n  journal = {Agence Exemple},\n"
        "  date = {2021-02-18},\n  url = {https://example.org/a_b?c=%7Bd%7D&e},\n  langid = {french},\n"
        f"  note = {{{quote}}}\n}}"
    )
    (item,) = json.loads(copied(desk, clipboard, "csl"))
    assert item == {
        "id": "otan", "type": "article-newspaper", "title": "50 % de {troupes}_*", "container-title": "Agence Exemple",
        "issued": {"date-parts": [[2021, 2, 18]]}, "URL": "https://example.org/a_b?c={d}&e", "language": "fr",
        "note": quote,
    }  # fmt: skip


def test_without_the_clipboards_interface_copying_works_all_the_same(desk: Desk, clipboard: Clipboard) -> None:
    desk.answer()
    desk.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('plain HTTP')); }")
    assert copied(desk, clipboard, "text").startswith("Que fait l’OTAN ?")


def test_what_is_printed_is_the_answer_with_its_sources(desk: Desk) -> None:
    desk.answer()
    ink = desk.page.evaluate("getComputedStyle(document.body).color")
    desk.page.click("#theme")
    desk.page.click("#theme")
    assert desk.page.evaluate("getComputedStyle(document.body).color") != ink
    desk.page.emulate_media(media="print")
    assert desk.page.evaluate("getComputedStyle(document.body).color") == ink
    shown = [
        name
        for name in (".asked", ".claim", ".source", "#ask", ".actions", ".masthead nav")
        if desk.page.locator(name).first.is_visible()
    ]
    assert shown == [".asked", ".claim", ".source"]
