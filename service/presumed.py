"""What a question takes for granted: the places, peoples, organisations, persons, figures and events that it names.

A text that does not say them seldom answers it, however alike it is: soldiers of another nation, another year. Names
are compared by what they name: « soldats français » and "French soldiers" are the same, and so are « Moscou » and
« la Russie », where the government is meant. Knows nothing of passages.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from index.language import detect
from service.expected import MEASURES, is_year
from service.guard.dates import days_of_months, named_dates
from service.guard.gazetteer import governments, known_names, nations, said_names
from service.guard.lexicon import term_sets
from service.guard.words import Text, fold, text_of

MOST = 2  # further ones that a text lacks change nothing
ROOT_CHARS = 5  # « irakienne » and "Iraqi" are known names; of others the beginning is compared
_FIGURE = re.compile(r"(?<![\w.,])(?:\d{1,3}(?:[ .,]\d{3})+|\d+)(?!\w)")
_FIGURED = (  # what has a first one and later ones, with other figures: times, and what figures are told in
    r"jour(?:nee)?|matin|soir|nuit|semaine|mois|trimestre|semestre|annee|an|heure|minute|temps|fois|saison|phase|etape"
    r"|tour|vague|seance|session|periode|moitie|estimation|evaluation|chiffre|decompte|comptage|prevision|annonce|offre"
    r"|proposition|version|rapport|communique|reponse|instance|delai|livraison|contingent|versement|day|morning|evening|night|week|month|quarter|year|hour|minute"
    r"|time|season|phase|stage|round|wave|session|period|half|estimate|figure|count|forecast|announcement|offer"
    r"|proposal|version|report|statement|answer|deadline|delivery|contingent|payment"
)
_FIRST = (  # an adjective ahead of one of these, or an adverb: « en premier », "who first said"
    rf"premiere?s? (?:\w+ ){{0,2}}(?:{_FIGURED}|{MEASURES})s?|en premier|premiers? a"
    rf"|first (?:\w+ ){{0,2}}(?:{_FIGURED}|{MEASURES})s?|at first"
    r"|(?<!\bthe )(?<!'s )(?<!\bits )(?<!\bhis )(?<!\bher )(?<!\bour )(?<!\btheir )(?<!\byour )(?<!\bin )"
    r"first(?! (?:minister|lady|ladies|secretar\w+|deputy|gentleman|officer)\b)"
)
_BEGINNING = re.compile(
    rf"\b(?:{_FIRST}|initiale?(?:ment)?|initiaux|initially|d'abord|avant|auparavant|au depart(?! (?:de|du|des|d'))"
    r"|debut\w*|hier|originally|before|previous\w*|yesterday|began|beginning|start\w*)\b"
)
_COMPARED = re.compile(  # « contre 3,8 en 2022 », "up from 48% in 2022", « au plus haut depuis 2018 »
    r"\b(?:contre|par rapport a|compar\w+|depuis|against|versus|vs|(?:up|down) from|since|than)\b[^.;:]{0,40}$"
)
_CAPITAL = re.compile(r"(?<=[\w,’'\"«] )[A-ZÀ-Ý][\w-]{2,}|(?<=[’'])[A-ZÀ-Ý][\w-]{2,}")


@dataclass(frozen=True, slots=True)
class Presumed:
    """`names` by what they name, `nations` those of countries and peoples among them; `words` the beginnings of other
    capitalised words, `figures` as digits, `years` those that are years, `days` those named with their month; `events`
    what is asked of (a death, an arrest: `terms/events.toml`); `lang` is the question's."""

    lang: str
    names: frozenset[str]
    nations: frozenset[str]
    words: frozenset[str]
    figures: frozenset[str]
    years: frozenset[str]
    days: frozenset[str]
    events: frozenset[str]


@lru_cache(maxsize=64)
def presumed(question: str) -> Presumed:
    text = text_of(question, detect(question))
    governs = governments(text)
    capitals = {found.start for found in governs}
    known = [*governs, *(found for found in known_names(text) if not found.weak and found.start not in capitals)]
    others = [
        match[0]
        for match in _CAPITAL.finditer(text.raw)
        if not any(found.start < match.end() and match.start() < found.end for found in known)
    ]
    return Presumed(
        text.lang,
        frozenset(found.member for found in known),
        _nations(text),
        frozenset(fold(word)[:ROOT_CHARS] for word in others),
        _figures(text),
        _years(text),
        days_of_months(text),
        frozenset(found.member for found in term_sets("events")["event"].find(text) if not found.weak),
    )


def names_a_time(question: str) -> bool:
    """Whether it asks of a year, a month, a day or a beginning that it names: what changed since is not asked for."""
    text = text_of(question, detect(question))
    return bool(_years(text) or named_dates(text) or _BEGINNING.search(text.folded))


def lacking(asked: Presumed, written: str, lang: str) -> dict[str, float]:
    """How many of each kind the text does not say, at most `MOST`."""
    text = text_of(written, lang)
    missing = {
        "names": asked.names - said_names(asked.names, text) - _governing(text) if asked.names else asked.names,
        "words": frozenset(word for word in asked.words if not re.search(rf"(?<!\w){re.escape(word)}", text.folded)),
        "figures": asked.figures - _figures(text) if asked.figures else asked.figures,
        "events": _unsaid_events(asked, text),
    }
    return {kind: float(min(MOST, len(those))) for kind, those in missing.items()}


def straying(asked: Presumed, sentence: str, lang: str, before: str = "") -> dict[str, float]:
    """1 where the sentence speaks of other nations, or of another year or day, than the question, and of none of its
    own; and where neither it nor the one before it says what the question asks of: a death, an arrest.

    A sentence that names no nation may well be about those asked for; one that names others only is seldom.
    """
    text = text_of(sentence, lang)
    return {
        "nation": float(bool(asked.nations) and _others(asked.nations, _nations(text))),
        "year": float(
            bool(asked.years and not asked.years & _years(text) and _own_years(text))
            or bool(asked.days and _others(asked.days, days_of_months(text)))
        ),
        "event": float(bool(asked.events and _unsaid_events(asked, text_of(f"{before} {sentence}", lang)))),
    }


def _unsaid_events(asked: Presumed, text: Text) -> frozenset[str]:
    if not asked.events:
        return asked.events
    return asked.events - {found.member for found in term_sets("events")["event"].find(text)}


def _nations(text: Text) -> frozenset[str]:
    return nations(text) | _governing(text)


def _governing(text: Text) -> frozenset[str]:
    return frozenset(found.member for found in governments(text))


def _others(asked: frozenset[str], said: frozenset[str]) -> bool:
    return bool(said) and not asked & said


def _years(text: Text) -> frozenset[str]:
    return frozenset(match[0] for match in _FIGURE.finditer(text.raw) if is_year(match))


def _own_years(text: Text) -> frozenset[str]:
    """Those that it speaks of itself, and does not only compare with."""
    years = (match for match in _FIGURE.finditer(text.raw) if is_year(match))
    return frozenset(match[0] for match in years if not _COMPARED.search(text.folded[: match.start()]))


def _figures(text: Text) -> frozenset[str]:
    return frozenset(re.sub(r"\D", "", match[0]) for match in _FIGURE.finditer(text.raw))
