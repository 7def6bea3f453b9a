"""Questions that articles could answer, made from the names and figures in them. Whether they do, others check.

Rules and templates, the same for the same articles. A template speaks the article's language; only a person's name is
the same in both.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.types import Article

MOST_CHARS = 4000  # of an article that are looked at: news says what matters first

_WORD = r"[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+(?:-[A-ZÀ-ÖØ-Þ]?[a-zà-öø-ÿ]+)*"
_PERSON = re.compile(rf"(?<=[a-zà-öø-ÿ,] )(?P<name>{_WORD} {_WORD})(?=[,.;:)»]|\s[a-zà-öø-ÿ(])")
_COUNTED = {
    "fr": re.compile(r"\b(?P<number>\d[\d\s\u00a0\u202f]*\d|\d) (?P<noun>[a-zà-öø-ÿ]{4,}s)\b"),
    "en": re.compile(r"\b(?P<number>\d[\d,]*\d|\d) (?P<noun>[a-z]{4,}s)\b"),
}
_PLACE = {
    "fr": re.compile(rf"\b(?P<place>en {_WORD})\b"),
    "en": re.compile(rf"\b(?P<place>in {_WORD})\b"),
}
_TIMES = re.compile(r"heures|jours|mois|années|minutes|secondes|degrés|hours|days|months|years|seconds|degrees")
_MONTHS = re.compile(
    r"janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|"
    r"january|february|march|april|may|june|july|august|september|october|november|december",
    re.IGNORECASE,
)
_WHO = {"fr": "Qui est {} ?", "en": "Who is {}?"}
_COUNT = {"fr": "Combien de {} {} ?", "en": "How many {} {}?"}
_THERE = {"fr": "Que se passe-t-il {} ?", "en": "What is happening {}?"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question, and what a sentence that answers it must hold."""

    question: str
    lang: str
    holds: str


def candidates(articles: Sequence[Article], lang: str) -> list[Suggestion]:
    """Questions in `lang`, those that most articles speak of first, of each kind in turn."""
    kinds: list[Counter[Suggestion]] = [Counter(), Counter(), Counter()]
    for article in articles:
        text = article.text[:MOST_CHARS]
        kinds[0].update(set(_counts(text, article.lang)) if article.lang == lang else ())
        kinds[1].update(set(_people(text, lang)))
        kinds[2].update(set(_places(text, article.lang)) if article.lang == lang else ())
    ordered = [sorted(kind, key=lambda made: (-kind[made], made.question)) for kind in kinds]
    longest = max(map(len, ordered))
    return [made[i] for i in range(longest) for made in ordered if i < len(made)]


def _people(text: str, lang: str) -> Iterator[Suggestion]:
    for match in _PERSON.finditer(text):
        yield Suggestion(_WHO[lang].format(match["name"]), lang, match["name"])


def _counts(text: str, lang: str) -> Iterator[Suggestion]:
    """Where a sentence names one place, what it counts there."""
    for sentence in re.split(r"[.!?]\s|\n", text):
        counted = [match for match in _COUNTED[lang].finditer(sentence) if not _TIMES.fullmatch(match["noun"])]
        places = _places_in(sentence, lang)
        if len(counted) == 1 and len(places) == 1:
            noun = ("d’" if lang == "fr" and counted[0]["noun"][0] in "aeiouyéèêh" else "") + counted[0]["noun"]
            question = _COUNT[lang].format(noun, places[0]).replace("de d’", "d’")
            yield Suggestion(question, lang, counted[0]["number"])


def _places(text: str, lang: str) -> Iterator[Suggestion]:
    for place in _places_in(text, lang):
        yield Suggestion(_THERE[lang].format(place), lang, place.split(" ", 1)[1])


def _places_in(text: str, lang: str) -> list[str]:
    found = [match["place"] for match in _PLACE[lang].finditer(text)]
    return [place for place in dict.fromkeys(found) if not _MONTHS.fullmatch(place.split(" ", 1)[1])]
