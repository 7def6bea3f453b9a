"""Copies an index to one file while it is used, and makes an index of such a file again.

A backup is the store alone, at one moment: all else in a data folder is derived. Owns the order in which files appear.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import chain, count
from pathlib import Path

from index.errors import ManifestMismatch, StoreDamaged, StoreUnavailable
from index.files import flush_folder, is_special, move, real, replacing_path, sweep
from index.manifest import Manifest, is_present, remove_copy, write_copy
from index.sqlite import CopyProgress, connect
from index.store import FILE_NAME, Store
from index.verify import UNREADABLE, verify

_STAGING = ".restoring-"
_ASIDE = ".damaged"


def backup(folder: Path, file: Path, *, progress: CopyProgress | None = None) -> int:
    """Writes what the index in `folder` holds at this moment to `file`, whole or not at all; how many articles it is.

    Readers and writers go on meanwhile; what they commit after the beginning is not in it. Raises `StoreUnavailable`
    where there is no index, or where `file` cannot be written or is one of the data folder.
    """
    refuse_own(folder, file)
    with _clear_errors(file):
        if is_special(file):
            raise StoreUnavailable(f"{file} is no regular file, which a backup must be; name another file")
    with (
        closing(Store.open(folder, new_manifest=None)) as store,
        _clear_errors(file),
        replacing_path(real(file)) as copy,
    ):
        with store.reading() as reader, closing(connect(copy, create=True, busy_timeout_s=0)) as target:
            target.execute("PRAGMA journal_mode=OFF")  # one that fails is thrown away
            target.execute("PRAGMA synchronous=OFF")  # all is flushed before it gets its name
            reader.copy_to(target, copy, progress)
        return reader.article_count


def refuse_own(folder: Path, file: Path) -> None:
    """Raises `StoreUnavailable` where `file` lies in the data folder itself, or is what a link there leads to."""
    target = real(file)
    if target.parent == real(folder) or target in map(real, folder.glob("*")):
        raise StoreUnavailable(
            f"{file} is in the data folder {folder}, whose files are the index's own; name another file elsewhere"
        )


def restore(file: Path, folder: Path, *, force: bool = False) -> bool:
    """Makes the index in `folder` that which `file` is a backup of; whether it can be used without `rebuild`.

    All that `verify` checks is checked first; until then, and where it fails, nothing is changed. An index that is
    there is replaced only with `force`, in one transaction: who has it open goes on with the restored one. One that is
    damaged is kept beside it, under another name. Raises `StoreDamaged` or `StoreUnavailable`.
    """
    path = folder / FILE_NAME
    if path.exists() and not force:
        raise StoreUnavailable(
            f"there is an index in {folder} already; name another folder, or give --force to lose it"
        )
    with _clear_errors(folder), _staged(file, folder) as staging:
        manifest = _verified(staging, file)
        existing = _opened(folder) if path.exists() else None
        remove_copy(folder)  # if we are killed after the next step, no copy contradicts the store
        if existing is None:
            _moved(staging, path)
            write_copy(folder, manifest)
        else:
            with closing(existing):
                try:
                    _copied(staging, existing)
                finally:
                    write_copy(folder, _manifest(existing, path))  # of what it holds now, restored or not
        return is_present(manifest)


@contextmanager
def _staged(file: Path, folder: Path) -> Iterator[Path]:
    """A folder that holds a copy of the backup as a store of the present format; gone afterwards."""
    with _clear_errors(file, "read", "make it readable for this user"):
        if not file.is_file():
            raise StoreUnavailable(f"{file} is not there or no file; name a file that `python -m index backup` wrote")
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder, f"{_STAGING}*")
    with tempfile.TemporaryDirectory(prefix=_STAGING, dir=folder) as name:
        with _clear_errors(file, "copied", f"make it readable for this user, and room in {folder}"):
            shutil.copyfile(file, Path(name) / FILE_NAME)
        yield Path(name)


def _verified(staging: Path, file: Path) -> Manifest:
    try:
        with closing(Store.open(staging, new_manifest=None)) as store:
            manifest = _manifest(store, file)
        write_copy(staging, manifest)
        violations = verify(staging, outdated=True)
    except StoreDamaged as exc:
        violations = [str(exc).replace(str(staging / FILE_NAME), str(file))]
    except ManifestMismatch:
        violations = ["its manifest is none that this version knows"]
    except UNREADABLE as exc:
        violations = [f"a row cannot be read: {exc}"]
    if violations:
        more = f", and {len(violations) - 1} more" if len(violations) > 1 else ""
        first = " ".join(violations[0].split())  # SQLite's own go over several lines
        raise StoreDamaged(f"{file} is no sound backup: {first}{more}; nothing was changed; restore another one")
    return manifest


def _opened(folder: Path) -> Store | None:
    """The index that is to be replaced; `None` where it is too damaged to be opened and read."""
    with suppress(StoreDamaged, ManifestMismatch, *UNREADABLE), ExitStack() as damaged:
        store = damaged.enter_context(closing(Store.open(folder, new_manifest=None)))
        _manifest(store, folder)
        damaged.pop_all()  # it is not: it stays open
        return store
    return None


def _manifest(store: Store, where: Path) -> Manifest:
    with store.reading() as reader:
        return Manifest.from_json(reader.manifest, where=str(where))


def _copied(staging: Path, existing: Store) -> None:
    with existing.reading() as reader:
        last = reader.generation
    with closing(Store.open(staging, new_manifest=None)) as staged:
        with staged.writing() as writer:
            writer.start_over(after=last)
        with staged.reading() as reader:
            existing.replace_with(reader)


def _moved(staging: Path, path: Path) -> None:
    with closing(Store.open(staging, new_manifest=None)) as staged, staged.writing() as writer:
        writer.start_over(after=0)
    _put_aside(path)
    move(staging / FILE_NAME, path)


def _put_aside(path: Path) -> None:
    """Renames the store's file and its log, which no other file may find beside itself. What is aside already stays."""
    suffixes = chain([_ASIDE], (f"{_ASIDE}-{number}" for number in count(2)))
    free = next(suffix for suffix in suffixes if not any(path.parent.glob(f"{FILE_NAME}*{suffix}")))
    for damaged in path.parent.glob(f"{FILE_NAME}*"):
        if _ASIDE not in damaged.name:
            damaged.replace(damaged.with_name(damaged.name + free))
    flush_folder(path.parent)


@contextmanager
def _clear_errors(
    path: Path, what: str = "written", way_out: str = "make room and its folder writable"
) -> Iterator[None]:  # fmt: skip
    try:
        yield
    except OSError as exc:
        raise StoreUnavailable(f"{path} cannot be {what} ({exc}); {way_out}") from exc
