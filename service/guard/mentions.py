"""Who and what a text names, in order: names, figures and days, each with the part that it has in what is told.

There is no parser: a part is told from the preposition before a mention, the possessive or the passive after it, and
its place beside a verb. What cannot be told so is a part of its own, which answers for any other.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import takewhile

from index.analysis import is_function_word
from service.guard.dates import named_dates
from service.guard.gazetteer import known_names, people_spans
from service.guard.lexicon import term_sets
from service.guard.names import other_names, same_root
from service.guard.quantities import quantities
from service.guard.words import Text, Token, lemma, tokens


class Part(StrEnum):
    AGENT = "agent"
    BY = "by"  # the agent of a passive
    PATIENT = "patient"
    TO = "to"
    AT = "at"  # French « à »: to, in, and of whom something is bought
    FOR = "for"
    FROM = "from"
    OF = "of"
    AGAINST = "against"
    IN = "in"
    WITH = "with"
    SOURCE = "source"  # « selon »
    BEFORE = "before"
    AFTER = "after"
    BETWEEN = "between"
    BESIDE = "beside"  # an adjective, or none of these


class Sort(StrEnum):
    NAME = "name"
    FIGURE = "figure"
    DAY = "day"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Mention:
    """What is the same has the same `key` in either language, or the same `sound`."""

    sort: Sort
    key: str
    sound: str
    said: str
    start: int
    end: int
    part: Part


_PREPOSITIONS = {
    "fr": {"par": Part.BY, "a": Part.AT, "au": Part.AT, "aux": Part.AT, "vers": Part.TO, "pour": Part.FOR,
           "de": Part.OF, "du": Part.OF, "des": Part.OF, "d": Part.OF, "depuis": Part.FROM, "contre": Part.AGAINST,
           "selon": Part.SOURCE, "en": Part.IN, "dans": Part.IN, "chez": Part.IN, "sur": Part.IN, "sous": Part.IN,
           "avec": Part.WITH, "avant": Part.BEFORE, "apres": Part.AFTER, "entre": Part.BETWEEN, "sans": Part.BESIDE,
           "comme": Part.BESIDE, "hors": Part.BESIDE, "envers": Part.TO, "pres": Part.IN, "parmi": Part.IN},
    "en": {"by": Part.BY, "to": Part.TO, "toward": Part.TO, "towards": Part.TO, "into": Part.TO, "for": Part.FOR,
           "of": Part.OF, "from": Part.FROM, "against": Part.AGAINST, "in": Part.IN, "at": Part.IN, "on": Part.IN,
           "near": Part.IN, "within": Part.IN, "inside": Part.IN, "over": Part.IN, "across": Part.IN,
           "through": Part.IN, "under": Part.IN, "among": Part.IN, "with": Part.WITH, "before": Part.BEFORE,
           "after": Part.AFTER, "between": Part.BETWEEN, "without": Part.BESIDE, "like": Part.BESIDE,
           "than": Part.BESIDE, "around": Part.IN, "off": Part.FROM, "outside": Part.BESIDE, "via": Part.IN},
}  # fmt: skip
_SKIPPED = {
    "fr": frozenset([
        "le", "la", "l", "les", "un", "une", "ce", "cet", "cette", "ces", "son", "sa", "ses", "leur", "leurs", "notre",
    "nos", "m", "mm", "mme", "mlle", "dr"
]),
    "en": frozenset([
    "the", "a", "an", "its", "his", "her", "their", "our", "this", "these", "those", "mr", "mrs", "ms", "dr",
    "city", "state", "province", "town"
]),
}  # fmt: skip
_ABBREVIATED = frozenset(["m", "mm", "mr", "mrs", "ms", "dr"])
_ABOUT = frozenset([
    "moins", "plus", "pres", "environ", "quelque", "quelques", "presque", "minimum", "maximum", "fewer", "less",
    "more", "than", "about", "nearly", "almost", "some", "least", "most", "up", "roughly"
])  # fmt: skip
_OPENS = frozenset([
    "que", "qu", "qui", "si", "quand", "lorsque", "mais", "et", "ou", "car", "tandis", "alors", "dont", "puis",
    "soit", "ni", "donc", "comme", "that", "which", "who", "whom", "if", "when", "while", "but", "and", "or", "as",
    "because", "where", "whereas", "although", "though", "so", "then"
])  # fmt: skip
_COORDINATES = re.compile(
    r",? (?:et|and|ou|or|ainsi que|as well as) (?:l'|le |la |les |the |de l'|de la |du |des |de |d'|a |au |to )?"
)
_COMES_FROM = ("venu", "parti", "provenance", "originaire", "issu", "arriv", "sorti")
_PASSIVE = {
    "fr": re.compile(
        r"(?<!\w)(?:est|sont|était|étaient|sera|seront|serait|seraient|fut|furent|été|être|soit|soient)"
        r"(?: (?:\w+ment|pas|plus|aussi|déjà|ainsi|jamais|également|ensuite|encore))*"
        r" (?!all|venu|parti|arriv|entr|sorti|mont|descendu|né|mort|rest|tomb|retourn|devenu|revenu|parvenu)"
        r"(?P<done>\w+)"
    ),
    "en": re.compile(
        r"(?<!\w)(?:is|are|was|were|been|be|being|get|gets|got)(?: (?:\w+ly|not|also|then|never|now|still|already))*"
        r" (?P<done>\w+)"
    ),
}
_DONE = {
    "fr": re.compile(r"\w{2,}(?:ée?s?|ie?s?|ite?s?|ue?s?|erte?s?|inte?s?)"),
    "en": re.compile(
        r"\w+(?:ed|en|wn|ught|ung|uck)|hit|shot|sold|told|held|led|won|lost|made|paid|cut|put|sent|built|met|found|left"
    ),
}
_OF_IT = re.compile(r" (?:de |du |des |d'|of )(?:la |le |l'|the )?")
_DETERMINERS = {
    "fr": frozenset(["le", "la", "l", "un", "une", "son", "sa", "ses", "leur", "ce", "cet", "cette"]),
    "en": frozenset(["the", "a", "an", "its", "his", "her", "their"]),
}
_UNCHANGED = frozenset(["beat", "hit", "cut", "put", "let", "set", "quit", "left"])
_AUXILIARIES = frozenset(["a", "ont", "est", "sont", "avait", "avaient"])
_HAVING = re.compile(r"\b(?:a|ont|avait|avaient|est|sont) (?:\w+ment )?$")
_REFLEXIVE = re.compile(r"(?<!\w)(?:s'|se |m'|me )$")
_SPOKE = re.compile(r"[,»”\"] ?(?:l'|lui |leur )?(?:a |ont |avait |had |has )?\w+ ?$")
_NEAR = 6  # words back from a mention
_LONGEST = 4  # words that tell who a name is


@lru_cache(maxsize=64)
def mentions(text: Text) -> tuple[Mention, ...]:
    """In order; those of one sort that overlap are one."""
    found = sorted(_found(text), key=lambda each: (each.start, -each.end))
    parted: list[Mention] = []
    for number, each in enumerate(found):
        parted.append(_with_part(each, text, parted, found[number + 1 :]))
    return tuple(parted)


def shared(ours: Sequence[Mention], theirs: Sequence[Mention]) -> list[tuple[Mention, Mention]]:
    """What each side mentions exactly once."""
    pairs = [(one, other) for one in ours for other in theirs if same_mention(one, other)]
    here, there = Counter(one.start for one, _ in pairs), Counter(other.start for _, other in pairs)
    return [(one, other) for one, other in pairs if here[one.start] == there[other.start] == 1]


def same_mention(one: Mention, other: Mention) -> bool:
    if one.sort is not other.sort:
        return False
    return one.key == other.key or one.sound == other.sound or (one.sort is Sort.NAME and same_root(one.key, other.key))


def _found(text: Text) -> Iterator[Mention]:
    for known in known_names(text):
        yield Mention(Sort.NAME, known.member, known.member, known.said, known.start, known.end, Part.BESIDE)
    for start, end, key, sound in other_names(text):
        yield Mention(Sort.NAME, key, sound, text.raw[start:end], start, end, Part.BESIDE)
    days = named_dates(text)
    for day in days:
        yield Mention(Sort.DAY, day.member, day.member, day.said, day.start, day.end, Part.BESIDE)
    roles = term_sets("titles")["role"].find(text)
    for role in roles:
        if not text.raw[role.end : role.end + 2].strip()[:1].isupper():  # else it is of the name that follows
            yield Mention(Sort.ROLE, role.member, role.member, role.said, role.start, role.end, Part.BESIDE)
    for actor in term_sets("titles")["actor"].find(text):
        if actor.end + 1 not in {role.start for role in roles}:  # "police spokesman"
            yield Mention(Sort.ROLE, actor.member, actor.member, actor.said, actor.start, actor.end, Part.BESIDE)
    for number in quantities(text):
        dated = any(day.start - 2 <= number.end <= day.start or day.end <= number.start <= day.end + 2 for day in days)
        if number.values and not number.year and not dated:  # « 9 mars 1953 » and "March 9, 1953" order them otherwise
            key = str(min(number.values))
            yield Mention(Sort.FIGURE, key, key, number.said, number.start, number.end, Part.BESIDE)


def _with_part(each: Mention, text: Text, before: Sequence[Mention], after: Sequence[Mention]) -> Mention:
    part = _part(each, text, before, after)
    acts = each.sort is Sort.DAY and part in (Part.AGENT, Part.PATIENT)  # « Lundi, il … »: a day does not
    return replace(each, part=Part.IN if acts else part)


def _part(each: Mention, text: Text, before: Sequence[Mention], after: Sequence[Mention]) -> Part:
    if (each.start, each.end) in people_spans(text) and not _is_noun(each, text):
        return Part.BESIDE
    if re.match(r"'s?(?!\w)", text.raw[each.end : each.end + 2]) and text.lang == "en":
        return Part.OF
    last = before[-1] if before else None
    if last and last.part is not Part.BESIDE and _coordinated(last, each, text):
        return last.part
    words = _words_before(each, text)
    if not words or words[-1].folded in _OPENS or not words[-1].raw[0].isalnum():
        return Part.PATIENT if _is_passive(text, *_beyond(each, after, text)) else Part.AGENT
    return _by_word(words, text, each.sort)


def _coordinated(one: Mention, other: Mention, text: Text) -> bool:
    """« le Canada et le Mexique »"""
    between = text.folded[one.end : other.start]
    return one.sort is other.sort and bool(between.strip()) and _COORDINATES.fullmatch(between) is not None


def _beyond(each: Mention, after: Sequence[Mention], text: Text) -> tuple[int, int]:
    """From the end of a mention, and those beside it, to the next."""
    for other in after:
        if not _coordinated(each, other, text) and not _OF_IT.fullmatch(text.folded[each.end : other.start]):
            return each.end, max(each.end, other.start)
        each = other
    return each.end, len(text.raw)


def _is_noun(each: Mention, text: Text) -> bool:
    """« les Iraniens », "the Saudis": a people, not what is of it."""
    return each.said[:1].isupper() if text.lang == "fr" else each.said.endswith("s")


def _by_word(words: Sequence[Token], text: Text, sort: Sort) -> Part:
    word, earlier = words[-1].folded, words[-2].folded if len(words) > 1 else ""
    part = _PREPOSITIONS[text.lang].get(word)
    if part is None:
        spoken = _SPOKE.search(text.folded[: words[-1].end]) and _speaks(words[-1], text)
        if spoken:
            return Part.AGENT
        return Part.PATIENT if sort is not Sort.NAME or _may_be_verb(words[-1], text) else Part.BESIDE
    if word == "to" and earlier == "according":
        return Part.SOURCE
    if word == "apres" and earlier in ("d", "d'", "'"):
        return Part.SOURCE
    if part is Part.AT and earlier == "face":
        return Part.AGAINST
    if part is Part.OF and earlier.startswith(_COMES_FROM):
        return Part.FROM
    return Part.IN if part is Part.OF and earlier == "pres" else part


def _speaks(word: Token, text: Text) -> bool:
    return any(each.end == word.end for each in term_sets("turns")["speech"].find(text))


def _words_before(each: Mention, text: Text) -> list[Token]:
    """The words before a mention, without what stands between it and its preposition: articles, titles, bounds."""
    titles = [] if each.sort is Sort.ROLE else [*term_sets("titles")["role"].find(text), *known_names(text)]
    words = [token for token in tokens(text) if token.end <= each.start and token.raw != "'"]
    while words:
        if each.sort is Sort.NAME and (apposed := _apposed(words, text)):
            del words[-apposed:]
            continue
        word = words[-1]
        titled = any(found.start <= word.start and word.end <= found.end for found in titles)
        opens = word.start == 0 and word.folded in _PREPOSITIONS[text.lang]
        capital = each.sort is Sort.NAME and word.raw[:1].isupper() and word.folded not in _OPENS and not opens
        bound = each.sort is Sort.FIGURE and (
            word.folded in _ABOUT
            or (word.folded in ("de", "d") and len(words) > 1 and words[-2].folded in _ABOUT)
            or (word.folded == "at" and text.folded[word.end : word.end + 6] == " least")
        )
        counted = each.sort is Sort.DAY and word.raw[:1].isdigit()
        abbreviated = word.raw == "." and len(words) > 1 and words[-2].folded in _ABBREVIATED
        if not (titled or capital or bound or counted or abbreviated or word.folded in _SKIPPED[text.lang]):
            break
        words.pop()
    return words[-_NEAR:]


def _apposed(words: Sequence[Token], text: Text) -> int:
    """How many of the words before a name tell who it is: « le milliardaire », "the US company", "Germany's"."""
    if words[-1].folded == "s" and text.raw[words[-1].start - 1] == "'":
        capitals = takewhile(lambda word: word.raw[:1].isupper(), reversed(words[:-1]))
        return 1 + sum(1 for _ in capitals)
    for count, word in enumerate(reversed(words[-_LONGEST:]), 1):
        if word.folded in _DETERMINERS[text.lang]:
            return count if count > 1 else 0
        opens = word.start == 0 and not is_function_word(word.raw, text.lang)
        if not _may_be_noun(word, text, opens=opens):
            return 0
        if opens:
            return count
    return 0


def _may_be_noun(word: Token, text: Text, *, opens: bool) -> bool:
    named = word.raw[:1].isupper() and not opens
    used = word.folded in _PREPOSITIONS[text.lang] or word.folded in _OPENS
    return word.raw[:1].isalpha() and not named and not used and not _may_be_verb(word, text)


def _may_be_verb(word: Token, text: Text) -> bool:
    """A conjugated form or a participle."""
    base = lemma(word.raw, text.lang)
    if text.lang == "en":
        return base != word.raw.lower() or word.folded in _UNCHANGED
    conjugated = base != word.raw.lower() and base.endswith(("er", "ir", "re", "oir"))
    return conjugated or word.folded in _AUXILIARIES or _HAVING.search(text.folded[: word.start]) is not None


def _is_passive(text: Text, start: int, end: int) -> bool:
    clause = re.split(r"[,;:.!?»”\"]", text.raw.lower()[start:end], maxsplit=1)[0]
    found = _PASSIVE[text.lang].search(clause)
    return bool(found and _DONE[text.lang].fullmatch(found["done"]) and not _REFLEXIVE.search(clause[: found.start()]))
