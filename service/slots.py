"""The places in a question that another name can take: "de **l’Allemagne**", "in **Iraq**", "**France**'s".

Knows how French and English put names into a sentence, by rules; nothing of conversations.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from index.analysis import is_function_word
from index.dictionary import frequency, with_accents
from service.guard.gazetteer import known_names, nations, people_spans
from service.guard.lexicon import term_sets
from service.guard.words import is_common, text_of

WEEKDAYS = (
    "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|[Mm]onday|[Tt]uesday|[Ww]ednesday|[Tt]hursday|[Ff]riday"
    "|[Ss]aturday|[Ss]unday"
)
MONTHS = (  # a verb may be "may" or "march"
    "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|January|February|March"
    "|April|May|June|July|August|September|October|November|December"
)


class Role(StrEnum):
    """What a name is there for, by the preposition ahead of it; `BARE` has none."""

    BARE = ""
    OF = "of"
    PLACE = "place"
    TOPIC = "topic"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Slot:
    """A name and what stands before it, from `start` to `end`; `name` is the name alone, as it is written."""

    start: int
    end: int
    preposition: str
    article: str
    name: str

    @property
    def role(self) -> Role:
        return _ROLES.get(plain(self.preposition).lower(), Role.OTHER if self.preposition else Role.BARE)

    @property
    def name_start(self) -> int:
        return self.end - len(self.name)


_ROLES = {
    **dict.fromkeys(("de", "d'", "of"), Role.OF),
    **dict.fromkeys(("en", "à", "dans", "vers", "in", "at", "near"), Role.PLACE),
    **dict.fromkeys(("sur", "on", "about", "à propos de", "concernant", "regarding"), Role.TOPIC),
}
_CONTRACTED = {"du": ("de", "le"), "des": ("de", "les"), "au": ("à", "le"), "aux": ("à", "les")}
_CONTRACTIONS = {parts: word for word, parts in _CONTRACTED.items()} | {("en", "le"): "au", ("en", "les"): "aux"}

_CAPITAL = r"[A-ZÀ-ÖØ-Þ]"
_TITLE = rf"(?:MM|M|Mr|Mrs|Ms|Dr|Ste?|Gen|Gov|Sen|Prof)\.(?=\s{_CAPITAL})"
_WORD = r"[\w-]*(?:'(?!s\b)\w[\w-]*)*"
_NAME_WORD = rf"(?:(?:{_CAPITAL}\.)+|{_TITLE}|{_CAPITAL}{_WORD})"
_LINK = r"(?:d'|(?:(?:de|du|des|of|von|van|der|den|al|el|bin|the|la|le)\s){1,2}(?:l')?)"
_AHEAD = (
    r"(?:(?P<preposition>\b(?i:en|à propos de|à|dans|vers|chez|de|sur|pour|par|contre|avec|depuis|concernant|in|at|of"
    r"|from|on|about|for|to|by|with|near|against|regarding)\s|\b[dD]'))?"
    r"(?:(?P<contracted>\b(?i:du|des|aux?)\s)|(?P<article>\b(?i:l[ea]s?|the)\s|\b[lL]'))?"
)
_CAPITALISED = re.compile(rf"{_AHEAD}(?P<name>{_NAME_WORD}(?:\s(?:{_LINK})?{_NAME_WORD})*)")
_LOWER = re.compile(rf"{_AHEAD}(?P<name>\b[^\W\d_]+)")
_LINKED = re.compile(rf"(?P<left>.+?)(?P<link>\s(?:de|du|des|d'|of)(?:\s|(?<='))(?:(?:la|the)\s|l')?)(?={_CAPITAL})")
_SAYS_OF = re.compile(r"\b(?:pens|di[ts]|parl|attend|reproch|exig|ve(?:ut|ulent)|demand|obt|reç)\w*", re.IGNORECASE)
_CLITIC = re.compile(r"-(?:t-)?(?:ce|ils?|elles?|on|je|tu|nous|vous|moi|le|la|les)$", re.IGNORECASE)
_ABBREVIATED = re.compile(r"CEO|C[FTO]O|PDG|DG|PIB|GDP|PNB|GNP|QG|HQ|PM|[MV]P|TVA|VAT|SMIC|RSA|HLM|ADN|DNA|IVG")
_TIME = re.compile(
    rf"(?:{WEEKDAYS}|{MONTHS}|noël|pâques|hier|demain|aujourd|christmas|easter|today|tomorrow|yesterday|tonight|now)\b",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """With plain apostrophes, character for character."""
    return text.replace("’", "'")


def slots(question: str, lang: str) -> list[Slot]:
    """The names in a question, in order. Its first word is one where it can be nothing else; days and months are none.

    Where the asker writes no capitals, words that are no words of either language count, and countries.
    """
    said = plain(question)
    first = re.search(r"\w[\w-]*", said)
    if first is None:
        return []
    begin = first.end() if _may_open(_CLITIC.sub("", first[0]), lang) else first.start()
    if re.search(_CAPITAL, said[first.end() :]) or begin < first.end():
        found = [slot for each in _CAPITALISED.finditer(said, begin) for slot in _parts(each, question, lang)]
    else:
        words = (_slot(each, question) for each in _LOWER.finditer(said, begin))
        found = [slot for slot in words if not _is_word(slot.name, lang)]
    return [slot for slot in found if not _TIME.match(slot.name)]


def slot_alone(topic: str, lang: str, *, opened: bool) -> Slot | None:
    """`topic` as one name with what stands before it, and nothing else; `None` where it is something else.

    `opened`: something was said before it, so that a capital does not just open the sentence.
    """
    said = plain(topic)
    found = _CAPITALISED.fullmatch(said) or (_LOWER.fullmatch(said) if topic.islower() else None)
    if found is None:
        return None
    slot = _slot(found, topic)
    if _TIME.match(slot.name) or is_function_word(slot.name, lang):
        return None
    if slot.name[0].isupper() and (opened or slot.name_start > 0):
        return slot
    common = is_common(slot.name, lang) and not known_names(text_of(slot.name.capitalize(), lang))
    return None if common and not is_people(slot.name, lang) else slot


def most_like(new: Slot, candidates: list[Slot], lang: str, *, generic: bool) -> Slot | None:
    """Whose place `new` takes; `None` where there is none. `generic`: what it is there for was not said ("Et X ?")."""
    if not generic:
        same = [slot for slot in candidates if slot.role is new.role]
        exact = [slot for slot in same if slot.preposition.lower() == new.preposition.lower()]
        candidates = (exact or same) if new.role is not Role.OTHER else exact
    elif _kind(new, lang) == "people":
        candidates = [slot for slot in candidates if slot.role is not Role.PLACE]

    def unlike(old: Slot) -> tuple[bool, bool, bool, bool]:
        its, ours = _kind(old, lang), _kind(new, lang)
        is_acronym = old.name.isupper() != new.name.isupper()
        return (its is None) != (ours is None), old.role is not Role.BARE, its != ours, is_acronym

    return min(candidates, key=unlike, default=None)


def put(new: Slot, old: Slot, question: str, *, generic: bool) -> str:
    """The question with `new` where `old` was; with the preposition of `old` where that of `new` was not said."""
    if not generic and new.role is old.role and new.preposition:
        return question[: old.start] + _written(new) + question[old.end :]
    return question[: old.start] + _written(replace(new, preposition=old.preposition)) + question[old.end :]


def put_name(name: str, old: Slot, question: str) -> str:
    return question[: old.name_start] + name + question[old.end :]


def is_people(word: str, lang: str) -> bool:
    """Whether it is what inhabitants are called, or their adjective: « allemand », "Germans"."""
    return bool(people_spans(text_of(word, lang)))


def _kind(slot: Slot, lang: str) -> str | None:
    """Of a name that is known; most that are not are persons and firms."""
    text = text_of(slot.name if slot.name[0].isupper() else slot.name.capitalize(), lang)
    if people_spans(text):
        return "people"
    return "country" if nations(text) else "other" if known_names(text) else None


def _written(slot: Slot) -> str:
    preposition, article = slot.preposition, slot.article
    if contraction := _CONTRACTIONS.get((preposition.lower(), article.lower())):
        return f"{contraction} {slot.name}"
    if preposition.lower() == "en":
        article = ""
    if plain(preposition).lower() in ("de", "d'"):
        elided = not article and slot.name[0].lower() in "aàâeéèêiîoôuœ"
        preposition = "d'" if elided else "de"
    return "".join(each + ("" if each[-1] in "'’" else " ") for each in (preposition, article) if each) + slot.name


def _slot(found: re.Match[str], written: str) -> Slot:
    """Of what was found in `written` with plain apostrophes."""
    preposition, article, name = (
        written[slice(*found.span(each))].strip() for each in ("preposition", "article", "name")
    )
    if found["contracted"]:
        preposition, article = _CONTRACTED[found["contracted"].strip().lower()]
    return Slot(found.start(), found.end(), preposition, article, name)


def _parts(found: re.Match[str], written: str, lang: str) -> Iterator[Slot]:
    """The names of what may be one: "Bank of England" is one, « PDG de Renault » and "Macron’s CEO" hold one each."""
    slot, said = _slot(found, written), plain(written)
    linked = _LINKED.match(plain(slot.name))
    if linked and not _takes_complement(linked["left"], said[: slot.start], lang):
        left, right = linked["left"], slot.name_start + linked.start("link") + 1
        whole = replace(slot, end=slot.name_start + len(left), name=left)
        if not _is_role(left, lang):
            yield whole
        if rest := _CAPITALISED.match(said, right, found.end()):
            yield from _parts(rest, written, lang)
    elif not _ABBREVIATED.fullmatch(slot.name) and not said[: slot.start].endswith("'s "):
        yield slot


def _takes_complement(left: str, before: str, lang: str) -> bool:
    """Whether « de X » after it is part of the name: of an institution, or of a person where nothing is said of X."""
    if left.isupper() or _is_role(left, lang):
        return False
    return is_common(left.split()[-1], lang) or not _SAYS_OF.search(before)


def _is_role(name: str, lang: str) -> bool:
    """Whether it is what somebody is, or is short for what is measured: "Mayor", « PDG », « PIB »."""
    return bool(_ABBREVIATED.fullmatch(name) or term_sets("titles")["role"].find(text_of(name, lang)))


def _may_open(word: str, lang: str) -> bool:
    """Whether it may stand first in a question with a capital and be no name."""
    return is_common(word, lang) or any(is_function_word(word, each) for each in ("fr", "en"))


def _is_word(word: str, lang: str) -> bool:
    """Whether it is a word of the language, accents or no accents, and no country's name."""
    if any(is_function_word(word, each) for each in ("fr", "en")):
        return True
    known = is_common(word, lang) or frequency(word, lang) or with_accents(word, lang)
    return bool(known) and not nations(text_of(word.capitalize(), lang))
