"""Tells an article's body from what surrounds it on the page: date head, headline, intertitles, links, site furniture.

It decides what is indexed; it never changes the text. What might be the article's own stays body.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise, takewhile

from index.datelines import after_dateline, begins_with_dateline, date_head
from index.furniture import is_date, is_furniture, is_labelled, is_name, opens_comment_form
from index.paragraphs import paragraphs
from index.sentences import split_sentences
from index.types import Span


class Kind(StrEnum):
    TITLE = "title"
    HEADING = "heading"
    BODY = "body"
    FURNITURE = "furniture"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of the page and what it is."""

    kind: Kind
    span: Span


@dataclass(frozen=True, slots=True)
class Page:
    """A text seen as a news page: every paragraph after the date head. The body begins after its dateline."""

    text: str
    blocks: tuple[Block, ...]

    def spans(self, kind: Kind) -> list[Span]:
        return [block.span for block in self.blocks if block.kind is kind]

    @property
    def title(self) -> str:
        """The headline, where there is one; else the first sentence, cut at a word near 110 characters."""
        for headline in self.spans(Kind.TITLE):
            return _on_one_line(_MARKUP.sub("", headline.of(self.text)))
        for paragraph in self.spans(Kind.BODY):
            return _beginning(self.text, paragraph)
        return ""


_END = re.compile(r"[.!?…:;,*][\s»”›\"'’)\]«“]*\Z")
_END_CHARS = 12
_LIST_ITEM = re.compile(r"[-–—•·*▪◦‣]\s(?!.*\s[-–—]\Z)|\(?[a-z\d]{1,2}[.)]\s")
"""What a mark or a number opens; but between two dashes AFP writes its intertitles."""

_FIGURE = re.compile(r"\d|\s\|\s")
"""What the lines of results and timetables hold: a number, or a cell beside another."""

_QUESTION = re.compile(r"[?!][\s»”›\"'’)]*\Z")
_MARKUP = re.compile(r"#{1,6}\s+")
_INNER_STOP = re.compile(r"[^\W\d_]{4,}[.!?…]\s+[«“\"]?\s?[A-ZÀ-Ý]")
_QUOTE_GOES_ON = re.compile(r"[»”\"],|,\s?[»”\"]")
_TELLS = (
    r"\b(?:a|ont|avai(?:t|ent)|étai(?:t|ent))\s(?:\w+\s)?\w+(?:ée?s?|i|u|is|it)\b|-t-(?:il|elle|on)\b|"
    r"\b(?:selon|said|says|told|according\sto|was|were|has|have|had|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b"
)
_TELLS_NEWS = re.compile(_TELLS, re.IGNORECASE)
_REPORTS = re.compile(rf"\A(?:the|an?)\s|,.*,|{_TELLS}", re.IGNORECASE)
_REFERS_BACK = re.compile(
    r"(?:Il|Ils|Elle|Elles|Son|Sa|Ses|Leurs?|Cet|Cette|Ces|Mais|He|She|It|They|His|Her|Its|Their|This|These|But|And|Today|"
    r"Moreover|Furthermore|Which)\s(?:\S+\s){3}"
)
"""What paragraphs do and headlines seldom: name the day or who said it, tell the past, refer to what was just said."""

_TITLE_CHARS, _TITLE_WORDS = 150, 28
_LINK_CHARS, _LINK_WORDS = 130, 24
_SHORT_CHARS, _SHORT_WORDS = 90, 12
_DERIVED_TITLE_CHARS = 110
_TITLE_SOURCE_CHARS = 400
_KICKER_WORDS = 3
_PUNCTUATED, _WELL_PUNCTUATED = 1 / 3, 2 / 3


def read_page(text: str) -> Page:
    """The paragraphs of `text` with their kinds; none of them body only where there are no words at all."""
    start = head.end() if (head := date_head(text)) else len(text) - len(text.lstrip("\ufeff"))
    spans = list(paragraphs(text, Span(start, len(text)))) if start < len(text) else []
    blocks = [Block(kind, span) for kind, span in zip(_kinds(text, spans), spans, strict=True)]
    first = next((n for n, block in enumerate(blocks) if block.kind is Kind.BODY), None)
    if first is not None:
        blocks[first] = Block(Kind.BODY, after_dateline(text, blocks[first].span))
    return Page(text, tuple(blocks))


def body_spans(text: str) -> list[Span]:
    """The paragraphs of `text` that are the article itself, in order."""
    return read_page(text).spans(Kind.BODY)


def headings(text: str) -> list[Span]:
    """The intertitles, and the links to other articles that stand between paragraphs: no evidence, but context."""
    return read_page(text).spans(Kind.HEADING)


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    follows_blank: bool

    @property
    def is_ended(self) -> bool:
        """Whether it closes as paragraphs do; a comma or a colon shows at least that it is no headline."""
        return bool(_END.search(self.text[-_END_CHARS:]))

    @property
    def is_title_like(self) -> bool:
        if not self.is_within(_TITLE_CHARS, _TITLE_WORDS) or _LIST_ITEM.match(self.text):
            return False
        if begins_with_dateline(self.text, is_sentence=self.is_ended):
            return False
        return not self.is_ended or bool(_QUESTION.search(self.text))

    @property
    def is_short(self) -> bool:
        return self.is_within(_SHORT_CHARS, _SHORT_WORDS)

    @property
    def is_cut_short(self) -> bool:
        """Whether, behind the last full stop, it reads as a paragraph that lacks its own."""
        return not self.is_short or bool(_TELLS_NEWS.search(self.text))

    @property
    def is_row_like(self) -> bool:
        """Whether it might be a line of a table or of a list: short enough, and without its full stop."""
        return not self.is_ended and self.is_within(_LINK_CHARS, _LINK_WORDS)

    @property
    def opens_lower(self) -> bool:
        return self.text[0].islower()

    def is_heading_like(self, *, among_punctuated: bool) -> bool:
        """Whether it reads as an intertitle or, where every paragraph has its full stop, as another's headline."""
        is_link = among_punctuated and self.is_within(_LINK_CHARS, _LINK_WORDS) and not _REPORTS.search(self.text)
        if self.is_ended or self.opens_lower or not (self.is_short or is_link):
            return False
        return not (
            _LIST_ITEM.match(self.text)
            or _REFERS_BACK.match(self.text)
            or _QUOTE_GOES_ON.search(self.text)
            or _INNER_STOP.search(self.text)
        )

    def is_within(self, chars: int, words: int) -> bool:
        return len(self.text) <= chars and len(self.text.split()) <= words


def _kinds(text: str, spans: list[Span]) -> list[Kind]:
    """What each paragraph is: by its own shape first, then by where it stands."""
    ends = [span.end for span in spans]
    gaps = [text.count("\n", end, span.start) for end, span in zip([0, *ends], spans, strict=False)]
    lines = [_Line(span.of(text), gap > 1) for span, gap in zip(spans, gaps, strict=True)]
    with_words = [n for n, line in enumerate(lines) if any(map(str.isalnum, line.text))]
    article = _of_article(lines, with_words) or with_words
    kinds = dict.fromkeys(article, Kind.BODY)
    if article and _share_ended(lines, article) >= _PUNCTUATED:
        kinds |= _around_body(lines, article)
    return [kinds.get(n, Kind.FURNITURE) for n in range(len(lines))]


def _of_article(lines: list[_Line], with_words: list[int]) -> list[int]:
    """The lines ahead of readers' comments that are no furniture."""
    comments = _comments_start(lines)
    ahead = [n for n in with_words if n < comments]
    own = {n for n in ahead if not is_furniture(lines[n].text)}
    dates = _chronology(lines, [n for n in ahead if n in own or is_date(lines[n].text)])
    headline = {n for n in ahead[:1] if lines[n].is_title_like and is_labelled(lines[n].text)}
    return sorted(own | dates | headline)


def _comments_start(lines: list[_Line]) -> int:
    """The number of the line where readers' comments begin, in the second half of the page; else that past the last."""
    half = len(lines) // 2
    return next((n for n in range(half, len(lines)) if opens_comment_form(lines[n].text)), len(lines))


def _chronology(lines: list[_Line], article: list[int]) -> set[int]:
    """The dates of a chronology: lines of nothing else, each above what happened then. One alone dates the page."""
    dates = {n for n, following in pairwise(article) if is_date(lines[n].text) and lines[following].is_ended}
    return dates if len({lines[n].text for n in dates}) > 1 else set()


def _share_ended(lines: list[_Line], article: list[int]) -> float:
    """Which part of the characters stand in paragraphs that close as paragraphs do."""
    ended = sum(len(lines[n].text) for n in article if lines[n].is_ended)
    return ended / sum(len(lines[n].text) for n in article)


def _around_body(lines: list[_Line], article: list[int]) -> dict[int, Kind]:
    """Those lines of the article that are its title or intertitles, or trail behind its last paragraph."""
    last = max(n for n in article if lines[n].is_ended)
    dates = _chronology(lines, article)
    undated = [n for n in article if n not in dates]
    opening = [n for n in takewhile(lambda n: lines[n].is_title_like, undated) if n < last]
    title = next((n for n in opening if len(lines[n].text.split()) > _KICKER_WORDS), next(iter(opening), None))
    own = dates | _listed(lines, article) | _tabulated(lines, [n for n in article if title is None or n > title])
    trailing = [n for n in article if n > last]
    kinds = {n: Kind.HEADING if n < last else Kind.FURNITURE for n in _headings(lines, article) if n not in own}
    kinds |= {n: Kind.FURNITURE for n in opening if is_name(lines[n].text)}
    if len(trailing) == 1 and lines[trailing[0]].is_cut_short:
        kinds |= {trailing[0]: Kind.BODY}
    if title is not None:
        kinds[title] = Kind.TITLE
    return kinds


def _headings(lines: list[_Line], article: list[int]) -> list[int]:
    """The lines that read as headings, but for sentences that the next line ends."""
    among_punctuated = _share_ended(lines, article) >= _WELL_PUNCTUATED
    broken_off = {n for n, following in pairwise(article) if lines[following].opens_lower}
    return [n for n in article if n not in broken_off and lines[n].is_heading_like(among_punctuated=among_punctuated)]


def _listed(lines: list[_Line], article: list[int]) -> set[int]:
    """The items that a colon announces, however short: up to a blank line or, where those part them, to a full stop."""
    listed: set[int] = set()
    for previous, n in pairwise(article):
        is_next = not lines[n].follows_blank or (lines[previous].follows_blank and not lines[previous].is_ended)
        if lines[previous].text.endswith(":") or (previous in listed and is_next):
            listed.add(n)
    return listed


def _tabulated(lines: list[_Line], article: list[int]) -> set[int]:
    """Results, timetables, practical details: lines in a row without a full stop, most with a figure."""
    tabulated: set[int] = set()
    for is_row_like, run in groupby(article, lambda n: lines[n].is_row_like):
        rows = list(run) if is_row_like else []
        figures = [n for n in rows if _FIGURE.search(lines[n].text)]
        if len(figures) > max(1, len(rows) / 2):
            tabulated.update(rows)
    return tabulated


def _beginning(text: str, paragraph: Span) -> str:
    start = Span(paragraph.start, min(paragraph.end, paragraph.start + _TITLE_SOURCE_CHARS))
    sentence = _on_one_line(split_sentences(text, start)[0].of(text))
    if len(sentence) <= _DERIVED_TITLE_CHARS:
        return sentence
    return sentence[:_DERIVED_TITLE_CHARS].rsplit(" ", 1)[0].rstrip(" ,;:–—«“(") + "…"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
