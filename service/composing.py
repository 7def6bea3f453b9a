"""Writes claims from evidence: its sentences verbatim, as a writer rendered them, or several as it made one of them;
dated where they differ, and introduced where they are quoted in another language.

Every claim is written from its citations, so that none exists without one. Knows nothing of how evidence is chosen.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from types import MappingProxyType
from typing import Protocol

from index.dates import PublishedDate
from index.language import is_other
from prompts.catalogue import messages
from service.agreement import tells_another_figure
from service.guard.dates import resolve
from service.guard.words import fold, text_of
from service.speakers import speaker
from service.types import Citation, Claim, Copied, Evidence, Lang, Method, ShortAnswer, Translation

_MARKER = re.compile(r"\[\d+\]")
ONLY_CONFIRMS = 0.5  # of the support of the best sentence that says the same: what is below only confirms
MOST_MERGED = 3  # points that one claim is made of
_OTHER = "other"  # what is stored is `fr` or `en`, of an article in a third language too
_NONE: Mapping[str, tuple[Copied, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Point:
    """What one claim will say: sentences that say the same, the one to be quoted first, and a citation for each."""

    evidence: tuple[Evidence, ...]
    citations: tuple[Citation, ...]

    @property
    def support(self) -> float:
        """Of the sentence that is likeliest to answer: the others say the same."""
        return _support(self.evidence)


@dataclass(frozen=True, slots=True)
class Outline:
    """The points of an answer in the order of its claims; `dated` where each must show its date."""

    points: tuple[Point, ...]
    dated: bool

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(citation for point in self.points for citation in point.citations)


@dataclass(frozen=True, slots=True)
class Written:
    """A claim, and its points with the translation of what it says; `synthesis` where it was made of all of them."""

    claim: Claim
    points: tuple[Point, ...]
    synthesis: str | None = None


class ClaimWriter(Protocol):
    """Puts evidence into the answer's language, or makes one text of it."""

    @property
    def writes(self) -> bool:
        """Whether it would; what it leaves is then said to have no reliable translation."""
        ...

    def render(self, evidence: Evidence) -> Translation | None:
        """What may be shown in the place of the evidence; `None` where that is to be quoted."""
        ...

    def synthesise(self, question: str, evidence: Sequence[Evidence]) -> str | None:
        """What answers the question in the place of evidence of one language, and rests on all of it; `None` where each
        is to be rendered or quoted."""
        ...


@dataclass(frozen=True, slots=True)
class Composed:
    """An answer's parts. `text` is the claims in order, each followed by its markers."""

    text: str
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    short_answer: ShortAnswer | None


def outline(
    groups: Sequence[Sequence[Evidence]], copies: Mapping[str, tuple[Copied, ...]] = _NONE, *, lang: Lang
) -> Outline:  # fmt: skip
    """One point for each group, its citations numbered in the order in which they will be read; each with the articles
    that are one wire copy with its own."""
    ordered, dated = _in_order(groups, lang)
    points: list[Point] = []
    number = 1
    for group in ordered:
        cited = tuple(
            _citation(evidence, n, copies.get(evidence.article.article_id, ()))
            for n, evidence in enumerate(group, number)
        )
        points.append(Point(tuple(group), cited))
        number += len(cited)
    return Outline(tuple(points), dated)


def compose(told: Outline, writer: ClaimWriter, *, lang: Lang, question: str) -> Iterator[Written]:
    """The claims in the answer's language, each as soon as it is written; each lies where it will in the whole text.

    One claim for a run of points that `writer` made one text of, its citations those of all; else one for each point,
    whose foreign evidence is rendered by it, or quoted with a lead-in.
    """
    start = 0
    for run in _runs(told):
        for written in _written(run, writer, lang=lang, question=question, dated=told.dated):
            claim = replace(written.claim, start=start, end=start + len(written.claim.text))
            yield replace(written, claim=claim)
            start += len(marked(claim)) + 1


def translate(written: Sequence[Written], lang: Lang, writer: ClaimWriter) -> tuple[Point, ...]:
    """Their points, with a translation of each foreign citation that had none, where the writer has one."""
    points = []
    for each in written:
        for point in each.points:
            for i, (evidence, citation) in enumerate(zip(point.evidence, point.citations, strict=True)):
                asked = i == 0 and each.synthesis is None
                if not asked and evidence.article.lang != lang and citation.translation is None:
                    point = _translated(point, i, writer.render(evidence))
            points.append(point)
    return tuple(points)


def assemble(told: Outline, claims: Sequence[Claim]) -> Composed:
    """The answer that these claims make."""
    points = told.points[:1] if told.dated else told.points  # of figures that differ, the one told first
    text = " ".join(marked(claim) for claim in claims)
    return Composed(text, tuple(claims), told.citations, _short_answer(points))


def marked(claim: Claim) -> str:
    """The claim as it stands in the answer's text, its markers after it."""
    return f"{claim.text} " + "".join(f"[{number}]" for number in claim.citations)


def _runs(told: Outline) -> Iterator[tuple[Point, ...]]:
    """Neighbours that may be told together: a few, of one language; each by itself where each must show its date."""
    run: list[Point] = []
    for point in told.points:
        if run and (told.dated or len(run) == MOST_MERGED or _lang(point) != _lang(run[0])):
            yield tuple(run)
            run = []
        run.append(point)
    if run:
        yield tuple(run)


def _lang(point: Point) -> str:
    return point.evidence[0].article.lang


def _written(
    run: tuple[Point, ...], writer: ClaimWriter, *, lang: Lang, question: str, dated: bool
) -> Iterator[Written]:  # fmt: skip
    synthesis = None if dated else writer.synthesise(question, [point.evidence[0] for point in run])
    if synthesis is None:
        for point in run:
            yield _single(point, writer, lang=lang, dated=dated)
        return
    numbers = tuple(citation.number for point in run for citation in point.citations)
    support = min(point.support for point in run)  # it rests on all of them
    yield Written(Claim(synthesis, 0, 0, numbers, support, Method.GENERATED), run, synthesis)


def _single(point: Point, writer: ClaimWriter, *, lang: Lang, dated: bool) -> Written:
    evidence = point.evidence[0]
    rendered = writer.render(evidence) if evidence.article.lang != lang else None
    said = _claim_text(evidence, lang, rendered, dated=dated, lacking=writer.writes)
    numbers = tuple(citation.number for citation in point.citations)
    method = Method.TRANSLATION if rendered else Method.QUOTE
    return Written(Claim(said, 0, 0, numbers, point.support, method), (_translated(point, 0, rendered),))


def _in_order(groups: Sequence[Sequence[Evidence]], lang: Lang) -> tuple[list[list[Evidence]], bool]:
    """The groups as they are to be told, and whether each must show its date.

    Figures that differ between articles are told dated: newest first, or best supported first where the dates do not
    tell which is newer. Otherwise the best supported article comes first, and its sentences in the order of its text.
    Within a group the newest article is quoted, of those in the answer's language if there are any and the dates told
    stay in order; not one that only confirms what another is much likelier to answer.
    """
    newest = [sorted(group, key=partial(_to_be_quoted, group)) for group in groups]
    differ = figures_differ([next((each for each in group if each.answer), group[0]) for group in newest])
    by_date = differ and _are_in_order([group[0].article.published for group in newest])
    if differ:
        newest.sort(key=lambda group: _newest_first(group[0]) if by_date else -_support(group))
    own = [sorted(group, key=lambda evidence: evidence.article.lang != lang) for group in newest]
    if differ:
        told = [group[0] for group in own]
        stays = _are_in_order([e.article.published for e in told]) and told == sorted(told, key=_newest_first)
        return own if stays or not by_date else newest, True
    articles = list(dict.fromkeys(group[0].article.article_id for group in own))
    return sorted(own, key=lambda g: (articles.index(g[0].article.article_id), g[0].span)), False


def _are_in_order(dates: Sequence[PublishedDate | None]) -> bool:
    """Whether each of two dates is known and they are the same or one is the newer; not 2021 and November 2021."""
    known = [date for date in dates if date]
    return len(known) == len(dates) and not any(
        one != other and one.first_day <= other.last_day and other.first_day <= one.last_day
        for one, other in combinations(known, 2)
    )


def figures_differ(evidence: Sequence[Evidence]) -> bool:
    """Whether two articles answer with different figures for the same thing ("5200 militaires", "2500 militaires")."""
    return any(tells_another_figure(one, other) for one, other in combinations(evidence, 2))


def _support(group: Sequence[Evidence]) -> float:
    return max(evidence.support for evidence in group)


def _to_be_quoted(group: Sequence[Evidence], evidence: Evidence) -> tuple[bool, int, float]:
    confirms = evidence.support < ONLY_CONFIRMS * _support(group)
    return (confirms, *_newest_first(evidence))


def _newest_first(evidence: Evidence) -> tuple[int, float]:
    published = evidence.article.published
    return (-published.last_day.toordinal() if published else 0, -evidence.support)


def _claim_text(
    evidence: Evidence, lang: Lang, rendered: Translation | None, *, dated: bool, lacking: bool
) -> str:  # fmt: skip
    said = _introduced(evidence, lang, rendered, dated=dated, lacking=lacking)
    if rendered:  # what follows explains a quotation's own words
        return said
    return " ".join(part for part in (said, _attributed(evidence, lang), _resolved(evidence, lang)) if part)


def _introduced(
    evidence: Evidence, lang: Lang, rendered: Translation | None, *, dated: bool, lacking: bool
) -> str:  # fmt: skip
    said = messages(lang)
    date = said.date_of(_iso(evidence.article.published))
    written_in = _OTHER if is_other(evidence.article.text) else evidence.article.lang
    if written_in != lang and rendered is None:
        publisher = _named(evidence.article.source) or said.publisher.unknown
        language = said.language_name(written_in)
        lead_in = said.claim.untranslated if lacking else said.claim.foreign
        return lead_in.format(publisher=publisher, date=date, lang=language, quote=evidence.quote)
    text = rendered.text if rendered else evidence.quote
    return said.claim.dated.format(date=date[:1].upper() + date[1:], quote=text) if dated else text


def _translated(point: Point, i: int, translation: Translation | None) -> Point:
    citations = list(point.citations)
    citations[i] = replace(citations[i], translation=translation)
    return Point(point.evidence, tuple(citations))


def _named(source: str | None) -> str:
    """A publisher on one line, without what a reader would take for markers of ours."""
    return " ".join(_MARKER.sub(" ", source or "").split())


def _attributed(evidence: Evidence, lang: Lang) -> str:
    """Who « il » is, after the quotation, where the article says so just before it; else empty."""
    told = speaker(evidence.article, evidence.span)
    return f"({messages(lang).claim.speaker.format(said=told.said, speaker=told.name)})" if told else ""


def _resolved(evidence: Evidence, lang: Lang) -> str:
    """What day « jeudi » was, after the quotation, which stays as it is; empty where the article's day is unknown, or
    where the quotation has the word for another day too, or for one that is not known."""
    text = text_of(evidence.quote, evidence.article.lang)
    days = resolve(text, evidence.article.published)
    words = " ".join(fold(word) for word, _ in days)
    said = messages(lang)
    told: dict[str, str] = {}
    for word, day in days:
        once = all(other == day for same, other in days if fold(same) == fold(word))
        if once and _times(word, words) == _times(word, text.folded):
            date = said.date_of(day.isoformat())
            told.setdefault(fold(word), said.claim.resolved.format(said=word, date=date))
    return f"({', '.join(told.values())})" if told else ""


def _times(word: str, folded: str) -> int:
    return len(re.findall(rf"(?<!\w){re.escape(fold(word))}(?!\w)", folded))


def _citation(evidence: Evidence, number: int, copies: tuple[Copied, ...]) -> Citation:
    article = evidence.article
    return Citation(
        number, article.article_id, article.title, article.source, article.published, article.url, article.lang,
        evidence.span, evidence.quote, copies=copies,
    )  # fmt: skip


def _short_answer(points: Sequence[Point]) -> ShortAnswer | None:
    """The span of the most supported point, the first of equals: of the sentence that is quoted, else of another that
    says the same; none where they have none."""
    best = max(points, key=lambda point: point.support)
    for evidence, citation in zip(best.evidence, best.citations, strict=True):
        if evidence.answer:
            return ShortAnswer(evidence.answer.of(evidence.article.text), citation.number)
    return None


def _iso(published: PublishedDate | None) -> str | None:
    return published.iso if published else None
