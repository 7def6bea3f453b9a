"""From files to the index: what sync adds, replaces, removes and keeps."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEncoder
from numpy.typing import NDArray

from index.build import add, rebuild, sync
from index.errors import EncoderError, InvalidArticle, ManifestMismatch
from index.index import Index, Outcome
from index.types import Article
from index.verify import verify

TEXTS = {
    "alliance": " date 2021-02 (Bruxelles) L’OTAN élargira sa mission en Irak, a annoncé l’Alliance lundi.\r\n",
    "kaboul": "Les talibans et le gouvernement afghan négocient à Doha depuis des mois, sans résultat.",
    "vaccin": "Plus de 130\u202f000 doses du vaccin ont été livrées au Québec, selon « La Presse ».",
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / f"{name}.txt").write_bytes(text.encode())
    return folder


@pytest.fixture
def encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture
def index(tmp_path: Path, encoder: HashEncoder) -> Iterator[Index]:
    index = Index.open(tmp_path / "data", encoder)
    yield index
    index.close()


def articles(index: Index) -> dict[str, Article]:
    with index.view() as view:
        return {article.article_id: article for article in view.every_article()}


def test_sync_makes_the_index_hold_what_the_folder_holds(index: Index, files: Path, encoder: HashEncoder) -> None:
    assert sync(index, [files]).counts == {"added": 3}
    assert {article_id: article.text for article_id, article in articles(index).items()} == TEXTS
    assert str(articles(index)["alliance"].published) == "2021-02"

    (files / "kaboul.txt").unlink()
    (files / "vaccin.txt").write_text("Le vaccin est arrivé à Montréal mardi matin, par avion.", "utf-8")
    (files / "neuf.txt").write_text("Un drapeau flotte sur Kaboul depuis ce matin, disent des témoins.", "utf-8")
    encoder.encoded_passages = 0
    assert sync(index, [files]).counts == {"added": 1, "replaced": 1, "unchanged": 1, "removed": 1}
    assert encoder.encoded_passages == 2
    assert list(articles(index)) == ["alliance", "neuf", "vaccin"]


def test_outcomes_are_told_once_durable_and_in_batches(index: Index, files: Path, tmp_path: Path) -> None:
    lines = [json.dumps({"article_id": f"a{n:03}", "text": f"Le ministre numéro {n} a parlé."}) for n in range(150)]
    (files / "lot.jsonl").write_text("\n".join(lines), "utf-8")
    told: list[Outcome] = []
    other = Index.open(tmp_path / "data", HashEncoder())

    def listen(outcomes: list[Outcome]) -> None:
        assert len(outcomes) <= 64
        assert {outcome.article_id for outcome in outcomes} <= set(other.article_ids())
        told.extend(outcomes)

    encoded: list[int] = []
    sync(index, [files], listener=listen, progress=encoded.append)
    assert len(told) == 153
    assert sum(encoded) == 153
    other.close()


def test_a_file_that_cannot_be_read_is_reported_and_nothing_is_removed(index: Index, files: Path) -> None:
    sync(index, [files])
    (files / "kaboul.txt").write_bytes("café, en Mac Roman".encode("mac_roman"))
    (files / "vaccin.txt").unlink()
    report = sync(index, [files])
    assert report.kept == 2
    assert [outcome.article_id for outcome in report.rejected] == [str(files / "kaboul.txt")]
    assert "UTF-8" in (report.rejected[0].message or "")
    assert articles(index)["kaboul"].text == TEXTS["kaboul"]

    (files / "kaboul.txt").unlink()
    assert sync(index, [files]).counts == {"unchanged": 1, "removed": 2}


def test_what_holds_nothing_that_is_read_does_not_empty_the_index(index: Index, files: Path) -> None:
    sync(index, [files])
    for file in files.iterdir():
        file.unlink()
    (files / "lot.jsonl").write_bytes(b"")
    report = sync(index, [files])
    assert (report.kept, report.counts) == (3, {"rejected": 1})
    assert "holds no line" in (report.rejected[0].message or "")


def test_the_second_of_two_articles_with_one_id_is_rejected_naming_both(
    index: Index, files: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "autre"
    elsewhere.mkdir()
    (elsewhere / "kaboul.txt").write_text("Un autre article du même nom, sur autre chose.", "utf-8")
    report = sync(index, [files, elsewhere])
    assert report.counts == {"added": 3, "rejected": 1}
    assert str(elsewhere) in report.rejected[0].article_id
    assert str(files) in (report.rejected[0].message or "")
    assert articles(index)["kaboul"].text == TEXTS["kaboul"]


def test_a_missing_path_changes_nothing(index: Index, files: Path) -> None:
    sync(index, [files])
    with pytest.raises(InvalidArticle, match="ailleurs cannot be read"):
        sync(index, [files, files / "ailleurs"])
    assert len(articles(index)) == 3


def test_add_removes_nothing(index: Index, files: Path, tmp_path: Path) -> None:
    sync(index, [files])
    more = tmp_path / "plus.jsonl"
    more.write_text('{"article_id": "plus", "text": "Un article de plus, en une ligne."}\n', "utf-8")
    assert add(index, [more]).counts == {"added": 1}
    assert len(articles(index)) == 4


def test_sync_in_any_order_gives_the_same_snapshot(index: Index, files: Path, tmp_path: Path) -> None:
    sync(index, [files])
    other = Index.open(tmp_path / "autre", HashEncoder())
    for name in sorted(TEXTS, reverse=True):
        add(other, [files / f"{name}.txt"])
    with index.view() as one, other.view() as two:
        assert one.snapshot == two.snapshot
    other.close()


class OtherEncoder(HashEncoder):
    name = "autre"
    dim = 48


def test_rebuild_takes_the_index_to_another_encoder(index: Index, files: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    sync(index, [files])
    before = articles(index)
    with pytest.raises(ManifestMismatch, match="rebuild"):
        Index.open(folder, OtherEncoder())
    assert rebuild(folder, OtherEncoder()) == 3
    rebuilt = Index.open(folder, OtherEncoder())
    assert rebuilt.health.warning is None
    assert articles(rebuilt) == before
    with rebuilt.view() as view:
        assert view.dense(OtherEncoder().encode_queries(["talibans à Doha"])[0], 1)[0].passage.article_id == "kaboul"
    rebuilt.close()
    assert verify(folder, encoder=OtherEncoder(), sample=9) == []
    with pytest.raises(ManifestMismatch, match="rebuilt with other settings"), index.view():
        pass  # one that was open all the time is not searched with the wrong vectors
    with pytest.raises(ManifestMismatch, match="rebuilt with other settings"):
        index.remove(["kaboul"])


def test_an_index_open_through_a_rebuild_goes_on(index: Index, files: Path, tmp_path: Path) -> None:
    sync(index, [files])
    rebuild(tmp_path / "data", HashEncoder())
    with index.view() as view:
        assert len(view.dense(HashEncoder().encode_queries(["talibans"])[0], 9)) == 3


class ScaledEncoder(HashEncoder):
    """Gives vectors that no index can use."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = scale

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return super()._encode(texts) * np.float32(self.scale)


@pytest.mark.parametrize("scale", [2.0, 0.0, float("nan")])
def test_a_rebuild_that_fails_changes_nothing(index: Index, files: Path, tmp_path: Path, scale: float) -> None:
    sync(index, [files])
    before = (tmp_path / "data" / "manifest.json").read_text("utf-8")
    with pytest.raises(EncoderError, match=r"gave vectors of norm .*, wanted 1"):
        rebuild(tmp_path / "data", ScaledEncoder(scale))
    assert (tmp_path / "data" / "manifest.json").read_text("utf-8") == before
    assert verify(tmp_path / "data", encoder=HashEncoder(), sample=3) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_cannot_be_listed_does_not_count_as_empty(index: Index, files: Path) -> None:
    sync(index, [files])
    files.chmod(0)
    try:
        with pytest.raises(InvalidArticle, match="cannot be read"):
            sync(index, [files])
    finally:
        files.chmod(0o755)
    assert len(articles(index)) == 3
