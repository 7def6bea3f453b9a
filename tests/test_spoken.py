"""Turns of phrase that ask nothing are taken from a question, and those that are what is asked stay."""

import pytest

from service.followups import standalone
from service.spoken import plainly
from service.types import Turn

LEADS_FR = "Qui dirige l’OTAN ?"
COUNTS_FR = "Combien de soldats l’Allemagne fournit-elle ?"
LEADS = "Who leads NATO?"
COUNTS = "How many soldiers does Germany contribute?"


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Dis-moi qui dirige l’OTAN ?", LEADS_FR),
        ("dis-moi, qui dirige l’OTAN ?", LEADS_FR),
        ("Dis moi qui dirige l’OTAN ?", LEADS_FR),
        ("Dites-moi donc : qui dirige l’OTAN ?", LEADS_FR),
        ("Dites-nous, s’il vous plaît, qui dirige l’OTAN ?", LEADS_FR),
        ("Euh, qui dirige l’OTAN ?", LEADS_FR),
        ("euh qui dirige l’OTAN ?", LEADS_FR),
        ("Qui, euh, dirige l’OTAN ?", LEADS_FR),
        ("Heu… qui dirige l’OTAN ?", LEADS_FR),
        ("Ben, qui dirige l’OTAN ?", LEADS_FR),
        ("Alors, qui dirige l’OTAN ?", LEADS_FR),
        ("Bon, dis-moi qui dirige l’OTAN ?", LEADS_FR),
        ("Au fait, qui dirige l’OTAN ?", LEADS_FR),
        ("Tiens, tu sais qui dirige l’OTAN ?", LEADS_FR),
        ("Tu sais qui dirige l’OTAN ?", LEADS_FR),
        ("Est-ce que tu sais qui dirige l’OTAN ?", LEADS_FR),
        ("Sais-tu qui dirige l’OTAN ?", LEADS_FR),
        ("Savez-vous qui dirige l’OTAN ?", LEADS_FR),
        ("Sauriez-vous me dire qui dirige l’OTAN ?", LEADS_FR),
        ("Est-ce que quelqu’un sait qui dirige l’OTAN ?", LEADS_FR),
        ("Je voudrais savoir qui dirige l’OTAN ?", LEADS_FR),
        ("J’aimerais bien savoir qui dirige l’OTAN ?", LEADS_FR),
        ("J'aimerais savoir qui dirige l’OTAN ?", LEADS_FR),
        ("Je voulais juste savoir qui dirige l’OTAN ?", LEADS_FR),
        ("Je me demande qui dirige l’OTAN ?", LEADS_FR),
        ("Je me demandais qui dirige l’OTAN ?", LEADS_FR),
        ("Je ne sais plus qui dirige l’OTAN ?", LEADS_FR),
        ("Pouvez-vous me dire qui dirige l’OTAN ?", LEADS_FR),
        ("Pourrais-tu me rappeler qui dirige l’OTAN ?", LEADS_FR),
        ("Vous pourriez m’expliquer qui dirige l’OTAN ?", LEADS_FR),
        ("Peut-on savoir qui dirige l’OTAN ?", LEADS_FR),
        ("As-tu une idée de qui dirige l’OTAN ?", LEADS_FR),
        ("Bonjour, qui dirige l’OTAN ?", LEADS_FR),
        ("Bonjour ! Pourriez-vous me dire qui dirige l’OTAN ?", LEADS_FR),
        ("Excusez-moi, qui dirige l’OTAN ?", LEADS_FR),
        ("Une petite question : qui dirige l’OTAN ?", LEADS_FR),
        ("J’ai une question. Qui dirige l’OTAN ?", LEADS_FR),
        ("Qui dirige l’OTAN, s’il vous plaît ?", "Qui dirige l’OTAN ?"),
        ("Qui dirige l’OTAN svp ?", LEADS_FR),
        ("Qui dirige l’OTAN, hein ?", LEADS_FR),
        ("Qui dirige l’OTAN ? Merci d’avance", "Qui dirige l’OTAN ?"),
        ("Tu sais combien de soldats l’Allemagne fournit-elle ?", COUNTS_FR),
        ("Savez-vous si l’OTAN est en Irak ?", "L’OTAN est en Irak ?"),
        ("Savez-vous s’il y a des soldats en Irak ?", "Il y a des soldats en Irak ?"),
        ("Dis-moi à quelle date la mission a été créée", "À quelle date la mission a été créée"),
        ("Tell me who leads NATO?", LEADS),
        ("tell me, who leads NATO?", LEADS),
        ("Please tell me who leads NATO?", LEADS),
        ("Please, who leads NATO?", LEADS),
        ("Um, who leads NATO?", LEADS),
        ("uh who leads NATO?", LEADS),
        ("Who, um, leads NATO?", LEADS),
        ("Er, who leads NATO?", LEADS),
        ("Hmm... who leads NATO?", LEADS),
        ("Well, who leads NATO?", LEADS),
        ("So who leads NATO?", LEADS),
        ("So, um, who leads NATO?", LEADS),
        ("OK so who leads NATO?", LEADS),
        ("Hi! Who leads NATO?", LEADS),
        ("Hello, could you tell me who leads NATO?", LEADS),
        ("Good morning. Can you tell me who leads NATO?", LEADS),
        ("Can you please tell me who leads NATO?", LEADS),
        ("Would you kindly tell us who leads NATO?", LEADS),
        ("Could you remind me who leads NATO?", LEADS),
        ("Do you know who leads NATO?", LEADS),
        ("Do you happen to know who leads NATO?", LEADS),
        ("Does anyone know who leads NATO?", LEADS),
        ("Any idea who leads NATO?", LEADS),
        ("Do you have any idea who leads NATO?", LEADS),
        ("I was wondering who leads NATO?", LEADS),
        ("I was just wondering, who leads NATO?", LEADS),
        ("I was wondering if you could tell me who leads NATO?", LEADS),
        ("I'm wondering who leads NATO?", LEADS),
        ("I wonder who leads NATO?", LEADS),
        ("I'd like to know who leads NATO?", LEADS),
        ("I would really like to know who leads NATO?", LEADS),
        ("I want to know who leads NATO?", LEADS),
        ("I don't remember who leads NATO?", LEADS),
        ("May I ask who leads NATO?", LEADS),
        ("By the way, who leads NATO?", LEADS),
        ("Excuse me, who leads NATO?", LEADS),
        ("Sorry, who leads NATO?", LEADS),
        ("Quick question: who leads NATO?", LEADS),
        ("Just curious, who leads NATO?", LEADS),
        ("Who leads NATO, please?", LEADS),
        ("Who leads NATO? Thanks!", "Who leads NATO?!"),
        ("Who leads NATO, do you know?", LEADS),
        ("Do you know if NATO is in Iraq?", "NATO is in Iraq?"),
        ("Can you tell me whether NATO is in Iraq?", "NATO is in Iraq?"),
        ("Like how many soldiers does Germany contribute?", COUNTS),
    ],
)
def test_what_asks_nothing_is_taken_away(said: str, asked: str) -> None:
    assert plainly(said) == asked


@pytest.mark.parametrize(
    "question",
    [
        LEADS_FR,
        COUNTS_FR,
        "Savez-vous planter les choux ?",
        "Sais-tu nager ?",
        "Pouvez-vous voler jusqu’à Bagdad ?",
        "Peut-on entrer en Irak sans visa ?",
        "Est-ce que l’OTAN est en Irak ?",
        "Est-ce que tu viens ?",
        "Est-ce que vous pourriez m’aider ?",
        "Qui veut savoir où est la mission ?",
        "Qui a demandé à savoir combien de soldats restent ?",
        "Qui a dit « dis-moi qui tu es » ?",
        "Qui a dit merci ?",
        "Que veut dire « s’il vous plaît » ?",
        "« Dis-moi qui dirige », qui l’a dit ?",
        "Dis-moi oui est une chanson de quel groupe ?",
        "Bon Jovi a vendu combien d’albums ?",
        "Bonjour Tristesse a été écrit quand ?",
        "Salut les Terriens est une émission de qui ?",
        "Merci patron ! est un film de qui ?",
        "Alors que l’OTAN est en Irak, qui la dirige ?",
        "Alors qu’il était ministre, qu’a dit M. Austin ?",
        "Ben Laden est mort quand ?",
        "Voilà combien de temps que la mission dure ?",
        "Tiens-tu à rester ?",
        "Pardon a été accordé à qui ?",
        "Dites oui est un slogan de qui ?",
        "Question de confiance : un film de qui ?",
        "Je me demande est un poème de qui ?",
        "Tu ne sais pas qui dirige ?",
        "Si l’OTAN part, qui reste ?",
        "Comment savoir si un article est vrai ?",
        "Pourquoi ne sait-on pas combien de civils sont morts ?",
        "Que sait-on de la mission en Irak ?",
        "Qui sait où se trouve le chef du groupe ?",
        "Hum est une ville de quel pays ?",
        "Les experts savent-ils pourquoi ?",
        "Que pouvez-vous dire de l’OTAN ?",
        "À qui peut-on demander merci ?",
        "Les SVP de quel parti ?",
        "Quand l’OTAN dit-elle bonjour ?",
        "Je suis né quand ?",
        "Euh",
        "Merci",
        "",
        LEADS,
        COUNTS,
        "Who asked to know who leads NATO?",
        "Who was wondering whether NATO would stay?",
        "Who wants to know the number of soldiers?",
        "Do you know Tom?",
        "Do you speak French?",
        "Can you fly to Iraq?",
        "Could you live on Mars?",
        "Would you rather stay?",
        "Tell Me Why is a song by whom?",
        "Tell Me is by whom?",
        "Who sang Please Please Please?",
        "Who said please?",
        "Who said thank you?",
        "Who told you?",
        "What does thanks mean?",
        "ER was first broadcast when?",
        "UM is which university?",
        "OK Computer came out when?",
        "Hello Kitty was created in which year?",
        "Hey Jude was written by whom?",
        "So many soldiers died where?",
        "Well water is drawn how?",
        "Right to Life is led by whom?",
        "Look magazine closed when?",
        "Sorry Day is when?",
        "Like a Virgin is by whom?",
        "I Wonder is a song by whom?",
        "If NATO leaves, who stays?",
        "Whether NATO stays depends on whom?",
        "How do people know if an article is true?",
        "Why does nobody know how many civilians died?",
        "What do we know of the mission in Iraq?",
        "Who knows where the leader is?",
        "What can you tell me about NATO?",
        "Which experts wonder why?",
        "Who is interested to know?",
        "Let it be is by whom?",
        "Remind is a synonym of what?",
        "What was the question?",
        "Question Time is on which channel?",
        "Um",
        "Thanks",
    ],
)
def test_what_may_be_asked_stays(question: str) -> None:
    assert plainly(question) == question


def test_a_follow_up_is_put_plainly_too() -> None:
    before = plainly("Savez-vous combien de soldats l’Allemagne fournit ?")
    assert standalone(plainly("Et l’Italie, s’il vous plaît ?"), [Turn(before, "1600")]) == (
        "Combien de soldats l’Italie fournit ?"
    )


@pytest.mark.parametrize("filler", [" ", "\u00a0", ".", "-", "–", ",", "…", "!", "?", "\n", ". "])
def test_a_long_run_of_marks_is_gone_through_once(filler: str) -> None:
    """From every place in it, such a question would take minutes, and the service would answer nobody meanwhile."""
    for question in (f"Qui{filler * 20_000}commande ?", filler * 20_000, f"{filler * 20_000}stp"):
        plainly(question)
    assert plainly(f"Qui commande{filler * 9}stp ?") in ("Qui commande ?", "Qui commande")


@pytest.mark.parametrize(
    ("put", "meant"),
    [
        ("Qui commande ?  merci", "Qui commande ?"),
        ("Qui commande - - merci", "Qui commande"),
        ("Qui commande merci", "Qui commande merci"),  # by no mark set off
        ("Qui ,euh, commande", "Qui commande"),
    ],
)
def test_what_is_set_off_by_marks_and_blanks(put: str, meant: str) -> None:
    assert plainly(put) == meant


@pytest.mark.parametrize(
    "question",
    [
        "What is the position of the SVP?",
        "Qui dirige la SVP ?",
        "qui dirige la svp ?",
        "Que fait la société STP ?",
        "Who leads the PLS?",
        "Combien d’élus a le parti SVP",
        "Qui a écrit la chanson, Merci ?",
        "Where is Um Qasr?",
        "where is um qasr?",
        "Um Qasr port capacity",
        "Qui dirige la Hum ?",
        "what is it for pls",  # nothing ends in a preposition that did not
    ],
)
def test_names_that_are_spelt_like_turns_stay(question: str) -> None:
    assert plainly(question) == question


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("QUI DIRIGE L’OTAN SVP ?", "QUI DIRIGE L’OTAN ?"),
        ("Qui dirige l’OTAN, SVP ?", LEADS_FR),
        ("Qui dirige la SVP, svp ?", "Qui dirige la SVP ?"),
        ("Qui dirige l’OTAN ? STP", "Qui dirige l’OTAN"),
        ("Who leads NATO pls?", LEADS),
        ("Who um leads NATO?", LEADS),
        ("Um who leads NATO?", LEADS),
        ("de quelle loi parle-t-on stp ?", "De quelle loi parle-t-on ?"),
        ("what is it for, please?", "What is it for?"),
    ],
)
def test_turns_in_capitals_or_beside_names_are_taken_away(said: str, asked: str) -> None:
    assert plainly(said) == asked
