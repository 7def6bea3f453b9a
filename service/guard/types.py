"""What the guard is given and what it finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from index.dates import PublishedDate


class Kind(StrEnum):
    """What a rendering can get wrong."""

    NUMBER = "number"
    UNIT = "unit"  # a currency, a percentage, a measure
    APPROXIMATION = "approximation"  # "more than", "about", "une centaine"
    DATE = "date"
    NAME = "name"
    ROLE = "role"
    RELATION = "relation"  # who does what to whom
    NEGATION = "negation"
    RESTRICTION = "restriction"  # "only", « ne … que »
    MODALITY = "modality"  # "may", "must", and the conditional of hearsay
    TENSE = "tense"
    QUOTATION = "quotation"
    SPEAKER = "speaker"
    STANCE = "stance"  # "denied" for "said"
    CONTRAST = "contrast"  # "fell" for "rose", "after" for "before"
    LANGUAGE = "language"
    LENGTH = "length"
    UNTRANSLATED = "untranslated"
    REPETITION = "repetition"
    META = "meta"  # what a model says of its own text
    SUPPORT = "support"


class Scope(StrEnum):
    """How much of its evidence a text must say: `WHOLE`, as a translation; `PART`, as a synthesis, that leaves out what
    it likes and adds nothing."""

    WHOLE = "whole"
    PART = "part"


@dataclass(frozen=True, slots=True)
class Problem:
    """What the evidence says, and what is said instead. `expected` is empty where something was added, `found` where
    something is missing."""

    kind: Kind
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A rendering beside its evidence, each with its language (`fr` or `en`); `published` is the article's date."""

    evidence: str
    evidence_lang: str
    rendering: str
    lang: str
    published: PublishedDate | None = None


class PairSupport(Protocol):
    """How likely it is that a pair's evidence says its rendering, 0 to 1, beside what the rules find wrong with it."""

    def __call__(self, pair: Pair, problems: Sequence[Problem] = ()) -> float: ...


class SupportScore(Protocol):
    """How surely a text says what a claim says, 0 to 1, as a model of the caller's judges it."""

    def __call__(self, evidence: str, claim: str, /) -> float: ...
