"""In which language a question is put, alone and in a conversation."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from answering_fakes import FITTED, AsFound, WordReader
from fakes import HashEncoder

from index.index import Index
from index.parsing import article_from_record
from prompts.catalogue import messages
from service.answering import Answerer
from service.asking import language_of
from service.chat import question_of
from service.chat_schemas import ChatRequest
from service.types import Lang, Question, Turn

ENGLISH = "How many soldiers does Germany have in Iraq?"
FRENCH = "Combien de soldats l’Allemagne a-t-elle en Irak ?"
SPANISH = "¿Cuántos soldados tiene Alemania en Irak?"


@pytest.mark.parametrize(
    "name",
    [
        "Berlin?",
        "Macron?",
        "Lyon?",
        "ukraine",
        "Tesla?",
        "Zelensky?",
        "New York?",
        "Jens Stoltenberg?",
        "2019?",
        "paris?",
    ],
)
def test_a_name_alone_is_in_the_language_of_the_latest_question_that_tells(name: str) -> None:
    assert language_of(name, [ENGLISH]) == "en"
    assert language_of(name, [FRENCH]) == "fr"
    assert language_of(name, [FRENCH, ENGLISH, "Lyon?"]) == "en"
    assert language_of(name, [ENGLISH, FRENCH, "Lyon ?"]) == "fr"


@pytest.mark.parametrize("name", ["Berlin?", "Macron?", "Lyon?", "2019?", "Los Angeles?"])
def test_a_name_alone_is_french_where_nothing_was_asked_before(name: str) -> None:
    assert language_of(name) == "fr"
    assert language_of(name, ["Lyon?"]) == "fr"


@pytest.mark.parametrize(
    ("question", "lang"),
    [
        ("Et Berlin ?", "fr"),
        ("And Berlin?", "en"),
        ("Suède ?", "fr"),  # as only French writes it
        ("Sweden?", "en"),
        ("Soldats ?", "fr"),
        ("Victims?", "en"),
        ("Soldats allemands ?", "fr"),
        ("Pourquoi ?", "fr"),
        ("Why?", "en"),
        ("Merci", "fr"),
        ("¿Berlín?", "fr"),  # a third language is answered in French
    ],
)
@pytest.mark.parametrize("before", [[ENGLISH], [FRENCH], []])
def test_a_question_that_tells_its_language_is_in_it(question: str, lang: str, before: list[str]) -> None:
    assert language_of(question, before) == lang


@pytest.fixture
def answerer(tmp_path: Path) -> Iterator[Answerer]:
    index = Index.open(tmp_path, HashEncoder())
    index.put([article_from_record({"article_id": "a", "text": "La mission compte 500 militaires à Berlin."})])
    yield Answerer(index, HashEncoder(), AsFound(), WordReader(), FITTED)
    index.close()


def test_the_answer_is_in_the_language_of_the_conversation(answerer: Answerer) -> None:
    history = (Turn(ENGLISH, "…"),)
    assert answerer.ask(Question("Berlin?", history=history)).lang is Lang.EN
    assert answerer.ask(Question("Berlin?", Lang.FR, history=history)).lang is Lang.FR
    assert answerer.ask(Question("Berlin?")).lang is Lang.FR


def test_so_it_is_in_a_chat(answerer: Answerer) -> None:
    said = [("user", ENGLISH), ("assistant", "…"), ("user", "Berlin?")]
    request = ChatRequest.model_validate(
        {"model": "sourcier", "messages": [{"role": r, "content": c} for r, c in said]}
    )
    assert answerer.ask(question_of(request)).lang is Lang.EN


def test_only_the_question_itself_is_noted_to_be_in_a_third_language(answerer: Answerer) -> None:
    after = answerer.ask(Question("Berlin?", history=(Turn(SPANISH, "…"),)))
    assert (after.lang, after.note) == (Lang.FR, None)
    asked = answerer.ask(Question(SPANISH, history=(Turn(ENGLISH, "…"),)))
    assert (asked.lang, asked.note) == (Lang.FR, messages("fr").note.other_language)
