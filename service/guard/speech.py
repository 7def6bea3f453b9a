"""What is quoted, who says it, and with what verb: compared between a rendering and its evidence."""

import re
from collections.abc import Iterator

from service.guard.lexicon import TermSet, says, swapped, term_sets
from service.guard.types import Kind, Pair, Problem
from service.guard.words import Text, text_of

_QUOTED = re.compile(r"«\s*([^«»]*)»|“([^“”]*)”|\"([^\"]*)\"|(?<!\w)'([^']{3,})'(?!\w)")
_MARK = re.compile(r"[«»“”\"„]")
_FIRST = {
    "fr": (re.compile(r"\b(?:je|j'|moi|me|m'|mon|ma|mes)(?=\W|\b)"), re.compile(r"\b(?:nous|notre|nos|on)\b")),
    "en": (re.compile(r"\b(?:i|me|my|mine|myself)\b(?!\.)"), re.compile(r"\b(?:we|us|our|ours|ourselves|let's)\b")),
}
_HE = {"fr": re.compile(r"\b(?:il|ils|celui|celui-ci|eux)\b"), "en": re.compile(r"\bhe\b")}
_SHE = {"fr": re.compile(r"\b(?:elle|elles|celle|celle-ci)\b"), "en": re.compile(r"\bshe\b")}
_MOST_SHIFTED = 0.45  # of a text's words, that are quoted in one and not in the other


def speech(pair: Pair) -> Iterator[Problem]:
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    yield from _quotation(evidence, rendering)
    yield from _attribution(evidence, rendering)
    yield from _persons(evidence, rendering)
    terms = term_sets("stances")["stance"]
    ours, theirs = terms.find(evidence), terms.find(rendering)
    one_denies = "deny" in {found.member for found in ours} ^ {found.member for found in theirs}
    yield from swapped(Kind.STANCE, ours, theirs, loosely=one_denies)
    yield from _strong_stance(evidence, rendering, terms)


def _quotation(evidence: Text, rendering: Text) -> Iterator[Problem]:
    ours, theirs = _quotes(evidence), _quotes(rendering)
    if _are_titles(ours, rendering) or _are_titles(theirs, evidence):
        return
    if bool(_MARK.search(evidence.raw)) and not _MARK.search(rendering.raw) and not theirs:
        yield Problem(Kind.QUOTATION, expected=ours[0] if ours else _MARK.findall(evidence.raw)[0])
    elif not _MARK.search(evidence.raw) and not ours and theirs:
        yield Problem(Kind.QUOTATION, found=theirs[0])
    elif ours and theirs and abs(_share(ours, evidence) - _share(theirs, rendering)) > _MOST_SHIFTED:
        yield Problem(Kind.QUOTATION, ours[0], theirs[0])


def _quotes(text: Text) -> list[str]:
    return [next(part for part in m.groups() if part is not None).strip() for m in _QUOTED.finditer(text.raw)]


def _are_titles(quotes: list[str], other: Text) -> bool:
    """Whether all that is quoted is names, which the other side says as they are: « That Summer ! », The Hustler."""
    return bool(quotes) and all(quote[:1].isupper() and quote.rstrip(" ,.!?") in other.raw for quote in quotes)


def _share(quotes: list[str], text: Text) -> float:
    return sum(map(len, quotes)) / max(1, len(text.raw))


def _attribution(evidence: Text, rendering: Text) -> Iterator[Problem]:
    """Who says it may be told with another verb, not left out or made up."""
    if (said := _sure(evidence)) and not says("speech", rendering):
        yield Problem(Kind.SPEAKER, expected=said)
    quoted = _MARK.search(evidence.raw)  # and so said by somebody, with whatever verb
    if (said := _sure(rendering)) and not says("speech", evidence) and not quoted:
        yield Problem(Kind.SPEAKER, found=said)


def _sure(text: Text) -> str:
    return next((found.said for found in term_sets("turns")["sure_speech"].find(text) if not found.weak), "")


def _persons(evidence: Text, rendering: Text) -> Iterator[Problem]:
    """ "I" for « nous », "she" for « il »."""
    one, many = (
        [bool(_FIRST[text.lang][number].search(text.folded)) for text in (evidence, rendering)] for number in (0, 1)
    )
    if one == [True, False] and many == [False, True]:
        yield Problem(Kind.SPEAKER, *_said_of_one(evidence.lang, rendering.lang))
    if many == [True, False] and one == [False, True]:
        yield Problem(Kind.SPEAKER, *reversed(_said_of_one(rendering.lang, evidence.lang)))
    for ours, theirs in ((_HE, _SHE), (_SHE, _HE)):
        expected, found = ours[evidence.lang].search(evidence.folded), theirs[rendering.lang].search(rendering.folded)
        either = theirs[evidence.lang].search(evidence.folded) or ours[rendering.lang].search(rendering.folded)
        if expected and found and not either:
            yield Problem(Kind.SPEAKER, expected[0], found[0])


def _said_of_one(lang: str, other: str) -> tuple[str, str]:
    return ("je" if lang == "fr" else "I", "nous" if other == "fr" else "we")


def _strong_stance(evidence: Text, rendering: Text, terms: TermSet) -> Iterator[Problem]:
    """A verb of a stance for one that only says, or the reverse."""
    said, also = (term_sets("turns")["plain_speech"].find(text) for text in (evidence, rendering))
    ours, theirs = terms.find(evidence), terms.find(rendering)
    if said and not also and not ours and (strong := [found for found in theirs if not found.weak]):
        yield Problem(Kind.STANCE, said[0].said, strong[0].said)
    if also and not said and not theirs and (strong := [found for found in ours if not found.weak]):
        yield Problem(Kind.STANCE, strong[0].said, also[0].said)
