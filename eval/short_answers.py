"""How close a short answer is to an accepted one. Knows nothing of where either comes from."""

import re
import unicodedata
from collections import Counter

_GROUPED_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?:[\s.,]\d{3})+(?!\d)")
_ELIDED = re.compile(r"\b(?:[cdjlmnst]|qu)'")
_ARTICLES = frozenset({"le", "la", "les", "un", "une", "des", "du", "the", "a", "an"})


def normalise(text: str) -> str:
    """A short answer as it is compared: lower case; no punctuation, article or elided word; `4 000` as `4000`."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    text = _GROUPED_NUMBER.sub(lambda match: re.sub(r"\D", "", match[0]), text)
    text = "".join(" " if unicodedata.category(c)[0] in "PS" else c for c in _ELIDED.sub(" ", text))
    return " ".join(word for word in text.split() if word not in _ARTICLES)


def exact_match(given: str, wanted: str) -> bool:
    return normalise(given) == normalise(wanted)


def token_f1(given: str, wanted: str) -> float:
    """F1 over the bags of words of the normalised texts, as SQuAD's (Rajpurkar et al. 2016)."""
    a, b = normalise(given).split(), normalise(wanted).split()
    shared = sum((Counter(a) & Counter(b)).values())
    return 2 * shared / (len(a) + len(b)) if shared else float(a == b)
