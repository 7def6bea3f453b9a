"""Cuts a text into its paragraphs. Knows line breaks and hard-wrapped lines, and nothing of sentences or of news."""

from collections.abc import Iterator
from itertools import pairwise

from index.types import Span

_WRAP_WIDTHS = range(40, 121)


def paragraphs(text: str, within: Span | None = None) -> Iterator[Span]:
    """The paragraphs of `text` in order, trimmed and never empty: its lines, but hard-wrapped lines are joined."""
    block: list[Span] = []
    for line in _lines(text, within or Span(0, len(text))) if text else ():
        if line:
            block.append(line)
        else:
            yield from _joined(text, block)
            block = []
    yield from _joined(text, block)


def trimmed(text: str, start: int, end: int) -> Span | None:
    """`[start, end)` without the whitespace at its borders; `None` where there is nothing else."""
    piece = text[start:end]
    left = start + len(piece) - len(piece.lstrip())
    right = start + len(piece.rstrip())
    return Span(left, right) if left < right else None


def _lines(text: str, within: Span) -> Iterator[Span | None]:
    """Each line, trimmed; `None` for a blank one."""
    start = within.start
    for line in within.of(text).splitlines(keepends=True):
        yield trimmed(text, start, start + len(line))
        start += len(line)


def _joined(text: str, block: list[Span]) -> Iterator[Span]:
    """The lines between two blank ones, those that fill up one paragraph as one."""
    width = max((line.end - line.start for line in block), default=0)
    if width not in _WRAP_WIDTHS:
        yield from block
        return
    run: list[Span] = []
    for line in block:
        if run and not _is_full(text, run[-1], line, width):
            yield from _paragraph(text, run)
            run = []
        run.append(line)
    yield from _paragraph(text, run)


def _is_full(text: str, line: Span, following: Span, width: int) -> bool:
    """Whether `line` has no room for the first word of the next, so that the break may be the typesetter's."""
    return line.end - line.start + 1 + len(following.of(text).split(None, 1)[0]) > width


def _paragraph(text: str, run: list[Span]) -> list[Span]:
    """One paragraph where a sentence visibly runs over a line break, as it never does in lists; else each line."""
    runs_over = any(text[line.end - 1] not in ".!?…:;" and text[after.start].islower() for line, after in pairwise(run))
    return [Span(run[0].start, run[-1].end)] if runs_over else run
