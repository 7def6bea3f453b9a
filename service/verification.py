"""Checks what is about to be shown against the stored articles. Knows no model: what fails here is never shown."""

from collections.abc import Iterable, Iterator, Mapping

from index.types import Article
from service.composing import Composed, Written
from service.errors import ServiceError
from service.types import Citation, Method


class UnverifiedClaim(ServiceError):
    """A claim that does not rest on a verbatim quotation of a stored article: a defect of ours."""


def verify_citations(citations: Iterable[Citation], stored: Mapping[str, Article]) -> None:
    """Raises `UnverifiedClaim` unless every citation is a stored article's own text."""
    for citation in citations:
        article = stored.get(citation.article_id)
        if article is None or citation.span.of(article.text) != citation.quote:
            raise UnverifiedClaim(f"citation {citation.number} is not a quotation of article {citation.article_id!r}")


def verified(written: Iterable[Written], citations: Iterable[Citation]) -> Iterator[Written]:
    """The claims, each as soon as it is checked. Raises `UnverifiedClaim` at one that says anything else than the quote
    of what it cites, than its translation, or than what was made of all that it cites (both of which were checked
    before they became that)."""
    quotes = _quotes(citations)
    for each in written:
        claim = each.claim
        if not claim.citations or any(number not in quotes for number in claim.citations):
            raise UnverifiedClaim(f"the claim at {claim.start} cites {claim.citations}, which are not all citations")
        if not _is_said(each, quotes):
            raise UnverifiedClaim(f"the claim at {claim.start} is not a {claim.method}")
        yield each


def verify_whole(composed: Composed) -> None:
    """Raises `UnverifiedClaim` unless the claims, in order and with their markers, are the whole of the text, each lies
    where it says, and the short answer is in its citation."""
    rebuilt = ""
    for claim in composed.claims:
        if composed.text[claim.start : claim.end] != claim.text:
            raise UnverifiedClaim(f"the claim at {claim.start} is not where it says it is")
        rebuilt += f" {claim.text} " + "".join(f"[{number}]" for number in claim.citations)
    if rebuilt[1:] != composed.text:
        raise UnverifiedClaim("the text holds more than its claims")
    short = composed.short_answer
    if short and short.text not in _quotes(composed.citations).get(short.citation, ""):
        raise UnverifiedClaim(f"the short answer is not in citation {short.citation}")


def _is_said(written: Written, quotes: Mapping[int, str]) -> bool:
    claim = written.claim
    cited = [citation for point in written.points for citation in point.citations]
    match claim.method:
        case Method.QUOTE:
            return any(quotes[number] in claim.text for number in claim.citations)
        case Method.TRANSLATION:
            said = [c.translation.text for c in cited if c.translation and c.number in claim.citations]
            return any(text in claim.text for text in said)
        case Method.GENERATED:
            return claim.text == written.synthesis and claim.citations == tuple(c.number for c in cited)


def _quotes(citations: Iterable[Citation]) -> dict[int, str]:
    return {citation.number: citation.quote for citation in citations}
