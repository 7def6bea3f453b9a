"""Makes the training questions of `eval/made/` with the local writer's model: hours on two cores, minutes on a GPU.

Owns what the model is told. Drawn by chance: seeded, and yet another machine draws otherwise. What the reader was
trained on is the files that are kept.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch

from eval.datasets import Part, PooledQuestion, piaf, questions_fr
from eval.local_model import Output, Prompted, Turns, open_local_model
from eval.made_questions import (
    MadeQuestion,
    english_of,
    other_wording,
    question_on,
    said,
    write_english,
    write_questions,
)
from eval.teaching_articles import teaching_articles
from index.types import Article
from service.writers.weights import default_path

SEED = 5
TIMES = 3  # that each passage is asked about in each way
TEMPERATURE = 0.75
MOST_TOKENS, MOST_WORDING_TOKENS = 150, 48
PASSAGE_CHARS = 1500
AT_ONCE = {"cpu": 48, "cuda": 1024}

_FRENCH = (
    "Le constructeur Renault a annoncé mardi la fermeture de son usine de Choisy-le-Roi, où travaillent 263 salariés."
    " Selon la direction, l'activité de reconditionnement sera transférée à Flins d'ici à 2022 afin de réduire les"
    " coûts. « C'est un coup de massue », a déploré Marc Dupuis, délégué CGT, qui réclame une rencontre avec le"
    " ministre du Travail."
)
_ENGLISH = (
    "The carmaker Renault announced on Tuesday that it would close its plant in Choisy-le-Roi, where 263 people work."
    " According to management, the reconditioning of parts will be moved to Flins by 2022 to reduce costs. “It is a"
    " crushing blow,” said Marc Dupuis, a CGT delegate, who demands a meeting with the minister of labour."
)
_IN_FRENCH = """Q: Combien de personnes l'usine de Choisy-le-Roi emploie-t-elle ?
R: 263 salariés
Q: Quel groupe automobile va cesser sa production à Choisy-le-Roi ?
R: Renault
Q: Pourquoi Renault déplace-t-il le reconditionnement vers un autre site ?
R: afin de réduire les coûts
Q: Qui s'est plaint de l'arrêt du site Renault au nom de la CGT ?
R: Marc Dupuis
Q: Quand le transfert vers Flins doit-il être achevé ?
R: d'ici à 2022
Q: Que demande le délégué CGT de Choisy-le-Roi ?
R: une rencontre avec le ministre du Travail"""
_IN_ENGLISH = """Q: How many people are employed at the Choisy-le-Roi factory?
A: {staff}
Q: Which car company is shutting its site in Choisy-le-Roi?
A: Renault
Q: Why is Renault relocating the work on used parts?
A: {reason}
Q: Who complained about the end of the Renault plant on behalf of the CGT?
A: Marc Dupuis
Q: By when should the move to Flins be completed?
A: {date}
Q: What does the CGT delegate of Choisy-le-Roi ask for?
A: {demand}"""
_OF_FRENCH = _IN_ENGLISH.format(
    staff="263 salariés",
    reason="afin de réduire les coûts",
    date="d'ici à 2022",
    demand="une rencontre avec le ministre du Travail",
)
_OF_ENGLISH = _IN_ENGLISH.format(
    staff="263 people", reason="to reduce costs", date="by 2022", demand="a meeting with the minister of labour"
)


@dataclass(frozen=True, slots=True)
class Way:
    """How questions in the language `asked` are asked for, on passages in the language `of`."""

    asked: str
    of: str
    call: str
    system: str
    passage: str
    questions: str

    @property
    def turns(self) -> Turns:
        return [("system", self.system), ("user", f"{self.call}: {self.passage}"), ("assistant", self.questions)]

    def request(self, article: Article) -> str:
        return f"{self.call}: {article.title}\n{article.text[:PASSAGE_CHARS]}"


WAYS = (
    Way(
        "fr",
        "fr",
        "Texte",
        "Tu écris des questions sur un texte. Chaque réponse est copiée mot à mot du texte, aussi courte que possible."
        " Les questions se comprennent sans le texte et n'en reprennent pas les tournures.",
        _FRENCH,
        _IN_FRENCH,
    ),
    Way(
        "en",
        "fr",
        "French text",
        "You write English questions about a French text. Each answer is copied word for word from the French text, as"
        " short as possible. The questions make sense without the text.",
        _FRENCH,
        _OF_FRENCH,
    ),
    Way(
        "en",
        "en",
        "Text",
        "You write questions about a text. Each answer is copied word for word from the text, as short as possible. The"
        " questions make sense without the text and use other words than the text.",
        _ENGLISH,
        _OF_ENGLISH,
    ),
)

_TO_ENGLISH: Turns = [
    ("system", "You translate French questions into natural English. Reply with the English question only."),
    ("user", "Combien de soldats ont été envoyés au Mali ?"),
    ("assistant", "How many soldiers were sent to Mali?"),
    ("user", "Qui a succédé à Louis XIV sur le trône ?"),
    ("assistant", "Who succeeded Louis XIV on the throne?"),
    ("user", "Dans quel pays se trouve le siège de l'entreprise ?"),
    ("assistant", "In which country is the company's headquarters located?"),
    ("user", "Que prévoit le traité de Versailles ?"),
    ("assistant", "What does the Treaty of Versailles provide for?"),
    ("user", "Pourquoi les ouvriers refusent-ils de travailler ?"),
    ("assistant", "Why do the workers refuse to work?"),
]
_OTHERWISE: Turns = [
    (
        "system",
        "Tu reformules des questions françaises avec d'autres mots, sans en changer le sens. Réponds par la question"
        " seulement.",
    ),
    ("user", "Combien de soldats ont été envoyés au Mali ?"),
    ("assistant", "Quel est l'effectif militaire déployé au Mali ?"),
    ("user", "Qui a succédé à Louis XIV sur le trône ?"),
    ("assistant", "Après la mort de Louis XIV, qui est devenu roi ?"),
    ("user", "Dans quel pays se trouve le siège de l'entreprise ?"),
    ("assistant", "Où la société a-t-elle son siège ?"),
    ("user", "Pourquoi les ouvriers refusent-ils de travailler ?"),
    ("assistant", "Quelle est la raison de la grève des ouvriers ?"),
]

_T = TypeVar("_T")
Asked = Callable[..., list[Output]]
Progress = Callable[[int], None]


def make(folder: Path, questions: Path, english: Path, progress: Progress = lambda _requests: None) -> None:
    """Writes both files. Raises `EvaluationError` where the model's weights are not there."""
    torch.manual_seed(SEED)
    model = open_local_model(default_path())
    people = [q for q in [*piaf(folder)[1], *questions_fr(folder)] if q.part is Part.TRAIN]
    at_once = AT_ONCE[model.device]
    write_english(dict(in_english(people, Prompted(model, _TO_ENGLISH), at_once, progress)), english)
    made: dict[str, list[MadeQuestion]] = {}
    articles = teaching_articles(folder)
    for key, question in in_other_words(people, Prompted(model, _OTHERWISE), at_once, progress):
        made.setdefault(key, []).append(question)
    for way in WAYS:
        asked = Prompted(model, way.turns)
        for _ in range(TIMES):
            for key, question in on_passages(articles, way, asked, at_once, progress):
                if question.question not in {other.question for other in made.setdefault(key, [])}:
                    made[key].append(question)
    write_questions(made, articles, questions)


def in_english(
    people: Sequence[PooledQuestion], asked: Asked, at_once: int, progress: Progress
) -> Iterator[tuple[str, str]]:
    """By question id."""
    for some in _batches(sorted(people, key=lambda q: len(q.question)), at_once):
        for question, output in zip(some, asked([q.question for q in some], MOST_WORDING_TOKENS), strict=True):
            if english := english_of(output):
                yield question.question_id, english
        progress(len(some))


def in_other_words(
    people: Sequence[PooledQuestion], asked: Asked, at_once: int, progress: Progress
) -> Iterator[tuple[str, MadeQuestion]]:
    """By article id, with the first of the question's own answers."""
    answered = sorted((q for q in people if q.gold and q.answers), key=lambda q: len(q.question))
    for some in _batches(answered, at_once):
        for question, output in zip(some, asked([q.question for q in some], MOST_WORDING_TOKENS), strict=True):
            if wording := other_wording(question.question, output):
                yield str(question.gold), MadeQuestion(wording, question.answers[:1])
        progress(len(some))


def on_passages(
    articles: Sequence[Article], way: Way, asked: Asked, at_once: int, progress: Progress
) -> Iterator[tuple[str, MadeQuestion]]:
    """By article id."""
    of_lang = sorted((article for article in articles if article.lang == way.of), key=lambda a: len(a.text))
    for some in _batches(of_lang, at_once):
        requests = [way.request(article) for article in some]
        outputs = asked(requests, MOST_TOKENS, begin="Q:", temperature=TEMPERATURE)
        for article, output in zip(some, outputs, strict=True):
            for question, answer in said(output):
                if made := question_on(article, question, answer, way.asked):
                    yield article.article_id, made
        progress(len(some))


def _batches(things: Sequence[_T], at_once: int) -> Iterator[Sequence[_T]]:
    return (things[start : start + at_once] for start in range(0, len(things), at_once))
