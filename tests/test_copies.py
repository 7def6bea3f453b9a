"""Copies of one dispatch count as one origin: one passage in a search, one citation in an answer, the others told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashEncoder
from test_origins import ALONE, COPIES, WIRE, article

from index.dates import PublishedDate
from index.index import Index
from index.types import Filters, Passage, Span
from prompts.catalogue import messages
from service.copies import collapse, copied
from service.evidence import calibration, choose
from service.retrieval import Candidate
from service.types import Evidence, Lang


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index.open(tmp_path, HashEncoder())
    index.put([*COPIES, ALONE])
    yield index
    index.close()


def candidate(article_id: str, text: str) -> Candidate:
    return Candidate(Passage(f"{article_id}#0", article_id, Span(0, len(text)), text, ()), 0.5, 0.0)


def test_a_search_gives_one_of_five_copies_and_what_one_of_them_adds() -> None:
    five = [candidate(f"copie{n}", WIRE[0]) for n in range(5)]
    added = candidate("copie3", "Le Soir a pu joindre un témoin, qui raconte tout autre chose.")
    alone = candidate("neige", WIRE[0])
    linked = {f"copie{n}": [f"copie{m}" for m in range(5) if m != n] for n in range(5)}
    assert collapse([*five, added, alone], linked) == [five[0], added, alone]
    assert collapse([*five, added, alone], {}) == [*five, added, alone]


def test_two_passages_of_one_article_are_no_copies() -> None:
    twice = [candidate("afp", WIRE[0]), candidate("afp", WIRE[0])]
    assert collapse(twice, {"afp": ["coupee"], "coupee": ["afp"]}) == twice


def test_a_search_gives_both_articles_that_only_a_round_up_joins() -> None:
    one, other, both = (candidate(name, WIRE[0]) for name in ("accord", "traite", "semaine"))
    linked = {"accord": ["semaine"], "traite": ["semaine"], "semaine": ["accord", "traite"]}
    assert collapse([one, other, both], linked) == [one, other]
    assert collapse([both, one, other], linked) == [both]


def test_articles_that_only_a_round_up_joins_are_two_citations() -> None:
    said = [
        Evidence(a, Passage(f"{a.article_id}#0", a.article_id, Span(0, 9), "", ()), Span(0, len(WIRE[0])), 0.9)
        for a in (article(name, WIRE[:1]) for name in ("accord", "traite", "semaine"))
    ]
    linked = {"accord": ["semaine"], "traite": ["semaine"], "semaine": ["accord", "traite"]}
    for order, cited in (((0, 1, 2), ["accord", "traite"]), ((2, 0, 1), ["semaine"])):
        (group,) = choose([said[n] for n in order], calibration(), linked)
        assert [evidence.article.article_id for evidence in group] == cited


def test_sentences_of_copies_are_one_citation_and_of_others_two(index: Index) -> None:
    said = [
        Evidence(a, Passage(f"{a.article_id}#0", a.article_id, Span(0, 9), "", ()), Span(0, len(WIRE[0])), 0.9)
        for a in (COPIES[0], COPIES[1], article("autre", WIRE[:1]))
    ]
    with index.view() as view:
        linked = view.linked(["afp", "coupee", "autre"])
    assert linked == {"afp": ["coupee"], "coupee": ["afp"]}
    (group,) = choose(said, calibration(), linked)
    assert [evidence.article.article_id for evidence in group] == ["afp", "autre"]


@pytest.mark.parametrize(("lang", "note"), [(Lang.FR, "reprise de la même dépêche"), (Lang.EN, "same wire copy")])
def test_the_copies_are_told_in_the_language_of_the_answer(index: Index, lang: Lang, note: str) -> None:
    with index.view() as view:
        told = copied(view.copies(["afp"], Filters(as_of=PublishedDate("2021-02-11"))), lang)
    assert [(copy.article_id, copy.source, copy.note) for copy in told["afp"]] == [("coupee", "La Presse", note)]
    assert messages(lang).copies.note == note
