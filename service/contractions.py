"""Puts back the apostrophes that people leave out in English: "whos", "didnt". Knows words, and nothing of articles."""

import re

_WRITTEN = """
    don't doesn't didn't isn't aren't wasn't weren't haven't hasn't hadn't can't won't couldn't wouldn't shouldn't
    mustn't needn't ain't who's what's where's when's why's how's that's there's here's he's she's i'm i've you're
    you've we've they're they've """
_WITH_APOSTROPHE = {written.replace("'", ""): written for written in _WRITTEN.split()}
_WORD = re.compile(r"(?<![\w'’-])[a-zA-Z][a-z]+(?![\w'’-])")
_NOUNS = ("cant", "wont")
_OWNED = re.compile(r"\b(?:the|an?|of|my|your|his|her|its|our|their|is|are|was|were) $", re.IGNORECASE)


def with_apostrophes(question: str) -> str:
    """An English question so written. Words with a capital inside it are names, "cant" and "as is his wont" nouns."""
    return _WORD.sub(_written, question)


def _written(word: re.Match[str]) -> str:
    lower = word[0].lower()
    before, after = word.string[: word.start()], word.string[word.end() :]
    is_name = word[0][0].isupper() and re.search(r"\w", before)
    is_noun = lower in _NOUNS and (_OWNED.search(before) or after.startswith(" to "))
    if lower not in _WITH_APOSTROPHE or is_name or is_noun:
        return word[0]
    return word[0][0] + _WITH_APOSTROPHE[lower][1:]
