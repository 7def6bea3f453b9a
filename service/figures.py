"""The figures of a short answer, as what they are of: seconds, metres, a share, a currency, days of the calendar; and
whether two answers tell different ones.

« 48 heures » and "two days", "half" and "50%", « 3 mai 1950 » and « 1950 », « plus de 200 » and « 203 » do not differ.
What is not of one kind is not compared.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.analysis import is_function_word
from index.types import Span
from service.expected import is_year
from service.guard.dates import CalendarDate, calendar_dates
from service.guard.lexicon import term_sets
from service.guard.quantities import Form, Quantity, quantities
from service.guard.words import Text

_DAY = 86_400.0
_YEAR = 365.25 * _DAY
_UNITS = {  # what each unit of `terms/units.toml` measures, and how much of it; a currency is a kind of its own
    "second": ("time", 1.0), "minute": ("time", 60.0), "hour": ("time", 3600.0), "day": ("time", _DAY),
    "week": ("time", 7 * _DAY), "month": ("time", _YEAR / 12), "quarter": ("time", _YEAR / 4), "year": ("time", _YEAR),
    "decade": ("time", 10 * _YEAR), "century": ("time", 100 * _YEAR),
    "millimetre": ("length", 0.001), "centimetre": ("length", 0.01), "metre": ("length", 1.0),
    "kilometre": ("length", 1000.0), "mile": ("length", 1609.344), "foot": ("length", 0.3048),
    "inch": ("length", 0.0254),
    "hectare": ("area", 1.0), "acre": ("area", 0.404686),
    "gram": ("mass", 1.0), "kilo": ("mass", 1000.0), "tonne": ("mass", 1e6),
    "litre": ("volume", 1.0), "gallon": ("volume", 3.785), "barrel": ("volume", 158.987),
    "watt": ("power", 1.0), "kilowatt": ("power", 1e3), "megawatt": ("power", 1e6), "gigawatt": ("power", 1e9),
}  # fmt: skip
_CONVERTED = 0.08  # of an amount, that it may be more or less in another unit: 100 km and 60 miles, 15 days and 2 weeks
_ROUGHLY = 0.25  # of « une centaine », that it may be more or less
_ABOUT = 0.05  # of an amount that is told as about so much
_COUNT = "count"  # of what is no unit: people, votes
_SHARE = "share"
_UNIT = r"(?P<unit>heure|hour|minute|jour|day|semaine|week|mois|month|an|annee|year|siecle|decade)s?"
_MEASURED = (  # what the guard reads as two numbers or none, and how much it is
    (re.compile(rf"\b(?P<n>une?|an?|one|\d+) {_UNIT} (?:et demie?|and a half)\b"), lambda n: n + 0.5, ""),
    (re.compile(rf"\b(?P<n>one|\d+) and a half {_UNIT}\b"), lambda n: n + 0.5, ""),
    (re.compile(r"\b(?P<n>)(?:demi-? ?heure|half(?: an)?[ -]hour)\b"), lambda _: 0.5, "hour"),
    (re.compile(r"\b(?P<n>un|trois|a|three) quarts? (?:d'|of an )(?:heure|hour)\b"), lambda n: n / 4, "hour"),
    (re.compile(r"\b(?P<n>a|three) quarters? of an hour\b"), lambda n: n / 4, "hour"),
    (re.compile(r"\b(?P<n>un|une|a|one|deux|two|trois|three)[ -](?:quarts?|quarters?)\b"), lambda n: 25 * n, _SHARE),
    (re.compile(r"\b(?P<n>un|le|a|one|deux|two)[ -](?:tiers|thirds?)\b"), lambda n: 100 * n / 3, _SHARE),
    (re.compile(r"\b(?P<n>)(?:moitie|half)\b"), lambda _: 50.0, _SHARE),
)
_SPELT = {"deux": 2, "two": 2, "trois": 3, "three": 3}
_CLOCK = re.compile(
    r"(?<![\d.,])(?P<hour>\d{1,2})(?: ?h(?:eures?)? ?(?P<minute>[0-5]\d)(?!\d)"
    r"|[:.](?P<minutes>[0-5]\d) ?(?P<half>[ap])\.?m\b"
    r"|:(?P<colon>[0-5]\d)(?!\d)| ?(?P<alone>[ap])\.?m\b)"
)
_JOINED = re.compile(r"\s?(?:a|to|-|ou|or)\s?")
_BETWEEN = re.compile(r"\s?(?:et|and)\s?")
_DECIMAL = re.compile(r"\d[.,]\d{1,2}(?!\d)")
_GLUED = re.compile(r"\d ?m$")  # "800m": metres, or millions


@dataclass(frozen=True, slots=True)
class Figure:
    """From `least` to `most` of a kind; `scale` is that of its unit, `step` what its last digit counts where it has
    decimals, else 0."""

    kind: str
    least: float
    most: float
    scale: float = 1.0
    step: float = 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer tells: each figure as it may be read, and dates."""

    figures: tuple[tuple[Figure, ...], ...]
    dates: tuple[CalendarDate, ...]


def told(text: Text, answer: Span) -> Told:
    """What is told within a part of a text, whose other words may tell the unit, the year or how exact it is."""
    dates = [date for date in (*calendar_dates(text), *_years(text)) if _within(date.start, date.end, answer)]
    measured = [each for each in _measured(text) if _within(each[0], each[1], answer)]
    taken = [(date.start, date.end) for date in dates] + [(start, end) for start, end, _ in measured]
    numbers = [
        quantity
        for quantity in quantities(text)
        if quantity.form is Form.CARDINAL and _within(quantity.start, quantity.end, answer)
        and not any(quantity.start < end and start < quantity.end for start, end in taken)
    ]  # fmt: skip
    exact = [quantity for quantity in numbers if not quantity.weak]
    read = [each for _, _, each in measured]
    return Told((*((each,) for each in read), *_read(exact or ([] if read else numbers), text)), tuple(dates))


def differ(one: Told, other: Told) -> bool:
    """Whether they tell figures or dates of one kind that cannot both be right."""
    if one.dates and other.dates:
        return not any(_is_same_date(mine, yours) for mine in one.dates for yours in other.dates)
    fewer, more = sorted((one.figures, other.figures), key=len)
    return any(_is_another(figure, more) for figure in fewer)


def _within(start: int, end: int, answer: Span) -> bool:
    return start < answer.end and answer.start < end


def _years(text: Text) -> Iterator[CalendarDate]:
    for figure in re.finditer(r"(?<![\w.,])\d{4}(?![\w]|[.,]\d)", text.raw):
        if is_year(figure):
            yield CalendarDate(int(figure[0]), None, None, figure.start(), figure.end())


def _is_same_date(one: CalendarDate, other: CalendarDate) -> bool:
    """Whether the year, the month and the day are the same, as far as both are told: one may contain the other."""
    pairs = ((one.year, other.year), (one.month, other.month), (one.day, other.day))
    return all(mine is None or yours is None or mine == yours for mine, yours in pairs)


def _measured(text: Text) -> Iterator[tuple[int, int, Figure]]:
    """« une heure et demie », "half an hour", "two thirds", « 1 h 30 »; none twice."""
    end = 0
    found = [(match, worth, unit) for pattern, worth, unit in _MEASURED for match in pattern.finditer(text.folded)]
    for match, worth, unit in sorted(found, key=lambda each: (each[0].start(), -each[0].end())):
        if match.start() < end:
            continue
        end = match.end()
        number = match["n"]
        value = worth(float(number) if number.isdigit() else _SPELT.get(number, 1))
        if unit == _SHARE:
            yield match.start(), end, Figure(_SHARE, value - 0.5, value + 0.5)
        else:
            kind, scale = _UNITS[unit or _unit_of(match["unit"], text.lang)]
            yield match.start(), end, Figure(kind, value * scale, value * scale, scale)
    for clock in _CLOCK.finditer(text.folded):
        half = clock["half"] or clock["alone"]
        hour = int(clock["hour"]) % 12 + (12 if half == "p" else 0) if half else int(clock["hour"])
        seconds = 3600.0 * hour + 60 * int(clock["minute"] or clock["minutes"] or clock["colon"] or 0)
        yield clock.start(), clock.end(), Figure("time", seconds, seconds, 3600.0)


def _unit_of(word: str, lang: str) -> str:
    """The unit that some words name, or none."""
    found = (each.find(Text(word, word, lang)) for each in term_sets("units").values())
    return next((terms[-1].member for terms in found if terms), "")


def _read(numbers: Sequence[Quantity], text: Text) -> Iterator[tuple[Figure, ...]]:
    """Each number, and a range as one."""
    n = 0
    while n < len(numbers):
        first, last = numbers[n], numbers[n + 1] if n + 1 < len(numbers) else None
        if last is not None and _is_range(first, last, text):
            low, high = _readings(first, text, last.unit, last.percent), _readings(last, text, last.unit, last.percent)
            yield tuple(
                Figure(one.kind, min(one.least, other.least), max(one.most, other.most), other.scale, other.step)
                for one, other in zip(low, high, strict=False)
            )
            n += 2
        else:
            yield _readings(first, text, first.unit, first.percent)
            n += 1


def _is_range(first: Quantity, last: Quantity, text: Text) -> bool:
    between = text.folded[first.end : last.start]
    opened = re.search(r"\b(?:entre|between) [^,;]{0,20}$", text.folded[: first.start])
    return bool(_JOINED.fullmatch(between) or (opened and _BETWEEN.fullmatch(between)))


def _readings(quantity: Quantity, text: Text, unit: str, percent: bool) -> tuple[Figure, ...]:
    """What a number may be: "800m" is of metres or a count."""
    kind, scale = _kind(quantity, text, unit, percent)
    step = min(map(_step, quantity.values)) if _DECIMAL.search(quantity.said) else 0.0
    read = [(kind, scale, value) for value in sorted(quantity.values)]
    if _GLUED.search(quantity.said):
        number = min(quantity.values)
        read += [("length", 1.0, number if number < 1e6 else number / 1e6)]
    return tuple(
        Figure(kind, low * scale, high * scale, scale, step * scale)
        for kind, scale, value in read
        for low, high in [_interval(value, quantity.bound.lstrip("~"))]
    )


def _kind(quantity: Quantity, text: Text, unit: str, percent: bool) -> tuple[str, float]:
    if percent:
        return _SHARE, 1.0
    unit = unit or _unit_of(quantity.said.lower(), text.lang)
    if unit:
        return _UNITS.get(unit, (unit, 1.0))
    after = re.match(r"[ -](?:de |d')?([^\W\d_]{2,})", text.folded[quantity.end :])
    return (_COUNT, 1.0) if after and not is_function_word(after[1], text.lang) else ("", 1.0)


def _interval(value: float, bound: str) -> tuple[float, float]:
    """« plus de 200 » is from 200 to 300: one would say more than 300 of what is more than that."""
    if bound in ("more", "least"):
        return value, value + _step(value)
    if bound in ("less", "most"):
        return 0.0, value
    if bound:
        around = max(_step(value) / 2, value * (_ROUGHLY if bound == "roughly" else _ABOUT))
        return value - around, value + around
    return value, value


def _step(value: float) -> float:
    """What the last digit counts that is not nought: 100 of 200, 0.1 of 3.1."""
    power = -4
    while value and power < 15 and round(value / 10**power, 6) % 10 == 0:
        power += 1
    return 10.0**power


def _is_another(figure: Sequence[Figure], others: Sequence[Sequence[Figure]]) -> bool:
    """Whether some of the others are of its kind, and none is the same."""
    pairs = [(mine, yours) for mine in figure for other in others for yours in other if _are_of_one_kind(mine, yours)]
    return bool(pairs) and not any(_overlap(mine, yours) for mine, yours in pairs)


def _are_of_one_kind(one: Figure, other: Figure) -> bool:
    """A number alone is compared with whatever number."""
    return one.kind == other.kind or not one.kind or not other.kind


def _overlap(one: Figure, other: Figure) -> bool:
    mine, yours = (1.0, 1.0) if one.kind == other.kind else (one.scale, other.scale)
    spread = min(one.most / mine, other.most / yours) * (_CONVERTED if one.scale != other.scale else 1e-9)
    if one.step and other.step:  # 2.33 and 2.3
        spread = max(spread, 0.501 * max(one.step / mine, other.step / yours) if one.step != other.step else 0.0)
    return one.least / mine <= other.most / yours + spread and other.least / yours <= one.most / mine + spread
