"""A file appears whole or not at all, readable by those it is for, and nowhere else than its name says."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.files import move, replacing, replacing_path, write_atomically, writing_to


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


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to another")


@as_root
def test_a_file_that_root_replaces_stays_its_owners(tmp_path: Path) -> None:
    (tmp_path / "f").touch(0o600)
    os.chown(tmp_path / "f", 65534, 65533)
    write_atomically(tmp_path / "f", b"deux")
    found = (tmp_path / "f").stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (65534, 65533, 0o600)


@as_root
def test_a_file_that_root_makes_is_its_folders_owners(tmp_path: Path, umask: int) -> None:  # noqa: ARG001
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "g").touch()
    (tmp_path / "data").mkdir()
    os.chown(tmp_path / "data", 65534, 65533)
    write_atomically(tmp_path / "data" / "f", b"deux")
    move(tmp_path / "root" / "g", tmp_path / "data" / "g")
    owners = {(path.name, path.stat().st_uid, path.stat().st_gid) for path in (tmp_path / "data").iterdir()}
    assert owners == {("f", 65534, 65533), ("g", 65534, 65533)}


def test_a_file_with_a_mode_of_its_own_never_has_a_wider_one(tmp_path: Path, umask: int) -> None:  # noqa: ARG001
    (tmp_path / "f").touch(0o666)
    with replacing(tmp_path / "f", mode=0o600):
        assert [mode_of(path) for path in tmp_path.iterdir() if path.name != "f"] == [0o600]
    assert mode_of(tmp_path / "f") == 0o600


@pytest.mark.parametrize("target", ["ailleurs/f", "ailleurs/rien", "ailleurs", "/dev/null"])
def test_a_link_is_replaced_and_what_it_leads_to_left_alone(tmp_path: Path, target: str) -> None:
    (tmp_path / "ailleurs").mkdir()
    (tmp_path / "ailleurs" / "f").write_bytes(b"un")
    (tmp_path / "lien").symlink_to(target)
    write_atomically(tmp_path / "lien", b"deux")
    assert not (tmp_path / "lien").is_symlink()
    assert (tmp_path / "lien").read_bytes() == b"deux"
    assert {path.name: path.read_bytes() for path in (tmp_path / "ailleurs").iterdir()} == {"f": b"un"}


def test_one_who_swaps_the_new_file_for_a_link_is_given_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"un")
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "f").touch()
    (tmp_path / "f").chmod(0o666)
    if os.geteuid() == 0:
        os.chown(tmp_path / "f", 65534, 65533)
    with replacing(tmp_path / "f") as file:
        (new,) = tmp_path.glob(".f.*.tmp")
        new.unlink()
        new.symlink_to(tmp_path / "secret")
        file.write(b"deux")
    found = (tmp_path / "secret").stat()
    assert (found.st_uid, mode_of(tmp_path / "secret")) == (os.geteuid(), 0o600)
    assert (tmp_path / "secret").read_bytes() == b"un"


@pytest.mark.parametrize("there", [True, False])
def test_of_a_link_that_a_user_names_what_it_leads_to_is_replaced(tmp_path: Path, there: bool) -> None:
    (tmp_path / "ailleurs").mkdir()
    if there:
        (tmp_path / "ailleurs" / "f").write_bytes(b"un")
    (tmp_path / "lien").symlink_to("ailleurs/f")
    with writing_to(tmp_path / "lien") as file:
        file.write(b"deux")
    assert (tmp_path / "lien").is_symlink()
    assert (tmp_path / "ailleurs" / "f").read_bytes() == b"deux"
    assert [path.name for path in (tmp_path / "ailleurs").iterdir()] == ["f"]


def test_a_pipe_that_a_user_names_is_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tube")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "tube").read_bytes()), daemon=True)
    reader.start()
    with writing_to(tmp_path / "tube") as file:
        file.write(b"deux")
    reader.join(60)
    assert read == [b"deux"]
    assert (tmp_path / "tube").is_fifo()


def test_a_pipe_and_a_folder_are_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tube")
    for path in (tmp_path / "tube", tmp_path):
        with pytest.raises(OSError, match="is no regular file"), replacing_path(path):
            pass
        with pytest.raises(OSError, match="is no regular file"):
            write_atomically(path, b"deux")


def test_where_the_block_raises_the_file_before_stays_alone(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"un")
    with pytest.raises(TypeError), replacing(tmp_path / "f") as file:
        file.writelines([b"deux", None])  # type: ignore[list-item]  # that it raises is what is tested
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"f": b"un"}
