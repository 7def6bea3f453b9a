"""What is deleted is gone from the bytes of the files too, at once, or once the last reader that sees it has ended."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashEncoder

from index.index import Index
from index.store import FILE_NAME as STORE_FILE
from index.types import Article

# None is a word, a beginning or an end of another word; analysis leaves their letters as they are.
RARE = ["zwxqhk", "kjvxwz", "qqzwjx", "xkkwzq"]


def article(number: int, *rare: str) -> Article:
    text = " ".join(f"Le ministre a dit la chose {number}-{n} à Liège." for n in range(40))
    return Article(f"a{number}", f"{text} {' '.join(rare)}.", f"Titre {number} {rare[0] if rare else ''}")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = Index.open(tmp_path, HashEncoder())
    opened.put([article(n) for n in range(30)])
    opened.put([article(30, *RARE)])
    opened.put([article(n) for n in range(31, 60)])
    yield opened
    opened.close()


def traces(folder: Path) -> set[str]:
    """The rare words whose second half is in any file: a stored term shares its beginning with the one before."""
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    return {word for word in RARE if word[3:].encode() in content}


@pytest.mark.usefixtures("index")
def test_the_words_of_an_article_are_in_the_files_while_it_is_there(tmp_path: Path) -> None:
    assert traces(tmp_path) == set(RARE)


def test_a_removed_article_leaves_no_trace_in_the_files(index: Index, tmp_path: Path) -> None:
    index.remove(["a30"])
    assert traces(tmp_path) == set()
    assert not (tmp_path / f"{STORE_FILE}-wal").stat().st_size


def test_what_a_replaced_article_no_longer_says_leaves_no_trace(index: Index, tmp_path: Path) -> None:
    index.put([article(30, *RARE[:2])])
    assert traces(tmp_path) == set(RARE[:2])


def test_a_reader_sees_what_it_saw_and_the_trace_goes_when_it_ends(index: Index, tmp_path: Path) -> None:
    with index.view() as view:
        index.remove(["a30"])
        assert view.articles(["a30"])
        with index.view() as later:
            assert not later.articles(["a30"])
            assert not later.lexical(RARE[0], 5)
    assert traces(tmp_path) == set()


def test_many_removed_articles_leave_no_trace_among_those_that_stay(index: Index, tmp_path: Path) -> None:
    index.put([article(100 + n, *RARE) for n in range(80)])
    index.remove(["a30", *(f"a{100 + n}" for n in range(0, 80, 2))])
    assert traces(tmp_path) == set(RARE)
    index.remove([f"a{100 + n}" for n in range(80)])
    assert traces(tmp_path) == set()
