"""Articles and passages as rows of Milvus, and back. Knows neither when they are seen nor how they are found."""

import base64
import json
from collections.abc import Sequence

from index.dates import PublishedDate
from index.milvus.client import Row
from index.milvus.expressions import UNKNOWN, hex_key, key_of
from index.milvus.lexicon import vector
from index.milvus.origins import columns
from index.milvus.schema import CHUNK_CHARS, ID_BYTES, MOST_TERMS, NO_VECTOR, VARCHAR_BYTES, Kind
from index.milvus.state import record
from index.origins import Signature
from index.store_writer import IndexedPassage, digest
from index.types import Article, Passage, Span

ARTICLE_FIELDS = ["article_key", "article_id", "parts", "content"]
COUNTED_FIELDS = ["article_key", "article_id", "lang", "digest", "passages", "sentences", "terms"]
PASSAGE_FIELDS = ["key", "article_key", "article_id", "passage_id", "start", "end", "text", "sentences"]
_STATE_BYTES = 49_149  # a third more in base64, which a field holds
_LONGEST_CHARS = {"title": 5_000, "lang": 16}
_LONGEST_BYTES = {"article_id": ID_BYTES, "source": 16_000}


def refused(article: Article) -> str | None:
    """Why the article does not fit the fields, where it does not."""
    for name, most in _LONGEST_CHARS.items():
        if len(getattr(article, name)) > most:
            return (
                f"its {name} has {len(getattr(article, name))} characters, at most {most} fit into Milvus; shorten it"
            )
    for name, most in _LONGEST_BYTES.items():
        if (size := len((getattr(article, name) or "").encode())) > most:
            return f"its {name} has {size} bytes, at most {most} fit into Milvus; shorten it"
    return None


def article_rows(
    article: Article, passages: Sequence[IndexedPassage], signature: Signature | None, *, article_key: int, born: int
) -> tuple[Row, list[Row]]:
    """The article's row, and records for what of its text does not fit into that."""
    first, *more = _chunks(_packed(article))
    row = {
        "key": f"{hex_key(article.article_id)}.{article_key:016x}",
        **_of_article(article, article_key, born),
        "lang": article.lang,
        "source": article.source or "",
        "digest": digest(article).hex(),
        "passages": len(passages),
        "sentences": sum(len(indexed.passage.sentences) for indexed in passages),
        "terms": sum(len(_terms(indexed)) for indexed in passages),
        **columns(signature),
        "parts": len(more),
        "content": first,
        "none": NO_VECTOR,
    }
    parts = [
        record(f"part/{article_key}/{number}", Kind.PART, chunk, name=str(number), article_key=article_key, born=born)
        for number, chunk in enumerate(more)
    ]
    return row, parts


def passage_rows(
    article: Article, indexed: IndexedPassage, *, key: int, article_key: int, born: int
) -> tuple[Row, list[Row]]:
    """The passage's row, and those of its tokens' states."""
    passage = indexed.passage
    row = {
        "key": key,
        **_of_article(article, article_key, born),
        "passage_id": passage.passage_id,
        "start": passage.span.start,
        "end": passage.span.end,
        "text": passage.text,
        "sentences": json.dumps([[sentence.start, sentence.end] for sentence in passage.sentences]),
        "context": indexed.context_terms,
        "body": indexed.body_terms,
        "terms": list(dict.fromkeys(map(key_of, _terms(indexed))))[:MOST_TERMS],
        "dense": indexed.vector.tolist(),
        "sparse": vector(_terms(indexed)),
    }
    return row, _states_rows(indexed, key, article_key, born)


def article_of(row: Row, parts: Sequence[Row]) -> Article:
    chunks = [str(part["value"]) for part in sorted(parts, key=lambda part: int(part["name"]))]
    article_id, text, title, published, source, url, lang = json.loads(str(row["content"]) + "".join(chunks))
    return Article(article_id, text, title, PublishedDate(published) if published else None, source, url, lang)


def passage_of(row: Row) -> Passage:
    spans = tuple(Span(*sentence) for sentence in json.loads(row["sentences"]))
    span = Span(int(row["start"]), int(row["end"]))
    return Passage(str(row["passage_id"]), str(row["article_id"]), span, str(row["text"]), spans)


def states_of(rows: Sequence[Row]) -> bytes:
    """Of the parts of one passage's states."""
    return b"".join(base64.b64decode(row["value"]) for row in sorted(rows, key=lambda row: int(row["part"])))


def _states_rows(indexed: IndexedPassage, key: int, article_key: int, born: int) -> list[Row]:
    if indexed.states is None:
        return []
    text_key, blob = indexed.states
    pieces = [blob[start : start + _STATE_BYTES] for start in range(0, len(blob), _STATE_BYTES)]
    return [
        {
            "key": f"{key}/{number}",
            "born": born,
            "article_key": article_key,
            "part": number,
            "name": text_key,
            "value": base64.b64encode(piece).decode(),
            "none": NO_VECTOR,
        }
        for number, piece in enumerate(pieces)
    ]


def _of_article(article: Article, article_key: int, born: int) -> Row:
    date = article.published
    return {
        "born": born,
        "article_key": article_key,
        "id_key": key_of(article.article_id),
        "first_day": date.first_day.toordinal() if date else UNKNOWN,
        "last_day": date.last_day.toordinal() if date else UNKNOWN,
        "source_key": UNKNOWN if article.source is None else key_of(article.source),
        "article_id": article.article_id,
    }


def _terms(indexed: IndexedPassage) -> list[str]:
    return [*indexed.context_terms.split(), *indexed.body_terms.split()]


def _packed(article: Article) -> str:
    published = str(article.published) if article.published else None
    fields = [article.article_id, article.text, article.title, published, article.source, article.url, article.lang]
    return json.dumps(fields, ensure_ascii=False)


def _chunks(text: str) -> list[str]:
    """In pieces that fit a field: whole where it fits, else by a number of characters that fits whatever they are."""
    if len(text.encode()) <= VARCHAR_BYTES:
        return [text]
    return [text[start : start + CHUNK_CHARS] for start in range(0, len(text), CHUNK_CHARS)]
