"""The evaluation's metrics, on values that can be recomputed by hand."""

import math
import random

import pytest
from eval_fakes import COLLECTION, TEXTS, answered, citation, detect, question, refused

from eval.contract import in_language, well_formed
from eval.metrics import (
    fact_recall,
    gold_passages,
    ndcg,
    no_reply_tallies,
    reciprocal_rank,
    reply_tallies,
    retrieval_tallies,
    share_a_sentence,
)
from eval.questions import GoldQuestion
from eval.short_answers import exact_match, normalise, token_f1
from eval.statistics import Tally, difference, estimate, percentile
from service.schemas import AskResponse


def tallies(asked: GoldQuestion, reply: AskResponse) -> dict[str, Tally]:
    return reply_tallies(asked, reply, TEXTS, detect)


# Rankings


def test_recall_is_the_share_of_facts_found_and_one_passage_of_a_fact_is_enough() -> None:
    facts = [{"p1", "p2"}, {"p3"}]
    assert fact_recall(facts, ["x", "p2", "p1", "p3"], 1) == 0
    assert fact_recall(facts, ["x", "p2", "p1", "p3"], 3) == 1 / 2
    assert fact_recall(facts, ["x", "p2", "p1", "p3"], 4) == 1


def test_the_reciprocal_rank_is_that_of_the_first_relevant_passage_within_the_cut_off() -> None:
    assert reciprocal_rank({"p", "q"}, ["x", "y", "q", "p"]) == 1 / 3
    assert reciprocal_rank({"p"}, [*"abcdefghij", "p"]) == 0
    assert reciprocal_rank({"p"}, []) == 0


def test_ndcg_discounts_by_the_logarithm_of_the_rank() -> None:
    assert ndcg({"p", "q"}, ["p", "x", "q"]) == pytest.approx((1 + 1 / 2) / (1 + 1 / math.log2(3)))
    assert ndcg({"p"}, ["p"]) == 1
    assert ndcg(set(), ["p"]) == 0


def test_rankings_are_scored_as_ranx_scores_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")  # compiling takes longer than scoring, and warns
    from ranx import Qrels, Run, evaluate

    draw = random.Random(7)
    passages = [f"p{i}" for i in range(30)]
    relevant = {f"q{i}": set(draw.sample(passages, draw.randint(1, 12))) for i in range(40)}
    rankings = {name: draw.sample(passages, draw.randint(1, 30)) for name in relevant}
    qrels = Qrels({name: dict.fromkeys(found, 1) for name, found in relevant.items()})
    run = Run({name: {p: 1 / (1 + i) for i, p in enumerate(ranking)} for name, ranking in rankings.items()})
    oracle = evaluate(qrels, run, ["mrr@10", "ndcg@10", "recall@1", "recall@5", "recall@10"], return_mean=False)
    for i, name in enumerate(run.keys()):
        single = [{passage} for passage in relevant[name]]  # a fact for each passage: recall in the usual sense
        ours = retrieval_tallies(single, rankings[name])
        assert {metric: tally.got for metric, tally in ours.items()} == pytest.approx(
            {metric: scores[i] for metric, scores in oracle.items()}
        )


def test_a_passage_is_gold_where_it_holds_half_of_a_gold_span() -> None:
    assert gold_passages(question("a1 b2", "a2"), COLLECTION.passages) == [{"a#1", "b#2"}, {"a#2"}]


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ((0, 10), (0, 10), True),
        ((0, 10), (5, 20), True),  # 5 of 10 shared
        ((0, 10), (6, 20), False),  # 4 of 10
        ((0, 100), (40, 50), True),  # the shorter one lies inside
        ((0, 10), (10, 20), False),
        ((5, 5), (0, 10), False),
    ],
)
def test_two_spans_are_of_one_sentence_where_they_share_half_of_the_shorter(
    a: tuple[int, int], b: tuple[int, int], same: bool
) -> None:
    assert share_a_sentence(a, b) is same
    assert share_a_sentence(b, a) is same


# Replies


def test_citations_are_right_on_gold_and_may_fall_on_what_is_also_right() -> None:
    scores = tallies(question("a1", "b2", also="b1"), answered("a1", "b1", "a2"))
    assert scores["citation_precision"] == Tally(2, 3)
    assert scores["citation_recall"] == Tally(1 / 2, 1)


def test_a_refusal_of_an_answerable_question_cites_nothing_and_is_a_wrong_refusal() -> None:
    scores = tallies(question("a1"), refused())
    assert scores["citation_recall"] == Tally(0, 1)
    assert scores["citation_precision"] == Tally(0, 0)
    assert scores["refusal_precision"] == Tally(0, 1)
    assert "refusal_recall" not in scores


def test_every_citation_of_an_answer_to_an_unanswerable_question_is_wrong() -> None:
    scores = tallies(question(), answered("a1", "b1"))
    assert scores["citation_precision"] == Tally(0, 2)
    assert scores["refusal_recall"] == Tally(0, 1)
    assert scores["refusal_precision"] == Tally(0, 0)


def test_a_right_refusal_counts_in_precision_and_recall_and_its_reason_apart() -> None:
    scores = tallies(question(), refused(reason="no_article_in_range"))
    assert (scores["refusal_precision"], scores["refusal_recall"]) == (Tally(1, 1), Tally(1, 1))
    assert scores["refusal_reason"] == Tally(0, 1)


def test_what_has_no_reply_scores_zero_wherever_a_reply_could_score() -> None:
    for asked in (question("a1", short=("1600",)), question()):
        missing = no_reply_tallies(asked)
        assert set(missing.values()) == {Tally(0, 1)}
        reply = answered("a1", short="1600") if asked.answerable else refused()
        assert missing.keys() == tallies(asked, reply).keys() - {"claims"}


def test_a_quote_that_differs_from_the_stored_text_by_one_character_is_not_exact() -> None:
    reply = answered("a1", "a2")
    altered = citation(2, "a2").model_copy(update={"start": 34})
    reply = reply.model_copy(update={"citations": [reply.citations[0], altered]})
    assert tallies(question("a1"), reply)["quote_exact"] == Tally(1, 2)


def test_a_citation_of_an_unknown_article_is_neither_exact_nor_right() -> None:
    reply = answered("a1")
    reply = reply.model_copy(update={"citations": [citation(1, "a1").model_copy(update={"article_id": "z"})]})
    scores = tallies(question("a1"), reply)
    assert (scores["quote_exact"], scores["citation_precision"]) == (Tally(0, 1), Tally(0, 1))


def test_the_best_of_the_accepted_short_answers_counts_and_none_given_scores_zero() -> None:
    asked = question("a1", short=("1600 soldats", "1600"))
    assert tallies(asked, answered("a1", short="1600"))["short_em"] == Tally(1, 1)
    assert tallies(asked, answered("a1", short="soldats"))["short_f1"].got == pytest.approx(2 * 1 / (1 + 2))
    assert tallies(asked, answered("a1"))["short_f1"] == Tally(0, 1)
    assert "short_em" not in tallies(question("a1"), answered("a1", short="1600"))


# Short answers


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("L’OTAN", "otan"),
        ("près de l'aéroport d’Irak,", "près de aéroport irak"),
        ("« la pandémie »", "pandémie"),
        ("4\u00a0000 personnes", "4000 personnes"),
        ("130\u202f000", "130000"),
        ("10,000 troops", "10000 troops"),
        ("en 2020 500 soldats", "en 2020 500 soldats"),
        ("the United States", "united states"),
        ("9,6 %", "9 6"),
    ],
)
def test_short_answers_are_compared_without_case_marks_articles_or_elisions(text: str, normal: str) -> None:
    assert normalise(text) == normal


def test_f1_counts_each_shared_word_once() -> None:
    assert token_f1("soldats soldats 1600", "1600 soldats") == pytest.approx(2 * 2 / (3 + 2))
    assert token_f1("Bagdad", "Bruxelles") == 0
    assert exact_match("Le 1er\u00a0mai", "1er mai")


# The contract


def test_a_french_quote_alone_is_a_french_answer_and_no_english_one() -> None:
    assert in_language(answered("a1"), "fr", detect)
    assert not in_language(answered("a1", lang="en"), "en", detect)


def test_an_english_answer_needs_english_words_around_a_french_quote() -> None:
    assert in_language(answered("a1", lang="en", lead_in="The article says: "), "en", detect)
    assert not in_language(answered("a1", lang="en", lead_in="L’article dit : "), "en", detect)
    assert not in_language(answered("a1", lang="fr", lead_in="The article says: "), "en", detect)


def test_a_refusal_is_in_the_language_of_its_message() -> None:
    assert in_language(refused(), "fr", detect)
    assert not in_language(refused(lang="en"), "en", detect)


def test_titles_are_not_words_of_the_answer() -> None:
    assert not in_language(answered("a1", lang="en", lead_in="Un titre : "), "en", detect)


def test_a_publisher_is_no_word_of_the_answer() -> None:
    publisher = "The Times"
    reply = answered("a1", lang="en", lead_in=f"{publisher} dit : ")
    assert in_language(reply, "en", detect)
    named = [citation.model_copy(update={"source": publisher}) for citation in reply.citations]
    assert not in_language(reply.model_copy(update={"citations": named}), "en", detect)


def test_an_answer_whose_parts_agree_is_well_formed() -> None:
    assert well_formed(answered("a1", "b2", short="1600 soldats"))
    assert well_formed(refused())


@pytest.mark.parametrize(
    "change",
    [
        {"text": answered("a1").text.replace("[1]", "[2]")},
        {"text": answered("a1").text + "[2]"},
        {"text": "  " + answered("a1").text},
        {"citations": []},
        {"citations": [citation(2, "a1")]},
        {"citations": [citation(1, "a1"), citation(2, "a2")]},
        {"claims": []},
        {"status": "refused"},
        {"refusal": refused().refusal},
        {"short_answer": {"text": "1700 soldats", "citation": 1}},
    ],
    ids=lambda change: "-".join(change),
)
def test_an_answer_whose_parts_disagree_is_not_well_formed(change: dict[str, object]) -> None:
    assert not well_formed(AskResponse.model_validate(answered("a1").model_dump() | change))


# Shares and their uncertainty


def test_a_share_is_a_sum_over_a_sum_and_counts_the_questions_concerned() -> None:
    found = estimate([Tally(1, 1), Tally(1, 3), Tally(0, 0)])
    assert found.value == (1 + 1) / (1 + 3)
    assert found.n == 2
    assert found.low == pytest.approx(1 / 3)
    assert found.high == 1


def test_a_share_of_nothing_has_no_value() -> None:
    assert estimate([Tally(0, 0)]).value is None
    assert difference([Tally(0, 0)], [Tally(1, 1)]).value is None


def test_the_interval_is_near_the_normal_one_and_the_same_each_time() -> None:
    tallies = [Tally(i % 4 > 0, 1) for i in range(400)]
    found = estimate(tallies)
    half = 1.96 * math.sqrt(0.75 * 0.25 / 400)
    assert found.low == pytest.approx(0.75 - half, abs=0.01)
    assert found.high == pytest.approx(0.75 + half, abs=0.01)
    assert found == estimate(tallies)


def test_a_run_that_is_better_on_every_question_differs_surely_and_one_equal_does_not() -> None:
    worse, better = [Tally(0, 1)] * 20, [Tally(1, 1)] * 20
    gain = difference(worse, better)
    assert (gain.value, gain.low, gain.high) == (1, 1, 1)
    assert gain.p == pytest.approx(2 / 2001)
    assert difference(worse, worse).p == 1


def test_pairs_must_be_of_the_same_questions() -> None:
    with pytest.raises(ValueError, match="1 and 2"):
        difference([Tally(1, 1)], [Tally(1, 1)] * 2)


def test_a_percentile_is_one_of_the_values_by_nearest_rank() -> None:
    assert percentile([10.0, 30.0], 0.95) == 30.0
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([5.0], 0.95) == 5.0
