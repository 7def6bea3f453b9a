"""True sentences turned false by rule: a number, a date, a name, a negation, or who did it to whom. Seeded."""

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

_MONTHS = {
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin",
           "juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    "en": ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December"),
}  # fmt: skip
_DAYS = {
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
FIGURE = re.compile(r"(?<![\w.,])\d+(?:[.,\u00a0\u202f ]\d+)*(?!\w)")
NAME = re.compile(r"(?<=[^.!?…«»“\"] )(?:[A-ZÀÂÉÈÊÎÔÇ][\w-]{2,})(?: [A-ZÀÂÉÈÊÎÔÇ][\w-]+)*")
_NEGATED = {"fr": re.compile(r"\b(?:n['’]|ne )(\w+) pas\b"), "en": re.compile(r"\b(\w+) not\b")}
_VERB = {
    "fr": re.compile(r"(\w+) (est|sont|était|étaient|a|ont|avait|avaient|sera|seront|peut|doit|va|fait)\b"),
    "en": re.compile(r"(\w+) (is|are|was|were|has|have|had|will|can|could|would|must|should)\b"),
}
# Words that stand between `ne` and its verb.
_CLITICS = frozenset({"ne", "y", "en", "se", "le", "la", "les", "lui", "leur", "me", "te", "nous", "vous"})


def names(sentence: str) -> list[str]:
    """Capitalised words that do not begin the sentence, those that follow each other together."""
    return [match[0] for match in NAME.finditer(sentence)]


def names_of(sentences: Iterable[str]) -> list[str]:
    """Those of all of them, each once, in the order of their letters."""
    return sorted({name for sentence in sentences for name in names(sentence)})


def altered(sentence: str, lang: str, others: Sequence[str]) -> dict[str, str]:
    """The sentence made false, by kind; only the kinds that it allows. `others` are names to put in others' place."""
    draw = random.Random(sentence)
    made = {kind: alter(sentence, lang, others, draw) for kind, alter in _ALTERATIONS.items()}
    return {kind: text for kind, text in made.items() if text and text != sentence}


def _number(sentence: str, _lang: str, _others: Sequence[str], draw: random.Random) -> str | None:
    """The first digit of a number that is no year becomes another one."""
    found = [match for match in FIGURE.finditer(sentence) if not _YEAR.fullmatch(match[0])]
    if not found:
        return None
    number = draw.choice(found)
    digit = draw.choice([d for d in "123456789" if d != number[0][0]])
    return sentence[: number.start()] + digit + sentence[number.start() + 1 :]


def _date(sentence: str, lang: str, _others: Sequence[str], draw: random.Random) -> str | None:
    """Another month, another day of the week, or a year some years away."""
    for words in (_MONTHS[lang], _DAYS[lang]):
        if found := re.search(rf"\b(?:{'|'.join(words)})\b", sentence):
            other = draw.choice([word for word in words if word != found[0]])
            return sentence[: found.start()] + other + sentence[found.end() :]
    if year := _YEAR.search(sentence):
        other = str(int(year[0]) + draw.choice([-7, -4, -3, -2, -1, 1, 2, 3, 4, 7]))
        return sentence[: year.start()] + other + sentence[year.end() :]
    return None


def _name(sentence: str, _lang: str, others: Sequence[str], draw: random.Random) -> str | None:
    """A name becomes another sentence's, of as many words."""
    found = list(NAME.finditer(sentence))
    if not found:
        return None
    old = draw.choice(found)
    like = [name for name in others if name not in sentence and len(name.split()) == len(old[0].split())]
    return sentence[: old.start()] + draw.choice(like) + sentence[old.end() :] if like else None


def _negation(sentence: str, lang: str, _others: Sequence[str], _draw: random.Random) -> str | None:
    """What is denied is asserted; else what is asserted is denied."""
    if denied := _NEGATED[lang].search(sentence):
        return sentence[: denied.start()] + denied[1] + sentence[denied.end() :]
    verb = next((found for found in _VERB[lang].finditer(sentence) if found[1].lower() not in _CLITICS), None)
    if not verb:
        return None
    particle = "n'" if verb[2][0] in "aeéiou" else "ne "
    no = f"{verb[2]} not" if lang == "en" else f"{particle}{verb[2]} pas"
    return sentence[: verb.start(2)] + no + sentence[verb.end() :]


def _role(sentence: str, _lang: str, _others: Sequence[str], _draw: random.Random) -> str | None:
    """The first two names change places."""
    found = list(NAME.finditer(sentence))
    if len({match[0] for match in found}) < 2:
        return None
    return exchanged(sentence, found[0], next(match for match in found if match[0] != found[0][0]))


def exchanged(sentence: str, one: re.Match[str], other: re.Match[str]) -> str:
    """The sentence in which two pieces of it, `one` before `other`, changed places."""
    between = sentence[one.end() : other.start()]
    return sentence[: one.start()] + other[0] + between + one[0] + sentence[other.end() :]


_ALTERATIONS: Mapping[str, Callable[[str, str, Sequence[str], random.Random], str | None]] = {
    "number": _number,
    "date": _date,
    "name": _name,
    "negation": _negation,
    "role": _role,
}
KINDS = tuple(_ALTERATIONS)
