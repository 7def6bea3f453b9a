"""The open index against an oracle: whatever is put, replaced and removed, search gives what brute force gives."""

import json
import logging
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEncoder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.analysis import analyse
from index.dates import PublishedDate
from index.errors import EncoderError, ManifestMismatch, StoreDamaged, StoreUnavailable
from index.index import Index
from index.sqlite import connect
from index.store import FILE_NAME as STORE_FILE
from index.types import Article, Filters
from index.vector_snapshot import FILE_NAME as SNAPSHOT_FILE


def long(sentence: str, filler: str = " et") -> str:
    """The sentence made long enough to fill a passage, with words that no search sees."""
    return sentence[:-1] + filler * (95 - len(sentence.split())) + "."


OTAN = Article(
    "otan",
    long("L’OTAN a décidé d’élargir sa mission en Irak.")
    + "\r\n\r\n"
    + long("Cette mission passera de 500 à 4\u202f000 personnes, selon « l’Alliance »."),
    "L’OTAN en Irak",
    PublishedDate("2021-02"),
    source="AFP",
)
VACCIN = Article(
    "vaccin",
    long("La campagne de vaccination a commencé à Montréal.")
    + "\n\n"
    + long("Plus de 130\u00a0000 doses ont été livrées."),
    "Vaccination",
    PublishedDate("2021-02-10"),
    source="La Presse",
)
NATO = Article(
    "nato",
    long("NATO will send 4,000 troops to Iraq.", " of")
    + "\n\n"
    + long("The U.S. will take part in the mission, Austin said.", " of"),
    "NATO in Iraq",
    PublishedDate("2020"),
    source="CNN",
    lang="en",
)
UNDATED = Article("sans-date", "Les ministres se réunissent à Bruxelles.", "Réunion")
ARTICLES = [OTAN, VACCIN, NATO, UNDATED]


@pytest.fixture
def encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture
def index(tmp_path: Path, encoder: HashEncoder) -> Iterator[Index]:
    with_articles = Index.open(tmp_path, encoder)
    with_articles.put(ARTICLES)
    yield with_articles
    with_articles.close()


def dense_ids(index: Index, query: str, k: int = 20, filters: Filters | None = None) -> list[str]:
    with index.view() as view:
        found = view.dense(HashEncoder().encode_queries([query])[0], k, filters or Filters())
        return [scored.passage.passage_id for scored in found]


def lexical_ids(index: Index, query: str, k: int = 20, filters: Filters | None = None) -> list[str]:
    with index.view() as view:
        return [scored.passage.passage_id for scored in view.lexical(query, k, filters or Filters())]


def snapshot(index: Index) -> str:
    with index.view() as view:
        return view.snapshot


# What is stored


def test_an_article_comes_back_exactly_as_it_went_in(index: Index) -> None:
    with index.view() as view:
        assert view.articles(["otan", "absent", "nato"]) == {"otan": OTAN, "nato": NATO}
        for article in ARTICLES:
            for passage in view.passages_of(article.article_id):
                assert passage.text == article.text[passage.span.start : passage.span.end]


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_text_without_nul_is_stored_code_point_for_code_point(index: Index, text: str) -> None:
    article = Article("x", text, text, source=text, url=text)
    index.put([article])
    with index.view() as view:
        assert view.articles(["x"]) == {"x": article}


def test_a_text_that_sqlite_cannot_keep_is_rejected_and_the_others_are_stored(index: Index) -> None:
    before = snapshot(index)
    outcomes = index.put([Article("nul", "a\0b", "t"), Article("demi", "a\ud800", "t")])
    assert [outcome.status for outcome in outcomes] == ["rejected", "rejected"]
    assert "NUL" in (outcomes[0].message or "")
    assert "surrogate" in (outcomes[1].message or "")
    assert snapshot(index) == before


def test_articles_are_listed_by_id_from_a_cursor(index: Index) -> None:
    with index.view() as view:
        first = view.page(after=None, limit=2)
        rest = view.page(after=first[-1].article_id, limit=9)
        assert [a.article_id for a in first + rest] == ["nato", "otan", "sans-date", "vaccin"]
        assert view.page(after="\ud800", limit=9) == []
        assert (view.article_count, view.passage_count) == (4, 7)


def test_ids_that_are_no_unicode_are_simply_not_there(index: Index) -> None:
    with index.view() as view:
        assert view.articles(["\ud800"]) == {}
        assert view.passages_of("\ud800") == []
        assert not view.any_article(Filters(article_ids=("\ud800",), sources=("\udfff",)))
    assert [outcome.status for outcome in index.remove(["\ud800"])] == ["absent"]


# Outcomes


def test_an_unchanged_article_is_not_encoded_again(index: Index, encoder: HashEncoder) -> None:
    encoder.encoded_passages = 0
    outcomes = index.put([OTAN, Article("otan2", OTAN.text, OTAN.title)])
    assert [outcome.status for outcome in outcomes] == ["unchanged", "added"]
    assert encoder.encoded_passages == 2


def test_a_changed_date_alone_replaces_the_article(index: Index) -> None:
    moved = Article("otan", OTAN.text, OTAN.title, PublishedDate("2021-03"), source="AFP")
    before = snapshot(index)
    assert [outcome.status for outcome in index.put([moved])] == ["replaced"]
    assert snapshot(index) != before
    with index.view() as view:
        assert view.articles(["otan"]) == {"otan": moved}
        assert view.article_count == 4


def test_of_two_articles_with_one_id_the_later_stays(index: Index) -> None:
    outcomes = index.put([Article("deux", "Le premier texte.", "A"), Article("deux", "Le second texte.", "B")])
    assert [outcome.status for outcome in outcomes] == ["added", "replaced"]
    with index.view() as view:
        assert view.articles(["deux"])["deux"].title == "B"


def test_a_deleted_article_is_gone_from_search(index: Index) -> None:
    outcomes = index.remove(["otan", "absent", "otan"])
    assert [outcome.status for outcome in outcomes] == ["removed", "absent", "absent"]
    assert not {"otan#0", "otan#1"} & set(dense_ids(index, "OTAN Irak"))
    assert lexical_ids(index, "Alliance élargir") == []
    assert set(lexical_ids(index, "OTAN")) == {"nato#0", "nato#1"}  # by what it is called there, in the title
    with index.view() as view:
        assert view.articles(["otan"]) == {}
        assert view.passages_of("otan") == []


def test_a_view_does_not_move_while_articles_come_and_go(index: Index) -> None:
    query = HashEncoder().encode_queries(["mission en Irak"])[0]
    with index.view() as view:
        before = view.dense(query, 20)
        index.remove(["otan"])
        index.put([Article("neuf", "La mission en Irak continue.", "Irak")])
        assert view.dense(query, 20) == before
        assert view.articles(["otan"]) == {"otan": OTAN}
        assert [s.passage.passage_id for s in view.lexical("élargir", 5)] == ["otan#0"]
    assert "neuf#0" in dense_ids(index, "mission en Irak")


def test_the_snapshot_names_the_content_and_not_the_way_to_it(tmp_path: Path) -> None:
    one, other = Index.open(tmp_path / "a", HashEncoder()), Index.open(tmp_path / "b", HashEncoder())
    one.put(ARTICLES)
    for article in reversed(ARTICLES):
        other.put([article, Article("intrus", "De passage.", "Intrus")])
    assert snapshot(one) != snapshot(other)
    other.remove(["intrus"])
    assert snapshot(one) == snapshot(other)
    one.close()
    other.close()


def test_an_index_without_an_encoder_lists_and_removes_but_does_not_add(index: Index, tmp_path: Path) -> None:
    bare = Index.open(tmp_path, None, create=False)
    assert bare.article_ids() == ["nato", "otan", "sans-date", "vaccin"]
    bare.remove(["nato"])
    with pytest.raises(EncoderError, match="without an encoder"):
        bare.put([NATO])
    bare.close()
    assert lexical_ids(index, "Austin") == []


# Search


@given(
    filters=st.builds(
        Filters,
        published_after=st.sampled_from([None, *map(PublishedDate, ("2020", "2021-02", "2021-02-11"))]),
        published_before=st.sampled_from([None, *map(PublishedDate, ("2020", "2021-02", "2021-02-10"))]),
        as_of=st.sampled_from([None, *map(PublishedDate, ("2021", "2021-02-10", "2021-02-28"))]),
        article_ids=st.none() | st.lists(st.sampled_from(["otan", "nato", "absent"])).map(tuple),
        sources=st.none() | st.lists(st.sampled_from(["AFP", "CNN", "absent"])).map(tuple),
    ),
    query=st.sampled_from(["mission de l’OTAN en Irak", "130 000 doses", "Bruxelles", "Who said it?"]),
    k=st.integers(1, 9),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_filtered_search_equals_brute_force(index: Index, filters: Filters, query: str, k: int) -> None:
    vector = HashEncoder().encode_queries([query])[0]
    allowed = [article for article in ARTICLES if passes(article, filters)]
    with index.view() as view:
        passages = {p.passage_id: p for article in allowed for p in view.passages_of(article.article_id)}
        rows = view.vectors(list(passages)).astype(float) if passages else np.empty((0, 64))
        cosines = dict(zip(passages, (rows @ vector.astype(float)).round(9), strict=True))
        expected = sorted(passages, key=lambda passage_id: (-cosines[passage_id], passage_id))[:k]
        found = view.dense(vector, k, filters)
        assert [s.passage.passage_id for s in found] == expected
        assert [s.rank for s in found] == list(range(1, len(expected) + 1))
        assert [s.score for s in found] == pytest.approx([cosines[passage_id] for passage_id in expected], abs=1e-6)
        everywhere = [s.passage.passage_id for s in view.lexical(query, 99)]
        assert [s.passage.passage_id for s in view.lexical(query, k, filters)] == [
            passage_id for passage_id in everywhere if passage_id in passages
        ][:k]
        assert view.any_article(filters) == bool(allowed)


def passes(article: Article, filters: Filters) -> bool:
    """The filters read off their description, one article at a time."""
    date = article.published
    after, bounds = filters.published_after, [filters.published_before, filters.as_of]
    return (
        (after is None or (date is not None and date.first_day >= after.first_day))
        and all(bound is None or (date is not None and date.last_day <= bound.last_day) for bound in bounds)
        and (filters.article_ids is None or article.article_id in filters.article_ids)
        and (filters.sources is None or article.source in filters.sources)
    )


def test_a_month_does_not_pass_a_day_inside_it(index: Index) -> None:
    as_of = Filters(as_of=PublishedDate("2021-02-10"))
    assert {passage_id.split("#")[0] for passage_id in dense_ids(index, "Irak", filters=as_of)} == {"vaccin", "nato"}


def test_equal_scores_come_in_the_order_of_ids_wherever_they_are_cut(tmp_path: Path) -> None:
    index = Index.open(tmp_path, HashEncoder())
    ids = [f"a{number:02}" for number in range(40)]
    for article_id in ids[::-1]:  # each in a segment of its own, at first
        index.put([Article(article_id, "Les talibans et l’OTAN se parlent.", "Pourparlers")])
    expected = [f"{article_id}#0" for article_id in ids]
    for k in (1, 3, 20, 39, 40, 500):
        assert dense_ids(index, "Que disent les talibans ?", k) == expected[:k]
        assert lexical_ids(index, "Que disent les talibans ?", k) == expected[:k]
    index.close()


def test_a_question_in_one_language_finds_names_and_numbers_in_the_other(index: Index) -> None:
    assert {"otan#1", "nato#0"} <= set(lexical_ids(index, "4 000"))
    assert lexical_ids(index, "Que dit Austin des États-Unis (U.S.) ?")[0] == "nato#1"


def test_rare_terms_weigh_more_and_context_counts(index: Index) -> None:
    assert lexical_ids(index, "doses en Irak")[0] == "vaccin#1"
    assert "otan#1" in lexical_ids(index, "OTAN")  # from its title


@pytest.mark.parametrize(
    "query", ["", "  ", "?!", "le de la", '"', '" OR "', "NEAR(a b)", "*", "a\0b", "\ud800", "^-+:(){}"]
)
def test_no_query_breaks_the_lexical_search(index: Index, query: str) -> None:
    assert isinstance(lexical_ids(index, query), list)


def test_a_query_of_thousands_of_words_is_answered(index: Index) -> None:
    assert lexical_ids(index, " ".join(f"mot{n}" for n in range(3000)) + " doses")[0] == "vaccin#1"


def test_an_empty_index_gives_nothing(tmp_path: Path) -> None:
    index = Index.open(tmp_path, HashEncoder())
    assert dense_ids(index, "OTAN") == []
    assert lexical_ids(index, "OTAN") == []
    with index.view() as view:
        assert not view.any_article(Filters())
    assert index.health.warning is None
    index.close()


def test_a_passage_that_is_not_there_has_no_vector(index: Index) -> None:
    with index.view() as view, pytest.raises(KeyError):
        view.vectors(["otan#0", "absent#0"])


# Several at once


def test_another_process_is_seen_by_the_next_view(index: Index, tmp_path: Path) -> None:
    other = Index.open(tmp_path, HashEncoder())
    other.put([Article("neuf", "Un drapeau flotte sur Kaboul.", "Kaboul")])
    assert lexical_ids(index, "drapeau") == ["neuf#0"]
    assert dense_ids(index, "drapeau Kaboul", 1) == ["neuf#0"]
    other.remove(["neuf"])
    assert "neuf#0" not in dense_ids(index, "drapeau Kaboul")
    other.close()


def test_readers_and_writers_at_once_never_see_half_an_article(tmp_path: Path) -> None:
    index = Index.open(tmp_path, HashEncoder())
    vector = HashEncoder().encode_queries(["édition"])[0]
    failures: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            with index.view() as view:
                found = {s.passage.text for s in view.dense(vector, 99)}
                editions = {text.split()[4] for text in found}
                if len(editions) > 1 or len(found) != view.passage_count or len(found) not in (0, 3):
                    failures.append(found)

    def write(offset: int) -> None:
        for number in range(offset, offset + 12):
            index.put(
                [
                    Article(
                        "journal", "\n\n".join(long(f"Partie {i} de l’édition n{number}.") for i in range(3)), "Journal"
                    )
                ]
            )

    readers = [threading.Thread(target=read) for _ in range(3)]
    writers = [threading.Thread(target=write, args=(100 * i,)) for i in range(2)]
    for thread in readers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    assert failures == []
    index.close()


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    other = Index.open(tmp_path, HashEncoder(), busy_timeout_s=0.05)
    blocker = connect(tmp_path / STORE_FILE, create=False, busy_timeout_s=0)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match=f"{STORE_FILE} is locked by another writer; try again"):
        other.put([Article("neuf", "Texte.", "Titre")])
    blocker.execute("ROLLBACK")
    blocker.close()
    assert [outcome.status for outcome in other.put([Article("neuf", "Texte.", "Titre")])] == ["added"]
    other.close()


# What can break


def test_an_index_that_was_closed_before_it_was_written_is_not_called_damaged(tmp_path: Path) -> None:
    index = Index.open(tmp_path, HashEncoder(), create=True)
    index.close()
    with pytest.raises(StoreUnavailable, match="was closed while it was used"):
        index.put([Article("a", "Un soldat est parti.", "A")])


def test_a_full_disk_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    index = Index.open(tmp_path, HashEncoder())
    index.put(ARTICLES)
    before = snapshot(index)
    writer = index._store._writer  # the limit belongs to the connection
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count={pages + 5}")
    big = [Article(f"gros{n}", f"Un long article {n}. " * 1000, "Gros") for n in range(5)]
    with pytest.raises(StoreUnavailable, match="disk is full"):
        index.put(big)
    assert snapshot(index) == before
    writer.execute("PRAGMA max_page_count=1000000")
    assert [outcome.status for outcome in index.put(big)] == ["added"] * 5
    index.close()


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_read_only_file_is_searched_but_not_changed() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folder is closed to other users
        index = Index.open(Path(name), HashEncoder())
        index.put(ARTICLES)
        index.close()
        (Path(name) / STORE_FILE).chmod(0o444)
        with unprivileged(Path(name)):
            index = Index.open(Path(name), HashEncoder())
            with pytest.raises(StoreUnavailable, match="is read-only; make the file and its folder writable"):
                index.remove(["otan"])
            assert lexical_ids(index, "élargir") == ["otan#0"]
            index.close()


@contextmanager
def unprivileged(folder: Path) -> Iterator[None]:
    """Root may write anything: gives `folder` to another user, and acts as that one."""
    if os.geteuid() != 0:
        yield
        return
    nobody = 65534
    for path in [folder, *folder.iterdir()]:
        os.chown(path, nobody, nobody)
    os.seteuid(nobody)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("pas un dossier")
    with pytest.raises(StoreUnavailable, match="fichier"):
        Index.open(tmp_path / "fichier" / "data", HashEncoder())


def test_a_missing_index_is_not_made_unless_asked(tmp_path: Path) -> None:
    for encoder in (HashEncoder(), None):
        with pytest.raises(StoreUnavailable, match="there is no index in"):
            Index.open(tmp_path / "rien", encoder, create=False)
    assert not (tmp_path / "rien").exists()


@pytest.mark.parametrize("content", [b"SQLite format 3\0" + b"\xff" * 5000, b"bonjour " * 700])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / STORE_FILE).write_bytes(content)
    with pytest.raises(StoreDamaged, match=f"{STORE_FILE} is damaged or not an index of ours .* restore it"):
        Index.open(tmp_path, HashEncoder())
    assert (tmp_path / STORE_FILE).read_bytes() == content


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    other = connect(tmp_path / STORE_FILE, create=True, busy_timeout_s=0)
    other.execute("CREATE TABLE clients (name TEXT)")
    other.close()
    content = (tmp_path / STORE_FILE).read_bytes()
    with pytest.raises(StoreDamaged, match="is not an index of ours; name another data folder"):
        Index.open(tmp_path, HashEncoder())
    assert (tmp_path / STORE_FILE).read_bytes() == content


def test_a_later_format_is_refused_with_the_way_out(index: Index, tmp_path: Path) -> None:
    index.close()
    change(tmp_path, "PRAGMA user_version=99")
    with pytest.raises(StoreDamaged, match=r"format 99, wanted at most 4: .*export"):
        Index.open(tmp_path, HashEncoder())


def test_a_page_overwritten_on_the_disk_is_reported_as_damage(tmp_path: Path) -> None:
    index = Index.open(tmp_path, HashEncoder())
    index.put([Article(f"a{n}", f"Un texte sur les talibans {n}. " * 40, "Titre") for n in range(60)])
    index.close()
    content = bytearray((tmp_path / STORE_FILE).read_bytes())
    content[40960:] = b"\xa5" * (len(content) - 40960)
    (tmp_path / STORE_FILE).write_bytes(content)
    (tmp_path / SNAPSHOT_FILE).unlink()
    with pytest.raises(StoreDamaged, match="restore it from a backup"):
        Index.open(tmp_path, HashEncoder())


def change(folder: Path, *statements: str) -> None:
    connection = connect(folder / STORE_FILE, create=False, busy_timeout_s=0)
    for statement in statements:
        connection.execute(statement)
    connection.close()


# The manifest


def test_another_encoder_is_refused_field_by_field_with_the_way_out(index: Index, tmp_path: Path) -> None:
    other = HashEncoder()
    other.name, other.dim = "autre", 32  # type: ignore[misc]  # class attributes of the fake
    with pytest.raises(ManifestMismatch) as refused:
        Index.open(tmp_path, other)
    message = str(refused.value)
    assert "encoder: found 'hash-encoder', wanted 'autre'" in message
    assert "dim: found 64, wanted 32" in message
    assert "query_prefix" not in message
    assert "python -m index rebuild" in message
    assert index.manifest.dim == 64


def test_a_manifest_that_was_edited_is_refused(index: Index, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    values = json.loads(path.read_text("utf-8"))
    assert values["encoder"] == "hash-encoder"
    path.write_text(json.dumps(values | {"chunking": "autre"}), "utf-8")
    with pytest.raises(ManifestMismatch, match=r"manifest.json .*chunking: found 'autre'"):
        Index.open(tmp_path, HashEncoder())
    for text in ("{", "[]", json.dumps(values | {"surprise": 1})):
        path.write_text(text, "utf-8")
        with pytest.raises(ManifestMismatch, match=r"remove manifest.json to have it written again"):
            Index.open(tmp_path, HashEncoder())
    path.unlink()
    Index.open(tmp_path, HashEncoder()).close()
    assert json.loads(path.read_text("utf-8")) == values
    assert snapshot(index)


# The snapshot of the vectors


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    index = Index.open(tmp_path, HashEncoder())
    index.put(ARTICLES)
    index.close()
    return tmp_path


def reopened(folder: Path) -> tuple[list[str], str | None]:
    """What a search gives in the index opened anew, and what it says of its health."""
    index = Index.open(folder, HashEncoder())
    found, warning = dense_ids(index, "mission de l’OTAN en Irak"), index.health.warning
    index.close()
    return found, warning


def test_a_saved_index_opens_from_its_snapshot(saved: Path) -> None:
    found, warning = reopened(saved)
    assert len(found) == 7
    assert warning is None
    assert not list(saved.glob(".*.tmp"))


def test_a_missing_snapshot_is_made_again_and_that_is_said(saved: Path, caplog: pytest.LogCaptureFixture) -> None:
    expected, _ = reopened(saved)
    (saved / SNAPSHOT_FILE).unlink()
    with caplog.at_level(logging.WARNING):
        found, warning = reopened(saved)
    assert found == expected
    assert "missing" in (warning or "")
    assert "read from the store instead" in caplog.text
    assert reopened(saved) == (expected, None)


@pytest.mark.parametrize("place", [0, 10, 25, 60, 150, 300, 700, 1500, -70, -1])
def test_a_snapshot_with_one_flipped_bit_is_made_again(saved: Path, place: int) -> None:
    expected, _ = reopened(saved)
    content = bytearray((saved / SNAPSHOT_FILE).read_bytes())
    content[place] ^= 4
    (saved / SNAPSHOT_FILE).write_bytes(content)
    found, warning = reopened(saved)
    assert found == expected
    assert warning


@pytest.mark.parametrize("size", [0, 5, 19, 40, 400, -1])
def test_a_snapshot_cut_short_is_made_again(saved: Path, size: int) -> None:
    expected, _ = reopened(saved)
    content = (saved / SNAPSHOT_FILE).read_bytes()
    (saved / SNAPSHOT_FILE).write_bytes(content[:size])
    found, warning = reopened(saved)
    assert found == expected
    assert warning


def test_an_older_snapshot_is_caught_up_with_the_store(saved: Path) -> None:
    older = (saved / SNAPSHOT_FILE).read_bytes()
    index = Index.open(saved, HashEncoder())
    index.remove(["vaccin"])
    index.put([Article("neuf", "La mission en Irak continue.", "Irak")])
    expected = dense_ids(index, "mission de l’OTAN en Irak")
    index.close()
    (saved / SNAPSHOT_FILE).write_bytes(older)
    assert reopened(saved) == (expected, None)


def test_a_snapshot_of_another_store_is_not_believed(saved: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("ailleurs")
    index = Index.open(elsewhere, HashEncoder())
    index.put(ARTICLES[::-1])  # as many passages, the same generation, other keys
    index.close()
    expected, _ = reopened(saved)
    (saved / SNAPSHOT_FILE).write_bytes((elsewhere / SNAPSHOT_FILE).read_bytes())
    found, warning = reopened(saved)
    assert found == expected
    assert "of another store" in (warning or "")


def test_a_store_set_back_to_a_backup_does_not_keep_later_vectors(saved: Path) -> None:
    backup = (saved / STORE_FILE).read_bytes()
    expected, _ = reopened(saved)
    index = Index.open(saved, HashEncoder())
    index.put([Article("neuf", "La mission en Irak continue.", "Irak")])
    index.close()
    (saved / STORE_FILE).write_bytes(backup)
    assert reopened(saved)[0] == expected


def test_what_stays_in_the_lexical_index_are_the_terms_of_the_passages(saved: Path) -> None:
    connection = connect(saved / STORE_FILE, create=False, busy_timeout_s=0)
    rows = connection.execute("SELECT context, body FROM lexicon ORDER BY rowid LIMIT 1").fetchall()
    connection.close()
    assert rows == [(" ".join(analyse(OTAN.title, "fr")), " ".join(analyse(OTAN.text.split("\r\n")[0], "fr")))]
