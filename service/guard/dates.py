"""Months, weekdays and relative days of a text, and what they are from an article's date. The only module that imports
babel's calendars."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from babel import Locale

from index.dates import Precision, PublishedDate
from service.guard.lexicon import Found, TermSet, compile_terms, differing, swapped, term_sets
from service.guard.polarity import future
from service.guard.types import Kind, Pair, Problem
from service.guard.words import Text, fold, text_of

_BEFORE_MONTH = re.compile(
    r"(?:\d(?:st|nd|rd|th)?\W{0,2}(?: of)?|\b(?:in|of|since|until|by|early|late|mid|last|next|this|from|to|between|and"
    r"|through|after|before))[ -]$"
)
_PLANNED = re.compile(
    r"\b(?:doi\w+|dev[aor]\w+|prevu\w*|attendu\w*|compte\w*|va|vont|prochain\w*|avant|d'ici|jusqu\w*|demain"
    r"|due|planned|expected|scheduled|to|by|until|next|would|should|may|might|could|before)\b"
)


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
        compare = differing if name == "ago" else swapped
        yield from compare(Kind.DATE, terms.find(evidence), terms.find(rendering))


def named_dates(text: Text) -> list[Found]:
    """The months and the weekdays that a text names."""
    return [found for terms in (_months(), _weekdays()) for found in terms.find(text) if _is_meant(found, text)]


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

    A weekday alone is the last one up to that day, unless something is to come: then it may be either, and is left out.
    """
    if published is None or published.precision is not Precision.DAY:
        return []
    today = published.first_day
    found: list[tuple[str, date]] = []
    for shift in term_sets("dates")["day"].find(text):
        days = {"yesterday": -1, "before_yesterday": -2, "tomorrow": 1, "after_tomorrow": 2, "today": 0}[shift.member]
        if not shift.weak:
            found.append((shift.said, today + timedelta(days=days)))
    for day in _weekdays().find(text):
        if _is_meant(day, text) and (resolved := _weekday(day, text, today)):
            found.append((day.said, resolved))
    return found


def _weekday(found: Found, text: Text, today: date) -> date | None:
    """None where a date stands beside it already, or where it is said of every week."""
    before, after = text.folded[max(0, found.start - 14) : found.start], text.folded[found.end : found.end + 14]
    if re.match(r"s\b|,? \d|,? le \d|,? (?:1er)|,? [a-z]+ \d", after) or re.search(
        r"(?:chaque|every|tous les|each|les) $", before
    ):
        return None
    back = (today.weekday() - int(found.member)) % 7
    if re.match(r" prochain| next", after) or re.search(r"next $|prochain $", before):
        return today + timedelta(days=7 - back if back else 7)
    if re.match(r" dernier| last", after) or re.search(r"last $", before):
        return today - timedelta(days=back or 7)
    return None if future(text) or _PLANNED.search(text.folded) else today - timedelta(days=back)


def _month_of(day: date, lang: str) -> str:
    return text_of(str(Locale(lang).months["format"]["wide"][day.month]), lang).folded


def _weekday_of(day: date, lang: str) -> str:
    return text_of(str(Locale(lang).days["format"]["wide"][day.weekday()]), lang).folded


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
