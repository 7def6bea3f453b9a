"""Which sentences become evidence: thresholds, repetition, short answers."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from answering_fakes import FITTED

from index.dates import PublishedDate
from index.types import Article, Passage, Span
from service.agreement import Agreement
from service.evidence import Best, Calibration, ReadPassage, calibration, choose, features, judge, read_passages
from service.guard.types import Pair, Problem
from service.reader import UNREAD, Reading, SentenceReading, SpanReading
from service.retrieval import Candidate
from service.types import Evidence

QUESTION = "Que dit l’article ?"
BEST = Best(cosine=0.8, sentence_maxsim=0.0)


def _article(article_id: str, *sentences: str, lang: str = "fr") -> tuple[Article, Passage]:
    text = " ".join(sentences)
    spans, start = [], 0
    for sentence in sentences:
        spans.append(Span(start, start + len(sentence)))
        start += len(sentence) + 1
    passage = Passage(f"{article_id}#0", article_id, Span(0, len(text)), text, tuple(spans))
    return Article(article_id, text, "titre", lang=lang), passage


def _read(
    pair: tuple[Article, Passage], *evidence: float, words: Span | None = None, score: float = 5.0
) -> ReadPassage:  # fmt: skip
    article, passage = pair
    sentences = tuple(
        SentenceReading(each, 0.0, SpanReading(words if words and words.overlaps(span) else span, score))
        for each, span in zip(evidence, passage.sentences, strict=True)
    )
    return ReadPassage(
        Candidate(passage, 0.8, 0.5), article, Reading(0.0, sentences), {}, ({},) * len(sentences), BEST, QUESTION
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


def test_sentences_of_two_languages_are_one_group_where_each_supports_the_other() -> None:
    french, english = "La mission comptera 4000 personnes.", "The mission will have 4,000 people."
    other = "The mission will train 4,000 people."
    likely = {(french, english): 0.5, (english, french): 0.9, (french, other): 0.9, (other, french): 0.49}

    def support(pair: Pair, problems: Sequence[Problem] = ()) -> float:
        assert not problems
        return likely[pair.evidence, pair.rendering]

    judged = judge(
        [
            _read(_article("a", french), 0.9),
            _read(_article("b", english, lang="en"), 0.88),
            _read(_article("c", other, lang="en"), 0.86),
        ],
        FITTED,
    )
    assert _quotes(choose(judged, FITTED, agree=Agreement(support))) == [[french, english], [other]]


def test_a_sentence_that_only_confirms_needs_next_to_no_support_but_is_one_of_the_eight_most_supported() -> None:
    one = _read(_article("a", "La mission comptera 4000 personnes."), 0.9)
    two = _read(_article("b", "La mission comptera environ 4 000 personnes."), 0.1)
    others = _read(_article("c", "Un.", "Deux.", "Trois.", "Quatre.", "Cinq.", "Six.", "Sept."), *[0.2] * 7)

    def cited(*read: ReadPassage) -> list[list[str]]:
        groups = choose(judge(read, FITTED), FITTED)
        return [[evidence.article.article_id for evidence in group] for group in groups]

    assert cited(one, two) == [["a", "b"]]
    unlikely = _read(_article("d", "La mission comptera environ 4 000 personnes."), 0.0)  # 1 / (1 + e⁴) = .018
    assert cited(one, unlikely) == [["a"]]
    assert cited(one, two, others) == [["a"]]


def test_a_newer_figure_needs_less_support_than_another_sentence_unless_a_time_is_asked_of() -> None:
    def read(name: str, published: str, text: str, evidence: float) -> ReadPassage:
        article, passage = _article(name, text)
        dated = replace(article, published=PublishedDate(published))
        words = Span(text.index("compte ") + 7, text.index(" logements"))
        return _read((dated, passage), evidence, words=words)

    best = read("b", "2024", "Dargoville compte 751 logements vacants.", 0.9)  # 1 / (1 + e^-3.2) = .961
    newer = read("a", "2025", "Dargoville compte 782 logements vides en tout.", 0.6)  # .690, less than .72 and .9 of it
    older = read("c", "2020", "Dargoville compte 627 logements vides au total.", 0.6)
    least = replace(FITTED, further=0.72)

    def cited(*read: ReadPassage, of_a_time: bool = False) -> list[str]:
        groups = choose(judge(read, least), least, of_a_time=of_a_time)
        return [group[0].article.article_id for group in groups]

    assert cited(best, newer) == ["b", "a"]
    assert cited(best, older) == ["b"]
    assert cited(best, newer, of_a_time=True) == ["b"]
    weak = read("a", "2025", "Dargoville compte 782 logements vides en tout.", 0.55)  # .599, below .65 of .961
    assert cited(best, weak) == ["b"]
    same = read("a", "2025", "Elle compte 751 logements vides en tout et pour tout.", 0.6)
    assert cited(best, same) == ["b"]


def test_one_article_is_cited_once_for_one_fact() -> None:
    read = _read(_article("a", "La mission comptera 4000 personnes.", "La mission comptera 4000 personnes !"), 0.9, 0.8)
    assert _quotes(choose(judge([read], FITTED), FITTED)) == [["La mission comptera 4000 personnes."]]


def test_a_sentence_that_was_not_read_is_no_evidence() -> None:
    article, passage = _article("a", "Un fait.")
    read = ReadPassage(Candidate(passage, 1, 1), article, Reading(0, (UNREAD,)), {}, ({},), BEST, QUESTION)
    assert judge([read], FITTED) == []


def test_a_sentence_that_asks_is_no_evidence() -> None:
    pair = _article("a", "Pourquoi la sirène n’a-t-elle pas sonné ?", "« Pourquoi ? »", "Elle était en panne.")
    assert [evidence.quote for evidence in judge([_read(pair, 0.9, 0.9, 0.8)], FITTED)] == ["Elle était en panne."]


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


class _Reading:
    """A reader that was told what it will find."""

    name = "told"

    def __init__(self, *readings: Reading) -> None:
        self._readings = list(readings)

    def read(self, question: str, passages: Sequence[tuple[Article, Passage]]) -> list[Reading]:
        assert question
        assert len(passages) == len(self._readings)
        return self._readings


def test_cosines_and_maxsims_count_by_how_far_they_are_below_the_best_that_was_read() -> None:
    pairs = [_article("a", "La mission compte 500 soldats.", "Elle forme."), _article("b", "Il pleut.")]
    maxsims = [(0.5, 0.3), (0.45,)]
    readings = [
        Reading(0.0, tuple(SentenceReading(0.0, maxsim, SpanReading(Span(0, 2), 1.0)) for maxsim in each))
        for each in maxsims
    ]
    found = [Candidate(passage, cosine, 0.0) for (_, passage), cosine in zip(pairs, (0.8, 0.85), strict=True)]
    articles = {article.article_id: article for article, _ in pairs}
    one, other = read_passages(QUESTION, found, articles, _Reading(*readings))
    below = [
        (round(values["cosine_below"], 6), round(values["sentence_maxsim_below"], 6))
        for read, number in ((one, 0), (one, 1), (other, 0))
        if (values := features(read, number))
    ]
    assert below == [(0.05, 0), (0.05, 0.2), (0, 0.05)]


def test_words_that_are_not_of_the_kind_that_is_asked_are_told_from_a_sentence_that_holds_none() -> None:
    article, passage = _article("a", "La mission compte 500 soldats depuis mai.", "Elle forme des policiers.")
    spans = (Span(0, len("La mission")), passage.sentences[1])
    reading = Reading(0.0, tuple(SentenceReading(0.0, 0.0, SpanReading(span, 1.0)) for span in spans))

    def misfits(question: str) -> list[tuple[float, float, float, float]]:
        [read] = read_passages(question, [Candidate(passage, 0.8, 0.0)], {"a": article}, _Reading(reading))
        kinds = ("wanting_amount", "misfit_amount", "wanting_time", "misfit_time")
        return [tuple(values[kind] for kind in kinds) for n in (0, 1) if (values := features(read, n))]

    assert misfits("Combien de soldats compte la mission ?") == [(0, 1, 0, 0), (1, 1, 0, 0)]
    assert misfits("Depuis quand compte-t-elle 500 soldats ?") == [(0, 0, 0, 1), (0, 0, 1, 1)]
    assert misfits("Qui forme-t-elle ?") == [(0, 0, 0, 0)] * 2
