"""Plain text: one article a file, stored as it is once decoded, dated by its optional `date 2021-02` head."""

from collections.abc import Iterator

from index.errors import InvalidArticle
from index.formats.decoding import decoded
from index.formats.file import File, ParseFailure
from index.parsing import MAX_ARTICLE_CHARS, article_from_text
from index.types import Article

_MAX_TEXT_BYTES = 4 * MAX_ARTICLE_CHARS


def read_text(file: File) -> Iterator[Article | ParseFailure]:
    """One article, whose id is the file's name without its suffix."""
    if file.size > _MAX_TEXT_BYTES:
        raise InvalidArticle(f"the file has {file.size} bytes, at most {_MAX_TEXT_BYTES} can be an article: split it")
    yield article_from_text(decoded(file.content()), article_id=file.stem)
