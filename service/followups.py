"""Makes a follow-up question stand alone ("Et l’Italie ?"), from the questions before it. Rules; knows no model."""

import re
from collections.abc import Sequence
from functools import reduce

from index.analysis import is_function_word, query_terms
from index.language import detect
from service.guard.gazetteer import known_names
from service.guard.words import is_common, text_of
from service.types import Turn

_OPENING = re.compile(
    r"^\W*(?:(?:merci|thanks|thank you|ok|okay|d[’']accord|très bien|great)\b[\s.!,]*)?"
    r"(?:(?:et|mais|alors|donc|and|but|so|then)\b[\s,]*"
    r"(?:(?:what|how) about|pour|for|chez|à propos de|concernant)?\b"
    r"|(?:(?:what|how) about|qu[’']en est-il (?:de|du|des|d[’'])|même question pour|same (?:question )?for)\b)",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"\W*(?:(?:merci|thanks|thank you|ok|okay|d[’']accord|très bien|parfait|super|great|perfect)\b"
    r"(?: (?:beaucoup|bien|a lot|so much|very much))?\W*)*",
    re.IGNORECASE,
)
_TRAILING = re.compile(r"(?<![\s,])[\s,]++(?:alors|donc|aussi|then|too)$", re.IGNORECASE)
_ASKS = re.compile(
    r"\b(?:qui|que|quoi|qu[’']|où|quand|comment|pourquoi|combien|quel(?:le)?s?|"
    r"who|whom|whose|what|where|when|why|how|which|is|are|was|were|did|does|do|has|have|will)\b",
    re.IGNORECASE,
)
_ANAPHORA = re.compile(
    r"\b(?:-t-)?(?:ils?|elles?|lui|eux|leurs?|celui-ci|celle-ci|ceux-ci|cela|ça|là-bas|son|sa|ses|"
    r"ce(?:tte|s|t)? (?:pays|mission|organisation|accord|réunion|décision|personne|homme|femme)|"
    r"it|its|they|them|their|he|him|his|she|her|there|this|these|those)\b",
    re.IGNORECASE,
)
_SPEAKS_OF_ONE_BEFORE = re.compile(
    r"\b(?:ils?|elles?|lui|leurs?|son|sa|ses|he|him|his|she|her|hers|they|them|their)\b", re.IGNORECASE
)
_IMPERSONAL = re.compile(
    r"\b(?:y (?:a|avait|aura|aurait)-t-il|s[’']est-il|s[’']agit-il|faut-il|est-il (?:vrai|possible|prévu|arrivé))\b",
    re.IGNORECASE,
)
_COUNTS_NOTHING_NAMED = re.compile(
    r"\bhow many (?:are|were|will be) (?:there|left)\b|\b(?:are|were) there any\b(?=\W*$| (?:in|at|on|left|more)\b)"
    r"|\b(?:combien|y) en (?:a|ont|avai\w+|reste\w*)\b",
    re.IGNORECASE,
)
_DETERMINED = r"(?P<place>\b(?i:en|à|au|aux|dans|in|at)\s)?(?:\b(?i:l[ea]s?|the|du|des)\s|\b(?i:[ld])[’'])?(?P<name>%s)"
_CAPITAL = r"[A-ZÀ-ÖØ-Þ]"
_TITLE = rf"(?:MM|Mr|Mrs|Ms|Dr|Ste?|Gen|Gov|Sen|Prof)\.(?=\s{_CAPITAL})"
_NAME_WORD = rf"(?:(?:{_CAPITAL}\.)+|{_TITLE}|{_CAPITAL}[\w’'-]*)"
_NAME = re.compile(_DETERMINED % rf"{_NAME_WORD}(?:\s(?:(?:de|du|des|of)\s)?{_NAME_WORD})*")
_ANY_WORD = re.compile(_DETERMINED % r"\w[\w’'-]*")  # where the asker writes no capitals
_THE_ONE = re.compile(
    r"(?:celui|celle|ceux|celles|that|those|the ones?)\s(?=(?:d[eu]s?|of|in|for|from|at|à|en)\s|d[’'])", re.IGNORECASE
)
_OF = r"(?:\b(?i:d[eu]s?|of|in|for|from|at|à|aux?|en|sur|near)\s(?:(?i:l[ea]s?|the)\s|(?i:l)[’'])?|\b(?i:d)[’'])"
_OF_SUCH = rf"{_OF}(?:[a-zà-ÿ-]+\s(?:(?:d[eu]|of)\s(?:l[ea]\s)?)?)?"  # « de la ville de », "of the city of"
_WEEKDAYS = (
    "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|[Mm]onday|[Tt]uesday|[Ww]ednesday|[Tt]hursday|[Ff]riday"
    "|[Ss]aturday|[Ss]unday"
)
_MONTHS = (  # a verb may be "may" or "march"
    "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|January|February|March"
    "|April|May|June|July|August|September|October|November|December"
)
_DAY = re.compile(
    rf"(?:{_WEEKDAYS}|{_MONTHS}|noël|pâques|hier|demain|aujourd|christmas|easter|today|tomorrow|yesterday|tonight|now)\b",
    re.IGNORECASE,
)
_DAY_OF_MONTH = r"(?:1er|1st|2nd|3rd|\d{1,2}(?:th)?)"
_LIKES = tuple(  # of which one put alone takes the place of another: « Et mardi ? », "And in the second round?"
    re.compile(rf"\b(?:{each})(?!\w)")
    for each in (
        _WEEKDAYS,
        rf"{_DAY_OF_MONTH} (?:{_MONTHS})(?: (?:1[89]|20)\d\d)?|(?:{_MONTHS}) {_DAY_OF_MONTH}(?:,? (?:1[89]|20)\d\d)?",
        rf"(?<!\d )(?<!1er )(?:{_MONTHS})(?! \d{{1,2}}(?!\d))(?: (?:1[89]|20)\d\d)?",
        *(
            rf"(?:premi(?:er|ère)|1er|1re|seconde?|deuxième|2e|troisième|3e|dernière?|first|second|third|last) {noun}"
            for noun in ("tour", "mi-temps", "trimestre", "semestre", "jour", "round", "half", "quarter", "day")
        ),
    )
)
_AHEAD = re.compile(r"(?:(?:en|au|à|le|la|du|ce|cette|in|on|at|for|pour|the)\s|l[’'])+", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")
_YEAR_ALONE = re.compile(r"(?:(?:en|in|pour|for|depuis|since)\s)?(?:1[89]|20)\d\d", re.IGNORECASE)
_FEW_WORDS = 5
_FEW_WORDS_OF_ONE = 8  # « celui de la ville de Brenne »


def standalone(question: str, history: Sequence[Turn]) -> str:
    """What to search for: the question itself, or, if it leans on those before it, a question that says it all.

    A name, a day or a year put alone takes the place of its like in the question before ("Combien de soldats l’Italie
    fournit-elle ?"); any other follow-up is read together with that question.
    """
    before = [turn.question for turn in history if not _COURTESY.fullmatch(turn.question)]
    return question if _COURTESY.fullmatch(question) else reduce(_after, [*before, question])


def _after(before: str, question: str) -> str:
    opening = _OPENING.search(question)
    topic = _topic(question[opening.end() if opening else 0 :])
    most = _FEW_WORDS_OF_ONE if _THE_ONE.match(topic) else _FEW_WORDS
    if topic and not _ASKS.search(topic) and len(topic.split()) <= most:
        return _put_in_place(topic, before, opened=bool(opening)) or f"{before} {question}"
    return f"{before} {question}" if opening or _leans(question) else question


def _topic(said: str) -> str:
    """Without the marks around it, but for the dot of initials: "U.K."."""
    said = said.strip(" ?!,…\u00a0\u202f").lstrip(".")
    return _TRAILING.sub("", said if re.search(r"\b\w\.\w\.$", said) else said.rstrip(" ."))


def _leans(question: str) -> bool:
    """Whether it speaks of something without naming it, or says next to nothing ("Depuis quand ?")."""
    if _COUNTS_NOTHING_NAMED.search(question):
        return True
    names = _names(question)
    if not names:
        return bool(_ANAPHORA.search(question)) or len(query_terms(question, ("fr", "en"))) < 2
    return bool(_SPEAKS_OF_ONE_BEFORE.search(_IMPERSONAL.sub("", question[: names[0].start()])))


def _put_in_place(topic: str, before: str, *, opened: bool) -> str | None:
    """The question before with `topic` instead of the name that it stands beside, or instead of its day or year; `None`
    where the topic is more than one of these."""
    if _YEAR_ALONE.fullmatch(topic):
        return _YEAR.sub(topic[-4:], before, count=1) if _YEAR.search(before) else None
    if the_one := _THE_ONE.match(topic):
        return _of_another(topic[the_one.end() :], before)
    if told := _like_for_like(topic, before):
        return told
    new = _NAME.fullmatch(topic) or (_ANY_WORD.fullmatch(topic) if topic.islower() else None)
    if not new or _ANAPHORA.search(topic) or not _is_name(new, detect(before), opened=opened):
        return None
    names = _names(before)
    old = _like(new, names)
    if old and new["place"] and not old["place"]:
        old = next((name for name in reversed(names) if _may_be_of_a_place(name, before)), None)
        return before[: old.start("name")] + new["name"] + before[old.end() :] if old else None
    if old is None:
        return None
    if old["place"] and not new["place"]:
        return before[: old.start("name")] + new["name"] + before[old.end() :]
    return before[: old.start()] + new[0] + before[old.end() :]


def _of_another(complement: str, before: str) -> str | None:
    """« Qui est le maire de Port-Brivet ? », of « celui de Port-Brivet » after « Qui est le maire de Montbrac ? »."""
    for name in reversed(_names(before)):
        for of in (_OF, _OF_SUCH):
            if old := re.search(of + re.escape(name["name"]) + r"(?!\w)", before):
                return before[: old.start()] + complement + before[old.end() :]
    return None


def _like_for_like(topic: str, before: str) -> str | None:
    alone = _AHEAD.sub("", topic, count=1) if _AHEAD.match(topic) else topic
    for like in _LIKES:
        if like.fullmatch(alone) and (old := like.search(before)):
            return before[: old.start()] + alone + before[old.end() :]
    return None


def _may_be_of_a_place(name: re.Match[str], before: str) -> bool:
    """« l’incendie de Lyon », "the Lyon fire": one word, no acronym."""
    said = name["name"]
    if " " in said or said.isupper() or name["place"]:
        return False
    ahead, after = before[: name.start("name")], before[name.end() :]
    adjunct = detect(before) == "en" and re.search(r"\bthe $", ahead) and re.match(r" [a-z]", after)
    return bool(adjunct or re.search(rf"{_OF}$", ahead))


def _is_name(found: re.Match[str], lang: str, *, opened: bool) -> bool:
    """Whether it is no time and no common word; one with a capital may be one where that need not open a sentence."""
    name = found["name"]
    if _DAY.match(name) or is_function_word(name, lang):
        return False
    written_as_one = name[0].isupper() and (opened or found.start("name") > 0)
    return written_as_one or not is_common(name, lang) or bool(known_names(text_of(name.capitalize(), lang)))


def _like(new: re.Match[str], names: Sequence[re.Match[str]]) -> re.Match[str] | None:
    """The name most like the new one: a place for a place, then an acronym for an acronym; the first of equals."""

    def unlike(old: re.Match[str]) -> tuple[bool, bool]:
        return bool(old["place"]) != bool(new["place"]), old["name"].isupper() != new["name"].isupper()

    return min(names, key=unlike, default=None)


def _names(question: str) -> list[re.Match[str]]:
    """The names in a question; its first word has a capital anyhow, and days and months have one in English."""
    first = re.search(r"\w", question)
    named = (name for name in _NAME.finditer(question) if first and name.start("name") > first.start())
    return [name for name in named if not _DAY.match(name["name"])]
