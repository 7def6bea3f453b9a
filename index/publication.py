"""Reads the date that a page states above its article: « Publié le 12 mars 2026 à 14:05 », "Updated: 12 March 2026".

Month names come from CLDR, through babel. What is no day for certain is none: "03/04/2026" on an English page.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from functools import cache
from itertools import takewhile

from babel import Locale

from index.cleaning import Block, Kind, Page

_LINES = 6  # above the article, at most
_LINE_CHARS = 200
_MONTHS_A_YEAR = 12
_LABEL = re.compile(
    r"\b(?:(?P<update>mise? à jour|modifiée?|actualisée?|updated|modified)"
    r"|publiée?|publication|parue?|postée?|diffusée?|published|posted|created)\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"\b\d{1,2}\s?(?:h\s?(?:\d\d)?|:\s?\d\d)(?!\w)|T\d\d:\d\d|\b\d{1,2}(?:[.:]\d\d)?\s?[ap]\.?m\b", re.IGNORECASE
)
_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)")
_NUMBERS = re.compile(r"(?<![\d/.])(?P<first>\d{1,2})[/.](?P<second>\d{1,2})[/.](?P<year>\d{4})(?!\d)")


def stated_date(page: Page, lang: str) -> str | None:
    """The day (ISO 8601) that the lines between the headline and the article state: the first of publication, else the
    last of an update; none where there is none.

    A line states one by what it is called, by a time of day, or alone right below the headline.
    """
    above = list(takewhile(lambda block: block.kind is not Kind.BODY, page.blocks))[:_LINES]
    told = [
        each for n, block in enumerate(above) for each in _stated(block, page.text, lang, below_title=_below(above, n))
    ]
    published = [day for day, is_update in told if not is_update]
    days = published[:1] or sorted(day for day, _ in told)
    return days[-1].isoformat() if days else None


def _below(above: list[Block], number: int) -> bool:
    return number == 1 and above[0].kind is Kind.TITLE


def _stated(block: Block, text: str, lang: str, *, below_title: bool) -> Iterator[tuple[date, bool]]:
    """The days of a line, each with whether it is that of an update."""
    line = block.span.of(text)
    if block.kind is Kind.TITLE or len(line) > _LINE_CHARS:
        return
    alone = below_title and not re.search(r"\w", _worded(lang).sub("", _NUMBERS.sub("", _ISO.sub("", line))))
    if _LABEL.search(line) or _CLOCK.search(line) or alone:
        for start, day in _days(line, lang):
            labels = [*_LABEL.finditer(line, 0, start)]
            yield day, bool(labels and labels[-1]["update"])


def _days(line: str, lang: str) -> Iterator[tuple[int, date]]:
    """Where each day begins, and the day."""
    written: list[tuple[int, int, int, int]] = []
    for found in _ISO.finditer(line):
        written.append((found.start(), int(found["year"]), int(found["month"]), int(found["day"])))
    for found in _worded(lang).finditer(line):
        month = _months(lang)[(found["month"] or found["its_month"]).lower().rstrip(".")]
        day = int(found["day"] or found["its_day"])
        written.append((found.start(), int(found["year"] or found["its_year"]), month, day))
    for found in _NUMBERS.finditer(line):
        first, second, year = int(found["first"]), int(found["second"]), int(found["year"])
        if lang == "fr" or first > _MONTHS_A_YEAR:
            written.append((found.start(), year, second, first))
        elif second > _MONTHS_A_YEAR or first == second:
            written.append((found.start(), year, first, second))
    for start, year, month, day in sorted(written):
        with suppress(ValueError):  # « 31/02/2026 »
            yield start, date(year, month, day)


@cache
def _worded(lang: str) -> re.Pattern[str]:
    """« 12 mars 2026 », "March 12, 2026", with the weekday."""
    months = "|".join(sorted(map(re.escape, _months(lang)), key=len, reverse=True))
    weekdays = "|".join(name for name in Locale(lang).days["format"]["wide"].values())
    return re.compile(
        rf"\b(?:(?:{weekdays}),?\s)?(?:(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)?\s(?P<month>{months})\b\.?,?\s(?P<year>\d{{4}})\b"
        rf"|(?P<its_month>{months})\b\.?\s(?P<its_day>\d{{1,2}}),?\s(?P<its_year>\d{{4}})\b)",
        re.IGNORECASE,
    )


@cache
def _months(lang: str) -> dict[str, int]:
    widths = ("wide", "abbreviated")
    return {
        name.lower().rstrip("."): number
        for width in widths
        for number, name in Locale(lang).months["format"][width].items()
    }
