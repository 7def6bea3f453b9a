"""What a question is searched and read as: without what asks nothing, standing alone, spelt as the articles spell.

The question that is shown, and that the answer's language is told from, stays as it was put.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from index.types import Filters
from service.followups import standalone
from service.guard.words import fold
from service.spelling import mended
from service.spoken import plainly
from service.types import Turn


@dataclass(frozen=True, slots=True)
class Wording:
    """`text` is what is searched and read; `respelt` where letters of it were mended, and not only accents."""

    text: str
    respelt: bool


class Words(Protocol):
    """The words of the articles of an index."""

    def passages_with(self, words: Iterable[str], filters: Filters) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True)
class _Passing:
    """Those of the articles that may be searched: a question is not mended by what a later one says."""

    words: Words
    filters: Filters

    def passages_with(self, words: Iterable[str]) -> Mapping[str, int]:
        return self.words.passages_with(words, self.filters)


def wording(question: str, history: Sequence[Turn], words: Words, filters: Filters) -> Wording:
    before = [replace(turn, question=_plain(turn.question)) for turn in history]
    asked = standalone(_plain(question), before)
    text = mended(asked, _Passing(words, filters))
    return Wording(text, _letters(text) != _letters(asked))


def _plain(question: str) -> str:
    """In NFC, as everything after expects."""
    return plainly(unicodedata.normalize("NFC", question))


def _letters(text: str) -> str:
    """Neither accents nor apostrophes."""
    return "".join(filter(str.isalnum, fold(text)))
