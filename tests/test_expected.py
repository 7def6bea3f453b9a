"""What kind of answer a question asks for, and whether a sentence holds one."""

import pytest

from service.expected import Asked, expected, wanting


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Combien de soldats sont déployés ?", Asked.AMOUNT),
        ("Et les Géorgiens, ils sont combien ?", Asked.AMOUNT),
        ("Quel est le montant de l’aide ?", Asked.AMOUNT),
        ("Quel est le salaire du ministre ?", Asked.AMOUNT),
        ("À quelle vitesse vole-t-il ?", Asked.AMOUNT),
        ("How many ships were sent?", Asked.AMOUNT),
        ("What is the minister’s annual salary?", Asked.AMOUNT),
        ("What was the cost of the bridge?", Asked.AMOUNT),
        ("Which country’s size was it compared to?", Asked.NAME),
        ("Quand la mission a-t-elle commencé ?", Asked.TIME),
        ("c'est quand le sommet", Asked.TIME),
        ("En quelle année est-il né ?", Asked.TIME),
        ("What year was the treaty signed?", Asked.TIME),
        ("Pourquoi la réunion a-t-elle été reportée ?", Asked.REASON),
        ("Dans quel but a-t-il été créé ?", Asked.REASON),
        ("Why did the ministers meet?", Asked.REASON),
        ("Qui a signé l’accord ?", Asked.NAME),
        ("Qui est le ministre de la Défense ?", Asked.NAME),
        ("Où se trouve la base ?", Asked.NAME),
        ("ou se trouve la base", Asked.NAME),
        ("Where is the base?", Asked.NAME),
        ("Who signed the agreement?", Asked.NAME),
        ("Comment s’appelle la mission ?", Asked.NAME),
        ("Qui est Mark Esper ?", None),
        ("Who is Mark Esper?", None),
        ("Que fait le ministre quand il pleut ?", None),
        ("Le traité est-il signé ou rejeté ?", None),
        ("What did the minister say?", None),
    ],
)
def test_the_kind_is_told_by_question_words_in_both_languages(question: str, asked: Asked | None) -> None:
    assert expected(question).asked == asked


@pytest.mark.parametrize(
    ("question", "holds", "lacks"),
    [
        ("Combien de soldats ?", "Elle compte neuf cents soldats.", "Elle compte des soldats."),
        ("Combien de soldats en 2020 ?", "Ils étaient 1 600 en 2020.", "Ils étaient là en 2020."),
        ("Of the 500 people, how many are there?", "Il y en a 300.", "La mission compte 500 personnes."),
        ("Quand est-il parti ?", "Il est parti jeudi.", "Il est parti avec sa famille."),
        ("Qui a signé ?", "L’accord a été signé par Jens Stoltenberg.", "Cet accord a été signé."),
        ("Où est Stoltenberg ?", "Stoltenberg était mardi à Bruxelles.", "Stoltenberg était absent."),
        ("Pourquoi ?", "Il renonce à cause de la pluie.", "Il renonce."),
        ("Why did he leave?", "He left because of the rain.", "He left."),
        ("Combien coûtera la mission ?", "Elle coûtera 3 millions d’euros.", "Elle passera de 500 à 4000 personnes."),
        ("Quel est le budget du festival ?", "Il dispose de 200 000 €.", "Il attire 200 000 personnes."),
        ("Quel est le salaire du ministre ?", "Il gagne 9 000 euros.", "Il a 500 à 4000 personnes sous ses ordres."),
        ("What is his brother’s salary?", "He earns 9,000 euros.", "He leads 500 people."),
        ("How much did the bridge cost?", "He spent 3 million dollars.", "He hired 300 workers."),
        ("How much does the state spend on it each year?", "He spends $3 million.", "He has 2500 people there."),
        ("Combien l’État a-t-il dépensé ?", "Il a versé 3 millions de francs.", "Il a envoyé 2500 personnes."),
        ("En quelle année est-il parti ?", "Il est parti en 2019.", "Il est parti jeudi."),
        ("What year did he leave?", "He left two years ago.", "He left on Thursday."),
    ],
)
def test_a_sentence_holds_what_is_asked_or_is_wanting_it(question: str, holds: str, lacks: str) -> None:
    expects = expected(question)
    assert expects.asked
    lang = "en" if holds.startswith("He ") else "fr"
    assert wanting(expects, holds, lang)[expects.asked.value] == 0
    assert wanting(expects, lacks, lang)[expects.asked.value] == 1


def test_nothing_is_wanting_where_the_question_does_not_tell_what_it_asks_for() -> None:
    assert set(wanting(expected("Que dit le ministre ?"), "Rien.", "fr").values()) == {0.0}
