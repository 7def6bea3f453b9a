"""Whether two sentences of evidence say the same: by their terms, and no conflict between them, where they are of one
language, and where they are not by whether each supports the other."""

from index.analysis import analyse
from index.types import Span
from service.figures import Told, differ, told
from service.guard.checking import problems_of
from service.guard.mentions import Sort, mentions, shared
from service.guard.types import Kind, Pair, PairSupport, Problem, Scope
from service.guard.words import text_of
from service.types import Evidence

SAME_TERMS = 0.45  # of the terms of either, the share that are of both (Jaccard's index; eval/LOG.md)
LIKELY = 0.5  # of the support of each by the other

_GUARDED = frozenset({"fr", "en"})
_CONFLICT = frozenset({Kind.NUMBER, Kind.UNIT, Kind.RELATION, Kind.NEGATION, Kind.STANCE, Kind.CONTRAST})
_CONFLICT_WITH_ANOTHER = frozenset({Kind.DATE, Kind.NAME, Kind.ROLE})  # what only one of them says is none


def same_terms(one: Evidence, other: Evidence) -> bool:
    """Whether they have enough terms in common, and the guard finds no conflict: the opposite, parts exchanged, another
    name, day or role, a number or a denial that only one of them has."""
    if one.article.article_id == other.article.article_id and one.span == other.span:
        return True
    mine, yours = _terms(one), _terms(other)
    common = len(mine & yours) / max(1, len(mine | yours))
    return common >= SAME_TERMS and not _conflict(one, other) and not _conflict(other, one)


def tells_another_figure(one: Evidence, other: Evidence) -> bool:
    """Whether two articles answer with different figures for the same thing ("5200 militaires", "2500 militaires")."""
    if one.article.article_id == other.article.article_id:
        return False
    return differ(_answered(one), _answered(other)) and _of_one_thing(one, other)


class Agreement:
    """The same, and of a French and an English sentence whether each is likely to say what the other says."""

    def __init__(self, support: PairSupport) -> None:
        self._support = support

    def __call__(self, one: Evidence, other: Evidence) -> bool:
        if one.article.lang == other.article.lang:
            return same_terms(one, other)
        return self._says(one, other) and self._says(other, one)

    def _says(self, one: Evidence, other: Evidence) -> bool:
        pair = _pair(one, other)
        return self._support(pair, problems_of(pair, Scope.PART)) >= LIKELY


def _answered(evidence: Evidence) -> Told:
    """What the short answer tells; its sentence may tell the unit, or that it is more than that."""
    if evidence.answer is None:
        return Told((), ())
    lang = evidence.article.lang if evidence.article.lang in _GUARDED else "fr"  # whose digits others write alike
    sentence, start = text_of(evidence.quote, lang), evidence.answer.start - evidence.span.start
    end = evidence.answer.end - evidence.span.start
    if start >= 0 and end <= len(evidence.quote) == len(sentence.raw):
        return told(sentence, Span(start, end))
    answer = text_of(evidence.answer.of(evidence.article.text), lang)
    return told(answer, Span(0, len(answer.raw)))


def _of_one_thing(one: Evidence, other: Evidence) -> bool:
    """Whether two sentences share a word, figures aside; of two languages, a name."""
    if one.article.lang != other.article.lang:
        ours, theirs = (mentions(text_of(each.quote, each.article.lang)) for each in (one, other))
        return any(mention.sort is Sort.NAME for mention, _ in shared(ours, theirs))
    return any(not term[:1].isdigit() for term in _terms(one) & _terms(other))


def _pair(one: Evidence, other: Evidence) -> Pair:
    return Pair(one.quote, one.article.lang, other.quote, other.article.lang, one.article.published)


def _terms(evidence: Evidence) -> frozenset[str]:
    return frozenset(analyse(evidence.quote, evidence.article.lang))


def _conflict(one: Evidence, other: Evidence) -> bool:
    """In a language that the guard does not know, whether only one of them has some number."""
    if not {one.article.lang, other.article.lang} <= _GUARDED:
        return _numbers(one) != _numbers(other)
    return any(_is_conflict(problem) for problem in problems_of(_pair(one, other)))


def _is_conflict(problem: Problem) -> bool:
    another = bool(problem.expected and problem.found)
    return problem.kind in _CONFLICT or (another and problem.kind in _CONFLICT_WITH_ANOTHER)


def _numbers(evidence: Evidence) -> frozenset[str]:
    return frozenset(term for term in _terms(evidence) if any(c.isdigit() for c in term))
