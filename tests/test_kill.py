"""`kill -9` at any moment of a sync loses nothing that was acknowledged and leaves nothing half done."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashEncoder

from index.build import sync
from index.index import Index
from index.verify import verify

HERE = Path(__file__).parent
KILLS = 20
ARTICLES = 48


def write_edition(folder: Path, number: int) -> Path:
    """A file of articles: against the edition before, half of them have changed, and some have come and gone."""
    file = folder / f"{number}.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for n in range(ARTICLES):
            if (n + number) % 6:
                text = f"L’article {n} dit ceci à l’édition {number if n % 2 else 0}. Rien d’autre n’a été annoncé."
                lines.write(json.dumps({"article_id": f"a{n:02}", "text": text, "lang": "fr"}) + "\n")
    return file


def texts(file: Path) -> dict[str, str]:
    records = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return {record["article_id"]: record["text"] for record in records}


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, HERE / "syncing.py"],
        env=os.environ | {"PYTHONPATH": f"{HERE.parent}{os.pathsep}{HERE}", "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert read_line(process) == "ready"
        yield process
        assert process.stdin
        process.stdin.close()


def read_line(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout
    return worker.stdout.readline().rstrip("\n")


def sync_in_child(worker: subprocess.Popen[str], data: Path, file: Path, *, kill_after_s: float) -> dict[str, str]:
    """What the child acknowledged, by article, before it was killed or had ended."""
    assert worker.stdin
    worker.stdin.write(f"{data}\t{file}\t{kill_after_s}\n")
    worker.stdin.flush()
    acknowledged = {}
    while (line := read_line(worker)) != "ended":
        article_id, status = line.split()
        acknowledged[article_id] = status
    return acknowledged


def stored(data: Path) -> dict[str, str]:
    index = Index.open(data, None)
    with index.view() as view:
        found = {article.article_id: article.text for article in view.every_article()}
        assert len(view.dense(HashEncoder().encode_queries(["édition"])[0], 1000)) == view.passage_count
    index.close()
    return found


def test_a_killed_sync_loses_nothing_acknowledged_and_leaves_nothing_half_done(
    tmp_path: Path, worker: subprocess.Popen[str]
) -> None:
    moments = random.Random(9)
    data = tmp_path / "data"
    edition = write_edition(tmp_path, 0)
    started = time.monotonic()
    sync_in_child(worker, data, edition, kill_after_s=0)
    whole_s = time.monotonic() - started
    before = stored(data)
    assert before == texts(edition)

    acknowledged = 0
    for number in range(1, KILLS + 1):
        edition = write_edition(tmp_path, number)
        outcomes = sync_in_child(worker, data, edition, kill_after_s=moments.uniform(0, whole_s))
        assert verify(data) == []
        after, wanted = stored(data), texts(edition)
        for article_id in outcomes:
            assert after.get(article_id) == wanted.get(article_id)
        for article_id in before | wanted:
            assert after.get(article_id) in (before.get(article_id), wanted.get(article_id))
        acknowledged += len(outcomes)
        before = after
    assert acknowledged > KILLS  # the moments fell inside the work

    index, undisturbed = Index.open(data, HashEncoder()), Index.open(tmp_path / "autre", HashEncoder())
    for each in (index, undisturbed):
        sync(each, [edition])
    with index.view() as one, undisturbed.view() as other:
        assert one.snapshot == other.snapshot
    index.close()
    undisturbed.close()
    assert verify(data) == []
