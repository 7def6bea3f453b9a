"""The great part of a large index's vectors and terms: on the disk, memory-mapped; compressed vectors in memory.

Owns the file and what a search in it costs: where few vectors are left by a filter they are all compared, else the
compressed copy names some hundreds, which are compared exactly. Knows passages by their keys. A base never changes.
The file holds a line that names the format, one of JSON, and arrays, each at a multiple of 64 bytes.
"""

import hashlib
import json
import mmap
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from index.facts import Facts
from index.faiss_indexes import Compressed, Keys, Mask, Rows
from index.files import replacing
from index.postings import Postings, Terms, gathered

PREFIX = "vectors.base-"
RESCORED = 800  # of 100, 300, 800: recall@10 of .85, .96, .99 among a million that are all looked at
SCANNED = 20_000  # as few vectors as this are all compared
_MAGIC = b"sourcier vector base 2\n"
_HEADER_BYTES = 4096
_ALIGNED = 64
_BLOCK_ROWS = 16384
_CHUNK_BYTES = 2**26
_MARGIN = 1e-5  # more than the float32 inner product of two vectors of norm 1 can be wrong by


@dataclass(frozen=True, slots=True)
class BaseFile:
    """Which file it is, and what it must hold."""

    name: str
    size: int
    digest: str  # BLAKE2b over the BLAKE2b digests of its pieces of 64 MiB


@dataclass(frozen=True, slots=True)
class Base:
    """Vectors in the order of their keys, which ascend. `name` is the same for the same vectors."""

    file: BaseFile
    facts: Facts
    rows: Rows
    compressed: Compressed
    postings: Postings
    name: str

    @property
    def keys(self) -> Keys:
        return self.facts.keys

    def __len__(self) -> int:
        return len(self.rows)

    def places(self, keys: Keys) -> tuple[Mask, Keys]:
        """Which of these keys are here, and the places of those."""
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        here = np.equal(self.keys[places], keys)
        return here, places[here]

    def search(self, query: Rows, k: int, mask: Mask | None) -> Keys:
        """The places of the `k` nearest and those tied with them, ascending; of those in `mask` only, where given.

        Where at most `SCANNED` are in `mask` none of the nearest, nor of those tied with the k-th, is missing.
        """
        left = len(self) if mask is None else int(np.count_nonzero(mask))
        if mask is not None and left <= max(SCANNED, RESCORED, k):
            return self._best(query, k, np.flatnonzero(mask))
        wanted = min(len(self), max(RESCORED, 4 * k))
        return self._best(query, k, self.compressed.search(query, wanted, mask, share=left / len(self)))

    def _best(self, query: Rows, k: int, places: Keys) -> Keys:
        """Of these the `k` nearest, by their full vectors, and what may be tied with the k-th."""
        scores = np.concatenate(
            [np.empty(0, np.float32)]
            + [self.rows[places[i : i + _BLOCK_ROWS]] @ query for i in range(0, len(places), _BLOCK_ROWS)]
        )
        if len(scores) <= k:
            return places
        margin = _MARGIN * max(1.0, float(np.linalg.norm(query)))
        best: Keys = places[scores >= np.partition(scores, -k)[-k] - 2 * margin]
        return best


def write_base(
    folder: Path, facts: Facts, blocks: Iterable[tuple[Keys, Rows]], terms: Iterable[Terms], dim: int
) -> Base:
    """A new base file in `folder`, of vectors and terms in the order of the keys of `facts`. Raises `OSError`."""
    path = folder / f"{PREFIX}{secrets.token_hex(8)}"
    with replacing(path) as file:
        file.write(b"\0" * _HEADER_BYTES)
        _append(file, facts.keys.astype("<i8"))
        for column in (facts.first_day, facts.last_day, facts.source):
            _append(file, column.astype("<i4"))
        start, written = _aligned(file), 0
        for _, rows in blocks:
            file.write(rows.astype("<f4").tobytes())
            written += len(rows)
        if written != len(facts):
            raise ValueError(f"{written} vectors came for {len(facts)} passages")
        file.flush()
        codes = Compressed.of(np.memmap(file, "<f4", "r", start, (len(facts), dim))).to_bytes()
        file.seek(0, 2)
        _append(file, codes)
        names = np.frombuffer(json.dumps(facts.names).encode(), np.uint8)
        _append(file, names)
        with gathered(terms, folder) as postings:
            if len(postings) != len(facts):
                raise ValueError(f"terms came of {len(postings)} passages, wanted {len(facts)}")
            for name, dtype in _POSTINGS:
                _append(file, getattr(postings, name).astype(dtype, copy=False))
        header = {
            "count": len(facts), "dim": dim, "code_bytes": len(codes), "name_bytes": len(names),
            "terms": len(postings.terms), "postings": len(postings.places),
        }  # fmt: skip
        file.seek(0)
        file.write(_MAGIC + json.dumps(header).encode() + b"\n")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        found = BaseFile(path.name, len(mapped), _digest(mapped))
    return open_base(folder, found, check=False)


def _append(file: BinaryIO, array: NDArray[Any]) -> None:  # of any type
    _aligned(file)
    file.write(np.ascontiguousarray(array).view(np.uint8).data if len(array) else b"")


def _aligned(file: BinaryIO) -> int:
    """Where the next array starts; the file is filled up to there."""
    file.write(b"\0" * (-file.tell() % _ALIGNED))
    return file.tell()


def open_base(folder: Path, file: BaseFile, *, check: bool = True) -> Base:
    """The base in `file`, every byte of it checked unless it was written just now. Raises `ValueError`, `OSError`."""
    with (folder / file.name).open("rb") as opened:
        mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    if len(mapped) != file.size:
        raise ValueError(f"{file.name} has {len(mapped)} bytes, wanted {file.size}")
    if check and _digest(mapped) != file.digest:
        raise ValueError(f"the checksum of {file.name} does not match its content")
    if mapped[: len(_MAGIC)] != _MAGIC:
        raise ValueError(f"{file.name} is of another format")
    header = json.loads(mapped[len(_MAGIC) : _HEADER_BYTES].split(b"\n", 1)[0])
    count, dim = header["count"], header["dim"]
    place = _HEADER_BYTES

    def taken(dtype: str, items: int) -> NDArray[Any]:  # of the type that it is told
        nonlocal place
        place += -place % _ALIGNED
        array = np.frombuffer(mapped, dtype, items, place)
        place += array.nbytes
        return array

    keys, first_day, last_day, source = (taken(dtype, count) for dtype in ("<i8", "<i4", "<i4", "<i4"))
    rows = taken("<f4", count * dim).reshape(count, dim)
    codes = taken("u1", header["code_bytes"])
    names = json.loads(taken("u1", header["name_bytes"]).tobytes())
    sizes = (header["terms"], header["terms"] + 1, count, header["postings"], header["postings"])
    arrays = {name: taken(dtype, size) for (name, dtype), size in zip(_POSTINGS, sizes, strict=True)}
    facts = Facts(keys, first_day, last_day, source, tuple(names))
    name = hashlib.blake2b(keys.tobytes() + codes.tobytes(), digest_size=16).hexdigest()
    return Base(file, facts, rows, Compressed.from_bytes(codes), Postings(**arrays), name)


_POSTINGS = (("terms", "<u8"), ("starts", "<i8"), ("lengths", "<i4"), ("places", "<u4"), ("counts", "<u2"))


def _digest(mapped: mmap.mmap) -> str:
    """Of all bytes; two threads share the work, since hashing is most of what opening costs."""

    def of_piece(start: int) -> bytes:
        with memoryview(mapped) as view, view[start : start + _CHUNK_BYTES] as piece:
            return hashlib.blake2b(piece).digest()

    with ThreadPoolExecutor(2) as pool:
        return hashlib.blake2b(b"".join(pool.map(of_piece, _starts(len(mapped))))).hexdigest()


def _starts(size: int) -> Iterator[int]:
    return iter(range(0, size, _CHUNK_BYTES))
