"""Words of a text, as written and folded. The only module that imports simplemma: whether a word is a common one."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from simplemma import is_known, lemmatize

_EXPANDED = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "’": "'", "‘": "'", "ʼ": "'", "\u00a0": " ",
                           "\u202f": " ", "\u2009": " ", "‑": "-", "–": "-", "—": "-", "\u00ad": None})  # fmt: skip
_TOKEN = re.compile(r"[^\W\d_]+\.(?:[^\W\d_]\.)+|[^\W_]+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Text:
    """`raw` has plain spaces, apostrophes and hyphens; `folded` is as long, in lower case without accents."""

    raw: str
    folded: str
    lang: str


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a mark, with its place in the text."""

    raw: str
    folded: str
    start: int
    end: int


@lru_cache(maxsize=256)
def text_of(written: str, lang: str) -> Text:
    raw = written.translate(_EXPANDED)
    raw = unicodedata.normalize("NFC", raw)
    return Text(raw, "".join(_folded_character(c) for c in raw), lang)


def fold(word: str) -> str:
    return text_of(word, "").folded


@lru_cache(maxsize=256)
def tokens(text: Text) -> tuple[Token, ...]:
    """Words stand apart at apostrophes and hyphens; initials stay together ("U.S.")."""
    return tuple(
        Token(text.raw[m.start() : m.end()], text.folded[m.start() : m.end()], m.start(), m.end())
        for m in _TOKEN.finditer(text.raw)
    )


@lru_cache(maxsize=100_000)
def is_common(word: str, lang: str) -> bool:
    """Whether it is a word of the language that is written in lower case; a name is not one."""
    lower = word.lower()
    return is_known(lower, lang) and lemmatize(lower, lang)[:1].islower()


@lru_cache(maxsize=100_000)
def lemma(word: str, lang: str) -> str:
    return lemmatize(word.lower(), lang)


def _folded_character(character: str) -> str:
    """One character for one."""
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character
