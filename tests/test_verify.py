"""Each invariant, broken by hand, is reported; a sound index is not."""

from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEncoder

from index.dates import PublishedDate
from index.errors import StoreUnavailable
from index.index import Index
from index.sqlite import connect
from index.store import FILE_NAME as STORE_FILE
from index.store import Store
from index.types import Article
from index.vector_snapshot import FILE_NAME as SNAPSHOT_FILE
from index.verify import verify

TEXT = "L’OTAN élargit sa mission en Irak. « Nous restons », dit l’Alliance.\r\n\r\nElle compte 4\u202f000 personnes."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    index = Index.open(tmp_path, HashEncoder())
    index.put([Article(f"a{n}", f"{TEXT} Article {n}.", "Irak", PublishedDate("2021-02")) for n in range(5)])
    index.remove(["a3"])
    index.close()
    return tmp_path


def change(folder: Path, statement: str, *values: bytes) -> None:
    connection = connect(folder / STORE_FILE, create=False, busy_timeout_s=0)
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute(statement, values)
    assert connection.total_changes()
    connection.close()


def test_a_sound_index_has_no_violation(folder: Path) -> None:
    assert verify(folder, encoder=HashEncoder(), sample=3) == []
    (folder / SNAPSHOT_FILE).unlink()  # derived: it may be missing
    assert verify(folder) == []


def test_there_is_nothing_to_verify_without_an_index(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="there is no index"):
        verify(tmp_path)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE articles SET text = text || ' ' WHERE article_id = 'a1'", "a1: its content is not what its digest"),
        ("UPDATE articles SET title = 'Iran' WHERE article_id = 'a1'", "a1: its content is not what its digest"),
        ("UPDATE articles SET first_day = '2021-01-01' WHERE article_id = 'a1'", "a1: its days"),
        ("UPDATE articles SET published = '2021-13' WHERE article_id = 'a1'", "a1: its date is none"),
        ("UPDATE articles SET published = '99999999999' WHERE article_id = 'a1'", "a1: its date is none"),
        ("UPDATE articles SET published = '2021-2' WHERE article_id = 'a1'", "a1: its date is none"),
        ("UPDATE passages SET start = start + 1 WHERE passage_id = 'a1#0'", "a1#0: its span does not give its text"),
        ("UPDATE passages SET text = 'autre' WHERE passage_id = 'a1#0'", "a1#0: its span does not give its text"),
        ("UPDATE passages SET sentences = '[[0, 9]]' WHERE passage_id = 'a1#0'", "a1#0: its sentences are not those"),
        ("UPDATE passages SET passage_id = 'a1#7' WHERE passage_id = 'a1#0'", "a1: its passages are not those"),
        ("DELETE FROM passages WHERE passage_id = 'a1#0'", "vector 2 has no passage"),
        ("DELETE FROM articles WHERE article_id = 'a1'", "passage 2 has no article"),
        ("DELETE FROM vectors WHERE key = 2", "passage 2 has no vector"),
        ("DELETE FROM lexicon WHERE rowid = 2", "passage 2 has no terms"),
        ("INSERT INTO lexicon (rowid, context, body) VALUES (99, '', 'otan')", "terms 99 have no passage"),
        ("UPDATE lexicon SET body = 'otan' WHERE rowid = 2", "a1#0: its terms are not those"),
        ("UPDATE vectors SET vector = zeroblob(256) WHERE key = 2", "a1#0: its vector has norm 0, wanted 1"),
        ("UPDATE vectors SET vector = zeroblob(8) WHERE key = 2", "a1#0: its vector has 8 bytes, wanted 256"),
        ("INSERT INTO removed VALUES (2, 1)", "passage 2 is there and recorded as removed"),
        ("UPDATE state SET passages = 9", "records (4, 9) articles and passages, and holds (4, 4)"),
        ("UPDATE state SET content = zeroblob(32)", "is not the sum of its articles' digests"),
        ("UPDATE state SET manifest = replace(manifest, 'terms-', 'mots-')", "analysis: found 'mots-1'"),
        ("UPDATE lexicon_content SET c1 = 'otan' WHERE id = 2", "malformed"),
    ],
)
def test_a_broken_row_is_reported(folder: Path, statement: str, expected: str) -> None:
    change(folder, statement)
    assert expected in "\n".join(verify(folder))


def test_what_cannot_be_read_is_reported_with_all_else(folder: Path) -> None:
    change(folder, "UPDATE articles SET text = CAST(x'ff' || text AS TEXT) WHERE article_id = 'a1'")
    for article_id in ("a0", "a4"):
        change(folder, f"UPDATE articles SET title = 'Iran' WHERE article_id = '{article_id}'")
    change(folder, "UPDATE lexicon_content SET c1 = 'otan' WHERE id = 2")
    second = 2  # keys are given from 1, as articles come
    found = verify(folder)
    assert [line.partition(": 'utf-8' codec")[0] for line in found if line.startswith("article")] == [
        "article a0: its content is not what its digest says",
        f"article row {second}: a row cannot be read",
        "article a4: its content is not what its digest says",
    ]
    assert "malformed" in found[-1]  # the lexical index, which is checked last


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE articles SET article_id = CAST(x'ff' AS TEXT) WHERE article_id = 'a1'", "the totals: "),
        ("UPDATE renderings SET sentence = CAST(x'ff' AS TEXT)", "the tables: "),
        ("UPDATE state SET manifest = CAST(x'ff' AS TEXT)", ""),
    ],
)
def test_a_row_that_cannot_be_read_is_no_end_of_the_report(folder: Path, statement: str, where: str) -> None:
    change(folder, "INSERT INTO renderings VALUES ('a', 'en', 'qwen', 'One.', '[]')")
    change(folder, statement)
    assert any(line.startswith(f"{where}a row cannot be read: 'utf-8'") for line in verify(folder))


def test_what_was_found_is_told_though_another_process_is_writing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(folder, "UPDATE articles SET title = 'Iran' WHERE article_id = 'a1'")
    with closing(Store.open(folder, new_manifest=None)) as other, other.writing():
        monkeypatch.setattr("index.verify.Store.open", partial(Store.open, busy_timeout_s=0))
        found = verify(folder)
    assert "article a1: its content is not what its digest says" in found
    assert found[-1].startswith(f"the lexical index was not checked: {folder / STORE_FILE} is locked by another writer")


def test_passages_are_not_compared_with_what_another_encoder_makes_of_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HashEncoder, "name", "autre")
    (line,) = verify(folder, encoder=HashEncoder(), sample=3)
    assert line.startswith(
        "no passage was encoded again: the store was built with other settings (encoder: found 'hash"
    )
    assert line.endswith("or set the encoder back to the one found")


def test_a_vector_that_is_no_number_is_reported(folder: Path) -> None:
    change(folder, "UPDATE vectors SET vector = ? WHERE key = 2", np.full(64, np.nan, "<f4").tobytes())
    assert "a1#0: its vector has norm nan, wanted 1" in "\n".join(verify(folder))


def test_a_vector_of_another_text_is_reported(folder: Path) -> None:
    other = HashEncoder().encode_passages(["La pluie tombe"])[0].astype("<f4").tobytes()
    change(folder, "UPDATE vectors SET vector = ? WHERE key = 2", other)
    assert any(line.startswith(SNAPSHOT_FILE) and "another vector" in line for line in verify(folder))
    assert any("a1#0: encoded again" in line for line in verify(folder, encoder=HashEncoder(), sample=9))


def test_a_damaged_snapshot_is_reported_until_the_index_is_opened(folder: Path) -> None:
    content = bytearray((folder / SNAPSHOT_FILE).read_bytes())
    content[-100] ^= 1
    (folder / SNAPSHOT_FILE).write_bytes(content)
    assert verify(folder) == [
        f"{SNAPSHOT_FILE}: its checksum does not match its content; it is made again when the index is opened next"
    ]
    Index.open(folder, HashEncoder()).close()
    assert verify(folder) == []


def test_an_overwritten_page_is_reported(folder: Path) -> None:
    content = bytearray((folder / STORE_FILE).read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    (folder / STORE_FILE).write_bytes(content)
    assert verify(folder)
