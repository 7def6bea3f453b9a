"""Questions beside lists of passages that were judged one by one: what is kept of them is read again as written."""

import lzma
from dataclasses import replace
from pathlib import Path

import pytest

from eval.errors import InvalidDataset
from eval.judged_lists import ListQuestion, read_lists, write_lists
from index.types import Article, Span

SLEEPS = Article("fr:1", "Un chat dort 11 heures.", "Chats")
PLAYS = Article("fr:2", "Un chat joue le soir.", "Chats")
ASKED = [
    ListQuestion("Combien d’heures dort un chat ?", {"fr:1": (Span(13, 15), Span(13, 22)), "fr:2": ()}),
    ListQuestion("Où dort un chat ?", {"fr:1": (), "fr:2": ()}),
]
OWN = {"fr:q": "Où dort un chat ?"}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "made" / "lists.jsonl.xz"
    other = ListQuestion("Quand joue un chat ?", {"fr:2": (Span(13, 20),)})
    write_lists([([SLEEPS, PLAYS], ASKED), ([PLAYS], [other])], path, OWN)
    with lzma.open(path, "rt", encoding="utf-8") as file:
        assert OWN["fr:q"] not in file.read()  # the data set's own is not copied
    *first, last = read_lists(path, [PLAYS, SLEEPS], OWN)
    assert first == ASKED
    assert [span.of(PLAYS.text) for span in last.answers["fr:2"]] == ["le soir"]


@pytest.mark.parametrize("articles", [[SLEEPS], [SLEEPS, replace(PLAYS, text="Un chat joue le matin.")]])
def test_a_list_of_other_articles_is_refused_by_name(tmp_path: Path, articles: list[Article]) -> None:
    path = tmp_path / "lists.jsonl.xz"
    write_lists([([SLEEPS, PLAYS], ASKED)], path, OWN)
    with pytest.raises(InvalidDataset, match=r"fr:1.*fr:2.* not the texts that were judged"):
        read_lists(path, articles, OWN)
