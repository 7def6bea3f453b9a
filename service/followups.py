"""Makes a follow-up question stand alone ("Et l’Italie ?"), from the questions before it. Rules; knows no model."""

import re
from collections.abc import Sequence
from functools import reduce

from service.types import Turn

_OPENING = re.compile(
    r"^\W*(?:et|mais|alors|donc|and|but|so|then)\b[\s,]*"
    r"(?:(?:what|how) about|pour|for|chez|in|en|à|à propos de|concernant)?\b"
    r"|^\W*(?:(?:what|how) about|qu[’']en est-il (?:de|du|des|d[’'])|même question pour|same (?:question )?for)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:qui|que|quoi|qu[’']|où|quand|comment|pourquoi|combien|quel(?:le)?s?|"
    r"who|whom|whose|what|where|when|why|how|which|is|are|was|were|did|does|do|has|have|will)\b",
    re.IGNORECASE,
)
_ANAPHORA = re.compile(
    r"\b(?:-t-)?(?:ils?|elles?|lui|leurs?|celui-ci|celle-ci|ceux-ci|cela|ça|là-bas|son|sa|ses|"
    r"ce(?:tte|s|t)? (?:pays|mission|organisation|accord|réunion|décision|personne|homme|femme)|"
    r"it|its|they|them|their|he|him|his|she|her|there|this|these|those)\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?P<determiner>\b(?:l[ea]s?|the|du|des|au|aux)\s|\b[ld][’'])?"
    r"(?P<name>[A-ZÀ-ÖØ-Þ][\w’'-]*(?:\s(?:(?:de|du|des|of)\s)?[A-ZÀ-ÖØ-Þ][\w-]*)*)"
)
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
    if opening and topic and not _ASKS.search(topic) and len(topic.split()) <= _FEW_WORDS:
        return _put_in_place(topic, before) or f"{before} {question}"
    if opening or (_ANAPHORA.search(question) and not _names(question)):
        return f"{before} {question}"
    return question


def _put_in_place(topic: str, before: str) -> str | None:
    """The question before with `topic` instead of the first name of the same shape, or instead of its year."""
    if year := _YEAR.search(topic):
        return _YEAR.sub(year[0], before, count=1) if _YEAR.search(before) else None
    new = _NAME.search(topic)
    if not new:
        return None
    for old in _names(before):
        if old["name"].isupper() == new["name"].isupper():
            start = old.start() if new["determiner"] else old.start("name")
            return before[:start] + new[0] + before[old.end() :]
    return None


def _names(question: str) -> list[re.Match[str]]:
    """The names in a question; its first word has a capital anyhow."""
    first = re.search(r"\w", question)
    return [name for name in _NAME.finditer(question) if first and name.start("name") > first.start()]
