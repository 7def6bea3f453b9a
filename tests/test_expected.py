"""What kind of answer a question asks for, and whether a sentence holds one."""

import pytest

from service.expected import Asked, expected, wanting


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Combien de soldats sont déployés ?", Asked.AMOUNT),
        ("montant du budget de la région", Asked.AMOUNT),
        ("taux de grévistes lundi", Asked.AMOUNT),
        ("death toll of the flood", Asked.AMOUNT),
        ("What stake does the group own?", Asked.AMOUNT),
        ("Quel est le bilan de la crue ?", Asked.AMOUNT),
        ("Quels pays envoient des soldats ?", Asked.NAME),
        ("Which countries send troops?", Asked.NAME),
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
        ("How long is the bridge?", Asked.AMOUNT),
        ("Il y a combien de soldats ?", Asked.AMOUNT),
        ("Quel est le prix du pain ?", Asked.AMOUNT),
        ("How long ago was the treaty signed?", Asked.TIME),
        ("How long has France been in Mali?", Asked.TIME),
        ("Depuis combien de temps la France est-elle au Mali ?", Asked.TIME),
        ("Qui est président du Mali ?", Asked.NAME),
        ("who is president?", Asked.NAME),
        ("Qui est Mark Esper ?", None),
        ("qui est mark esper ?", None),
        ("who is mark esper", None),
        ("Quel est le prix Nobel de la paix 2021 ?", None),
        ("What is the number one song?", None),
        ("Who is Mark Esper?", None),
        ("Que fait le ministre quand il pleut ?", None),
        ("Le traité est-il signé ou rejeté ?", None),
        ("What did the minister say?", None),
        ("What’s the death toll?", Asked.AMOUNT),
        ("what's the population of Mali", Asked.AMOUNT),
        ("Who's the minister of defence?", Asked.NAME),
        ("Who's Mark Esper?", None),
        ("Where're the ships?", Asked.NAME),
        ("When's the summit?", Asked.TIME),
        ("What is at stake?", None),
        ("What is his stake in the bank?", Asked.AMOUNT),
        ("What does ROM stand for?", None),
        ("What did they do it for?", Asked.REASON),
    ],
)
def test_the_kind_is_told_by_question_words_in_both_languages(question: str, asked: Asked | None) -> None:
    assert expected(question).asked == asked


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("When Macron was elected, who was prime minister?", Asked.NAME),
        ("Quand le pont s’est écroulé, qui l’a vu ?", Asked.NAME),
        ("When he left in May, what did he say?", None),
        ("When the bridge fell, when was it noticed?", Asked.TIME),
        ("If he resigns, who follows?", Asked.NAME),
        ("Au Mali, où se trouve la base ?", Asked.NAME),
        ("When was he elected, and who was beaten?", Asked.TIME),
        ("When did the war end, who won?", Asked.TIME),
        ("Quand l’armée a-t-elle fermé la route, et quand a-t-elle été rouverte ?", Asked.TIME),
        ("Quand, où et par qui fut-il battu ?", Asked.TIME),
    ],
)
def test_the_kind_is_that_of_the_main_clause(question: str, asked: Asked | None) -> None:
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


@pytest.mark.parametrize(
    ("question", "sentence", "lacks"),
    [
        ("Combien de personnes ont fui ?", "Quelque 2000 personnes ont fui les combats.", 0),
        ("Combien de personnes ont fui ?", "Quelque 2 000 personnes ont fui les combats.", 0),
        ("Combien de personnes ont fui ?", "Ils ont fui en 2020.", 1),
        ("Combien de soldats y avait-il ?", "Les élections 2021 libres ont eu lieu.", 1),
        ("Combien de soldats y avait-il ?", "On y voyait 2000 soldats.", 0),
        ("Combien de kilomètres ?", "Ils ont fait 2000 km.", 0),
        ("Combien de personnes sont mortes ?", "Une personne est morte.", 0),
        ("Combien de personnes sont mortes ?", "Un homme a été tué.", 0),
        ("Combien de personnes sont mortes ?", "Personne n’est mort.", 0),
        ("Combien de personnes sont mortes ?", "Une ville a été détruite.", 1),
        ("Combien de temps cela a-t-il duré ?", "Cela a duré une heure.", 0),
        ("Combien de fois a-t-il gagné ?", "Il a gagné une fois.", 0),
        ("Combien de fois a-t-il gagné ?", "Une fois arrivé, il a gagné.", 1),
        ("How many people fled?", "Some 2000 Russian soldiers fled.", 0),
        ("How many people fled?", "They fled after the 2020 elections.", 1),
        ("How many people died?", "One person died.", 0),
        ("How many people died?", "No one was killed.", 0),
        ("How many people died?", "A town was destroyed.", 1),
        ("How long did it last?", "It lasted an hour.", 0),
        ("How long did it last?", "It lasted a decade.", 0),
        ("How many times has she won?", "She has won twice.", 0),
        ("How much do tickets cost?", "Tickets are 99p.", 0),
        ("How much do tickets cost?", "Tickets are 100 CHF.", 0),
        ("How much do tickets cost?", "Tickets are Rs 500.", 0),
        ("How much do tickets cost?", "Tickets are on sale to 500 people.", 1),
        ("How much did the strike cost?", "The strike cost 58 million, and electricity 71 million more.", 0),
        ("How much did the strike cost?", "It cost 2.1bn.", 0),
        ("How much did the strike cost?", "It kept 3 million passengers at home.", 1),
        ("Combien coûtera la gratuité ?", "En année pleine, elle coûtera 23 millions.", 0),
        ("Combien coûtera la gratuité ?", "Elle coûtera 2 millions par an.", 0),
        ("Combien coûtera la gratuité ?", "Elle touche 96 millions de voyageurs.", 1),
        ("Combien coûtera la gratuité ?", "Elle touche 2 milliards d’habitants.", 1),
        ("Quand ferme le musée ?", "Le musée ferme à 18h30.", 0),
        ("Quand ferme le musée ?", "Le musée ferme à 18 h.", 0),
        ("Quand ferme le musée ?", "Le musée ferme à midi.", 0),
        ("Quand ferme le musée ?", "Le musée ferme à Noël.", 0),
        ("Quand ferme le musée ?", "Le musée ferme le 3/04.", 0),
        ("Quand ferme le musée ?", "Le musée a fermé il y a dix minutes.", 0),
        ("Quand ferme le musée ?", "Le musée ferme.", 1),
        ("Quand ferme le musée ?", "Le musée compte 1600 tableaux.", 1),
        ("Depuis combien de temps la France est-elle au Mali ?", "Elle y est depuis 2013.", 0),
        ("When does it close?", "It closes at 6pm.", 0),
        ("When does it start?", "It starts at 7.45pm.", 0),
        ("When does it start?", "Kick-off is at 19:45.", 0),
        ("When does it start?", "At noon.", 0),
        ("When was she born?", "She was born in the 1960s.", 0),
        ("How long has France been in Mali?", "It has been there since 2013.", 0),
    ],
)
def test_amounts_and_times_have_many_forms(question: str, sentence: str, lacks: float) -> None:
    expects = expected(question)
    assert expects.asked
    lang = "fr" if question.startswith(("Combien", "Quand", "Depuis")) else "en"
    assert wanting(expects, sentence, lang)[expects.asked.value] == lacks


def test_nothing_is_wanting_where_the_question_does_not_tell_what_it_asks_for() -> None:
    assert set(wanting(expected("Que dit le ministre ?"), "Rien.", "fr").values()) == {0.0}
