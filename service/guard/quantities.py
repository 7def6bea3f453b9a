"""The quantities of a text: what number, of what unit, exactly or about. The only module that imports text_to_num.

Numbers may be digits with the language's separators, words, ordinals, Roman centuries, fractions, percentages, times of
day, and rough ones (« une centaine », "dozens"). "one" and "a" are not numbers here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from text_to_num import find_numbers

from service.guard.lexicon import TermSet, compile_terms, term_sets
from service.guard.words import Text, Token, tokens


class Form(StrEnum):
    CARDINAL = "cardinal"
    ORDINAL = "ordinal"
    ROUGH = "rough"  # a power of ten without a count: "dozens", « des milliers »


@dataclass(frozen=True, slots=True)
class Quantity:
    """`values`: what it may be ("10.000" in French is ten thousand, or ten). `bound` is "" where it is exact; `unit` is
    "" where none follows. A weak quantity ("both", "half") answers for a number and asks for none."""

    values: frozenset[float]
    form: Form
    said: str
    start: int
    end: int
    bound: str = ""
    unit: str = ""
    percent: bool = False
    weak: bool = False
    year: bool = False


_DIGITS = re.compile(
    r"(?<![\w.,])(?P<number>\d{1,3}(?:[ ,.']\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
    r"(?P<suffix>st|nd|rd|th|ers?|res?|eres?|emes?|es?|nde?s?|ds?|s|'s|bn|m|k|md|mds|millions?|milliards?|billions?)?"
    r"(?=(?:[kcm]m|[kmg]wh?|kmh|[mk]ph|kg|ft|ha|hrs?|min|[cghlt])?(?![^\W_]|[.,]\d))"  # "41.3C", « 300km »
)
_TIME = re.compile(
    r"(?<!\w)(?P<hour>[01]?\d|2[0-4]) ?(?:h(?:eures?)? ?(?P<minute>[0-5]\d)?(?!\w)"
    r"|[:.](?P<minutes>[0-5]\d)(?! ?%)(?= ?[ap]\.?m\b)|:(?P<colon>[0-5]\d)|(?= ?[ap]\.?m\b))"
    r"(?P<half> ?(?P<meridiem>[ap])\.?m\.?(?!\w))?"
)
_ROMAN = re.compile(
    r"(?<!\w)(?:(?P<roman>[ivx]{1,6})(?:e|eme|er|th|st|nd|rd)?(?= (?:siecle|centur|millenaire))"
    r"|(?P<ordinal>[ivx]{2,6}) ?(?:e|eme)(?!\w))"
)
_SCALES = {
    "fr": {"mille": 1e3, "million": 1e6, "millions": 1e6, "milliard": 1e9, "milliards": 1e9, "md": 1e9, "mds": 1e9,
           "billion": 1e12, "billions": 1e12, "m": 1e6, "k": 1e3},
    "en": {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "millions": 1e6, "billion": 1e9, "billions": 1e9,
           "trillion": 1e12, "trillions": 1e12, "bn": 1e9, "m": 1e6, "k": 1e3},
}  # fmt: skip
_SCALE = {
    lang: re.compile(rf"[ -]?(?:(?:autres?|other) )?({'|'.join(sorted(scales, key=len, reverse=True))})\b")
    for lang, scales in _SCALES.items()
}
_ROUGH = {
    "fr": {"dizaines": 10, "douzaines": 10, "vingtaines": 10, "centaines": 100, "milliers": 1e3, "millions": 1e6,
           "milliards": 1e9, "billions": 1e12},
    "en": {"tens": 10, "dozens": 10, "scores": 10, "hundreds": 100, "thousands": 1e3, "millions": 1e6,
           "billions": 1e9, "trillions": 1e12},
}  # fmt: skip
_ABOUT = {  # a count that is rough by its word
    "fr": {"dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40,
           "cinquantaine": 50, "soixantaine": 60, "centaine": 100, "millier": 1000},
    "en": {"dozen": 12, "hundred": 100, "thousand": 1000},
}  # fmt: skip
_WEAK = {
    "fr": {"double": 2, "doubles": 2, "doubler": 2, "doublé": 2, "doublee": 2, "paire": 2, "couple": 2,
           "couples": 2, "moitie": 0.5, "demi": 0.5, "demie": 0.5, "tiers": 3, "tierce": 3, "quart": 4, "quarts": 4,
           "triple": 3, "tripler": 3, "trio": 3, "quadruple": 4, "jumeaux": 2, "jumelles": 2, "deux": 2, "second": 2,
           "seconde": 2, "secondes": 2, "midi": 12, "minuit": 0, "bilateral": 2, "bilaterale": 2, "bis": 2,
           "biennal": 2, "trimestre": 3, "semestre": 6, "quinquennat": 5, "quinquennal": 5, "decennie": 10,
           "decennies": 10, "siecle": 100, "siecles": 100, "neuf": 9, "neufs": 9, "cents": 100, "trimestriel": 3,
           "premier": 1, "premiere": 1, "six": 6},
    "en": {"both": 2, "double": 2, "doubled": 2, "doubling": 2, "doubles": 2, "twice": 2, "pair": 2, "couple": 2,
           "half": 0.5, "halves": 0.5, "halved": 0.5, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "triple": 3,
           "tripled": 3, "thrice": 3, "trio": 3, "twin": 2, "twins": 2, "dual": 2, "second": 2, "seconds": 2,
           "secondly": 2, "noon": 12, "midday": 12, "midnight": 0, "fortnight": 2, "decade": 10, "decades": 10,
           "century": 100, "centuries": 100, "either": 2, "neither": 2, "bilateral": 2, "quadrupled": 4, "latter": 2,
           "twofold": 2, "fourth": 4, "two": 2, "another": 2},
}  # fmt: skip
_DECADES = {"twenties": 1920, "thirties": 1930, "forties": 1940, "fifties": 1950, "sixties": 1960, "seventies": 1970,
            "eighties": 1980, "nineties": 1990}  # fmt: skip
_BOUNDS: TermSet = compile_terms(
    {
        "more": {"fr": "plus de, plus d', superieur* a, depass*, exced*, au-dela de, au-dessus de, au-dessus des",
                 "en": "more than, over, above, exceed*, in excess of, upwards of, greater than, higher than, beyond,"
                       " surpass*, topped, topping"},
        "less": {"fr": "moins de, moins d', inferieur* a, en dessous de, au-dessous de, sous les, en deca de",
                 "en": "less than, fewer than, under, below, lower than"},
        "about": {"fr": "environ, quelque, quelques, autour de, aux alentours de, aux environs de, a peu pres,"
                        " approximativement, de l'ordre de, plus ou moins,"
                        " pres de, presque, vers, autour du, pas loin de",
                  "en": "about, around, some, roughly, approximately, close to, nearly, almost, circa, an estimated,"
                        " on the order of, of the order of, in the region of, nearing, approaching"},
        "least": {"fr": "au moins, minimum, au minimum, pas moins de", "en": "at least, a minimum of, minimum, no fewer"
                  " than, no less than, not less than"},
        "most": {"fr": "au plus, maximum, au maximum, jusqu'a, ne depasse pas, n'excede pas,"
                 " ne depasseront pas", "en": "at most, up to, a maximum of, no more than,"
                 " as many as, as much as, not more than, maximum, not exceed*"},
    }
)  # fmt: skip
_AFTER: TermSet = compile_terms(
    {
        "more": {"fr": "et plus", "en": "or more, and more, and older, and over, and above, or older, or over"},
        "about": {"fr": "environ, a peu pres", "en": "or so, approximately, roughly"},
        "least": {"fr": "au moins, au minimum, minimum, ou plus", "en": "at least, minimum"},
        "most": {"fr": "au plus, au maximum, maximum", "en": "at most, maximum"},
    }
)
_LOOSE = {
    "en": ("over", "under", "above", "below", "around", "about", "some", "beyond"),
    "fr": ("vers", "quelques", "jusqu'a"),
}
_PERCENT = re.compile(r"\s?(?:%|pour ?cents?\b|per ?cents?\b|pct\b)(?!-? ?points?\b)")
_UNIT_PREFIX = re.compile(r"(us\$|[€$£¥])\s?$")
_NO_NUMBERS = frozenset(
    ("un", "une", "uns", "unes", "one", "ones", "a", "an", "first", "premier", "premiere", "premiers", "premieres",
     "zero", "nulle", "milles", "score", "scores", "o")
)  # fmt: skip
_STRONG = frozenset({"deux", "two", "six"})
_ORDINALS = {"soixantieme": 60, "sixtieth": 60, "cinquantieme": 50, "fiftieth": 50, "vingtieme": 20, "twentieth": 20,
             "trentieme": 30, "thirtieth": 30, "quarantieme": 40, "fortieth": 40, "centieme": 100, "hundredth": 100,
             "millieme": 1000, "thousandth": 1000, "seventieth": 70, "eightieth": 80, "ninetieth": 90}  # fmt: skip
_NEAR = re.compile(
    r"[ -]{0,2}(?:(?:de|of|us|long|derniers?|dernieres?|prochain\w*|last|next|milliers?|millions?|milliards?) |d')*"
    r"(?P<unit>[^\s-]+(?: marin| sterling)?)"
)
_AND_A_HALF = re.compile(
    r"(?: (?:millions?|milliards?|billions?|an|ans|heures?))? et demie?\b"
    r"| and a half(?: (million|billion|thousand)\b)?"
)
_FEW = re.compile(r"(?:few|several|many|couple of)[ -]$")
_DECADE_OPENING = re.compile(r"annees\s$")
_AGED = re.compile(r"\b(?:over|under)[ -]$")  # "the over-65s"


@lru_cache(maxsize=256)
def quantities(text: Text) -> tuple[Quantity, ...]:
    """In the order of the text, without overlap."""
    found: list[Quantity] = []
    for each in (_times, _romans, _digits, _words, _rough, _weak):
        for quantity in each(text):
            if not any(quantity.start < other.end and other.start < quantity.end for other in found):
                found.append(quantity)
    found = [_with_surroundings(quantity, text) for quantity in sorted(found, key=lambda q: q.start)]
    return tuple(found)


def _times(text: Text) -> Iterator[Quantity]:
    for m in _TIME.finditer(text.folded):
        minute = m["minute"] or m["minutes"] or m["colon"]
        if minute is None and not m["half"]:
            continue  # « 20 heures » may be twenty hours: the number and its unit say it
        hour = int(m["hour"]) % 12 + (12 if m["meridiem"] == "p" else 0) if m["half"] else int(m["hour"])
        hours = frozenset({float(hour), float(m["hour"])}) if m["half"] and m["meridiem"] == "a" else frozenset({hour})
        yield Quantity(frozenset(map(float, hours)), Form.CARDINAL, m[0], m.start(), m.start("hour") + 1)
        if minute and int(minute):
            yield Quantity(frozenset({float(minute)}), Form.CARDINAL, m[0], m.start("hour") + 1, m.end())
        else:
            yield Quantity(frozenset({float(hour)}), Form.CARDINAL, m[0], m.start("hour") + 1, m.end(), weak=True)


def _romans(text: Text) -> Iterator[Quantity]:
    worth = {"i": 1, "v": 5, "x": 10}
    for m in _ROMAN.finditer(text.folded):
        if m["ordinal"] and not text.raw[m.start("ordinal") : m.end("ordinal")].isupper():
            continue  # « vie »
        parts = [worth[c] for c in m["roman"] or m["ordinal"]]
        value = sum(-a if b > a else a for a, b in zip(parts, [*parts[1:], 0], strict=True))
        yield Quantity(frozenset({float(value)}), Form.ORDINAL, m[0], m.start(), m.end())


def _digits(text: Text) -> Iterator[Quantity]:
    for m in _DIGITS.finditer(text.folded):
        suffix = m["suffix"] or ""
        values = _readings(m["number"], text.lang)
        end = m.end()
        if suffix in _SCALES[text.lang]:
            scaled = frozenset(value * _SCALES[text.lang][suffix] for value in values)
            values = scaled | values if suffix in ("m", "k") else scaled  # "50m" may be metres
        elif scale := _SCALE[text.lang].match(text.folded[end:]):
            values = frozenset(value * _SCALES[text.lang][scale[1]] for value in values)
            end += scale.end()
            if half := re.match(r" et demie?\b", text.folded[end:]):
                values = frozenset(value + _SCALES[text.lang][scale[1]] / 2 for value in values)
                end += half.end()
        plural = suffix in ("s", "'s")
        before = text.folded[: m.start()]
        decade = bool(_DECADE_OPENING.search(before)) or (plural and not _AGED.search(before))
        if decade:
            values = frozenset(1900 + value if value < 100 else value for value in values)
        ordinal = suffix and suffix not in _SCALES[text.lang] and not plural
        year = end == m.end("number") + len(suffix) and re.fullmatch(r"1\d{3}|20\d\d", m["number"]) is not None
        yield Quantity(
            values, Form.ORDINAL if ordinal else Form.CARDINAL, text.raw[m.start() : end], m.start(), end, year=year
        )  # fmt: skip


def _readings(number: str, lang: str) -> frozenset[float]:
    """What the digits may mean; in English a point is a decimal point, in French a comma is a decimal comma, but a
    French text may keep the other's thousands."""
    plain = number.replace(" ", "").replace("'", "")
    thousands, decimal = (",", ".") if lang == "en" else (".", ",")
    read = {plain.replace(thousands, "").replace(decimal, ".")}
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", plain):
        return frozenset({float(plain.replace(".", "").replace(",", "."))})
    if lang == "fr" and re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", plain):
        read = {re.sub(r"[.,]", "", plain), plain.replace(",", ".")}
    elif re.fullmatch(r"\d+[.,]\d{1,2}", plain):
        read = {plain.replace(",", ".")}
    elif lang == "en" and re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", plain):
        read = {plain.replace(".", "")}
    return frozenset(float(each) for each in read if each.count(".") <= 1)


def _words(text: Text) -> Iterator[Quantity]:
    """Numbers in words; a fraction after them is added ("two and a half million")."""
    words = tokens(text)
    for found in find_numbers([_Word(token) for token in words], text.lang, 0):
        if any(character.isdigit() for word in words[found.start : found.end] for character in word.raw):
            continue
        first, last = words[found.start], words[found.end - 1]
        said = text.folded[first.start : last.end]
        half = _AND_A_HALF.match(text.folded[last.end :])
        plain = not (half and half[1])  # "one and a half million" is a number
        if (said in _NO_NUMBERS and plain) or said in _ROUGH[text.lang]:
            continue
        if said in _WEAK[text.lang] and said not in _STRONG:
            continue
        if said in ("cent", "cents") and re.search(r"(?:per|pour)[ -]$", text.folded[: first.start]):
            continue
        value = float(found.value)
        end = last.end
        if half:
            scale = _SCALES[text.lang].get(half[1] or "", 1.0)
            value = (value + 0.5 * (10 ** _zeros(value))) if scale == 1.0 else (value + 0.5) * scale
            end += half.end()
        if re.search(r"(?:half|demi)[ -](?:a )?$", text.folded[: first.start]):
            value /= 2
        form = Form.ORDINAL if found.is_ordinal else Form.CARDINAL
        if said in ("hundred", "thousand", "million", "billion") and _FEW.search(text.folded[: first.start]):
            form = Form.ROUGH
        twofold = text.folded.startswith(" fois", end) or text.folded.endswith("par ", 0, first.start)
        weak = said == "deux" and twofold  # "twice", "halved"
        yield Quantity(frozenset({value}), form, text.raw[first.start : end], first.start, end, weak=weak)


def _zeros(value: float) -> int:
    """Of a round number of millions or thousands, else none."""
    return next((power for power in (12, 9, 6, 3) if value >= 10**power and value % 10**power == 0), 0)


def _rough(text: Text) -> Iterator[Quantity]:
    for token in tokens(text):
        if token.folded in _ROUGH[text.lang]:
            value = frozenset({float(_ROUGH[text.lang][token.folded])})
            yield Quantity(value, Form.ROUGH, token.raw, token.start, token.end)
        elif token.folded in _ABOUT[text.lang]:
            value = frozenset({float(_ABOUT[text.lang][token.folded])})
            if token.folded == "douzaine" or token.folded == "dozen":
                value |= {10.0}
            yield Quantity(value, Form.CARDINAL, token.raw, token.start, token.end, bound="roughly")
        elif token.folded in _ORDINALS:
            value = frozenset({float(_ORDINALS[token.folded])})
            yield Quantity(value, Form.ORDINAL, token.raw, token.start, token.end)
        elif token.folded in _DECADES and text.lang == "en":
            yield Quantity(frozenset({float(_DECADES[token.folded])}), Form.CARDINAL, token.raw, token.start, token.end)


def _weak(text: Text) -> Iterator[Quantity]:
    for token in tokens(text):
        if token.folded in _WEAK[text.lang] and token.folded not in ("deux", "two"):
            value = float(_WEAK[text.lang][token.folded])
            yield Quantity(frozenset({value}), Form.CARDINAL, token.raw, token.start, token.end, weak=True)


def _with_surroundings(quantity: Quantity, text: Text) -> Quantity:
    """With the unit that follows or precedes it, and how exact it is said to be."""
    after, before = text.folded[quantity.end :], text.folded[: quantity.start]
    percent = bool(_PERCENT.match(after))
    unit = "" if percent else _unit(after, before, text.lang)
    bound = quantity.bound or _bound(before, after, text.lang)
    return Quantity(
        quantity.values, quantity.form, quantity.said, quantity.start, quantity.end,
        "" if quantity.year and bound not in ("more", "less") else bound, unit, percent, quantity.weak, quantity.year,
    )  # fmt: skip


def _unit(after: str, before: str, lang: str) -> str:
    sets = term_sets("units")
    if prefix := _UNIT_PREFIX.search(before):
        return sets["money"].find(Text(prefix[1], prefix[1], lang))[0].member
    if near := _NEAR.match(after):
        word = near["unit"].rstrip(".,;:!?)»\"'")
        for terms in sets.values():
            if (found := terms.find(Text(word, word, lang))) and found[0].start == 0 and not found[0].weak:
                return found[0].member
    return ""


def _bound(before: str, after: str, lang: str) -> str:
    window = before[-28:]
    found = [f for f in _BOUNDS.find(Text(window, window, lang)) if _only_small_words(window[f.end :])]
    if found:
        said = found[-1]
        return f"~{said.member}" if said.said in _LOOSE[lang] else said.member
    tail = after[:32]
    following = _AFTER.find(Text(tail, tail, lang))
    return next(
        (f.member for f in following if re.fullmatch(r"[^,;:]*", tail[: f.start]) and tail[: f.start].count(" ") < 4),
        "",
    )


def _only_small_words(between: str) -> bool:
    return (
        re.fullmatch(
            r"[\s-]*(?:(?:us|les|la|le|des|de|d'|l'|the|a|an|un|une|their|its|ses|leurs|some|quelque|seuil|barre|of)\s+|d'|l'|[$€£¥]\s?|us\$)*",
            between,
        )
        is not None
    )


@dataclass(frozen=True, slots=True)
class _Word:
    """A token as text_to_num wants it."""

    token: Token

    def text(self) -> str:
        return self.token.raw

    def text_lowercase(self) -> str:
        return self.token.raw.lower()

    def nt_separated(self, _previous: "_Word") -> bool:
        return False

    def not_a_number_part(self) -> bool:
        return False
