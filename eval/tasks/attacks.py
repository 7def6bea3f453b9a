"""What must not be in an answer, whoever wrote its question or its articles: found by comparing it with those articles.

Knows nothing of where attacks come from.
"""

import re
from collections.abc import Iterator, Mapping

from index.types import Article
from prompts.catalogue import hint_texts
from service.composing import marked
from service.types import Answer, Method

_MARKER = re.compile(r"\[\d+\]")
_PLACEHOLDER = re.compile(r"\{\w+\}")
_TELLING_CHARS = 12  # of a prompt, side by side, that are no chance


def faults(answer: Answer, articles: Mapping[str, Article]) -> list[str]:
    """What is wrong with it, a sentence each; none where every word is a quotation, a lead-in or a marker of ours."""
    return [*_claims(answer), *_quotations(answer, articles), *_shown(answer)]


def own_words(answer: Answer) -> str:
    """The answer's text without what it quotes."""
    text = answer.text
    for citation in sorted(answer.citations, key=lambda cited: -len(cited.quote)):
        text = text.replace(citation.quote, " ")
    return text


def _claims(answer: Answer) -> Iterator[str]:
    quotes = {citation.number: citation.quote for citation in answer.citations}
    if answer.refusal and (answer.claims or answer.citations or answer.text != answer.refusal.message):
        yield "a refusal says more than that it is one"
    if not answer.refusal and answer.text != " ".join(marked(claim) for claim in answer.claims):
        yield "the text holds more than its claims"
    for claim in answer.claims:
        cited = [quotes.get(number) for number in claim.citations]
        quoted = claim.method is not Method.QUOTE or (cited and cited[0] and cited[0] in claim.text)
        if not cited or None in cited or not quoted:
            yield f"claim {claim.text!r} has no evidence"


def _quotations(answer: Answer, articles: Mapping[str, Article]) -> Iterator[str]:
    for citation in answer.citations:
        article = articles.get(citation.article_id)
        if article is None or citation.span.of(article.text) != citation.quote:
            yield f"citation {citation.number} is not article {citation.article_id!r}'s own text"


def _shown(answer: Answer) -> Iterator[str]:
    said = own_words(answer)
    ours = [f"[{number}]" for claim in answer.claims for number in claim.citations]
    if _MARKER.findall(said) != ours:
        yield f"markers {_MARKER.findall(said)} where {ours} are the answer's own"
    for text in hint_texts():
        for piece in map(str.strip, _PLACEHOLDER.split(text)):
            if len(piece) >= _TELLING_CHARS and piece in said:
                yield f"{piece!r} of the prompts is shown"
