"""Two runs against each other, and one run against what the project stands by."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from eval.errors import InvalidRun
from eval.metrics import METRICS, NOT_SCORES
from eval.running import Run, Summary, tallies_of
from eval.statistics import Difference, difference


class Expected(BaseModel):
    """What a run must reach: `metrics[name][group]`, less `tolerance[name]` (else `tolerance["default"]`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: str
    tolerance: dict[str, float]
    metrics: dict[str, dict[str, float]]


def compare(a: Run, b: Run) -> dict[str, dict[str, Difference]]:
    """B less A by group of questions and metric, paired; raises `InvalidRun` unless both asked the same questions."""
    if a.questions_sha256 != b.questions_sha256 or a.part != b.part:
        raise InvalidRun(
            f"the runs asked other questions ({a.part} of {a.questions_sha256[:12]}, {b.part} of"
            f" {b.questions_sha256[:12]}); run both on the same file and part"
        )
    other = {result.question.id: result for result in b.results}
    if len(other) != len(a.results) or any(result.question.id not in other for result in a.results):
        raise InvalidRun("the runs hold results of different questions; run both again")
    differences = {}
    for group in ("all", "fr", "en"):
        first = [result for result in a.results if group in ("all", result.question.lang)]
        second = [other[result.question.id] for result in first]
        differences[group] = {name: difference(tallies_of(first, name), tallies_of(second, name)) for name in METRICS}
    return differences


def load_expected(path: Path) -> Expected:
    """Raises `InvalidRun` where the file does not say what is expected of metrics that exist."""
    try:
        expected = Expected.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as exc:
        raise InvalidRun(f"{path} does not say what is expected: {exc}") from exc
    scores = METRICS.keys() - NOT_SCORES
    unknown = (expected.metrics.keys() | expected.tolerance.keys()) - scores - {"default"}
    if unknown or "default" not in expected.tolerance:
        raise InvalidRun(f"{path}: needs a default tolerance and known metrics, found {sorted(unknown)}")
    return expected


def shortfalls(run: Run, summary: Summary, expected: Expected) -> list[str]:
    """A sentence for each figure that is below what is expected by more than its tolerance."""
    if run.part != expected.part:
        raise InvalidRun(f"expected figures are of part {expected.part!r}, the run is of {run.part!r}")
    fallen = []
    for metric, groups in expected.metrics.items():
        tolerance = expected.tolerance.get(metric, expected.tolerance["default"])
        for group, wanted in groups.items():
            found = summary[group][metric].value if group in summary else None
            if found is None or found < wanted - tolerance - 1e-9:
                shown = "no figure" if found is None else f"{found:.3f}"
                fallen.append(f"{metric} ({group}): {shown}, expected {wanted:.3f} less {tolerance:.3f} at most")
    return fallen
