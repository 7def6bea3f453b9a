"""`support`: whether the system tells claims that a text supports from those that it does not.

The claims are those of rte3_fr, and PUD's sentences (in French, and their English translations) as they are and made
false by rule. The text is the only evidence. `SCORERS` is what scores them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from eval.datasets import Part, Premise, datasets_folder, rte3_fr
from eval.news_datasets import NewsItem, pud
from eval.reading import Considered, ServicePath
from eval.statistics import Tally
from eval.tasks.altering import altered, names_of
from eval.tasks.ranking import SERVICE
from eval.tasks.summary import scored_by
from eval.tasks.task import Outcome, Task, Workload, sample_groups
from index.language import detect
from index.parsing import article_from_record
from index.types import Article, Filters
from service.claim_support import ClaimSupport
from service.guard.checking import problems_of
from service.guard.types import Pair, Scope

SUPPORTED = "claim support"
SAID = "the reader alone"
BESIDE = 3  # sentences that a claim is set beside
Scorer = Callable[[str, Considered, ClaimSupport], float]
"""How well a claim is supported by the text that was read for it."""


def _supported(claim: str, read: Considered, support: ClaimSupport) -> float:
    """The support by the sentence that says the claim best, of those likeliest to."""
    lang = detect(claim)
    beside = [Pair(each.quote, each.article.lang, claim, lang, each.article.published) for each in read.judged[:BESIDE]]
    return max((support(pair, problems_of(pair, Scope.PART)) for pair in beside), default=0.0)


def _said(claim: str, read: Considered, support: ClaimSupport) -> float:
    return max((support.said(evidence.quote, claim) for evidence in read.judged[:BESIDE]), default=0.0)


SCORERS: Mapping[str, Scorer] = {
    SUPPORTED: _supported,
    SAID: _said,
    SERVICE: lambda _claim, read, _support: read.support,
    "MaxSim alone": lambda _claim, read, _support: max((found.maxsim for found in read.found), default=-1.0),
    "cosine alone": lambda _claim, read, _support: max((found.cosine for found in read.found), default=-1.0),
}


@dataclass(frozen=True, slots=True)
class Stated:
    """A claim about an article, and whether the article supports it. `groups[0]` is the set it is of."""

    claim_id: str
    part: Part
    text: str
    article_id: str
    supported: bool
    groups: tuple[str, ...]


def _prepare(part: Part, limit: int | None) -> Workload:
    """Thresholds are chosen on the dev part, so its claims are scored whichever part is reported."""
    folder = datasets_folder()
    premises, items = rte3_fr(folder), pud(folder)
    texts = {text: f"rte3-text-{number}" for number, text in enumerate(dict.fromkeys(p.text for p in premises), 1)}
    stated = [*_of_rte3(premises, texts), *_of_news(items)]
    wanted = [claim for claim in stated if claim.part in (part, Part.DEV)]
    claims = sample_groups(
        wanted, limit, key=lambda c: c.claim_id, group=lambda c: f"{c.part} {c.supported} {c.groups[0]}"
    )
    asked = {claim.article_id for claim in claims}
    articles = [*(item.article for item in items), *(_article(*pair) for pair in texts.items())]
    return Workload(
        "support",
        [article for article in articles if article.article_id in asked],
        [partial(_ask, claim) for claim in claims],
        partial(_with_accuracy, {claim.claim_id: claim.part for claim in claims}, part),
    )


TASK = Task(
    "support",
    "claims that a text supports, or not: rte3_fr; PUD's sentences in both languages, and the same made false by rule",
    {"accuracy": "share told right at the threshold that is best on the dev part of the same set"},
    _prepare,
    {system: ("auc", "ece") if system in (SUPPORTED, SAID, SERVICE) else ("auc",) for system in SCORERS},
)


def _of_rte3(premises: Sequence[Premise], texts: Mapping[str, str]) -> Iterator[Stated]:
    for p in premises:
        yield Stated(p.claim_id, p.part, p.claim, texts[p.text], p.label == "entailment", ("rte3 fr",))


def _of_news(items: Sequence[NewsItem]) -> Iterator[Stated]:
    """Each sentence in both languages, true and false; a group for each kind of alteration holds both."""
    for number, lang in enumerate(("fr", "en")):
        others = names_of(pair[number] for item in items for pair in item.pairs)
        for item in items:
            for place, pair in enumerate(item.pairs):
                made = altered(pair[number], lang, others)
                group, claim_id = f"altered {lang}", f"{item.article.article_id}-{place}-{lang}"
                kinds = tuple(f"{group}, {kind}" for kind in made)
                if not kinds:
                    continue
                yield Stated(claim_id, item.part, pair[number], item.article.article_id, True, (group, *kinds))
                for kind, text in made.items():
                    groups = (group, f"{group}, {kind}")
                    yield Stated(f"{claim_id}-{kind}", item.part, text, item.article.article_id, False, groups)


def _article(text: str, article_id: str) -> Article:
    return article_from_record({"article_id": article_id, "text": text, "lang": "fr"})


def _ask(claim: Stated, path: ServicePath) -> Outcome:
    read = path.consider(claim.text, filters=Filters(article_ids=(claim.article_id,)))
    return Outcome(
        id=claim.claim_id, groups=claim.groups, text=claim.text, tallies={},
        scores={system: score(claim.text, read, path.claim_support) for system, score in SCORERS.items()},
        right=dict.fromkeys(SCORERS, claim.supported),
        said={"text": claim.article_id},
    )  # fmt: skip


def _with_accuracy(parts: Mapping[str, Part], part: Part, outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes of the part that is reported, told by thresholds that only the dev part's chose."""
    sets = dict.fromkeys(outcome.groups[0] for outcome in outcomes)
    dev = {name: [o for o in outcomes if o.groups[0] == name and parts[o.id] is Part.DEV] for name in sets}
    thresholds = {name: {system: best_threshold(of_set, system) for system in SCORERS} for name, of_set in dev.items()}
    return [
        outcome.model_copy(update={"tallies": _told(outcome, thresholds[outcome.groups[0]])})
        for outcome in outcomes
        if parts[outcome.id] is part
    ]


def _told(outcome: Outcome, thresholds: Mapping[str, float]) -> dict[str, dict[str, Tally]]:
    return {
        system: {"accuracy": Tally((outcome.scores[system] >= threshold) == outcome.right[system], 1)}
        for system, threshold in thresholds.items()
    }


def best_threshold(outcomes: Sequence[Outcome], system: str) -> float:
    """The least score that is to be taken for support, so that most are told right; the highest such of equals."""
    scored = scored_by(outcomes, system)
    steps = np.append(np.unique(scored.scores), np.inf)
    told = ((scored.scores >= steps[:, None]) == scored.right).sum(axis=1)
    return float(steps[len(told) - 1 - int(told[::-1].argmax())])
