"""The command line of the index: what it prints, how it exits, and what it must not load."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
from fakes import HashEncoder

from index.__main__ import main
from index.index import Index
from index.store import FILE_NAME

ROOT = Path(__file__).parent.parent
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on its own data folder, with the fake encoder: exit code, stdout, stderr."""
    monkeypatch.setattr("index.__main__.open_encoder", lambda _: HashEncoder())

    def run(command: str, *arguments: object) -> tuple[int, str, str]:
        code = main([command, "--data", str(tmp_path / "data"), *map(str, arguments)])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "irak.txt").write_text(" date 2021-02 L’OTAN élargira sa mission en Irak, dit l’Alliance.\r\n", "utf-8")
    (folder / "lot.jsonl").write_text(
        json.dumps(
            {
                "article_id": "vaccin/été 2021",
                "title": "« Vaccin »",
                "text": "Plus de 130\u00a0000 doses\u2028ont été livrées\u202f: c’est peu.\r\nEt l’on attend.\t",
                "published": "2021-06-30",
                "source": "La Presse",
                "url": "https://exemple.org/a?b=c",
            }
        )
        + "\n",
        "utf-8",
    )
    return folder


def test_sync_counts_what_it_did(run: Run, files: Path) -> None:
    code, out, _ = run("sync", files)
    assert (code, out) == (0, "2 added, 0 replaced, 0 unchanged, 0 removed, 0 rejected\n")
    (files / "irak.txt").unlink()
    code, out, _ = run("sync", "--json", files)
    counts = {"added": 0, "replaced": 0, "unchanged": 1, "removed": 1, "rejected": 0}
    assert (code, json.loads(out)) == (0, counts | {"kept": 0, "rejections": []})


def test_a_rejected_file_is_named_and_the_exit_code_says_so(run: Run, files: Path) -> None:
    run("sync", files)
    (files / "irak.txt").write_text(" \n", "utf-8")
    code, out, err = run("sync", files)
    assert code == 1
    assert "1 unchanged, 0 removed, 1 rejected" in out
    assert f"rejected: {files / 'irak.txt'}: " in err
    assert "kept: 1 articles" in err


def test_list_shows_id_date_passages_and_title(run: Run, files: Path) -> None:
    run("add", files)
    code, out, _ = run("list")
    assert code == 0
    rows = [line.split("\t") for line in out.splitlines()]
    assert [row[:3] for row in rows] == [["irak", "2021-02", "1"], ["vaccin/été 2021", "2021-06-30", "1"]]
    assert rows[1][3] == "« Vaccin »"
    _, out, _ = run("list", "--json")
    assert [json.loads(line)["article_id"] for line in out.splitlines()] == ["irak", "vaccin/été 2021"]


def test_the_data_folder_may_be_named_before_the_command(run: Run, files: Path, tmp_path: Path) -> None:
    run("add", files)
    assert main(["--data", str(tmp_path / "data"), "list"]) == 0


def test_remove_says_which_were_not_there(run: Run, files: Path) -> None:
    run("add", files)
    assert run("remove", "irak", "absent")[:2] == (1, "removed: irak\nabsent: absent\n")
    assert run("remove", "vaccin/été 2021")[0] == 0
    assert run("list")[1] == ""


def test_an_id_that_is_no_unicode_is_told_as_json_writes_it(run: Run, files: Path) -> None:
    run("add", files)
    assert run("remove", "caf\udce9", "irak")[:2] == (1, "absent: caf\\udce9\nremoved: irak\n")
    code, out, _ = run("remove", "--json", "caf\udce9")
    assert (code, json.loads(out)) == (1, {"article_id": "caf\udce9", "status": "absent"})


@pytest.mark.parametrize("through", ["file", "stdout"])
def test_what_is_exported_comes_back_as_it_was(run: Run, files: Path, tmp_path: Path, through: str) -> None:
    run("add", files)
    exported = tmp_path / "export.jsonl"
    if through == "file":
        assert run("export", exported)[0] == 0
    else:
        exported.write_text(run("export", "-")[1], "utf-8", newline="")
    assert run("sync", exported)[1] == "0 added, 0 replaced, 2 unchanged, 0 removed, 0 rejected\n"


def test_the_seeds_come_back_from_an_export_as_they_were(run: Run, tmp_path: Path) -> None:
    run("add", ROOT / "seeds")
    run("export", tmp_path / "export.jsonl")
    assert run("sync", tmp_path / "export.jsonl")[1].startswith("0 added, 0 replaced, 5 unchanged, 0 removed")


def test_an_export_never_takes_the_place_of_a_file_of_the_index(run: Run, files: Path, tmp_path: Path) -> None:
    run("add", files)
    (tmp_path / "lien").symlink_to(tmp_path / "data" / FILE_NAME)
    for target in (tmp_path / "data" / "keys.txt", tmp_path / "data" / FILE_NAME, tmp_path / "lien"):
        code, _, err = run("export", target)
        assert code == 2
        assert f"{target} is in the data folder {tmp_path / 'data'}" in err
    assert run("verify")[0] == 0


def test_an_export_takes_the_place_of_what_a_link_leads_to(run: Run, files: Path, tmp_path: Path) -> None:
    run("add", files)
    (tmp_path / "disque").mkdir()
    (tmp_path / "lien").symlink_to("disque/articles.jsonl")
    assert run("export", tmp_path / "lien")[0] == 0
    assert (tmp_path / "lien").is_symlink()
    assert (tmp_path / "disque" / "articles.jsonl").read_text("utf-8") == run("export", "-")[1]


def test_an_export_to_standard_output_by_its_name_goes_where_that_goes(run: Run, files: Path) -> None:
    run("add", files)
    assert run("export", "/dev/stdout") == run("export", "-")
    assert run("export", "-")[1].count("\n") == 2


def test_an_export_is_written_to_a_pipe(run: Run, files: Path, tmp_path: Path) -> None:
    run("add", files)
    os.mkfifo(tmp_path / "tube")
    with subprocess.Popen(["cat", tmp_path / "tube"], stdout=subprocess.PIPE) as reader:
        assert run("export", tmp_path / "tube")[0] == 0
        assert reader.communicate(timeout=60)[0].decode() == run("export", "-")[1]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk here that is always full")
@pytest.mark.parametrize("command", [["list"], ["list", "--json"], ["export", "-"]])
def test_what_cannot_be_printed_is_told_and_not_done(run: Run, files: Path, tmp_path: Path, command: list[str]) -> None:
    run("add", files)
    with Path("/dev/full").open("w") as full:
        finished = _shell(command, tmp_path, full)
    assert finished.returncode == 2
    assert finished.stderr.startswith("error: standard output cannot be written ([Errno 28]")
    assert finished.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [["list"], ["export", "-"]])
def test_where_nobody_reads_on_nothing_is_said(run: Run, files: Path, tmp_path: Path, command: list[str]) -> None:
    run("add", files)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        finished = _shell(command, tmp_path, pipe)
    assert (finished.returncode, finished.stderr) == (2, "")


def _shell(command: list[str], tmp_path: Path, to: IO[str]) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, its standard output going there."""
    started = [sys.executable, "-m", "index", *command, "--data", str(tmp_path / "data")]
    return subprocess.run(started, cwd=ROOT, stdout=to, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", ["-5", "beaucoup", "1.5"])
def test_so_many_passages_are_encoded_again_as_a_number_says(
    run: Run, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        run("verify", "--encode", number)
    assert stopped.value.code == 2
    assert f"'{number}' is no number from 0 on" in capsys.readouterr().err


def test_verify_exits_with_1_and_the_list(run: Run, files: Path, tmp_path: Path) -> None:
    run("add", files)
    assert run("verify", "--encode", 5)[:2] == (0, "")
    snapshot = tmp_path / "data" / "vectors.snapshot"
    snapshot.write_bytes(snapshot.read_bytes()[:-1])
    code, out, err = run("verify")
    assert code == 1
    assert "vectors.snapshot: its size is not what its stamp says" in out
    assert "1 violations" in err


def test_rebuild_says_how_many(run: Run, files: Path) -> None:
    run("add", files)
    assert run("rebuild")[:2] == (0, "rebuilt 2 articles\n")
    assert run("verify")[0] == 0


@pytest.mark.parametrize("command", [["list"], ["verify"], ["export", "-"], ["remove", "x"], ["rebuild"]])
def test_a_missing_index_is_one_line_on_stderr(run: Run, command: list[str]) -> None:
    code, out, err = run(*command)
    assert (code, out) == (2, "")
    assert err.startswith("error: there is no index in ")
    assert err.count("\n") == 1


def test_a_missing_path_and_an_unwritable_file_are_errors(run: Run, files: Path) -> None:
    assert run("sync", files / "absent")[0] == 2
    run("add", files)
    assert "cannot be written" in run("export", files / "absent" / "x.jsonl")[2]


def test_another_encoder_is_an_error_with_the_way_out(run: Run, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("add", files)
    monkeypatch.setattr(HashEncoder, "name", "autre")
    code, _, err = run("add", files)
    assert code == 2
    assert "encoder: found 'hash-encoder', wanted 'autre'" in err
    assert "python -m index rebuild" in err
    assert run("list")[0] == 0  # reading needs no encoder


def test_an_unknown_command_and_help_exit_as_usual(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run("inconnu")
    assert stopped.value.code == 2
    with pytest.raises(SystemExit) as stopped:
        main(["sync", "--help"])
    assert stopped.value.code == 0
    assert "exit codes:" in capsys.readouterr().out


def test_listing_does_not_load_a_model(run: Run, files: Path, tmp_path: Path) -> None:
    run("add", files)
    script = (
        "import sys; from index.__main__ import main; code = main(sys.argv[1:]);"
        "sys.exit(code or bool({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", script, "list", "--data", tmp_path / "data"],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count("\n") == 2


@pytest.mark.parametrize("made", [True, False])
def test_sync_if_new_fills_an_index_that_was_made_and_never_written_to(
    made: bool, run: Run, files: Path, tmp_path: Path
) -> None:
    if made:
        Index.open(tmp_path / "data", HashEncoder()).close()  # as a question does that nobody has indexed anything for
    else:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / FILE_NAME).touch()  # as one who was killed while making it
    assert run("sync", "--if-new", files)[:2] == (0, "2 added, 0 replaced, 0 unchanged, 0 removed, 0 rejected\n")


def test_sync_if_new_leaves_an_index_empty_that_was_emptied(run: Run, files: Path) -> None:
    run("sync", files)
    run("remove", "irak", "vaccin/été 2021")
    assert run("sync", "--if-new", files)[:2] == (0, "")
    assert run("list")[:2] == (0, "")


def test_sync_if_new_leaves_an_index_that_is_there_alone(run: Run, files: Path) -> None:
    assert run("sync", "--if-new", files)[0] == 0
    run("remove", "irak")
    assert run("sync", "--if-new", files)[:2] == (0, "")
    _, out, _ = run("list", "--json")
    assert [json.loads(line)["article_id"] for line in out.splitlines()] == ["vaccin/été 2021"]
