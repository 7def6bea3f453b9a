"""The questions on the seeds and on what was invented: well made, balanced, and their gold is what the articles say."""

import json
from collections import Counter
from pathlib import Path

import pytest
from eval_fakes import TEXTS, gold_span, question

from eval.collection import OURS, Collection, read_collection
from eval.errors import InvalidQuestions
from eval.metrics import gold_passages
from eval.questions import GoldQuestion, load_questions
from index.dates import PublishedDate
from index.formats.reading import read_articles
from index.types import Article


@pytest.fixture(scope="module", params=OURS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def articles(name: str) -> Path:
    return OURS[name][0]


@pytest.fixture(scope="module")
def collection(articles: Path) -> Collection:
    return read_collection(articles)


@pytest.fixture(scope="module")
def questions(name: str) -> list[GoldQuestion]:
    return of(name)


def of(name: str) -> list[GoldQuestion]:
    articles, file = OURS[name]
    return load_questions(file, read_collection(articles).texts)


def test_there_are_enough_questions_of_each_sort(questions: list[GoldQuestion]) -> None:
    assert len(questions) >= 80
    assert 3 * sum(q.lang == "en" for q in questions) >= len(questions)
    assert 4 * sum(not q.answerable for q in questions) >= len(questions)


def test_the_seeds_have_near_misses_of_every_kind() -> None:
    near = {"wrong_attribute", "false_premise", "out_of_range", "not_said", "elsewhere"}
    assert near == {q.kind for q in of("seeds") if not q.answerable}


@pytest.mark.parametrize(("invented", "expected"), [("stories", (5, 3)), ("practical", (4, 3)), ("dossiers", (8, 8))])
def test_the_questions_on_a_story_or_a_subject_are_all_in_one_part(invented: str, expected: tuple[int, int]) -> None:
    parts = Counter(part for _, part in {(q.id.split("-")[0], q.part) for q in of(invented)})
    assert (parts["dev"], parts["test"]) == expected


def test_the_parts_of_the_seeds_are_balanced_in_language_answerability_and_kind() -> None:
    questions = of("seeds")
    parts = Counter((q.lang, q.answerable, q.kind, q.part) for q in questions)
    for lang, answerable, kind, _ in list(parts):
        halves = [parts[lang, answerable, kind, part] for part in ("dev", "test")]
        assert abs(halves[0] - halves[1]) <= 1, (lang, kind)
    assert abs(sum(q.part == "dev" for q in questions) - len(questions) / 2) <= 2


def test_no_question_is_asked_twice(questions: list[GoldQuestion]) -> None:
    asked = Counter((q.question.casefold(), q.filters.model_dump_json()) for q in questions)
    assert [text for text, times in asked.items() if times > 1] == []


def test_gold_quotes_are_the_text_of_their_span_in_the_files(articles: Path, questions: list[GoldQuestion]) -> None:
    for asked in questions:
        for gold in asked.right_spans:
            text = (articles / f"{gold.article_id}.txt").read_text(encoding="utf-8")
            assert text[gold.start : gold.end] == gold.quote, asked.id


def test_a_fact_is_not_at_the_same_time_a_thing_that_is_not_needed(questions: list[GoldQuestion]) -> None:
    assert [q.id for q in questions if set(q.needed_spans) & set(q.also)] == []


def test_every_fact_can_be_retrieved_from_an_article_that_the_filters_let_pass(
    articles: Path, questions: list[GoldQuestion], collection: Collection
) -> None:
    known = {article.article_id: article for article in read_articles(articles) if isinstance(article, Article)}
    for asked in questions:
        for passages in gold_passages(asked, collection.passages):
            reachable = [p for p in passages if _passes(known[p.rsplit("#", 1)[0]], asked)]
            assert reachable, asked.id


def test_a_short_answer_in_the_articles_language_stands_in_a_gold_span(questions: list[GoldQuestion]) -> None:
    for asked in (q for q in questions if q.short_answers):
        quotes = " ".join(span.quote for span in asked.needed_spans).replace("\u00a0", " ").casefold()
        found = [short for short in asked.short_answers if short.casefold() in quotes]
        assert found, asked.id


def _passes(article: Article, asked: GoldQuestion) -> bool:
    """The rule of `Filters`, said again: a date passes only with the whole of its interval."""
    filters = asked.filters.filters()
    if filters.article_ids is not None and article.article_id not in filters.article_ids:
        return False
    if filters.sources is not None and article.source not in filters.sources:
        return False
    bounds: list[PublishedDate] = [b for b in (filters.as_of, filters.published_before) if b]
    if bounds and (article.published is None or any(article.published.last_day > b.last_day for b in bounds)):
        return False
    after = filters.published_after
    return after is None or (article.published is not None and article.published.first_day >= after.first_day)


# Loading


def write(folder: Path, *records: dict[str, object]) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records) + "\n", encoding="utf-8")
    return path


def record(**changes: object) -> dict[str, object]:
    return question("a1").model_dump(mode="json") | changes


def test_what_is_written_is_what_is_loaded(tmp_path: Path) -> None:
    asked = question("a1", also="b1", short=("1600",))
    assert load_questions(write(tmp_path, asked.model_dump(mode="json")), TEXTS) == [asked]


def test_a_line_separator_inside_a_question_does_not_end_the_line(tmp_path: Path) -> None:
    text = "Combien\u2028de soldats\u00a0?"
    assert load_questions(write(tmp_path, record(question=text)), TEXTS)[0].question == text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"facts": [{"spans": [gold_span("a1").model_dump() | {"start": 1, "end": 35}]}]}, "reads"),
        ({"facts": [{"spans": [gold_span("a1").model_dump() | {"end": 20}]}]}, "not as long as its quote"),
        ({"facts": [{"spans": [gold_span("a1").model_dump() | {"article_id": "z"}]}]}, "'z', which is not in"),
        ({"facts": []}, "needs facts"),
        ({"answerable": False}, "needs a reason"),
        ({"filters": {"as_of": "hier"}}, "'hier' is not a date"),
        ({"lang": "de"}, "lang"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_question_that_is_wrong_is_refused_with_its_line(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidQuestions, match=f"(?s)line 2.*{message}"):
        load_questions(write(tmp_path, record(id="first"), record(**changes)), TEXTS)


def test_ids_are_unique_and_a_file_is_not_empty(tmp_path: Path) -> None:
    with pytest.raises(InvalidQuestions, match="used twice"):
        load_questions(write(tmp_path, record(), record()), TEXTS)
    with pytest.raises(InvalidQuestions, match="no question"):
        load_questions(write(tmp_path), TEXTS)
