"""One connection to Milvus, with its errors in our words. The only module that imports pymilvus.

Knows nothing of what is in the collections. Every read is of consistency level Strong: it sees all that was written
before it, by whomever.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from index.errors import IndexingError, StoreUnavailable
from index.milvus.expressions import one_of

Row = dict[str, Any]  # the fields of a row, of as many types as there are fields
MOST_RESULTS = 16_384  # that Milvus gives for one search or query
_INSERT_BYTES = 8 * 2**20  # of the 64 MiB that a server takes in one message
TIMEOUT_S = 30.0
_LISTED = 1000  # values in one expression
_CONSISTENCY = "Strong"
_LITE = "milvus_lite"
_T = TypeVar("_T")


class Client:
    """The collections whose names begin with `prefix`. Safe for many threads."""

    def __init__(self, uri: str, token: str, prefix: str, *, timeout_s: float) -> None:
        try:
            import pymilvus
        except ImportError as exc:
            raise IndexingError(
                f"pymilvus cannot be imported ({exc}); `pip install pymilvus==3.0.2`, or unset SOURCIER_STORE"
            ) from exc
        for name in ("pymilvus.decorators", "pymilvus.client.query_iterator", "pymilvus"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what it would log is raised, and told by us
        self._module: Any = pymilvus  # it ships no types
        self._prefix = prefix
        self._timeout_s = timeout_s
        self.uri = uri
        self._api: Any = None
        self._api = self._clear(lambda: pymilvus.MilvusClient(uri=uri, token=token, timeout=timeout_s))
        self.is_lite = _LITE in self._clear(lambda: str(self._api.get_server_version()))
        if self.is_lite:  # within this process, it would log each time that it is asked for what it lacks
            logging.getLogger("grpc._server").setLevel(logging.CRITICAL)

    @property
    def path(self) -> str:
        return f"{self.uri} ({self._prefix}…)"

    # Collections

    def exists(self, collection: str) -> bool:
        return bool(self._clear(lambda: self._api.has_collection(self._name(collection))))

    def make(
        self, collection: str, fields: Sequence[Mapping[str, Any]], indexes: Sequence[Mapping[str, Any]], replicas: int
    ) -> None:
        """Makes the collection, its indexes too, and loads it. Fields and indexes as pymilvus takes them."""
        types = self._module.DataType

        def make() -> None:
            schema = self._module.MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
            for field in fields:
                named = {"datatype": types[field["datatype"]]}
                if "element_type" in field:
                    named["element_type"] = types[field["element_type"]]
                schema.add_field(**{**field, **named})
            prepared = self._api.prepare_index_params()
            for index in indexes:
                prepared.add_index(**index)
            name = self._name(collection)
            self._api.create_collection(name, schema=schema, consistency_level=_CONSISTENCY)
            self._api.create_index(name, prepared, sync=False)  # of nothing yet: no need to wait half a second for each
            self._api.load_collection(name, replica_number=replicas)

        self._clear(make)

    def load(self, collection: str) -> None:
        self._clear(lambda: self._api.load_collection(self._name(collection)))

    def drop(self, collection: str) -> None:
        self._clear(lambda: self._api.drop_collection(self._name(collection)))

    # Reading

    def query(self, collection: str, where: str, fields: Sequence[str], limit: int | None = None) -> list[Row]:
        """The rows that an expression holds of, or some `limit` of them; for results of bounded number."""
        bound = {"limit": limit} if limit else {}
        return [
            dict(row)
            for row in self._clear(
                lambda: self._api.query(
                    self._name(collection), filter=where, output_fields=list(fields), timeout=self._timeout_s,
                    consistency_level=_CONSISTENCY, **bound,
                )
            )
        ]  # fmt: skip

    def listed(
        self, collection: str, field: str, values: Sequence[int | str], where: str, fields: Sequence[str]
    ) -> list[Row]:
        """The rows whose `field` is one of the values, however many these are."""
        found: list[Row] = []
        for start in range(0, len(values), _LISTED):
            found += self.query(collection, f"{one_of(field, values[start : start + _LISTED])} and {where}", fields)
        return found

    def pages(self, collection: str, where: str, fields: Sequence[str], size: int) -> Iterator[list[Row]]:
        """All rows that an expression holds of, in the order of their primary keys, `size` at a time."""
        iterator = self._clear(
            lambda: self._api.query_iterator(
                self._name(collection), batch_size=min(size, MOST_RESULTS), filter=where, output_fields=list(fields),
                consistency_level=_CONSISTENCY,
            )
        )  # fmt: skip
        try:
            while rows := self._clear(iterator.next):
                yield [dict(row) for row in rows]
        finally:
            self._clear(iterator.close)

    def count(self, collection: str, where: str) -> int:
        return int(self.query(collection, where, ["count(*)"])[0]["count(*)"])

    def search(
        self,
        collection: str,
        field: str,
        vector: object,
        k: int,
        where: str,
        fields: Sequence[str],
        params: Mapping[str, object],
    ) -> list[tuple[Row, float]]:
        """The `k` rows, of those that the expression holds of, of the greatest inner products with `vector`; and these.

        `params` are those of the index's type.
        """
        found = self._clear(
            lambda: self._api.search(
                self._name(collection), data=[vector], anns_field=field, limit=k, filter=where,
                output_fields=list(fields), search_params={"metric_type": "IP", "params": dict(params)},
                consistency_level=_CONSISTENCY, timeout=self._timeout_s,
            )
        )  # fmt: skip
        return [(dict(hit["entity"]), float(hit["distance"])) for hit in found[0]]

    # Writing

    def insert(self, collection: str, rows: Sequence[Row], told: Callable[[], None] = lambda: None) -> None:
        """Inserts rows of new keys; `told` is called before each message."""
        for batch in _batches(rows):
            told()
            self._clear(partial(self._api.insert, self._name(collection), batch, timeout=self._timeout_s))

    def upsert(self, collection: str, rows: Sequence[Row]) -> None:
        self._clear(lambda: self._api.upsert(self._name(collection), list(rows), timeout=self._timeout_s))

    def delete(self, collection: str, where: str) -> None:
        self._clear(lambda: self._api.delete(self._name(collection), filter=where, timeout=self._timeout_s))

    def delete_listed(self, collection: str, field: str, values: Sequence[int | str], where: str = "") -> None:
        for start in range(0, len(values), _LISTED):
            named = one_of(field, values[start : start + _LISTED])
            self.delete(collection, f"{named} and {where}" if where else named)

    def close(self) -> None:
        self._clear(self._api.close)

    def _name(self, collection: str) -> str:
        return f"{self._prefix}_{collection}"

    def _clear(self, call: Callable[[], _T]) -> _T:
        """Milvus' and gRPC's errors become `StoreUnavailable`, naming the server and the next step."""
        try:
            return call()
        except (self._module.MilvusException, OSError, ValueError) as exc:
            raise StoreUnavailable(
                f"Milvus at {self.uri} does not do what was asked ({exc}); check that it runs, SOURCIER_MILVUS_URI and"
                " SOURCIER_MILVUS_TOKEN"
            ) from exc


def _batches(rows: Sequence[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        its = sum(
            len(value) * (8 if isinstance(value, list) else 1) for value in row.values() if hasattr(value, "__len__")
        )
        if batch and size + its > _INSERT_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += its
    if batch:
        yield batch
