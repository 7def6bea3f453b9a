"""Makes a follow-up question stand alone ("Et l’Italie ?"), from the questions before it. Rules; knows no model."""

import re
from collections.abc import Sequence
from functools import reduce

from index.analysis import query_terms
from service.types import Turn

_OPENING = re.compile(
    r"^\W*(?:(?:merci|thanks|thank you|ok|okay|d[’']accord|très bien|great)\b[\s.!,]*)?"
    r"(?:(?:et|mais|alors|donc|and|but|so|then)\b[\s,]*"
    r"(?:(?:what|how) about|pour|for|chez|à propos de|concernant)?\b"
    r"|(?:(?:what|how) about|qu[’']en est-il (?:de|du|des|d[’'])|même question pour|same (?:question )?for)\b)",
    re.IGNORECASE,
)
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
_DETERMINED = r"(?P<place>\b(?i:en|à|au|aux|dans|in|at)\s)?(?:\b(?i:l[ea]s?|the|du|des)\s|\b(?i:[ld])[’'])?(?P<name>%s)"
_NAME = re.compile(_DETERMINED % r"[A-ZÀ-ÖØ-Þ][\w’'-]*(?:\s(?:(?:de|du|des|of)\s)?[A-ZÀ-ÖØ-Þ][\w-]*)*")
_ANY_WORD = re.compile(_DETERMINED % r"\w[\w’'-]*")  # where the asker writes no capitals
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")
_FEW_WORDS = 5


def standalone(question: str, history: Sequence[Turn]) -> str:
    """What to search for: the question itself, or, if it leans on those before it, a question that says it all.

    A name or a year put alone takes the place of its like in the question before ("Combien de soldats l’Italie
    fournit-elle ?"); any other follow-up is read together with that question.
    """
    asked = [turn.question for turn in history] + [question]
    return reduce(_after, asked)


def _after(before: str, question: str) -> str:
    opening = _OPENING.search(question)
    topic = question[opening.end() if opening else 0 :].strip(" ?!.,\u00a0\u202f")
    if topic and not _ASKS.search(topic) and len(topic.split()) <= _FEW_WORDS:
        return _put_in_place(topic, before) or f"{before} {question}"
    return f"{before} {question}" if opening or _leans(question) else question


def _leans(question: str) -> bool:
    """Whether it speaks of something without naming it, or says next to nothing ("Depuis quand ?")."""
    names = _names(question)
    if not names:
        return bool(_ANAPHORA.search(question)) or len(query_terms(question, ("fr", "en"))) < 2
    return bool(_SPEAKS_OF_ONE_BEFORE.search(_IMPERSONAL.sub("", question[: names[0].start()])))


def _put_in_place(topic: str, before: str) -> str | None:
    """The question before with `topic` instead of the name that it stands beside, or instead of its year."""
    if year := _YEAR.search(topic):
        return _YEAR.sub(year[0], before, count=1) if _YEAR.search(before) else None
    new = _NAME.search(topic) or (_ANY_WORD.fullmatch(topic) if topic.islower() else None)
    if not new or _ANAPHORA.search(topic):
        return None
    old = _like(new, _names(before))
    if old is None or (new["place"] and not old["place"]):
        return None
    if old["place"] and not new["place"]:
        return before[: old.start("name")] + new["name"] + before[old.end() :]
    return before[: old.start()] + new[0] + before[old.end() :]


def _like(new: re.Match[str], names: Sequence[re.Match[str]]) -> re.Match[str] | None:
    """The name most like the new one: a place for a place, then an acronym for an acronym; the first of equals."""

    def unlike(old: re.Match[str]) -> tuple[bool, bool]:
        return bool(old["place"]) != bool(new["place"]), old["name"].isupper() != new["name"].isupper()

    return min(names, key=unlike, default=None)


def _names(question: str) -> list[re.Match[str]]:
    """The names in a question; its first word has a capital anyhow."""
    first = re.search(r"\w", question)
    return [name for name in _NAME.finditer(question) if first and name.start("name") > first.start()]
