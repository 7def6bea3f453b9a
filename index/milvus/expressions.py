"""Milvus' filter expressions. What users wrote never stands in one: it is compared by its digest, or in hexadecimal."""

import hashlib
import json
from collections.abc import Iterable, Sequence

from index.types import Filters

_POSITIVE = 2**63 - 1
UNKNOWN = 0  # a day, or a source, that is not known


def key_of(text: str) -> int:
    """63 bits that stand for a text. Any text may be asked for, lone surrogates included."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return (int.from_bytes(digest, "little") & _POSITIVE) or 1


def one_of(field: str, values: Sequence[int | str]) -> str:
    """That `field` is one of the values; of none, nothing is. Strings must need no escapes."""
    if not values:
        return f"{field} in {json.dumps([-1])}"
    return f"{field} in {json.dumps(list(values))}"


def not_in(field: str, values: Iterable[int | str]) -> str:
    listed = list(values)
    return f" and {field} not in {json.dumps(listed)}" if listed else ""


def conditions(filters: Filters) -> str:
    """What `filters` ask of an article or a passage. An unknown date passes no bound on dates."""
    asked = []
    if filters.published_after:
        asked.append(f"first_day >= {filters.published_after.first_day.toordinal()} and first_day > {UNKNOWN}")
    for bound in (filters.published_before, filters.as_of):
        if bound:
            asked.append(f"last_day <= {bound.last_day.toordinal()} and last_day > {UNKNOWN}")
    if filters.article_ids is not None:
        asked.append(one_of("id_key", [key_of(article_id) for article_id in filters.article_ids]))
    if filters.sources is not None:
        asked.append(one_of("source_key", [key_of(source) for source in filters.sources]))
    return "".join(f" and {each}" for each in asked)


def hex_key(article_id: str) -> str:
    """Sorts as the id does, and needs no escapes."""
    return article_id.encode("utf-8", "surrogatepass").hex()
