"""What a store over Milvus holds at one moment, in one row, and when that row may be changed.

Milvus has no transactions. Rows are written first, `born` in the next generation, which nobody sees; then this one row
says that the generation is there, and which articles it removed; then their rows are deleted. Whoever is killed in
between leaves rows that nobody sees, or some to be deleted: the next writer sees to both.

A writer that is taken over may still be alive. So its generation is void from then on: whoever takes over writes in
another one, under other keys, and whatever the first one still inserts is never seen.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from index.errors import StoreDamaged
from index.milvus.client import Client, Row
from index.milvus.expressions import not_in, one_of
from index.milvus.schema import NO_VECTOR, RECORDS, Kind

FORMAT = 1
ARTICLES_APART = 100_000  # keys that are left to a writer that was taken over: more than one write adds
PASSAGES_APART = 1000 * ARTICLES_APART
_KEY = "state"
_MOST_VOID = 100  # a writer that so many others were taken over after is long dead


@dataclass(frozen=True, slots=True)
class Gone:
    """What one generation removed: articles by their keys, and records that others have taken the place of."""

    generation: int
    articles: tuple[int, ...]
    records: tuple[str, ...]
    key: str


@dataclass(frozen=True, slots=True)
class State:
    """`langs`: of each language, how many articles there are, and how many sentences in their passages."""

    manifest: str
    format: int = FORMAT
    content: str = "0"  # hexadecimal: the sum of the articles' digests modulo 2^256
    generation: int = 0
    articles: int = 0
    passages: int = 0
    terms: int = 0
    last_article: int = 0  # keys up to here were given
    last_passage: int = 0
    langs: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    index: str = "FLAT"  # of the dense vectors
    gone: tuple[Gone, ...] = ()  # not in the row: each generation's has one of its own
    void: tuple[int, ...] = ()  # generations that are never seen; not in the row either

    @property
    def next_generation(self) -> int:
        """What the next writer's rows are born in: no other writer's ever were."""
        return max(self.generation, *self.void, 0) + 1

    def skipping(self) -> "State":
        """It without the keys that writers in void generations may have given since."""
        skipped = self.next_generation - self.generation - 1
        return replace(
            self,
            last_article=self.last_article + skipped * ARTICLES_APART,
            last_passage=self.last_passage + skipped * PASSAGES_APART,
        )

    @property
    def gone_articles(self) -> list[int]:
        return sorted({key for gone in self.gone for key in gone.articles})

    @property
    def visible(self) -> str:
        """What holds of a row of articles, passages and states that belongs to this state."""
        void = [each for each in self.void if each <= self.generation]
        return f"born <= {self.generation}{not_in('born', void)}{not_in('article_key', self.gone_articles)}"

    @property
    def visible_records(self) -> str:
        return self.visible + not_in("key", sorted(key for gone in self.gone for key in gone.records))


def read_state(client: Client) -> State | None:
    """The newest; `None` where the store was not made yet. Raises `StoreDamaged` where it is of a later version."""
    rows = client.query(RECORDS, one_of("kind", [Kind.STATE, Kind.GONE, Kind.VOID]), ["key", "kind", "born", "value"])
    states = [json.loads(row["value"]) for row in rows if row["kind"] == Kind.STATE]
    if not states:
        return None
    if states[0]["format"] != FORMAT:
        raise StoreDamaged(
            f"{client.path} has format {states[0]['format']}, wanted {FORMAT}: another version of this software made"
            " it; use that one, or name another prefix (SOURCIER_MILVUS_PREFIX) and sync the articles again"
        )
    state = State(**{**states[0], "langs": {lang: tuple(both) for lang, both in states[0]["langs"].items()}})
    void = sorted(int(row["value"]) for row in rows if row["kind"] == Kind.VOID)
    gone = [_gone(row) for row in rows if row["kind"] == Kind.GONE]
    seen = [each for each in gone if each.generation <= state.generation and each.generation not in void]
    return replace(state, void=tuple(void), gone=tuple(sorted(seen, key=lambda each: (each.generation, each.key))))


def write_state(client: Client, state: State) -> None:
    """The commit: all that the state's generation changed is seen from now on."""
    values = {name: value for name, value in asdict(state).items() if name not in ("gone", "void")}
    client.upsert(RECORDS, [record(_KEY, Kind.STATE, json.dumps(values, ensure_ascii=False))])


def make_void(client: Client, state: State) -> State:
    """The state once the generation is void in which the writer that held it until now may still write."""
    client.upsert(RECORDS, [record(_void_key(state.next_generation), Kind.VOID, str(state.next_generation))])
    client.delete_listed(RECORDS, "key", [_void_key(each) for each in state.void[: 1 - _MOST_VOID]])
    return replace(state, void=(*state.void[1 - _MOST_VOID :], state.next_generation))


def gone_records(articles: Sequence[int], records: Sequence[str], born: int) -> list[Row]:
    """Rows that tell what the generation `born` removes."""
    rows = []
    for start in range(0, max(len(articles), len(records)), _LISTED):
        both = [list(articles[start : start + _LISTED]), list(records[start : start + _LISTED])]
        rows.append(record(f"gone/{born}/{secrets.token_hex(4)}", Kind.GONE, json.dumps(both), born=born))
    return rows


def record(key: str, kind: Kind, value: str = "", *, name: str = "", article_key: int = 0, born: int = 0) -> Row:
    return {
        "key": key,
        "kind": int(kind),
        "born": born,
        "article_key": article_key,
        "name": name,
        "value": value,
        "none": NO_VECTOR,
    }


_LISTED = 1000


def _void_key(generation: int) -> str:
    return f"void/{generation}"


def _gone(row: Row) -> Gone:
    articles, records = json.loads(row["value"])
    return Gone(int(row["born"]), tuple(articles), tuple(records), str(row["key"]))
