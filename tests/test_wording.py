"""What a question is searched and read as: whole, in one form, and spelt as the articles that may be searched."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashEncoder

from index.dates import PublishedDate
from index.index import Index
from index.types import Article, Filters
from service.types import Turn
from service.wording import wording

ASKED = "Que demande Zelensyk ?"
MENDED = "Que demande Zelensky ?"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    before = [Article("2021", "L’OTAN forme des soldats en Irak.", "L’OTAN", published=PublishedDate("2021-02-10"))]
    later = [
        Article(name, f"Zelensky demande {name}.", "Kiev", published=PublishedDate("2022-03-01"))
        for name in ("des avions", "des chars")
    ]
    with_articles = Index.open(tmp_path, HashEncoder())
    with_articles.put([*before, *later])
    yield with_articles
    with_articles.close()


@pytest.mark.parametrize(
    ("filters", "read"),
    [
        (Filters(), MENDED),
        (Filters(as_of=PublishedDate("2022-12-31")), MENDED),
        (Filters(as_of=PublishedDate("2021-12-31")), ASKED),
        (Filters(published_after=PublishedDate("2022-01-01")), MENDED),
        (Filters(article_ids=("2021",)), ASKED),
        (Filters(article_ids=("2021", "des chars", "des avions")), MENDED),
    ],
)
def test_a_word_is_mended_only_as_the_articles_that_may_be_searched_spell_it(
    index: Index, filters: Filters, read: str
) -> None:
    with index.view() as view:
        asked = wording(ASKED, (), view, filters)
    assert (asked.text, asked.respelt) == (read, read != ASKED)


def test_of_the_passages_that_hold_a_word_those_are_counted_that_pass(index: Index) -> None:
    early = Filters(as_of=PublishedDate("2021-12-31"))
    with index.view() as view:
        assert view.passages_with(["zelensky", "soldats"]) == {"zelensky": 2, "soldats": 1}
        assert view.passages_with(["zelensky", "soldats"], early) == {"soldats": 1}
        assert view.passages_with(["zelensky"], Filters(article_ids=("des chars",))) == {"zelensky": 1}


def test_accents_written_apart_are_read_as_one_letter(index: Index) -> None:
    before, question = (unicodedata.normalize("NFD", put) for put in ("Que fait l’Algérie à Évian ?", "Et l’Égypte ?"))
    with index.view() as view:
        read = wording(question, [Turn(before, "…")], view, Filters()).text
    assert read == "Que fait l’Égypte à Évian ?"
