"""How often words are written in French and in English. The only module that imports spellchecker.

Its lists are of 140,000 and 160,000 forms, counted in subtitles of films.
"""

from functools import cache

from spellchecker import SpellChecker


def frequency(word: str, lang: str) -> int:
    """How often a word, in lower case, is written; 0 where the dictionary lacks it."""
    return int(_dictionary(lang)[word])


@cache
def _dictionary(lang: str) -> SpellChecker:
    return SpellChecker(language=lang, distance=1)
