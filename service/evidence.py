"""Chooses the sentences that support an answer, each with the calibrated probability that it does.

Knows neither the reader's network nor how claims are written. Its only numbers are those of `weights/calibration.json`,
fitted by `python -m eval calibrate` on data kept aside for it.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from pathlib import Path
from types import MappingProxyType

from index.types import Article, Passage, Span
from service.agreement import same_terms, tells_another_figure
from service.expected import Asked, expected, wanting
from service.logistic import Logistic
from service.pinpointing import pinpoint
from service.presumed import lacking, presumed, straying
from service.reader import Reader, Reading, SentenceReading
from service.retrieval import Candidate
from service.types import Evidence

CALIBRATION = Path(__file__).with_name("weights") / "calibration.json"
DIGITS = 4  # of a probability: further ones are noise of the arithmetic
Agree = Callable[[Evidence, Evidence], bool]
"""Whether two sentences say the same."""
_CLOSING = " \u00a0\u202f\n»”\"'’)"
_NONE: Mapping[str, Sequence[str]] = MappingProxyType({})
LOOKED_AT = 8  # sentences, the most supported ones
CONFIRMS = 0.02  # the least support of a sentence that is looked at for whether it confirms another
MAX_EVIDENCE = 4  # sentences that say different things
SHARE_OF_BEST = 0.9  # of the best sentence's support, that every other one must have
SHARE_OF_NEWER = 0.65  # of it, that a sentence must have which tells another figure in a later article
MAX_ANSWER_CHARS = 80
MOST_OF_SENTENCE = 0.8  # that a short answer takes


@dataclass(frozen=True, slots=True)
class Calibration(Logistic):
    """What turns a sentence's scores into a probability, and the probabilities into decisions.

    `answerable`: the best sentence must reach it, or the question is refused. `further`: every other sentence must.
    `short_answer`: the least score (logits) of a span that is shown as the short answer.
    """

    answerable: float
    further: float
    short_answer: float

    def probability(self, features: Mapping[str, float]) -> float:
        return round(1 / (1 + math.exp(-_bounded(self.logit(features), 30.0))), DIGITS)


@cache
def calibration(path: Path = CALIBRATION) -> Calibration:
    return Calibration(**json.loads(path.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Best:
    """The highest cosine of a passage and the highest MaxSim of a sentence, of all that was read for a question: what
    either is worth differs from question to question."""

    cosine: float
    sentence_maxsim: float


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A retrieved passage, its article, and what the reader made of it; what the passage lacks of what the question
    presumes, and how each of its sentences falls short: of the kind of answer asked for, or by what it speaks of; the
    best of all that was read for the question; and the question."""

    found: Candidate
    article: Article
    reading: Reading
    lacks: Mapping[str, float]
    short_of: tuple[Mapping[str, float], ...]
    best: Best
    question: str


def read_passages(
    question: str, found: Sequence[Candidate], articles: Mapping[str, Article], reader: Reader
) -> list[ReadPassage]:  # fmt: skip
    """The candidates, read beside the question, in their order."""
    pairs = [(articles[candidate.passage.article_id], candidate.passage) for candidate in found]
    readings = reader.read(question, pairs)
    presumes, expects = presumed(question), expected(question)

    def lacks(article: Article, passage: Passage) -> dict[str, float]:
        missing = lacking(presumes, _with_title(article, passage), article.lang)
        return {**_named("lacking", missing), "foreign": float(article.lang != presumes.lang)}

    def short_of(article: Article, before: Span | None, sentence: Span, of_it: SentenceReading) -> dict[str, float]:
        said = sentence.of(article.text)
        context = before.of(article.text) if before else ""
        words = wanting(expects, of_it.words.span.of(article.text) if of_it.words else "", article.lang)
        return {
            **_named("wanting", wanting(expects, said, article.lang)),
            **_named("misfit", {kind: words[kind] for kind in (Asked.AMOUNT, Asked.TIME)}),
            **_named("straying", straying(presumes, said, article.lang, context)),
        }

    best = Best(
        max((candidate.cosine for candidate in found), default=0.0),
        max((sentence.maxsim for reading in readings for sentence in reading.sentences), default=0.0),
    )
    return [
        ReadPassage(
            candidate,
            article,
            reading,
            lacks(article, passage),
            tuple(map(short_of, repeat(article), (None, *passage.sentences), passage.sentences, reading.sentences)),
            best,
            question,
        )
        for candidate, (article, passage), reading in zip(found, pairs, readings, strict=True)
    ]


def _named(what: str, values: Mapping[str, float]) -> dict[str, float]:
    return {f"{what}_{kind}": value for kind, value in values.items()}


def _with_title(article: Article, passage: Passage) -> str:
    """What a passage says, with what its article's title and date say."""
    return f"{article.title}\n{article.published.iso if article.published else ''}\n{passage.text}"


def judge(read: Sequence[ReadPassage], fitted: Calibration) -> list[Evidence]:
    """Every sentence that was read, with its support; the most supported first, ties in the order of retrieval."""
    judged = [evidence for passage in read for evidence in _sentences(passage, fitted)]
    return sorted(judged, key=lambda evidence: -evidence.support)


def choose(
    judged: Sequence[Evidence], fitted: Calibration, linked: Mapping[str, Sequence[str]] = _NONE,
    agree: Agree = same_terms, *, of_a_time: bool = False,
) -> list[list[Evidence]]:  # fmt: skip
    """Groups of evidence, each for one claim: one sentence, or sentences of different articles that say the same. A
    sentence that only confirms one that was chosen needs next to no support of its own; one that tells a newer figure
    needs less than others, unless the question is `of_a_time`.

    An article that is `linked` with one that was chosen (one wire copy, republished) confirms nothing. Empty where even
    the best sentence does not reach the threshold: the question is to be refused.
    """
    if not judged or judged[0].support < fitted.answerable:
        return []
    groups: list[list[Evidence]] = []
    further = max(fitted.further, SHARE_OF_BEST * judged[0].support)
    for evidence in judged[:LOOKED_AT]:
        if groups and evidence.support < CONFIRMS:
            break
        said = next((group for group in groups if agree(group[0], evidence)), None)
        if said is None:
            newer = bool(groups) and not of_a_time and _is_newer_figure(evidence, groups[0][0])
            least = max(fitted.answerable, SHARE_OF_NEWER * judged[0].support) if newer else further
            if not groups or (evidence.support >= least and len(groups) < MAX_EVIDENCE):
                groups.append([evidence])
        elif not any(_of_one_source(evidence.article, other.article, linked) for other in said):
            said.append(evidence)
    return groups


def _is_newer_figure(evidence: Evidence, best: Evidence) -> bool:
    """Whether a later article tells another figure than the best sentence does."""
    date, its = best.article.published, evidence.article.published
    return bool(date and its and its.first_day > date.last_day) and tells_another_figure(best, evidence)


def _of_one_source(one: Article, other: Article, linked: Mapping[str, Sequence[str]]) -> bool:
    return one.article_id == other.article_id or one.article_id in linked.get(other.article_id, ())


def features(read: ReadPassage, number: int) -> dict[str, float] | None:
    """What the probability of the passage's sentence of that number is computed from; `None` where it was not read, or
    asks itself: a question answers none.

    Logits are bounded, so that none decides alone.
    """
    found, reading = read.found, read.reading
    sentence = reading.sentences[number]
    if sentence.words is None or found.passage.sentences[number].of(read.article.text).rstrip(_CLOSING).endswith("?"):
        return None
    return {
        "relevance": _bounded(reading.relevance, 8.0),
        "maxsim": found.maxsim,
        "sentence_evidence": _bounded(sentence.evidence, 8.0),
        "span": _bounded(sentence.words.score, 16.0),
        "cosine_below": read.best.cosine - found.cosine,
        "sentence_maxsim_below": read.best.sentence_maxsim - sentence.maxsim,
        "lexical": found.lexical,
        **read.lacks,
        **read.short_of[number],
    }


def _sentences(read: ReadPassage, fitted: Calibration) -> Iterator[Evidence]:
    passage = read.found.passage
    for number, (span, sentence) in enumerate(zip(passage.sentences, read.reading.sentences, strict=True)):
        values = features(read, number)
        if values is not None and sentence.words is not None:
            short = _short(read, span, sentence, fitted)
            yield Evidence(read.article, passage, span, fitted.probability(values), short)


def _short(read: ReadPassage, sentence: Span, reading: SentenceReading, fitted: Calibration) -> Span | None:
    """The short answer in the sentence; none if the reader's words are weak, or it is long, or most of the sentence."""
    if reading.words is None or reading.words.score < fitted.short_answer:
        return None
    text = read.article.text
    short = pinpoint(read.question, read.article, sentence, reading)
    if short is None or len(short.of(text)) > min(MAX_ANSWER_CHARS, MOST_OF_SENTENCE * len(sentence.of(text))):
        return None
    return short


def _bounded(logit: float, bound: float) -> float:
    return max(-bound, min(bound, logit))
