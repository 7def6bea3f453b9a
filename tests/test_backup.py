"""A backup is the index at one moment, taken while it is used; restoring it checks it first and loses nothing else."""

import os
import shutil
import threading
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from fakes import HashEncoder

from index.__main__ import main
from index.backup import backup, restore
from index.errors import StoreDamaged, StoreUnavailable
from index.index import Index
from index.sqlite import connect
from index.store import FILE_NAME as STORE_FILE
from index.store import Store
from index.types import Article
from index.verify import verify


def article(number: int, edition: int = 0) -> Article:
    return Article(f"a{number}", f"L’article {number} de l’édition {edition} parle d’Irak.", f"Titre {number}")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    index = Index.open(tmp_path / "data", HashEncoder())
    index.put([article(n) for n in range(10)])
    index.close()
    return tmp_path / "data"


@pytest.fixture
def file(data: Path, tmp_path: Path) -> Path:
    assert backup(data, tmp_path / "copie") == 10
    return tmp_path / "copie"


def contents(folder: Path) -> dict[str, Article]:
    index = Index.open(folder, HashEncoder())
    with index.view() as view:
        articles = {article.article_id: article for article in view.every_article()}
        found = view.dense(HashEncoder().encode_queries(["Irak"])[0], 1000)
        assert {scored.passage.article_id for scored in found} == set(articles)
    index.close()
    assert verify(folder) == []
    return articles


def test_a_restored_index_is_the_one_that_was_backed_up(file: Path, data: Path, tmp_path: Path) -> None:
    assert restore(file, tmp_path / "autre")
    assert contents(tmp_path / "autre") == contents(data) == {a.article_id: a for a in map(article, range(10))}
    assert not list((tmp_path / "autre").glob(".*"))
    assert {path.name for path in tmp_path.iterdir()} == {"data", "copie", "autre"}


def test_a_backup_taken_among_writes_is_one_moment_of_the_index(data: Path, tmp_path: Path) -> None:
    index = Index.open(data, HashEncoder())
    stop = threading.Event()

    def write() -> None:
        edition = 0
        while not stop.is_set():
            edition += 1
            index.put([article(n, edition) for n in range(10)])  # all ten of one edition, always

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(5):
            backup(data, tmp_path / "copie")
            restore(tmp_path / "copie", tmp_path / "autre", force=True)
            texts = {a.text.split("édition")[1] for a in contents(tmp_path / "autre").values()}
            assert len(texts) == 1
    finally:
        stop.set()
        writer.join()
        index.close()


def test_an_index_that_is_there_is_replaced_only_by_force(file: Path, data: Path) -> None:
    index = Index.open(data, HashEncoder())
    index.put([article(99)])
    index.close()
    with pytest.raises(StoreUnavailable, match="already; name another folder, or give --force"):
        restore(file, data)
    assert "a99" in contents(data)
    assert restore(file, data, force=True)
    assert "a99" not in contents(data)


def test_who_has_the_index_open_goes_on_with_the_restored_one(file: Path, data: Path) -> None:
    index = Index.open(data, HashEncoder())
    index.put([article(1, 2), article(99)])
    with index.view() as before:
        restore(file, data, force=True)
        assert before.articles(["a99"])
    with index.view() as view:
        assert view.article_count == view.passage_count == 10
        assert view.articles(["a99", "a1"]) == {"a1": article(1)}
        found = view.dense(HashEncoder().encode_queries(["Irak"])[0], 99)
        assert {scored.passage.article_id for scored in found} == {f"a{n}" for n in range(10)}
    index.put([article(98)])
    index.close()
    assert "a98" in contents(data)


def test_a_damaged_index_is_put_aside_for_the_restored_one(file: Path, data: Path) -> None:
    (data / STORE_FILE).write_bytes(b"abime" * 5000)
    restore(file, data, force=True)
    assert len(contents(data)) == 10
    assert (data / f"{STORE_FILE}.damaged").read_bytes() == b"abime" * 5000


def overwrite(path: Path, page: int) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * (page - 1) : 4096 * page] = b"\xa5" * 4096
    path.write_bytes(content)


def execute(path: Path, statement: str) -> None:
    connection = connect(path, create=False, busy_timeout_s=0)
    connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    "damage",
    [
        2,  # the page of `state`
        3,  # of `commits`
        "DELETE FROM state",
        "DELETE FROM commits",
        "DROP TABLE state",
        "UPDATE state SET manifest = CAST(x'ff' AS TEXT)",
        "UPDATE state SET manifest = '{}'",
    ],
)
def test_an_index_that_opens_and_cannot_be_read_is_put_aside_too(file: Path, data: Path, damage: int | str) -> None:
    if isinstance(damage, int):
        overwrite(data / STORE_FILE, damage)
    else:
        execute(data / STORE_FILE, damage)
    restore(file, data, force=True)
    assert len(contents(data)) == 10
    assert (data / f"{STORE_FILE}.damaged").exists()


def test_what_was_put_aside_before_stays(file: Path, data: Path) -> None:
    for content in (b"un", b"deux", b"trois"):
        (data / STORE_FILE).write_bytes(content * 5000)
        restore(file, data, force=True)
    aside = {path.name: path.read_bytes() for path in data.glob("*.damaged*")}
    assert aside == {
        f"{STORE_FILE}.damaged": b"un" * 5000,
        f"{STORE_FILE}.damaged-2": b"deux" * 5000,
        f"{STORE_FILE}.damaged-3": b"trois" * 5000,
    }


def test_an_index_that_another_is_writing_to_is_left_as_it_was(
    file: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    with closing(Store.open(data, new_manifest=None)) as other, other.writing():
        monkeypatch.setattr("index.backup.Store.open", partial(Store.open, busy_timeout_s=0))
        with pytest.raises(StoreUnavailable, match="is locked by another writer"):
            restore(file, data, force=True)
    assert {path.name: path.read_bytes() for path in data.iterdir() if path.name in before} == before
    assert verify(data) == []


@pytest.mark.parametrize("place", [0.001, 0.3, 0.6, 0.9])
def test_a_backup_with_a_damaged_page_is_refused_and_nothing_is_changed(file: Path, data: Path, place: float) -> None:
    content = bytearray(file.read_bytes())
    start = int(place * len(content))
    content[start : start + 4096] = b"\xa5" * len(content[start : start + 4096])
    file.write_bytes(content)
    before = contents(data)
    with pytest.raises(StoreDamaged, match=f"{file} is no sound backup: .*nothing was changed; restore another one"):
        restore(file, data, force=True)
    assert contents(data) == before


def test_a_backup_whose_article_was_altered_is_refused(file: Path, tmp_path: Path) -> None:
    connection = connect(file, create=False, busy_timeout_s=0)
    connection.execute("UPDATE articles SET text = replace(text, 'Irak', 'Iran') WHERE article_id = 'a1'")
    connection.close()
    with pytest.raises(StoreDamaged, match="a1: its content is not what its digest says"):
        restore(file, tmp_path / "autre")
    assert not list((tmp_path / "autre").iterdir())


def test_a_backup_with_a_letter_that_is_none_is_refused(file: Path, tmp_path: Path) -> None:
    execute(file, "UPDATE articles SET text = CAST(x'ff' || text AS TEXT) WHERE article_id = 'a1'")
    with pytest.raises(StoreDamaged, match="article row 2: a row cannot be read: 'utf-8' codec can't decode"):
        restore(file, tmp_path / "autre")
    execute(file, "UPDATE state SET manifest = CAST(x'ff' AS TEXT)")
    with pytest.raises(StoreDamaged, match="no sound backup: a row cannot be read"):
        restore(file, tmp_path / "autre")
    assert not list((tmp_path / "autre").iterdir())


@pytest.mark.parametrize("manifest", ['{"format": 2}', "x"])
def test_a_backup_with_a_manifest_of_another_version_is_refused(file: Path, tmp_path: Path, manifest: str) -> None:
    execute(file, f"UPDATE state SET manifest = '{manifest}'")
    with pytest.raises(StoreDamaged, match="no sound backup: its manifest is none that this version knows"):
        restore(file, tmp_path / "autre")


def test_a_backup_that_cannot_be_read_is_named_and_not_the_data_folder(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: Path, _: Path) -> None:
        raise PermissionError(13, "Permission denied", str(source))

    monkeypatch.setattr(shutil, "copyfile", refuse)  # root may read any file
    with pytest.raises(StoreUnavailable, match=rf"^{file} cannot be copied .*Permission denied.*make it readable"):
        restore(file, tmp_path / "autre")


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="name a file that `python -m index backup` wrote"):
        restore(tmp_path / "rien", tmp_path / "autre")
    (tmp_path / "texte").write_text("bonjour " * 999)
    with pytest.raises(StoreDamaged, match="texte is no sound backup"):
        restore(tmp_path / "texte", tmp_path / "autre")


def test_a_backup_that_cannot_be_written_leaves_the_one_before(file: Path, data: Path, tmp_path: Path) -> None:
    for name in ("rien/copie", "copie" * 99):  # no such folder; longer than a name may be
        with pytest.raises(StoreUnavailable, match="cannot be written"):
            backup(data, tmp_path / name)
    with pytest.raises(StoreUnavailable, match="there is no index"):
        backup(tmp_path / "rien", file)
    assert restore(file, tmp_path / "autre")


@pytest.mark.parametrize("name", [STORE_FILE, "manifest.json", "keys.txt", "../lien", "../ailleurs"])
def test_a_backup_never_takes_the_place_of_a_file_of_the_index(data: Path, name: str) -> None:
    (data / "../lien").symlink_to(data / STORE_FILE)
    (data / "../ailleurs").write_bytes(b"vecteurs")
    (data / "vectors.snapshot").unlink()
    (data / "vectors.snapshot").symlink_to(data / "../ailleurs")
    with pytest.raises(StoreUnavailable, match=r"is in the data folder .*; name another file"):
        backup(data, data / name)
    with pytest.raises(StoreUnavailable, match="is in the data folder"):
        backup(data, Path(os.path.relpath(data / name)))
    assert len(contents(data)) == 10


def test_a_backup_is_kept_in_a_folder_of_the_data_folder(data: Path, tmp_path: Path) -> None:
    (data / "copies").mkdir()
    assert backup(data, data / "copies" / "copie") == 10
    assert restore(data / "copies" / "copie", tmp_path / "autre")
    assert verify(data) == []


def test_a_backup_takes_the_place_of_what_a_link_leads_to(data: Path, tmp_path: Path) -> None:
    (tmp_path / "disque").mkdir()
    (tmp_path / "lien").symlink_to("disque/copie")
    for _ in ("not there yet", "there"):
        assert backup(data, tmp_path / "lien") == 10
        assert (tmp_path / "lien").is_symlink()
    assert restore(tmp_path / "disque" / "copie", tmp_path / "autre")


def test_a_backup_to_what_is_no_regular_file_is_refused_with_the_way_out(data: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tube")
    for file in (Path("/dev/null"), tmp_path / "tube", tmp_path, data):
        with pytest.raises(StoreUnavailable, match=rf"^{file} is no regular file.*; name another file$"):
            backup(data, file)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to another")
@pytest.mark.parametrize("damaged", [True, False])
def test_what_root_restores_is_its_folders_owners(file: Path, data: Path, damaged: bool) -> None:
    for path in (data, *data.iterdir()):
        os.chown(path, 61184, 61185)
    if damaged:
        (data / STORE_FILE).write_bytes(b"abime" * 5000)
    restore(file, data, force=True)
    assert {(path.stat().st_uid, path.stat().st_gid) for path in data.iterdir()} == {(61184, 61185)}
    assert (data / "manifest.json").exists()


def test_both_are_commands(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(data), "backup", str(tmp_path / "b")]) == 0
    assert main(["--data", str(tmp_path / "c"), "restore", str(tmp_path / "b")]) == 0
    assert main(["--data", str(tmp_path / "c"), "restore", str(tmp_path / "b")]) == 2
    assert main(["--data", str(tmp_path / "c"), "restore", "--force", str(tmp_path / "b")]) == 0
    assert "10 articles in" in capsys.readouterr().out


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCIER_DATA", raising=False)
