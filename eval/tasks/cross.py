"""`cross`: the same question in French and in English, of the same pool: does it come to the same evidence?"""

from dataclasses import dataclass
from functools import partial

from eval.datasets import Part, PooledQuestion, QuestionPair, datasets_folder, question_pairs, squad_fr
from eval.pools import question_pool
from eval.reading import Considered, ServicePath
from eval.statistics import Tally
from eval.systems import Ranked
from eval.tasks.ranking import SERVICE, by_article, floors
from eval.tasks.task import Outcome, Task, Workload, sample_groups

DEPTH = 10


@dataclass(frozen=True, slots=True)
class Twin:
    """The same question in both languages, and the article that answers it, where one is known to."""

    pair_id: str
    fr: str
    en: str
    group: str
    gold: str | None = None


def _prepare(part: Part, limit: int | None) -> Workload:
    folder = datasets_folder()
    twins = [_of_pair(pair) for pair in question_pairs(folder) if pair.part is part]
    twins += _of_squad([question for question in squad_fr(folder)[1] if question.part is part])
    twins = sample_groups(twins, limit, key=lambda twin: twin.pair_id, group=lambda twin: twin.group)
    return Workload("pool", question_pool(folder), [partial(_ask, twin) for twin in twins])


TASK = Task(
    "cross",
    "the same question in French and in English, on one pool of passages",
    {
        "same_first": "share of pairs whose first article is the same",
        "shared@10": "mean share of the first ten articles that both languages find",
        "same_sentence": "share of pairs whose best sentence is the same",
        "same_decision": "share of pairs that are both answered, or both refused",
        "recall@1_fr": "share of French questions whose first article is the one that answers; where one is known",
        "recall@1_en": "the same, of English questions",
    },
    _prepare,
)


def _of_pair(pair: QuestionPair) -> Twin:
    return Twin(pair.pair_id, pair.fr, pair.en, "question_pairs")


def _of_squad(questions: list[PooledQuestion]) -> list[Twin]:
    """Those that are asked in both languages: their ids differ in the language only."""
    french = {q.question_id.removesuffix("-fr"): q for q in questions if q.lang == "fr"}
    english = {q.question_id.removesuffix("-en"): q for q in questions if q.lang == "en"}
    return [
        Twin(key, french[key].question, question.question, "squad_fr", question.gold)
        for key, question in english.items()
        if key in french
    ]


def _ask(twin: Twin, path: ServicePath) -> Outcome:
    fr, en = path.consider(twin.fr), path.consider(twin.en)
    rankings = {
        SERVICE: (by_article(fr.found), by_article(en.found)),
        **{
            system: (one, other)
            for (system, one), other in zip(floors(path, twin.fr).items(), floors(path, twin.en).values(), strict=True)
        },
    }
    by_lang = {
        f"{system} {lang}": ranking
        for system, both in rankings.items()
        for lang, ranking in zip(("fr", "en"), both, strict=True)
    }
    tallies = {system: _agreement(twin, *both) for system, both in rankings.items()}
    tallies[SERVICE] |= {
        "same_sentence": Tally(_best(fr) == _best(en), 1),
        "same_decision": Tally(fr.answered == en.answered, 1),
    }
    said = {"English": twin.en, "fr": " ".join(map(str, _best(fr))), "en": " ".join(map(str, _best(en)))}
    return Outcome(
        id=twin.pair_id, groups=(twin.group,), text=twin.fr, tallies=tallies, rankings=by_lang,
        relevant={twin.gold: 1} if twin.gold else {}, said=said,
    )  # fmt: skip


def _agreement(twin: Twin, fr: list[Ranked], en: list[Ranked]) -> dict[str, Tally]:
    one, other = ([article_id for article_id, _ in ranking[:DEPTH]] for ranking in (fr, en))
    both, most = len(set(one) & set(other)), max(len(one), len(other))
    tallies = {
        "same_first": Tally(bool(one) and one[:1] == other[:1], 1),
        "shared@10": Tally(both / most if most else 0, 1),
    }
    if twin.gold:
        tallies |= {"recall@1_fr": Tally(one[:1] == [twin.gold], 1), "recall@1_en": Tally(other[:1] == [twin.gold], 1)}
    return tallies


def _best(considered: Considered) -> tuple[str, int, int] | tuple[()]:
    if not considered.judged:
        return ()
    best = considered.judged[0]
    return best.article.article_id, best.span.start, best.span.end
