"""English wordings of training questions: what is taken of what a model wrote."""

import json
from pathlib import Path

import pytest

from eval.datasets import Part, PooledQuestion
from eval.errors import EvaluationError
from eval.made_questions import make_english, read_english


def _file(folder: Path, **outputs: str) -> Path:
    path = folder / "english.jsonl"
    lines = [json.dumps({"id": key, "question": "?", "out": out}) for key, out in outputs.items()]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_only_one_question_in_english_is_taken(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        good="How many soldiers were sent to Mali?",
        french="Combien de soldats ont été envoyés au Mali ?",
        two="Who is he? Where does he live?",
        statement="The soldiers were sent to Mali.",
        cut="",
    )
    assert read_english(path) == {"good": "How many soldiers were sent to Mali?"}


def test_there_are_none_where_there_is_no_file(tmp_path: Path) -> None:
    assert read_english(tmp_path / "none.jsonl") == {}


def test_what_is_made_already_needs_no_model(tmp_path: Path) -> None:
    path = _file(tmp_path, one="Who is he?")
    asked = [PooledQuestion("one", "Qui est-il ?", "fr", Part.TRAIN, "piaf")]
    assert list(make_english(asked, path)) == []


def test_a_missing_model_is_named_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.made_questions.default_path", lambda: tmp_path / "weights.gguf")
    asked = [PooledQuestion("one", "Qui est-il ?", "fr", Part.TRAIN, "piaf")]
    with pytest.raises(EvaluationError, match="make run"):
        list(make_english(asked, tmp_path / "english.jsonl"))
