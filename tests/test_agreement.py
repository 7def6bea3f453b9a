"""Whether two sentences of one language say the same: the same terms are not enough."""

import pytest

from index.types import Article, Passage, Span
from service.agreement import same_terms
from service.types import Evidence


def _evidence(quote: str, article_id: str, lang: str) -> Evidence:
    span = Span(0, len(quote))
    article = Article(article_id, quote, "Titre", lang=lang)
    return Evidence(article, Passage(f"{article_id}#0", article_id, span, quote, (span,)), span, 0.9)


def _same(one: str, other: str, lang: str) -> bool:
    a, b = _evidence(one, "a", lang), _evidence(other, "b", lang)
    assert same_terms(a, b) == same_terms(b, a)
    return same_terms(a, b)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Le Sénat a adopté la réforme.", "Le Sénat n’a pas adopté la réforme."),
        ("Personne n’a été blessé à Lyon.", "Une personne a été blessée à Lyon."),
        ("La France a battu l’Italie 2-1 en finale.", "L’Italie a battu la France 2-1 en finale."),
        ("Emmanuel Macron a critiqué Marine Le Pen.", "Marine Le Pen a critiqué Emmanuel Macron."),
        ("Le train va de Paris à Lyon.", "Le train va de Lyon à Paris."),
        ("Le chômage a augmenté de 3 % en mai.", "Le chômage a baissé de 3 % en mai."),
        ("Le chômage a augmenté de 3 % en mars.", "Le chômage a augmenté de 3 % en avril."),
        ("Le salon s’ouvrira lundi à Paris.", "Le salon s’ouvrira mardi à Paris."),
        ("L’accord a été signé à Paris.", "L’accord a été signé à Genève."),
        ("Cinq personnes ont été tuées à Nice.", "Six personnes ont été tuées à Nice."),
        ("L’entreprise doit 3 millions d’euros.", "L’entreprise doit 3 millions de dollars."),
        ("Le ministre a nié avoir vu le rapport.", "Le ministre a confirmé avoir vu le rapport."),
        ("Il y a eu 30 % de voix à Lyon et 20 % à Lille.", "Il y a eu 20 % de voix à Lyon et 30 % à Lille."),
        ("Moins de 100 soldats sont partis.", "Au moins 100 soldats sont partis."),
    ],
)
def test_sentences_that_contradict_each_other_do_not_say_the_same_in_french(one: str, other: str) -> None:
    assert not _same(one, other, "fr")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The court convicted the former mayor.", "The court did not convict the former mayor."),
        ("Iran attacked Israel with drones.", "Israel attacked Iran with drones."),
        ("Iran was attacked by Israel with drones.", "Israel was attacked by Iran with drones."),
        ("France and Italy beat Spain.", "Spain and Italy beat France."),
        ("Five people were killed.", "Six people were killed."),
        ("The Senate passed the bill on Monday.", "The Senate passed the bill on Tuesday."),
        ("The prime minister of Iraq resigned.", "The president of Iraq resigned."),
        ("The minister denied that the money was paid.", "The minister said that the money was paid."),
        ("Prices rose by 3 percent in May.", "Prices fell by 3 percent in May."),
    ],
)
def test_sentences_that_contradict_each_other_do_not_say_the_same_in_english(one: str, other: str) -> None:
    assert not _same(one, other, "en")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cinq personnes ont été tuées à Nice.", "5 personnes ont été tuées à Nice."),
        ("La France et l’Italie ont signé.", "L’Italie et la France ont signé."),
        ("L’Italie, la France et le Canada ont signé.", "La France, le Canada et l’Italie ont signé."),
        ("La France a battu l’Italie 2-1 en finale.", "L’Italie a été battue 2-1 par la France en finale."),
        ("Au moins 100 soldats sont partis.", "Plus de 100 soldats sont partis."),
        ("Le Sénat n’a pas adopté la réforme.", "La réforme n’a pas été adoptée par le Sénat."),
        ("Le Sénat a adopté la réforme.", "Le Sénat a adopté mardi la réforme."),  # says more
        ("Joe Biden a été reçu à l’Élysée.", "Joe Biden a été reçu par Emmanuel Macron à l’Élysée."),  # says more
    ],
)
def test_sentences_that_say_the_same_in_other_words_do_in_french(one: str, other: str) -> None:
    assert _same(one, other, "fr")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Five people were killed.", "5 people were killed."),
        ("Iran attacked Israel with drones.", "Israel was attacked by Iran with drones."),
        ("The ministers of Italy, France and Spain met.", "The ministers of Spain, Italy and France met."),
        ("The plant won’t be closed by the company.", "The company will not close the plant."),
        ("The money was paid, the minister said.", "The minister said that the money was paid."),
    ],
)
def test_sentences_that_say_the_same_in_other_words_do_in_english(one: str, other: str) -> None:
    assert _same(one, other, "en")


def test_in_a_language_that_the_guard_does_not_know_the_figures_are_compared() -> None:
    assert _same("Der Senat hat 4000 Soldaten.", "Der Senat hat jetzt 4.000 Soldaten.", "de")
    assert not _same("Der Senat hat 4000 Soldaten.", "Der Senat hat 500 Soldaten.", "de")
