"""The comparison with peers is fair: the same processors for all, and nothing left out by ours."""

import json
import sys
from pathlib import Path

import pytest
from fakes import HashEncoder

from eval import peer_ours, peers

THREADS = ("SOURCIER_THREADS", "OMP_NUM_THREADS")


def test_every_system_has_one_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in THREADS:
        monkeypatch.setenv(name, "8")
    (tmp_path / "eval").mkdir()
    (tmp_path / "eval" / "peer_told.py").write_text(
        f"import json, os\nprint(json.dumps({{name: os.environ[name] for name in {THREADS}}}))"
    )
    monkeypatch.chdir(tmp_path)  # where `python -m` looks first
    assert peers._run(sys.executable, "told", tmp_path, "", tmp_path) == {"SOURCIER_THREADS": 1, "OMP_NUM_THREADS": 1}


def test_ours_leaves_no_article_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_ours, "open_encoder", lambda _: HashEncoder())
    articles = [{"article_id": "a1", "text": "L’OTAN compte 1600 soldats."}, {"article_id": "a2", "text": ""}]
    lines = "\n".join(json.dumps(article) for article in articles)
    (tmp_path / "articles.jsonl").write_text(lines, encoding="utf-8")
    peer = peer_ours.load("", tmp_path)
    with pytest.raises(AssertionError, match="text is empty"):
        peer.ingest([("a1#0", "L’OTAN compte 1600 soldats.")])
