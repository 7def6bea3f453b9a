"""How often words are written in French and in English. The only module that imports spellchecker.

Its lists are of 140,000 and 160,000 forms, counted in subtitles of films.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from spellchecker import SpellChecker

_ACCENTED = {"a": "àâ", "c": "ç", "e": "éèêë", "i": "îï", "o": "ô", "u": "ùûü"}
_WITHOUT_ACCENTS = str.maketrans({accented: bare for bare, many in _ACCENTED.items() for accented in many})


def without_accents(word: str) -> str:
    """The word, in lower case, letter for letter."""
    return word.translate(_WITHOUT_ACCENTS)


def frequency(word: str, lang: str) -> int:
    """How often a word, in lower case, is written; 0 where the dictionary lacks it."""
    return int(_dictionary(lang)[word])


def with_accents(word: str, lang: str) -> Sequence[str]:
    """The dictionary's words with accents, which are this one where all accents are left out of both."""
    return _by_bare_letters(lang).get(without_accents(word), ())


@cache
def _by_bare_letters(lang: str) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for word in _dictionary(lang).word_frequency.keys():  # noqa: SIM118  # it is no mapping, and iterates over nothing
        if (bare := without_accents(word)) != word:
            found.setdefault(bare, []).append(word)
    return found


@cache
def _dictionary(lang: str) -> SpellChecker:
    return SpellChecker(language=lang, distance=1)
