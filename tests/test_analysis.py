"""The terms of the lexical index: what must meet in one term, and what must stay apart."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import analyse, query_terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("l’OTAN", ["otan"]),
        ("l'OTAN", ["otan"]),
        ("L’Alliance d'Irak qu’Emmanuel", ["allianc", "irak", "emmanuel"]),
        ("jusqu’à lorsqu'Austin puisqu’Esper quoiqu'Obama", ["austin", "esper", "obam"]),
        ("aujourd’hui", ["aujourdhui"]),
        ("aujourd'hui", ["aujourdhui"]),
        ("Y a-t-il, dit-elle, des talibans ?", ["dit", "taliban"]),
        ("les États-Unis", ["etat", "unis", "etatsun"]),
        ("« cœur »", ["coeur"]),
        ("ex æquo", ["ex", "aequo"]),
        ("le thé du président", ["the", "president"]),
        ("", []),
        (" …—« » \n", []),
        ("de la", []),
    ],
)
def test_french_text_is_cut_at_elisions_and_hyphens_and_folded(text: str, terms: list[str]) -> None:
    assert analyse(text, "fr") == terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Trump’s allies' troops", ["trump", "alli", "troop"]),
        ("They don't, and we’re not", []),
        ("O’Brien of the U.S.-led coalition", ["obrien", "us", "led", "coalit"]),
        ("the WHO says who it is", ["who", "say"]),
        ("WHO IS WHO", []),
    ],
)
def test_english_text_loses_its_possessives_and_keeps_its_acronyms(text: str, terms: list[str]) -> None:
    assert analyse(text, "en") == terms


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("130 000", ["130000"]),
        ("130\u00a0000", ["130000"]),
        ("130\u202f000", ["130000"]),
        ("130\u2009000", ["130000"]),
        ("130,000", ["130000"]),
        ("130.000", ["130000"]),
        ("130'000", ["130000"]),
        ("1 234 567", ["1234567"]),
        ("1,234,567.89", ["1234567.89"]),
        ("1.234.567,89", ["1234567.89"]),
        ("1 234,5", ["1234.5"]),
        ("9,6", ["9.6"]),
        ("9.6", ["9.6"]),
        ("0,125", ["0.125"]),
        ("9,6 %", ["9.6"]),
        ("25%", ["25"]),
        ("4000.", ["4000"]),
        ("(860).", ["860"]),
        ("$5,200", ["5200"]),
        ("12.03.2021", ["12", "03", "2021"]),
        ("2020 5200", ["2020", "5200"]),
        ("2020 500", ["2020", "500"]),
        ("36, 500", ["36", "500"]),
        ("1er", ["1"]),
        ("21st", ["21"]),
        ("F16 G7", ["f16", "g7"]),
        ("20h30", ["20h30"]),
        ("2020-2021", ["2020", "2021"]),
    ],
)
def test_a_number_has_one_spelling(text: str, terms: list[str], lang: str) -> None:
    assert analyse(text, lang) == terms


def test_a_year_never_swallows_the_figure_after_it() -> None:
    assert analyse("en 2020 5200 militaires, en 2021 2500", "fr") == ["2020", "5200", "militair", "2021", "2500"]


@pytest.mark.parametrize("acronym", ["O.N.U.", "O.N.U", "ONU", "Onu", "onu"])
def test_an_acronym_has_one_spelling(acronym: str) -> None:
    assert analyse(f"L’{acronym} a voté.", "fr") == ["onu", "vot"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("négociations", "négocier"),
        ("militaires", "MILITAIRE"),
        ("Américaine", "américains"),
        ("e\u0301largie", "élargir"),
        ("week-end", "weekend"),
        ("Al-Qaïda", "AlQaïda"),
    ],
)
def test_forms_of_a_french_word_share_a_term(one: str, other: str) -> None:
    assert set(analyse(one, "fr")) & set(analyse(other, "fr"))


def test_names_and_numbers_of_a_question_meet_articles_of_the_other_language() -> None:
    terms = query_terms("How many of the 10,000 NATO troops were in Afghanistan?", ["en", "fr"])
    article = analyse("Plus de 10 000 militaires étaient en Afghanistan", "fr")
    assert {"10000", "afghanistan"} <= {term for word in terms for term in word} & set(article)


def test_function_words_of_the_question_are_not_looked_for_in_the_other_language() -> None:
    assert query_terms("Combien de soldats de l’OTAN sont en Irak ?", ["en", "fr"]) == [
        ("soldat",),
        ("otan",),
        ("irak",),
    ]


def test_a_question_of_function_words_only_has_no_terms() -> None:
    assert query_terms("Qui est-ce ?", ["fr"]) == []
    assert query_terms("", ["fr"]) == []
    assert query_terms("l'OTAN", []) == []


@given(st.text(), st.sampled_from(["fr", "en", "de"]))
def test_every_term_is_one_token_of_letters_digits_and_points(text: str, lang: str) -> None:
    for term in analyse(text, lang):
        assert term
        assert not any(char.isspace() or char in "\"'-_\0" for char in term)
        assert term.isascii() is False or term.replace(".", "").isalnum()


def test_threads_analyse_alike() -> None:
    text = "Les négociations de l’OTAN avec les talibans reprennent à Bruxelles. " * 20
    expected = analyse(text, "fr")
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(analyse(text, "fr"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8
