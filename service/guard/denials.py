"""What is denied: counted against the evidence, and clause by clause."""

import re
from collections.abc import Iterator, Sequence

from service.guard.anchors import anchors
from service.guard.lexicon import Found, TermSet, term_sets
from service.guard.polarity import NE, NO_LONGER_BUT
from service.guard.types import Kind, Pair, Problem
from service.guard.words import Text, is_common, text_of

_BEFORE_NE = re.compile(r"\b(?:personne|rien|nul|nulle|ni|aucune?|jamais)\b(?: [\w'-]+){0,8}? (?:ne |n')")
_BARE_NE = re.compile(
    r"(?:\bne |\bn')(?:peu(?:t|vent)|saura(?:it|ient|i)|cess\w+|os\w+|sai[ts]|savent|pouvai(?:t|ent)|puisse\w*)\b"
)

_ONE_DENIAL = re.compile(r"\b(?:ne |n'|sans |ni )[^,;:.]*$")


def negation(pair: Pair) -> Iterator[Problem]:
    """Something denied that is asserted, or the reverse: told by how often each denies, in words that cannot but deny
    against all that may and that no such word of the other side answers for; then by which clause denies."""
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    ours, theirs = _denials(evidence), _denials(rendering)
    ours_may, theirs_may = _may_deny(evidence, rendering)
    if len(ours) > len(theirs) + theirs_may:
        yield Problem(Kind.NEGATION, expected=ours[0])
    elif len(theirs) > len(ours) + ours_may:
        yield Problem(Kind.NEGATION, found=theirs[0])
    elif ours and theirs:
        yield from _of_another_clause(evidence, rendering)


_MANY = 2
_NUMBERED = re.compile(r"\bno\. ?(?=\d)")  # "No. 31"
CUT = re.compile(
    r"[;:()«»“”\"]|,(?!\d)| - |\b(?:mais|tandis que|alors que|bien que|puisque|parce que|lorsque|quand|qui|dont|puis|et"
    r"|si|but|while|whereas|although|though|because|which|who|that|then|and|when|where|if|as|unlike|contrairement)\b"
)


def _of_another_clause(evidence: Text, rendering: Text) -> Iterator[Problem]:
    """What is denied is asserted and what is asserted is denied, of words that both sides share."""
    here, there = _denied(evidence), _denied(rendering)
    lost: list[str] = []
    put: list[str] = []
    for anchor in anchors(evidence, rendering):
        ours, theirs = _within(here, anchor.ours), _within(there, anchor.theirs)
        if ours and theirs:
            return
        lost += [anchor.said] * ours
        put += [anchor.said] * theirs
    if (lost and put) or max(len(lost), len(put)) > _MANY:
        yield Problem(Kind.NEGATION, *(f"{said[0]} …" if said else "" for said in (lost, put)))


def _denied(text: Text) -> list[tuple[int, int]]:
    """Where the clauses lie that deny something."""
    ends = [found.start() for found in CUT.finditer(text.folded)]
    spans = zip([0, *ends], [*ends, len(text.folded)], strict=True)
    return [(a, b) for a, b in spans if _denials(Text(text.raw[a:b], text.folded[a:b], text.lang))]


def _within(spans: Sequence[tuple[int, int]], place: int) -> bool:
    return any(start <= place < end for start, end in spans)


def _denials(text: Text) -> list[str]:
    spelt = _NUMBERED.sub(lambda numbered: " " * len(numbered[0]), text.folded) if text.lang == "en" else text.folded
    cleared = _cleared(spelt.replace("n't", " not").replace("cannot", "can not"), text.lang)
    if text.lang == "fr":
        spans = [m.span() for m in (*_BEFORE_NE.finditer(cleared), *NE.finditer(cleared), *_BARE_NE.finditer(cleared))]
        spans = [span for n, span in enumerate(spans) if not any(a < span[1] and span[0] < b for a, b in spans[:n])]
        spans = [(a, b) for a, b in spans if not NO_LONGER_BUT.match(cleared, a)]
        said = [cleared[a:b].strip() for a, b in spans]
        for a, b in sorted(spans, reverse=True):
            cleared = cleared[:a] + " " * (b - a) + cleared[b:]
    else:
        said = []
    plain = Text(cleared, cleared, text.lang)
    return said + [
        found.said for found in _denial_terms().find(plain) if not found.weak and not _counted(found, text.folded)
    ]


def _denial_terms() -> TermSet:
    return term_sets("turns")["denial"]


def _counted(found: Found, folded: str) -> bool:
    """ "nor" after a denial, « aucun » after « ne » or « sans », and « jamais » that asks, deny nothing more."""
    before = folded[: found.start]
    if found.said == "nor":
        return re.search(r"\b(?:neither|not|no|never|cannot)\b", before) is not None
    if found.said in ("aucun", "aucune"):
        return _ONE_DENIAL.search(before) is not None
    if found.said == "ni":
        return True
    return found.said == "jamais"


# Words that may deny, by what they mean: one of a text answers for one of the other, and for no denial beside it.
_ANSWERING = [
    re.compile(rf"(?:{words})")
    for words in (
        r"refus|declin|rejet|reject|turned down",
        r"manqu|lack|miss|fail|echou|echec|defaut",
        r"empech|prevent|stop|cess",
        r"interdi|ban|forbid|prohib",
        r"absen|lack|missing|without",
        r"evit|avoid|spar",
        r"exclu|exclud|rul|sauf|except",
        r"seul|only|restrict",
        r"nie|deni|dement|den",
        r"peu|guere|a peine|rarement|little|hardly|barely|rarely|seldom|scarcely|un",
        r"priv|depriv|depourvu|devoid|without",
        r"ignor|unaware|un",
        r"plutot|rather|instead|au lieu",
        r"impossib|incapab|unable|inab|im|in|un|non|dis|ir|il|des",
        r"perd|lost",
        r"contrairement|unlike|contrary|loin|far|away",
        r"mal|wrong|un|mis",
    )
]


def _may_deny(evidence: Text, rendering: Text) -> tuple[int, int]:
    """How many words of each may deny, without those that answer for each other."""
    ours, theirs = _weak(evidence), _weak(rendering)
    for word in list(ours):
        answer = next((other for other in theirs if any(a.match(word) and a.match(other) for a in _ANSWERING)), None)
        if answer:
            ours.remove(word)
            theirs.remove(answer)
    return len(ours) + _turns(evidence), len(theirs) + _turns(rendering)


def _weak(text: Text) -> list[str]:
    plain = _spelt(text)
    return [f.said.lower() for f in _denial_terms().find(plain) if f.weak and _is_negative(f, text)]


def _turns(text: Text) -> int:
    return len(term_sets("turns")["not_denied"].find(_spelt(text)))


def _spelt(text: Text) -> Text:
    spelt = text.folded.replace("n't", " not")
    return Text(spelt, spelt, text.lang)


def _cleared(folded: str, lang: str) -> str:
    """Without the turns of phrase in which a word of denial denies nothing (« sans doute »)."""
    for found in term_sets("turns")["not_denied"].find(Text(folded, folded, lang)):
        folded = folded[: found.start] + " " * (found.end - found.start) + folded[found.end :]
    return folded


_PREFIX = re.compile(
    r"(?:un|dis|non)|(?:in|im|ir|il)(?=\w*(?:able|ible|ence|ance|ent|ants?|ect|ous|ity|ite|tif|tive|tives|ible)s?$)"
)

_A_PERSON = re.compile(r"\b(?:une|la|cette|chaque|premiere|seule|autre|meme) $")


def _is_negative(found: Found, text: Text) -> bool:
    """ "un-" and the like deny where what follows is a word of its own: "unable", not "under"; "disease" and « une
    personne » deny nothing."""
    if found.said.lower() == "personne":
        return _A_PERSON.search(text.folded[: found.start]) is None
    if not re.match(r"(?:un(?!til$)|in|im|ir|il|dis|non)\w*$", found.said.lower()):
        return True
    if term_sets("turns")["negative_in_form"].find(text_of(found.said, text.lang)):
        return False
    prefix = _PREFIX.match(found.said.lower())
    rest = found.said[prefix.end() :] if prefix else ""
    return len(rest) > 3 and is_common(rest, text.lang)
