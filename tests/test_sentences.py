"""The sentence splitter, guarded by `sentence_boundaries.txt`: hard boundaries in both languages, written for this."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sentences import split_sentences
from index.types import Span

BOUNDARY = "‖"
SIGNS = str.maketrans({"~": "\u00a0", "^": "\u202f", "⏎": "\n", "¦": "\u200b"})


@dataclass(frozen=True)
class Case:
    lang: str
    kind: str
    sentences: tuple[str, ...]
    text: str


def read_cases() -> Iterator[Case]:
    lang = kind = ""
    for line in Path(__file__).with_name("sentence_boundaries.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            lang, kind = line.removeprefix("== ").split(": ")
        elif line and not line.startswith("#"):
            marked = line.translate(SIGNS)
            sentences = tuple(sentence.strip() for sentence in marked.split(BOUNDARY))
            yield Case(lang, kind, sentences, marked.replace(BOUNDARY, ""))


CASES = list(read_cases())
GROUPS = list(dict.fromkeys((case.lang, case.kind) for case in CASES))


def split(text: str, lang: str = "fr") -> list[str]:
    return [sentence.of(text) for sentence in split_sentences(text, lang=lang)]


def test_the_set_holds_enough_hard_boundaries_in_both_languages() -> None:
    boundaries = Counter[str]()
    for case in CASES:
        boundaries[case.lang] += len(case.sentences) - 1
    assert boundaries["fr"] >= 100
    assert boundaries["en"] >= 60
    assert boundaries.total() >= 160


@pytest.mark.parametrize(("lang", "kind"), GROUPS, ids=[f"{lang}: {kind}" for lang, kind in GROUPS])
def test_every_boundary_of_the_set_is_found_and_no_other(lang: str, kind: str) -> None:
    wrong = [
        f"{BOUNDARY.join(found)}\n   instead of {BOUNDARY.join(case.sentences)}"
        for case in CASES
        if (case.lang, case.kind) == (lang, kind) and (found := split(case.text, lang)) != list(case.sentences)
    ]
    assert not wrong, "\n".join(wrong)


def test_an_attribution_stays_with_the_last_sentence_of_its_quotation() -> None:
    assert split("« Il est tard. Nous partons », a-t-il dit. Puis il est parti.") == [
        "« Il est tard.",
        "Nous partons », a-t-il dit.",
        "Puis il est parti.",
    ]


def test_spans_are_offsets_of_the_whole_text_and_stay_within_the_region() -> None:
    text = "Hors sujet. Dedans. Encore. Hors sujet."
    region = Span(text.index("Dedans"), text.index(" Hors sujet.", 12))
    assert [sentence.of(text) for sentence in split_sentences(text, region)] == ["Dedans.", "Encore."]


def test_whitespace_alone_has_no_sentences() -> None:
    assert split("") == split(" \u00a0\n\t\u202f ") == []


def test_punctuation_alone_is_one_sentence() -> None:
    assert split("?! … « ") == ["?! … «"]


def test_hard_wrapped_lines_are_one_paragraph_and_list_items_are_not() -> None:
    wrapped = (
        "Les pays membres de l’Alliance ont décidé jeudi de renforcer leur\n"
        "mission de formation en Irak, a annoncé le secrétaire général de\n"
        "l’OTAN. Elle passera de 500 à 4000 personnes.\n"
    )
    assert [" ".join(sentence.split()) for sentence in split(wrapped)] == [
        "Les pays membres de l’Alliance ont décidé jeudi de renforcer leur mission de formation en Irak,"
        " a annoncé le secrétaire général de l’OTAN.",
        "Elle passera de 500 à 4000 personnes.",
    ]
    items = ["le retrait des troupes", "la formation de l’armée irakienne", "le maintien d’une base à Kaboul"]
    assert split("\n".join(items)) == items


def test_every_kind_of_line_break_ends_a_paragraph() -> None:
    breaks = ("\n", "\r\n", "\r", "\u2028", "\u2029", "\x0b", "\x0c", "\x85")
    assert [split(f"Irak{line_break}Kaboul") for line_break in breaks] == [["Irak", "Kaboul"]] * len(breaks)


PIECES = [
    *"  .!?…,;:«»“”\"'‘’()[]-–—•*\n\t\u00a0\u202f\u200b\ufeff►🔴$1a2BÉœ",
    "M. ", "n° ", "J.-C.", "U.S.", "etc.", "[…]", "(...)", "». ", " «", "\r\n", "a-t-il dit", "Le ", "said ", "p.m.",
    "L’OTAN", "d'Irak", "example.com", "3.14", "1er mai",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=80), st.sampled_from(["fr", "en"])
)
def test_sentences_are_trimmed_ordered_and_hold_all_but_whitespace(text: str, lang: str) -> None:
    assert_covers(text, Span(0, len(text)) if text else None, split_sentences(text, lang=lang))


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=40).map("".join), st.data())
def test_the_same_holds_within_any_region(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    region = Span(start, data.draw(st.integers(start + 1, len(text))))
    assert_covers(text, region, split_sentences(text, region))


def assert_covers(text: str, region: Span | None, sentences: list[Span]) -> None:
    assert all(sentence.of(text) == sentence.of(text).strip() for sentence in sentences)
    borders = [border for sentence in sentences for border in (sentence.start, sentence.end)]
    assert borders == sorted(borders)
    assert not sentences or (region and region.start <= borders[0] and borders[-1] <= region.end)
    whole = region.of(text) if region else ""
    assert "".join("".join(sentence.of(text) for sentence in sentences).split()) == "".join(whole.split())


HOSTILE = ["Oui. ", '"', "« ", ".«", "a…« ", "(a. B", "A.B.", "1.", ". »", " […]", "! ", "- ", "a\n", "\n", " ", "mot "]


@pytest.mark.parametrize("piece", HOSTILE)
def test_work_grows_no_faster_than_the_text(piece: str) -> None:
    small, large = (calls(lambda text=f"Le {piece * n}a.": split_sentences(text)) for n in (300, 1200))
    assert large <= 4.5 * small


@pytest.mark.parametrize("text", ["a" * 5_000_000, '"' * 100_000, "«" * 100_000, "." * 100_000, ". «" * 33_000])
def test_enormous_words_and_runs_of_signs_are_one_sentence(text: str) -> None:
    assert split_sentences(text) == [Span(0, len(text))]


def calls(work: Callable[[], object]) -> int:
    """How many functions, built-in ones among them, `work` calls."""
    count = 0

    def tally(_frame: object, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(tally)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
