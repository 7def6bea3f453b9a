"""Makes a follow-up question stand alone ("Et l’Italie ?"), from the questions before it. Rules; knows no model."""

import re
from collections.abc import Sequence
from functools import reduce

from index.analysis import query_terms
from index.language import detect
from service.leaning import leans
from service.slots import MONTHS, WEEKDAYS, Role, Slot, is_people, most_like, put, put_name, slot_alone, slots
from service.types import Turn

_THANKS = r"(?:merci|thanks|thank you|ok|okay|d[’']accord|très bien|parfait|super|great|perfect)"
_OPENING = re.compile(
    rf"^\W*(?:{_THANKS}\b[\s.!,]*)?"
    r"(?:(?:et|mais|alors|donc|and|but|so|then)\b[\s,]*(?:(?:what|how) about\b|(?:pour|for|chez)\b)?"
    r"|(?:what|how) about\b|qu[’']en est[- ]il (?=d[eu]|d[’'])|même question pour\b|same (?:question )?for\b)",
    re.IGNORECASE,
)
_COURTESY = re.compile(rf"\W*(?:{_THANKS}(?: (?:beaucoup|bien|a lot|so much|very much))?\W*)*", re.IGNORECASE)
_TRAILING = re.compile(r"(?<![\s,])[\s,]++(?:alors|donc|aussi|then|too)$", re.IGNORECASE)
_WHAT_OF = re.compile(r"qu[’']en est[- ]il $", re.IGNORECASE)
_ASKS = re.compile(
    r"\b(?:qui|que|quoi|qu[’']|où|quand|comment|pourquoi|combien|quel(?:le)?s?|"
    r"who|whom|whose|what|where|when|why|how|which|is|are|was|were|did|does|do|has|have|will|can|could|should|would)\b"
    r"|-(?:t-)?(?:ils?|elles?|on|je|ce)\b",
    re.IGNORECASE,
)
_COMBIEN = re.compile(r"\bcombien\b", re.IGNORECASE)
_COUNTS = re.compile(r"\b(?:combien d[e’']|how (?:many|much)|quel(?:le)?s?|which|what)\b", re.IGNORECASE)
_THE_ONE = re.compile(
    r"(?:celui|celle|ceux|celles|that|those|the ones?)\s(?=(?:d[eu]s?|of|in|for|from|at|à|en)\s|d[’'])", re.IGNORECASE
)
_OF = r"(?:\b(?i:d[eu]s?|of|in|for|from|at|à|aux?|en|sur|near)\s(?:(?i:l[ea]s?|the)\s|(?i:l)[’'])?|\b(?i:d)[’'])"
_OF_SUCH = rf"{_OF}(?:[a-zà-ÿ-]+\s(?:(?:d[eu]|of)\s(?:l[ea]\s)?)?)?"  # « de la ville de », "of the city of"
_DAY_OF_MONTH = r"(?:1er|1st|2nd|3rd|\d{1,2}(?:th)?)"
_FULL_YEAR = r"(?:1[89]|20)\d\d"
_DATE = (
    rf"(?:{_DAY_OF_MONTH} (?:{MONTHS})(?: (?P<year>{_FULL_YEAR}))?"
    rf"|(?:{MONTHS}) {_DAY_OF_MONTH}(?:,? (?P<its_year>{_FULL_YEAR}))?)"
)
_ORDINALS = (
    "premi(?:er|ère)|1er|1re|seconde?|deuxième|2e|troisième|3e|quatrième|4e|dernière?|first|second|third|fourth|last"
)
_COUNTED = "tour|mi-temps|trimestre|semestre|jour|round|half|quarter|day"
_LIKES = tuple(  # of which one put alone takes the place of another: « Et mardi ? », "And in the second round?"
    re.compile(rf"\b(?:{each})(?!\w)")
    for each in (
        rf"(?:{WEEKDAYS})(?:,? {_DATE.replace('?P<year>', '').replace('?P<its_year>', '')})?",
        rf"(?:(?:{WEEKDAYS}),? )?{_DATE}",
        rf"(?<!\d )(?<!1er )(?:{MONTHS})(?! \d{{1,2}}(?!\d))(?: (?P<year>{_FULL_YEAR}))?",
        *(rf"(?:{_ORDINALS}) {noun}" for noun in _COUNTED.split("|")),
    )
)
_ORDINAL = re.compile(rf"\b(?:{_ORDINALS})(?= (?:{_COUNTED})\b)")  # "And in the second?"
_NUMBERED = re.compile(r"(?P<what>[^\W\d_]{3,}) (?:[A-Za-z]|\d{1,3}|[IVX]{1,4})")  # « zone C », "phase 2"
_AHEAD = re.compile(r"(?:(?:en|au|à|le|la|du|ce|cette|in|on|at|for|pour|the)\s|l[’'])+", re.IGNORECASE)
_PREPOSITIONS = (  # those of a line say the same
    "d[eu]s? |d[’']", "à |aux? ", "en ", "sur ", "pour ", "chez ", "dans ", "contre ", "avec ", "of ", "in ", "about ",
    "for ", "with ", "against ", "on ", "from ",
)  # fmt: skip
_PREPOSITION_LAST = re.compile(r"\b(?:about|pour|for|chez)$", re.IGNORECASE)
_SAYS_WHEN = re.compile(
    rf"\b(?:{WEEKDAYS}|{MONTHS}|{_FULL_YEAR}|hier|demain|today|tomorrow|yesterday)\b", re.IGNORECASE
)
_YEAR = re.compile(rf"\b(?:(?P<ahead>en|in|pour|for|depuis|since|de|of)\s)?(?P<year>{_FULL_YEAR})\b", re.IGNORECASE)
_LONG = 300  # characters: such a question says what it is about, and in no such one is anything put in place
_FEW_WORDS = 5
_FEW_WORDS_OF_ONE = 8  # « celui de la ville de Brenne »
_SAYS_ENOUGH = 3  # content words of a question that stands alone, after "and" or without a word that asks


def standalone(question: str, history: Sequence[Turn]) -> str:
    """What to search for: the question itself, or, if it leans on those before it, a question that says it all.

    A name, a day or a year put alone takes the place of its like in the question before ("Combien de soldats l’Italie
    fournit-elle ?"); any other follow-up is read together with that question.
    """
    before = [turn.question for turn in history if not _COURTESY.fullmatch(turn.question)]
    return question if _COURTESY.fullmatch(question) else reduce(_after, [*before, question])


def _after(before: str, question: str) -> str:
    if len(question) > _LONG:
        return question
    opening = _OPENING.search(question)
    said = question[opening.end() if opening else 0 :]
    topic = _topic(said)
    asks = _ASKS.search(topic)
    most = _FEW_WORDS_OF_ONE if _THE_ONE.match(topic) else _FEW_WORDS
    if topic and not asks and len(topic.split()) <= most and len(before) <= _LONG:
        what_of = bool(opening and _WHAT_OF.search(opening[0]))
        replaced = _put_in_place(topic, before, opened=bool(opening), what_of=what_of)
        if replaced or (replaced := _after_same_preposition(_with_preposition(opening, topic), before)):
            return replaced
    if leans(said) or (opening and not asks) or ((not asks or opening) and _says_little(said)):
        return f"{before} {question}"
    return question


def _topic(said: str) -> str:
    """Without the marks around it, but for the dot of initials: "U.K."."""
    said = said.strip(" ?!,…\u00a0\u202f").lstrip(".")
    said = _TRAILING.sub("", said if re.search(r"\b\w\.\w\.$", said) else said.rstrip(" ."))
    return re.sub(r"[’']s$| ones?$", "", said)


def _says_little(said: str) -> bool:
    """Whether it may well go on from the question before: "how many Germans?", « l’état du pont »."""
    terms = len(query_terms(said, ("fr", "en")))
    if _COUNTS.search(said) or not _ASKS.search(said):
        return terms < _SAYS_ENOUGH
    is_told = _COMBIEN.search(said) or slots(said, detect(said))
    return terms < (_SAYS_ENOUGH - 1 if is_told else _SAYS_ENOUGH)


def _put_in_place(topic: str, before: str, *, opened: bool, what_of: bool) -> str | None:
    """The question before with `topic` in the place of its like; `None` where the topic is more than a name, a day or
    a year, or has no like. `what_of`: it was asked "qu’en est-il de" it, which says nothing of what it is there for."""
    if year := _YEAR.fullmatch(topic):
        return _in_another_year(year, before)
    if the_one := _THE_ONE.match(topic):
        return _of_another(topic[the_one.end() :], before)
    if told := _like_for_like(topic, before):
        return told
    lang = detect(before)
    if told := _of_another_people(topic, before, lang):
        return told
    new = slot_alone(topic, lang, opened=opened)
    if new is None:
        return None
    candidates = slots(before, lang)
    if is_people(new.name, lang) and (adjective := _adjective(candidates, new, before, lang)):
        return adjective
    generic = what_of or new.role is Role.BARE
    old = most_like(new, candidates, lang, generic=generic)
    if old is None and new.role is Role.TOPIC and new.preposition.lower() in ("concernant", "à propos de", "regarding"):
        generic, old = True, most_like(new, candidates, lang, generic=True)
    if old is not None:
        return put(new, old, before, generic=generic)
    if new.role is Role.PLACE:
        old = next((slot for slot in reversed(candidates) if _may_be_of_a_place(slot, before, lang)), None)
        return put_name(new.name, old, before) if old else None
    return None


def _of_another(complement: str, before: str) -> str | None:
    """« Qui est le maire de Port-Brivet ? », of « celui de Port-Brivet » after « Qui est le maire de Montbrac ? »."""
    for slot in reversed(slots(before, detect(before))):
        for of in (_OF, _OF_SUCH):
            if old := re.search(of + re.escape(slot.name).replace("'", "['’]") + r"(?!\w)", before):
                return before[: old.start()] + complement + before[old.end() :]
    return None


def _like_for_like(topic: str, before: str) -> str | None:
    """With the year of the day before, where the new one has none."""
    alone = _AHEAD.sub("", topic, count=1) if _AHEAD.match(topic) else topic
    for like in _LIKES:
        if (new := like.fullmatch(alone)) and (old := like.search(before)):
            years = [each for each in old.groupdict().values() if each]
            same_year = f" {years[0]}" if years and not any(new.groupdict().values()) else ""
            return before[: old.start()] + alone + same_year + before[old.end() :]
    if re.fullmatch(_ORDINALS, alone) and (old := _ORDINAL.search(before)):
        return before[: old.start()] + alone + before[old.end() :]
    numbered = _NUMBERED.fullmatch(alone)
    if numbered and (
        old := re.search(rf"\b{numbered['what']} (?:[A-Z]|\d{{1,3}}|[IVX]{{1,4}})\b", before, re.IGNORECASE)
    ):
        return before[: old.start()] + alone + before[old.end() :]
    return None


def _in_another_year(topic: re.Match[str], before: str) -> str | None:
    """In the place of the year that stands after the same word, or after such a word, or of the last one."""
    years = list(_YEAR.finditer(before))
    ahead = (topic["ahead"] or "").lower()

    def unlike(year: re.Match[str]) -> tuple[bool, bool, int]:
        its = (year["ahead"] or "").lower()
        return its != ahead, not its, -year.start()

    old = min(years, key=unlike, default=None)
    return before[: old.start("year")] + topic["year"] + before[old.end("year") :] if old else None


def _with_preposition(opening: re.Match[str] | None, topic: str) -> str:
    """With that of the opening: "And **for** tenants?", "What **about** the death penalty?"."""
    ahead = _PREPOSITION_LAST.search(opening[0]) if opening else None
    return f"{ahead[0]} {topic}" if ahead else topic


def _after_same_preposition(topic: str, before: str) -> str | None:
    """« … sur l’immigration ? », of « Et sur l’immigration ? » after « … sur le logement ? »: in the place of what the
    question before ends with."""
    alike = next((each for each in _PREPOSITIONS if re.match(each, topic, re.IGNORECASE)), None)
    if alike is None or _SAYS_WHEN.search(topic):
        return None
    said = before.rstrip(" ?!.…\u00a0\u202f")
    *_, last = [None, *re.finditer(rf"\b(?:{alike})(?=(?:[\w’'-]+ ?){{1,4}}$)", said, re.IGNORECASE)]
    if last is None or _SAYS_WHEN.search(said, last.start()):
        return None
    return before[: last.start()] + topic + before[len(said) :]


def _adjective(candidates: Sequence[Slot], new: Slot, before: str, lang: str) -> str | None:
    """« soldats allemands » of « soldats américains » and « les Allemands »; `None` where the question has no such."""
    for word in re.finditer(r"(?<=[a-zà-ÿ] )[a-zà-ÿ][\w-]+" if lang == "fr" else r"[A-Z]\w+(?= [a-z])", before):
        if is_people(word[0], lang) and not any(slot.article and slot.name == word[0] for slot in candidates):
            adjective = new.name[0].lower() + new.name[1:] if lang == "fr" else re.sub(r"(?<=an)s$", "", new.name)
            return before[: word.start()] + adjective + before[word.end() :]
    return None


def _of_another_people(topic: str, before: str, lang: str) -> str | None:
    """« le gouvernement italien » in the place of « le gouvernement allemand »."""
    words = _AHEAD.sub("", topic, count=1).split()
    for number, word in enumerate(words if len(words) > 1 else ()):
        if is_people(word, lang):
            such = [r"(?P<people>[\w-]+)" if n == number else re.escape(each) for n, each in enumerate(words)]
            old = re.search(rf"\b{' '.join(such)}(?!\w)", before, re.IGNORECASE)
            if old and is_people(old["people"], lang):
                return before[: old.start("people")] + word + before[old.end("people") :]
    return None


def _may_be_of_a_place(slot: Slot, before: str, lang: str) -> bool:
    """« l’incendie de Lyon », "the Lyon fire": one word, no acronym."""
    if " " in slot.name or slot.name.isupper():
        return False
    adjunct = lang == "en" and slot.article and re.match(r" [a-z]", before[slot.end :])
    return bool(adjunct or slot.role in (Role.OF, Role.TOPIC, Role.OTHER))
