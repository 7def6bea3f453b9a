"""Whether a reply keeps two promises of the HTTP contract: its parts agree, and it is in the language asked for."""

import re
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher

from service.schemas import AskResponse, CitationBody, ClaimBody

Detect = Callable[[str], str]
_RUN = 12  # shared characters from which a run is a quotation and no coincidence


def in_language(reply: AskResponse, lang: str, detect: Detect) -> bool:
    """Whether the reply is in `lang`, quotes, titles and publishers' names aside.

    A claim whose source is in another language needs words of its own: a bare foreign quote is no answer.
    """
    if reply.lang != lang:
        return False
    if reply.refusal:
        return detect(reply.refusal.message) == lang
    quoted = {c.number: c for c in reply.citations}
    own = []
    for claim in reply.claims:
        sources = [quoted[n] for n in claim.citations if n in quoted]
        words = own_words(claim, sources)
        if not words and any(source.lang != lang for source in sources):
            return False
        own.append(words)
    rest = " ".join(filter(None, own))
    return not rest or detect(rest) == lang


def own_words(claim: ClaimBody, sources: Iterable[CitationBody]) -> str:
    """What is left of a claim once its sources' quotes, titles and publishers are taken out; empty if that is no
    word."""
    rest = _plain(claim.text)
    for source in sources:
        for taken in (source.quote, source.title):
            rest = _without(rest, _plain(taken))
        if publisher := _plain(source.source or ""):
            rest = rest.replace(publisher, " ")
    return rest if re.search(r"[^\W\d_]{2,}", rest) else ""


def _without(text: str, quote: str) -> str:
    while True:
        run = SequenceMatcher(None, text, quote, autojunk=False).find_longest_match()
        if run.size < min(_RUN, len(quote)) or not run.size:
            return text
        text = f"{text[: run.a]} {text[run.a + run.size :]}"


def _plain(text: str) -> str:
    return " ".join(text.split())


def well_formed(reply: AskResponse) -> bool:
    """Whether the reply keeps the contract: markers, numbers, offsets, short answer and status agree."""
    numbers = [c.number for c in reply.citations]
    if reply.status == "refused":
        empty = not (reply.claims or reply.citations or reply.short_answer)
        return empty and reply.refusal is not None and bool(reply.refusal.message)
    used = {n for claim in reply.claims for n in claim.citations}
    quotes = {c.number: c.quote for c in reply.citations}
    short = reply.short_answer
    return (
        reply.refusal is None
        and numbers == list(range(1, len(numbers) + 1))
        and used == set(numbers)
        and bool(reply.claims)
        and all(_well_marked(claim, reply.text) for claim in reply.claims)
        and (short is None or short.text in quotes.get(short.citation, ""))
    )


def _well_marked(claim: ClaimBody, text: str) -> bool:
    """The claim is where it says it is, and exactly its own markers follow it."""
    markers = re.match(r"\s*((?:\[\d+\])*)", text[claim.end :])
    wanted = "".join(f"[{n}]" for n in claim.citations)
    return text[claim.start : claim.end] == claim.text and bool(wanted) and markers is not None and markers[1] == wanted
