"""`refusal`: whether the service knows when there is no answer, and whether its support is the probability it claims.

NoMIRACL's questions are asked of their own ten passages; questions from elsewhere, and PIAF's, of the whole pool.
"""

from functools import partial

from eval.datasets import JudgedQuestion, Part, PooledQuestion, datasets_folder, nomiracl, piaf, questions_fr
from eval.pools import question_pool
from eval.reading import EVERYTHING, Considered, ServicePath
from eval.statistics import Tally
from eval.tasks.ranking import SERVICE
from eval.tasks.task import Outcome, Task, Workload, sample
from index.types import Filters

ON_THE_POOL = 200  # questions of each kind that are asked of the whole pool, at most
POOL = "pool"
BEST_SENTENCE = "best sentence"  # its support, against whether it holds the answer; `service`: whether there is one
PUBLISHED = {"GPT-4": (0.11, 0.47), "Mixtral": (0.16, 0.38), "Mistral-7B": (0.59, 0.12)}
"""On NoMIRACL-fr (Thakur et al. 2024): refused though answerable, answered though unanswerable."""
REFUSAL_METRICS = {
    "answered_unanswerable": "share of the unanswerable questions that are answered",
    "refused_answerable": "share of the answerable questions that are refused",
}


def _prepare(part: Part, limit: int | None) -> Workload:
    folder = datasets_folder()
    most = ON_THE_POOL if limit is None else min(limit, ON_THE_POOL)
    judged = [
        question
        for lang in ("fr", "en")
        for question in sample([q for q in nomiracl(folder, lang)[1] if q.part is part], limit, key=_id)
    ]
    pooled = [
        question
        for questions in (questions_fr(folder), piaf(folder)[1])
        for question in sample([q for q in questions if q.part is part], most, key=_id)
    ]
    jobs = [*(partial(_ask_list, question) for question in judged), *(partial(_ask_pool, q) for q in pooled)]
    return Workload("pool", question_pool(folder), jobs)


TASK = Task(
    "refusal",
    "NoMIRACL with its ten passages as the only evidence; on the pool, questions from elsewhere beside PIAF's",
    REFUSAL_METRICS,
    _prepare,
    {SERVICE: ("auc", "answered@20", "ece"), BEST_SENTENCE: ("auc", "ece")},
)


def _id(question: JudgedQuestion | PooledQuestion) -> str:
    return question.question_id


def _ask_list(question: JudgedQuestion, path: ServicePath) -> Outcome:
    """Which sentence of a list answers was not judged."""
    considered = path.consider(question.question, filters=Filters(article_ids=question.article_ids))
    return _outcome(question, (f"nomiracl {question.lang}",), considered, question.answerable)


def _ask_pool(question: PooledQuestion, path: ServicePath) -> Outcome:
    considered = path.consider(question.question, filters=EVERYTHING)
    best = considered.judged[0] if considered.judged else None
    right = (
        best is not None
        and best.article.article_id == question.gold
        and any(best.span.overlaps(answer) for answer in question.answers)
    )
    outcome = _outcome(question, (f"{question.dataset} {question.lang}", POOL), considered, question.gold is not None)
    return outcome.model_copy(
        update={
            "scores": outcome.scores | {BEST_SENTENCE: considered.support},
            "right": outcome.right | {BEST_SENTENCE: right},
        }
    )


def _outcome(
    question: JudgedQuestion | PooledQuestion, groups: tuple[str, ...], considered: Considered, answerable: bool
) -> Outcome:  # fmt: skip
    answered = considered.answered
    tally = (
        {"refused_answerable": Tally(not answered, 1)} if answerable else {"answered_unanswerable": Tally(answered, 1)}
    )
    best = considered.judged[0].quote if considered.judged else ""
    return Outcome(
        id=question.question_id, groups=groups, text=question.question, tallies={SERVICE: tally},
        scores={SERVICE: considered.support}, right={SERVICE: answerable}, said={"best sentence": best},
    )  # fmt: skip
