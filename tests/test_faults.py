"""Whatever fault interrupts it, the index holds what was acknowledged and nothing else; and the check would see it."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from eval.faults import Findings, Operation, WordsEncoder, _check, _states, _World, article
from index.index import Index


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_nothing_is_lost_resurrected_or_corrupt_after_any_fault() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "eval", "faults", "--runs", "25", "--seed", "7"],
        cwd=Path(__file__).parent.parent,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "0 lost, 0 resurrected, 0 corrupt" in done.stdout, done.stdout
    assert done.returncode == 0
    assert "runs 25" in done.stdout


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
