"""Whatever fault interrupts it, the index holds what was acknowledged and nothing else; and the check would see it."""

import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from eval.faults import Findings, Operation, WordsEncoder, _check, _states, _World, article
from index.index import Index

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
BROKEN_RUN = """
import sys
from eval import faults
from index.errors import StoreUnavailable

def broken(*_, **__):
    raise {error}

faults.{name} = broken
findings = faults.run_faults({runs}, seed=1)
print(findings)
sys.exit(not findings.sound)
"""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: a fork takes no other thread along."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=Path(__file__).parent.parent,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@needs_fork
def test_nothing_is_lost_resurrected_or_corrupt_after_any_fault() -> None:
    done = python("-m", "eval", "faults", "--runs", "25", "--seed", "7")
    assert "0 lost, 0 resurrected, 0 corrupt" in done.stdout, done.stdout
    assert done.returncode == 0
    assert "runs 25" in done.stdout
    for struck in ("operations done", "operations failed", "processes killed"):
        assert re.search(rf"\b{struck} [1-9]", done.stdout), done.stdout


@needs_fork
@pytest.mark.parametrize(
    ("name", "error", "runs", "found"),
    [
        ("_work", "RuntimeError", 2, "the process ended with 1"),
        ("strike", "SystemExit", 2, "the process ended with 1"),
        ("_do", "StoreUnavailable('no room')", 5, "none: put raised StoreUnavailable: no room"),
        ("_do", "StoreUnavailable('no room')", 1, "no operation was done"),
        ("_do", "RuntimeError", 0, "no operation was done"),
    ],
)
def test_work_that_is_not_done_is_found_out(name: str, error: str, runs: int, found: str) -> None:
    done = python("-c", BROKEN_RUN.format(name=name, error=error, runs=runs))
    assert done.returncode == 1
    assert found in done.stdout, done.stdout


@pytest.mark.parametrize(("believed", "found"), [({("a1", 1), ("a2", 2)}, "lost"), (set(), "resurrected")])
def test_an_index_that_does_not_hold_what_the_model_does_is_found_out(
    tmp_path: Path, believed: set[tuple[str, int]], found: str
) -> None:
    world = _World(tmp_path)
    with closing(Index.open(world.data, WordsEncoder())) as index:
        index.put([article("a1", 1)])
    findings = Findings()
    assert _check(world, {frozenset(believed)}, "run", findings)
    assert getattr(findings, found)
    assert not findings.sound


def test_a_damaged_index_is_found_out(tmp_path: Path) -> None:
    world = _World(tmp_path)
    with closing(Index.open(world.data, WordsEncoder())) as index:
        index.put([article("a1", n) for n in range(50)])
    file = world.data / "articles.sqlite3"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    findings = Findings()
    assert _check(world, {frozenset({("a1", 49)})}, "run", findings)
    assert findings.corrupt


def test_the_model_passes_through_the_states_that_a_sync_commits() -> None:
    before = frozenset({("a", 1), ("b", 2), ("x", 3)})
    wanted = (("a", 4), ("c", 5), ("d", 6))
    assert list(_states(before, Operation("sync", wanted))) == [
        before,
        frozenset({("a", 4), ("b", 2), ("x", 3), ("c", 5)}),
        frozenset({("a", 4), ("b", 2), ("x", 3), ("c", 5), ("d", 6)}),
        frozenset({("a", 4), ("c", 5), ("d", 6)}),
    ]
