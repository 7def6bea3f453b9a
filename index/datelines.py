"""Recognises what stands ahead of an article's first sentence: `date 2021-02`, `(Bruxelles)`, `PARIS (AFP) –`."""

import re

from index.furniture import DATE
from index.types import Span

# `2021`, and what is meant as a date though it is none: `21-02`, `18/02/2021`, `20210218`. « date 12 mars » is text.
_DATE = r"(?:\d{4}(?!\d)|\d{8}(?!\d)|\d{1,2}[-/]\d|\d{1,2}\.\d{1,2}\.\d)"
_HEAD = re.compile(rf"[\s\ufeff]*date\s+({_DATE}\S{{0,29}})(?!\S)")

_CITY = r"[A-ZÀ-Ý][\w.'’-]*(?:\s[A-ZÀ-Ý][\w.'’-]*){0,3}"
_DASH = r"\s*(?:--?|–|—)\s+"
_WIRE = r"\((?:AFP|AP|PC|CP|ATS|DPA|dpa|EFE|Reuters|REUTERS|Belga|BELGA|Xinhua|CNN|[A-Z]{2,8})(?:[^\w()][^()]{0,30})?\)"
_DATELINE = re.compile(
    rf"(?:(?:\([A-ZÀ-Ý][^()]{{1,60}}\)\s*){{1,2}}(?:[-–—:]\s+)?"
    rf"|{_CITY}(?:,\s[^()–—]{{2,40}}?)?\s*{_WIRE}{_DASH}"
    rf"|(?P<capitals>[A-ZÀ-Ý][A-ZÀ-Ý.'’\s-]{{1,30}})(?:,\s[^()–—]{{2,40}}?)?{_DASH}"
    rf"|(?:{_CITY},\s)?(?:[Ll]e\s)?(?i:{DATE})\.?{_DASH}"
    rf"|\(?(?:AFP|AP|Reuters|REUTERS)\)?{_DASH})(?=[«“\"'‘]?\s?[A-ZÀ-Ý\d])"
)
_REACH = 160


def date_head(text: str) -> re.Match[str] | None:
    """The `date 2021-02` that may precede an article, with what stands for the date, if only meant so, as its first
    group."""
    return _HEAD.match(text)


def begins_with_dateline(line: str, *, is_sentence: bool) -> bool:
    """Whether a dateline opens `line`. Capitals alone do so ahead of a sentence; else they label it: `EN DIRECT –`."""
    dateline = _DATELINE.match(line, 0, _REACH)
    return dateline is not None and (is_sentence or not dateline["capitals"])


def after_dateline(text: str, span: Span) -> Span:
    """The paragraph without the dateline at its head: a quotation stands without it."""
    dateline = _DATELINE.match(text, span.start, min(span.end, span.start + _REACH))
    return Span(dateline.end(), span.end) if dateline else span
