"""One writer at a time, over Milvus: who wants to write says so in a row, and writes if no other row says the same.

Reads are of consistency level Strong, so that of two who say so at once at least one sees the other, and withdraws. A
row whose writer has died counts for `LEASE_S` more; clocks of the machines may differ by less. A writer that was only
slow finds its row gone, and stops.
"""

import random
import secrets
import time

from index.errors import StoreUnavailable
from index.milvus.client import Client
from index.milvus.expressions import one_of
from index.milvus.schema import RECORDS, Kind
from index.milvus.state import record

LEASE_S = 30.0


class Intent:
    """Ours. `took_over` says that another writer's had run out: what that one left is to be seen to."""

    def __init__(self, client: Client, lease_s: float) -> None:
        self._client = client
        self._lease_s = lease_s
        self._token = secrets.token_hex(8)
        self._key = f"intent/{self._token}"
        self._told = 0.0
        self.took_over = False

    def beat(self) -> None:
        """Says that the writer still lives, if it was not said just now. Raises `StoreUnavailable` where another has
        taken it for dead: it must write no more."""
        if time.monotonic() - self._told > self._lease_s / 3:
            if not self.still_holds():
                raise taken_over(self._client.path)
            self._say()

    def still_holds(self) -> bool:
        return bool(self._client.query(RECORDS, one_of("key", [self._key]), ["key"]))

    def take(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while True:
            self._say()
            others = [row for row in self._rows() if row["key"] != self._key]
            dead = [row["key"] for row in others if time.time() - float(row["value"]) > self._lease_s]
            if len(dead) == len(others):  # else whoever gets through is to know of them
                self._client.delete_listed(RECORDS, "key", dead)
                self.took_over = bool(dead)
                return
            self.withdraw()
            if time.monotonic() > deadline:
                raise StoreUnavailable(
                    f"{self._client.path} is locked by another writer; try again when it has finished"
                )
            time.sleep(random.uniform(0.02, 0.2))

    def withdraw(self) -> None:
        self._client.delete_listed(RECORDS, "key", [self._key])

    def _say(self) -> None:
        self._told = time.monotonic()
        self._client.upsert(RECORDS, [record(self._key, Kind.INTENT, str(time.time()))])

    def _rows(self) -> list[dict[str, str]]:
        return self._client.query(RECORDS, one_of("kind", [Kind.INTENT]), ["key", "value"])


def taken_over(path: str) -> StoreUnavailable:
    return StoreUnavailable(f"{path} was taken over by another writer, since this one was too slow; try again")
