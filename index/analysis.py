"""Turns text into the terms of the lexical index, in French and in English. Knows nothing of SQL or of articles.

A term is a Snowball stem with its accents folded, a number in one spelling ("130 000", "130,000" and "130.000" are
all `130000`), or a name or code kept whole. The same text in the same language always gives the same terms.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator

import Stemmer  # type: ignore[import-not-found]  # PyStemmer ships no types

ANALYSIS = "terms-1"  # goes into the manifest: change it with anything here that changes a term

_STEMMERS = {"fr": "french", "en": "english"}


def analyse(text: str, lang: str) -> list[str]:
    """The terms of `text`, in order, with repetitions; function words of `lang` are left out.

    A language other than French and English gets neither stems nor stop words: its words are folded only.
    """
    stop = _STOP_WORDS.get(lang, frozenset())
    return [_term(word, lang) for word, is_name in _words(text) if is_name or word not in stop]


def is_function_word(word: str, lang: str) -> bool:
    return word.lower() in _STOP_WORDS.get(lang, frozenset())


def query_terms(query: str, langs: Iterable[str]) -> list[tuple[str, ...]]:
    """For each distinct word of `query`, in order, the terms that find it in articles of each of `langs`.

    The function words of the language that the query seems to be in are left out first, so that the "de" of a French
    question does not look for "Charles de Gaulle" in English articles.
    """
    terms = [terms_of(word, sorted(langs), is_name=is_name) for word, is_name in content_words(query)]
    return [found for found in dict.fromkeys(terms) if found]


def content_words(query: str) -> list[tuple[str, bool]]:
    """The words of `query`, in order, in lower case, and whether each is a name or a number; without function words."""
    words = list(_words(query))
    asked = {word for word, is_name in words if not is_name}
    likely = max(_STOP_WORDS, key=lambda lang: len(asked & _STOP_WORDS[lang]))
    return [(word, is_name) for word, is_name in words if is_name or word not in _STOP_WORDS[likely]]


def terms_of(word: str, langs: Iterable[str], *, is_name: bool = False) -> tuple[str, ...]:
    """The terms that find one word, in lower case, in articles of each of `langs`; none where it is a function word."""
    kept = [lang for lang in langs if is_name or word not in _STOP_WORDS.get(lang, frozenset())]
    return tuple(dict.fromkeys(_term(word, lang) for lang in kept))


# Word boundaries. Alternatives are tried in order at each place; text is NFKC, so every kind of space is a space.
_LETTER = r"[^\W\d_]"
_TOKEN = re.compile(
    rf"""
    (?P<acronym>  (?<!\w) {_LETTER} (?:\.{_LETTER})+ (?!\w) )                    # U.S.  O.N.U.
  | (?P<grouped>  (?<![\w.,]) (?!0) \d{{1,3}} (?: (?P<group>[ .,']) \d{{3}} (?:(?P=group)\d{{3}})* ) (?![\w])
                  (?: (?!(?P=group)) [.,] \d+ (?!\w) )? )                        # 130 000   1,234,567.89
  | (?P<decimal>  (?<![\w.,]) \d+ [.,] \d+ (?![\w]) (?![.,]\d) )                 # 9,6   9.6
  | (?P<word>     [^\W_]+ (?: ['-] [^\W_]+ )* )                                  # l'OTAN  États-Unis  1er  F16
    """,
    re.VERBOSE,
)
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ′´`＇", "'") | dict.fromkeys("‐‑", "-") | {"\u00ad": None})
_ELISION = re.compile(r"(?<![\w'])(?:[ldjnsctm]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu)'(?=\w)", re.IGNORECASE)
_POSSESSIVE = re.compile(r"'(?:s|re|ve|ll|d|m|t)?\Z")
_CLITIC = re.compile(
    r"-(?:t-)?(?:je|tu|il|elle|on|nous|vous|ils|elles|ce|ci|là|la|le|les|lui|leur|moi|toi|y|en|mêmes?)\Z"
)
_ORDINAL = re.compile(r"(\d+)(?:ers?|res?|ères?|es?|[èe]mes?|nde?s?|st|rd|th)\Z")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})


def _words(text: str) -> Iterator[tuple[str, bool]]:
    """Each word of `text` in lower case, and whether it is a name or a number: "WHO" is not "who"."""
    text = _ELISION.sub(" ", unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)))
    shouted = text.isupper()
    for match in _TOKEN.finditer(text):
        token = match[0]
        if match["acronym"]:
            yield token.replace(".", "").casefold(), True
        elif match["grouped"]:
            yield _ungrouped(token, match["group"]), True
        elif match["decimal"]:
            yield token.replace(",", "."), True
        else:
            for part in [token] if token.isalpha() else _parts(token):
                yield part.casefold(), len(part) > 1 and part.isupper() and not shouted


def _ungrouped(number: str, group: str) -> str:
    return number.replace(group, "").replace(",", ".")


def _parts(token: str) -> Iterator[str]:
    """The words in a run of letters, digits, hyphens and apostrophes; a compound also gives itself, joined."""
    token = _CLITIC.sub("", token)
    pieces = [bare for piece in token.split("-") if (bare := _bare(piece))]
    yield from pieces
    if len(pieces) > 1 and not all(piece.isdigit() for piece in pieces):
        yield "".join(pieces)


def _bare(piece: str) -> str:
    """`piece` without possessive or ordinal ending; any other apostrophe is dropped (`aujourdhui`)."""
    if ending := _POSSESSIVE.search(piece.lower()):
        piece = piece[: ending.start()]
    if ordinal := _ORDINAL.match(piece.lower()):
        piece = ordinal[1]
    return piece.replace("'", "")


def _term(word: str, lang: str) -> str:
    """The stem is taken before accents are folded: Snowball needs them to tell `négocié` from `négoce`."""
    if lang in _STEMMERS and word.isalpha():
        word = str(_stemmer(lang).stemWord(word))
    if word.isascii():
        return word
    word = unicodedata.normalize("NFD", word.translate(_LIGATURES))
    return "".join(char for char in word if not unicodedata.combining(char))


_local = threading.local()  # a stemmer is not safe to share between threads


def _stemmer(lang: str) -> Stemmer.Stemmer:
    stemmers: dict[str, Stemmer.Stemmer] = _local.__dict__
    if lang not in stemmers:
        stemmers[lang] = Stemmer.Stemmer(_STEMMERS[lang])
    return stemmers[lang]


# Function and question words. Words that are also common nouns or names stay out (été, or, car, us, may, will).
_FRENCH = """
a à ai aie ait as au aucun aucune aura auraient aurait autre autres aux avaient avais avait avant avec avez
avoir avons ayant c ça ce ceci cela celle celles celui ces cet cette ceux chaque chez ci combien comme comment
d dans de des depuis dès desquelles desquels donc dont du duquel elle elles en encore entre est et étaient
étais était étant êtes être eux fait font fut furent ici il ils j je jusque l la là le les lequel laquelle
lesquels lesquelles leur leurs lors lorsque lui m ma mais me même mêmes mes moi mon n ne ni nos notre nous on
ont ou où par parce pas pendant peut peuvent plus pour pourquoi puis puisque qu quand que quel quelle quelles
quels qui quoi quoique s sa sans se selon sera serait seront ses si soit son sont sous suis sur t ta tandis te
tel telle telles tels tes toi ton tous tout toute toutes très tu un une vers via voici voilà vos votre vous y
"""
_ENGLISH = """
a about after again all also am an and any are aren as at be because been before being between both but by can
cannot could couldn did didn do does doesn doing don during each for from further had hadn has hasn have haven
having he her here hers herself him himself his how i if in into is isn it its itself just like ll many me
more most much must my no nor not of off on once only or other our ours out over own per re s same she should
shouldn so some such t than that the their theirs them themselves then there these they this those through to
too under until up upon ve very was wasn we were weren what when where whether which while who whom whose why
with without would wouldn you your yours
"""
_STOP_WORDS = {"fr": frozenset(_FRENCH.split()), "en": frozenset(_ENGLISH.split())}
