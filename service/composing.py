"""Writes claims from evidence, without a model: verbatim sentences, dated where they differ, introduced where foreign.

Every claim is written from its citations, so that none exists without one. Knows nothing of how evidence is chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from index.analysis import analyse
from index.dates import PublishedDate
from prompts.catalogue import messages
from service.types import Citation, Claim, Evidence, Lang, Method, ShortAnswer


@dataclass(frozen=True, slots=True)
class Composed:
    """An answer's parts. `text` is the claims in order, each followed by its markers."""

    text: str
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    short_answer: ShortAnswer | None


def compose(groups: Sequence[Sequence[Evidence]], lang: Lang) -> Composed:
    """One claim for each group, in the answer's language; the first of a group is the one that is quoted."""
    ordered, dated = _in_order(groups)
    citations: list[Citation] = []
    claims: list[Claim] = []
    text = ""
    for group in ordered:
        cited = [_citation(evidence, number) for number, evidence in enumerate(group, len(citations) + 1)]
        said = _claim_text(group[0], lang, dated=dated)
        start = len(text) + (1 if text else 0)
        numbers = tuple(citation.number for citation in cited)
        claims.append(Claim(said, start, start + len(said), numbers, group[0].support, Method.QUOTE))
        text += (" " if text else "") + said + " " + "".join(f"[{number}]" for number in numbers)
        citations += cited
    short_answer = _short_answer(ordered[:1] if dated else ordered)  # of figures that differ, the newest
    return Composed(text, tuple(claims), tuple(citations), short_answer)


def _in_order(groups: Sequence[Sequence[Evidence]]) -> tuple[list[list[Evidence]], bool]:
    """The groups as they are to be told, and whether each must show its date.

    Figures that differ between articles are told newest first, dated; otherwise the best supported article comes
    first, and its sentences in the order of its text. Within a group the newest article is quoted.
    """
    newest = [sorted(group, key=_newest_first) for group in groups]
    differing = figures_differ([group[0] for group in newest])
    if differing:
        return sorted(newest, key=lambda group: _newest_first(group[0])), True
    articles = list(dict.fromkeys(group[0].article.article_id for group in newest))
    return sorted(newest, key=lambda g: (articles.index(g[0].article.article_id), g[0].span)), False


def figures_differ(evidence: Sequence[Evidence]) -> bool:
    """Whether two articles answer with different figures for the same thing ("5200 militaires", "2500 militaires")."""
    figures = [(e.article.article_id, *_figure(e)) for e in evidence if e.answer]
    return any(
        mine[0] != yours[0] and mine[1] and yours[1] and mine[1] != yours[1] and mine[2] & yours[2]
        for i, mine in enumerate(figures)
        for yours in figures[:i]
    )


def _figure(evidence: Evidence) -> tuple[frozenset[str], frozenset[str]]:
    """The numbers of the short answer, and the other terms of its sentence."""
    assert evidence.answer
    answer = analyse(evidence.answer.of(evidence.article.text), evidence.article.lang)
    numbers = frozenset(term for term in answer if term[:1].isdigit())
    terms = frozenset(analyse(evidence.quote, evidence.article.lang))
    return numbers, frozenset(term for term in terms if not term[:1].isdigit())


def _newest_first(evidence: Evidence) -> tuple[int, float]:
    published = evidence.article.published
    return (-published.last_day.toordinal() if published else 0, -evidence.support)


def _claim_text(evidence: Evidence, lang: Lang, *, dated: bool) -> str:
    said = messages(lang)
    date = said.date_of(_iso(evidence.article.published))
    if evidence.article.lang != lang:
        publisher = evidence.article.source or said.publisher.unknown
        language = said.language_name(evidence.article.lang)
        return said.claim.foreign.format(publisher=publisher, date=date, lang=language, quote=evidence.quote)
    if dated:
        return said.claim.dated.format(date=date[:1].upper() + date[1:], quote=evidence.quote)
    return evidence.quote


def _citation(evidence: Evidence, number: int) -> Citation:
    article = evidence.article
    return Citation(
        number, article.article_id, article.title, article.source, article.published, article.url, article.lang,
        evidence.span, evidence.quote,
    )  # fmt: skip


def _short_answer(groups: Sequence[Sequence[Evidence]]) -> ShortAnswer | None:
    """The span of the most supported sentence, the first of equals; none where it has none."""
    position, best = max(enumerate(group[0] for group in groups), key=lambda told: told[1].support)
    if best.answer is None:
        return None
    return ShortAnswer(best.answer.of(best.article.text), 1 + sum(len(group) for group in groups[:position]))


def _iso(published: PublishedDate | None) -> str | None:
    return published.iso if published else None
