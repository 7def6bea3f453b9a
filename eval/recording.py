"""What the file of a run must say for the run to be made again: when, which commit, where, which prompts and seed."""

import hashlib
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from pydantic import BaseModel, ConfigDict

from eval.statistics import SEED


class File(BaseModel):
    """Part of a run's file: unknown fields are refused, nothing is changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Recorded(File):
    """What every run records. `about`: encoder, generator, snapshot, manifest; what the system says of itself."""

    started: str
    seed: int
    commit: str | None
    environment: dict[str, str]
    about: dict[str, object]
    prompts: dict[str, str]


class Provenance(TypedDict):
    """The fields of `Recorded` that are the same for every run of this checkout."""

    started: str
    seed: int
    commit: str | None
    environment: dict[str, str]
    prompts: dict[str, str]


def provenance(root: Path, started: datetime) -> Provenance:
    """For a run in the checkout at `root`."""
    return {
        "started": started.astimezone(UTC).isoformat(timespec="seconds"),
        "seed": SEED,
        "commit": _commit(root),
        "environment": {
            "python": platform.python_version(),
            "platform": platform.platform(),
            "processors": str(os.cpu_count()),
        },
        "prompts": {path.name: _sha256(path) for path in sorted((root / "prompts").glob("*")) if path.is_file()},
    }


def _commit(root: Path) -> str | None:
    """The commit checked out at `root`, with `+changes` where files differ from it; `None` outside git."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=+changes"],
            cwd=root, capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
