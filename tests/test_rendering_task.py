"""The `rendering` task, with a writer whose texts are known."""

from pathlib import Path

import pytest
from task_fakes import done, named, write_lines
from writing_fakes import FakeWriter, Holder

from eval.datasets import VARIABLE, Part, id_part
from eval.errors import MissingDataset
from eval.tasks import rendering
from eval.tasks.rendering import RENDERING
from service.guarding import guarded
from service.writers.types import Stop, Task, never

PAIRS = [
    (
        "Le train compte 9 wagons, et il part de Nantes pour Paris à midi.",
        "The train has 9 cars, and it leaves Nantes for Paris at noon.",
    ),
    (
        "La mission compte 500 militaires, qui resteront en Irak jusqu’en mai.",
        "The mission has 500 soldiers, who will stay in Iraq until May.",
    ),
]


class Loaded(Holder):
    def wait(self, timeout_s: float | None = None) -> None:
        """It is there already."""


@pytest.fixture(autouse=True)
def sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    doc = named("pud", id_part)
    records = [{"id": f"{doc}{n}", "doc": doc, "genre": "news", "fr": f, "en": e} for n, (f, e) in enumerate(PAIRS)]
    write_lines(tmp_path / "pud" / "sentences.jsonl", records)
    write_lines(tmp_path / "news_commentary" / "documents.jsonl", [])


def _writer(monkeypatch: pytest.MonkeyPatch, writer: FakeWriter | None) -> None:
    monkeypatch.setattr(rendering, "open_writer", lambda _settings: Loaded(writer))
    monkeypatch.setattr(rendering, "load_guard", lambda _settings: guarded)


def test_a_rendering_that_the_guard_passes_is_shown_and_another_is_tried_again_and_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = dict(PAIRS) | {PAIRS[1][0]: "The mission has 600 soldiers in Iraq."}

    class Knowing(FakeWriter):
        def write(self, task: Task, *, timeout_s: float, stop: Stop = never) -> str:
            assert timeout_s > 0
            assert not stop()
            return texts[task.evidence]

    _writer(monkeypatch, Knowing())
    outcomes = {o.text: o for o in done(rendering.TASK.prepare(Part.DEV, None), tmp_path / "index").values()}
    good, wrong = (outcomes[french].tallies[RENDERING] for french, _ in PAIRS)
    assert (good["shown"].got, good["at once"].got, good["chrF"].got) == (1, 1, 1)
    assert (wrong["shown"].got, wrong["at once"].got, wrong["chrF shown"].of) == (0, 0, 0)
    assert 0 < wrong["chrF"].got < 1
    assert "600" in outcomes[PAIRS[1][0]].said["written"]
    assert outcomes[PAIRS[1][0]].said["problems"]


def test_the_task_is_skipped_where_there_is_no_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    _writer(monkeypatch, None)
    with pytest.raises(MissingDataset, match="writer"):
        rendering.TASK.prepare(Part.DEV, None)
