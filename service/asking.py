"""Tells in which language a question is put: its own, or that of the conversation where it says nothing but names."""

from collections.abc import Sequence

from index.language import by_function_words, detect, is_other
from service.guard.gazetteer import known_names
from service.guard.words import is_common, text_of, tokens

_OTHER = {"fr": "en", "en": "fr"}


def language_of(question: str, before: Sequence[str] = ()) -> str:
    """`fr` or `en`. "Berlin?" is in the language of the latest question `before` that tells its own, else in French."""
    return detect(next((each for each in (question, *reversed(before)) if _tells(each)), question))


def _tells(question: str) -> bool:
    """Whether more than the spelling of names shows the language: a function word, or one that the other lacks."""
    if is_other(question) or by_function_words(question):
        return True
    lang = detect(question)
    written = question if any(map(str.isupper, question)) else question.title()
    own, others = (known_names(text_of(written, each)) for each in (lang, _OTHER[lang]))
    members = {name.member for name in others}
    if any(name.member not in members for name in own):
        return True  # « Suède » is no English name
    words = [token for token in tokens(text_of(question, lang)) if token.raw.isalpha()]
    if len(words) > 1 and all(word.raw[0].isupper() for word in words):
        return False
    asked = [word.raw for word in words if not any(name.start <= word.start < name.end for name in own)]
    return any(is_common(word, lang) and not is_common(word, _OTHER[lang]) for word in asked)
