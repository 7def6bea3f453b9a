"""Misspelt words are mended where the articles hold what was meant; names and figures that they lack are not."""

from collections.abc import Iterable, Mapping

import pytest

from service.dictionary import frequency
from service.spelling import mended


class Words:
    """Articles that hold just these words, each in so many passages."""

    def __init__(self, **held: int) -> None:
        self._held = held

    def passages_with(self, words: Iterable[str]) -> Mapping[str, int]:
        return {word: self._held[word] for word in words if word in self._held}


HELD = Words(
    soldats=9, mission=9, président=5, création=3, activité=4, derrière=1, ville=8, villa=2, soldiers=7, troops=3,
    stoltenberg=5, france=6, irak=9, géorgie=2, pays=4, trouve=3, sujet=2, jango=3, michel=2, pretoira=1, withdrawal=2,
    parliament=2,
)  # fmt: skip


@pytest.mark.parametrize(
    ("put", "meant"),
    [
        ("jai vu quils partent", "j'ai vu qu'ils partent"),
        ("Cest qui le président", "C'est qui le président"),
        ("ya lelectricité dans lecole ?", "ya l'électricité dans l'école ?"),  # with its accents
        ("je peux prendre quelquun dautre", "je peux prendre quelqu'un d'autre"),
        ("combien lItalie envoie, quAngela le sache", "combien l'Italie envoie, qu'Angela le sache"),  # ahead of a name
        ("DAfrique ou dAsie ?", "D'Afrique ou d'Asie ?"),
        ("ou je vais si jy retourne", "ou je vais si j'y retourne"),
        ("on vient demmenager", "on vient d'emménager"),  # « emmenager », and then a letter that should be doubled
    ],
)
def test_an_apostrophe_that_was_left_out_is_put_back(put: str, meant: str) -> None:
    assert mended(put, Words(emménager=1)) == meant


@pytest.mark.parametrize(
    "put",
    [
        "où est la dune du camp",  # a word
        "quand meme, ou est ma mere, ca va",  # words but for their accents
        "mamie prend le bus",  # in the one dictionary, not in the other
        "Que dit Lamine Durand du Dauphin ?",  # names
        "Que dit McAleese du LEurope de DAech ?",  # as they are written
        "qui est latif lhorme",  # held, and a word that is none after « l »
        "Where is lecole of the town?",  # not in French
    ],
)
def test_no_apostrophe_is_put_where_none_was_left_out(put: str) -> None:
    assert "'" not in mended(put, Words(latif=1))


def test_a_word_but_for_its_accents_does_not_become_another_that_the_articles_hold() -> None:
    assert mended("un chien qui traine", Words(traite=4)) == "un chien qui traîne"


@pytest.mark.parametrize(
    ("put", "meant"),
    [
        ("Qui est le présidnet ?", "Qui est le président ?"),  # two letters swapped
        ("Qui est le présiident ?", "Qui est le président ?"),  # one doubled
        ("Combien de solldats ?", "Combien de soldats ?"),
        ("Où est la misssion ?", "Où est la mission ?"),
        ("Où est la mision ?", "Où est la mission ?"),  # one that should be doubled
        ("Qui est le présdent ?", "Qui est le président ?"),  # one left out
        ("Qui est le préxident ?", "Qui est le président ?"),  # one for another
        ("Qui est le prtésident ?", "Qui est le président ?"),  # one too many
        ("quelle est son activite", "quelle est son activité"),  # written without accents
        ("Quelle est la villle ?", "Quelle est la ville ?"),
        ("Quels soldats se touvent en Irak ?", "Quels soldats se touvent en Irak ?"),  # `trouvent` is not held
        ("Quels pyas ?", "Quels pays ?"),  # likelier than « pas », which is shorter by a letter
        ("Cobmien de soldats ?", "Combien de soldats ?"),  # function words are in no index
        ("Conbien de soldats ?", "Combien de soldats ?"),
        ("Depius quand ?", "Depuis quand ?"),
        ("How many soliders are there?", "How many soldiers are there?"),
        ("How many soldeirs are there?", "How many soldiers are there?"),
        ("When did the withdrawl end?", "When did the withdrawal end?"),
        ("What does the parlament say?", "What does the parliament say?"),
        ("Wich troops are there?", "Which troops are there?"),
        ("Wheer are the trooops?", "Where are the troops?"),
        ("Qui est Jens Stoltenbreg ?", "Qui est Jens Stoltenberg ?"),  # a long name, its letters all there
        ("Que fait la Farnce ?", "Que fait la France ?"),  # a well-known one
        ("Que fait la Frrance ?", "Que fait la France ?"),
        ("Qui est jagno ?", "Qui est jango ?"),  # not written as a name
        ("Qui est Mcihel ?", "Qui est Michel ?"),
        ("Les solldats du présidnet", "Les soldats du président"),
    ],
)
def test_a_slip_is_mended(put: str, meant: str) -> None:
    assert mended(put, HELD) == meant


@pytest.mark.parametrize(
    "question",
    [
        "Combien de soldats en Irak ?",
        "Que sait-on de la météo ?",  # a word that the articles lack
        "Que font les onu ?",
        "Que fait la Géorgia ?",  # another name, though a letter away
        "Que fait le Marocain ?",
        "Que sait-on des Comores ?",
        "Qui est Jens Stoltenburg ?",  # another letter: another person
        "Où est Pretoria ?",  # which the articles hold misspelt, once
        "Qui est Jango ?",
        "Soldts a dit quoi ?",  # it may be a name
        "Qui est Janog ?",  # a short name, little known
        "Que fait l’IRKA ?",
        "Combien en 2012 ?",
        "Combien de F16 ?",
        "¿Quién es el presidnte de la misión?",  # neither French nor English
        "",
        "?",
    ],
)
def test_what_the_articles_may_lack_is_left(question: str) -> None:
    assert mended(question, HELD) == question


def test_of_several_that_are_as_near_the_one_that_is_written_most_is_meant() -> None:
    assert frequency("marchent", "fr") > frequency("marchand", "fr") > 0
    assert mended("les marchend", Words(marchent=1, marchand=9)) == "les marchent"
    assert mended("les marchend", Words(marchand=9)) == "les marchand"


@pytest.mark.parametrize(
    ("question", "held"),
    [
        ("qui est meloni ?", "melons"),
        ("qui est giorgia meloni ?", "melons"),
        ("qui dirige engie ?", "envie"),
        ("qui est nadal ?", "naval"),
        ("who is starmer?", "starter"),
        ("qui est laval ?", "aval"),
        ("qui a la coupe davis ?", "avis"),
    ],
)
def test_a_name_in_lower_case_becomes_no_other_word(question: str, held: str) -> None:
    assert mended(question, Words(**{held: 9})) == question


@pytest.mark.parametrize(
    ("put", "meant"),
    [
        ("qui est le présdent ?", "qui est le président ?"),
        ("qui est stoltenbreg ?", "qui est stoltenberg ?"),
        ("où est lecole ?", "où est l'école ?"),
        ("il nest pas là", "il n'est pas là"),  # though « nest » is English
    ],
)
def test_what_is_no_name_or_has_all_its_letters_is_mended(put: str, meant: str) -> None:
    assert mended(put, HELD) == meant


class Recording(Words):
    """Keeps the words that it is asked about."""

    def __init__(self, **held: int) -> None:
        super().__init__(**held)
        self.asked: list[str] = []

    def passages_with(self, words: Iterable[str]) -> Mapping[str, int]:
        words = list(words)
        self.asked += words
        return super().passages_with(words)


@pytest.mark.parametrize("word", ["e" * 1900, "https://" + "a" * 1900, "Combien" + "é" * 60])
def test_a_word_longer_than_any_is_left_alone(word: str) -> None:
    articles = Recording()
    assert mended(f"combien de soldats {word}", articles) == f"combien de soldats {word}"
    assert max(map(len, articles.asked), default=0) < 10


def test_a_word_of_forty_vowels_is_looked_up_and_not_given_every_accent() -> None:
    articles = Recording(**{"é" * 40: 5})
    assert mended("combien de " + "e" * 40, articles) == "combien de " + "e" * 40
    assert len(articles.asked) < 200  # with two accents alone it could be one of 12,640


def test_the_accents_that_were_written_are_kept() -> None:
    assert mended("elles sont préferées", Words(préférées=1)) == "elles sont préférées"
    assert mended("un elève", Words(élève=3)) == "un élève"
    assert mended("il préfere", Words(préféré=9, préfère=1)) == "il préfère"  # which is written more
    assert mended("les reprèsentants", Words(représentants=3)) == "les représentants"  # another letter than it should
