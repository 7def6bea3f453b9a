"""The page's view of the articles in a real Chromium: listing, searching, adding, replacing, deleting."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from desk import ENGLISH, PHONE, Desk
from format_samples import docx, w_p, zipped
from http_fakes import AFGHANISTAN, IRAQ

from index.types import Article

if TYPE_CHECKING:
    from playwright.sync_api import Route

TEXT = "Le musée de l’Été rouvre à Nîmes. L’entrée y est gratuite."


def test_the_articles_are_listed_page_by_page(desk: Desk) -> None:
    desk.index.held = {f"a{i:03}": Article(f"a{i:03}", "Texte.", f"Titre {i}") for i in range(60)}
    open_library(desk)
    assert len(desk.texts(".articles li")) == 25
    desk.page.click(".pager button >> nth=1")
    desk.page.locator(".pager span", has_text="Page 2").wait_for()
    assert desk.focused("id") == "library-title"
    desk.page.click(".pager button >> nth=1")
    desk.page.locator(".pager span", has_text="Page 3").wait_for()
    assert desk.texts(".articles .title")[-1] == "Titre 59"
    assert desk.page.locator(".pager button >> nth=1").is_disabled()
    desk.page.click(".pager button >> nth=0")
    desk.page.locator(".pager span", has_text="Page 2").wait_for()
    assert desk.texts(".articles .title")[0] == "Titre 25"


@pytest.mark.parametrize("desk", [{}, ENGLISH, PHONE, PHONE | ENGLISH], indirect=True)
def test_the_list_is_no_wider_than_the_window(desk: Desk) -> None:
    open_library(desk)
    assert desk.fits()


def test_an_article_is_read_beside_the_list(desk: Desk) -> None:
    open_library(desk)
    desk.page.click(".articles .title >> nth=1")
    desk.page.wait_for_selector("#article .text")
    assert desk.text("#article .text") == IRAQ.text
    assert desk.page.locator("mark").count() == 0
    desk.page.keyboard.press("Escape")
    assert desk.focused("className") == "plain title"


def test_a_search_finds_articles_and_opens_them_at_the_passage(desk: Desk) -> None:
    open_library(desk)
    desk.page.fill("[name=q]", "Irak")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector(".found")
    assert desk.text(".found span") == "2 articles trouvés pour «\u00a0Irak\u00a0»"
    desk.page.click(".articles .title >> nth=1")
    desk.page.wait_for_selector("mark.chosen")
    assert desk.text("mark.chosen") == "L’OTAN renforce sa mission en Irak."
    desk.page.click("#article-close")
    desk.page.click(".found button")
    desk.page.wait_for_selector(".found", state="detached")


def test_a_refusal_leads_to_a_search_for_its_words(desk: Desk) -> None:
    desk.answer("refusé & pourquoi ?")
    desk.page.click(".try a")
    desk.page.wait_for_selector(".found")
    assert desk.page.input_value("[name=q]") == "refusé & pourquoi ?"


def test_a_text_is_added_and_an_id_replaced(desk: Desk, tmp_path: Path) -> None:
    open_library(desk)
    desk.page.set_input_files(".drop input", [written(tmp_path / "musée.txt", TEXT)])
    desk.page.locator(".progress .told", has_text="Terminé : un ajouté.").wait_for()
    desk.page.wait_for_selector('[data-id="musée"]')
    assert desk.index.held["musée"].text == TEXT
    desk.page.locator("#holdings", has_text="3 articles").wait_for()
    desk.page.set_input_files('[data-id="musée"] input', [written(tmp_path / "autre nom.txt", "Il ferme à Nîmes.")])
    desk.page.locator(".progress .told", has_text="un remplacé").wait_for()
    assert desk.index.held["musée"].text == "Il ferme à Nîmes."
    assert set(desk.index.held) == {"musée", IRAQ.article_id, AFGHANISTAN.article_id}


@pytest.mark.parametrize(
    ("desk", "replaced", "rejected"), [({}, "un remplacé", "un refusé"), (ENGLISH, "1 replaced", "1 rejected")],
    indirect=["desk"],
)  # fmt: skip
def test_a_file_of_any_format_replaces_an_article_whose_id_stays(
    desk: Desk, tmp_path: Path, replaced: str, rejected: str
) -> None:
    open_library(desk)
    chosen = desk.page.locator(f'[data-id="{IRAQ.article_id}"] input')
    chosen.set_input_files(
        [written(tmp_path / "page.html", f"<html><body><article><p>{TEXT}</p></article></body></html>")]
    )
    desk.page.locator(".progress .told", has_text=replaced).wait_for()
    assert TEXT in desk.index.held[IRAQ.article_id].text
    (tmp_path / "document.docx").write_bytes(docx(w_p("Le musée ferme à Nîmes.")))
    chosen.set_input_files([tmp_path / "document.docx"])
    desk.page.locator(".progress li:nth-child(2) .told", has_text=replaced).wait_for()
    assert desk.index.held[IRAQ.article_id].text == "Le musée ferme à Nîmes."
    (tmp_path / "lot.zip").write_bytes(zipped({"a.txt": TEXT, "b.txt": TEXT + " Fin."}))
    chosen.set_input_files([tmp_path / "lot.zip"])
    desk.page.locator(".progress li:nth-child(3) .told", has_text=rejected).wait_for()
    desk.page.click(".progress li:nth-child(3) summary")
    assert "more than one article" in desk.text(".progress details li")
    assert set(desk.index.held) == {IRAQ.article_id, AFGHANISTAN.article_id}


def test_json_lines_are_added_and_what_is_rejected_is_told(desk: Desk, tmp_path: Path) -> None:
    lines = [json.dumps({"article_id": f"l{i}", "text": f"Dépêche numéro {i}."}) for i in range(3)]
    open_library(desk)
    desk.page.set_input_files(".drop input", [written(tmp_path / "d.jsonl", "\n".join([*lines, "{}"]))])
    desk.page.locator(".progress .told", has_text="Terminé : 3 ajoutés, un refusé.").wait_for()
    desk.page.click(".progress summary")
    assert "text" in desk.text(".progress details li")


def test_files_of_other_formats_are_sent_whole_with_their_name(desk: Desk, tmp_path: Path) -> None:
    open_library(desk)
    page = f"<html><head><title>Musée</title></head><body><article><h1>Musée</h1><p>{TEXT}</p></article></body></html>"
    with desk.page.expect_request("**/v1/files?*") as sent:
        desk.page.set_input_files(".drop input", [written(tmp_path / "é & b.html", page)])
    assert sent.value.url.endswith("filename=%C3%A9+%26+b.html")
    desk.page.locator(".progress .told", has_text="un ajouté").wait_for()
    (added,) = set(desk.index.held) - {IRAQ.article_id, AFGHANISTAN.article_id}
    assert TEXT in desk.index.held[added].text


def test_files_are_dropped_anywhere_on_the_view(desk: Desk) -> None:
    open_library(desk)
    desk.page.evaluate(
        """(text) => {
          const files = new DataTransfer();
          files.items.add(new File([text], "déposé.txt"));
          const at = document.querySelector(".library");
          const drop = (name) =>
            at.dispatchEvent(new DragEvent(name, {dataTransfer: files, bubbles: true, cancelable: true}));
          drop("dragover");
          drop("drop");
        }""",
        TEXT,
    )
    desk.page.wait_for_selector('[data-id="déposé"]')
    assert desk.index.held["déposé"].text == TEXT


def test_a_failed_upload_says_why_and_can_be_tried_again(desk: Desk, tmp_path: Path) -> None:
    open_library(desk)
    desk.once("**/v1/files?*", lambda route: route.abort())
    desk.page.set_input_files(".drop input", [written(tmp_path / "a.txt", TEXT)])
    desk.page.click(".progress .retry")
    desk.page.wait_for_selector('[data-id="a"]')


def test_nothing_is_deleted_before_it_is_confirmed(desk: Desk) -> None:
    open_library(desk)
    desk.page.click(f'[data-id="{IRAQ.article_id}"] .delete')
    assert IRAQ.title in desk.text("dialog.confirm")
    desk.page.keyboard.press("Escape")
    assert IRAQ.article_id in desk.index.held
    desk.page.click(f'[data-id="{IRAQ.article_id}"] .delete')
    desk.page.click(".confirm .retry")
    desk.page.locator("#library-status", has_text="Supprimé").wait_for()
    assert set(desk.index.held) == {AFGHANISTAN.article_id}
    assert desk.page.locator(".articles li").count() == 1
    assert desk.focused("id") == "library-title"


def test_where_the_last_article_of_a_page_is_deleted_the_page_before_is_shown(desk: Desk) -> None:
    desk.index.held = {f"a{i:03}": Article(f"a{i:03}", "Texte.", f"Titre {i}") for i in range(26)}
    open_library(desk)
    desk.page.click(".pager button >> nth=1")
    desk.page.locator(".pager span", has_text="Page 2").wait_for()
    delete(desk, "a025")
    desk.page.locator("#library-status", has_text="Supprimé").wait_for()
    assert len(desk.texts(".articles li")) == 25


def test_a_later_search_is_not_overtaken_by_an_earlier_one(desk: Desk) -> None:
    open_library(desk)
    late: list[Route] = []
    desk.once("**/v1/search", lambda route: late.append(route))
    for words in ("Tchad", "Irak"):
        desk.page.fill("[name=q]", words)
        desk.page.keyboard.press("Enter")
    desk.page.locator(".found", has_text="Irak").wait_for()
    late[0].fulfill(json={"passages": [], "snapshot": "", "timings_ms": {}})
    desk.page.wait_for_timeout(100)
    assert "2 articles trouvés" in desk.text(".found")


def test_an_answer_whose_source_was_deleted_says_so(desk: Desk) -> None:
    desk.answer()
    open_library(desk)
    delete(desk, IRAQ.article_id)
    desk.page.wait_for_selector(".source .state", state="attached")
    desk.page.click("[data-to=ask]")
    assert desk.texts(".source .state") == ["retirée depuis"]
    desk.page.click("[data-interface=en]")
    desk.page.wait_for_selector("html[lang=en]")
    assert desk.texts(".source .state") == ["removed since"]


def test_an_article_that_is_deleted_while_it_is_open_is_shown_no_more(desk: Desk) -> None:
    open_library(desk)
    desk.page.click(f'[data-id="{IRAQ.article_id}"] .title')
    desk.page.wait_for_selector("#article .text")
    delete(desk, IRAQ.article_id)
    desk.page.locator("#article .notice", has_text="retiré").wait_for()
    assert IRAQ.text not in desk.page.content()


def test_a_cited_article_is_read_once_and_then_only_its_digest(desk: Desk) -> None:
    desk.index.held["autre"] = Article("autre", "Autre chose.", "Autre")
    desk.go()
    desk.answer()
    desk.answer()
    open_library(desk)
    looked: list[str] = []
    desk.page.on("request", lambda sent: looked.append(sent.method) if sent.url.endswith(IRAQ.article_id) else None)
    delete(desk, "autre")
    desk.page.wait_for_selector("#turn-2 .state", state="attached")
    assert looked == ["GET"]
    delete(desk, AFGHANISTAN.article_id)
    desk.page.wait_for_selector("#turn-2 .source:nth-child(2) .state", state="attached")
    desk.page.wait_for_timeout(100)
    assert looked == ["GET", "HEAD"]


def delete(desk: Desk, article_id: str) -> None:
    desk.page.click(f'[data-id="{article_id}"] .delete')
    desk.page.click(".confirm .retry")


def open_library(desk: Desk) -> None:
    desk.page.click("[data-to=articles]")
    desk.page.wait_for_selector(".articles li")


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
