"""Follow-up questions stand alone before anything is searched, in both languages."""

import pytest

from service.followups import standalone
from service.types import Turn

GERMANS = "Combien de soldats l’Allemagne fournit-elle à l’OTAN ?"
NATO_FR = "Combien de soldats l’OTAN a-t-elle en Irak en 2020 ?"
NATO_EN = "How many soldiers does NATO have in Iraq?"


@pytest.mark.parametrize(
    ("before", "question", "wanted"),
    [
        (GERMANS, "Et l’Italie ?", "Combien de soldats l’Italie fournit-elle à l’OTAN ?"),
        (GERMANS, "Qu’en est-il de la Géorgie ?", "Combien de soldats la Géorgie fournit-elle à l’OTAN ?"),
        (GERMANS, "Mais l’Espagne ?", "Combien de soldats l’Espagne fournit-elle à l’OTAN ?"),
        (GERMANS, "Et pour l’Espagne ?", "Combien de soldats l’Espagne fournit-elle à l’OTAN ?"),
        (GERMANS, "La Géorgie ?", "Combien de soldats La Géorgie fournit-elle à l’OTAN ?"),
        (GERMANS, "Même question pour la Géorgie.", "Combien de soldats la Géorgie fournit-elle à l’OTAN ?"),
        (GERMANS, "Merci. Et l'Italie ?", "Combien de soldats l'Italie fournit-elle à l’OTAN ?"),
        (GERMANS, "et l'italie ?", "Combien de soldats l'italie fournit-elle à l’OTAN ?"),
        (GERMANS, "Et la Turquie alors ?", "Combien de soldats la Turquie fournit-elle à l’OTAN ?"),
        ("How many soldiers does Germany contribute?", "And Italy?", "How many soldiers does Italy contribute?"),
        ("How many soldiers does Germany contribute?", "and italy?", "How many soldiers does italy contribute?"),
        (
            "How many soldiers does Germany contribute?",
            "What about Georgia?",
            "How many soldiers does Georgia contribute?",
        ),
        ("How many soldiers does Germany contribute?", "How about Spain?", "How many soldiers does Spain contribute?"),
        (
            "How many soldiers does Germany contribute?",
            "Same question for Spain.",
            "How many soldiers does Spain contribute?",
        ),
        ("How many troops do the Americans have?", "And the Germans?", "How many troops do the Germans have?"),
        ("How many troops do the Americans have?", "And Germany?", "How many troops do Germany have?"),
        (
            "Combien de soldats les Américains ont-ils ?",
            "Et les Allemands ?",
            "Combien de soldats les Allemands ont-ils ?",
        ),
        ("Combien de militaires en Irak en 2020 ?", "Et en 2021 ?", "Combien de militaires en Irak en 2021 ?"),
        ("How many troops were there in 2020?", "And in 2021?", "How many troops were there in 2021?"),
        ("What did Jens Stoltenberg say?", "And Lloyd Austin?", "What did Lloyd Austin say?"),
        ("Que pense l’Iran ?", "Et Joe Biden ?", "Que pense Joe Biden ?"),
        ("Que fait l’OTAN en Irak ?", "Et l’ONU ?", "Que fait l’ONU en Irak ?"),
        ("Que fait l’OTAN en Irak ?", "Et l’U.E. ?", "Que fait l’U.E. en Irak ?"),
        ("Que fait l’OTAN en Irak ?", "Et M. Macron ?", "Que fait M. Macron en Irak ?"),
        ("Que fait l’OTAN en Irak ?", "et les allemands ?", "Que fait les allemands en Irak ?"),
        (NATO_EN, "And the U.K.?", "How many soldiers does the U.K. have in Iraq?"),
        (NATO_EN, "And St. Lucia?", "How many soldiers does St. Lucia have in Iraq?"),
        (NATO_EN, "and the germans?", "How many soldiers does the germans have in Iraq?"),
        ("On Monday what did Jens Stoltenberg say?", "And Lloyd Austin?", "On Monday what did Lloyd Austin say?"),
        ("Who is the CEO of Tesla?", "And Ford?", "Who is the CEO of Ford?"),
        ("Who is the CEO of Tesla?", "And IBM?", "Who is the CEO of IBM?"),
        ("Who is Apple's CEO?", "What about Microsoft?", "Who is Microsoft's CEO?"),
        ("What is France’s GDP?", "And Germany?", "What is Germany’s GDP?"),
        ("What is France’s GDP?", "And Germany’s?", "What is Germany’s GDP?"),
        ("Quel est le PIB du Mali ?", "Et la France ?", "Quel est le PIB de la France ?"),
        ("Quel est le PIB de la France ?", "Et du Mali ?", "Quel est le PIB du Mali ?"),
        ("Quel est le PIB de la France ?", "Et des États-Unis ?", "Quel est le PIB des États-Unis ?"),
        ("Quel est le PIB de la France ?", "Et le Mali ?", "Quel est le PIB du Mali ?"),
        ("Qui est le PDG de Renault ?", "Et Airbus ?", "Qui est le PDG d'Airbus ?"),
        ("Où est le QG de l’OTAN ?", "Et l’ONU ?", "Où est le QG de l’ONU ?"),
        ("Que pense Macron de Trump ?", "Et Biden ?", "Que pense Biden de Trump ?"),
        ("Que sait-on de la Banque de France ?", "Et la BCE ?", "Que sait-on de la BCE ?"),
        ("Où Macron est-il né ?", "Et Hollande ?", "Où Hollande est-il né ?"),
        ("Combien de soldats américains sont au Mali ?", "Et français ?", "Combien de soldats français sont au Mali ?"),
        ("How many American soldiers are in Iraq?", "And the Germans?", "How many German soldiers are in Iraq?"),
        ("How many French hostages are held?", "And British ones?", "How many British hostages are held?"),
        ("Que dit le ministre allemand ?", "Et le ministre italien ?", "Que dit le ministre italien ?"),
        ("Qu’a dit Macron sur l’Ukraine ?", "Et à propos de Gaza ?", "Qu’a dit Macron à propos de Gaza ?"),
        ("What did Macron say about Ukraine?", "What about Lebanon?", "What did Macron say about Lebanon?"),
        ("What did the 2008 crisis cost in 2010?", "And in 2012?", "What did the 2008 crisis cost in 2012?"),
        ("combien de soldats l'allemagne fournit-elle", "et l'italie", "combien de soldats l'italie fournit-elle"),
    ],
)
def test_a_name_or_a_year_takes_the_place_of_its_like(before: str, question: str, wanted: str) -> None:
    assert standalone(question, [Turn(before, "…")]) == wanted


@pytest.mark.parametrize(
    ("before", "question", "wanted"),
    [
        (NATO_FR, "Et en Afghanistan ?", "Combien de soldats l’OTAN a-t-elle en Afghanistan en 2020 ?"),
        (NATO_FR, "Et l’Italie ?", "Combien de soldats l’Italie a-t-elle en Irak en 2020 ?"),
        (NATO_EN, "And in Afghanistan?", "How many soldiers does NATO have in Afghanistan?"),
        (NATO_EN, "And Italy?", "How many soldiers does Italy have in Iraq?"),
        ("Que s’est-il passé à Bagdad ?", "Et à Kaboul ?", "Que s’est-il passé à Kaboul ?"),
        ("Combien de militaires en Irak ?", "Et l’Afghanistan ?", "Combien de militaires en Afghanistan ?"),
    ],
)
def test_a_place_takes_the_place_of_a_place(before: str, question: str, wanted: str) -> None:
    assert standalone(question, [Turn(before, "…")]) == wanted


@pytest.mark.parametrize(
    ("before", "question", "wanted"),
    [
        ("Qui est le maire de Montbrac ?", "Et celui de Port-Brivet ?", "Qui est le maire de Port-Brivet ?"),
        ("Who is the mayor of Montbrac?", "And that of Port-Brivet?", "Who is the mayor of Port-Brivet?"),
        (
            "Quel est le budget de la région Valmarche ?",
            "Et celui de la ville de Brenne ?",
            "Quel est le budget de la ville de Brenne ?",
        ),
        (
            "Combien de pompiers de Lyon sont venus ?",
            "Et ceux de Rouen ?",
            "Combien de pompiers de Rouen sont venus ?",
        ),
        ("Qui commande la base d’Erbil ?", "Et celle de Bagdad ?", "Qui commande la base de Bagdad ?"),
    ],
)
def test_the_one_of_another_takes_the_place_of_whose_it_was(before: str, question: str, wanted: str) -> None:
    assert standalone(question, [Turn(before, "…")]) == wanted


@pytest.mark.parametrize(
    ("before", "question", "wanted"),
    [
        (
            "Combien de pompiers sur l’incendie de Lyon ?",
            "Et à Rouen ?",
            "Combien de pompiers sur l’incendie de Rouen ?",
        ),
        ("How many people fought the Lyon fire?", "And in Rouen?", "How many people fought the Rouen fire?"),
        ("Que s’est-il passé à la gare de Lyon ?", "Et à Rennes ?", "Que s’est-il passé à la gare de Rennes ?"),
    ],
)
def test_a_place_takes_the_place_of_what_something_is_of(before: str, question: str, wanted: str) -> None:
    assert standalone(question, [Turn(before, "…")]) == wanted


@pytest.mark.parametrize(
    ("before", "question", "wanted"),
    [
        ("Combien de grévistes lundi ?", "Et mardi ?", "Combien de grévistes mardi ?"),
        ("Combien de grévistes le 10 décembre ?", "Et le 12 décembre ?", "Combien de grévistes le 12 décembre ?"),
        ("How many jobs were lost in May?", "And in June?", "How many jobs were lost in June?"),
        ("Combien de morts en janvier 2021 ?", "Et en mars 2022 ?", "Combien de morts en mars 2022 ?"),
        ("Combien de morts en janvier 2021 ?", "Et en mars ?", "Combien de morts en mars 2021 ?"),
        ("Que s’est-il passé le 12 mars 2021 ?", "Et le 13 mars ?", "Que s’est-il passé le 13 mars 2021 ?"),
        ("What happened on Sunday, May 7?", "And on Monday?", "What happened on Monday?"),
        ("What were sales in the first quarter?", "And in the second?", "What were sales in the second quarter?"),
        ("When do schools close in Zone A?", "and zone C", "When do schools close in zone C?"),
        ("Quel score au premier tour ?", "Et au second tour ?", "Quel score au second tour ?"),
        (
            "What was the turnout in the first round?",
            "And in the second round?",
            "What was the turnout in the second round?",
        ),
    ],
)
def test_a_day_or_a_round_takes_the_place_of_its_like(before: str, question: str, wanted: str) -> None:
    assert standalone(question, [Turn(before, "…")]) == wanted


@pytest.mark.parametrize(
    ("before", "question", "wanted"),
    [
        ("Que propose Macron sur le logement ?", "Et sur l’immigration ?", "Que propose Macron sur l’immigration ?"),
        ("What does the law change for landlords?", "And for tenants?", "What does the law change for tenants?"),
        ("What does the WHO say about mpox?", "What about bird flu?", "What does the WHO say about bird flu?"),
        ("Qui est le président du Sénat ?", "Et du Conseil d’État ?", "Qui est le président du Conseil d’État ?"),
    ],
)
def test_what_follows_a_preposition_takes_the_place_of_what_followed_it(
    before: str, question: str, wanted: str
) -> None:
    assert standalone(question, [Turn(before, "…")]) == wanted


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("How many soldiers may leave?", "And in June?"),
        ("Quelle est la loi Duplomb ?", "Qui a voté cette loi ?"),
        ("Quelle est la loi Duplomb ?", "Combien coûte ce projet ?"),
        ("Que pense Macron de la loi Duplomb ?", "Et qu’en pense Ciotti ?"),
        ("What is the Duplomb law?", "What does Macron think of this law?"),
        ("Who is Jens Stoltenberg?", "Who took his place?"),
        ("Who is Jens Stoltenberg?", "What is the name of his wife?"),
        ("Who is Jens Stoltenberg?", "Who is his wife?"),
        ("Who is Jens Stoltenberg?", "Which party did he join?"),
        ("Qui est Jens Stoltenberg ?", "Quel parti a-t-il rejoint ?"),
        ("Where is Mosul?", "How many people live there?"),
        ("Où est Mossoul ?", "Combien de soldats y sont morts ?"),
        ("What is Iraq’s largest city?", "What is the size of its army?"),
        ("Who runs Tesla?", "How many people does the company employ?"),
        ("Combien coûte le projet ?", "Est-ce que le ministre a dit quand elle commencera ?"),
        ("Who bought the bank?", "And who sold it?"),
        ("Combien de soldats de l’OTAN sont partis ?", "Et en Irak ?"),
        ("Que dit le discours d’Angela Merkel ?", "Et à Paris ?"),
        ("Combien de morts le 3 janvier ?", "Et en mars ?"),
        ("Qui dirige l’OTAN ?", "Et depuis quand ?"),
        ("Qui dirige l’OTAN ?", "Depuis quand ?"),
        ("Qui dirige l’OTAN ?", "Et en Irak ?"),
        ("Qui est Lloyd Austin ?", "Et avant lui ?"),
        ("Qui est Jens Stoltenberg ?", "Qu’a-t-il dit de l’Irak ?"),
        ("Who is Jens Stoltenberg?", "What did he say about Iraq?"),
        ("When was the mission in Iraq created?", "How many people does it have?"),
        ("When was the mission in Iraq created?", "By whom?"),
        ("Quand la mission en Irak a-t-elle été créée ?", "Combien de militaires compte-t-elle ?"),
        ("Quand la mission en Irak a-t-elle été créée ?", "Par qui ?"),
        ("How many American soldiers are in Iraq?", "And how many Germans?"),
        (NATO_FR, "Pourquoi ?"),
        (NATO_EN, "Why?"),
        (NATO_FR, "Combien de temps ?"),
        (NATO_FR, "Qui l’a dit ?"),
        (NATO_EN, "Who said so?"),
        (NATO_FR, "Et l’Union européenne ?"),
        (NATO_FR, "Et l’Italie en 2021 ?"),
        (NATO_FR, "Et aujourd’hui ?"),
        (NATO_FR, "Et mardi ?"),
        (NATO_FR, "Et après ?"),
        (NATO_FR, "Et les femmes ?"),
        (NATO_FR, "Es-tu sûr ?"),
        (NATO_FR, "Source ?"),
        (NATO_FR, "Combien y en a-t-il au Tchad ?"),
        (NATO_EN, "And U.S. troops?"),
        (NATO_EN, "And on Monday?"),
        (NATO_EN, "And in January?"),
        (NATO_EN, "Tell me more"),
        (NATO_EN, "How many are there in Chad?"),
        (NATO_EN, "Are there any in Chad?"),
        (NATO_FR, "Et eux ?"),
        (NATO_EN, "And them?"),
        (NATO_FR, "Quand ses troupes quitteront-elles l’Irak ?"),
    ],
)
def test_any_other_follow_up_is_read_with_the_question_before(before: str, question: str) -> None:
    assert standalone(question, [Turn(before, "…")]) == f"{before} {question}"


@pytest.mark.parametrize(
    "question",
    [
        "Qui est Lloyd Austin ?",
        "Pourquoi le Parlement irakien a-t-il demandé le départ des troupes ?",
        "Que s’est-il passé à Bagdad ?",
        "Combien y a-t-il de soldats en Afghanistan ?",
        "How many soldiers are there in Afghanistan?",
        "What is the role of the European Union in Iraq?",
        "Quel est le rôle de l’OTAN ?",
        "Le chômage a-t-il baissé ?",
        "Les prix vont-ils augmenter en 2024 ?",
        "Quand Macron a-t-il annoncé sa candidature ?",
        "quand macron a-t-il annoncé sa candidature",
        "Où Poutine a-t-il rencontré Xi ?",
        "Combien Renault a-t-il vendu de voitures ?",
        "Macron a-t-il perdu sa majorité ?",
        "Did Biden sign his budget?",
        "How many people lost their homes in the floods?",
        "Which company recalled its cars?",
        "Quelle équipe a remporté son match hier ?",
        "Which minister resigned because of her tax affairs?",
        "Is there a vaccine against malaria?",
        "What is this year’s budget deficit?",
        "Que s’est-il passé cette semaine ?",
        "Il y a combien d’habitants à Marseille ?",
        "Il faut payer combien à Paris ?",
        "Faut-il un visa pour le Mali ?",
        "Is it legal to film the police?",
        "So, who won the election in Brazil?",
        "Et au fait, combien coûte un passeport ?",
        "date grève transports Normandie",
        "Qu’est-ce qu’une éclipse ?",
        "Combien coûte cette mission en Irak ?",
        "Merci !",
        "Thanks a lot!",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(question: str) -> None:
    assert standalone(question, [Turn("Combien de soldats l’Allemagne fournit-elle ?", "1600")]) == question


def test_without_history_nothing_changes() -> None:
    assert standalone("Et l’Italie ?", []) == "Et l’Italie ?"


def test_a_chain_of_follow_ups_leans_on_the_first_question() -> None:
    history = [Turn("Combien de soldats l’Allemagne fournit-elle ?", "1600"), Turn("Et l’Italie ?", "895")]
    assert standalone("Et la Géorgie ?", history) == "Combien de soldats la Géorgie fournit-elle ?"


def test_thanks_are_passed_over() -> None:
    history = [Turn("Combien de soldats l’Allemagne fournit-elle ?", "1600"), Turn("Merci !", "")]
    assert standalone("Et l’Italie ?", history) == "Combien de soldats l’Italie fournit-elle ?"
