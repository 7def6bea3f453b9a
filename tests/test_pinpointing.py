"""Which words of a sentence are the short answer, where the reader's scores are what the test says."""

import re

import pytest

from index.types import Article, Span
from service.pinpointing import pinpoint
from service.reader import SentenceReading, SpanReading, TokenReading

TROOPS = "L’Allemagne est le second contributeur avec 1600 soldats, suivie par l’Italie (895) et la Géorgie (860)."


def _pinpointed(question: str, sentence: str, *liked: str, lang: str = "fr") -> str | None:
    """Each word is a token. Of the spans `liked` the first scores most, the next less; all others score nothing."""
    article = Article("a", f"Avant. {sentence}", "titre", lang=lang)
    start = len("Avant. ")
    tokens = [Span(start + word.start(), start + word.end()) for word in re.finditer(r"[\w%]+|[^\w\s]", sentence)]
    starts, ends = [0.0] * len(tokens), [0.0] * len(tokens)
    spans = []
    for rank, words in enumerate(liked):
        at = start + sentence.index(words)
        spans.append(Span(at, at + len(words)))
        inside = [n for n, token in enumerate(tokens) if token.overlaps(spans[-1])]
        starts[inside[0]] += 10.0 / (rank + 1)
        ends[inside[-1]] += 10.0 / (rank + 1)
    read = TokenReading(tuple(tokens), tuple(starts), tuple(ends))
    reading = SentenceReading(0.0, 0.5, SpanReading(spans[0], 5.0), read)
    found = pinpoint(question, article, Span(start, start + len(sentence)), reading)
    return found.of(article.text) if found else None


@pytest.mark.parametrize(
    ("question", "amount"),
    [
        ("How many Georgian troops are in Resolute Support?", "860"),
        ("How many soldiers does Italy contribute?", "895"),
        ("How many soldiers does Germany contribute?", "1600 soldats"),
        ("Combien de soldats la Géorgie fournit-elle ?", "860"),
        ("Combien de soldats italiens ?", "895"),
        ("Combien de soldats allemands ?", "1600 soldats"),
        ("Combien de soldats français ?", "1600 soldats"),  # none of theirs is told: what the reader says
        ("Combien de soldats ?", "1600 soldats"),
    ],
)
def test_an_amount_is_that_of_the_name_asked_about(question: str, amount: str) -> None:
    assert _pinpointed(question, TROOPS, "1600 soldats", "895") == amount


@pytest.mark.parametrize(
    ("liked", "shown"),
    [("(860)", "860"), ("(860", "860"), ("860)", "860"), ("Géorgie (860)", "Géorgie (860)"), ("(", None)],
)
def test_brackets_that_hold_all_of_it_or_are_cut_are_left_out(liked: str, shown: str | None) -> None:
    assert _pinpointed("cb de soldats en plus", TROOPS, liked) == shown


@pytest.mark.parametrize(
    ("lang", "sentence", "question", "amount"),
    [
        (
            "fr",
            "Les États-Unis ont 2500 soldats en Irak, le Canada 850.",
            "Combien de soldats canadiens en Irak ?",
            "850",
        ),
        ("fr", "Il y a 2500 Américains, mais 850 Canadiens.", "Combien de Canadiens ?", "850"),
        ("fr", "La France dépense 3,4 % et l’Italie 1,2 %.", "Quelle proportion l’Italie dépense-t-elle ?", "1,2 %"),
        (
            "fr",
            "En 2019 la France avait 30 000 soldats, l’Italie 7 000.",
            "Combien de soldats l’Italie avait-elle ?",
            "7 000",
        ),
        ("en", "France spends 40 million euros, Italy 12 million.", "How much does Italy spend?", "12 million"),
    ],
)
def test_a_figure_belongs_to_the_nearest_name_on_its_side_of_a_mark(
    lang: str, sentence: str, question: str, amount: str
) -> None:
    first = re.findall(r"(?<!En )\b\d[\d ,]*", sentence)[0].strip()
    assert _pinpointed(question, sentence, first, lang=lang) == amount


@pytest.mark.parametrize(
    ("question", "sentence", "liked", "amount"),
    [
        ("How much did Britain spend?", "Britain spent £3.5bn while France spent €2.1bn on it.", "€2.1bn", "£3.5bn"),
        (
            "How much did Britain spend?",
            "Britain spent £3.5bn while France spent €2.1bn on it.",
            "£3.5bn while France spent €2.1bn",
            "£3.5bn",
        ),
        ("How many doses did Germany order?", "France ordered 3.5m doses, Germany 7.5m doses.", "3.5m", "7.5m"),
        ("How far is it from Italy?", "It is 400km from France, 1,300km from Italy.", "400km", "1,300km"),
    ],
)
def test_a_figure_is_never_cut(question: str, sentence: str, liked: str, amount: str) -> None:
    assert _pinpointed(question, sentence, liked, lang="en") == amount


@pytest.mark.parametrize(
    ("question", "liked", "amount"),
    [
        ("Combien de pays fournissent des troupes ?", "9600 militaires de 36", "36"),
        ("How many countries provide troops?", "9600 militaires de 36", "36"),
        ("Combien de militaires ?", "9600 militaires de 36", "9600"),
        ("Combien de pays ?", "36 pays", "36 pays"),
        ("Combien d’avions ?", "9600", "9600"),  # no figure is of them: what the reader says
        ("Quelle est la mission ?", "9600 militaires de 36", "9600 militaires de 36"),
        ("Combien de navires ?", "40 à 50", "40 à 50"),
    ],
)
def test_an_amount_is_that_of_what_is_counted(question: str, liked: str, amount: str) -> None:
    assert _pinpointed(question, "La mission compte 9600 militaires de 36 pays et 40 à 50 navires.", liked) == amount


@pytest.mark.parametrize(
    ("question", "sentence", "liked", "told"),
    [
        ("Que devinrent Sky et BSB ?", "Sky et BSB formèrent BSkyB.", ("Sky et BSB", "BSkyB"), "BSkyB"),
        ("Quelle ville de Victoria ?", "Melbourne domine Victoria.", ("Victoria", "Melbourne"), "Melbourne"),
        ("Qui dirige la mission ?", "La mission, que M. Austin dirige.", ("La mission", "M. Austin"), "M. Austin"),
        ("Que font les soldats ?", "Les soldats se reposent.", ("soldats", "se reposent"), "se reposent"),
        ("Que font les soldats ?", "Les soldats font.", ("soldats",), None),  # nothing else is said
        ("Combien de porte-avions ?", "Elle en a un.", ("un",), "un"),
        ("Est-ce un soldat ou un marin ?", "C’est un marin.", ("marin", "C’est"), "marin"),
        ("La mission est-elle finie ?", "La mission est finie.", ("finie",), "finie"),
    ],
)  # fmt: skip
def test_words_that_repeat_the_question_are_no_answer(
    question: str, sentence: str, liked: tuple[str, ...], told: str | None
) -> None:
    assert _pinpointed(question, sentence, *liked) == told


@pytest.mark.parametrize(
    ("question", "sentence", "liked", "told"),
    [
        ("En quelle année est-elle née ?", "Elle est née en 1969.", "en 1969", "1969"),
        ("Quand est-elle née ?", "Elle est née le 3 mai 1969.", "le 3 mai 1969", "3 mai 1969"),
        ("Quand est-ce arrivé ?", "Cela arriva au Moyen Âge.", "au Moyen Âge", "au Moyen Âge"),
        ("Depuis quand ?", "Elle dure depuis 1969.", "depuis 1969", "depuis 1969"),
        ("Où est-il né ?", "Il est né à Mégalopolis.", "à Mégalopolis", "Mégalopolis"),
        ("Où vit-il ?", "Il vit en ville.", "en ville", "en ville"),
        ("D’où vient-il ?", "Il vient d’Angleterre.", "d’Angleterre", "Angleterre"),
        ("Qui est parti ?", "C’est Du Bosc.", "Du Bosc", "Du Bosc"),
        ("Comment est-il parti ?", "Il est parti en Irak.", "en Irak", "en Irak"),
        ("Where was he born?", "He was born in Rome.", "in Rome", "Rome"),
        ("When was he born?", "He was born in 1969.", "in 1969", "1969"),
        ("Où est la réunion ?", "La réunion est « Bruxelles », jeudi.", "« Bruxelles »,", "Bruxelles"),
    ],
)
def test_it_is_told_as_one_would_reply(question: str, sentence: str, liked: str, told: str) -> None:
    assert _pinpointed(question, sentence, liked) == told


def test_a_sentence_that_was_not_read_has_no_short_answer() -> None:
    article = Article("a", "Un fait.", "titre")
    assert pinpoint("Quoi ?", article, Span(0, 8), SentenceReading(0.0, 0.0, None)) is None


def test_of_a_reader_that_tells_no_more_its_words_are_taken() -> None:
    article = Article("a", TROOPS, "titre")
    reading = SentenceReading(0.0, 0.0, SpanReading(Span(44, 48), 5.0))
    found = pinpoint("How many Georgian troops?", article, Span(0, len(TROOPS)), reading)
    assert found is not None
    assert found.of(TROOPS) == "1600"


@pytest.mark.parametrize(
    ("question", "liked", "shown"),
    [
        ("Qui a tué le général Soleimani ?", "américaine", "une frappe américaine"),
        ("Who killed General Soleimani?", "américaine", "une frappe américaine"),
        ("Qui a tué le général Soleimani ?", "une frappe américaine", "une frappe américaine"),
        ("De quelle nationalité était la frappe ?", "américaine", "américaine"),  # nobody is asked for
        ("Qui a tué le général Soleimani ?", "Bagdad", "Bagdad"),  # no adjective
    ],
)
def test_where_someone_is_asked_for_a_peoples_adjective_is_told_with_its_noun(
    question: str, liked: str, shown: str
) -> None:
    sentence = "Le général iranien Qassem Soleimani est mort dans une frappe américaine à Bagdad."
    assert _pinpointed(question, sentence, liked) == shown


@pytest.mark.parametrize(
    ("question", "sentence", "liked", "shown", "lang"),
    [
        ("Combien de lits ?", "Le service sera ramené de 64 à 38 lits.", "64 à 38 lits", "38 lits", "fr"),
        ("Combien de morts ?", "Le bilan a été ramené de onze à dix morts.", "onze à dix morts", "dix morts", "fr"),
        ("Quel prix ?", "Le ticket passe de 1,60 à 1,80 euro.", "de 1,60 à 1,80 euro", "1,80 euro", "fr"),
        ("How many soldiers?", "It will be raised from 280 to 560 soldiers.", "280 to 560 soldiers", "560 soldiers",
         "en"),
        ("How many were there before?", "It will be raised from 280 to 560.", "280 to 560", "280 to 560", "en"),
        ("Quel âge ?", "Les enfants ont de 5 à 12 ans.", "5 à 12 ans", "5 à 12 ans", "fr"),  # a range
        ("Où ?", "Le siège est passé de Lyon à Paris.", "Lyon à Paris", "Lyon à Paris", "fr"),
        ("Combien ?", "O número passou de 64 à 38.", "64 à 38", "64 à 38", "pt"),  # whose numbers are not known
    ],
)  # fmt: skip
def test_of_an_amount_that_changed_the_present_one_is_told(
    question: str, sentence: str, liked: str, shown: str, lang: str
) -> None:
    assert _pinpointed(question, sentence, liked, lang=lang) == shown


@pytest.mark.parametrize(
    ("sentence", "shown", "lang"),
    [
        ("Il risque de 2 à 5 ans de prison.", "2 à 5 ans de prison", "fr"),
        ("Un montant de 100 à 500 euros sera versé.", "100 à 500 euros", "fr"),
        ("La tempête portera des vents de 100 à 120 km/h.", "100 à 120 km/h", "fr"),
        ("Le tarif augmente pour les jeunes de 18 à 25 ans.", "18 à 25 ans", "fr"),
        ("Les passagers de 12 à 25 ans paient moins.", "12 à 25 ans", "fr"),
        ("L’accord porte sur une durée de 3 à 6 mois.", "3 à 6 mois", "fr"),
        ("Le port accueille de 20 à 30 navires.", "20 à 30 navires", "fr"),
        ("Les prix vont augmenter de 5 à 10 %.", "5 à 10 %", "fr"),  # by so much
        ("Les ventes ont baissé de 5 à 10 %.", "5 à 10 %", "fr"),
        ("Il est tombé de 20 à 30 cm de neige.", "20 à 30 cm", "fr"),
        ("Le chômage a reculé de 2010 à 2015.", "2010 à 2015", "fr"),
        ("Rents rose for people aged from 18 to 65.", "18 to 65", "en"),
        ("The protest went on from 9am to 5pm.", "9am to 5pm", "en"),
        ("Risks range from 5 to 10 percent.", "5 to 10 percent", "en"),
        ("Sales rose from 2010 to 2015.", "2010 to 2015", "en"),
    ],
)
def test_a_range_is_told_as_a_whole(sentence: str, shown: str, lang: str) -> None:
    assert _pinpointed("Combien ?" if lang == "fr" else "How many?", sentence, shown, lang=lang) == shown


@pytest.mark.parametrize(
    ("sentence", "liked", "shown", "lang"),
    [
        ("Le taux est passé de 38 à 64.", "38 à 64", "64", "fr"),
        ("La peine a été ramenée de sept à cinq ans.", "sept à cinq ans", "cinq ans", "fr"),
        ("Le maire a porté l’aide de 100 à 150 euros.", "100 à 150 euros", "150 euros", "fr"),
        ("L’effectif passera en un an de 280 à 560 soldats.", "280 à 560 soldats", "560 soldats", "fr"),
        ("Il a réduit le nombre de postes de 640 à 310.", "640 à 310", "310", "fr"),
        ("Le chômage a augmenté de 3,1 % à 3,4 %.", "3,1 % à 3,4 %", "3,4 %", "fr"),
        ("Les ventes ont baissé de 12 000 à 9 000.", "12 000 à 9 000", "9 000", "fr"),
        ("Unemployment rose from 3.1% to 3.4%.", "3.1% to 3.4%", "3.4%", "en"),
        ("It will raise its contingent in the mission from 280 to 560.", "280 to 560", "560", "en"),
        ("The council increased the number of students from 280 to 560.", "280 to 560", "560", "en"),
        ("The toll fell from 11 to 10.", "11 to 10", "10", "en"),
    ],
)
def test_a_verb_of_change_tells_what_an_amount_is_now(sentence: str, liked: str, shown: str, lang: str) -> None:
    assert _pinpointed("Combien ?" if lang == "fr" else "How many?", sentence, liked, lang=lang) == shown


AMBUSH = "L’embuscade porte la marque du groupe Azad, a expliqué la porte-parole de la mission, Sofia Brandt."


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("Qui est responsable de l’embuscade ?", "Azad"),
        ("Who is behind the ambush?", "Azad"),
        ("Qui a expliqué l’embuscade ?", "Sofia Brandt"),
        ("Qui parle pour la mission ?", "Sofia Brandt"),
        ("Qui est la porte-parole de la mission ?", "Sofia Brandt"),
    ],
)
def test_who_is_quoted_is_no_answer_to_who_did_it(question: str, shown: str) -> None:
    assert _pinpointed(question, AMBUSH, "Sofia Brandt", "Azad") == shown


def test_where_only_who_is_quoted_is_named_nobody_is_shown() -> None:
    sentence = "Elle a fait quatre morts, a expliqué la porte-parole, Sofia Brandt."
    assert _pinpointed("Qui est responsable de l’embuscade ?", sentence, "Sofia Brandt") != "Sofia Brandt"


@pytest.mark.parametrize(
    ("question", "sentence", "shown", "lang"),
    [
        (
            "Où aura lieu la rencontre ?",
            "La rencontre, a indiqué l’Élysée, aura lieu à Versailles.",
            "Versailles",
            "fr",
        ),
        ("Qui aura le chantier ?", "Le chantier, a précisé le maire, sera confié à Bouygues.", "Bouygues", "fr"),
        ("Qui a gagné ?", "Le marché, a annoncé la région, revient à Eiffage.", "Eiffage", "fr"),
        ("Où sera-t-il jugé ?", "Le procès, a dit M. Roy, du tribunal de Lyon, s’ouvrira à Nice.", "Nice", "fr"),
        ("Qui construit le pont ?", "Le maire, hier, a annoncé que Bouygues le construirait.", "Bouygues", "fr"),
        ("Who gets the contract?", "The contract, announced the region, goes to Vinci.", "Vinci", "en"),
        ("Where will the meeting be?", "The meeting, said the palace, will be held in Rome.", "Rome", "en"),
        ("Who gets the work?", "The work, announced in May, goes to Vinci.", "Vinci", "en"),  # nobody speaks
        ("Who buys Cordane?", "The takeover, announced Monday, was a deal with Halberg.", "Halberg", "en"),
    ],
)
def test_what_follows_an_inserted_attribution_is_no_part_of_it(
    question: str, sentence: str, shown: str, lang: str
) -> None:
    assert _pinpointed(question, sentence, shown, lang=lang) == shown


@pytest.mark.parametrize(
    ("sentence", "lang"),
    [
        ("Bouygues aura le chantier, a précisé le maire, Paul Varin.", "fr"),
        ("Bouygues aura le chantier, a confirmé Paul Varin, président de la région.", "fr"),
        ("Bouygues aura le chantier, a rappelé l’adjoint, qui remplace Paul Varin.", "fr"),
        ("Bouygues aura le chantier, a expliqué l’adjoint, interrogé par Paul Varin.", "fr"),
        ("Le chantier, a précisé Paul Varin, sera confié à Bouygues.", "fr"),
        ("Bouygues gets the site, announced the mayor, Paul Varin.", "en"),
        ("Bouygues gets the site, said Paul Varin, who leads the region.", "en"),
        ("The site, said Paul Varin, goes to Bouygues.", "en"),
    ],
)
def test_who_is_quoted_is_told_to_the_end_of_the_attribution(sentence: str, lang: str) -> None:
    question = "Qui aura le chantier ?" if lang == "fr" else "Who gets the site?"
    assert _pinpointed(question, sentence, "Paul Varin", "Bouygues", lang=lang) == "Bouygues"
