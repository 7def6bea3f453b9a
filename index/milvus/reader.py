"""Every question that is put to a store over Milvus. What each gives is told in `store_reader`.

All that a reader is asked holds of one state: rows that were born later are not seen, nor those that were gone by then.
An article that another process removes meanwhile is deleted all the same; who has found a passage of it is then told.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from index.errors import StoreUnavailable
from index.milvus import lexicon
from index.milvus.client import MOST_RESULTS, Client, Row
from index.milvus.expressions import conditions, hex_key, key_of, one_of
from index.milvus.origins import members_of, origins_of, signed_of
from index.milvus.renderings import RenderingsRead
from index.milvus.rows import ARTICLE_FIELDS, PASSAGE_FIELDS, article_of, passage_of, states_of
from index.milvus.schema import ARTICLES, PASSAGES, RECORDS, STATES, Kind, search_params
from index.milvus.state import State
from index.origins import Member, copies_of
from index.term_set import idf
from index.types import Article, Filters, Passage

_PAGE = 64  # articles read at a time
_IDS = 1000
_SPARE = 16  # candidates beyond k, among which ties with the k-th are found
_MANY_TERMS = 8
_MARGIN = 1e-5  # more than the float32 inner product of two vectors of norm 1 can be wrong by
_EVERYTHING = Filters()


@dataclass(slots=True)
class Counted:
    """What was counted of one generation, kept for the next readers of it: passages by term, articles by source."""

    generation: int = -1
    passages_with: dict[str, int] = field(default_factory=dict)
    sources: list[tuple[str, int]] | None = None


class Reader(RenderingsRead):
    """For one thread at a time, inside `MilvusStore.reading()`."""

    def __init__(self, client: Client, state: State, counted: Counted) -> None:
        self._client = client
        self._state = state
        self._counted = counted
        self._found: dict[int, Row] = {}  # passages that a search gave, by key
        self.path = client.path
        self.manifest = state.manifest
        self.content = int(state.content, 16)
        self.generation = state.generation
        self.article_count = state.articles
        self.passage_count = state.passages

    @property
    def approximation(self) -> str | None:
        """What a search depends on beside the vectors: only FLAT compares them all."""
        return None if self._state.index == "FLAT" else f"milvus {self._state.index}"

    # Articles

    def articles(self, article_ids: Iterable[str]) -> dict[str, Article]:
        wanted = list(dict.fromkeys(article_ids))
        found: dict[str, Article] = {}
        for start in range(0, len(wanted), _PAGE):
            rows = self._by_id(wanted[start : start + _PAGE], ARTICLE_FIELDS)
            found |= {article.article_id: article for article in self._read(rows)}
        self._refuse_torn(set(wanted) - set(found))
        return {article_id: found[article_id] for article_id in wanted if article_id in found}

    def page(self, *, after: str | None, limit: int) -> list[Article]:
        return self._read(self._after(after or "", ARTICLE_FIELDS, limit))

    def every_article(self) -> Iterator[Article]:
        after: str | None = None
        while page := self.page(after=after, limit=_PAGE):
            yield from page
            after = page[-1].article_id

    def ids(self, *, after: str, limit: int) -> list[str]:
        return [str(row["article_id"]) for row in self._after(after, ["key", "article_id"], limit)]

    def digests_of(self, article_ids: Iterable[str]) -> dict[str, bytes]:
        rows = self._by_id(list(article_ids), ["article_id", "digest"])
        return {str(row["article_id"]): bytes.fromhex(row["digest"]) for row in rows}

    def sources(self, *, limit: int) -> list[tuple[str, int]]:
        if self._counted.generation != self.generation or self._counted.sources is None:
            counts: dict[str, int] = {}
            where = f"source_key > 0 and {self._state.visible}"
            for rows in self._client.pages(ARTICLES, where, ["source"], _IDS):
                for row in rows:
                    counts[row["source"]] = counts.get(row["source"], 0) + 1
            counted = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            if self._counted.generation == self.generation:
                self._counted.sources = counted
            return counted[:limit]
        return self._counted.sources[:limit]

    def langs(self) -> list[str]:
        return sorted(self._state.langs)

    def any_article(self, filters: Filters) -> bool:
        if filters == _EVERYTHING:
            return self.article_count > 0
        return bool(self._client.query(ARTICLES, self._where(filters), ["article_key"], limit=1))

    def linked(self, article_ids: Iterable[str]) -> dict[str, list[str]]:
        origins = self._origins(article_ids)
        often = Counter(origins.values())
        asked = self._members({key: origin for key, origin in origins.items() if often[origin] > 1}, _EVERYTHING)
        return copies_of(asked, asked)

    def copies(self, article_ids: Iterable[str], filters: Filters) -> dict[str, list[str]]:
        origins = self._origins(article_ids)
        others = members_of(self._client, self._state, sorted(set(origins.values())))
        return copies_of(self._members(origins, _EVERYTHING), self._members(others, filters))

    def _origins(self, article_ids: Iterable[str]) -> dict[int, int]:
        return origins_of(self._client, self._state, sorted(self._article_keys(article_ids).values()))

    def _members(self, origins: Mapping[int, int], filters: Filters) -> list[Member]:
        """Those of these articles that pass, by id."""
        signed = signed_of(self._client, self._where(filters), sorted(origins))
        found = [Member(each.article_id, origins[each.article_key], each.signature) for each in signed]
        return sorted(found, key=lambda member: member.article_id)

    # Passages

    def passages_of(self, article_id: str) -> list[Passage]:
        return [passage_of(row) for row in self._rows_of(article_id, PASSAGE_FIELDS)]

    def passages(self, keys: Sequence[int]) -> dict[int, Passage]:
        missing = [key for key in keys if key not in self._found]
        self._note(self._client.listed(PASSAGES, "key", missing, self._state.visible, PASSAGE_FIELDS))
        return {key: passage_of(self._found[key]) for key in keys if key in self._found}

    def nearest(self, vector: NDArray[np.float32], k: int, filters: Filters) -> list[tuple[int, float]]:
        """The keys of the `k` nearest that pass, and of all that are tied with the k-th, with their cosines."""
        if not np.isfinite(vector).all():
            raise ValueError("a query vector needs finite numbers")
        if k < 1 or not self.passage_count:
            return []

        def cosine(row: Row) -> float:
            both = np.asarray(row["dense"], np.float32).astype(np.float64) * vector.astype(np.float64)
            return float(both.sum())

        margin = _MARGIN * max(1.0, float(np.linalg.norm(vector)))
        search = partial(self._search, "dense", vector.tolist(), filters, [*PASSAGE_FIELDS, "dense"])
        return _best(search, cosine, k, highest=lambda score: score + margin, spare=k + _SPARE)

    def lexical(
        self, terms: Sequence[str], k: int, filters: Filters, *, context_weight: float
    ) -> list[tuple[int, float]]:
        passages_with = self.passages_with(terms)
        rarities = {term: idf(self.passage_count, passages_with[term]) for term in passages_with}
        if not rarities or k < 1:
            return []
        mean = self._state.terms / self.passage_count

        def bm25(row: Row) -> float:
            return lexicon.bm25(rarities, row["context"].split(), row["body"].split(), mean, context_weight)

        slack = lexicon.slack(mean, context_weight)
        search = partial(self._search, "sparse", lexicon.query(rarities), filters, [*PASSAGE_FIELDS, "context", "body"])
        found = _best(search, bm25, k, highest=lambda score: score * slack, spare=2 * k + _SPARE)
        ids = {key: str(self._found[key]["passage_id"]) for key, _ in found}
        matching = [pair for pair in found if pair[1] > 0]
        return sorted(matching, key=lambda pair: (-pair[1], ids[pair[0]]))[:k]

    def passages_with(self, terms: Sequence[str]) -> dict[str, int]:
        known = self._counted.passages_with if self._counted.generation == self.generation else {}
        new = [term for term in dict.fromkeys(terms) if term not in known]
        if len(new) > _MANY_TERMS and not self._any_of(new):
            known |= dict.fromkeys(new, 0)
        for term in new:
            if term not in known:
                known[term] = self._client.count(
                    PASSAGES, f"array_contains(terms, {key_of(term)}) and {self._state.visible}"
                )
        return {term: known[term] for term in dict.fromkeys(terms) if known[term]}

    def vectors(self, passage_ids: Sequence[str], dim: int) -> NDArray[np.float32]:
        keys = {str(row["passage_id"]): key for key, row in self._found.items()}
        unknown = [passage_id for passage_id in passage_ids if passage_id not in keys]
        of_articles = sorted({key_of(passage_id.rpartition("#")[0]) for passage_id in unknown})
        rows = self._client.listed(PASSAGES, "id_key", of_articles, self._state.visible, PASSAGE_FIELDS)
        self._note(rows)
        keys |= {str(row["passage_id"]): int(row["key"]) for row in rows}
        wanted = [keys[passage_id] for passage_id in passage_ids]
        found = self._client.listed(PASSAGES, "key", sorted(set(wanted)), self._state.visible, ["key", "dense"])
        dense = {int(row["key"]): np.asarray(row["dense"], np.float32) for row in found}
        return np.stack([dense[key] for key in wanted]) if wanted else np.empty((0, dim), np.float32)

    def states(self, text_keys: Sequence[str]) -> dict[str, bytes]:
        parts: dict[str, dict[str, list[Row]]] = {}
        fields = ["key", "part", "name", "value"]
        for row in self._client.listed(STATES, "name", list(text_keys), self._state.visible, fields):
            of_text = parts.setdefault(str(row["name"]), {})
            of_text.setdefault(str(row["key"]).partition("/")[0], []).append(row)
        return {text_key: states_of(next(iter(passages.values()))) for text_key, passages in parts.items()}

    # Helpers

    def _where(self, filters: Filters) -> str:
        return self._state.visible + conditions(filters)

    def _any_of(self, terms: Sequence[str]) -> bool:
        """Whether any passage holds any of these terms: one question in place of many, where spellings are tried."""
        where = f"array_contains_any(terms, {[key_of(term) for term in terms]}) and {self._state.visible}"
        return bool(self._client.query(PASSAGES, where, ["key"], limit=1))

    def _search(
        self, name: str, vector: object, filters: Filters, fields: Sequence[str], k: int
    ) -> list[tuple[Row, float]]:
        params = search_params(self._state.index, k) if name == "dense" else {}
        found = self._client.search(PASSAGES, name, vector, k, self._where(filters), fields, params)
        self._note(row for row, _ in found)
        return found

    def _note(self, rows: Iterable[Row]) -> None:
        self._found |= {int(row["key"]): row for row in rows}

    def _by_id(self, article_ids: Sequence[str], fields: Sequence[str]) -> list[Row]:
        wanted = set(article_ids)
        rows = self._client.listed(ARTICLES, "id_key", sorted(map(key_of, wanted)), self._state.visible, fields)
        return [row for row in rows if row["article_id"] in wanted]

    def _after(self, after: str, fields: Sequence[str], limit: int) -> list[Row]:
        """The rows of up to `limit` articles, by id. A slash is more than the full stop that ends an id."""
        if limit < 1:
            return []
        where = f'key > "{hex_key(after)}/" and {self._state.visible}' if after else self._state.visible
        rows: list[Row] = []
        for page in self._client.pages(ARTICLES, where, fields, limit):
            rows += page
            if len(rows) >= limit:
                break
        return rows[:limit]

    def _read(self, rows: Sequence[Row]) -> list[Article]:
        long = [int(row["article_key"]) for row in rows if row["parts"]]
        where = f"kind == {int(Kind.PART)} and {self._state.visible}"
        parts: dict[int, list[Row]] = {}
        for part in self._client.listed(RECORDS, "article_key", long, where, ["article_key", "name", "value"]):
            parts.setdefault(int(part["article_key"]), []).append(part)
        for row in rows:
            if len(parts.get(int(row["article_key"]), [])) != row["parts"]:
                raise StoreUnavailable(_TORN.format(row["article_id"]))
        return [article_of(row, parts.get(int(row["article_key"]), [])) for row in rows]

    def _rows_of(self, article_id: str, fields: Sequence[str]) -> list[Row]:
        where = f"{one_of('id_key', [key_of(article_id)])} and {self._state.visible}"
        rows = [row for row in self._client.query(PASSAGES, where, fields) if row["article_id"] == article_id]
        return sorted(rows, key=lambda row: int(row["start"]))

    def _article_keys(self, article_ids: Iterable[str]) -> dict[str, int]:
        known = {str(row["article_id"]): int(row["article_key"]) for row in self._found.values()}
        wanted = list(dict.fromkeys(article_ids))
        rows = self._by_id([each for each in wanted if each not in known], ["article_id", "article_key"])
        known |= {str(row["article_id"]): int(row["article_key"]) for row in rows}
        return {article_id: known[article_id] for article_id in wanted if article_id in known}

    def _refuse_torn(self, missing: set[str]) -> None:
        if torn := sorted(missing & {str(row["article_id"]) for row in self._found.values()}):
            raise StoreUnavailable(_TORN.format(torn[0]))


_TORN = "article {} was removed or replaced by another process while it was read; ask again"


def _best(
    search: Callable[[int], Sequence[tuple[Row, float]]], score: Callable[[Row], float], k: int,
    *, highest: Callable[[float], float], spare: int,
) -> list[tuple[int, float]]:  # fmt: skip
    """The keys of the `k` best by `score`, and of all tied with the k-th, with their scores, best first.

    `highest` gives the most that the score of a row can be that comes after one of this similarity. So many more are
    searched for that none of those left out can be among the best.
    """
    wanted = min(max(spare, k), MOST_RESULTS)
    while True:
        hits = search(wanted)
        found = sorted(((int(row["key"]), score(row)) for row, _ in hits), key=lambda pair: (-pair[1], pair[0]))
        kth = found[k - 1][1] if len(found) >= k else -np.inf
        unseen = highest(hits[-1][1]) if len(hits) == wanted else -np.inf
        if unseen < kth or unseen == -np.inf or wanted == MOST_RESULTS:
            return [pair for pair in found if pair[1] >= kth]
        wanted = min(2 * wanted, MOST_RESULTS)
