"""The answer's language: no word of ours in the other one, whatever is quoted; a third language is noted."""

import itertools
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from answering_fakes import FITTED, AsFound, WordReader
from fakes import HashEncoder

from index.dates import PublishedDate
from index.index import Index
from index.parsing import article_from_record
from index.types import Article, Filters, Passage, Span
from prompts.catalogue import messages
from service.answering import Answerer, Quoting
from service.composing import assemble, compose, outline
from service.schemas import AskResponse
from service.types import Answer, Evidence, Lang, Question

FOLDER = Path(__file__).parent.parent / "prompts"
BOTH = {"article", "in", "message", "question", "questions", "date", "format"}  # words of either language


def _texts(lang: str, file: str) -> Iterator[str]:
    for entries in tomllib.loads((FOLDER / f"{file}.{lang}.toml").read_text(encoding="utf-8")).values():
        for text in entries.values():
            yield from [text] if isinstance(text, str) else text


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", re.sub(r"\{\w+\}", " ", text).lower()))


def _vocabulary(lang: str, file: str) -> set[str]:
    return set().union(*(_words(text) for text in _texts(lang, file))) - BOTH


def _other(lang: Lang) -> Lang:
    return Lang.EN if lang is Lang.FR else Lang.FR


@pytest.mark.parametrize("file", ["messages", "hints"])
def test_no_template_of_one_language_has_a_word_of_the_other(file: str) -> None:
    french, english = (_vocabulary(lang, file) for lang in ("fr", "en"))
    assert french - english
    assert not french & {
        "the",
        "by",
        "it",
        "do",
        "to",
        "for",
        "with",
        "of",
        "and",
        "is",
        "not",
        "what",
        "says",
        "this",
        "another",
        "undated",
    }
    assert english - french
    assert not english & {
        "du",
        "un",
        "et",
        "que",
        "qui",
        "pour",
        "ne",
        "au",
        "ce",
        "le",
        "la",
        "les",
        "des",
        "une",
        "est",
        "pas",
        "dans",
        "cette",
        "avec",
        "écrit",
        "inconnue",
    }


SENTENCES = {
    "fr": ["Le ministre Jens Stoltenberg a déclaré oui.", "Il a ajouté mercredi 500 mots."],
    "en": ["The minister Jens Stoltenberg said yes.", "He added 500 words on Wednesday."],
    "de": ["Der Minister sagt ja.", "Er sagte am Mittwoch 500 Wörter."],
}
DATES = [
    None,
    PublishedDate("2021"),
    PublishedDate("2021-02"),
    PublishedDate("2021-02-18"),
    PublishedDate("2021-05-01"),
]


@pytest.mark.parametrize(("lang", "written"), list(itertools.product(Lang, SENTENCES)))
@pytest.mark.parametrize("source", [None, "AFP"])
@pytest.mark.parametrize("published", DATES, ids=str)
def test_outside_its_quotations_a_claim_has_only_words_of_its_language(
    lang: Lang, written: str, source: str | None, published: PublishedDate | None
) -> None:
    told, quote = SENTENCES[written]
    article = Article("a", f"{told} {quote}", "Titre", published, source=source, lang=written)
    other = Article(
        "b", f"{told} {quote.replace('500', '700')}", "Titre", PublishedDate("2020"), source=source, lang=written
    )
    told_now = outline([[_evidence(article, "500")], [_evidence(other, "700")]], lang=lang)
    assert told_now.dated
    composed = assemble(told_now, [written.claim for written in compose(told_now, Quoting(), lang=lang, question="?")])
    rest = composed.text
    for quoted in (quote, quote.replace("500", "700"), *([source] if source else [])):
        rest = rest.replace(quoted, " ")
    rest = re.sub(r"«\u00a0[^«»]*\u00a0»|“[^“”]*”", " ", rest)  # what is quoted of the article: who, and what day
    assert _words(rest) - BOTH <= _vocabulary(lang.value, "messages")
    assert not _words(rest) & (_vocabulary(_other(lang).value, "messages") - _vocabulary(lang.value, "messages"))


def _evidence(article: Article, answer: str) -> Evidence:
    start = article.text.index(". ") + 2
    span = Span(start, len(article.text))
    at = article.text.index(answer)
    whole = Passage("a#0", article.article_id, Span(0, len(article.text)), article.text, (span,))
    return Evidence(article, whole, span, 0.9, Span(at, at + len(answer)))


# Refusals, and questions in a third language


@pytest.fixture
def answerer(tmp_path: Path) -> Iterator[Answerer]:
    index = Index.open(tmp_path, HashEncoder())
    text = "La mission de l’OTAN en Irak compte 500 militaires aujourd’hui."
    index.put([article_from_record({"article_id": "otan", "title": "Irak", "text": text, "published": "2021-02"})])
    yield Answerer(index, HashEncoder(), AsFound(), WordReader(), FITTED)
    index.close()


@pytest.mark.parametrize("lang", Lang)
@pytest.mark.parametrize("filters", [Filters(), Filters(sources=("Reuters",))])
def test_a_refusal_is_in_the_language_asked_for(answerer: Answerer, lang: Lang, filters: Filters) -> None:
    refused = answerer.ask(Question("Kuchen Rezept?", lang, filters=filters))
    assert refused.refusal
    assert refused.text in {str(text) for text in messages(lang).refusal.model_dump().values()}
    assert refused.note is None


@pytest.mark.parametrize(
    "text",
    [
        "¿Cuántos militares tiene la misión de la OTAN en Irak?",
        "Wie viele Soldaten hat die Mission der NATO im Irak?",
        "كم عدد جنود بعثة الناتو في العراق؟",
        "Quanti soldati ha la missione della NATO in Irak?",
    ],
)
def test_a_question_in_a_third_language_is_answered_in_the_default_one_with_a_note(
    answerer: Answerer, text: str
) -> None:
    answer = answerer.ask(Question(text))
    assert answer.lang is Lang.FR
    assert answer.note == messages("fr").note.other_language
    assert _json(answer)["note"] == answer.note
    english = answerer.ask(Question(text, Lang.EN))
    assert (english.lang, english.note) == (Lang.EN, None), "the language was asked for"


@pytest.mark.parametrize(
    "text", ["Combien de militaires compte la mission ?", "How many soldiers?", "OTAN", "Irak 2021"]
)
def test_a_question_in_one_of_the_two_or_in_none_has_no_note(answerer: Answerer, text: str) -> None:
    answer = answerer.ask(Question(text))
    assert answer.note is None
    assert "note" not in _json(answer), "the contract's keys only"


def _json(answer: Answer) -> dict[str, object]:
    found: dict[str, object] = json.loads(AskResponse.of(answer).model_dump_json())
    return found
