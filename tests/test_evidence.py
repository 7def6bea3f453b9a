"""Which sentences become evidence: thresholds, repetition, short answers."""

import math

import pytest
from answering_fakes import FITTED

from index.types import Article, Passage, Span
from service.evidence import Calibration, ReadPassage, calibration, choose, judge
from service.reader import UNREAD, Reading, SentenceReading, SpanReading
from service.retrieval import Candidate
from service.types import Evidence

QUESTION = "Que dit l’article ?"


def _article(article_id: str, *sentences: str) -> tuple[Article, Passage]:
    text = " ".join(sentences)
    spans, start = [], 0
    for sentence in sentences:
        spans.append(Span(start, start + len(sentence)))
        start += len(sentence) + 1
    passage = Passage(f"{article_id}#0", article_id, Span(0, len(text)), text, tuple(spans))
    return Article(article_id, text, "titre"), passage


def _read(pair: tuple[Article, Passage], *maxsims: float, words: Span | None = None, score: float = 5.0) -> ReadPassage:
    article, passage = pair
    sentences = tuple(
        SentenceReading(0.0, maxsim, SpanReading(words if words and words.overlaps(span) else span, score))
        for maxsim, span in zip(maxsims, passage.sentences, strict=True)
    )
    return ReadPassage(
        Candidate(passage, 0.8, 0.5), article, Reading(0.0, sentences), {}, ({},) * len(sentences), QUESTION
    )


def _quotes(groups: list[list[Evidence]]) -> list[list[str]]:
    return [[evidence.quote for evidence in group] for group in groups]


def test_support_is_the_logistic_of_the_weighted_scores() -> None:
    judged = judge([_read(_article("a", "Un fait."), 0.75)], FITTED)
    assert judged[0].support == pytest.approx(1 / (1 + math.exp(-(-4 + 8 * 0.75))), abs=5e-5)


def test_nothing_is_chosen_below_the_threshold_of_an_answer() -> None:
    assert choose(judge([_read(_article("a", "Un fait.", "Un autre."), 0.49, 0.2)], FITTED), FITTED) == []


def test_a_further_sentence_needs_the_higher_threshold() -> None:
    read = _read(_article("a", "Un fait.", "Assez bon.", "Trop peu."), 0.9, 0.75, 0.55)
    assert _quotes(choose(judge([read], FITTED), FITTED)) == [["Un fait."], ["Assez bon."]]


def test_the_same_sentence_of_two_articles_is_one_group() -> None:
    one = _read(_article("a", "La mission comptera 4000 personnes."), 0.9)
    two = _read(_article("b", "La mission comptera environ 4 000 personnes."), 0.8)
    groups = choose(judge([one, two], FITTED), FITTED)
    assert [[evidence.article.article_id for evidence in group] for group in groups] == [["a", "b"]]


def test_sentences_that_differ_by_a_number_are_two_groups() -> None:
    one = _read(_article("a", "La mission comptera 4000 personnes."), 0.9)
    two = _read(_article("b", "La mission comptera 500 personnes."), 0.8)
    assert len(choose(judge([one, two], FITTED), FITTED)) == 2


def test_one_article_is_cited_once_for_one_fact() -> None:
    read = _read(_article("a", "La mission comptera 4000 personnes.", "La mission comptera 4000 personnes !"), 0.9, 0.8)
    assert _quotes(choose(judge([read], FITTED), FITTED)) == [["La mission comptera 4000 personnes."]]


def test_a_sentence_that_was_not_read_is_no_evidence() -> None:
    article, passage = _article("a", "Un fait.")
    assert (
        judge([ReadPassage(Candidate(passage, 1, 1), article, Reading(0, (UNREAD,)), {}, ({},), QUESTION)], FITTED)
        == []
    )


def test_a_short_answer_loses_the_punctuation_around_it() -> None:
    pair = _article("a", "La réunion aura lieu à « Bruxelles », jeudi.")
    start = pair[0].text.index("«")
    judged = judge([_read(pair, 0.9, words=Span(start, start + len("« Bruxelles »,")))], FITTED)
    assert judged[0].answer
    assert judged[0].answer.of(pair[0].text) == "Bruxelles"


def test_a_weak_or_whole_span_is_no_short_answer() -> None:
    pair = _article("a", "La réunion aura lieu à Bruxelles, jeudi.")
    weak = judge([_read(pair, 0.9, words=Span(23, 32), score=-1.0)], FITTED)
    whole = judge([_read(pair, 0.9)], FITTED)
    assert weak[0].answer is None
    assert whole[0].answer is None


def test_the_fitted_file_holds_probabilities_in_order() -> None:
    fitted: Calibration = calibration()
    assert 0 < fitted.answerable < 1
    assert 0 < fitted.further < 1
    assert fitted.weights
