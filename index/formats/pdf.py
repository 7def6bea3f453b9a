"""PDF: its text, put together again from lines and pages into paragraphs. The only module that imports PDFium."""

import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence

import pypdfium2

from index.errors import InvalidArticle
from index.formats.file import File, ParseFailure
from index.formats.records import article, without_controls
from index.types import Article

_ONE_AT_A_TIME = threading.Lock()  # PDFium is not made for threads
_MAX_PAGES = 2_000
_ENDED = re.compile(r"[.!?…:;][\s»”\"')\]]*\Z")
_BULLET = re.compile(r"[•·▪◦‣–—*-]\s|\(?\w{1,2}[.)]\s")
_HYPHENS = "-\u00ad\ufffe\x02\u2010"
_FULL, _SHORT = 0.8, 0.6
"""Of the usual width: lines above the first run on, lines below the second without a full stop are headings."""

_NO_TITLE = re.compile(
    r"untitled|sans titre|microsoft \w+\s?-|.*\.(?:docx?|pdf|odt|indd|qxd|tex|rtf|pptx?|xlsx?)\Z", re.I
)
_EDGE_LINES = 2
_END_CHARS, _WORD_CHARS = 12, 60
_MIN_REPEATING_PAGES = 3


def read_pdf(file: File) -> Iterator[Article | ParseFailure]:
    """One article, whose id is the file's name; undated but by its text, since a PDF's dates are those of the file."""
    pages, title = _pages(file.content())
    text = _paragraphs(_without_running_lines(pages))
    if not any(map(str.isalnum, text)):
        raise InvalidArticle("the PDF holds pictures and no text: have its text recognised first, as with ocrmypdf")
    yield article(article_id=file.stem, text=text, title=title)


def _pages(content: bytes) -> tuple[list[list[str]], str | None]:
    """The lines of each page, and the document's own title, if it has one."""
    with _ONE_AT_A_TIME:
        try:
            with pypdfium2.PdfDocument(content) as document:
                if len(document) > _MAX_PAGES:
                    raise InvalidArticle(f"the PDF has {len(document)} pages, at most {_MAX_PAGES} may be: split it")
                pages = [_lines(page) for page in document]
                title = document.get_metadata_value("Title").strip()
        except pypdfium2.PdfiumError as exc:
            if "password" in str(exc).lower():
                raise InvalidArticle("the PDF is protected by a password: save it without one") from exc
            raise InvalidArticle(f"damaged, or no PDF ({exc}): get a whole copy of it") from exc
        except InvalidArticle:
            raise
        except Exception as exc:  # its bindings raise whatever a broken file makes them stumble over
            raise InvalidArticle(f"damaged PDF ({type(exc).__name__}: {exc}): get a whole copy of it") from exc
    return pages, title if title and not _NO_TITLE.match(title) else None


def _lines(page: pypdfium2.PdfPage) -> list[str]:
    text_page = page.get_textpage()
    try:
        return [line.strip() for line in text_page.get_text_bounded().splitlines() if line.strip()]
    finally:
        text_page.close()
        page.close()


def _without_running_lines(pages: Sequence[list[str]]) -> list[list[str]]:
    """The pages without the heads and feet that most of them repeat, page numbers apart."""
    edges = [{_shape(line) for line in [*page[:_EDGE_LINES], *page[-_EDGE_LINES:]]} for page in pages]
    counts = Counter(shape for page in edges for shape in page)
    least = max(_MIN_REPEATING_PAGES, len(pages) / 2)
    running = {shape for shape, count in counts.items() if count >= least}
    return [
        [
            line
            for number, line in enumerate(page)
            if _EDGE_LINES <= number < len(page) - _EDGE_LINES or _shape(line) not in running
        ]
        for page in pages
    ]


def _shape(line: str) -> str:
    return re.sub(r"\d+", "0", line)


def _paragraphs(pages: Sequence[list[str]]) -> str:
    """The lines put together as the typesetter took them apart, words divided at their ends included."""
    lines = [line for page in pages for line in page]
    width = sorted(map(len, lines))[int(len(lines) * 0.9)] if lines else 0
    words = Counter(word.lower() for line in lines for word in re.findall(r"[\w-]+", line))
    paragraphs: list[list[str]] = []  # each the pieces of one
    runs_on = False
    for line in lines:
        if runs_on and not _BULLET.match(line):
            paragraphs[-1][-1:] = _joined(paragraphs[-1][-1], line, words)
        else:
            paragraphs.append([line])
        is_ended = bool(_ENDED.search(line[-_END_CHARS:]))
        runs_on = len(line) >= width * (_FULL if is_ended else _SHORT) or line[-1] in _HYPHENS
    return without_controls("\n\n".join("".join(pieces) for pieces in paragraphs))


def _joined(before: str, after: str, words: Counter[str]) -> list[str]:
    """Two lines as one. A hyphen at the end goes, unless the document writes the word with it elsewhere."""
    if before[-1] not in _HYPHENS or not after[:1].islower():
        return [before, " ", after]
    first = re.search(r"\w*\Z", before[-_WORD_CHARS:-1])
    second = re.match(r"\w*", after[:_WORD_CHARS])
    assert first is not None
    assert second is not None
    hyphenated = f"{first[0]}-{second[0]}".lower()
    joined = f"{first[0]}{second[0]}".lower()
    keeps = before[-1] == "-" and words[hyphenated] > words[joined]
    return [before[:-1] + "-" if keeps else before[:-1], after]
