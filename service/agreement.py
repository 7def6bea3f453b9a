"""Whether two sentences of evidence say the same: by their terms where they are of one language, and where they are not
by whether each supports the other."""

from index.analysis import analyse
from service.guard.checking import problems_of
from service.guard.types import Pair, PairSupport, Scope
from service.types import Evidence

SAME_TERMS = 0.45  # of the terms of either, the share that are of both (Jaccard's index; eval/LOG.md)
LIKELY = 0.5  # of the support of each by the other


def same_terms(one: Evidence, other: Evidence) -> bool:
    """Whether they have enough terms in common, and no number that only one of them has."""
    if one.article.article_id == other.article.article_id and one.span == other.span:
        return True
    mine, yours = _terms(one), _terms(other)
    common = len(mine & yours) / max(1, len(mine | yours))
    return common >= SAME_TERMS and _numbers(mine) == _numbers(yours)


class Agreement:
    """The same, and of a French and an English sentence whether each is likely to say what the other says."""

    def __init__(self, support: PairSupport) -> None:
        self._support = support

    def __call__(self, one: Evidence, other: Evidence) -> bool:
        if one.article.lang == other.article.lang:
            return same_terms(one, other)
        return self._says(one, other) and self._says(other, one)

    def _says(self, one: Evidence, other: Evidence) -> bool:
        pair = Pair(one.quote, one.article.lang, other.quote, other.article.lang, one.article.published)
        return self._support(pair, problems_of(pair, Scope.PART)) >= LIKELY


def _terms(evidence: Evidence) -> frozenset[str]:
    return frozenset(analyse(evidence.quote, evidence.article.lang))


def _numbers(terms: frozenset[str]) -> frozenset[str]:
    return frozenset(term for term in terms if any(c.isdigit() for c in term))
