"""Wire copies are found whatever was done to them, in any order, and forgotten with their articles."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashEncoder

from index.dates import PublishedDate
from index.index import Index
from index.origins import LEAST_SHINGLES, shared, signature
from index.types import Article, Filters
from index.verify import verify

WIRE = [
    f"Le ministre des Affaires étrangères a annoncé le point {n} de l’accord signé à Bruxelles, selon l’AFP, et la"
    f" délégation numéro {n} a salué une étape décisive pour la région de Mossoul et ses {n}00 habitants."
    for n in range(12)
]
OTHER = [
    f"À Montréal, la neige a recouvert la rue {n} et les écoles du quartier {n} restent fermées." for n in range(12)
]


def article(article_id: str, sentences: list[str], **fields: PublishedDate | str) -> Article:
    return Article(article_id, "\n\n".join(sentences), f"Titre {article_id}", **fields)  # type: ignore[arg-type]  # by name


COPIES = [
    article("afp", WIRE, source="AFP", published=PublishedDate("2021-02-10")),
    article("coupee", WIRE[:5], source="La Presse", published=PublishedDate("2021-02-11")),
    article("remaniee", [OTHER[0], *WIRE[3:], OTHER[1]], source="Le Soir", published=PublishedDate("2021-02-12")),
    article("retouchee", [s.replace("annoncé", "dévoilé").replace("salué", "loué") for s in WIRE]),
]
ALONE = article("neige", OTHER)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index.open(tmp_path, HashEncoder())
    yield index
    index.close()
    assert verify(tmp_path) == []


def links(index: Index) -> set[frozenset[str]]:
    """The pairs that are linked, told alike of both."""
    with index.view() as view:
        linked = view.linked(index.article_ids())
        assert {one: [each.article_id for each in its] for one, its in view.copies(linked, Filters()).items()} == linked
        return {frozenset({one, other}) for one, others in linked.items() for other in others}


def pairs(*ids: str) -> set[frozenset[str]]:
    """Each with each."""
    return {frozenset(pair) for pair in itertools.combinations(ids, 2)}


def test_the_share_is_that_of_the_shorter_article() -> None:
    whole, half = signature(WIRE), signature(WIRE[:6])
    assert whole
    assert half
    assert shared(whole, [half, whole]) == pytest.approx([1.0, 1.0], abs=0.15)
    other = signature(OTHER)
    assert other
    assert shared(whole, [other])[0] < 0.1


def test_a_text_of_few_words_has_no_signature() -> None:
    words = [f"mot{n}" for n in range(LEAST_SHINGLES + 2)]
    assert signature([" ".join(words)])
    assert signature([" ".join(words[1:])]) is None
    assert signature([]) is None


def test_copies_are_linked_in_whatever_order_they_come(tmp_path: Path) -> None:
    for n, order in enumerate(itertools.islice(itertools.permutations([*COPIES, ALONE]), 0, 120, 17)):
        index = Index.open(tmp_path / str(n), HashEncoder())
        for each in order:
            index.put([each])
        assert links(index) == pairs("afp", "coupee", "remaniee", "retouchee")
        index.close()


def test_a_link_goes_with_the_article_that_held_it(index: Index) -> None:
    first, last = article("debut", WIRE[:5]), article("fin", WIRE[7:])
    index.put([first, last, COPIES[0]])
    assert links(index) == pairs("debut", "afp") | pairs("fin", "afp")
    index.remove(["afp"])
    assert links(index) == set()
    index.put([COPIES[0]])
    assert links(index) == pairs("debut", "afp") | pairs("fin", "afp")
    index.put([article("afp", OTHER)])
    assert links(index) == set()


def test_articles_that_only_a_round_up_joins_are_no_copies_of_one_another(index: Index) -> None:
    index.put([article("accord", WIRE), article("neige", OTHER), article("semaine", [*WIRE, *OTHER])])
    assert links(index) == pairs("accord", "semaine") | pairs("neige", "semaine")
    with index.view() as view:
        assert view.linked(["accord", "neige"]) == {}
        assert view.linked(["accord", "semaine", "absent"]) == {"accord": ["semaine"], "semaine": ["accord"]}
        assert view.linked([]) == {}


def test_what_is_a_copy_on_a_day_is_the_same_whatever_comes_later(index: Index) -> None:
    then = Filters(as_of=PublishedDate("2021-02-01"))
    ids = ["accord", "neige"]
    index.put(
        [
            article("accord", WIRE, published=PublishedDate("2021-01-05")),
            article("neige", OTHER, published=PublishedDate("2021-01-06")),
        ]
    )
    with index.view() as view:
        before = view.linked(ids), view.copies(ids, then)
    index.put([article("semaine", [*WIRE, *OTHER], published=PublishedDate("2021-09-05"))])
    with index.view() as view:
        assert (view.linked(ids), view.copies(ids, then)) == before == ({}, {})
        later = view.copies(ids, Filters())
        assert {one: [each.article_id for each in its] for one, its in later.items()} == {
            "accord": ["semaine"],
            "neige": ["semaine"],
        }


def test_copies_are_told_within_the_filters_and_no_later_ones(index: Index) -> None:
    index.put([*COPIES, ALONE])
    with index.view() as view:
        everyone = view.copies(["afp", "neige"], Filters())
        assert [copy.article_id for copy in everyone["afp"]] == ["coupee", "remaniee", "retouchee"]
        assert "neige" not in everyone
        then = view.copies(["afp"], Filters(as_of=PublishedDate("2021-02-11")))
        assert [copy.article_id for copy in then["afp"]] == ["coupee"]
