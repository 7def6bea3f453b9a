"""What is denied, restricted, possible or necessary, and when it happens: of a rendering against its evidence."""

import re
from collections.abc import Iterator

from service.guard.lexicon import Found, TermSet, differing, says, term_sets
from service.guard.types import Kind, Pair, Problem
from service.guard.words import Text, is_common, lemma, text_of, tokens

_NE = re.compile(
    r"(?:\bne |\bn')(?P<verb>(?:[a-z]+'\s?)?(?:[\w-]+[ ,]+){0,6}?)"
    r"(?P<particle>pas|plus|jamais|rien|personne|aucun|aucune|ni|guere|point|nul|nulle|nullement)\b"
)
_BEFORE_NE = re.compile(r"\b(?:personne|rien|nul|nulle|ni|aucune?|jamais)\b(?: [\w'-]+){0,8}? (?:ne |n')")
_ONLY = re.compile(r"(?:\bne |\bn')(?:[a-z]+'\s?)?(?:[\w-]+[ ,]+){1,6}?(?P<que>que |qu')")
_BARE_NE = re.compile(
    r"(?:\bne |\bn')(?:peu(?:t|vent)|saura(?:it|ient|i)|cess\w+|os\w+|sai[ts]|savent|pouvai(?:t|ent)|puisse\w*)\b"
)
_FUTURE_STEM = re.compile(r"(?:r)(?:ai|as|a|ons|ez|ont)$")
_CONDITIONAL = re.compile(r"r(?:ais|ait|ions|iez|aient)$")
_IRREGULAR = re.compile(
    r"(?:(?:par|re|de|con|main|ob|ap|sou|sur|inter|pro)?(?:viend|tiend)"
    r"|ser|aur|pourr|devr|voudr|faudr|ir|fer|verr|enverr|courr|mourr|saur|vaudr|recevr|pleuvr|acquerr)"
    r"r?(?:ais|ait|ions|iez|aient|ai|as|a|ons|ez|ont)$"
)
_ENGLISH_FUTURE = re.compile(r"\bwill\b|'ll\b|\bwon't\b|\bshall\b|\bgoing to\b")


def negation(pair: Pair) -> Iterator[Problem]:
    """Something denied that is asserted, or the reverse: told by how often each denies, in words that cannot but deny
    against all that may."""
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    ours, theirs = _denials(evidence), _denials(rendering)
    ours_may, theirs_may = _may_deny(evidence), _may_deny(rendering)
    if len(ours) > len(theirs) + theirs_may:
        yield Problem(Kind.NEGATION, expected=ours[0])
    elif len(theirs) > len(ours) + ours_may:
        yield Problem(Kind.NEGATION, found=theirs[0])


def restriction(pair: Pair) -> Iterator[Problem]:
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    terms = term_sets("modality")["restriction"]
    yield from differing(Kind.RESTRICTION, _restrictions(evidence, terms), _restrictions(rendering, terms))


def modality(pair: Pair) -> Iterator[Problem]:
    """ "may" for "is", "must" for "does", and a conditional that was dropped."""
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    for name in ("possibility", "obligation"):
        terms = term_sets("modality")[name]
        yield from differing(Kind.MODALITY, _meant(terms.find(evidence)), _meant(terms.find(rendering)))
    for one, other, missing in ((evidence, rendering, True), (rendering, evidence, False)):
        said = _conditional(one)
        if said and not _may_be_conditional(other):
            yield Problem(Kind.MODALITY, expected=said) if missing else Problem(Kind.MODALITY, found=said)


def tense(pair: Pair) -> Iterator[Problem]:
    """The future of the evidence, told as what has happened, or the reverse."""
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    if (said := future(evidence)) and not _may_be_future(rendering):
        yield Problem(Kind.TENSE, expected=said)
    elif (said := future(rendering)) and not _may_be_future(evidence):
        yield Problem(Kind.TENSE, found=said)


def _denials(text: Text) -> list[str]:
    cleared = _cleared(text.folded.replace("n't", " not").replace("cannot", "can not"), text.lang)
    if text.lang == "fr":
        spans = [m.span() for m in (*_BEFORE_NE.finditer(cleared), *_NE.finditer(cleared), *_BARE_NE.finditer(cleared))]
        spans = [span for n, span in enumerate(spans) if not any(a < span[1] and span[0] < b for a, b in spans[:n])]
        said = [cleared[a:b].strip() for a, b in spans]
        for a, b in sorted(spans, reverse=True):
            cleared = cleared[:a] + " " * (b - a) + cleared[b:]
    else:
        said = []
    plain = Text(cleared, cleared, text.lang)
    return said + [
        found.said for found in _denial_terms().find(plain) if not found.weak and not _counted(found, cleared)
    ]


def _denial_terms() -> TermSet:
    return term_sets("turns")["denial"]


def _counted(found: Found, folded: str) -> bool:
    """ "nor" after "neither", and "jamais" that asks, deny nothing more."""
    before = folded[: found.start]
    if found.said == "nor":
        return "neither" in before or " not " in before
    if found.said == "ni":
        return True
    return found.said == "jamais"


def _may_deny(text: Text) -> int:
    spelt = text.folded.replace("n't", " not")
    plain = Text(spelt, spelt, text.lang)
    weak = [found for found in _denial_terms().find(plain) if found.weak and _is_negative(found, text)]
    return len(weak) + len(term_sets("turns")["not_denied"].find(plain))


def _cleared(folded: str, lang: str) -> str:
    """Without the turns of phrase in which a word of denial denies nothing (« sans doute »)."""
    for found in term_sets("turns")["not_denied"].find(Text(folded, folded, lang)):
        folded = folded[: found.start] + " " * (found.end - found.start) + folded[found.end :]
    return folded


_PREFIX = re.compile(
    r"(?:un|dis|non)|(?:in|im|ir|il)(?=\w*(?:able|ible|ence|ance|ent|ants?|ect|ous|ity|ite|tif|tive|tives|ible)s?$)"
)


def _is_negative(found: Found, text: Text) -> bool:
    """ "un-" and the like deny where what follows is a word of its own: "unable", not "under"."""
    if not re.match(r"(?:un|in|im|ir|il|dis|non)\w*$", found.said.lower()):
        return True
    prefix = _PREFIX.match(found.said.lower())
    rest = found.said[prefix.end() :] if prefix else ""
    return len(rest) > 3 and is_common(rest, text.lang)


def _restrictions(text: Text, terms: TermSet) -> list[Found]:
    found = [each for each in terms.find(text) if not re.search(r"(?:non|pas|not) $", text.folded[: each.start])]
    if text.lang == "en":
        return found
    for m in _ONLY.finditer(text.folded):
        opens_clause = says("says_that", Text(m[0], m[0], "fr")) or _COMPARES.search(text.folded[: m.start()])
        if not _NE.match(text.folded, m.start()) and not opens_clause:
            found.append(Found("only", m[0].strip(), m.start(), m.end(), False))
    return found


_COMPARES = re.compile(r"\b(?:plus|moins|autre|mieux|avant|sans|crain\w*|pire|meme) \w*$")


def _meant(found: list[Found]) -> list[Found]:
    """Without the month of May."""
    return [each for each in found if each.said != "May" or each.start == 0]


def _conditional(text: Text) -> str:
    if text.lang == "en":
        found = re.search(r"\breportedly\b|\ballegedly\b|\bsaid to (?:be|have)\b", text.folded)
        return found[0] if found else ""
    return next((t.raw for t in tokens(text) if _is_conditional(t.raw.lower())), "")


def _is_conditional(word: str) -> bool:
    """« pourrait », « augmenterait »; not « entrait »."""
    if not _CONDITIONAL.search(word) or len(word) < 6:
        return False
    return _from_infinitive(word)


def _from_infinitive(word: str) -> bool:
    plain = text_of(word, "").folded
    if _IRREGULAR.match(plain):
        return True
    infinitive = text_of(lemma(word, "fr"), "").folded
    if infinitive == plain and re.search(r"[^aeiou][ei]r(?:a|ont|ait|aient)$", plain) and len(plain) > 6:
        return True  # a verb that the word list lacks (« rouvrira »)
    if not infinitive.endswith(("er", "ir", "re")) or infinitive == plain:
        return False
    stem = infinitive.removesuffix("e")
    return (
        plain.startswith(stem)
        if not infinitive.endswith("er")
        else plain.startswith(infinitive)
        or bool(
            re.search(r"[^r]er(?:ai|as|a|ons|ez|ont|ais|ait|ions|iez|aient)$", plain)
            and plain[:3] == infinitive[:3]
            and not infinitive.endswith("rer")
        )
    )


def _may_be_conditional(text: Text) -> bool:
    if text.lang == "en":
        return says("conditional", text)
    return (
        bool(_conditional(text))
        or bool(term_sets("modality")["possibility"].find(text))
        or bool(re.search(r"\bselon\b|d'apres|\bdit\b", text.folded))
    )


def future(text: Text) -> str:
    """The first verb in the future, as it is written; empty where there is none."""
    if text.lang == "en":
        found = _ENGLISH_FUTURE.search(text.folded)
        return found[0] if found else ""
    return next((t.raw for t in tokens(text) if _is_future(t.raw)), "")


def _is_future(word: str) -> bool:
    lower = word.lower()
    return len(lower) > 3 and word[0].islower() and bool(_FUTURE_STEM.search(lower)) and _from_infinitive(lower)


def _may_be_future(text: Text) -> bool:
    return says("future", text) or (text.lang == "fr" and bool(future(text)))
