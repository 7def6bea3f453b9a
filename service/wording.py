"""What a question is searched and read as: without what asks nothing, standing alone, spelt as the articles spell.

The question that is shown, and that the answer's language is told from, stays as it was put.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.followups import standalone
from service.guard.words import fold
from service.spelling import Vocabulary, mended
from service.spoken import plainly
from service.types import Turn


@dataclass(frozen=True, slots=True)
class Wording:
    """`text` is what is searched and read; `respelt` where letters of it were mended, and not only accents."""

    text: str
    respelt: bool


def wording(question: str, history: Sequence[Turn], vocabulary: Vocabulary) -> Wording:
    before = [replace(turn, question=plainly(turn.question)) for turn in history]
    asked = standalone(plainly(question), before)
    text = mended(asked, vocabulary)
    return Wording(text, _letters(text) != _letters(asked))


def _letters(text: str) -> str:
    """Neither accents nor apostrophes."""
    return "".join(filter(str.isalnum, fold(text)))
