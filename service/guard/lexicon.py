"""Sets of terms that exclude each other, in both languages: read from `terms/`, found in texts, and compared.

A term is words with `*` for any ending; one that begins with `~` is weak: it says what another text demands, and
demands nothing itself (French « livre » may be a pound). The longest term at a place is the one that is found there.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from service.guard.types import Kind, Problem
from service.guard.words import Text, fold

_FOLDER = Path(__file__).parent / "terms"
_LETTERS = 3
_BEGINS = re.compile(r"(?<!\w)\S")
_LITERAL = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Found:
    """A member of a set, as a text says it."""

    member: str
    said: str
    start: int
    end: int
    weak: bool


@dataclass(frozen=True, slots=True)
class _Term:
    """`first` is what every text of the term begins with, letter by letter."""

    member: str
    weak: bool
    pattern: str
    first: str


class TermSet:
    """Members by name, with their terms in each language, the longest first.

    Hundreds of alternatives tried at each word took four fifths of the guard's time: at each place only the terms are
    tried that begin with the letters found there.
    """

    def __init__(self, terms: Mapping[str, Sequence[_Term]]) -> None:
        self._terms = terms
        self._beginning: dict[tuple[str, str], tuple[re.Pattern[str], Sequence[_Term]] | None] = {}
        self._found = lru_cache(maxsize=64)(self._find)

    def find(self, text: Text) -> list[Found]:
        """Every member that the text says, in order, without overlap."""
        return list(self._found(text)) if self._terms.get(text.lang) else []

    def _find(self, text: Text) -> tuple[Found, ...]:
        found: list[Found] = []
        end = 0
        for place in _BEGINS.finditer(text.folded):
            start = place.start()
            terms = self._at(text.lang, text.folded[start : start + _LETTERS]) if start >= end else None
            match = terms[0].match(text.folded, start) if terms else None
            if terms and match and match.lastgroup:
                term, end = terms[1][int(match.lastgroup[1:])], match.end()
                found.append(Found(term.member, text.raw[start:end], start, end, term.weak))
        return tuple(found)

    def _at(self, lang: str, letters: str) -> tuple[re.Pattern[str], Sequence[_Term]] | None:
        """The terms that may begin with these letters."""
        key = lang, letters
        if key not in self._beginning:
            terms = [t for t in self._terms[lang] if t.first.startswith(letters) or letters.startswith(t.first)]
            alternatives = "|".join(f"(?P<g{n}>{term.pattern})" for n, term in enumerate(terms))
            self._beginning[key] = (re.compile(rf"(?:{alternatives})(?!\w)"), terms) if terms else None
        return self._beginning[key]


def compile_terms(members: Mapping[str, Mapping[str, str]]) -> TermSet:
    """A set of `{member: {language: "term, term"}}`."""
    return TermSet({lang: _terms(members, lang) for lang in ("fr", "en")})


@cache
def term_sets(name: str) -> Mapping[str, TermSet]:
    """The sets of `terms/NAME.toml`."""
    return {title: compile_terms(members) for title, members in read_terms(name).items()}


@cache
def read_terms(name: str) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """`{set: {member: {language: terms}}}` of `terms/NAME.toml`."""
    sets: dict[str, dict[str, dict[str, str]]] = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return sets


def says(turn: str, text: Text) -> bool:
    """Whether a text has one of those turns of phrase (`terms/turns.toml`)."""
    return bool(term_sets("turns")[turn].find(text))


def swapped(
    kind: Kind, evidence: Sequence[Found], rendering: Sequence[Found], *, loosely: bool = False
) -> Iterable[Problem]:
    """A problem where one member of a set stands for another; none where one is only missing or only added. `loosely`,
    one of the two may be said in words that may mean something else."""
    missing, added = _less(evidence, rendering), _less(rendering, evidence)
    if loosely and (missing or added):
        missing, added = missing or _unsaid(evidence, rendering), added or _unsaid(rendering, evidence)
    if missing and added:
        yield Problem(kind, missing[0].said, added[0].said)


def differing(kind: Kind, evidence: Sequence[Found], rendering: Sequence[Found]) -> Iterable[Problem]:
    """A problem for each member that one says and the other does not."""
    missing, added = _less(evidence, rendering), _less(rendering, evidence)
    for number in range(max(len(missing), len(added))):
        yield Problem(
            kind,
            missing[number].said if number < len(missing) else "",
            added[number].said if number < len(added) else "",
        )


def _unsaid(those: Sequence[Found], these: Sequence[Found]) -> list[Found]:
    """Those whose member is not said by these, in whatever words."""
    said = {found.member for found in these}
    return [found for found in those if found.member not in said]


def _less(those: Sequence[Found], these: Sequence[Found]) -> list[Found]:
    """Those that demand to be said, each member once, and are not."""
    said = {found.member for found in these}
    return list({found.member: found for found in those if not found.weak and found.member not in said}.values())


def _terms(members: Mapping[str, Mapping[str, str]], lang: str) -> list[_Term]:
    written = [
        (term.strip().removeprefix("~"), member, term.strip().startswith("~"))
        for member, said in members.items()
        for term in said.get(lang, "").split(",")
        if term.strip()
    ]
    written.sort(key=lambda term: (-len(term[0].rstrip("*")), "*" in term[0], term[0]))
    return [_Term(member, weak, _pattern(term), _first(term)) for term, member, weak in written]


def _first(term: str) -> str:
    match = _LITERAL.match(fold(term))
    return match[0][:_LETTERS] if match else ""


def _pattern(term: str) -> str:
    escaped = re.escape(fold(term)).replace(r"\*", r"\w*").replace(r"\ ", r"[\s-]+").replace(r"\-", r"[\s-]?")
    return escaped.replace("'", r"'\s?")
