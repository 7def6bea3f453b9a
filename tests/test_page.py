"""The page's conversation in a real Chromium: asking, reading the sources, both languages, hostile text, failures."""

import queue
import threading
from dataclasses import replace

import pytest
from desk import DARK, ENGLISH, PHONE, Desk
from http_fakes import AFGHANISTAN, IRAQ

from index.dates import PublishedDate
from index.types import Article
from service.types import Answer, Copied, Method

QUOTE = "L’OTAN renforce sa mission en Irak."
FIRST_QUOTE = "La France comptait 5100 militaires."
HOSTILE = Article(
    "hostile/é & <b>",
    "😀😀 <script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'> \u202eà l’envers\u202c مرحبا "
    + "x" * 3000 + ". Suite.",
    "<script>window.pwned = 1</script> \u202e" + "W" * 400,
    PublishedDate("2021-02-01"),
    "<b>Agence</b>",
    "javascript:window.pwned=1",
)  # fmt: skip


def test_a_question_is_answered_with_markers_and_sources(desk: Desk) -> None:
    desk.answer()
    assert desk.text(".asked") == "Que fait l’OTAN ?"
    assert desk.texts(".claim") == [f"{FIRST_QUOTE}1", f"{QUOTE}2"]
    assert desk.texts(".source blockquote") == [FIRST_QUOTE, QUOTE]
    assert desk.texts(".source .origin") == ["date inconnue", "Agence Exemple · février 2021"]
    assert desk.text("#status") == "Réponse trouvée, 2 citations."
    assert desk.page.locator(".source blockquote").first.get_attribute("lang") == "fr"
    assert desk.text(".short strong") == "La Fra1"
    assert desk.complaints == []


def test_evidence_comes_first_then_claim_after_claim(desk: Desk) -> None:
    leave = desk.answerer.writes_when = queue.Queue()
    desk.ask()
    desk.page.wait_for_selector(".source >> nth=1")
    assert desk.page.locator(".claim").count() == 0
    assert desk.text("#status") == "2 citations trouvées, rédaction…"
    leave.put(None)
    desk.page.wait_for_selector(".claim")
    assert desk.texts(".claim") == [f"{FIRST_QUOTE}1"]
    leave.put(None)
    desk.settle()
    assert desk.texts(".claim") == [f"{FIRST_QUOTE}1", f"{QUOTE}2"]


def test_a_stream_that_is_cut_anywhere_is_read_whole(desk: Desk) -> None:
    read = desk.page.evaluate("""async () => {
      const { events } = await import("/page/stream.js");
      const text = 'event: claim\\ndata: {"text": "l’été 😀"}\\n\\n: yes\\n\\nevent: answer\\ndata: {"a":1}\\n\\n';
      const bytes = new TextEncoder().encode(text);
      const pieces = new ReadableStream({
        start(sink) { for (const byte of bytes) sink.enqueue(Uint8Array.of(byte)); sink.close(); },
      });
      const all = [];
      for await (const event of events(new Response(pieces))) all.push(event);
      return all;
    }""")
    assert read == [{"event": "claim", "data": {"text": "l’été 😀"}}, {"event": "answer", "data": {"a": 1}}]


def test_a_follow_up_is_asked_with_the_questions_before_it(desk: Desk) -> None:
    desk.answer()
    desk.answer("Et la France ?")
    assert desk.texts(".kicker") == ["Question 1", "Question 2, à la suite des précédentes"]
    (turn,) = desk.asked[1]["history"]
    assert turn["question"] == "Que fait l’OTAN ?"
    assert turn["answer"].startswith(FIRST_QUOTE)
    desk.page.click("#new")
    assert desk.page.locator(".turn").count() == 0
    desk.answer("Et l’Irak ?")
    assert "history" not in desk.asked[2]
    assert desk.served()


def test_a_marker_shows_a_card_and_a_click_opens_the_article_beside_the_answer(desk: Desk) -> None:
    desk.answer()
    desk.page.hover(".claim >> nth=1 >> .marker")
    desk.page.wait_for_selector("#card:popover-open")
    assert desk.text("#card blockquote") == QUOTE
    assert desk.text("#card .title") == IRAQ.title
    assert desk.text("#card .origin") == "Agence Exemple · février 2021"
    desk.page.hover("#card blockquote")  # it can be pointed at
    assert desk.page.locator("#card").is_visible()
    desk.page.keyboard.press("Escape")
    assert not desk.page.locator("#card").is_visible()
    desk.page.click(".claim >> nth=1 >> .marker")
    desk.page.wait_for_selector("mark.chosen")
    assert desk.text("mark.chosen") == QUOTE  # an emoji stands before it
    assert desk.text("#article-title") == IRAQ.title
    assert desk.page.locator("#article .text").inner_text() == IRAQ.text
    assert desk.page.locator("#article a").get_attribute("href") == IRAQ.url
    answer, panel = (desk.page.locator(name).bounding_box() for name in (".claim >> nth=0", "#article"))
    assert answer
    assert panel
    assert answer["x"] + answer["width"] <= panel["x"]


@pytest.mark.parametrize("desk", [PHONE], indirect=True)
def test_a_first_tap_shows_the_card_and_a_second_opens_the_article(desk: Desk) -> None:
    desk.answer()
    desk.page.tap(".claim .marker")
    desk.page.wait_for_selector("#card:popover-open")
    assert not desk.page.locator("#article").is_visible()
    desk.page.tap(".claim .marker")
    desk.page.wait_for_selector("mark.chosen")
    desk.page.click("#article-close")
    assert not desk.page.locator("#article").is_visible()


def test_the_other_citations_of_an_article_are_marked_and_led_to(desk: Desk) -> None:
    def both_of_one(answer: Answer) -> Answer:
        second = answer.citations[1]
        other = replace(second, number=1, span=type(second.span)(38, 75), quote=IRAQ.text[38:75])
        return replace(answer, citations=(other, second))

    desk.answerer.makes = both_of_one
    desk.answer()
    desk.page.click(".claim >> nth=1 >> .marker")
    desk.page.wait_for_selector("mark.chosen")
    assert desk.texts("mark.cited") == [IRAQ.text[38:75]]
    desk.page.click(".jumps .marker >> nth=1")
    assert desk.texts("mark.chosen") == [IRAQ.text[38:75]]
    assert desk.focused("className") == "chosen"


def test_the_quote_is_scrolled_into_view_in_a_long_article(desk: Desk) -> None:
    long = replace(IRAQ, text="😀 " + "Rien ici\n\n" * 300 + "l’essentiel. " + "Rien. " * 2000)
    desk.index.held = {long.article_id: long}
    desk.answer()
    desk.page.click(".claim .marker")
    desk.page.wait_for_selector("mark.chosen")
    box = desk.page.evaluate("document.querySelector('mark.chosen').getBoundingClientRect().toJSON()")
    assert box["top"] < 800
    assert box["bottom"] > 0


def test_the_keyboard_reaches_everything_and_comes_back(desk: Desk) -> None:
    desk.answer()
    desk.page.locator(".claim .marker").first.focus()
    desk.page.keyboard.press("Tab")
    assert desk.focused("getAttribute('aria-label')") == f"Source 2\u00a0: {IRAQ.title}, février 2021"
    assert desk.text("#card blockquote") == QUOTE
    assert "pointed" in (desk.page.locator("#source-2-1").get_attribute("class") or "")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("mark.chosen")
    desk.page.keyboard.press("Escape")
    assert not desk.page.locator("#article").is_visible()
    assert desk.focused("dataset.number") == "2"


def test_shift_and_enter_begin_a_new_line(desk: Desk) -> None:
    desk.page.fill("#question", "Qui")
    desk.page.keyboard.press("Shift+Enter")
    desk.page.keyboard.type("et quand ?")
    desk.page.keyboard.press("Enter")
    desk.settle()
    assert desk.asked[0]["question"] == "Qui\net quand ?"
    assert desk.served()


def test_what_was_found_and_not_cited_is_listed_apart(desk: Desk) -> None:
    desk.answerer.makes = lambda answer: replace(answer, citations=answer.citations[:1], claims=answer.claims[:1])
    desk.answer()
    desk.page.click(".retrieved summary")
    desk.page.wait_for_selector(".passages li")
    assert desk.texts(".passages .snippet") == [QUOTE]
    desk.page.click(".passages .title")
    desk.page.wait_for_selector("mark.chosen")
    assert desk.text("mark.chosen") == QUOTE


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Il y a 5200 militaires en Irak.", "Il reste 2500 militaires en Irak."),
        ("Le 3 février, il y avait 5200 militaires.", "Le 18 février, il restait 2500 militaires."),
        ("En février 2020, 5200 militaires y étaient.", "En février 2021, 2500 militaires y restaient."),
    ],
)
def test_figures_that_differ_by_date_have_a_time_line(desk: Desk, before: str, after: str) -> None:
    texts = {"2020-02": before, "2021-02-18": after}
    desk.index.held = {date: Article(date, text, "Irak", PublishedDate(date)) for date, text in texts.items()}
    desk.answer()
    assert desk.texts(".timeline li") == ["18 février 2021\n\n2500 militaires2", "février 2020\n\n5200 militaires1"]


def test_a_refusal_explains_itself_and_offers_passages_and_ways_on(desk: Desk) -> None:
    desk.page.click("#filters summary")
    desk.page.fill("[name=as_of]", "2021-02")
    desk.ask("refusé ?")
    desk.page.wait_for_selector(".passages li")
    assert desk.text(".refusal h3") == "Les articles ne le disent pas"
    assert "Les articles ne permettent pas de répondre." in desk.text(".refusal")
    assert "Sourcier s’abstient" in desk.text(".refusal .why")
    assert desk.texts(".passages .title") == [AFGHANISTAN.title, IRAQ.title]
    assert desk.page.locator(".source").count() == 0
    assert desk.text("#status") == "Pas de réponse dans les articles."
    desk.page.click(".try button")  # without the filters
    desk.page.wait_for_selector(".turn:nth-child(2) .refusal")
    assert [asked.get("as_of") for asked in desk.asked] == ["2021-02", None]
    assert desk.served()


@pytest.mark.parametrize("desk", [PHONE], indirect=True)
def test_hostile_articles_stay_text_and_break_no_layout(desk: Desk) -> None:
    desk.index.held = {HOSTILE.article_id: HOSTILE}
    desk.answer("<img src=x onerror='window.pwned = 1'>")
    assert desk.fits()
    desk.page.locator(".source .title").click()
    desk.page.wait_for_selector("mark.chosen")
    assert desk.page.locator("#article .text").text_content() == HOSTILE.text
    assert desk.page.locator("#article-title").text_content() == HOSTILE.title
    assert desk.page.locator("dialog a, main img, main script, dialog script").count() == 0
    assert desk.page.evaluate("document.querySelector('dialog').scrollWidth <= window.innerWidth")
    desk.page.click("#article-close")
    desk.page.click("[data-to=articles]")
    desk.page.wait_for_selector(".articles li")
    assert desk.fits()
    assert desk.page.evaluate("window.pwned") is None
    assert desk.complaints == []


def test_a_turned_quote_leaves_its_marker_where_it_is(desk: Desk) -> None:
    turned = Article("turned", "\u202eLe texte est tourné ici.", "\u202eTourné")
    desk.index.held = {turned.article_id: turned}
    desk.answer()
    marker, claim = (desk.page.locator(name).first.bounding_box() for name in (".claim .marker", ".claim .isolated"))
    assert marker
    assert claim
    assert marker["x"] > claim["x"]


@pytest.mark.parametrize("desk", [PHONE, PHONE | DARK | ENGLISH], indirect=True)
def test_the_page_fits_a_small_phone(desk: Desk) -> None:
    assert desk.fits()
    desk.page.click("#filters summary")
    desk.answer()
    assert desk.fits()


@pytest.mark.parametrize("desk", [PHONE], indirect=True)
def test_a_claim_of_many_sources_fits_a_small_phone(desk: Desk) -> None:
    def merged(answer: Answer) -> Answer:
        citations = tuple(replace(answer.citations[0], number=number) for number in range(1, 13))
        claim = replace(answer.claims[0], citations=tuple(range(1, 13)))
        return replace(answer, text=f"{claim.text} ", claims=(claim,), citations=citations)

    desk.answerer.makes = merged
    desk.answer()
    assert len(desk.texts(".claim .marker")) == 12
    assert desk.fits()


@pytest.mark.parametrize("desk", [{"viewport": {"width": 640, "height": 400}}], indirect=True)
def test_at_twice_the_size_the_question_does_not_cover_the_answer(desk: Desk) -> None:
    """A window of 1280 × 800 at 200 % shows 640 × 400."""
    desk.answer()
    assert desk.fits()
    assert desk.page.evaluate("getComputedStyle(document.getElementById('ask')).position") == "static"


@pytest.mark.parametrize("desk", [ENGLISH], indirect=True)
def test_the_interface_speaks_the_browsers_language_and_can_be_switched(desk: Desk) -> None:
    assert desk.text("button.ask") == "Ask"
    desk.answer()
    assert desk.texts(".source .origin")[1] == "Agence Exemple · in French · February 2021" or desk.texts(
        ".source .origin"
    ) == ["date unknown", "Agence Exemple · February 2021"]
    desk.page.click("[data-interface=fr]")
    desk.page.wait_for_selector("html[lang=fr]")
    assert desk.text("button.ask") == "Demander"
    assert desk.text(".source .origin") == "date inconnue"
    desk.go()
    assert desk.text("button.ask") == "Demander"


@pytest.mark.parametrize("desk", [{"locale": "de-DE"}], indirect=True)
def test_a_browser_of_another_language_gets_english(desk: Desk) -> None:
    assert desk.text("button.ask") == "Ask"
    assert desk.page.evaluate("document.documentElement.lang") == "en"


def test_dates_are_written_as_precisely_as_they_are_known(desk: Desk) -> None:
    days = {"2021": "2021", "2021-02": "février 2021", "2021-02-18": "18 février 2021", "2021-03-01": "1er mars 2021"}
    written = {
        iso: desk.page.evaluate("async (iso) => (await import('/page/words.js')).dateInWords(iso)", iso) for iso in days
    }
    assert written == days


def test_spans_count_code_points(desk: Desk) -> None:
    cut = desk.page.evaluate(
        "async () => (await import('/page/spans.js')).pieces('a😀b😀c', [{start: 1, end: 3}, {start: 2, end: 4}])"
    )
    assert [piece["text"] for piece in cut] == ["a", "😀", "b", "😀", "c"]
    assert [len(piece["spans"]) for piece in cut] == [0, 1, 2, 1, 0]


def test_the_answers_language_and_the_filters_reach_the_service(desk: Desk) -> None:
    desk.page.select_option("[name=lang]", "en")
    desk.page.click("#filters summary")
    desk.page.fill("[name=as_of]", "2021-02")
    desk.page.check("[name=sources]")
    assert desk.text("#filters-label") == "Filtres (2 actifs)"
    desk.answer()
    (asked,) = desk.asked
    assert (asked["lang"], asked["as_of"], asked["sources"]) == ("en", "2021-02", ["Agence Exemple"])
    assert desk.served()
    assert desk.texts(".chips li") == ["En date du\u00a0: février 2021", "Agence Exemple"]


@pytest.mark.parametrize(
    ("desk", "labels", "method"),
    [
        ({}, ("Original en français", "Traduction automatique"), "traduction automatique, original ci-contre"),
        (ENGLISH, ("Original in French", "Machine translation"), "machine translation, the original is beside it"),
    ],
    indirect=["desk"],
)
def test_an_original_stands_beside_its_translation_which_says_what_it_is(
    desk: Desk, labels: tuple[str, str], method: str
) -> None:
    desk.answerer.makes = lambda answer: replace(
        answer, claims=tuple(replace(claim, method=Method.TRANSLATION) for claim in answer.claims)
    )
    desk.page.select_option("[name=lang]", "en")
    desk.answer()
    assert desk.text(".source .label") == labels[0]
    assert desk.text(".source blockquote") == FIRST_QUOTE
    assert desk.page.locator(".source blockquote").first.get_attribute("lang") == "fr"
    assert desk.text(".source .translation") == f"{labels[1]} (a fake)\n({FIRST_QUOTE})"
    assert desk.page.locator(".translation [lang=en]").count() == 2
    assert desk.texts(".claim .method") == [method, method]
    desk.page.hover(".claim .marker")
    desk.page.wait_for_selector("#card:popover-open")
    assert desk.text("#card blockquote") == FIRST_QUOTE
    assert desk.text("#card .translation") == f"{labels[1]} (a fake)\n({FIRST_QUOTE})"


@pytest.mark.parametrize(
    ("desk", "method"),
    [
        ({}, "reformulé par une machine, originaux ci-contre"),
        (ENGLISH, "reworded by a machine, the originals are beside it"),
    ],
    indirect=["desk"],
)
def test_a_claim_made_of_several_says_so_and_has_all_their_markers(desk: Desk, method: str) -> None:
    def merged(answer: Answer) -> Answer:
        first = answer.claims[0]
        text = f"{first.text} [1][2]"
        return replace(answer, text=text, claims=(replace(first, citations=(1, 2), method=Method.GENERATED),))

    desk.answerer.makes = merged
    desk.answer()
    assert desk.texts(".claim .method") == [method]
    assert desk.texts(".claim .marker") == ["1", "2"]


@pytest.mark.parametrize(
    ("desk", "lang", "note", "date"),
    [({}, "fr", "reprise de la même dépêche", "février 2021"), (ENGLISH, "en", "same wire copy", "February 2021")],
    indirect=["desk"],
)
def test_a_republished_copy_is_named_below_its_source_and_opens(desk: Desk, lang: str, note: str, date: str) -> None:
    copy = Copied(IRAQ.article_id, "<b>Irak</b>, reprise", "Autre Agence", PublishedDate("2021-02"))
    said = f"{note} · <b>Irak</b>, reprise · Autre Agence · {date}"
    desk.answerer.copies = {AFGHANISTAN.article_id: (copy,)}
    desk.answerer.makes = lambda answer: replace(
        answer, claims=answer.claims[:1], citations=(replace(answer.citations[0], copies=(replace(copy, note=note),)),)
    )
    desk.page.select_option("[name=lang]", lang)
    desk.answer()
    assert desk.texts(".source .copy") == [said]
    desk.page.click(".source .copy .title")
    desk.page.wait_for_selector("#article .text")
    assert desk.text("#article .text") == IRAQ.text
    desk.page.click("#article-close")
    desk.answerer.makes = lambda answer: answer
    desk.ask("refusé ?")
    desk.page.wait_for_selector(".passages li")
    assert desk.texts(".passages .copy") == [said]


@pytest.mark.parametrize(
    ("desk", "told"),
    [
        (
            {},
            {
                "loading": "Chargement du modèle de traduction…",
                "ready": "Traduites d’avance : 1 200 phrases sur 3 400",
                "failed": "Le modèle de traduction manque : les citations étrangères ne sont pas traduites",
            },
        ),
        (
            ENGLISH,
            {
                "loading": "Loading the translation model…",
                "ready": "Translated ahead: 1,200 of 3,400 sentences",
                "failed": "The translation model is missing: foreign quotes stay untranslated",
            },
        ),
    ],
    indirect=["desk"],
)
def test_it_is_told_how_far_the_writer_is_with_rendering_ahead(desk: Desk, told: dict[str, str]) -> None:
    def stands(state: str, *, rendered: int = 0, paused: bool = False) -> None:
        writer = {"state": state, "detail": "", "sentences": 3400, "rendered": rendered, "good": 0, "paused": paused}
        desk.answers("**/readyz", {"snapshot": "state-2", "articles": 2, "writer": writer})
        desk.page.clock.run_for(10_500)

    desk.page.clock.install()
    desk.answers("**/readyz", {"snapshot": "state-2", "articles": 2, "writer": {"state": "loading"}})
    desk.go()
    for state in ("loading", "ready", "failed"):
        stands(state, rendered=1200)
        desk.page.locator("#rendering", has_text=told[state]).wait_for()
    stands("ready", rendered=1200, paused=True)
    desk.page.locator("#rendering", has_text=told["ready"] + " (").wait_for()
    stands("ready", rendered=3400)
    desk.page.wait_for_selector("#rendering:empty", state="attached")


def test_an_empty_collection_holds_no_article(desk: Desk) -> None:
    desk.index.held = {}
    desk.go()
    desk.page.locator("#holdings", has_text="aucun article").wait_for()


def test_the_sources_are_offered_again_at_each_opening_and_keep_what_was_chosen(desk: Desk) -> None:
    desk.once("**/v1/sources", lambda route: route.fulfill(status=503, body="{}"))  # it was loading
    with desk.page.expect_response("**/v1/sources"):
        desk.page.click("#filters summary")
    desk.page.click("#filters summary")
    desk.page.click("#filters summary")
    desk.page.check("[name=sources]")
    desk.page.click("#filters summary")
    with desk.page.expect_response("**/v1/sources"):
        desk.page.click("#filters summary")
    desk.answer()
    assert desk.asked[0]["sources"] == ["Agence Exemple"]


def test_what_cannot_be_asked_is_told_before_asking(desk: Desk) -> None:
    desk.ask("  ")
    assert desk.text("#alert") == "Écrivez d’abord une question."
    desk.page.click("#filters summary")
    desk.page.fill("[name=as_of]", "2021-13")
    desk.ask("Quoi ?")
    assert desk.text("#alert").startswith("Écrivez une année (2021)")
    assert desk.focused("name") == "as_of"
    assert desk.asked == []


def test_a_lost_connection_is_told_and_a_retry_loses_nothing(desk: Desk) -> None:
    desk.once("**/v1/ask", lambda route: route.abort())
    desk.ask()
    desk.page.wait_for_selector(".retry")
    assert "ne répond pas" in desk.text(".turn [role=alert]")
    assert desk.text(".asked") == "Que fait l’OTAN ?"
    desk.page.click(".retry")
    desk.settle()
    assert desk.text(".turn [role=alert]") == ""
    assert len(desk.texts(".turn")) == 1


def test_an_answer_that_breaks_off_keeps_what_came_and_says_so(desk: Desk) -> None:
    begun = 'event: evidence\ndata: {"citations": []}\n\nevent: claim\ndata: {"text": "Début.", "citations": []}\n\n'
    desk.once("**/v1/ask", lambda route: route.fulfill(content_type="text/event-stream", body=begun + "event: answ"))
    desk.ask()
    desk.page.wait_for_selector(".retry")
    assert desk.text(".claim") == "Début."
    assert "incomplet" in desk.text(".turn [role=alert]")
    desk.page.click(".retry")
    desk.settle()
    assert desk.texts(".claim") == [f"{FIRST_QUOTE}1", f"{QUOTE}2"]


@pytest.mark.parametrize(
    ("status", "error_type", "told"),
    [
        (503, "loading", "se prépare"),
        (503, "overloaded", "Trop de questions"),
        (429, "too_many_requests", "beaucoup de questions"),
        (500, "internal", "de notre côté"),
    ],
)
def test_each_kind_of_failure_has_its_words(desk: Desk, status: int, error_type: str, told: str) -> None:
    error = {"error": {"type": error_type, "message": "m", "request_id": "abc"}}
    desk.answers("**/v1/ask", error, status)
    desk.ask()
    desk.page.wait_for_selector(".retry")
    assert told in desk.text(".turn [role=alert]")
    assert "Référence\u00a0: abc" in desk.text(".turn [role=alert]")


@pytest.mark.parametrize("status", [401, 403])  # none, or one that may not do that
@pytest.mark.parametrize("stores", [True, False])
def test_a_service_that_wants_a_key_is_given_one(desk: Desk, status: int, stores: bool) -> None:
    if not stores:
        desk.page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }")
    desk.once("**/v1/ask", lambda route: route.fulfill(status=status, body="{}"))
    desk.ask()
    desk.page.fill(".key input", "secret")
    with desk.page.expect_request("**/v1/ask") as sent:
        desk.page.click(".key button")
    assert sent.value.headers["authorization"] == "Bearer secret"
    desk.settle()


def test_a_key_that_cannot_be_sent_is_not_taken(desk: Desk) -> None:
    desk.page.evaluate("sessionStorage.setItem('sourcier.key', JSON.stringify('clé'))")
    desk.once("**/v1/ask", lambda route: route.fulfill(status=401, body="{}"))
    desk.ask()
    desk.page.fill(".key input", "clé")
    assert desk.page.locator(".key input:invalid").count() == 1
    desk.page.fill(".key input", " secret ")
    assert desk.page.locator(".key input:invalid").count() == 0


def test_what_of_the_page_could_not_be_fetched_is_told_and_fetched_again(desk: Desk) -> None:
    fails = ("**/page/library.js", "**/page/words.en.json", "**/page/words.en.json")
    starts = (
        lambda: desk.page.click("[data-to=articles]"),
        lambda: desk.page.click("[data-interface=en]"),
        desk.page.reload,
    )
    shows = (".articles li", "html[lang=en]", ".articles li")
    for pattern, start, shown in zip(fails, starts, shows, strict=True):
        desk.once(pattern, lambda route: route.fulfill(status=503))
        start()
        assert "Le service ne répond pas." in desk.text("#unfetched")
        desk.page.click("#unfetched button")
        desk.page.wait_for_selector(shown)
        assert not desk.page.locator("#unfetched").is_visible()


def test_a_slow_answer_says_so_and_can_be_stopped(desk: Desk) -> None:
    desk.answerer.waits_for = threading.Event()
    desk.page.clock.install()
    desk.ask()
    desk.page.clock.run_for(4_500)
    assert desk.text("#status") == "C’est un peu long\u202f; la recherche continue."
    desk.page.clock.run_for(12_000)
    assert "vraiment" in desk.text("#status")
    desk.page.click("#stop")
    desk.page.wait_for_selector(".turn .retry")
    assert "Arrêté" in desk.text(".turn [role=alert]")
    desk.answerer.waits_for.set()


def test_a_browser_without_connection_says_so(desk: Desk) -> None:
    desk.page.context.set_offline(True)
    desk.page.wait_for_selector(".connection:not(:empty)")
    assert "Pas de connexion" in desk.text("#connection")
    desk.page.context.set_offline(False)
    desk.page.wait_for_selector(".connection:empty", state="attached")


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


def test_suggested_questions_are_asked_by_a_click(desk: Desk) -> None:
    desk.page.unroute_all()
    desk.go()
    desk.page.click(".suggestion")
    desk.settle()
    assert desk.text(".asked") == "Que se passe-t-il en Irak ?"


def test_the_documentation_lists_every_operation_without_help_from_elsewhere(desk: Desk) -> None:
    desk.page.goto(f"{desk.url}/docs")
    desk.page.wait_for_selector("main:not([aria-busy])")
    listed = desk.texts(".operation h3")
    assert {"POST /v1/ask", "GET /v1/suggestions", "GET /v1/sources", "DELETE /v1/articles/{article_id}"} <= set(listed)
    assert desk.complaints == []
