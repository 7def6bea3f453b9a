"""A file appears whole or not at all, readable by those it is for, where its name leads."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.files import replacing, replacing_path, write_atomically


@pytest.fixture(params=[0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    mask: int = request.param
    before = os.umask(mask)
    yield mask
    os.umask(before)


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_file_is_readable_by_whom_the_umask_says(tmp_path: Path, umask: int) -> None:
    with replacing(tmp_path / "f"):
        (new,) = tmp_path.iterdir()
        assert mode_of(new) == 0o666 & ~umask
    assert mode_of(tmp_path / "f") == 0o666 & ~umask


@pytest.mark.parametrize("mode", [0o600, 0o444, 0o664])
def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path, umask: int, mode: int) -> None:  # noqa: ARG001
    (tmp_path / "f").touch()
    (tmp_path / "f").chmod(mode)
    write_atomically(tmp_path / "f", b"deux")
    assert (mode_of(tmp_path / "f"), (tmp_path / "f").read_bytes()) == (mode, b"deux")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to another")
def test_a_file_that_root_replaces_stays_its_owners(tmp_path: Path) -> None:
    (tmp_path / "f").touch(0o600)
    os.chown(tmp_path / "f", 65534, 65533)
    write_atomically(tmp_path / "f", b"deux")
    found = (tmp_path / "f").stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (65534, 65533, 0o600)


def test_a_file_with_a_mode_of_its_own_never_has_a_wider_one(tmp_path: Path, umask: int) -> None:  # noqa: ARG001
    (tmp_path / "f").touch(0o666)
    with replacing(tmp_path / "f", mode=0o600):
        assert [mode_of(path) for path in tmp_path.iterdir() if path.name != "f"] == [0o600]
    assert mode_of(tmp_path / "f") == 0o600


@pytest.mark.parametrize("there", [True, False])
def test_of_a_link_what_it_leads_to_is_replaced(tmp_path: Path, there: bool) -> None:
    (tmp_path / "ailleurs").mkdir()
    if there:
        (tmp_path / "ailleurs" / "f").write_bytes(b"un")
    (tmp_path / "lien").symlink_to("ailleurs/f")
    write_atomically(tmp_path / "lien", b"deux")
    assert (tmp_path / "lien").is_symlink()
    assert (tmp_path / "ailleurs" / "f").read_bytes() == b"deux"
    assert [path.name for path in (tmp_path / "ailleurs").iterdir()] == ["f"]


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tube")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "tube").read_bytes()), daemon=True)
    reader.start()
    write_atomically(tmp_path / "tube", b"deux")
    reader.join(60)
    assert read == [b"deux"]
    assert (tmp_path / "tube").is_fifo()


def test_what_needs_a_path_refuses_a_pipe_and_a_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tube")
    for path in (tmp_path / "tube", tmp_path):
        with pytest.raises(OSError, match="is no regular file"), replacing_path(path):
            pass


def test_where_the_block_raises_the_file_before_stays_alone(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"un")
    with pytest.raises(TypeError), replacing(tmp_path / "f") as file:
        file.writelines([b"deux", None])  # type: ignore[list-item]  # that it raises is what is tested
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"f": b"un"}
