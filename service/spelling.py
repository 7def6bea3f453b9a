"""Mends misspelt words of a question before anything is searched. Rules and counts; knows no model.

A word is misspelt where neither the articles nor a dictionary hold it, and mended where they hold another one that is a
slip away (Damerau, A technique for computer detection and correction of spelling errors, 1964): likelier slips first,
then the word that is most often written. What may be a name is mended only where its letters are all there and the name
is a long or a well-known one: a person or a place that the articles lack is a reason to refuse, and must not become one
that is spelt alike. In « qui est nadal ? » any word may be a name, and what stands after a person or a place may be one
("the rapper stormzy"), so that its letters are not taken for others. A part of a compound gets other letters only where
the articles hold the whole so (« sainte-soline »). Figures never change. An apostrophe that was left out is put back
first: « jai », « quils », « lecole », "whos", "didnt".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from index.analysis import is_function_word, terms_of
from index.dictionary import frequency, with_accents, without_accents
from index.language import detect, is_other
from service.contractions import with_apostrophes
from service.guard.gazetteer import known_names
from service.guard.lexicon import term_sets
from service.guard.words import is_common, text_of

LEAST_CHARS = 4  # of a word that is mended: a shorter one is too near to too many
MOST_CHARS = 40  # a longer one is in no dictionary, and has thousands of others a slip away
LEAST_NAME_CHARS = 5
LEAST_WRONG_CHARS = 5  # of one with another letter than it should have
LEAST_EXTRA_CHARS = 7  # of one with a letter too many
LONG_CHARS = 8  # of a name that is seldom spelt like another one or like a word
LEAST_PASSAGES = 2  # that hold what is in no dictionary: once, it may be misspelt itself
MOST_ACCENTS = 2
LEAST_ELIDED_CHARS = 3  # of what follows an apostrophe that was left out, unless it is a function word
RARELY = 50  # written so often, a word of the other language may as well be a slip, and one of its own is none
_LANGS = ("fr", "en")
_LETTERS = "abcdefghijklmnopqrstuvwxyzàâçèéêëîïôùûœ"
_ELIDED = ("qu", "quelqu", "jusqu", "lorsqu", "puisqu", "quoiqu", *"cdjlmnst")  # ahead of an apostrophe
_VOWELS = frozenset("aeiouyhàâéèêëîïôùûü")
_AHEAD_OF_NAME = re.compile(r"(?i:" + "|".join(_ELIDED) + r")(?=[AEIOUYHÀÂÉÈÊÎÔ][a-zà-ü])")
_WORD = re.compile(rf"(?<!\w)[^\W\d_]{{1,{MOST_CHARS}}}+(?!\w|['’]\w)")
_AHEAD_OF_ANY_NAME = re.compile(
    r"\b(?:qui (?:est|était|dirige)|où est|ou est|who(?: is|['’]s| was| leads)|where is) (?:(?P<first>[^\W\d_]+) )?$",
    re.IGNORECASE,
)
_BEARER = re.compile(  # beside the roles of `terms/titles.toml`: who or what is called by the word that follows
    r"\b(?:(?:rapp|football?l|box|stream|influenc|youtub|swimm|nag|ski)(?:er|eur|euse)|athlete|artiste?|humoriste|pianiste?"
    r"|cycliste?|peintre|painter|poete?|dj|band|monsieur|madame|mrs?|ms|m|mme|lac|lake|mont|mount"
    r"|(?:ville|village|commune|quartier|hameau|ile|province|region|fleuve|riviere|aeroport|stade)(?: de| d')"
    r"|(?:city|town|village|island|province|district|region) of) ?$"
)
_PREFIXES = frozenset(
    ("anti", "auto", "co", "ex", "mi", "multi", "non", "post", "pré", "pre", "pro", "self", "sous", "vice")
)


class Vocabulary(Protocol):
    """The words of the articles."""

    def passages_with(self, words: Iterable[str]) -> Mapping[str, int]:
        """In how many passages each of these words, in lower case, is in any form; others are left out."""
        ...


def mended(question: str, vocabulary: Vocabulary) -> str:
    """The question, its misspelt words spelt as in the articles; itself where it is in a third language."""
    if is_other(question):
        return question
    lang = detect(question)
    if lang == "fr":
        question = _WORD.sub(lambda word: _with_apostrophe(word, vocabulary) or word[0], question)
    else:
        question = with_apostrophes(question)
    suspects = [word for word in _WORD.finditer(question) if _is_suspect(word, lang)]
    known = vocabulary.passages_with(word[0].lower() for word in suspects) if suspects else {}
    unknown = [word for word in suspects if word[0].lower() not in known]
    for word in reversed(unknown):
        if meant := _meant(word, vocabulary, lang):
            question = question[: word.start()] + _cased(meant, word[0]) + question[word.end() :]
    return question


def _with_apostrophe(word: re.Match[str], vocabulary: Vocabulary) -> str | None:
    """The word with the apostrophe that it lacks, where neither the articles nor a dictionary hold it without."""
    if (before := _AHEAD_OF_NAME.match(word[0])) and (word[0][0].islower() or _opens(word)):
        return f"{before[0]}'{word[0][before.end() :]}"
    lower, may_be_name = word[0].lower(), word[0][0].isupper() and not _opens(word)
    if may_be_name or not word[0][1:].islower() or _is_french(lower) or _likeliest(_accented(lower, "fr")):
        return None
    for before in _ELIDED:
        after = lower.removeprefix(before)
        if after != lower and after[:1] in _VOWELS and (meant := _after_apostrophe(after)):
            if frequency(lower, "en") and not is_function_word(after, "fr"):
                return None  # « Laval »
            named = known_names(text_of(word[0], "fr")) or vocabulary.passages_with([lower])
            return None if named else f"{word[0][: len(before)]}'{meant}"
    return None


def _is_french(word: str) -> bool:
    return bool(frequency(word, "fr")) or is_function_word(word, "fr") or is_common(word, "fr")


def _after_apostrophe(word: str) -> str | None:
    """The word, its accents put back; `None` where it is none."""
    if is_function_word(word, "fr"):
        return word
    if len(word) < LEAST_ELIDED_CHARS:
        return None
    return word if frequency(word, "fr") > RARELY else _likeliest(_accented(word, "fr"))


def _likeliest(words: Iterable[str]) -> str | None:
    """The one that is written most, where it is not rare."""
    often = max(sorted(set(words)), key=lambda word: frequency(word, "fr"), default="")
    return often if frequency(often, "fr") > RARELY else None


def _opens(word: re.Match[str]) -> bool:
    """Whether it is the question's first word."""
    return not re.search(r"\w", word.string[: word.start()])


def _is_suspect(word: re.Match[str], lang: str) -> bool:
    """Whether it is long enough, no acronym, in no dictionary, and no known name."""
    lower = word[0].lower()
    if len(lower) < LEAST_CHARS or not word[0][1:].islower():
        return False
    other = next(each for each in _LANGS if each != lang)
    if is_function_word(lower, lang) or frequency(lower, lang) or frequency(lower, other) > RARELY:
        return False
    return not is_common(lower, lang) and not known_names(text_of(word[0], "fr"))


def _meant(word: re.Match[str], vocabulary: Vocabulary, lang: str) -> str | None:
    """The word that this one is a slip for, if any. With a capital it may be a name, or a function word that opens."""
    lower, may_be_name = word[0].lower(), word[0][0].isupper()
    fits = is_function_word if may_be_name else frequency

    def best(near: Iterable[str]) -> str | None:
        return _best((each for each in near if fits(each, lang)), vocabulary, lang)

    if lang == "fr" and not may_be_name and (likeliest := _likeliest(_accented(lower, lang))):
        return best(_accented(lower, lang)) or likeliest  # no other slip, though the articles lack it
    only_names = may_be_name or _is_asked_about(word, lang)
    near = _slips(word, vocabulary, lang) if not only_names or _opens(word) else ()
    meant = next(filter(None, map(best, near)), None)
    return meant or _reordered(lower, vocabulary, lang, may_be_name=may_be_name)


def _is_asked_about(word: re.Match[str], lang: str) -> bool:
    """Whether someone or a place is asked about, and this may be their name, or the second word of it."""
    ahead = _AHEAD_OF_ANY_NAME.search(word.string[: word.start()])
    first = ahead["first"] if ahead else None
    return bool(ahead) and not (first and (is_function_word(first, lang) or is_common(first, lang)))


def _reordered(word: str, vocabulary: Vocabulary, lang: str, *, may_be_name: bool) -> str | None:
    """A word that the articles hold, of the same letters. A name is a long one, or is known for one or for a word.

    Not "calvanai" for "calvania", though its stem in French is that of « Calvanie », and the articles hold it by that.
    """
    near = [each for each in _misplaced(word) if not may_be_name or len(each) >= LONG_CHARS or _is_known(each)]
    if lang == "en":
        near = [each for each in near if not any(map(word.startswith, terms_of(each, ["fr"])))]
    held = vocabulary.passages_with(near) if near else {}
    often = {each: count for each, count in held.items() if count >= LEAST_PASSAGES}
    return max(sorted(often), key=often.__getitem__, default=None)


def _is_known(name: str) -> bool:
    if len(name) < LEAST_NAME_CHARS:
        return False
    return bool(known_names(text_of(name.capitalize(), "fr"))) or any(frequency(name, lang) > RARELY for lang in _LANGS)


def _best(words: Iterable[str], vocabulary: Vocabulary, lang: str) -> str | None:
    """The one written most, of those that the articles hold, or that are function words, which no index holds."""
    near = sorted(set(words))
    held = vocabulary.passages_with(near) if near else {}
    there = (word for word in near if word in held or is_function_word(word, lang))
    return max(there, key=lambda word: frequency(word, lang), default=None)


def _slips(word: re.Match[str], vocabulary: Vocabulary, lang: str) -> Iterator[Iterable[str]]:
    """The words that are a slip away, likelier slips first; all but accents after the first letter, which is seldom
    wrong."""
    lower = word[0].lower()
    yield _accented(lower, lang)
    yield _misplaced(lower)
    whole = _compound(word, lang)
    yield _held_in(whole, _left_out(lower), vocabulary) if whole else _left_out(lower)
    if not _is_called(word, lang):
        yield _held_in(whole, _wrong(lower), vocabulary) if whole else _wrong(lower)


def _compound(word: re.Match[str], lang: str) -> tuple[str, str] | None:
    """What stands before and after a word in its compound, joined as the index joins it: « saint », "" of « malo »;
    `None` where there is but a prefix or a function word: « dit-elle », "anti-government"."""
    before = re.search(r"(?:[^\W\d_]+-)*$", word.string[: word.start()])
    after = re.match(r"(?:-[^\W\d_]+)*", word.string[word.end() :])
    around = [part.group().lower() if part else "" for part in (before, after)]
    others = [part for each in around for part in each.split("-") if part]
    if all(part in _PREFIXES or is_function_word(part, lang) for part in others):
        return None
    return around[0].replace("-", ""), around[1].replace("-", "")


def _held_in(whole: tuple[str, str], near: Iterable[str], vocabulary: Vocabulary) -> Iterable[str]:
    """Those with which the articles hold the whole compound."""
    compounds = {f"{whole[0]}{each}{whole[1]}": each for each in near}
    return [compounds[held] for held in vocabulary.passages_with(sorted(compounds))]


def _is_called(word: re.Match[str], lang: str) -> bool:
    """Whether a person or a place stands before, which the word may be the name of: "the rapper stormzy". It is no verb
    with its pronoun, and not so long that few others are spelt like it."""
    if len(word[0]) >= LONG_CHARS or re.match(r"-(?:t-)?(?:ils?|elles?|on)\b", word.string[word.end() :]):
        return False
    ahead = text_of(word.string[: word.start()], lang)
    if _BEARER.search(ahead.folded):
        return True
    roles = term_sets("titles")["role"].find(ahead)
    return any(not role.weak and role.end == len(ahead.raw.rstrip()) for role in roles)


def _accented(word: str, lang: str) -> Iterator[str]:
    """It was written without some of its accents, and with none that it has not."""
    for meant in with_accents(word, lang):
        changed = [(ours, theirs) for ours, theirs in zip(word, meant, strict=True) if ours != theirs]
        if 0 < len(changed) <= MOST_ACCENTS and all(ours == without_accents(theirs) for ours, theirs in changed):
            yield meant


def _misplaced(word: str) -> Iterator[str]:
    """Two letters were swapped, one was doubled or should have been."""
    for i in range(1, len(word)):
        yield word[:i] + word[i : i + 2][::-1] + word[i + 2 :]
        yield word[:i] + word[i - 1] + word[i:]
        if word[i] == word[i - 1]:
            yield word[:i] + word[i + 1 :]


def _left_out(word: str) -> Iterator[str]:
    """One is missing."""
    return (word[:i] + letter + word[i:] for i in range(1, len(word) + 1) for letter in _LETTERS)


def _wrong(word: str) -> Iterator[str]:
    """One is another, or too many."""
    for i in range(1, len(word)):
        if len(word) >= LEAST_WRONG_CHARS:
            yield from (word[:i] + letter + word[i + 1 :] for letter in _LETTERS)
        if len(word) >= LEAST_EXTRA_CHARS:
            yield word[:i] + word[i + 1 :]


def _cased(word: str, like: str) -> str:
    return word[:1].upper() + word[1:] if like[:1].isupper() else word
