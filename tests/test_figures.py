"""Which figures of two articles differ, and which are one fact in other units, words or precision."""

import pytest

from index.types import Article, Passage, Span
from service.agreement import tells_another_figure
from service.types import Evidence

SAID = {"fr": "La crue de la Lorve : {} à Sainte-Aure.", "en": "The Lorve flood: {} at Sainte-Aure."}


def _evidence(answer: str, article_id: str, lang: str, said: str | None = None) -> Evidence:
    quote = (said or SAID[lang]).format(answer)
    span, start = Span(0, len(quote)), quote.index(answer)
    article = Article(article_id, quote, "Titre", lang=lang)
    passage = Passage(f"{article_id}#0", article_id, span, quote, (span,))
    return Evidence(article, passage, span, 0.9, Span(start, start + len(answer)))


def _differ(one: str, other: str, langs: str = "fr fr") -> bool:
    mine, yours = langs.split()
    first, second = _evidence(one, "a", mine), _evidence(other, "b", yours)
    assert tells_another_figure(first, second) == tells_another_figure(second, first)
    return tells_another_figure(first, second)


@pytest.mark.parametrize(
    ("one", "other", "langs"),
    [
        ("48 hours", "deux jours", "en fr"),
        ("90 minutes", "une heure et demie", "fr fr"),
        ("1,5 heure", "90 minutes", "fr fr"),
        ("an hour and a half", "90 minutes", "en en"),
        ("une demi-heure", "30 minutes", "fr fr"),
        ("three quarters of an hour", "45 minutes", "en en"),
        ("18 mois", "un an et demi", "fr fr"),
        ("quinze jours", "deux semaines", "fr fr"),
        ("3:30 pm", "15 h 30", "en fr"),
        ("2 km", "2000 mètres", "fr fr"),
        ("800m", "800 metres", "en en"),
        ("800m", "800 million", "en en"),
        ("800 m", "800 mètres", "fr fr"),
        ("5 miles", "8 km", "en en"),  # 8.05
        ("3 tonnes", "3,000 kg", "en en"),
    ],
)
def test_an_amount_is_the_same_in_other_units(one: str, other: str, langs: str) -> None:
    assert not _differ(one, other, langs)


@pytest.mark.parametrize(
    ("one", "other", "langs"),
    [
        ("Half", "50%", "en en"),
        ("la moitié", "50 %", "fr fr"),
        ("trois quarts", "75 %", "fr fr"),
        ("un tiers", "33 %", "fr fr"),
        ("two thirds", "67%", "en en"),
        ("2,33 milliards d’euros", "2,3 milliards d’euros", "fr fr"),
        ("1,2 million d’euros", "1 200 000 euros", "fr fr"),
        ("plus de 200 morts", "203 morts", "fr fr"),
        ("au moins 100 morts", "130 morts", "fr fr"),
        ("moins de 100 blessés", "87 blessés", "fr fr"),
        ("environ 30 %", "28 %", "fr fr"),  # from 25 to 35
        ("une douzaine", "11", "fr fr"),
        ("40 à 50 navires", "45 navires", "fr fr"),
    ],
)
def test_an_amount_is_the_same_in_another_form_or_less_exactly(one: str, other: str, langs: str) -> None:
    assert not _differ(one, other, langs)


@pytest.mark.parametrize(
    ("one", "other", "langs"),
    [
        ("12 mars 2021", "12 mars", "fr fr"),
        ("3 mai 1950", "1950", "fr fr"),
        ("mars 2021", "12 mars 2021", "fr fr"),
        ("March 12, 2021", "12 mars", "en fr"),
    ],
)
def test_a_date_is_no_other_than_one_that_contains_it(one: str, other: str, langs: str) -> None:
    assert not _differ(one, other, langs)


@pytest.mark.parametrize(
    ("one", "other", "langs"),
    [
        ("12 mars", "trois jours", "fr fr"),
        ("$3 million", "3 millions d’euros", "en fr"),
        ("200 people", "50 %", "en fr"),
        ("des dizaines de morts", "12 morts", "fr fr"),
    ],
)
def test_what_is_of_another_kind_is_not_compared(one: str, other: str, langs: str) -> None:
    assert not _differ(one, other, langs)


@pytest.mark.parametrize(
    ("one", "other", "langs"),
    [
        ("12 morts", "19 morts", "fr fr"),
        ("3,1 %", "3,4 %", "fr fr"),
        ("12 mars", "13 mars", "fr fr"),
        ("12 mars", "12 avril", "fr fr"),
        ("March 12", "13 mars", "en fr"),
        ("12 mars 2021", "12 mars 2020", "fr fr"),
        ("3 mai 1950", "1951", "fr fr"),
        ("une centaine", "250", "fr fr"),  # from 50 to 150
        ("plus de 200 morts", "350 morts", "fr fr"),  # one would have said more than 300
        ("au moins 12 morts", "19 morts", "fr fr"),
        ("moins de 100 blessés", "187 blessés", "fr fr"),
        ("environ 30 %", "50 %", "fr fr"),
        ("half", "30%", "en en"),
        ("50 %", "un tiers", "fr fr"),
        ("40 à 50 navires", "60 navires", "fr fr"),
        ("12 morts et 3 blessés", "12 morts et 5 blessés", "fr fr"),
        ("48 heures", "trois jours", "fr fr"),
        ("90 minutes", "deux heures", "fr fr"),
        ("2 km", "3000 mètres", "fr fr"),
        ("800m", "750 metres", "en en"),
        ("5 miles", "10 km", "en en"),
        ("$3 million", "$4 million", "en en"),
        ("2,3 milliards d’euros", "2,1 milliards d’euros", "fr fr"),
        ("2000 soldats", "2500 soldats", "fr fr"),
        ("2,500", "5200 militaires", "en fr"),
    ],
)
def test_figures_that_cannot_both_be_right_differ(one: str, other: str, langs: str) -> None:
    assert _differ(one, other, langs)


def test_what_the_sentence_says_beside_the_answer_counts() -> None:
    more = _evidence("200 morts", "a", "fr", "La crue a fait plus de {}.")
    assert not tells_another_figure(more, _evidence("203 morts", "b", "fr", "La crue a fait {}."))
    hours = _evidence("48", "a", "fr", "La crue a duré {} heures.")
    assert not tells_another_figure(hours, _evidence("deux", "b", "fr", "La crue a duré {} jours."))
    assert tells_another_figure(hours, _evidence("deux", "b", "fr", "La crue a duré {} heures."))
