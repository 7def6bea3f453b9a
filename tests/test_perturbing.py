"""Questions put carelessly, and claims made false: by rules that a reader can follow."""

import pytest

from eval.tasks.altering import KINDS, altered, names
from eval.tasks.perturbing import PERTURBATIONS, careless, misspelt, spoken

ASKED = "Combien de soldats l’Allemagne fournit-elle à l’OTAN depuis l’été 2003 ?"


def test_a_careless_question_has_no_capitals_accents_or_punctuation() -> None:
    assert careless("Où se trouve l’Œuvre d'Émile, à\u00a0Liège ?", "fr") == "ou se trouve l oeuvre d emile a liege"


@pytest.mark.parametrize(("words", "wrong"), [(4, 1), (10, 1), (20, 2), (26, 3)])
def test_one_word_in_ten_is_misspelt_and_at_least_one(words: int, wrong: int) -> None:
    asked = " ".join(["soldats"] * words)
    assert sum(word != "soldats" for word in misspelt(asked, "fr").split()) == wrong


def test_a_question_of_short_words_only_stays_as_it_is() -> None:
    assert misspelt("Qui a bu ?", "fr") == "Qui a bu ?"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Quelle est la capitale de l’Égypte ?", "c'est quoi la capitale de l’Égypte"),
        ("Combien de soldats l’Allemagne fournit-elle ?", "y a combien de soldats l’Allemagne elle fournit"),
        ("Pourquoi n'a-t-il pas signé ?", "pourquoi est-ce qu'il a pas signé"),
        ("Où se trouve Liège ?", "c'est où Liège"),
    ],
)
def test_spoken_questions_have_an_opening_and_spoken_turns(asked: str, said: str) -> None:
    assert spoken(asked, "fr").endswith(said)
    assert spoken(asked, "fr") != said


def test_english_questions_are_spoken_in_english() -> None:
    assert spoken("What is the name of the river?", "en").endswith("what's the name of the river")


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_a_question_is_perturbed_the_same_way_each_time(name: str) -> None:
    assert PERTURBATIONS[name](ASKED, "fr") == PERTURBATIONS[name](ASKED, "fr") != ASKED


def test_a_sentence_is_altered_in_every_way_it_allows() -> None:
    sentence = "Lundi 3 mars 2021, la France a promis 1600 soldats à la Belgique."
    made = altered(sentence, "fr", ["Italie", "États Unis"])
    assert made.keys() == set(KINDS)
    assert made["negation"] == "Lundi 3 mars 2021, la France n'a pas promis 1600 soldats à la Belgique."
    assert made["role"] == "Lundi 3 mars 2021, la Belgique a promis 1600 soldats à la France."
    assert "Italie" in made["name"]
    assert "2021" in made["number"]  # a year is a date
    assert "mars" not in made["date"]
    assert all(text != sentence for text in made.values())


def test_a_denial_is_made_an_assertion() -> None:
    assert altered("Il ne vient pas ce soir.", "fr", [])["negation"] == "Il vient ce soir."
    assert altered("He is not here today.", "en", [])["negation"] == "He is here today."


def test_a_denial_never_comes_between_a_pronoun_and_its_verb() -> None:
    assert "negation" not in altered("Il y a encore des questions.", "fr", [])


def test_nothing_is_altered_where_no_rule_applies() -> None:
    assert altered("Elles rient.", "fr", ["Paris"]) == {}
    assert names("Paris rit de Rome et de Saint Pierre.") == ["Rome", "Saint Pierre"]
