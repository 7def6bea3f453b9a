"""What a question takes for granted: the places, peoples, organisations, persons and figures that it names.

A text that does not say them seldom answers it, however alike it is: soldiers of another nation, another year. Names
are compared by what they name: « soldats français » and "French soldiers" are the same. Knows nothing of passages.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from index.language import detect
from service.guard.gazetteer import known_names, said_names
from service.guard.words import Text, fold, text_of

MOST = 2  # further ones that a text lacks change nothing
ROOT_CHARS = 5  # « irakienne » and "Iraqi" are known names; of others the beginning is compared
_FIGURE = re.compile(r"(?<![\w.,])\d+(?:[ .,]\d{3})*(?![\w])")
_CAPITAL = re.compile(r"(?<=[\w,’'\"«] )[A-ZÀ-Ý][\w-]{2,}|(?<=[’'])[A-ZÀ-Ý][\w-]{2,}")


@dataclass(frozen=True, slots=True)
class Presumed:
    """`names` by what they name, `words` the beginnings of other capitalised words, `figures` as digits; `lang` is the
    question's."""

    lang: str
    names: frozenset[str]
    words: frozenset[str]
    figures: frozenset[str]


@lru_cache(maxsize=64)
def presumed(question: str) -> Presumed:
    text = text_of(question, detect(question))
    known = [found for found in known_names(text) if not found.weak]
    others = [
        match[0]
        for match in _CAPITAL.finditer(text.raw)
        if not any(found.start < match.end() and match.start() < found.end for found in known)
    ]
    return Presumed(
        text.lang,
        frozenset(found.member for found in known),
        frozenset(fold(word)[:ROOT_CHARS] for word in others),
        _figures(text),
    )


def lacking(asked: Presumed, written: str, lang: str) -> dict[str, float]:
    """How many of each kind the text does not say, at most `MOST`."""
    text = text_of(written, lang)
    missing = {
        "names": asked.names - said_names(asked.names, text) if asked.names else asked.names,
        "words": frozenset(word for word in asked.words if not re.search(rf"(?<!\w){re.escape(word)}", text.folded)),
        "figures": asked.figures - _figures(text) if asked.figures else asked.figures,
    }
    return {kind: float(min(MOST, len(those))) for kind, those in missing.items()}


def _figures(text: Text) -> frozenset[str]:
    return frozenset(re.sub(r"\D", "", match[0]) for match in _FIGURE.finditer(text.raw))
