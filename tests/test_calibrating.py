"""What the fit is told of the sentences that were read: which of them answer, by each kind of question."""

from types import SimpleNamespace
from typing import Any

import pytest

from eval import calibrating
from eval.datasets import JudgedQuestion, Part
from eval.judged_lists import ListQuestion
from index.types import Filters, Span

SENTENCES = (Span(0, 10), Span(11, 20))


@pytest.fixture(autouse=True)
def _no_features(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrating, "features", lambda _read, number: {"number": number})


def _read(article_id: str) -> Any:  # noqa: ANN401  # as much of a `ReadPassage` as is looked at
    passage = SimpleNamespace(article_id=article_id, sentences=SENTENCES)
    return SimpleNamespace(found=SimpleNamespace(passage=passage))


def _answers(question: calibrating.Asked, article_id: str) -> list[bool | None]:
    return [scored.answers for scored in calibrating._scored(question, "", _read(article_id))]


def test_of_a_list_that_was_judged_it_is_known_which_sentence_answers() -> None:
    asked = ListQuestion("Qui dort ?", {"a": (Span(12, 14),), "b": ()})
    assert _answers(asked, "a") == [False, True]
    assert _answers(asked, "b") == [False, False]
    scored = list(calibrating._scored(asked, "", _read("b")))
    assert [(each.dataset, each.lang, each.answerable) for each in scored] == [("lists", "fr", True)] * 2
    assert calibrating._asked(asked) == ("Qui dort ?", Filters(article_ids=("a", "b")), 2)


@pytest.mark.parametrize(("answerable", "known"), [(True, None), (False, False)])
def test_of_a_list_judged_as_a_whole_it_is_known_only_where_nothing_answers(
    answerable: bool, known: bool | None
) -> None:
    asked = JudgedQuestion("q", "Qui dort ?", "fr", Part.DEV, answerable, ("a", "b"))
    assert _answers(asked, "a") == [known, known]
