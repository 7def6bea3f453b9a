"""Claims written from evidence, and the last check before they are shown."""

import dataclasses
from collections.abc import Mapping, Sequence

import pytest

from index.dates import PublishedDate
from index.types import Article, Passage, Span
from service.answering import Quoting
from service.composing import Composed, Point, Written, assemble, compose, figures_differ, outline
from service.types import Evidence, Lang, Method, ShortAnswer
from service.verification import UnverifiedClaim, verified, verify_citations, verify_whole

IRAQ_2020 = Article(
    "irak-2020", "Les 5200 militaires américains en Irak s’entraînent.", "Irak", PublishedDate("2020-02")
)
IRAQ_2021 = Article(
    "irak-2021", "Il reste 2500 militaires américains en Irak. L’OTAN forme.", "Irak", PublishedDate("2021-02-18")
)
WIRE = Article("depeche", "Il reste 2500 militaires américains en Irak.", "Dépêche", None, source="AFP")
ENGLISH = Article("english", "The mission was created in 2017.", "NATO", PublishedDate("2021"), source="BBC", lang="en")


def _evidence(article: Article, quote: str, support: float = 0.9, answer: str | None = None) -> Evidence:
    span = Span(article.text.index(quote), article.text.index(quote) + len(quote))
    whole = Passage(f"{article.article_id}#0", article.article_id, Span(0, len(article.text)), article.text, (span,))
    short = None
    if answer:
        start = article.text.index(answer)
        short = Span(start, start + len(answer))
    return Evidence(article, whole, span, support, short)


def _stored(*articles: Article) -> dict[str, Article]:
    return {article.article_id: article for article in articles}


def _composed(groups: Sequence[Sequence[Evidence]], lang: Lang) -> Composed:
    told = outline(groups, lang=lang)
    return assemble(told, [written.claim for written in compose(told, Quoting(), lang=lang, question="?")])


def _verify(composed: Composed, stored: Mapping[str, Article]) -> None:
    verify_citations(composed.citations, stored)
    written = [Written(claim, (Point((), composed.citations),)) for claim in composed.claims]
    assert list(verified(written, composed.citations)) == written
    verify_whole(composed)


def test_one_sentence_is_quoted_and_cited() -> None:
    composed = _composed([[_evidence(IRAQ_2021, "L’OTAN forme.")]], Lang.FR)
    assert composed.text == "L’OTAN forme. [1]"
    claim, citation = composed.claims[0], composed.citations[0]
    assert (claim.text, claim.start, claim.end, claim.citations) == ("L’OTAN forme.", 0, 13, (1,))
    assert claim.method is Method.QUOTE
    assert citation.span.of(IRAQ_2021.text) == citation.quote == "L’OTAN forme."


@pytest.mark.parametrize(
    ("lang", "introduced"),
    [
        (Lang.EN, "DPA (undated) says, in another language: “{}” [1]"),
        (Lang.FR, "DPA (date inconnue) écrit, en langue étrangère : « {} » [1]"),
    ],
)
def test_an_article_in_a_third_language_is_not_told_to_be_in_the_one_it_is_stored_under(
    lang: Lang, introduced: str
) -> None:
    german = "Die Soldaten sind seit 2017 im Irak und werden dort bleiben."
    article = Article("german", german, "Irak", None, source="DPA", lang="fr")
    told = _composed([[_evidence(article, german)]], lang).text.replace("\u00a0", " ")
    assert told == introduced.format(german)


def test_a_weekday_is_told_with_its_date_where_the_day_of_publication_is_known() -> None:
    text = "Les ministres ont décidé mercredi d’attendre."
    dated = Article("dated", text, "OTAN", PublishedDate("2021-02-18"))  # a Thursday
    composed = _composed([[_evidence(dated, text)]], Lang.FR)
    assert composed.text == f"{text} («\u00a0mercredi\u00a0»\u00a0: 17 février 2021) [1]"
    english = _composed([[_evidence(dated, text)]], Lang.EN)
    assert english.text.endswith("(“mercredi”: 17 February 2021) [1]")
    for answer in (composed, english):
        _verify(answer, _stored(dated))
        assert answer.citations[0].quote == text
    undated = dataclasses.replace(dated, published=PublishedDate("2021-02"))
    assert _composed([[_evidence(undated, text)]], Lang.FR).text == f"{text} [1]"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "Il a annoncé lundi qu’une réunion aurait lieu lundi prochain.",
            " («\u00a0lundi\u00a0»\u00a0: 15 février 2021, «\u00a0lundi prochain\u00a0»\u00a0: 22 février 2021)",
        ),
        ("Mercredi, ils ont voté, et un mercredi ils sont partis.", ""),  # two days, one of them not known
        ("Il est parti mercredi, puis revenu mercredi.", " («\u00a0mercredi\u00a0»\u00a0: 17 février 2021)"),
    ],
)
def test_a_word_that_is_said_of_two_days_is_told_with_none(text: str, told: str) -> None:
    dated = Article("dated", text, "OTAN", PublishedDate("2021-02-18"))
    assert _composed([[_evidence(dated, text)]], Lang.FR).text == f"{text}{told} [1]"


def test_the_same_fact_from_two_articles_is_one_claim_with_two_citations() -> None:
    quote = "Il reste 2500 militaires américains en Irak."
    composed = _composed([[_evidence(WIRE, quote, 0.95), _evidence(IRAQ_2021, quote, 0.9)]], Lang.FR)
    assert composed.text == f"{quote} [1][2]"
    assert [citation.article_id for citation in composed.citations] == ["irak-2021", "depeche"], "the dated one first"


@pytest.mark.parametrize(("lang", "cited"), [(Lang.FR, ["old", "english"]), (Lang.EN, ["english", "old"])])
def test_of_articles_in_two_languages_the_one_in_the_answers_language_is_quoted(lang: Lang, cited: list[str]) -> None:
    """However old it is, and the short answer is the other's where it has none itself."""
    old = Article("old", "La mission date de 2017.", "OTAN", PublishedDate("2019"))
    group = [_evidence(ENGLISH, ENGLISH.text, 0.95, "2017"), _evidence(old, old.text, 0.9)]
    composed = _composed([group], lang)
    assert [citation.article_id for citation in composed.citations] == cited
    assert composed.claims[0].text == (old.text if lang is Lang.FR else ENGLISH.text)
    assert composed.short_answer == ShortAnswer("2017", 1 + cited.index("english"))
    assert composed.claims[0].support == 0.95


def test_of_one_language_a_newer_article_that_only_confirms_is_not_quoted() -> None:
    quote = "Il reste 2500 militaires américains en Irak."
    for support, quoted in ((0.5, "irak-2021"), (0.4, "depeche")):
        composed = _composed([[_evidence(WIRE, quote, 0.9), _evidence(IRAQ_2021, quote, support)]], Lang.FR)
        assert composed.citations[0].article_id == quoted


def test_figures_that_differ_are_one_dated_claim_each_newest_first() -> None:
    old = _evidence(IRAQ_2020, IRAQ_2020.text, 0.95, "5200 militaires")
    new = _evidence(IRAQ_2021, "Il reste 2500 militaires américains en Irak.", 0.9, "2500 militaires")
    composed = _composed([[old], [new]], Lang.FR)
    assert figures_differ([old, new])
    assert composed.text == (
        "18 février 2021\u00a0: Il reste 2500 militaires américains en Irak. [1] "
        "Février 2020\u00a0: Les 5200 militaires américains en Irak s’entraînent. [2]"
    )
    assert composed.short_answer
    assert (composed.short_answer.text, composed.short_answer.citation) == ("2500 militaires", 1)


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("La crue a fait onze morts.", "La crue a fait dix morts.", True),
        ("La crue a fait onze morts.", "La crue a fait 11 morts.", False),
        ("La crue a fait onze morts.", "La crue a fait des dizaines de morts.", False),
    ],
)
def test_figures_in_words_are_figures(one: str, other: str, differ: bool) -> None:
    told = [
        _evidence(Article(name, text, "Crue", PublishedDate("2025")), text, 0.9, text.split(" ", 3)[3])
        for name, text in (("a", one), ("b", other))
    ]
    assert figures_differ(told) is differ


def test_figures_that_differ_are_told_best_supported_first_where_one_has_no_date() -> None:
    dated = _evidence(IRAQ_2020, IRAQ_2020.text, 0.7, "5200 militaires")
    undated = _evidence(WIRE, WIRE.text, 0.9, "2500 militaires")
    composed = _composed([[dated], [undated]], Lang.FR)
    assert composed.text == (
        f"Date inconnue\u00a0: {WIRE.text} [1] "
        "Février 2020\u00a0: Les 5200 militaires américains en Irak s’entraînent. [2]"
    )
    assert composed.short_answer == ShortAnswer("2500 militaires", 1)


OLD = Article("old", "L’Irak compte 5200 soldats américains.", "Irak", PublishedDate("2020-02"))
FRENCH = Article("fr", "L’Irak compte 2500 soldats américains.", "Irak", PublishedDate("2021-02"))
NEW = dataclasses.replace(FRENCH, article_id="new", published=PublishedDate("2021-03"))


def test_figures_differ_where_the_sentence_to_be_quoted_has_no_short_answer_of_its_own() -> None:
    same = [_evidence(NEW, NEW.text), _evidence(FRENCH, FRENCH.text, answer="2500 soldats")]
    composed = _composed([same, [_evidence(OLD, OLD.text, 0.95, "5200 soldats")]], Lang.FR)
    assert composed.text == f"Mars 2021\u00a0: {NEW.text} [1][2] Février 2020\u00a0: {OLD.text} [3]"
    assert composed.short_answer == ShortAnswer("2500 soldats", 2)


@pytest.mark.parametrize(
    ("one", "other", "first"),
    [
        ("2021", "2021-11-15", "2021-11-15"),  # either may be the newer: the better supported one
        ("2021-11", "2021-11-15", "2021-11-15"),
        ("2021", "2020-11-15", "2021"),
        ("2020", "2020", "2020"),
    ],
)
def test_figures_are_told_newest_first_only_where_the_dates_tell_which_is(one: str, other: str, first: str) -> None:
    weak = dataclasses.replace(OLD, published=PublishedDate(one))
    strong = dataclasses.replace(FRENCH, published=PublishedDate(other))
    groups = [[_evidence(weak, OLD.text, 0.8, "5200 soldats")], [_evidence(strong, FRENCH.text, 0.9, "2500 soldats")]]
    told = outline(groups, lang=Lang.FR)
    assert told.dated
    assert told.points[0].evidence[0].article.published == PublishedDate(first)
    assert outline(groups[::-1], lang=Lang.FR) == told


@pytest.mark.parametrize(("lang", "cited"), [(Lang.FR, ["fr", "us", "old"]), (Lang.EN, ["us", "fr", "old"])])
def test_figures_that_differ_are_quoted_in_the_answers_language(lang: Lang, cited: list[str]) -> None:
    english = Article("us", "Iraq has 2,500 American soldiers.", "Iraq", PublishedDate("2021-03"), lang="en")
    same = [_evidence(english, english.text, answer="2,500"), _evidence(FRENCH, FRENCH.text, answer="2500")]
    told = outline([[_evidence(OLD, OLD.text, 0.95, "5200 soldats")], same], lang=lang)
    assert told.dated
    assert [citation.article_id for citation in told.citations] == cited


def test_the_answers_language_does_not_put_an_older_figure_first() -> None:
    english = Article("us", "Iraq has 2,500 American soldiers.", "Iraq", PublishedDate("2021-06"), lang="en")
    before = dataclasses.replace(FRENCH, article_id="before", published=PublishedDate("2019-03"))
    same = [_evidence(english, english.text, answer="2,500"), _evidence(before, before.text, answer="2500")]
    told = outline([[_evidence(OLD, OLD.text, 0.95, "5200 soldats")], same], lang=Lang.FR)
    assert [citation.article_id for citation in told.citations][:2] == ["us", "before"]


def test_figures_that_differ_between_a_french_and_an_english_article_are_dated_too() -> None:
    text = "The United States keeps 2,500 soldiers in Iraq."
    english = Article("us", text, "Iraq", PublishedDate("2021-03"), lang="en")
    elsewhere = dataclasses.replace(english, text="Canada keeps 850 soldiers in Mali.")
    old = _evidence(IRAQ_2020, IRAQ_2020.text, 0.95, "5200 militaires")
    new = _evidence(english, text, 0.9, "2,500 soldiers")
    assert figures_differ([old, new])
    assert _composed([[old], [new]], Lang.EN).text.startswith(f"March 2021: {text} [1] ")
    assert not figures_differ([old, _evidence(elsewhere, elsewhere.text, 0.9, "850 soldiers")])


def test_figures_of_different_things_do_not_differ() -> None:
    soldiers = _evidence(IRAQ_2020, IRAQ_2020.text, 0.9, "5200 militaires")
    year = _evidence(ENGLISH, ENGLISH.text, 0.9, "2017")
    assert not figures_differ([soldiers, year])


def test_sentences_of_one_article_are_told_in_the_order_of_its_text() -> None:
    first, second = "Il reste 2500 militaires américains en Irak.", "L’OTAN forme."
    composed = _composed([[_evidence(IRAQ_2021, second, 0.9)], [_evidence(IRAQ_2021, first, 0.8)]], Lang.FR)
    assert [claim.text for claim in composed.claims] == [first, second]


def test_an_english_answer_introduces_a_french_quotation_and_dates_it() -> None:
    composed = _composed([[_evidence(IRAQ_2021, "L’OTAN forme.")]], Lang.EN)
    assert composed.claims[0].text == "An article (18 February 2021) says, in French: “L’OTAN forme.”"


def test_a_french_answer_introduces_an_english_quotation() -> None:
    composed = _composed([[_evidence(ENGLISH, ENGLISH.text)]], Lang.FR)
    wanted = "BBC (2021) écrit, en anglais\u00a0: «\u00a0The mission was created in 2017.\u00a0»"
    assert composed.claims[0].text == wanted


def test_a_claim_lies_where_it_says_markers_left_out() -> None:
    composed = _composed([[_evidence(IRAQ_2021, "L’OTAN forme.")], [_evidence(ENGLISH, ENGLISH.text)]], Lang.EN)
    for claim in composed.claims:
        assert composed.text[claim.start : claim.end] == claim.text
    _verify(composed, _stored(IRAQ_2021, ENGLISH))


def _tampered(what: str, composed: Composed) -> Composed:
    citation, claim = composed.citations[0], composed.claims[0]
    match what:
        case "quote":
            return dataclasses.replace(composed, citations=(dataclasses.replace(citation, quote="L’OTAN part."),))
        case "span":
            moved = dataclasses.replace(citation, span=Span(citation.span.start - 1, citation.span.end - 1))
            return dataclasses.replace(composed, citations=(moved,))
        case "article":
            return dataclasses.replace(composed, citations=(dataclasses.replace(citation, article_id="other"),))
        case "no citation":
            return dataclasses.replace(composed, claims=(dataclasses.replace(claim, citations=()),))
        case "unknown citation":
            return dataclasses.replace(composed, claims=(dataclasses.replace(claim, citations=(1, 2)),))
        case "text beside the claims":
            return dataclasses.replace(composed, text=composed.text + " Et le reste.")
        case "invented claim":
            invented = dataclasses.replace(claim, text="L’OTAN ferme.")
            return dataclasses.replace(composed, claims=(invented,), text="L’OTAN ferme. [1]")
    raise AssertionError(what)


@pytest.mark.parametrize(
    "what",
    ["quote", "span", "article", "no citation", "unknown citation", "text beside the claims", "invented claim"],
)
def test_nothing_unverified_passes(what: str) -> None:
    composed = _composed([[_evidence(IRAQ_2021, "L’OTAN forme.")]], Lang.FR)
    _verify(composed, _stored(IRAQ_2021))
    with pytest.raises(UnverifiedClaim):
        _verify(_tampered(what, composed), _stored(IRAQ_2021))


def test_a_claim_is_checked_as_soon_as_it_is_written() -> None:
    told = outline([[_evidence(IRAQ_2021, "L’OTAN forme.")]], lang=Lang.FR)
    (written,) = compose(told, Quoting(), lang=Lang.FR, question="?")
    invented = dataclasses.replace(written, claim=dataclasses.replace(written.claim, text="L’OTAN ferme."))
    claims = verified(iter([written, invented]), told.citations)
    assert next(claims) == written
    with pytest.raises(UnverifiedClaim):
        next(claims)
