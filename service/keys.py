"""API keys: who may read, who may write. Knows nothing of HTTP.

A key is 256 random bits, and only its SHA-256 is kept. A slow, salted hash protects passwords, which can be guessed; no
one guesses 256 bits, so that a slow hash would cost time with every request and protect nothing more. For the same
reason a key is only ever made here, never chosen.
"""

import hmac
import logging
import re
import secrets
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from index.files import replacing
from index.settings import Settings, SettingsError

logger = logging.getLogger(__name__)

FILE_NAME = "keys.txt"
_PREFIX = "sourcier_"
_LINE = re.compile(r"(?P<name>[\w.-]{1,64}):(?P<scopes>read|write|read\+write):(?P<digest>[0-9a-f]{64})")


class Scope(StrEnum):
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key."""

    name: str
    scopes: frozenset[Scope]
    digest: str

    @classmethod
    def parse(cls, line: str) -> "Key":
        """Raises `ValueError` where it is not `NAME:SCOPES:SHA-256`."""
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise ValueError("not NAME:read, write or read+write:64 hexadecimal digits; make it with `keys add`")
        return cls(match["name"], frozenset(map(Scope, match["scopes"].split("+"))), match["digest"])

    def line(self) -> str:
        return f"{self.name}:{'+'.join(sorted(self.scopes))}:{self.digest}"


def make_key(name: str, scopes: Iterable[Scope]) -> tuple[str, Key]:
    """A new key: the secret, which is shown once, and what is kept of it. Raises `ValueError` for another name."""
    secret = _PREFIX + secrets.token_urlsafe(32)
    return secret, Key.parse(Key(name, frozenset(scopes), _digest(secret)).line())


class KeyRing:
    """The keys of the settings and of the keys file, which is read again whenever it has changed.

    Once there have been keys one is always required: a file that is emptied, disappears or is damaged opens nothing. So
    a file that is there is enough, though it holds none. Safe to use from many threads.
    """

    def __init__(self, fixed: Sequence[Key], file: Path) -> None:
        self._fixed = tuple(fixed)
        self._file = file
        self._seen: tuple[int, int] | None = None
        self._keys = self._fixed
        self._ever = bool(fixed)
        self._lock = threading.Lock()
        self._read_again(_stamp(file))

    @classmethod
    def of(cls, settings: Settings) -> "KeyRing":
        """Raises `SettingsError` for a line that is not a key's."""
        return cls(_parsed(settings.keys, "SOURCIER_KEYS"), keys_file(settings))

    @property
    def required(self) -> bool:
        self._follow()
        return self._ever

    def find(self, secret: str) -> Key | None:
        """The key of this secret. Every digest is compared, each in constant time."""
        self._follow()
        given = _digest(secret)
        matching = [key for key in self._keys if hmac.compare_digest(key.digest, given)]
        return matching[0] if matching else None

    def _follow(self) -> None:
        with self._lock:
            stamp = _stamp(self._file)
            if stamp == self._seen:
                return
            try:
                self._read_again(stamp)
            except SettingsError as exc:
                self._seen = stamp
                logger.error("%s; the keys from before stay in force", exc)

    def _read_again(self, stamp: tuple[int, int] | None) -> None:
        self._ever = self._ever or stamp is not None
        self._keys = (*self._fixed, *(read_keys(self._file) if stamp else ()))
        self._seen = stamp


def keys_file(settings: Settings) -> Path:
    return settings.keys_file or settings.data / FILE_NAME


def read_keys(file: Path) -> list[Key]:
    """The keys of the file, none where there is no file. Raises `SettingsError`."""
    return _parsed([line for line in _lines(file) if not _is_comment(line)], str(file))


def write_keys(file: Path, keys: Iterable[Key]) -> None:
    """Makes the file hold these keys; its comments stay where they are. It stays its owner's, and a new one becomes its
    folder's owner's, where that is permitted: what root makes, a service with a user of its own can read. Raises
    `SettingsError`."""
    wanted = [key.line() for key in keys]
    kept = [line for line in _lines(file) if _is_comment(line) or line.strip() in wanted]
    held = {line.strip() for line in kept}
    lines = [*kept, *(line for line in wanted if line not in held)]
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file, mode=0o600) as new:
            new.write("".join(f"{line}\n" for line in lines).encode())
    except OSError as exc:
        raise SettingsError(
            f"{file} cannot be written: {exc}; make its folder writable, or name another file in SOURCIER_KEYS_FILE"
        ) from exc


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{file} cannot be read: {exc}") from exc


def _is_comment(line: str) -> bool:
    return not line.strip() or line.startswith("#")


def _parsed(lines: Iterable[str], where: str) -> list[Key]:
    try:
        return [Key.parse(line) for line in lines]
    except ValueError as exc:
        raise SettingsError(f"{where} holds a line that is {exc}") from exc


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _stamp(file: Path) -> tuple[int, int] | None:
    """Changes with the file; None where there is none. One that cannot be looked at is there: reading it says why."""
    try:
        stat = file.stat()
    except FileNotFoundError:
        return None
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_ino
