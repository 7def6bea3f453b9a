"""Names that are known under another form in the other language: countries and their peoples, places, organisations.

Countries and the cities of time zones come from CLDR, through babel; the rest from `terms/`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache

from babel import Locale

from service.guard.lexicon import Found, TermSet, compile_terms, read_terms, term_sets
from service.guard.words import Text, fold

_LANGS = ("fr", "en")
_ALSO_WORDS = frozenset(
    (
        "who",
        "us",
        "un",
        "aids",
        "ad",
        "bit",
        "it",
        "ie",
        "aie",
        "ei",
        "jo",
        "ps",
        "rn",
        "fn",
        "ce",
        "pm",
        "ira",
        "eu",
        "ue",
    )
)


@lru_cache(maxsize=256)
def known_names(text: Text) -> tuple[Found, ...]:
    """The known names of a text, by what they name; the longest at a place. English writes them with a capital, French
    the peoples without: any other name in lower case is weak there."""
    found = [
        replace(each, weak=each.weak or not (any(map(str.isupper, each.said)) or people))
        for terms, people in ((_proper(), False), (term_sets("peoples")["people"], True))
        for each in terms.find(text)
        if _is_capitalised(each.said, text.lang)
    ]
    found.sort(key=lambda each: (each.start - each.end, each.weak))
    kept: list[Found] = []
    for each in found:
        if not any(each.start < other.end and other.start < each.end for other in kept):
            kept.append(each)
    return tuple(sorted(kept, key=lambda each: each.start))


@lru_cache(maxsize=64)
def people_spans(text: Text) -> frozenset[tuple[int, int]]:
    """Where a known name is an adjective or the name of inhabitants only: « afghan », not « Afghanistan »."""
    people = term_sets("peoples")["people"].find(text)
    proper = {(found.start, found.end) for found in _proper().find(text)}
    return frozenset({(found.start, found.end) for found in people if not _is_place(found)} - proper)


_PLACE_ENDS = ("a", "ey", "land", "stan", "ie", "rique")  # "Turkey", « Bosnie », beside "Turkish", « bosniaque »


def _is_place(found: Found) -> bool:
    word = fold(found.said)
    return word == found.member or word.endswith(_PLACE_ENDS) or found.said.isupper()


def _is_capitalised(said: str, lang: str) -> bool:
    """As a name of the language is; "who" and "us" are none."""
    if fold(said) in _ALSO_WORDS:
        return said.isupper()
    return lang == "fr" or any(map(str.isupper, said))


def nations(text: Text) -> frozenset[str]:
    """The countries, and by these their peoples, that a text names for certain."""
    return frozenset(found.member for found in known_names(text) if not found.weak and found.member in _countries())


@lru_cache(maxsize=64)
def governments(text: Text) -> tuple[Found, ...]:
    """The countries whose government a text calls by its seat: « Moscou et Kiev ». Where something is done in or comes
    from a capital, or where its name is part of a longer one (« George Washington »), it is no government."""
    return tuple(
        found
        for found in term_sets("seats")["government"].find(text)
        if found.said[0].isupper()
        and not _PLACED[text.lang].search(text.folded[: found.start])
        and not re.search(r"[A-ZÀ-Ý][\w.-]* $|-$", text.raw[1 : found.start])
        and not re.match(r"[ -][A-ZÀ-Ý\d]|-\w", text.raw[found.end :])
    )


_PLACED = {
    "fr": re.compile(r"\b(?:a|de|depuis|vers|dans|pres de|jusqu'a|sur|hors de) $|\bd'$"),
    "en": re.compile(r"\b(?:in|at|from|near|to|of|outside|around|across|into|through) (?:central |greater )?$"),
}


def said_names(members: frozenset[str], text: Text) -> frozenset[str]:
    """Those of these names that the text says, in any form."""
    return frozenset(found.member for terms in _only(members) for found in terms.find(text))


def named_in_both() -> list[tuple[str, str]]:
    """Each known name and people, as English and as French say it first; endings that vary are left out."""
    members = [*_proper_terms().values(), *read_terms("peoples")["people"].values()]
    return [(_first(said["en"]), _first(said["fr"])) for said in members if said.get("en") and said.get("fr")]


def _first(terms: str) -> str:
    return terms.split(",")[0].strip(" ~*")


@lru_cache(maxsize=64)
def _only(members: frozenset[str]) -> tuple[TermSet, ...]:
    """Sets of these names alone: much faster to look for than all of them."""
    every = (_proper_terms(), read_terms("peoples")["people"])
    return tuple(compile_terms({name: terms[name] for name in sorted(members & terms.keys())}) for terms in every)


@cache
def _proper() -> TermSet:
    return compile_terms(_proper_terms())


@cache
def _proper_terms() -> Mapping[str, Mapping[str, str]]:
    members: dict[str, dict[str, str]] = {}
    for names in (_countries(), _cities(), *_listed()):
        for member, said in names.items():
            into = members.setdefault(member, {})
            for lang in _LANGS:
                into[lang] = ", ".join(part for part in (into.get(lang, ""), said.get(lang, "")) if part)
    return members


def _listed() -> list[Mapping[str, Mapping[str, str]]]:
    return list(read_terms("names").values())


@cache
def _countries() -> dict[str, dict[str, str]]:
    """By ISO code; "Myanmar (Birmanie)" goes by both names."""
    named: dict[str, dict[str, str]] = {}
    for code in map(str, Locale("fr").territories):
        if len(code) == 2 and code.isalpha() and code not in ("EU", "UN", "EZ", "ZZ", "QO", "XA", "XB"):
            named[code] = {lang: ", ".join(_variants(str(Locale(lang).territories.get(code, "")))) for lang in _LANGS}
    return named


@cache
def _cities() -> dict[str, dict[str, str]]:
    """The cities of time zones that are written differently in the two languages."""
    french, english = (Locale(lang).time_zones for lang in _LANGS)
    cities: dict[str, dict[str, str]] = {}
    for zone in map(str, french):
        ours = str(french[zone].get("city") or zone.split("/")[-1].replace("_", " "))
        theirs = str(english.get(zone, {}).get("city") or zone.split("/")[-1].replace("_", " "))
        if fold(ours) != fold(theirs) and "/" in zone and not zone.startswith(("Etc", "Antarctica")):
            cities[f"zone {zone}"] = {"fr": ours, "en": theirs}
    listed = {term for names in _listed_terms() for term in names}
    return {zone: said for zone, said in cities.items() if not {fold(said["fr"]), fold(said["en"])} & listed}


def _listed_terms() -> list[set[str]]:
    return [
        {term.strip().strip("~*") for said in members.values() for terms in said.values() for term in terms.split(",")}
        for file in ("names", "peoples")
        for members in read_terms(file).values()
    ]


def _variants(name: str) -> list[str]:
    parts = [part.strip(" )") for part in name.replace("R.A.S. chinoise de ", "").split("(")]
    return [part.replace("St.", "St") for part in parts if part and "," not in part]
