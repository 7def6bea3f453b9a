"""Cuts text into sentences, the unit of evidence. Knows French and English typography, and nothing of news articles.

A boundary is a mark (`.`, `!`, `?`, `…`), whatever closes with it (`»`, `”`, `)`, `[…]`), then something that starts a
sentence. Sentences inside quotation marks are sentences of their own; an attribution that follows the last of them
(`… », a-t-il dit`) belongs to it. Every decision looks a bounded way around its mark: time is linear in the text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from index.abbreviations import may_end_sentence, opens_like_a_sentence
from index.paragraphs import paragraphs
from index.types import Span

_REACH = 40

_WORD = re.compile(r"[^\W_]")
_MARK = re.compile(r"[.!?…]+(?:[ \u00a0\u202f]?[!?…]+)*")
_ASIDE = re.compile(r"\([^()]{1,300}\)")
_SPACE = re.compile(r"\s*")
_INVISIBLE = "\u200b-\u200f\u2060\ufe0f\ufeff"
_SIGNS = "←-⇿⌀-⏿■-➿⬀-⯿\U0001f000-\U0001faff"  # arrows, bullets, emoji
_OPENERS = re.compile(rf"(?:[«“„‘‹\"'`(\[–—•·*¿¡$€£#@{_INVISIBLE}{_SIGNS}-]\s{{0,2}}){{0,6}}")
_BRAND = re.compile(r"[a-z]{1,2}[A-Z]")
_LIST_MARKER = re.compile(r"\W{0,3}(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})\Z")

_CLOSERS = r"\s{0,2}[»”›]|[)\]]|['’](?!\w)|\"(?!\w)|\[\d{1,3}\]|\s{0,2}[\[(](?:…|\.{3})[\])]"
_CLOSERS_OUTSIDE = re.compile(rf"(?:{_CLOSERS})*")
_CLOSERS_INSIDE = re.compile(rf"(?:{_CLOSERS}|\s?\"(?!\w)|\")*")
"""Straight quotation marks look the same at both ends: which one closes depends on how many came before."""

_GLUED_BEFORE = re.compile(r"(?:[^\W\d_]{2}|\d|[»”\"')\]])\Z")
_GLUED_OPENER = re.compile(rf"[«“{_INVISIBLE}{_SIGNS}]")
_GLUED_AFTER = re.compile(r"[^\W\d_](?:[a-zß-öø-ÿœ]|['’\s])")
_ADDRESS = re.compile(r"[@/\\.][^\s«»“”]*\Z|\bwww\b\S*\Z")

_NAME = r"[A-ZÀ-ÖØ-Þ][\w.'’-]{0,30}"
_SAYS = (
    r"(?:said|says|asked|asks|told|replied|wondered|shouted|wrote|added|tweeted|cried|exclaimed|yelled|"
    r"(?:a|ont|avait) (?:déclaré|demandé|lancé|dit|répondu|écrit|ajouté|tweeté|répliqué|ironisé|plaisanté|crié)|"
    r"demande|demandent|lance|répond|écrit|ajoute|réplique|interroge|ironise|s['’](?:exclame|interroge|indigne))\b"
)
_PARTICLES = "de|du|la|le|van|von|bin|al|el|of|et|and"
_SPEECH_TAG = re.compile(rf"{_NAME}(?:\s(?:{_NAME}|{_PARTICLES})){{0,6}}\s{_SAYS}(?!\s(?:qu|that))")


def split_sentences(text: str, within: Span | None = None, lang: str = "fr") -> list[Span]:
    """The sentences of `text` (of `within`, where given): trimmed, in order, never empty, never overlapping.

    Together they hold every character but whitespace. The end of a paragraph always ends a sentence.
    """
    return [sentence for paragraph in paragraphs(text, within) for sentence in _sentences(text, paragraph, lang)]


def _sentences(text: str, paragraph: Span, lang: str) -> Iterator[Span]:
    start, stop = paragraph.start, paragraph.end
    asides = [aside.span() for aside in _ASIDE.finditer(text, start, stop)]
    word = following = _next_word(text, start, stop)
    quotes, counted = 0, start
    for mark in _MARK.finditer(text, start, stop):
        if mark.start() < word:
            continue
        quotes, counted = quotes + text.count('"', counted, mark.start()), mark.start()
        end = _end(_CLOSERS_INSIDE if quotes % 2 else _CLOSERS_OUTSIDE, text, mark.end(), stop)
        if following < end:
            following = _next_word(text, end, stop)
        if following == stop or _interrupts(asides, word, end):
            continue
        if _is_boundary(text, Span(start, stop), mark, end, lang):
            yield Span(start, end)
            start, word = _end(_SPACE, text, end, stop), following
    yield Span(start, stop)


def _is_boundary(text: str, rest: Span, mark: re.Match[str], end: int, lang: str) -> bool:
    """Whether the sentence that begins `rest` ends at `end`, just past `mark` and what closes with it."""
    gap = _end(_SPACE, text, end, rest.end)
    opened = _end(_OPENERS, text, gap, rest.end)
    before = text[max(rest.start, mark.start() - _REACH) : mark.start()]
    after = text[opened : min(rest.end, opened + _REACH)]
    if not _starts_sentence(after) or _LIST_MARKER.match(before):
        return False
    if gap == end and not _is_missing_space(before, text[gap:opened], after):
        return False
    if mark[0] == ".":
        return may_end_sentence(before, after, lang)
    if before[-1:] in "[(":
        return opens_like_a_sentence(after)
    return not (_is_quote(text[mark.end() : end]) and _is_speech_tag(text, opened, rest.end))


def _starts_sentence(after: str) -> bool:
    return (after[:1].isalnum() and not after[0].islower()) or bool(_BRAND.match(after))


def _is_missing_space(before: str, opening: str, after: str) -> bool:
    """Whether sentences touch here (`adopté.Le Sénat`), unlike the parts of a name, a number or an address."""
    if opening and not _GLUED_OPENER.match(opening):
        return False
    if not _GLUED_BEFORE.search(before) or not _GLUED_AFTER.match(after) or _ADDRESS.search(before):
        return False
    return not before[-1].isupper() or opens_like_a_sentence(after)


def _is_quote(closers: str) -> bool:
    return any(sign in closers for sign in "»”\"'’›")


def _is_speech_tag(text: str, start: int, stop: int) -> bool:
    """Whether a quoted question or exclamation goes on with who said it: `“Why now?” Lloyd Austin asked.`"""
    return bool(_SPEECH_TAG.match(text, start, stop)) and not opens_like_a_sentence(text[start : start + _REACH])


def _interrupts(asides: list[tuple[int, int]], word: int, position: int) -> bool:
    """Whether `position` lies in a parenthesis that opened inside the sentence whose first word is at `word`."""
    nearest = bisect_right(asides, (position,)) - 1
    return nearest >= 0 and word < asides[nearest][0] and position < asides[nearest][1]


def _next_word(text: str, start: int, stop: int) -> int:
    """Where the next letter or digit is; `stop` where there is none."""
    found = _WORD.search(text, start, stop)
    return found.start() if found else stop


def _end(pattern: re.Pattern[str], text: str, start: int, stop: int) -> int:
    """Where the match of `pattern` at `start` ends; `start` where there is none."""
    found = pattern.match(text, start, stop)
    return found.end() if found else start
