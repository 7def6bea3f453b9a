"""The message files: the same messages in both languages, every placeholder known and filled."""

import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from prompts.catalogue import messages, prompts_digest
from service.guard.hints import hint
from service.guard.types import Kind, Problem

FOLDER = Path(__file__).parent.parent / "prompts"
FILLED = {
    "note.respelt": {"question"},
    "claim.dated": {"date", "quote"},
    "claim.resolved": {"said", "date"},
    "claim.speaker": {"said", "speaker"},
    "claim.foreign": {"publisher", "date", "lang", "quote"},
    "claim.untranslated": {"publisher", "date", "lang", "quote"},
    "date.year": {"year"},
    "date.month": {"month", "year"},
    "date.day": {"day", "month", "year"},
}


def _texts(lang: str, file: str = "messages") -> Iterator[tuple[str, str]]:
    for section, entries in tomllib.loads((FOLDER / f"{file}.{lang}.toml").read_text(encoding="utf-8")).items():
        for name, text in entries.items():
            if isinstance(text, str):
                yield f"{section}.{name}", text


def _placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_message_has_exactly_the_placeholders_that_are_filled(lang: str) -> None:
    assert {name: _placeholders(text) for name, text in _texts(lang) if _placeholders(text)} == FILLED


def test_both_languages_have_the_same_messages() -> None:
    assert [name for name, _ in _texts("fr")] == [name for name, _ in _texts("en")]


def test_french_puts_a_no_break_space_before_high_punctuation_and_inside_guillemets() -> None:
    for name, text in [*_texts("fr"), *_texts("fr", "hints")]:
        for mark in (":", ";", "!", "?", "»"):
            for before in [text[i - 1] for i, c in enumerate(text) if c == mark]:
                assert before == "\u00a0", f"{name}: {before!r} before {mark}"
        assert "« " not in text


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_problem_can_be_told_to_a_writer(kind: Kind, lang: str) -> None:
    for problem in (Problem(kind, "aaa", "bbb"), Problem(kind, "aaa"), Problem(kind, found="bbb")):
        said = hint(problem, lang)
        assert "{" not in said
        assert ("aaa" in said) <= bool(problem.expected)


@pytest.mark.parametrize(
    ("iso", "french", "english"),
    [
        ("2021", "2021", "2021"),
        ("2021-02", "février 2021", "February 2021"),
        ("2021-02-18", "18 février 2021", "18 February 2021"),
        ("2021-05-01", "1er mai 2021", "1 May 2021"),
        (None, "date inconnue", "undated"),
    ],
)
def test_a_date_is_written_with_the_precision_it_has(iso: str | None, french: str, english: str) -> None:
    assert (messages("fr").date_of(iso), messages("en").date_of(iso)) == (french, english)


def test_the_digest_is_eight_hexadecimal_digits() -> None:
    assert len(prompts_digest()) == 8
    int(prompts_digest(), 16)
