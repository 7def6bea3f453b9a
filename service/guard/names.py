"""Compares the names of a rendering with those of its evidence.

A known name must be said on both sides, in its language's form; any other is kept letter by letter, but for what the
two languages write differently when they transliterate. English writes with a capital what French does not: a
capitalised word that is common, or of the same root as a word of the evidence, is no name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from index.analysis import is_function_word
from service.guard.dates import named_dates
from service.guard.gazetteer import known_names
from service.guard.lexicon import Found, differing, term_sets
from service.guard.types import Kind, Pair, Problem
from service.guard.words import Text, Token, is_common, text_of, tokens

_STARTS_SENTENCE = re.compile(r"(?:^|[.!?…:;]|[\"“”«»(\[*•-])\s*[\"“«(\[']?\s*$")
_CENTURY = re.compile(r"[IVX]+(?:e|er|ème)")
_ENDS_ALIKE = re.compile(r"[aeios]{1,3}$")  # Salerne, Salerno; Asturies, Asturias
_ELIDED = frozenset({"l", "d", "j", "c", "qu", "n", "s", "m", "t", "lorsqu", "puisqu", "jusqu"})
# What a name is also called by: « européen » may be rendered as "EU".
_ALSO = {
    "europe": {"EU", "eec", "eurozone"}, "EU": {"europe"}, "GB": {"england"}, "england": {"GB"}, "CD": {"CG"},
    "CG": {"CD"}, "islam": {"muslim"}, "muslim": {"islam"}, "eurozone": {"europe"}, "RU": {"soviet"}, "korea": {"KR"},
    "KR": {"korea"}, "western": {"westward"}, "latinamerica": {"southamerica"}, "southamerica": {"latinamerica"},
}  # fmt: skip
_NO_NAMES = frozenset(
    {
        "I",
        "Mr",
        "Mrs",
        "Ms",
        "Dr",
        "No",
        "St",
        "A",
        "OK",
        "PM",
        "AM",
        "M",
        "MM",
        "Mme",
        "Mlle",
        "Melle",
        "TV",
        "Dre",
        "AD",
        "BC",
        "BCE",
    }
)


@dataclass(frozen=True, slots=True)
class _Name:
    """A capitalised word; `sure` where it begins no sentence and is no common word; `inside` where it begins none."""

    token: Token
    sure: bool
    inside: bool


def names(pair: Pair) -> Iterator[Problem]:
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    ours, theirs = known_names(evidence), known_names(rendering)
    yield from _known(ours, theirs, evidence, rendering)
    missing = [name for name in _names(evidence, ours) if name.sure and not _is_said(name.token, evidence, rendering)]
    added = [name for name in _names(rendering, theirs) if name.sure and not _is_said(name.token, rendering, evidence)]
    for number in range(max(len(missing), len(added))):
        yield Problem(
            Kind.NAME,
            missing[number].token.raw if number < len(missing) else "",
            added[number].token.raw if number < len(added) else "",
        )


def other_names(text: Text) -> list[tuple[int, int, str, str]]:
    """Where names are that no list knows, a run of capitals being one, with its last word and what that sounds like."""
    runs: list[tuple[int, int, str, str]] = []
    for name in _names(text, known_names(text)):
        follows = bool(runs) and name.token.start - runs[-1][1] == 1
        after = text.raw[name.token.end + 1 : name.token.end + 2]
        opens = not is_common(name.token.raw, text.lang) or (len(name.token.raw) > 3 and not after.isupper())
        if name.sure or name.inside or follows or opens:
            start = runs.pop()[0] if follows else name.token.start
            sound = _transliterated(name.token.folded, text.lang)
            runs.append((start, name.token.end, name.token.folded, sound))
    return runs


def _known(
    ours: tuple[Found, ...], theirs: tuple[Found, ...], evidence: Text, rendering: Text
) -> Iterator[Problem]:  # fmt: skip
    """A known name that is there letter by letter on the other side, under whatever meaning, is said there."""
    also = [
        [*found, *(replace(f, member=m, weak=True) for f in found for m in sorted(_ALSO.get(f.member, ())))]
        for found in (ours, theirs)
    ]
    for problem in differing(Kind.NAME, also[0], also[1]):
        expected = "" if problem.expected and _has(problem.expected, rendering) else problem.expected
        found = "" if problem.found and _has(problem.found, evidence) else problem.found
        if expected or found:
            yield Problem(Kind.NAME, expected, found)


def _has(name: str, text: Text) -> bool:
    return (
        name[:1].isupper()
        and re.search(rf"(?<!\w){re.escape(text_of(name, '').folded)}(?!\w)", text.folded) is not None
    )


def _names(text: Text, known: tuple[Found, ...]) -> list[_Name]:
    """The capitalised words that are not of a known name, nor a title, a month or a day."""
    others = [*known, *term_sets("titles")["role"].find(text), *named_dates(text)]
    found: list[_Name] = []
    for token in tokens(text):
        if not token.raw[:1].isupper() or len(token.raw) < 2 or token.raw in _NO_NAMES:
            continue
        if any(each.start < token.end and token.start < each.end for each in others):
            continue
        if token.folded in _ELIDED and text.raw[token.end : token.end + 1] == "'":
            continue
        if _CENTURY.fullmatch(token.raw):
            continue
        starts = bool(_STARTS_SENTENCE.search(text.raw[: token.start]))
        acronym = token.raw.isupper() and not text.raw.isupper()
        # A French first word that no list knows is more often an adverb than a name.
        if is_function_word(token.raw, text.lang) and not acronym:
            continue
        sure = acronym or not (is_common(token.raw, text.lang) or (starts and (text.lang == "fr" or _is_word(token))))
        found.append(_Name(token, sure, not starts))
    return found


def _is_word(token: Token) -> bool:
    """A first word that the word list lacks, but that its ending shows to be one."""
    return token.folded.endswith(("ly", "ing", "ness", "less", "tion"))


def _is_said(token: Token, here: Text, there: Text) -> bool:
    """Whether a name of `here` is in `there`: letter by letter, transliterated, or as a word of the same meaning."""
    others = tokens(there)
    word = token.folded.rstrip("'")
    if any(other.folded.rstrip("'") == word for other in others) or (
        len(word) > 3 and word in there.folded.replace(" ", "").replace("-", "")
    ):
        return True
    if any(
        _transliterated(word, here.lang) == _transliterated(other.folded, there.lang)
        for other in others
        if other.raw[:1].isupper()
    ):
        return True
    glossary = term_sets("glossary")["word"]
    meant = {found.member for found in glossary.find(Text(token.raw, token.folded, here.lang))}
    if meant:
        return bool(meant & {found.member for found in glossary.find(there)})
    if here.lang == there.lang:
        return False
    stem = _ENDS_ALIKE.sub("", word)
    if len(stem) >= 5 and any(stem == _ENDS_ALIKE.sub("", other.folded) for other in others if other.raw[:1].isupper()):
        return True
    if (sounds := _consonants(word, here.lang)) and any(
        sounds == _consonants(other.folded, there.lang) for other in others if other.raw[:1].isupper()
    ):
        return True
    acronym = token.raw.isupper()
    if acronym:
        return any(other.raw.isupper() and sorted(other.folded) == sorted(word) for other in others)
    common = is_common(token.raw, here.lang)
    return any(
        same_root(word, other.folded)
        for other in others
        if not other.raw[:1].isupper() or common or is_common(other.raw, there.lang)
    )


_SPELLINGS = {
    "fr": (("tch", "c^"), ("sch", "s^"), ("ch", "s^"), ("dj", "j"), ("ou", "u"), ("kh", "k"), ("gu(?=[ie])", "g"),
           ("ine$", "in"), ("eff$", "ev"), ("ev$", "ev"), ("ph", "f"), ("(?<=[a-z]{4})e$", "a")),
    "en": (("tch", "c^"), ("sch", "s^"), ("ch", "c^"), ("sh", "s^"), ("dj", "j"), ("ou", "u"), ("oo", "u"), ("kh", "k"),
           ("ph", "f"), ("ine$", "in"), ("^ye", "e"), ("th", "t")),
}  # fmt: skip


def _transliterated(word: str, lang: str) -> str:
    """The same for what French and English make of a name in another alphabet: Poutine, Putin."""
    word = word.replace("oe", "o").replace("ue", "u").replace("ae", "a")
    for written, sound in _SPELLINGS[lang]:
        word = re.sub(written, sound, word)
    word = re.sub(r"y+|ii+", "i", word.replace("w", "v").replace("q", "k").replace("c^", "C").replace("s^", "S"))
    word = re.sub(r"c(?=[aou])", "k", word).replace("h", "").replace("'", "")
    return re.sub(r"(.)\1", r"\1", word.removesuffix("s"))


def _consonants(word: str, lang: str) -> str:
    """Of a long name, as it sounds: Thoutmôsis and Thutmose, Ramsès and Ramesses differ in vowels only."""
    sounds = re.sub(r"(.)\1", r"\1", re.sub(r"[aeiou]", "", _transliterated(word, lang)))
    return sounds if len(word) >= _LONG and len(sounds) >= _LEAST_CONSONANTS else ""


_LONG, _LEAST_CONSONANTS = 6, 3

_SUFFIXES = (
    "issement", "issements", "isation", "isations", "ization", "izations", "ationnel", "ationnelle", "ational",
    "ations", "ation", "itionnel", "itional", "itions", "ition", "iquement", "ically", "iques", "ique", "ical",
    "ics", "ic", "iens", "ienne", "iennes", "ien", "ians", "ian", "istes", "iste", "ists", "ist", "ismes", "isme",
    "isms", "ism", "ites", "ite", "ities", "ity", "es", "e", "ies", "ie", "y", "euses", "euse", "eurs", "eur",
    "ors", "or", "ers", "er", "aires", "aire", "aries", "ary", "ales", "aux", "ale", "al", "els", "elles", "elle",
    "el", "euses", "eux", "ous", "ives", "ifs", "ive", "if", "ments", "ment", "ences", "ence", "ances", "ance",
    "ents", "ent", "ants", "ant", "ees", "ee", "es", "ed", "ing", "s", "a", "o", "oires", "oire", "ories", "ory",
    "ures", "ure", "iers", "iere", "ieres", "ier", "ains", "aine", "aines", "ain", "ans", "ane", "an", "ois",
    "oise", "oises", "ese", "tre", "ter", "re",
)  # fmt: skip


def same_root(one: str, other: str) -> bool:
    """« suprême » and "Supreme", « transition » and "Transitional": alike but for an ending of either language."""
    if len(one) < 4 or len(other) < 4 or one[0] != other[0]:
        return False
    if one == other:
        return True
    roots, others = _roots(one), _roots(other)
    return bool(roots & others)


def _roots(word: str) -> frozenset[str]:
    for written, sound in (("ph", "f"), ("qu", "c"), ("k", "c"), ("y", "i"), ("th", "t"), ("x", "s")):
        word = word.replace(written, sound)
    word = re.sub(r"(.)\1", r"\1", word)
    stems = (word[: -len(suffix)] for suffix in _SUFFIXES if word.endswith(suffix))
    return frozenset({word, *(stem for stem in stems if len(stem) >= 4)})
