"""Misspelt words are mended where the articles hold what was meant; names and figures that they lack are not."""

from collections.abc import Iterable, Mapping

import pytest

from index.dictionary import frequency
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
    ("question", "held"),
    [
        ("what happened to the rapper stormzy", "stormy"),
        ("que dit le joueur varane", "varans"),
        ("un incendie dans la ville de lunel", "lunes"),
        ("que s’est-il passé à sainte-soline", "solide"),  # « saintesolide » is held nowhere
        ("qui habite à villers-la-ville", "villes"),
    ],
)
def test_what_stands_after_a_person_or_a_place_or_is_part_of_a_compound_keeps_its_letters(
    question: str, held: str
) -> None:
    assert mended(question, Words(**{held: 9})) == question


@pytest.mark.parametrize(
    ("put", "meant"),
    [
        ("que dit le président franaçis", "que dit le président français"),  # two letters swapped
        ("qui est le président amérisain", "qui est le président américain"),  # few names are so long
        ("que chante la chanteuse célebre", "que chante la chanteuse célèbre"),  # accents alone
        ("où le ministre habxte-t-il", "où le ministre habite-t-il"),  # a verb
        ("qui est le porte-parxle", "qui est le porte-parole"),  # the whole is held
        ("le vote anti-imxigrés", "le vote anti-immigrés"),  # a prefix
        ("que pexsent-ils", "que pensent-ils"),
    ],
)
def test_what_can_be_no_name_is_mended_there_too(put: str, meant: str) -> None:
    held = Words(français=3, américain=3, célèbre=3, habite=3, parole=3, porteparole=3, immigrés=3, pensent=3)
    assert mended(put, held) == meant


@pytest.mark.parametrize(
    ("put", "meant"),
    [
        ("whos the mayor", "who's the mayor"),
        ("Didnt he win?", "Didn't he win?"),
        ("whats the plan if they cant agree", "what's the plan if they can't agree"),
        ("why wont they leave", "why won't they leave"),
        ("theyre gone and im not", "they're gone and i'm not"),
    ],
)
def test_an_english_apostrophe_that_was_left_out_is_put_back(put: str, meant: str) -> None:
    assert mended(put, Words(whose=9, didst=9)) == meant


@pytest.mark.parametrize(
    "question",
    [
        "Whose mayor is that?",
        "as is his wont, he was late",
        "he was wont to be late",
        "what is the cant of the thieves",
        "What is the age of Simon Dont?",  # a name
        "What are WHATS and Whats for?",
        "its mayor and the hell of it",
        "Les villes dont il parle sont où ?",  # French
    ],
)
def test_no_english_apostrophe_is_put_where_none_was_left_out(question: str) -> None:
    assert mended(question, Words()) == question


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


def test_a_name_does_not_become_a_form_that_only_shares_the_stem_of_a_held_word() -> None:
    held = Words(calvanai=9, stoltenberg=5)  # as an index that has « Calvanie »: both have the stem « calvan »
    assert mended("Who leads Calvania?", held) == "Who leads Calvania?"
    assert mended("what does calvania send", held) == "what does calvania send"
    assert mended("Who is Stoltenbegr?", held) == "Who is Stoltenberg?"


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
