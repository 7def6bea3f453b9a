"""Which articles of a store over Milvus are one wire copy: worked out whenever articles come or go.

Only articles that have copies have a record, which names the least key of their group. Knows nothing of how signatures
tell; the groups are those that `store_origins` keeps, in whatever order articles came.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.milvus.client import Client, Row
from index.milvus.expressions import not_in
from index.milvus.schema import ARTICLES, RECORDS, Kind
from index.milvus.state import State, record
from index.origins import Signature, groups

_POSITIVE = 2**63 - 1
_SIGNED = ["article_key", "article_id", "shingles", "signature"]


@dataclass(frozen=True, slots=True)
class Signed:
    """An article with its signature."""

    article_key: int
    article_id: str
    signature: Signature


def columns(signature: Signature | None) -> Row:
    """What of it is stored with the article."""
    if signature is None:
        return {"shingles": 0, "signature": "", "bands": []}
    minima = base64.b64encode(signature.values.astype("<u4").tobytes()).decode()
    return {"shingles": signature.shingles, "signature": minima, "bands": bands(signature)}


def bands(signature: Signature) -> list[int]:
    return [band & _POSITIVE for band in signature.bands()]


def changed_origins(
    client: Client, state: State, *, removed: Sequence[int], added: Sequence[Signed], born: int
) -> tuple[list[Row], list[str]]:
    """The new records of origins, and the keys of those that no longer hold, once articles are removed and added.

    All groups that any of these touches are made again, whole.
    """
    left = state.visible + not_in("article_key", removed)
    near = _meeting(client, left, added)
    known = _records(client, state, "article_key", [*removed, *near])
    touched = {str(row["name"]) for row in known.values()}
    members = _records(client, state, "name", sorted(touched))
    keys = sorted(({*near, *members}) - {*removed})
    signed = {each.article_key: each for each in [*signed_of(client, left, keys), *added]}
    ordered = [signed[key] for key in sorted(signed)]
    wanted: dict[int, int] = {}
    for group in groups([each.signature for each in ordered]):
        if len(group) > 1:
            its = [ordered[place].article_key for place in group]
            wanted |= dict.fromkeys(its, min(its))
    stale = [str(row["key"]) for key, row in members.items() if str(wanted.get(key)) != row["name"]]
    fresh = [key for key, origin in wanted.items() if key not in members or members[key]["name"] != str(origin)]
    return [_record(signed[key], wanted[key], born) for key in fresh], stale


def origins_of(client: Client, state: State, article_keys: Sequence[int]) -> dict[int, int]:
    """Of those that have copies: the least key of their group."""
    return {key: int(row["name"]) for key, row in _records(client, state, "article_key", article_keys).items()}


def members_of(client: Client, state: State, origins: Sequence[int]) -> dict[int, int]:
    """The articles of those groups, each with its origin."""
    found = _records(client, state, "name", [str(origin) for origin in origins])
    return {key: int(row["name"]) for key, row in found.items()}


def signed_of(client: Client, where: str, keys: Sequence[int]) -> list[Signed]:
    """Those of the articles of which the condition holds."""
    return [
        Signed(int(row["article_key"]), str(row["article_id"]), _signature(row))
        for row in client.listed(ARTICLES, "article_key", keys, where, _SIGNED)
    ]


def _meeting(client: Client, visible: str, added: Sequence[Signed]) -> list[int]:
    """The articles that share a band with one of those that are added."""
    theirs = sorted({band for each in added for band in bands(each.signature)})
    found: set[int] = set()
    for start in range(0, len(theirs), 1000):
        where = f"array_contains_any(bands, {theirs[start : start + 1000]}) and {visible}"
        found |= {int(row["article_key"]) for row in client.query(ARTICLES, where, ["article_key"])}
    return sorted(found)


def _records(client: Client, state: State, field: str, values: Sequence[int | str]) -> Mapping[int, Row]:
    where = f"kind == {int(Kind.ORIGIN)} and {state.visible_records}"
    rows = client.listed(RECORDS, field, values, where, ["key", "article_key", "name"])
    return {int(row["article_key"]): row for row in rows}


def _signature(row: Row) -> Signature:
    minima = np.frombuffer(base64.b64decode(row["signature"]), "<u4").astype(np.uint32)
    return Signature(int(row["shingles"]), minima)


def _record(signed: Signed, origin: int, born: int) -> Row:
    key = f"origin/{signed.article_key}/{born}"
    return record(key, Kind.ORIGIN, name=str(origin), article_key=signed.article_key, born=born)
