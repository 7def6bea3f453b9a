"""The four collections of an index, and how each is indexed. Knows nothing of what is written to them, or when.

A row is seen once the generation that it was `born` in has been committed: see `state`.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from index.milvus.client import Client

ARTICLES, PASSAGES, RECORDS, STATES = "articles", "passages", "records", "states"
COLLECTIONS = (ARTICLES, PASSAGES, RECORDS, STATES)

VARCHAR_BYTES = 65_535  # the most that a field may hold
CHUNK_CHARS = VARCHAR_BYTES // 4  # fit whatever the characters are
MOST_TERMS = 4_096  # elements of an array
BANDS = 32
ID_BYTES = 1_000
NO_VECTOR = [0.0, 1.0]  # every collection must have a vector


class Kind(IntEnum):
    """What a record is."""

    STATE = 0  # of the store: one row
    GONE = 1  # what a generation removed and is not deleted yet
    INTENT = 2  # that somebody writes
    PART = 3  # of an article that is too long for one field
    ORIGIN = 4  # that an article is one wire copy with others
    PLACE = 5  # where an article holds a sentence that was rendered
    RENDERING = 6
    PAUSED = 7  # rendering ahead
    VOID = 8  # that a generation is never seen: its writer was taken over


DENSE_INDEXES: Mapping[str, Mapping[str, object]] = {
    "FLAT": {},
    "HNSW": {"M": 32, "efConstruction": 200},
    "IVF_SQ8": {"nlist": 2048},
    "DISKANN": {},
    "AUTOINDEX": {},
}
"""By type, what it is built with. Only FLAT is exact, and the same on every replica."""


def search_params(dense_index: str, k: int) -> Mapping[str, object]:
    """How thoroughly `k` are searched for."""
    wanted: Mapping[str, Mapping[str, object]] = {
        "HNSW": {"ef": max(256, 2 * k)},
        "IVF_SQ8": {"nprobe": 128},
        "DISKANN": {"search_list": max(256, 2 * k)},
    }
    return wanted.get(dense_index, {})


_Fields = Sequence[Mapping[str, Any]]


def _text(name: str, max_length: int = VARCHAR_BYTES, **more: object) -> Mapping[str, Any]:
    return {"field_name": name, "datatype": "VARCHAR", "max_length": max_length, **more}


def _number(name: str, **more: object) -> Mapping[str, Any]:
    return {"field_name": name, "datatype": "INT64", **more}


def _numbers(name: str, capacity: int) -> Mapping[str, Any]:
    return {"field_name": name, "datatype": "ARRAY", "element_type": "INT64", "max_capacity": capacity}


_OF_ARTICLE = [_number(name) for name in ("born", "article_key", "id_key", "first_day", "last_day", "source_key")]
_NO_VECTOR_FIELD = {"field_name": "none", "datatype": "FLOAT_VECTOR", "dim": len(NO_VECTOR)}

_ARTICLE_FIELDS: _Fields = [
    _text("key", 4 * ID_BYTES, is_primary=True),  # the id in hexadecimal, then the article's key: sorts by id
    *_OF_ARTICLE,
    _text("article_id", ID_BYTES),
    _text("lang", 64),
    _text("source"),
    _text("digest", 64),
    _number("passages"),
    _number("sentences"),
    _number("terms"),
    _number("shingles"),
    _text("signature", 1024),
    _numbers("bands", BANDS),
    _number("parts"),  # more of `content`, in records
    _text("content"),
    _NO_VECTOR_FIELD,
]
_RECORD_FIELDS: _Fields = [
    _text("key", 512, is_primary=True),
    {"field_name": "kind", "datatype": "INT8"},
    _number("born"),
    _number("article_key"),
    _text("name", 128),
    _text("value"),
    _NO_VECTOR_FIELD,
]
_STATES_FIELDS: _Fields = [
    _text("key", 64, is_primary=True),  # the passage's key and the number of the part
    _number("born"),
    _number("article_key"),
    _number("part"),
    _text("name", 64),  # the text and the encoder that they are of
    _text("value"),
    _NO_VECTOR_FIELD,
]


def _passage_fields(dim: int) -> _Fields:
    return [
        _number("key", is_primary=True),
        *_OF_ARTICLE,
        _text("article_id", ID_BYTES),
        _text("passage_id", 2 * ID_BYTES),
        _number("start"),
        _number("end"),
        _text("text"),
        _text("sentences"),
        _text("context"),
        _text("body"),
        _numbers("terms", MOST_TERMS),
        {"field_name": "dense", "datatype": "FLOAT_VECTOR", "dim": dim},
        {"field_name": "sparse", "datatype": "SPARSE_FLOAT_VECTOR"},
    ]


_SCALARS = {
    ARTICLES: ("born", "article_key", "id_key", "first_day", "last_day", "source_key"),
    PASSAGES: ("born", "article_key", "id_key", "first_day", "last_day", "source_key"),
    RECORDS: ("kind", "article_key", "name"),
    STATES: ("born", "article_key", "name"),
}
_ARRAYS = {ARTICLES: ("bands",), PASSAGES: ("terms",)}


def make_collections(client: Client, dim: int, *, dense_index: str, replicas: int) -> None:
    """Makes those that are missing."""
    fields = {
        ARTICLES: _ARTICLE_FIELDS,
        PASSAGES: _passage_fields(dim),
        RECORDS: _RECORD_FIELDS,
        STATES: _STATES_FIELDS,
    }
    for name in COLLECTIONS:
        if not client.exists(name):
            client.make(
                name, fields[name], [*_vector_indexes(name, dense_index), *_scalar_indexes(client, name)], replicas
            )


def load_collections(client: Client) -> None:
    for name in COLLECTIONS:
        client.load(name)


def _vector_indexes(name: str, dense_index: str) -> list[Mapping[str, Any]]:
    if name != PASSAGES:
        return [{"field_name": "none", "index_type": "FLAT", "metric_type": "IP"}]
    return [
        {
            "field_name": "dense",
            "index_type": dense_index,
            "metric_type": "IP",
            "params": dict(DENSE_INDEXES[dense_index]),
        },
        {"field_name": "sparse", "index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP"},
    ]


def _scalar_indexes(client: Client, name: str) -> list[Mapping[str, Any]]:
    arrays = () if client.is_lite else _ARRAYS.get(name, ())  # Milvus Lite has none of arrays, and looks at each row
    return [{"field_name": field, "index_type": "INVERTED"} for field in (*_SCALARS[name], *arrays)]
