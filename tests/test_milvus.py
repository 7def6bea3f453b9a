"""What only a store over Milvus must do: commits without transactions, one writer, scores equal to SQLite's."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEncoder
from numpy.typing import NDArray
from stores import prefixed, start_milvus

from index.build import rebuild
from index.errors import IndexingError, StoreUnavailable
from index.index import Index
from index.kept_states import KeptStates, pack, text_key
from index.migrate import migrate
from index.opening import open_index, was_written
from index.preparing import draft, encode_drafts
from index.renderings import Sentence
from index.seam import AnyReader
from index.settings import Settings, SettingsError
from index.store_reader import Reader as SqliteReader
from index.store_renderings import Rendering
from index.store_writer import IndexedPassage
from index.types import Article, Filters, Span

pytest.importorskip("pymilvus", reason="the extra `milvus` is not installed")

from index.milvus import lexicon
from index.milvus.client import Client, Row
from index.milvus.lock import Intent
from index.milvus.reader import Counted
from index.milvus.reader import Reader as MilvusReader
from index.milvus.schema import ARTICLES, COLLECTIONS, PASSAGES, RECORDS, STATES, Kind
from index.milvus.searching import open_over
from index.milvus.state import read_state, record
from index.milvus.verify import verify_milvus
from index.milvus.writer import Writer

FRENCH = [
    "Le ministre a annoncé {n} mesures pour la région de Mossoul, où l’OTAN forme {n}00 soldats irakiens.",
    "À Montréal, la campagne de vaccination avance : {n} 000 doses livrées, selon le gouvernement du Québec.",
    "L’Allemagne fournit {n} soldats à la mission, l’Italie aussi ; le ministre irakien salue une étape.",
]


class KeepingEncoder(HashEncoder):
    """Its states are ones, for each of two tokens."""

    def encode_passages_and_states(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[KeptStates]]:
        states = pack(*2 * [np.ones((2, self.dim), np.float32)])
        kept = [KeptStates(text_key(self.name, self.passage_prefix + text), states) for text in texts]
        return self.encode_passages(texts, progress=progress), kept


def news(count: int) -> list[Article]:
    """Articles of one to five sentences, of words some of which are in all and some in one only."""
    return [
        Article(
            f"n{n:03}",
            "\n\n".join(FRENCH[(n + part) % 3].format(n=n * part + 1) for part in range(1 + n % 5)),
            f"Titre numéro {n}",
        )
        for n in range(count)
    ]


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> str:
    return start_milvus(tmp_path_factory.mktemp("milvus"))


@pytest.fixture
def connect(milvus: str) -> Iterator[Callable[[], Client]]:
    with prefixed(milvus) as prefix:
        yield lambda: Client(milvus, "", prefix, timeout_s=30)


@pytest.fixture
def index(connect: Callable[[], Client]) -> Iterator[Index]:
    index = open_over(connect(), HashEncoder())
    yield index
    index.close()


def ids(index: Index, query: str = "OTAN ministre Montréal") -> set[str]:
    with index.view() as view:
        return {found.passage.article_id for found in view.lexical(query, 99)}


def rows(client: Client) -> dict[str, int]:
    return {name: client.count(name, "born >= 0") for name in COLLECTIONS}


# The same scores


def test_scores_orders_and_snapshots_are_those_of_sqlite(index: Index, tmp_path: Path) -> None:
    local = Index.open(tmp_path, HashEncoder())
    for each in (local, index):
        each.put(news(25))
        each.remove(["n003", "n007"])
        each.put([Article("n009", "Un autre texte, sur le ministre de la région.", "Ministre")])
    with local.view() as one, index.view() as other:
        assert one.snapshot == other.snapshot
        for query in ("ministre irakien et doses", "17 mesures", "L’Allemagne à Mossoul", "introuvable"):
            vector = HashEncoder().encode_queries([query])[0]
            for k, weight in ((1, 1.0), (5, 1.0), (20, 2.5), (99, 0.5)):
                found = other.lexical(query, k, context_weight=weight)
                expected = one.lexical(query, k, context_weight=weight)
                assert [each.passage for each in found] == [each.passage for each in expected]
                assert [each.score for each in found] == pytest.approx([each.score for each in expected], rel=1e-12)
                assert other.dense(vector, k, Filters()) == one.dense(vector, k, Filters())
    local.close()


def test_a_stored_weight_is_never_so_small_that_a_passage_could_be_missed() -> None:
    rarities = {"a": 2.0, "b": 0.5}
    for mean in (5.0, lexicon.USUAL_TERMS, 300.0):
        for length in (1, 40, 200):
            for context, body in ((["a"], ["b"] * length), (["b"] * 3, ["a", "b"] * length)):
                for weight in (0.5, 1.0, 3.0):
                    terms = lexicon.vector([*context, *body])
                    candidate = sum(terms.get(place, 0.0) * idf for place, idf in lexicon.query(rarities).items())
                    exact = lexicon.bm25(rarities, context, body, mean, weight)
                    assert exact <= candidate * lexicon.slack(mean, weight)


def test_kept_states_of_any_size_come_back_and_go_with_their_article(index: Index) -> None:
    one = news(3)[2]
    [(_, passages)] = encode_drafts([draft(one)], HashEncoder())
    blob = bytes(range(256)) * 600  # more than one field holds
    with_states = [
        IndexedPassage(p.passage, p.context_terms, p.body_terms, p.vector, KeptStates("k", blob)) for p in passages
    ]
    index.write([(one, with_states)])
    assert index.states(["k", "absent"]) == {"k": blob}
    index.remove([one.article_id])
    assert index.states(["k"]) == {}


# Commits without transactions


def test_what_a_killed_writer_left_is_not_seen_and_gone_with_the_next_write(
    index: Index, connect: Callable[[], Client]
) -> None:
    index.put(news(3))
    client = connect()
    before = rows(client)
    article = client.query(ARTICLES, "born >= 0", ["*"])[0]
    passage = client.query(PASSAGES, "born >= 0", ["*"])[0]
    client.insert(ARTICLES, [{**article, "key": "ff.1", "born": 2, "article_key": 900}])
    client.insert(PASSAGES, [{**passage, "key": 900, "born": 2, "article_key": 900}])
    client.upsert(RECORDS, [record("intent/dead", Kind.INTENT, str(time.time() - 1000))])
    assert index.article_ids() == ["n000", "n001", "n002"]
    with index.view() as view:
        assert len(view.lexical("OTAN ministre Montréal", 99)) == view.passage_count
    index.put([news(4)[3]])
    assert client.count(PASSAGES, "article_key == 900") == client.count(ARTICLES, "article_key == 900") == 0
    index.remove(["n003"])
    assert rows(client) == before | {"records": before["records"] + 1}  # that the generation is void


def test_what_was_committed_is_gone_though_its_writer_was_killed_before_deleting_it(
    index: Index, connect: Callable[[], Client]
) -> None:
    index.put(news(3))
    client = connect()
    key = client.query(ARTICLES, "born >= 0", ["article_key", "article_id"])[0]
    state = json.loads(client.query(RECORDS, "kind == 0", ["value"])[0]["value"])
    gone = record("gone/2/x", Kind.GONE, json.dumps([[key["article_key"]], []]), born=2)
    client.upsert(RECORDS, [gone, record("state", Kind.STATE, json.dumps({**state, "generation": 2}))])
    assert key["article_id"] not in index.article_ids()
    assert key["article_id"] not in ids(index)
    index.put([Article("neuf", "Le ministre est à Montréal.", "Neuf")])
    assert client.count(PASSAGES, f"article_key == {key['article_key']}") == 0
    assert client.count(RECORDS, f"kind == {int(Kind.GONE)}") == 0


def test_a_write_that_fails_changes_nothing(index: Index, connect: Callable[[], Client]) -> None:
    index.put(news(2))
    client = connect()
    before = rows(client), index.article_ids()
    prepared = encode_drafts([draft(each) for each in news(5)], HashEncoder())
    article, passages = prepared[-1]
    prepared[-1] = article, [replace(each, vector=each.vector[:3]) for each in passages]  # no collection takes that
    with pytest.raises(StoreUnavailable, match="Milvus"):
        index.write(prepared)
    assert (rows(client), index.article_ids()) == before
    index.put(news(3))
    assert index.article_ids() == ["n000", "n001", "n002"]


def test_rows_of_what_is_gone_stay_while_a_view_needs_them_and_no_longer(
    index: Index, connect: Callable[[], Client]
) -> None:
    index.put(news(4))
    client = connect()
    with index.view() as view:
        index.remove(["n001", "n002"])
        assert "n001" in view.articles(["n001"])
        assert client.count(ARTICLES, "born >= 0") == 4
    assert client.count(ARTICLES, "born >= 0") == 2
    assert client.count(RECORDS, "born > 0") == 0


def test_an_article_that_another_process_removes_under_a_view_is_told(connect: Callable[[], Client]) -> None:
    here, elsewhere = open_over(connect(), HashEncoder()), open_over(connect(), HashEncoder())
    here.put(news(3))
    with here.view() as view:
        assert len(view.lexical("OTAN ministre Montréal", 99)) == view.passage_count
        elsewhere.remove(["n001"])
        with pytest.raises(StoreUnavailable, match="ask again"):
            view.articles(["n000", "n001"])
    here.close()
    elsewhere.close()


def test_collections_that_were_released_are_loaded_again(index: Index, connect: Callable[[], Client]) -> None:
    index.put(news(2))
    client = connect()
    for name in COLLECTIONS:  # as when Milvus Lite starts again
        client._api.release_collection(client._name(name))
    again = open_over(connect(), HashEncoder())
    assert again.article_ids() == ["n000", "n001"]
    again.close()


# One writer at a time


def test_a_second_writer_waits_and_is_told_if_it_waits_in_vain(index: Index, connect: Callable[[], Client]) -> None:
    client = connect()
    first, second = Intent(client, 30), Intent(client, 30)
    first.take(0)
    with pytest.raises(StoreUnavailable, match="another writer"):
        second.take(0)
    first.withdraw()
    second.take(0)
    assert not second.took_over
    second.withdraw()
    index.put(news(1))
    assert index.article_ids() == ["n000"]


@pytest.mark.usefixtures("index")
def test_one_who_does_not_get_through_leaves_the_dead_to_whoever_does(connect: Callable[[], Client]) -> None:
    client = connect()
    client.upsert(
        RECORDS, [record("intent/dead", Kind.INTENT, "0"), record("intent/alive", Kind.INTENT, str(time.time()))]
    )
    third = Intent(client, 30)
    with pytest.raises(StoreUnavailable, match="another writer"):
        third.take(0)
    client.delete_listed(RECORDS, "key", ["intent/alive"])
    third.take(0)
    assert third.took_over
    third.withdraw()


@pytest.mark.usefixtures("index")
def test_a_writer_that_was_taken_over_knows_it_before_it_commits(connect: Callable[[], Client]) -> None:
    slow = Intent(connect(), 0)  # dead at once
    slow.take(0)
    time.sleep(0.01)
    other = Intent(connect(), 0)
    other.take(0)
    assert other.took_over
    assert not slow.still_holds()
    other.withdraw()


class Held(Client):
    """Does something else just before a writer commits."""

    before: Callable[[], None] = staticmethod(lambda: None)

    def upsert(self, collection: str, rows: Sequence[Row]) -> None:
        if any(row["key"] == "state" for row in rows):
            self.before()
        super().upsert(collection, rows)


@pytest.mark.parametrize("lease_s", [0.05, 30])  # it finds out before it inserts; before it commits, once it has
def test_a_writer_that_was_taken_over_leaves_the_rows_of_the_other_alone(
    lease_s: float, milvus: str, connect: Callable[[], Client]
) -> None:
    prefix = connect()._prefix
    held = Held(milvus, "", prefix, timeout_s=30)
    slow, quick = open_over(connect(), HashEncoder(), lease_s=lease_s), open_over(held, HashEncoder(), lease_s=0.05)
    first, second = (encode_drafts([draft(each) for each in its], HashEncoder()) for its in (news(3), news(5)[3:]))
    writing = slow._store.writing()
    writing.__enter__().put(first)
    time.sleep(0.1)

    def resumes() -> None:
        with pytest.raises(StoreUnavailable, match="taken over"):
            writing.__exit__(None, None, None)

    held.before = resumes
    quick.write(second)
    assert quick.article_ids() == slow.article_ids() == ["n003", "n004"]
    assert ids(quick) == {"n003", "n004"}
    assert verify_milvus(connect()) == []
    slow.put(news(2))
    assert quick.article_ids() == ["n000", "n001", "n003", "n004"]
    assert verify_milvus(connect()) == []
    slow.close()
    quick.close()


def test_what_a_writer_still_inserts_after_it_was_taken_over_is_never_seen(
    index: Index, connect: Callable[[], Client]
) -> None:
    client = connect()
    index.put(news(1))
    state = read_state(client)
    assert state
    client.upsert(RECORDS, [record("intent/slow", Kind.INTENT, str(time.time() - 1000))])
    index.put(news(2))
    slow = Writer(client, state, Counted(), beat=lambda: None)
    slow.put(encode_drafts([draft(each) for each in news(6)[3:]], HashEncoder()))
    with pytest.raises(StoreUnavailable, match="taken over"):
        slow.finish(holds=lambda: False)  # all of its rows are there by now
    index.put(news(3))
    assert index.article_ids() == ["n000", "n001", "n002"]
    assert ids(index) == {"n000", "n001", "n002"}
    after = read_state(client)
    assert after
    assert (state.generation, after.void, after.generation) == (1, (2,), 4)
    client.upsert(RECORDS, [record("intent/slow", Kind.INTENT, str(time.time() - 1000))])
    index.put(news(4))
    assert verify_milvus(client) == []


@pytest.mark.usefixtures("index")
def test_a_writer_that_was_taken_over_does_not_say_that_it_lives(connect: Callable[[], Client]) -> None:
    slow, other = Intent(connect(), 0), Intent(connect(), 0)
    slow.take(0)
    time.sleep(0.01)
    other.take(0)
    with pytest.raises(StoreUnavailable, match="taken over"):
        slow.beat()
    assert not slow.still_holds()
    assert other.still_holds()


def test_what_does_not_fit_into_a_field_is_rejected(index: Index) -> None:
    outcomes = index.put([Article("i" * 1001, "Un texte.", "T"), Article("b", "Un texte.", "T" * 5001), *news(1)])
    assert [each.status for each in outcomes] == ["rejected", "rejected", "added"]
    assert "shorten it" in (outcomes[0].message or "")


def test_an_index_counts_as_written_to_once_it_was_and_not_when_it_is_made(milvus: str, tmp_path: Path) -> None:
    with prefixed(milvus) as prefix:
        settings = Settings(data=tmp_path, store="milvus", milvus_uri=milvus, milvus_prefix=prefix)
        assert not was_written(settings)
        index = open_index(settings, HashEncoder())
        assert not was_written(settings)
        index.put(news(1))
        index.remove(["n000"])
        assert was_written(settings)
        index.close()


# What is checked


def test_an_index_is_found_sound_and_what_is_wrong_with_it_is_named(
    index: Index, connect: Callable[[], Client]
) -> None:
    client = connect()
    index.put([*news(6), Article("long", "Le ministre est à Montréal. " * 4000, "Long")])
    index.remove(["n001"])
    assert verify_milvus(client) == []
    passage = client.query(PASSAGES, "born >= 0", ["*"])[0]
    client.upsert(PASSAGES, [{**passage, "dense": [0.0] * 64, "sparse": {5: 1.0}}])
    client.insert(PASSAGES, [{**passage, "key": 901, "article_key": 901}, {**passage, "key": 902, "born": 99}])
    client.delete(RECORDS, f"kind == {int(Kind.PART)}")
    found = "\n".join(verify_milvus(client))
    for violation in ("has norm 0", "sparse vector", "row 901 is of no article", "1 rows of a writer", "further parts"):
        assert violation in found


# Moving


def test_an_index_moves_to_milvus_and_back_with_all_that_is_kept(connect: Callable[[], Client], tmp_path: Path) -> None:
    local = Index.open(tmp_path / "a", HashEncoder())
    local.put(news(40))
    one = news(40)[5]
    sentence = Sentence(one, Span(0, one.text.index(".") + 1))
    local.renderings.remember(sentence, "en", "qwen", Rendering("The minister.", ("…",)))
    local.close()
    there = migrate(tmp_path / "a", connect(), to_milvus=True)
    assert (there.copied, there.already, there.renderings) == (40, 0, 1)
    again = migrate(tmp_path / "a", connect(), to_milvus=True)
    assert (again.copied, again.already, again.renderings) == (0, 40, 0)
    back = migrate(tmp_path / "b", connect(), to_milvus=False)
    assert (back.copied, back.renderings, back.content) == (40, 1, there.content)
    copy = Index.open(tmp_path / "b", HashEncoder())
    assert copy.renderings.recall(sentence, "en", "qwen") == Rendering("The minister.", ("…",))
    copy.close()


@pytest.fixture
def local(tmp_path: Path) -> Path:
    index = Index.open(tmp_path / "a", HashEncoder())
    index.put(news(3))
    index.close()
    return tmp_path / "a"


def test_what_is_rendered_at_the_target_alone_is_no_hindrance(local: Path, connect: Callable[[], Client]) -> None:
    migrate(local, connect(), to_milvus=True)
    one = news(3)[1]
    sentence = Sentence(one, Span(0, one.text.index(".") + 1))
    there = open_over(connect(), HashEncoder())
    there.renderings.remember(sentence, "en", "qwen", Rendering("In Montreal."))
    there.close()
    again = migrate(local, connect(), to_milvus=True)
    assert (again.copied, again.already, again.renderings) == (0, 3, 0)


def test_states_that_were_made_since_are_copied(local: Path, connect: Callable[[], Client]) -> None:
    migrate(local, connect(), to_milvus=True)
    assert rebuild(local, KeepingEncoder()) == 3
    again = [migrate(local, connect(), to_milvus=True) for _ in range(2)]
    assert [(moved.copied, moved.already) for moved in again] == [(3, 0), (0, 3)]
    there = open_over(connect(), None, create=False)
    with there.view() as view:
        assert connect().count(STATES, "born >= 0") == view.passage_count
    there.close()


def test_what_is_copied_once_more_keeps_its_renderings(local: Path, connect: Callable[[], Client]) -> None:
    one = news(3)[1]
    index = Index.open(local, HashEncoder())
    index.renderings.remember(Sentence(one, Span(0, one.text.index(".") + 1)), "en", "qwen", Rendering("In Montreal."))
    index.close()
    migrate(local, connect(), to_milvus=True)
    rebuild(local, KeepingEncoder())
    again = [migrate(local, connect(), to_milvus=True) for _ in range(2)]
    assert [(moved.copied, moved.already, moved.renderings) for moved in again] == [(3, 0, 1), (0, 3, 0)]


def test_who_goes_on_reads_what_is_there_once_at_either_side(
    local: Path, connect: Callable[[], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(local, connect(), to_milvus=True)
    read = []
    for reader in (SqliteReader, MilvusReader):

        def states(
            self: AnyReader, keys: Sequence[str], of: Callable[..., dict[str, bytes]] = reader.states
        ) -> dict[str, bytes]:
            read.append(type(self).__module__)
            return of(self, keys)

        monkeypatch.setattr(reader, "states", states)
    migrate(local, connect(), to_milvus=True)
    assert sorted(read) == ["index.milvus.reader"] * 3 + ["index.store_reader"] * 3


@pytest.mark.parametrize("start", [0, 3])
def test_a_rendering_of_what_is_no_sentence_is_left_behind(
    local: Path, connect: Callable[[], Client], start: int
) -> None:
    index = Index.open(local, HashEncoder())
    index.renderings.remember(Sentence(news(1)[0], Span(start, 9)), "en", "qwen", Rendering("The min"))
    index.close()
    moved = migrate(local, connect(), to_milvus=True)
    assert (moved.copied, moved.renderings) == (3, 0)
    assert verify_milvus(connect()) == []


def test_milvus_without_an_address_is_refused_with_the_name_of_the_setting(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, store="milvus")
    with pytest.raises(SettingsError, match="SOURCIER_MILVUS_URI"):
        open_index(settings, None)


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(IndexingError, match=r"127\.0\.0\.1:9"):
        Client("http://127.0.0.1:9", "", "x", timeout_s=0.5)
