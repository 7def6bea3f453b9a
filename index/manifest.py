"""What an index was built with. Owns the comparison with what is asked for, and the readable copy beside the store."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Protocol

from index.analysis import ANALYSIS
from index.encoder import Encoder
from index.errors import ManifestMismatch, StoreUnavailable
from index.files import write_atomically
from index.passages import CHUNKING

FILE_NAME = "manifest.json"
FORMAT = 1  # of these facts; that of the tables is in schema.py


@dataclass(frozen=True, slots=True)
class Manifest:
    """The facts that stored passages, terms and vectors depend on; they are comparable only where all are equal."""

    format: int
    encoder: str
    dim: int
    query_prefix: str
    passage_prefix: str
    chunking: str
    analysis: str

    @classmethod
    def wanted(cls, encoder: Encoder) -> "Manifest":
        """What an index built now, with `encoder`, would record."""
        return cls(FORMAT, encoder.name, encoder.dim, encoder.query_prefix, encoder.passage_prefix, CHUNKING, ANALYSIS)

    @classmethod
    def from_json(cls, text: str, *, where: str) -> "Manifest":
        """Raises `ManifestMismatch` where `text`, found in `where`, is no manifest of this version."""
        try:
            values = json.loads(text)
        except ValueError as exc:
            raise ManifestMismatch(f"{where} is not JSON ({exc}); {_REMOVE}") from exc
        names = {field.name for field in fields(cls)}
        if not isinstance(values, Mapping) or set(values) != names:
            found = sorted(values) if isinstance(values, Mapping) else type(values).__name__
            raise ManifestMismatch(f"{where} holds {found}, wanted the fields {sorted(names)}; {_REMOVE}")
        return cls(**values)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"

    @property
    def digest(self) -> str:
        return hashlib.blake2b(self.to_json().encode(), digest_size=16).hexdigest()


_REMOVE = f"remove {FILE_NAME} to have it written again from the store"


def check(found: Manifest, wanted: Manifest, *, where: str) -> None:
    """Raises `ManifestMismatch` naming each field of `where` that differs, and the way out."""
    differing = [
        f"{field.name}: found {getattr(found, field.name)!r}, wanted {getattr(wanted, field.name)!r}"
        for field in fields(Manifest)
        if getattr(found, field.name) != getattr(wanted, field.name)
    ]
    if differing:
        raise ManifestMismatch(
            f"{where} was built with other settings ({'; '.join(differing)}); run `python -m index rebuild` to encode"
            " its articles again with the present ones, or set the encoder back to the one found"
        )


def is_present(manifest: Manifest) -> bool:
    """Whether texts are still cut and analysed as they were for an index of `manifest`."""
    return (manifest.chunking, manifest.analysis) == (CHUNKING, ANALYSIS)


class Stamped(Protocol):
    """What a store's reader says of the store: where it is, and the manifest that it is of."""

    manifest: str

    @property
    def path(self) -> object: ...


def refuse_if_rebuilt(reader: Stamped, manifest: Manifest) -> None:
    """Raises `ManifestMismatch` where the store is not, or is no longer, of `manifest`."""
    if reader.manifest != manifest.to_json():
        raise ManifestMismatch(
            f"{reader.path} was rebuilt with other settings by another process; restart this one with the same settings"
        )


def read_copy(folder: Path) -> Manifest | None:
    """The manifest written beside the store; `None` where there is no such file."""
    path = folder / FILE_NAME
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as exc:
        raise ManifestMismatch(f"{path} cannot be read ({exc}); {_REMOVE}") from exc
    return Manifest.from_json(text, where=str(path))


def write_copy(folder: Path, manifest: Manifest) -> None:
    with _clear_errors(folder):
        write_atomically(folder / FILE_NAME, manifest.to_json().encode())


def remove_copy(folder: Path) -> None:
    with _clear_errors(folder):
        (folder / FILE_NAME).unlink(missing_ok=True)


@contextmanager
def _clear_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StoreUnavailable(
            f"{folder / FILE_NAME} cannot be written ({exc}); make room and the folder writable for this user"
        ) from exc
