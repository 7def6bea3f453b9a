"""The systemd unit and the Dockerfile, as far as they can be checked where neither systemd nor Docker runs."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from http_fakes import served, services, settings

from service.app import create_app
from service.writers.weights import PACKAGES

DEPLOY = Path(__file__).parent.parent / "service" / "deploy"
UNIT = DEPLOY / "sourcier.service"
SYSTEMD_ANALYZE = shutil.which("systemd-analyze")


@pytest.mark.skipif(SYSTEMD_ANALYZE is None, reason="systemd-analyze is not installed")
def test_the_unit_is_understood_and_exposes_little() -> None:
    assert SYSTEMD_ANALYZE
    verified = subprocess.run([SYSTEMD_ANALYZE, "verify", UNIT], capture_output=True, text=True, check=False)
    complaints = [line for line in verified.stderr.splitlines() if "sourcier" in line]
    assert [line for line in complaints if "is not executable" not in line] == []  # nothing is in /opt/sourcier here
    rated = subprocess.run(
        [SYSTEMD_ANALYZE, "security", "--offline=true", "--threshold=20", UNIT],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert rated.returncode == 0, rated.stdout


def test_the_unit_lets_torch_see_the_processor() -> None:
    """`ProcSubset=pid` hides /proc/cpuinfo: torch then raises on the first conversion from float16, and would be slow;
    /proc/stat too, without which the metrics of the process vanish."""
    assert "ProcSubset" not in UNIT.read_text(encoding="utf-8")


def test_the_base_of_the_image_is_one_image_for_ever() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    (base,) = re.findall(r"^ARG PYTHON=(\S+)", dockerfile, re.MULTILINE)
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-bookworm@sha256:[0-9a-f]{64}", base)
    assert re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE) == ["${PYTHON}", "${PYTHON}"]


def test_the_image_runs_as_another_user_than_root_and_copies_only_what_is_there() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^USER (\S+)", dockerfile, re.MULTILINE) == ["10001:10001"]
    assert re.search(r"^HEALTHCHECK", dockerfile, re.MULTILINE)
    assert re.search(r"^VOLUME /data$", dockerfile, re.MULTILINE)
    kept = re.findall(r"^!(\S+)", (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE):
        for name in copied.split():
            assert (DEPLOY.parent.parent / name).exists()
            assert any(Path(name).match(pattern) for pattern in kept)


def test_the_image_is_healthy_on_whatever_port_and_by_whatever_name_it_is_served() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    (check,) = re.findall(r"^HEALTHCHECK.*\\\n *CMD (\[.*\])$", dockerfile, re.MULTILINE)
    interpreter, *arguments = json.loads(check)
    assert interpreter == ".venv/bin/python"
    with served(create_app(services(), settings(allowed_hosts=("sourcier.example.org",)))) as url:
        environ = os.environ | {"SOURCIER_PORT": url.rpartition(":")[2]}
        subprocess.run([sys.executable, *arguments], env=environ, check=True)
    unhealthy = subprocess.run([sys.executable, *arguments], env=environ, capture_output=True, check=False)
    assert unhealthy.returncode != 0


def test_the_image_holds_what_the_writers_weights_are_fetched_by() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    assert PACKAGES.name in " ".join(copied).split()
    assert PACKAGES.parent == DEPLOY.parent.parent
