"""Questions that a model made: what is taken of its outputs, where the answers stand, and the files that are kept."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from eval import contrast_questions
from eval.contrast_questions import is_kept_aside
from eval.datasets import Part, PooledQuestion, datasets_folder
from eval.errors import EvaluationError, InvalidDataset, MissingDataset
from eval.judged_lists import JUDGED_LISTS, own_questions, read_lists
from eval.local_model import Output, open_local_model
from eval.made_questions import (
    CONTRASTS,
    ENGLISH,
    QUESTIONS,
    MadeQuestion,
    english_of,
    other_wording,
    question_on,
    read_english,
    read_questions,
    said,
    write_english,
    write_questions,
)
from eval.making import WAYS, in_english, in_other_words, on_passages
from eval.teaching_articles import invented_articles, teaching_articles
from index.types import Article, Span

TEXT = "La Géorgie envoie 860 soldats. L’Italie en a 895 en Irak, et 895 ailleurs. « Nous partons », dit M. Durand."
ARTICLE = Article("a", TEXT, "Titre")


def _output(text: str, score: float = -0.1, *, ended: bool = True) -> Output:
    pieces = tuple(f"{piece} " for piece in text.split(" "))
    pieces = (*pieces[:-1], pieces[-1][:-1])
    return Output(pieces, (score,) * len(pieces), ended)


def _asked(question: str, answer: str, lang: str = "fr") -> str | None:
    made = question_on(ARTICLE, question, answer, lang)
    return made and made.answers[0].of(TEXT)


def test_questions_and_answers_are_read_off_what_was_written() -> None:
    written = " Qui envoie des soldats ?\nR: La Géorgie\nQ: Combien d’Italiens ?\nR: « 895 »."
    assert list(said(_output(written))) == [
        ("Qui envoie des soldats ?", "La Géorgie"), ("Combien d’Italiens ?", "895")
    ]  # fmt: skip


def test_the_last_answer_of_an_output_that_was_cut_off_is_not_taken() -> None:
    assert not list(said(_output(" Qui envoie des soldats ?\nR: La Géor", ended=False)))


def test_an_answer_that_the_model_was_not_sure_of_is_not_taken() -> None:
    pieces = (" Qui envoie des soldats ?", "\nR:", " La", " Géorgie")
    assert len(list(said(Output(pieces, (-1.5, -9.0, -0.5, -0.6), True)))) == 1  # the mean of the answer's is -0.55
    assert not list(said(Output(pieces, (-1.5, -9.0, -0.5, -0.7), True)))
    assert not list(said(Output(pieces, (-1.7, -9.0, -0.5, -0.5), True)))  # nor is a question


def test_an_answer_stands_in_its_article_word_for_word() -> None:
    assert _asked("Qui envoie des soldats en Irak ?", "la géorgie") == "La Géorgie"
    assert _asked("Quel pays a 895 soldats ?", "L'Italie") == "L’Italie"
    assert _asked("Qui envoie des soldats en Irak ?", "La Pologne") is None
    assert _asked("Quel pays envoie des soldats ?", "Géorg") is None  # a part of a word


def test_of_two_places_the_one_in_the_likelier_sentence_is_taken() -> None:
    text = "Il y en a 12 en mars. Les soldats italiens sont 12 à Bagdad."
    made = question_on(Article("b", text, "Titre"), "Combien de soldats italiens à Bagdad ?", "12", "fr")
    assert made == MadeQuestion("Combien de soldats italiens à Bagdad ?", (Span(48, 50),))
    assert text[48:50] == "12"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Selon le texte, qui envoie des soldats ?", "La Géorgie"),  # of the text
        ("Who sends soldiers to Iraq?", "La Géorgie"),  # in another language
        ("Que fait La Géorgie avec ses soldats ?", "La Géorgie"),  # its answer in it
        ("Qui envoie des soldats", "La Géorgie"),  # not a question
        ("Que dit-on des soldats géorgiens ?", "La Géorgie envoie 860 soldats."),  # a whole sentence
        ("Que dit-on des soldats géorgiens ?", "soldats. L’Italie"),  # over its end
        ("Que dit-on des soldats géorgiens ?", "x" * 111),
    ],
)
def test_other_questions_are_left_out(question: str, answer: str) -> None:
    assert _asked(question, answer) is None


def test_only_one_question_in_english_is_taken() -> None:
    asked = "How many soldiers were sent to Mali?"
    assert english_of(_output(asked)) == asked
    assert english_of(_output(asked, ended=False)) is None
    assert english_of(_output("Combien de soldats ont été envoyés au Mali ?")) is None
    assert english_of(_output("Who is he? Where does he live?")) is None
    assert english_of(_output("The soldiers were sent to Mali.")) is None


def test_another_wording_is_another_and_sure() -> None:
    question, other = "Qui a succédé à Louis XIV ?", "Après Louis XIV, qui est devenu roi ?"
    assert other_wording(question, _output(other)) == other
    assert other_wording(question, _output(question.lower())) is None
    assert other_wording(question, _output(other, -0.5)) is None


def test_the_files_hold_what_was_made_and_nothing_of_the_articles(tmp_path: Path) -> None:
    made = {
        "a": [
            MadeQuestion("Qui envoie des soldats ?", (Span(0, 10),)),
            MadeQuestion("Qui envoie des avions ?", ()),
            MadeQuestion("Qui en envoie ?", (Span(0, 10), Span(12, 14))),
        ]
    }
    write_questions(made, [ARTICLE, Article("b", "Rien.", "Titre")], tmp_path / "q.jsonl.xz")
    assert read_questions(tmp_path / "q.jsonl.xz", [ARTICLE]) == made
    with pytest.raises(InvalidDataset, match="a is not the text"):
        read_questions(tmp_path / "q.jsonl.xz", [Article("a", TEXT + " ", "Titre")])
    write_english({"one": "Who is he?"}, tmp_path / "e.jsonl.xz")
    assert read_english(tmp_path / "e.jsonl.xz") == {"one": "Who is he?"}


def test_a_truncated_file_is_named(tmp_path: Path) -> None:
    write_english({"one": "Who is he?"}, tmp_path / "whole.xz")
    (tmp_path / "q.jsonl.xz").write_bytes((tmp_path / "whole.xz").read_bytes()[:-20])
    with pytest.raises(InvalidDataset, match=r"q\.jsonl\.xz is not JSON lines"):
        read_english(tmp_path / "q.jsonl.xz")


class _Model:
    """Answers every request alike."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.requests: list[str] = []

    def __call__(self, requests: Sequence[str], _most: int, **_how: object) -> list[Output]:
        self.requests += requests
        return [_output(self.answer) for _ in requests]


def test_people_s_questions_are_put_in_english_and_in_other_words() -> None:
    people = [
        PooledQuestion("one", "Qui envoie ses soldats ?", "fr", Part.TRAIN, "piaf", "a", (Span(0, 10),)),
        PooledQuestion("two", "Où ?", "fr", Part.TRAIN, "questions_fr"),
    ]
    progress: list[int] = []
    english = dict(in_english(people, _Model("Who sends its soldiers?"), 1, progress.append))
    assert english == {"one": "Who sends its soldiers?", "two": "Who sends its soldiers?"}
    assert progress == [1, 1]
    model = _Model("Quel pays a envoyé ses soldats ?")
    others = list(in_other_words(people, model, 8, progress.append))
    assert others == [("a", MadeQuestion("Quel pays a envoyé ses soldats ?", (Span(0, 10),)))]
    assert model.requests == ["Qui envoie ses soldats ?"]


def test_questions_are_asked_for_on_passages_of_the_language() -> None:
    articles = [ARTICLE, Article("b", "Georgia sends 860 soldiers.", "Title", lang="en")]
    model = _Model(" Quel pays a envoyé ses soldats ?\nR: La Géorgie")
    made = list(on_passages(articles, WAYS[0], model, 8, lambda _done: None))
    assert made == [("a", MadeQuestion("Quel pays a envoyé ses soldats ?", (Span(0, 10),)))]
    assert model.requests == [f"Texte: Titre\n{TEXT}"]


def test_a_missing_model_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="make run"):
        open_local_model(tmp_path / "weights.gguf")


def test_the_kept_files_are_of_the_train_parts() -> None:
    try:
        folder = datasets_folder()
    except MissingDataset as exc:
        pytest.skip(str(exc))
    articles = teaching_articles(folder)
    assert sum(map(len, read_questions(QUESTIONS, articles).values())) == 64114
    contrasts = [made for asked in read_questions(CONTRASTS, articles).values() for made in asked]
    assert [sum(bool(made.answers) == answered for made in contrasts) for answered in (True, False)] == [30044, 27026]
    assert len(read_english(ENGLISH)) == 5483
    everything = [*articles, *invented_articles()]
    judged = [any(asked.answers.values()) for asked in read_lists(JUDGED_LISTS, everything, own_questions(folder))]
    assert [judged.count(answered) for answered in (True, False)] == [9072, 5526]


def test_contrasts_are_kept_aside_one_passage_a_document(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    aside = [name for n in range(200) if is_kept_aside(name := f"ncn-00007-fr-{n}")]
    assert 10 <= len(aside) <= 30  # a tenth
    other = next(name for n in range(200) if is_kept_aside(name := f"piaf-p{n:05}"))
    trained = next(name for n in range(200) if not is_kept_aside(name := f"ncn-00008-fr-{n}"))
    articles = [Article(name, TEXT, "Titre") for name in (*aside[:2], other, trained)]
    answered = MadeQuestion("Qui envoie des soldats ?", (Span(0, 10),))
    missed = MadeQuestion("Who withdraws soldiers?", ())
    path = tmp_path / "contrasts.jsonl.xz"
    write_questions({article.article_id: [answered, missed] for article in articles}, articles, path)
    monkeypatch.setattr(contrast_questions, "CONTRASTS", path)
    monkeypatch.setattr(contrast_questions, "teaching_articles", lambda _folder: articles)
    kept, asked = contrast_questions.kept_aside(tmp_path)
    assert [article.article_id for article in kept] == [aside[0], other]
    assert [(q.gold, q.lang, q.answers) for q in asked] == [
        (aside[0], "fr", answered.answers), (None, "en", ()), (other, "fr", answered.answers), (None, "en", ())
    ]  # fmt: skip
