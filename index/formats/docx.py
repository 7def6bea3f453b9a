"""Word documents (Office Open XML): their paragraphs and tables, insertions accepted, deletions and comments left out.

Read from the document's XML, since insertions under review and content controls, which libraries pass over, are text.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from index.errors import InvalidArticle
from index.formats.file import File, ParseFailure
from index.formats.markup import local_name
from index.formats.records import article
from index.formats.safe_xml import parse
from index.types import Article

_BODY = "word/document.xml"
_PROPERTIES = "docProps/core.xml"
_UNREAD = frozenset(("del", "movefrom", "fallback", "instrtext", "deltext", "ppr", "rpr", "sectpr", "tblpr"))
_MAX_PART_BYTES = 64 * 2**20
_MAX_RATIO = 1_000  # Word's own XML, full of repetition, packs better than text
_SMALL_BYTES = 2**20


def read_docx(file: File) -> Iterator[Article | ParseFailure]:
    """One article, whose id is the file's name; undated but by its text: its own dates are the file's."""
    try:
        with zipfile.ZipFile(io.BytesIO(file.content())) as archive:
            body = parse(_part(archive, _BODY))
            properties = parse(_part(archive, _PROPERTIES)) if _PROPERTIES in archive.namelist() else None
    except KeyError as exc:
        raise InvalidArticle(f"damaged: the document has no {_BODY}; save it again as .docx") from exc
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as exc:
        raise InvalidArticle(f"damaged: the document cannot be opened ({exc}); get a whole copy of it") from exc
    paragraphs = [text for node in _paragraphs(body) if (text := _text(node).strip())]
    if not paragraphs:
        raise InvalidArticle("the document holds no text: if it is a scanned picture, have its text recognised first")
    yield article(article_id=file.stem, text="\n\n".join(paragraphs), title=_title(properties))


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    member = archive.getinfo(name)
    if member.flag_bits & 1:
        raise InvalidArticle("the document is encrypted: save it without a password")
    most = min(_MAX_PART_BYTES, max(_SMALL_BYTES, member.compress_size * _MAX_RATIO))
    with archive.open(member) as part:
        content = part.read(most + 1)
    if len(content) > most:
        raise InvalidArticle(f"the document's {name} unfolds to more than {most} bytes, as no text does")
    return content


def _paragraphs(body: Element) -> Iterator[Element]:
    """In their order; of a text box, which documents hold twice, only what Word shows, not what stands in for it."""
    todo = [body]
    while todo:
        node = todo.pop()
        if local_name(node) == "p":
            yield node
        todo += reversed([child for child in node if local_name(child) not in _UNREAD])


def _text(paragraph: Element) -> str:
    """Its text, but for what is deleted, and for the paragraphs of boxes inside it, which come by themselves."""
    pieces: list[str] = []
    todo = list(reversed(list(paragraph)))
    while todo:
        node = todo.pop()
        name = local_name(node)
        if name == "t":
            pieces.append(node.text or "")
        elif name in ("tab", "br", "cr", "nobreakhyphen"):
            pieces.append({"tab": "\t", "nobreakhyphen": "\u2011"}.get(name, "\n"))
        elif name not in _UNREAD and name != "p":
            todo += reversed(list(node))
    return "".join(pieces)


def _title(properties: Element | None) -> str | None:
    if properties is None:
        return None
    return next((node.text for node in properties if local_name(node) == "title" and node.text), None)
