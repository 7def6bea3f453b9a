"""Checks every invariant of an index over Milvus and says which do not hold. Changes nothing.

Knows what should hold between the collections; what should hold of one article and its passages is told in
`index.verify`. No writer may be at work meanwhile.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np

from index.analysis import ANALYSIS
from index.errors import ManifestMismatch
from index.manifest import Manifest, check
from index.milvus.client import Client, Row
from index.milvus.expressions import UNKNOWN, key_of, one_of
from index.milvus.lexicon import vector
from index.milvus.rows import ARTICLE_FIELDS, PASSAGE_FIELDS, article_of, states_of
from index.milvus.schema import ARTICLES, COLLECTIONS, MOST_TERMS, PASSAGES, RECORDS, STATES, Kind, load_collections
from index.milvus.state import State, read_state
from index.passages import CHUNKING
from index.store_audit import StoredArticle, StoredPassage
from index.verify import of_article, of_passages

_PAGE = 100
_ARTICLE = [*ARTICLE_FIELDS, "key", "digest", "first_day", "last_day", "lang", "passages", "sentences", "terms"]
_PASSAGE = [*PASSAGE_FIELDS, "context", "body", "terms", "dense", "sparse"]
_OWNED = (Kind.PART, Kind.ORIGIN, Kind.PLACE)  # of an article


def verify_milvus(client: Client) -> list[str]:
    """What is wrong, a line for each; empty where all is well."""
    if missing := [name for name in COLLECTIONS if not client.exists(name)]:
        return [f"{client.path} holds no index: {missing} are missing"]
    load_collections(client)
    state = read_state(client)
    return [f"{client.path} holds no index"] if state is None else list(_violations(client, state))


def _violations(client: Client, state: State) -> Iterator[str]:
    manifest = Manifest.from_json(state.manifest, where=client.path)
    try:
        check(manifest, replace(manifest, chunking=CHUNKING, analysis=ANALYSIS), where=client.path)
    except ManifestMismatch as exc:
        yield str(exc)
    yield from _of_leftovers(client, state)
    totals: Counter[str] = Counter()
    langs: dict[str, tuple[int, int]] = {}
    present: set[int] = set()
    for rows in client.pages(ARTICLES, state.visible, _ARTICLE, _PAGE):
        for row in rows:
            present.add(int(row["article_key"]))
            articles, sentences = langs.get(row["lang"], (0, 0))
            langs[row["lang"]] = articles + 1, sentences + row["sentences"]
            totals.update({"articles": 1, "passages": row["passages"], "terms": row["terms"]})
            totals["content"] = (totals["content"] + int.from_bytes(bytes.fromhex(row["digest"]), "little")) % 2**256
            yield from _of_one(client, state, row, manifest.dim)
    recorded = {"articles": state.articles, "passages": state.passages, "terms": state.terms}
    recorded["content"] = int(state.content, 16)
    for name, value in recorded.items():
        if totals[name] != value:
            yield f"the state records {value} for {name}, its articles give {totals[name]}"
    if langs != dict(state.langs):
        yield f"the state records the languages {dict(state.langs)}, its articles give {langs}"
    yield from _of_owners(client, state, present)


def _of_leftovers(client: Client, state: State) -> Iterator[str]:
    for name in COLLECTIONS:
        if unseen := client.count(name, f"born > {state.generation} or {one_of('born', state.void)}"):
            yield f"{name}: {unseen} rows of a writer that did not finish; the next write deletes them"
    if state.gone:
        yield f"rows of {len(state.gone_articles)} removed articles are still there; the next write deletes them"


def _of_owners(client: Client, state: State, present: set[int]) -> Iterator[str]:
    """Rows of articles that are not there."""
    owned = dict.fromkeys((PASSAGES, STATES), state.visible)
    owned[RECORDS] = f"kind in {[int(kind) for kind in _OWNED]} and {state.visible}"
    for name, where in owned.items():
        for rows in client.pages(name, where, ["key", "article_key"], 1000):
            yield from (
                f"{name}: row {row['key']} is of no article" for row in rows if int(row["article_key"]) not in present
            )


def _of_one(client: Client, state: State, row: Row, dim: int) -> Iterator[str]:
    mine = f"article_key == {row['article_key']} and {state.visible}"
    where = f"article {row['article_id']}"
    parts = client.query(RECORDS, f"kind == {int(Kind.PART)} and {mine}", ["name", "value"])
    if len(parts) != row["parts"]:
        yield f"{where}: {len(parts)} of {row['parts']} further parts of its text are there"
        return
    article = article_of(row, parts)
    days = (_iso(row["first_day"]), _iso(row["last_day"]))
    yield from of_article(StoredArticle(int(row["article_key"]), article, bytes.fromhex(row["digest"]), *days))
    passages = sorted(client.query(PASSAGES, mine, _PASSAGE), key=lambda passage: int(passage["key"]))
    states: dict[int, list[Row]] = {}
    for part in client.query(STATES, mine, ["key", "part", "value"]):
        states.setdefault(int(str(part["key"]).partition("/")[0]), []).append(part)
    stored = [_stored(passage, states.get(int(passage["key"]))) for passage in passages]
    yield from of_passages(article, stored, dim)
    for passage in passages:
        terms = [*passage["context"].split(), *passage["body"].split()]
        if list(passage["terms"]) != list(dict.fromkeys(map(key_of, terms)))[:MOST_TERMS]:
            yield f"passage {passage['passage_id']}: the keys of its terms are not those of its terms"
        found, wanted = dict(passage["sparse"]), vector(terms)
        if found.keys() != wanted.keys() or not np.allclose([found[key] for key in wanted], list(wanted.values())):
            yield f"passage {passage['passage_id']}: its sparse vector is not that of its terms"


def _stored(row: Row, states: list[Row] | None) -> StoredPassage:
    return StoredPassage(
        row["passage_id"], row["start"], row["end"], row["text"], row["sentences"], row["context"], row["body"],
        np.asarray(row["dense"], "<f4").tobytes(), states_of(states) if states else None,
    )  # fmt: skip


def _iso(day: int) -> str | None:
    return None if day == UNKNOWN else date.fromordinal(day).isoformat()
