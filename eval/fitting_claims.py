"""Fits what speaks for and against a claim (`service/claim_support.py`) on people's translations, and says how well.

On news_commentary's dev part, which neither training nor reporting looks at: sentences beside their translations, and
these made false. PUD's dev part says how well. Of a sentence beside itself the order tells too much, so that both sides
are of different languages.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from eval.datasets import Part, datasets_folder
from eval.news_datasets import NewsItem, news_commentary, pud
from eval.tasks.altering import KINDS, altered, names_of
from eval.tasks.guard import MOST_CHARS
from index.types import Article, Passage, Span
from service.agreement import Agreement
from service.claim_support import CLAIM_WEIGHTS, ClaimSupport, ClaimWeights, claim_features
from service.evidence import Agree
from service.guard.checking import problems_of
from service.guard.types import Pair, Scope, SupportScore
from service.types import Evidence

SIDES = (("fr", "en"), ("en", "fr"))  # of the evidence and of the claim
SENTENCES = 500  # of each set and side, at most
TRUE = "true"
REFUSED = 0.02  # of true claims in which the rules find nothing


@dataclass(frozen=True, slots=True)
class Weighed:
    """A claim beside its evidence: true, or false by a rule. `kinds`: those of a true one that can be made false so.
    `passes`: that the guard's rules find nothing."""

    side: str
    kind: str
    kinds: tuple[str, ...]
    passes: bool
    features: dict[str, float]


def weigh(items: Sequence[NewsItem], said: SupportScore) -> Iterator[Weighed]:
    """Claims of some of the sentences, on both sides, and the same made false."""
    pairs = [(item, pair) for item in items for pair in item.pairs if max(map(len, pair)) <= MOST_CHARS]
    random.Random(0).shuffle(pairs)
    for of, about in SIDES:
        here, there = (("fr", "en").index(lang) for lang in (of, about))
        others = names_of(pair[there] for item in items for pair in item.pairs)
        for item, pair in pairs[:SENTENCES]:
            made = altered(pair[there], about, others)
            for kind, claim in {TRUE: pair[there], **made}.items():
                beside = Pair(pair[here], of, claim, about, item.article.published)
                problems = problems_of(beside, Scope.PART)
                features = claim_features(said(beside.evidence, claim), beside, problems)
                yield Weighed(f"{of} → {about}", kind, tuple(made), not problems, features)


def fit_claims(claims: Sequence[Weighed]) -> ClaimWeights:
    """A logistic regression in which the true ones count as much as the false ones."""
    chosen = sorted(claims[0].features)
    values = np.array([[claim.features[name] for name in chosen] for claim in claims])
    true = np.array([claim.kind == TRUE for claim in claims])
    counts = np.where(true, (~true).sum() / true.sum(), 1.0)
    found = LogisticRegression().fit(values, true, counts)
    weights = {name: float(weight) for name, weight in zip(chosen, found.coef_[0], strict=True)}
    draft = ClaimWeights(float(found.intercept_[0]), weights, 0.0)
    passing = [draft.probability(claim.features) for claim in claims if claim.passes and claim.kind == TRUE]
    return ClaimWeights(draft.intercept, weights, round(float(np.quantile(passing, REFUSED)), 2))


def calibrate_claims(said: SupportScore, out: Path = CLAIM_WEIGHTS) -> Iterator[str]:
    """Fits and writes the weights, and says how well they tell the claims of PUD's dev part."""
    folder = datasets_folder()
    fitted = fit_claims(list(weigh([item for item in news_commentary(folder) if item.part is Part.DEV], said)))
    out.write_text(json.dumps(asdict(fitted), indent=1) + "\n", encoding="utf-8")
    yield json.dumps(asdict(fitted))
    items = [item for item in pud(folder) if item.part is Part.DEV]
    held_back = list(weigh(items, said))
    for side in dict.fromkeys(claim.side for claim in held_back):
        yield told(fitted, side, [claim for claim in held_back if claim.side == side])
    translations, neighbours = agreeing(items, Agreement(ClaimSupport(said, fitted)))
    yield f"taken to say the same: {translations:.3f} of translations, {neighbours:.3f} of the sentences beside them"


def told(fitted: ClaimWeights, side: str, claims: Sequence[Weighed]) -> str:
    """The AUC, of all and by kind; and of those that the rules pass, how many `least` refuses."""
    kinds = {kind: [c for c in claims if kind in (c.kind, *(c.kinds if c.kind == TRUE else ()))] for kind in KINDS}
    areas = {"all": [claim for claim in claims if claim.kinds or claim.kind != TRUE], **kinds}
    figures = [f"{kind} {_auc(fitted, those):.3f}" for kind, those in areas.items() if those]
    true, false = (
        [fitted.probability(c.features) < fitted.least for c in claims if c.passes and (c.kind == TRUE) is right]
        for right in (True, False)
    )
    refused = f"of those without a problem refused: {np.mean(true):.3f} of the true, {np.mean(false):.3f} of the false"
    return f"{side}: AUC {', '.join(figures)}; {refused}"


def agreeing(items: Sequence[NewsItem], agree: Agree) -> tuple[float, float]:
    """The share of French sentences that agree with their translation, and with that of the sentence after it."""
    pairs = [
        [_evidence(text, lang) for text, lang in zip(p, ("fr", "en"), strict=True)] for i in items for p in i.pairs
    ]
    return (
        float(np.mean([agree(french, english) for french, english in pairs])),
        float(np.mean([agree(french, english) for (french, _), (_, english) in pairwise(pairs)])),
    )


def _evidence(text: str, lang: str) -> Evidence:
    """The sentence as the evidence of an article that says nothing else."""
    span = Span(0, len(text))
    return Evidence(Article(text, text, "", lang=lang), Passage(text, text, span, text, (span,)), span, 1.0)


def _auc(fitted: ClaimWeights, claims: Sequence[Weighed]) -> float:
    return float(roc_auc_score([c.kind == TRUE for c in claims], [fitted.logit(c.features) for c in claims]))
