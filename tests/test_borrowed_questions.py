"""Questions about articles that are not ours to copy: lent with their words where the articles are there."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from eval.borrowed import lend
from eval.collection import read_collection
from eval.datasets import VARIABLE
from eval.errors import InvalidQuestions, MissingDataset
from eval.questions import load_questions

QUESTIONS = Path(__file__).parent.parent / "eval" / "news_questions.jsonl"
needs_the_articles = pytest.mark.skipif(not os.environ.get(VARIABLE), reason=f"{VARIABLE} names no data sets")


def records() -> list[dict[str, object]]:
    return [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]


def test_they_are_many_in_both_languages_and_a_quarter_has_no_answer() -> None:
    langs = Counter(record["lang"] for record in records())
    assert langs.total() >= 80
    assert langs["en"] >= langs.total() / 3
    assert sum(not record["answerable"] for record in records()) >= langs.total() / 4
    assert {record["part"] for record in records()} == {"dev", "test"}


def test_no_word_of_an_article_is_kept_beside_them() -> None:
    assert '"quote"' not in QUESTIONS.read_text(encoding="utf-8")


def test_without_the_data_sets_it_is_said_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(MissingDataset, match=VARIABLE):
        lend(QUESTIONS, tmp_path)


def test_another_text_under_the_same_id_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wikinews").mkdir()
    other = {"docid": "wikinews-43971", "title": "Titre", "date": "22 mai 2012", "paragraphs": ["Un autre texte."]}
    (tmp_path / "wikinews" / "documents.jsonl").write_text(json.dumps(other) + "\n", "utf-8")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(InvalidQuestions, match="news-fr-001: wikinews-43971 is not the text"):
        lend(QUESTIONS, tmp_path / "out")


@needs_the_articles
def test_each_accepted_short_answer_stands_in_a_gold_span(tmp_path: Path) -> None:
    questions, articles = lend(QUESTIONS, tmp_path)
    for question in load_questions(questions, read_collection(articles).texts):
        said = " ".join(span.quote for span in question.needed_spans)
        assert not question.short_answers or any(short in said for short in question.short_answers), question.id
