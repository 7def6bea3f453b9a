"""Fits the probability that a sentence answers a question, and the thresholds, on development data.

Looks at the dev parts only: PIAF and squad_fr (answers known to the character), questions_fr on the same pool (no
answer there), NoMIRACL (ten passages, answerable or not; and more questions on the same, each of whose passages was
judged), contrasts that are kept aside, and the questions on the seeds and on what was invented. The scores that are
computed from the reader are written to a file, so that fitting again costs nothing.
"""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from eval.contrast_questions import kept_aside
from eval.datasets import JudgedQuestion, Part, PooledQuestion, nomiracl, piaf, questions_fr, squad_fr
from eval.judged_lists import DEV_LISTS, ListQuestion, own_questions, read_lists
from eval.questions import GoldQuestion
from eval.reading import service_path
from index.language import detect
from index.settings import Settings
from index.types import Article, Filters, Span
from service.evidence import ReadPassage, features

ASKED = {"piaf": 200, "squad_fr": 150, "questions_fr": 120, "nomiracl": 150, "contrast": 600}  # at most


Asked = PooledQuestion | JudgedQuestion | ListQuestion | GoldQuestion


@dataclass(frozen=True, slots=True)
class Scored:
    """One sentence that was read for a question. `answers`: whether it holds the answer; unknown where only the whole
    list was judged. `answerable`: whether the question has an answer in what may be searched."""

    question: str
    dataset: str
    lang: str
    answerable: bool
    answers: bool | None
    features: dict[str, float]


def dev_questions(folder: Path) -> list[PooledQuestion | JudgedQuestion | ListQuestion]:
    """The development questions on the articles of `question_pool`."""
    asked = [*questions_fr(folder), *piaf(folder)[1], *squad_fr(folder)[1]]
    dev = [question for question in asked if question.part is Part.DEV]
    random.Random(0).shuffle(dev)  # the first of a file are about few articles
    kept = [q for name, most in ASKED.items() for q in [q for q in dev if q.dataset == name][:most]]
    french, english = (nomiracl(folder, lang) for lang in ("fr", "en"))
    lists = [question for question in [*french[1], *english[1]] if question.part is Part.DEV][: ASKED["nomiracl"]]
    return [*kept, *lists, *read_lists(DEV_LISTS, [*french[0], *english[0]], own_questions(folder))]


def dev_contrasts(folder: Path) -> tuple[list[Article], list[PooledQuestion]]:
    """Those kept aside, and their articles."""
    articles, asked = kept_aside(folder)
    return articles, random.Random(0).sample(asked, min(ASKED["contrast"], len(asked)))


def score_all(settings: Settings, name: str, questions: Iterable[Asked]) -> Iterator[list[Scored]]:
    """The sentences read for each question, as the service would read them. `name`: of the data set, where a question
    does not tell its own."""
    with service_path(settings) as path:
        for question in questions:
            text, filters, k = _asked(question)
            read = path.read(text, k=k, filters=filters)
            yield [scored for passage in read for scored in _scored(question, name, passage)]


def _asked(question: Asked) -> tuple[str, Filters, int | None]:
    match question:
        case PooledQuestion():
            return question.question, Filters(), None
        case JudgedQuestion():
            return question.question, Filters(article_ids=question.article_ids), len(question.article_ids)
        case ListQuestion():
            return question.question, Filters(article_ids=tuple(question.answers)), len(question.answers)
        case GoldQuestion():
            return question.question, question.filters.filters(), None


def _scored(question: Asked, name: str, read: ReadPassage) -> Iterator[Scored]:
    passage = read.found.passage
    for number, span in enumerate(passage.sentences):
        values = features(read, number)
        if values is None:
            continue
        match question:
            case PooledQuestion():
                right = passage.article_id == question.gold and any(span.overlaps(a) for a in question.answers)
                yield Scored(question.question, question.dataset, question.lang, bool(question.gold), right, values)
            case JudgedQuestion():
                right_or_unknown = None if question.answerable else False
                yield Scored(
                    question.question, "nomiracl", question.lang, question.answerable, right_or_unknown, values
                )
            case ListQuestion():
                right = any(span.overlaps(answer) for answer in question.answers[passage.article_id])
                asked, answerable = question.question, any(question.answers.values())
                yield Scored(asked, "lists", detect(asked), answerable, right, values)
            case GoldQuestion():
                gold = question.right_spans
                right = any(g.article_id == passage.article_id and span.overlaps(Span(g.start, g.end)) for g in gold)
                yield Scored(question.id, name, question.lang, question.answerable, right, values)


def write_scores(scores: Iterable[list[Scored]], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for sentences in scores:
            for scored in sentences:
                file.write(json.dumps(asdict(scored), ensure_ascii=False) + "\n")


def read_scores(path: Path) -> list[list[Scored]]:
    """The sentences of each question, together."""
    with path.open(encoding="utf-8") as lines:
        scored = [Scored(**json.loads(line)) for line in lines]
    return [list(group) for _, group in groupby(scored, key=lambda s: (s.dataset, s.lang, s.question))]
