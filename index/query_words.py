"""What a query looks for, word by word. Knows nothing of scores, nor of how terms are searched."""

from collections.abc import Iterable
from dataclasses import dataclass

from index.analysis import content_words, terms_of
from index.language import detect
from index.translations import translations


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word by its own terms, one for each language it may be found in, and by what it is in the other language."""

    terms: tuple[str, ...]
    translations: tuple[str, ...] = ()


def query_words(query: str, langs: Iterable[str]) -> list[QueryWord]:
    """Each distinct word of `query`, in order, for articles of each of `langs`.

    Translations are looked for where there are articles in the other language, French or English, than the query's.
    """
    wanted = sorted(langs)
    asked = detect(query)
    translated = any(lang != asked for lang in wanted)
    words = [
        QueryWord(terms_of(word, wanted, is_name=is_name), _translated(word, asked) if translated else ())
        for word, is_name in content_words(query)
    ]
    return [word for word in dict.fromkeys(words) if word.terms or word.translations]


def _translated(word: str, lang: str) -> tuple[str, ...]:
    return tuple(found for term in terms_of(word, [lang], is_name=True) for found in translations(term, lang))
