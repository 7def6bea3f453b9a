"""Months, weekdays and relative days of a text, and what they are from an article's date. The only module that imports
babel's calendars."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from babel import Locale

from index.dates import Precision, PublishedDate
from service.guard.done import is_past
from service.guard.lexicon import Found, TermSet, compile_terms, differing, swapped, term_sets
from service.guard.types import Kind, Pair, Problem
from service.guard.words import Text, fold, is_common, text_of

_BEFORE_MONTH = re.compile(
    r"(?:\d(?:st|nd|rd|th)?\W{0,2}(?: of)?|\b(?:in|of|since|until|by|early|late|mid|last|next|this|from|to|between|and"
    r"|through|after|before))[ -]$"
)
_DAY_BEFORE = re.compile(r"(?<!\d)(\d{1,2})(?:er|st|nd|rd|th)?(?: of)? $")
_DAY_AFTER = re.compile(r"\.? (\d{1,2})(?:st|nd|rd|th)?(?!\w)")
_YEAR_AFTER = re.compile(r"\.?,? (?:de |of |in )?((?:1[5-9]|20)\d\d)(?!\w)")
_OTHER_WEEK = re.compile(
    r"\b(?:last|previous|preceding|next|following) week\b|\bweeks? (?:ago|earlier|later|before|after)\b"
    r"|\bsemaines? (?:derniere|passee|precedente|prochaine|suivante|plus t|auparavant|avant|apres)"
    r"|\bil y a [\w ]{2,20} semaines?\b"
)
_ANY_WEEK = {
    "fr": re.compile(
        r"(?:\b(?:chaque|tous les|les|le|du|au|un|meme|autre|premier|deuxieme|second|troisieme|quatrieme|dernier|des) "
        r"|\w-)$"
    ),  # « des » is « dès »: what begins then is to come
    "en": re.compile(
        r"(?:\b(?:every|each|an?|that|no|his|her|its|their|our|same|first|second|third|fourth|previous|preceding"
        r"|following) |'s |\w-)$"
    ),
}
_DATED = re.compile(
    r"s\b|-\w|\W{1,3}(?:(?:le|the) )?\d| (?:suivant|precedent|passe|d'apres|d'avant)\b| (?:last|next) \w"
    r"| through \w+day\b| (?:of|de la|du|de) (?:the|each|every|that|this|last|next|chaque|semaine|mois)\b"
)
_WHICH_BEFORE = re.compile(r"\b(next|last|prochain) $")
_WHICH_AFTER = re.compile(r"(?: soir| matin)? (next|last|prochain|dernier)\b")
_HOLIDAY = re.compile(
    r" (?:saint|gras|noir|rouge|sanglant|de paques|de (?:la )?pentecote|de l'ascension|des (?:rameaux|cendres))\b"
)
_QUOTE = re.compile('[«»“”"]')
_NAMES = re.compile(r"\b(?:(?:Mail|Independent) on|Easter|Maundy|Pentecost) $")
_CAPITAL_BEFORE, _CAPITAL_AFTER = re.compile(r"\b[A-Z][a-z]+ $"), re.compile(r" [A-Z][a-z]+")
_OPENING = re.compile(r"(?:On|Last|Next|This|Late|Early|By|Since|From|Until|Before|After|And|But|In|Only) $")


def dates(pair: Pair) -> Iterator[Problem]:
    """Months and weekdays that only one of the two says; yesterday for tomorrow; last for next.

    A weekday or « hier » may have become its date, where the article's day is known.
    """
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    resolved = _resolvable(evidence, pair.published)
    for problem in differing(Kind.DATE, named_dates(evidence), named_dates(rendering)):
        if not _is_resolution(problem, resolved, rendering):
            yield problem
    for name, terms in term_sets("dates").items():
        ours, theirs = terms.find(evidence), terms.find(rendering)
        if name == "ago":
            yield from differing(Kind.DATE, ours, theirs)
        else:
            yield from swapped(Kind.DATE, ours, theirs, loosely=name == "day")
    yield from swapped(Kind.DATE, _parts().find(evidence), _parts().find(rendering))


def named_dates(text: Text) -> list[Found]:
    """The months and the weekdays that a text names."""
    return [found for terms in (_months(), _weekdays()) for found in terms.find(text) if _is_meant(found, text)]


def days_of_months(text: Text) -> frozenset[str]:
    """The days that are named with their month, each the same in either language: « 13 décembre », "December 13"."""
    days = set()
    for month in _months().find(text):
        beside = _DAY_BEFORE.search(text.folded[: month.start]) or _DAY_AFTER.match(text.folded[month.end :])
        if beside and _is_meant(month, text):
            days.add(f"{month.member} {int(beside[1])}")
    return frozenset(days)


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """What a text tells of a date, and where; `None` for what it leaves out."""

    year: int | None
    month: int | None
    day: int | None
    start: int
    end: int


def calendar_dates(text: Text) -> Iterator[CalendarDate]:
    """The months that are named, with the day and the year beside them: « 12 mars 2021 », "March 12, 2021"."""
    for month in _months().find(text):
        if not _is_meant(month, text):
            continue
        before, after = _DAY_BEFORE.search(text.folded[: month.start]), _DAY_AFTER.match(text.folded[month.end :])
        day = before or after
        end = month.end + (after.end() if after and not before else 0)
        year = _YEAR_AFTER.match(text.folded[end:])
        yield CalendarDate(
            int(year[1]) if year else None,
            int(month.member.removeprefix("month ")),
            int(day[1]) if day else None,
            before.start() if before else month.start,
            end + (year.end() if year else 0),
        )


def _is_meant(found: Found, text: Text) -> bool:
    """ "may" and "march" are verbs; « mars » is a planet too, and written in lower case as a month."""
    if text.lang == "en":
        return found.said[:1].isupper() and (found.said not in ("May", "March", "Mar") or _by_date(found, text))
    return found.said != "Mars" or not _mid_sentence(found, text)


def _by_date(found: Found, text: Text) -> bool:
    """Beside a number, or after a word that a month follows."""
    before, after = text.folded[: found.start], text.folded[found.end :]
    return bool(
        re.match(r"\W{0,2}\d", after)
        or _BEFORE_MONTH.search(before)
    )  # fmt: skip


def _mid_sentence(found: Found, text: Text) -> bool:
    return bool(re.search(r"\w[ ,']*$", text.raw[: found.start]))


def _resolvable(evidence: Text, published: PublishedDate | None) -> set[date]:
    return {resolved for _, resolved in resolve(evidence, published)}


def _is_resolution(problem: Problem, resolved: set[date], rendering: Text) -> bool:
    """Whether what is missing became, or what was added is, the date of a relative day of the evidence."""
    for day in resolved:
        month = _month_of(day, rendering.lang)
        weekday = _weekday_of(day, rendering.lang)
        said = {month, weekday}
        dated = month in rendering.folded
        if (not problem.found or fold(problem.found) in said) and (not problem.expected or dated):
            return True
    return False


def resolve(text: Text, published: PublishedDate | None) -> list[tuple[str, date]]:
    """The relative days of a text, each as it is said with its date; none unless the day of publication is known.

    A weekday alone is the last one up to that day, where it is told as past; it is left out where it may be to come, of
    another week, a habit or a name, and so is « demain » where it may be any time to come, or counted from another day.
    """
    if published is None or published.precision is not Precision.DAY:
        return []
    today = published.first_day
    weekdays = _resolved_weekdays(text, today)
    found: list[tuple[str, date]] = []
    shifts = term_sets("dates")["day"].find(text)
    for shift in shifts:
        days = {"yesterday": -1, "before_yesterday": -2, "tomorrow": 1, "after_tomorrow": 2, "today": 0}[shift.member]
        if not shift.weak and not _is_an_age(shift, shifts, text) and not _is_said_on_another(shift, text, today):
            found.append((shift.said, today + timedelta(days=days)))
    return [*found, *((said, day) for said, day, _ in weekdays)]


def _resolved_weekdays(text: Text, today: date) -> list[tuple[str, date, int]]:
    """Each as it is said, with its date and where it begins."""
    # a weekday may be of that week, or that day
    others = [*_OTHER_WEEK.finditer(text.folded), *_dated().finditer(text.folded)]
    found = []
    for day in _weekdays().find(text):
        if not _is_meant(day, text) or _is_named(day, text) or _is_of_another(day, text):
            continue
        if any(_are_beside(day, other, text) for other in others):
            continue
        which = _which(day, text, today)
        if which and not others:
            found.append((*which, day.start))
        elif not which and is_past(day, text, closely=bool(others)):
            found.append((day.said, today - timedelta(days=(today.weekday() - int(day.member)) % 7), day.start))
    return found


def _is_said_on_another(shift: Found, text: Text, today: date) -> bool:
    """Whether « demain » is quoted, and may be counted from another day than today: one that the quotation names, or
    one on which it may have been said."""
    quoted = next((quote for quote in _quotations(text) if quote[0] <= shift.start < quote[1]), None)
    if quoted is None:
        return False
    told = {start for _, day, start in _resolved_weekdays(text, today) if day == today}
    others = [day.start for day in _weekdays().find(text) if _is_meant(day, text)]
    others += [day.start() for day in _dated().finditer(text.folded)]
    others += [other.start for other in term_sets("dates")["day"].find(text) if other.member != "today"]
    return any(
        start not in told if not quoted[0] <= start < quoted[1] else start != shift.start for start in others
    ) or bool(_OTHER_WEEK.search(text.folded))


def _quotations(text: Text) -> list[tuple[int, int]]:
    """Where each begins and ends; a mark that has no other quotes from the beginning, or to the end."""
    places: list[tuple[int, int]] = []
    begun: int | None = None
    for mark in _QUOTE.finditer(text.raw):
        opens = mark[0] in "«“" or (mark[0] == '"' and begun is None)
        if opens:
            begun = mark.start()
        else:
            places.append((begun or 0, mark.end()))
            begun = None
    return places if begun is None else [*places, (begun, len(text.raw))]


def _is_an_age(shift: Found, shifts: Sequence[Found], text: Text) -> bool:
    """« le monde de demain », "champions of yesterday", "tomorrow's historians", and tomorrow beside today."""
    before, after = text.folded[: shift.start], text.folded[shift.end :]
    if re.search(r"(?<!partir )\b(?:de |d'|of )$", before) and not re.match(r"(?: soir| matin| apres|'s)\b", after):
        return True
    today = any(other.member == "today" for other in shifts)
    return shift.member == "tomorrow" and (today or after.startswith("'s"))


def _is_named(found: Found, text: Text) -> bool:
    """ "Good Friday", "the Sunday Times", « Mardi gras », « Le Journal du Dimanche »; not "in Brussels Thursday"."""
    before, after = text.raw[: found.start], text.raw[found.end :]
    if text.lang == "fr":
        in_a_name = found.said[:1].isupper() and _mid_sentence(found, text)
        return in_a_name or bool(_HOLIDAY.match(text.folded[found.end :]))
    beside = _CAPITAL_BEFORE.search(before), _CAPITAL_AFTER.match(after)
    in_a_name = any(word and is_common(word[0].strip(), "en") for word in beside)
    return (in_a_name and not _OPENING.fullmatch(before)) or bool(_NAMES.search(before))


def _is_of_another(day: Found, text: Text) -> bool:
    """Whether a date stands beside it already, or it is said of every week or any, or counted from another day."""
    return bool(_DATED.match(text.folded[day.end :]) or _ANY_WEEK[text.lang].search(text.folded[: day.start]))


def _are_beside(day: Found, other: re.Match[str], text: Text) -> bool:
    """ "last week on Monday", "on Sunday, two weeks ago": with a word between them at most."""
    between = text.folded[day.end : other.start()] or text.folded[other.end() : day.start]
    return len(re.findall(r"\w+", between)) <= 1 and not other[0].endswith(("before", "after", "avant", "apres"))


def _which(day: Found, text: Text, today: date) -> tuple[str, date] | None:
    """« lundi prochain » or "last Monday", as it is said with its date; none where neither is said."""
    first, last = _WHICH_BEFORE.search(text.folded[: day.start]), _WHICH_AFTER.match(text.folded[day.end :])
    which = first or last
    if which is None:
        return None
    back = (today.weekday() - int(day.member)) % 7
    said = text.raw[first.start() if first else day.start : day.end + (last.end() if last else 0)]
    days = (7 - back if back else 7) if which[1] in ("next", "prochain") else -(back or 7)
    return said, today + timedelta(days=days)


def _month_of(day: date, lang: str) -> str:
    return text_of(str(Locale(lang).months["format"]["wide"][day.month]), lang).folded


def _weekday_of(day: date, lang: str) -> str:
    return text_of(str(Locale(lang).days["format"]["wide"][day.weekday()]), lang).folded


@cache
def _dated() -> re.Pattern[str]:
    """A month with the number of a day, or after a weekday: « 6 janvier », "Jan. 6", "Friday of November"."""
    tables = [Locale(lang).months["format"][width] for lang in ("fr", "en") for width in ("wide", "abbreviated")]
    months = "|".join(sorted({fold(str(name)).rstrip(".") for names in tables for name in names.values()} | {"sept"}))
    return re.compile(
        rf"\b(?:{months})\.? \d{{1,2}}(?!\d)|\b\d{{1,2}}(?:er|st|nd|rd|th)?(?: of)? (?:{months})\b"
        rf"|(?:day|di|dimanche) (?:of |in |de |d'|en )(?:{months})\b"
    )


_PARTS: dict[str, dict[str, tuple[str, ...]]] = {
    "early": {"fr": ("début", "début de", "début du mois de"), "en": ("early", "early in", "beginning of", "start of")},
    "middle": {"fr": ("mi", "milieu de"), "en": ("mid", "middle of")},
    "late": {"fr": ("fin", "fin de", "fin du mois de"), "en": ("late", "late in", "end of")},
}


@cache
def _parts() -> TermSet:
    """« début mars », "late 2019"."""
    return compile_terms(
        {
            part: {lang: ", ".join(_of_months(words, lang)) for lang, words in said.items()}
            for part, said in _PARTS.items()
        }
    )


def _of_months(words: Sequence[str], lang: str) -> Iterator[str]:
    for month in (*Locale(lang).months["format"]["wide"].values(), "19*", "20*"):
        yield from (f"{word} {month}" for word in words)


@cache
def _months() -> TermSet:
    members = {
        f"month {number}": {lang: _spelt(lang, "months", number) for lang in ("fr", "en")} for number in range(1, 13)
    }
    return compile_terms(members)


@cache
def _weekdays() -> TermSet:
    """Members are 0 for Monday to 6."""
    return compile_terms({str(n): {lang: _spelt(lang, "days", n) for lang in ("fr", "en")} for n in range(7)})


def _spelt(lang: str, table: str, number: int) -> str:
    """The full name and the short one, where that is no other word."""
    names = getattr(Locale(lang), table)["format"]
    wide, short = str(names["wide"][number]), str(names["abbreviated"][number]).rstrip(".")
    usable = (
        short
        if len(short) > 2
        and text_of(short, "").folded
        not in ("mar", "sun", "sat", "jan", "dim", "mer", "jeu", "ven", "sam", "lun", "sept")
        else wide
    )
    return ", ".join(dict.fromkeys([wide, usable]))
