"""A disk that fails below the index of this process: from a certain write on, or by ending the process at that write.

SQLite's writes pass through a file layer of ours (a VFS); Python's own files are watched by an audit hook. Both count
as write points. Cannot be undone: for a process that was forked for it.
"""

import errno
import os
import random
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import apsw

FAULTS = ("kill", "torn", "full", "io", "readonly", "limit")
"""Killed at a write; killed amid one; disk full; input/output error; read-only; no file may grow past a size."""

STRUCK = "struck"
_MOST_POINTS = 400
_LASTING = 1_000_000


def strike(fault: str, folder: Path, chance: random.Random) -> None:
    """From now on, one fault strikes what is written below `folder`, at a write point drawn by `chance`."""
    if fault == "limit":
        size = round(2 ** chance.uniform(10, 19))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        return
    point = round(_MOST_POINTS ** chance.random())
    disk = _Disk(fault, str(folder), point, chance.choice([1, 3, 20, _LASTING]))
    sys.addaudithook(disk.audit)
    global _layer  # SQLite uses it for as long as the process lives
    _layer = _Layer(disk)


_layer: "_Layer | None" = None


class _Disk:
    def __init__(self, fault: str, folder: str, point: int, lasts: int) -> None:
        self.fault = fault
        self._folder = folder
        self._point = point
        self._lasts = lasts
        self._count = 0

    def strikes(self) -> bool:
        """Whether this write point is struck. Does not return where the process is to be killed at it."""
        self._count += 1
        now = self._point <= self._count < self._point + self._lasts
        if now and self.fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        return now

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:  # whatever the event carries
        if not arguments or not str(arguments[0]).startswith(self._folder):
            return
        if event == "open":
            mode, flags = arguments[1], arguments[2]
            writes = any(letter in mode for letter in "wax+") if mode else flags & (os.O_WRONLY | os.O_RDWR)
        else:
            writes = event in ("os.rename", "os.mkdir", "os.truncate") or (
                event in ("os.remove", "os.rmdir") and self.fault != "full"  # a full disk lets go of files
            )
        if writes and self.strikes():
            if self.fault == "torn":
                os.kill(os.getpid(), signal.SIGKILL)
            number = {"full": errno.ENOSPC, "io": errno.EIO, "readonly": errno.EROFS}[self.fault]
            raise OSError(number, os.strerror(number), str(arguments[0]))

    def write(self) -> bool:
        """Raises what SQLite understands; true where half of a write is to be done, and no more."""
        if not self.strikes():
            return False
        if self.fault == "torn":
            return True
        raise {"full": apsw.FullError, "io": apsw.IOError, "readonly": apsw.ReadOnlyError}[self.fault](STRUCK)


class _Layer(apsw.VFS):
    def __init__(self, disk: _Disk) -> None:
        super().__init__("faulty", "unix", makedefault=True)
        self._disk = disk

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self._disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        if self._disk.fault != "full":
            self._disk.write()
        super().xDelete(filename, syncdir)


class _File(apsw.VFSFile):
    def __init__(self, disk: _Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self._disk = disk

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if self._disk.write():
            super().xWrite(bytes(data)[: len(data) // 2], offset)
            os.kill(os.getpid(), signal.SIGKILL)
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        if self._disk.fault != "full":
            self._disk.write()
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        if self._disk.fault != "full":
            self._disk.write()
        super().xSync(flags)
