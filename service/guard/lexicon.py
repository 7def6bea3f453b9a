"""Sets of terms that exclude each other, in both languages: read from `terms/`, found in texts, and compared.

A term is words with `*` for any ending; one that begins with `~` is weak: it says what another text demands, and
demands nothing itself (French « livre » may be a pound). The longest term at a place is the one that is found there.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service.guard.types import Kind, Problem
from service.guard.words import Text, fold

_FOLDER = Path(__file__).parent / "terms"
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Found:
    """A member of a set, as a text says it."""

    member: str
    said: str
    start: int
    end: int
    weak: bool


@dataclass(frozen=True, slots=True)
class TermSet:
    """Members by name, as one pattern for each language; `owners[lang]` names the member and weakness of its groups."""

    patterns: Mapping[str, re.Pattern[str]]
    owners: Mapping[str, Sequence[tuple[str, bool]]]

    def find(self, text: Text) -> list[Found]:
        """Every member that the text says, in order, without overlap."""
        owners = self.owners.get(text.lang, ())
        return [
            Found(owners[group][0], text.raw[m.start() : m.end()], m.start(), m.end(), owners[group][1])
            for m in self.patterns.get(text.lang, _NEVER).finditer(text.folded)
            if (group := int((m.lastgroup or "g0")[1:])) >= 0
        ]


def compile_terms(members: Mapping[str, Mapping[str, str]]) -> TermSet:
    """A set of `{member: {language: "term, term"}}`."""
    patterns: dict[str, re.Pattern[str]] = {}
    owners: dict[str, Sequence[tuple[str, bool]]] = {}
    for lang in ("fr", "en"):
        terms = [
            (term.strip().removeprefix("~"), member, term.strip().startswith("~"))
            for member, said in members.items()
            for term in said.get(lang, "").split(",")
            if term.strip()
        ]
        terms.sort(key=lambda term: (-len(term[0]), term[0]))
        alternatives = "|".join(f"(?P<g{n}>{_pattern(term)})" for n, (term, _, _) in enumerate(terms))
        patterns[lang] = re.compile(rf"(?<![\w])(?:{alternatives})(?![\w])") if terms else _NEVER
        owners[lang] = tuple((member, weak) for _, member, weak in terms)
    return TermSet(patterns, owners)


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


def swapped(kind: Kind, evidence: Sequence[Found], rendering: Sequence[Found]) -> Iterable[Problem]:
    """A problem where one member of a set stands for another; none where one is only missing or only added."""
    missing, added = _less(evidence, rendering), _less(rendering, evidence)
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


def _less(those: Sequence[Found], these: Sequence[Found]) -> list[Found]:
    """Those that demand to be said, each member once, and are not."""
    said = {found.member for found in these}
    return list({found.member: found for found in those if not found.weak and found.member not in said}.values())


def _pattern(term: str) -> str:
    escaped = re.escape(fold(term)).replace(r"\*", r"\w*").replace(r"\ ", r"[\s-]+").replace(r"\-", r"[\s-]?")
    return escaped.replace("'", r"'\s?")
