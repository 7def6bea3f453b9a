"""The path from a question to an answer, on the real index with a fake encoder and reader."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from answering_fakes import FITTED, AsFound, WordReader
from fakes import HashEncoder

from index.dates import PublishedDate
from index.index import Index
from index.parsing import article_from_record
from index.types import Article, Filters, Passage
from prompts.catalogue import messages
from service.answering import Answerer, Quoting
from service.errors import ArticlesChanged
from service.reader import Reading
from service.types import Answer, Chosen, Claim, Evidence, Lang, Question, RefusalReason, Retrieved, Timings

RECORDS = [
    {
        "article_id": "otan-2021",
        "title": "L’OTAN en Irak",
        "text": "La mission de l’OTAN en Irak compte 500 militaires aujourd’hui. Le ministre italien visite Rome.",
        "published": "2021-02",
        "source": "AFP",
    },
    {
        "article_id": "meteo",
        "title": "Météo",
        "text": "Il pleuvra sur la Bretagne demain matin. Le soleil reviendra jeudi dans l’après-midi.",
    },
]
ASKED = Question("Combien de militaires compte la mission de l’OTAN en Irak ?")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index.open(tmp_path, HashEncoder())
    yield index
    index.close()


def _answerer(index: Index) -> Answerer:
    return Answerer(index, HashEncoder(), AsFound(), WordReader(), FITTED)


def _filled(index: Index) -> Answerer:
    index.put([article_from_record(record) for record in RECORDS])
    return _answerer(index)


def test_an_answer_quotes_the_sentence_and_gives_the_short_answer(index: Index) -> None:
    answer = _filled(index).ask(ASKED)
    assert answer.text == "La mission de l’OTAN en Irak compte 500 militaires aujourd’hui. [1]"
    assert answer.short_answer
    assert (answer.short_answer.text, answer.short_answer.citation) == ("500", 1)
    citation = answer.citations[0]
    assert (citation.article_id, citation.source, str(citation.published)) == ("otan-2021", "AFP", "2021-02")
    assert answer.lang is Lang.FR
    assert answer.refusal is None


def test_a_question_that_nothing_answers_is_refused_in_its_language(index: Index) -> None:
    answerer = _filled(index)
    french = answerer.ask(Question("Quelle est la recette de la tarte aux pommes ?"))
    english = answerer.ask(Question("What is the recipe of apple pie?"))
    assert french.refusal
    assert french.refusal.reason is RefusalReason.NO_EVIDENCE
    assert french.text == "Les articles ne permettent pas de répondre à cette question."
    assert english.text == "The articles do not answer this question."
    assert (french.claims, french.citations, french.short_answer) == ((), (), None)


def test_an_empty_index_says_so(index: Index) -> None:
    refusal = _answerer(index).ask(ASKED).refusal
    assert refusal
    assert refusal.reason is RefusalReason.EMPTY_INDEX


@pytest.mark.parametrize(
    "filters",
    [
        Filters(as_of=PublishedDate("2021-01")),
        Filters(as_of=PublishedDate("2021-02-10")),  # an article of "2021-02" may be later
        Filters(published_after=PublishedDate("2021-03")),
        Filters(sources=("Reuters",)),
        Filters(article_ids=()),
    ],
)
def test_filters_that_leave_nothing_are_told_apart_from_no_evidence(index: Index, filters: Filters) -> None:
    refusal = _filled(index).ask(dataclasses.replace(ASKED, filters=filters)).refusal
    assert refusal
    assert refusal.reason is RefusalReason.NO_ARTICLE_IN_RANGE


def test_a_filter_hides_the_article_that_would_answer(index: Index) -> None:
    refusal = _filled(index).ask(dataclasses.replace(ASKED, filters=Filters(article_ids=("meteo",)))).refusal
    assert refusal
    assert refusal.reason is RefusalReason.NO_EVIDENCE


def test_lang_overrides_the_language_of_the_question(index: Index) -> None:
    answer = _filled(index).ask(dataclasses.replace(ASKED, lang=Lang.EN))
    assert answer.text == (
        "AFP (February 2021) says, in French: “La mission de l’OTAN en Irak compte 500 militaires aujourd’hui.” [1]"
    )


def test_a_removed_article_answers_nothing_any_more(index: Index) -> None:
    answerer = _filled(index)
    assert answerer.ask(ASKED).claims
    index.remove(["otan-2021"])
    refusal = answerer.ask(ASKED).refusal
    assert refusal
    assert refusal.reason is RefusalReason.NO_EVIDENCE
    assert all(article.article_id != "otan-2021" for _, article in answerer.search("OTAN", 10, Filters()).passages)


def test_a_replaced_article_is_quoted_as_it_is_now(index: Index) -> None:
    answerer = _filled(index)
    index.put([article_from_record(RECORDS[0] | {"text": "La mission de l’OTAN en Irak compte 4000 militaires."})])
    answer = answerer.ask(ASKED)
    assert answer.citations[0].quote == "La mission de l’OTAN en Irak compte 4000 militaires."


def test_the_same_question_to_the_same_snapshot_gives_the_same_answer(index: Index) -> None:
    answerer = _filled(index)
    assert _timeless(answerer.ask(ASKED)) == _timeless(answerer.ask(ASKED))


def test_another_snapshot_gives_another_answer_id(index: Index) -> None:
    answerer = _filled(index)
    before = answerer.ask(ASKED)
    index.remove(["meteo"])
    after = answerer.ask(ASKED)
    assert before.snapshot != after.snapshot
    assert before.answer_id != after.answer_id


def test_what_happens_is_told_in_order_and_ends_with_the_answer_of_ask(index: Index) -> None:
    answerer = _filled(index)
    retrieved, chosen, *claims, answer = answerer.events(ASKED)
    assert isinstance(answer, Answer)
    assert _timeless(answer) == _timeless(answerer.ask(ASKED))
    assert (retrieved, chosen, tuple(claims)) == (Retrieved(2), Chosen(answer.citations), answer.claims)


def test_a_refusal_is_told_without_evidence(index: Index) -> None:
    *before, answer = _filled(index).events(Question("Quelle est la recette de la tarte aux pommes ?"))
    assert before == [Retrieved(2)]
    assert isinstance(answer, Answer)
    assert answer.refusal


def test_nothing_is_read_for_one_who_left_after_the_retrieval(index: Index) -> None:
    class Unused(WordReader):
        def read(self, question: str, passages: Sequence[tuple[Article, Passage]]) -> list[Reading]:
            raise AssertionError(f"{len(passages)} passages are read for {question!r}")

    _filled(index)
    events = Answerer(index, HashEncoder(), AsFound(), Unused(), FITTED).events(ASKED)
    assert next(events) == Retrieved(2)
    events.close()
    assert list(events) == []


def test_an_answer_is_begun_again_where_the_article_that_it_quotes_is_removed_meanwhile(index: Index) -> None:
    answerer = _interrupted(index, lambda: index.remove(["otan-2021"]))
    refusal = answerer.ask(ASKED).refusal
    assert refusal
    assert refusal.reason is RefusalReason.NO_EVIDENCE


def test_an_answer_quotes_the_article_that_took_the_others_place_meanwhile(index: Index) -> None:
    later = article_from_record(RECORDS[0] | {"text": "La mission de l’OTAN en Irak compte 4000 militaires."})
    answer = _interrupted(index, lambda: index.put([later])).ask(ASKED)
    with index.view() as view:
        assert answer.snapshot == view.snapshot
    assert [citation.quote for citation in answer.citations] == [later.text]


def test_events_end_without_an_answer_where_an_article_that_they_told_of_is_removed(index: Index) -> None:
    events = _interrupted(index, lambda: index.remove(["otan-2021"])).events(ASKED)
    assert [type(next(events)) for _ in range(3)] == [Retrieved, Chosen, Claim]
    with pytest.raises(ArticlesChanged, match="ask again"):
        next(events)


def test_an_answer_stands_where_other_articles_change_meanwhile(index: Index) -> None:
    answerer = _interrupted(index, lambda: index.remove(["meteo"]))
    assert isinstance(list(answerer.events(ASKED))[-1], Answer)


class _Interrupting(Quoting):
    """Quotes, and does something else meanwhile, once."""

    def __init__(self, does: Callable[[], object]) -> None:
        self._does = [does]

    def synthesise(self, question: str, evidence: Sequence[Evidence]) -> str | None:
        while self._does:
            self._does.pop()()
        return super().synthesise(question, evidence)


def _interrupted(index: Index, does: Callable[[], object]) -> Answerer:
    _filled(index)
    return Answerer(index, HashEncoder(), AsFound(), WordReader(), FITTED, _Interrupting(does))


def test_search_ranks_from_one_and_gives_verbatim_passages(index: Index) -> None:
    found = _filled(index).search("mission de l’OTAN en Irak", 5, Filters()).passages
    assert [scored.rank for scored, _ in found] == [1, 2]
    first, article = found[0]
    assert article.article_id == "otan-2021"
    assert first.passage.span.of(article.text) == first.passage.text
    assert found[0][0].score > found[1][0].score


def _timeless(answer: Answer) -> Answer:
    return dataclasses.replace(answer, timings=Timings(0, 0, 0, 0))


def test_a_question_without_its_apostrophes_is_answered_alike_and_nothing_is_said_of_it(index: Index) -> None:
    put, read = (
        f"{it} de militaires compte la mission de l’OTAN en Irak ?" for it in ("Cest combien", "C'est combien")
    )
    answer, plain = (_filled(index).ask(Question(text)) for text in (put, read))
    assert (answer.text, answer.note) == (plain.text, None)


@pytest.mark.parametrize(
    "said",
    [
        "Euh, dis-moi combien de militaires compte la mission de l’OTAN en Irak, s’il te plaît ?",
        "Savez-vous combien de militaires compte la mission de l’OTAN en Irak ?",
    ],
)
def test_a_question_is_answered_as_if_it_had_been_put_plainly(index: Index, said: str) -> None:
    answer, plain = (_filled(index).ask(Question(text)) for text in (said, ASKED.text))
    assert (answer.text, answer.claims, answer.note) == (plain.text, plain.claims, None)
    assert answer.question == said


def test_a_misspelt_question_is_answered_as_if_it_had_been_spelt_and_told_how_it_was_read(index: Index) -> None:
    answer = _filled(index).ask(Question("Combien de militiares compte la misison de l’OTAN en Irak ?"))
    plain = _filled(index).ask(ASKED)
    assert (answer.text, answer.claims) == (plain.text, plain.claims)
    assert answer.note == messages("fr").note.respelt.format(question=ASKED.text)
    assert plain.note is None


def test_a_refused_question_is_told_how_it_was_read_too(index: Index) -> None:
    answer = _filled(index).ask(Question("Quelle est la capitale du Pérou, mmilitaires ?"))
    assert answer.refusal
    assert answer.note


def test_a_search_is_made_with_what_is_meant(index: Index) -> None:
    answerer = _filled(index)
    put, meant = (answerer.search(query, 5, Filters()) for query in ("bonjour, les militiares", "Les militaires"))
    assert put.passages == meant.passages
