"""Random work on an index that is interrupted by every fault we can make, against a model that cannot fail.

One run is a few lives of a process on one data folder. In each life it puts, replaces, removes, syncs, saves, reopens,
backs up and restores, and says what was acknowledged; one fault strikes it. Then the folder must hold all that was
acknowledged and nothing else; what was under way when the fault struck is there as a whole or not at all; and `verify`
must find nothing.
"""

import json
import os
import random
import shutil
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import apsw
import numpy as np
from numpy.typing import NDArray

from eval.faulty_disk import FAULTS, STRUCK, strike
from index.backup import backup, restore
from index.build import sync
from index.errors import IndexingError
from index.index import Index, Outcome
from index.kept_states import KeptStates, pack, text_key
from index.sqlite import connect
from index.store import FILE_NAME
from index.types import Article
from index.verify import verify

State = frozenset[tuple[str, int]]  # articles by id, each with its version
_IDS = [f"a{n}" for n in range(9)]
_BATCH = 2
_LIVES = 3
_PROCESS_FAULTS = ("none", "killed", "busy", "clock")
_KILLING = ("kill", "torn", "killed")
_REFUSING = ("full", "io", "readonly", "limit", "busy")  # under the others nothing may fail
_DERIVED_KEPT = (FILE_NAME, "manifest.json")


@dataclass(frozen=True, slots=True)
class Operation:
    """`wanted` are the articles that are put or synced, by id with their versions, or, without versions, removed."""

    kind: str
    wanted: tuple[tuple[str, int], ...] = ()


@dataclass
class Findings:
    """What went wrong, by run; and how much was tried."""

    lost: list[str] = field(default_factory=list)
    resurrected: list[str] = field(default_factory=list)
    corrupt: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def sound(self) -> bool:
        return not (self.lost or self.resurrected or self.corrupt)

    def __str__(self) -> str:
        wrong = [*self.lost, *self.resurrected, *self.corrupt]
        tried = ", ".join(f"{name} {count}" for name, count in sorted(self.counts.items()))
        verdict = f"{len(self.lost)} lost, {len(self.resurrected)} resurrected, {len(self.corrupt)} corrupt"
        return "\n".join([*wrong, tried, verdict])


def run_faults(runs: int, *, seed: int, progress: Callable[[int], None] | None = None) -> Findings:
    """So many runs, each decided by `seed` and its number; sound only where something was done.

    Uses `fork`, so no other thread may be at work.
    """
    findings = Findings()
    for number in range(runs):
        with tempfile.TemporaryDirectory(prefix="faults-") as name:
            _run(random.Random(f"{seed}/{number}"), Path(name), f"run {number}", findings)
        if progress:
            progress(1)
    if not findings.counts["operations done"]:
        findings.corrupt.append("no operation was done")
    return findings


def _run(chance: random.Random, folder: Path, name: str, findings: Findings) -> None:
    world = _World(folder)
    for life in range(_LIVES):
        operations = [_operation(chance, world) for _ in range(chance.randint(3, 8))]
        fault = chance.choice([*FAULTS, *_PROCESS_FAULTS])
        told = _live(world, operations, fault, chance, findings)
        possible = world.after(operations, told)
        if chance.random() < 0.3:
            _damage_what_is_derived(world.data, chance)
        problem = _check(world, possible, f"{name}, life {life}, {fault}", findings)
        findings.counts["lives"] += 1
        if problem:
            return
    findings.counts["runs"] += 1


class _World:
    """The folders of one run, and what the model knows of them."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.copy = folder / "copy"
        self.articles = folder / "articles.jsonl"
        self.state: State = frozenset()
        self.backed_up: set[State] = set()  # what the copy may hold; none where there is none
        self.versions = 0
        self.ever: set[tuple[str, int]] = set()

    def after(self, operations: Sequence[Operation], told: Sequence[tuple[int, str]]) -> set[State]:
        """The states that the index may be in, given what was told of each operation: begun, batch, done, failed."""
        possible = {self.state}
        for number, operation in enumerate(operations):
            words = [word for n, word in told if n == number]
            if not words:
                break
            ends = set(words)
            done = words.count("batch")  # a sync tells of each that it has committed
            if operation.kind == "backup":
                self.backed_up = set(possible) if "done" in ends else self.backed_up | possible
            elif operation.kind == "restore":
                restored = set(self.backed_up)
                possible = restored if "done" in ends and restored else possible | restored
            else:
                ways = {tuple(_states(state, operation)) for state in possible}
                possible = {way[-1] for way in ways} if "done" in ends else {s for way in ways for s in way[done:]}
        return possible


def _states(state: State, operation: Operation) -> Iterator[State]:
    """The states that an operation passes through, each of them committed as a whole: the one before first."""
    yield state
    now = dict(state)
    if operation.kind == "put":
        yield frozenset((now | dict(operation.wanted)).items())
    elif operation.kind == "remove":
        gone = {article_id for article_id, _ in operation.wanted}
        yield frozenset((key, version) for key, version in now.items() if key not in gone)
    elif operation.kind == "sync":
        for start in range(0, len(operation.wanted), _BATCH):
            now |= dict(operation.wanted[start : start + _BATCH])
            yield frozenset(now.items())
        extra = sorted(now.keys() - dict(operation.wanted).keys())
        for start in range(0, len(extra), _BATCH):
            now = {key: version for key, version in now.items() if key not in extra[start : start + _BATCH]}
            yield frozenset(now.items())


def _operation(chance: random.Random, world: _World) -> Operation:
    kind = chance.choice(["put", "put", "put", "remove", "remove", "sync", "save", "reopen", "backup", "restore"])
    ids = sorted(chance.sample(_IDS, chance.randint(1, 5)))
    wanted = []
    for article_id in ids:
        world.versions += 1
        wanted.append((article_id, world.versions))
    if kind in ("put", "sync"):
        world.ever.update(wanted)
    return Operation(kind, tuple(wanted) if kind in ("put", "remove", "sync") else ())


# A life


def _live(
    world: _World, operations: Sequence[Operation], fault: str, chance: random.Random, findings: Findings
) -> list[tuple[int, str]]:
    """What a child process told before it ended, or was killed."""
    seed, after_s = chance.random(), chance.uniform(0, 0.15)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            _work(world, operations, fault, random.Random(seed), writing)
        except BaseException:  # a copy of the parent goes no further
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    if fault == "killed":
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, encoding="utf-8") as lines:
        told = [json.loads(line) for line in lines if line.endswith("\n")]
    _, status = os.waitpid(child, 0)
    findings.counts[f"fault {fault}"] += 1
    code = os.waitstatus_to_exitcode(status)
    findings.counts["processes killed"] += code == -signal.SIGKILL
    if code and not (code == -signal.SIGKILL and fault in _KILLING):
        findings.corrupt.append(f"{fault}: the process ended with {code}")
    for line in told:
        if line[1] in ("done", "failed"):
            findings.counts[f"operations {line[1]}"] += 1
        elif line[1] == "wrong":
            findings.corrupt.append(line[2])
    return [(line[0], line[1]) for line in told if line[1] != "wrong"]


def _work(world: _World, operations: Sequence[Operation], fault: str, chance: random.Random, to: int) -> None:
    def tell(number: int, word: str, why: str = "") -> None:
        os.write(to, (json.dumps([number, word, why]) + "\n").encode())

    if fault == "clock":
        _set_clock_back(chance)
    elif fault in FAULTS:
        strike(fault, world.data.parent, chance)
    index: Index | None = None
    for number, operation in enumerate(operations):
        tell(number, "begun")
        try:
            if index is None or operation.kind == "reopen":
                if index:
                    index.close()
                index = None
                index = Index.open(world.data, WordsEncoder(), busy_timeout_s=0.02)
            with _another_writer(world.data, fault, chance):
                _do(index, operation, world, partial(_tell_batch, tell, number))
        except Exception as exc:
            word = "failed" if _may_fail(operation, fault, world, exc) else "wrong"
            tell(number, word, f"{fault}: {operation.kind} raised {type(exc).__name__}: {exc}")
        else:
            tell(number, "done")
    if index:
        with suppress(IndexingError, apsw.Error) if fault in _REFUSING else nullcontext():
            index.close()


def _may_fail(operation: Operation, fault: str, world: _World, error: Exception) -> bool:
    """Whether a caller may expect this error: one of ours, where writes are refused, or there is no backup yet."""
    if isinstance(error, IndexingError):
        return fault in _REFUSING or (operation.kind == "restore" and not world.copy.exists())
    return str(error) == STRUCK  # APSW raises what our layer raised even where SQLite, closing a file, minds it not


def _tell_batch(tell: Callable[[int, str], None], number: int, _: Sequence[Outcome]) -> None:
    tell(number, "batch")


def _do(index: Index, operation: Operation, world: _World, listener: Callable[[Sequence[Outcome]], None]) -> None:
    match operation.kind:
        case "put":
            index.put([article(*wanted) for wanted in operation.wanted])
        case "remove":
            index.remove([article_id for article_id, _ in operation.wanted])
        case "sync":
            lines = [json.dumps({"article_id": a.article_id, "title": a.title, "text": a.text, "lang": a.lang})
                     for a in (article(*wanted) for wanted in operation.wanted)]  # fmt: skip
            try:
                world.articles.write_text("\n".join(lines), encoding="utf-8")
            except OSError as exc:
                raise IndexingError("the articles could not be written") from exc
            sync(index, [world.articles], batch_articles=_BATCH, listener=listener)
        case "save":
            index.save()
        case "backup":
            backup(world.data, world.copy)
        case "restore":
            restore(world.copy, world.data, force=True)


class _another_writer:  # noqa: N801  # used as a function is
    """Another process's lock on the store, for one operation in two where the fault is `busy`."""

    def __init__(self, data: Path, fault: str, chance: random.Random) -> None:
        self._held = connect(data / FILE_NAME, create=False, busy_timeout_s=0) if fault == "busy" else None
        self._locks = chance.random() < 0.5

    def __enter__(self) -> None:
        if self._held and self._locks:
            self._held.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_: object) -> None:
        if self._held:
            self._held.close()


def _set_clock_back(chance: random.Random) -> None:
    real = time.time
    back_s = chance.choice([60, 86_400, 10 * 365 * 86_400])
    time.time = lambda: real() - back_s
    time.time_ns = lambda: int(1e9 * (real() - back_s))


# What must hold


def _damage_what_is_derived(data: Path, chance: random.Random) -> None:
    """One file that the store can do without: cut short, or a bit turned, or gone."""
    files = [p for p in sorted(data.glob("*")) if p.is_file() and not p.name.startswith(_DERIVED_KEPT)]
    if not files:
        return
    file = chance.choice(files)
    content = bytearray(file.read_bytes())
    match chance.choice(["cut", "bit", "gone"]):
        case "cut":
            file.write_bytes(content[: chance.randrange(len(content) + 1)])
        case "bit" if content:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
            file.write_bytes(content)
        case _:
            file.unlink()


def _check(world: _World, possible: set[State], name: str, findings: Findings) -> bool:
    """Whether something does not hold; sets the model to the state that was found."""
    if not (world.data / FILE_NAME).exists() and frozenset() in possible:
        shutil.rmtree(world.data, ignore_errors=True)
        world.state = frozenset()
        return False
    try:
        with closing(Index.open(world.data, WordsEncoder())) as index:
            found = _found(index)
            searched = _searchable(index, world.ever)
        violations = verify(world.data)
    except IndexingError as exc:
        findings.corrupt.append(f"{name}: {exc}")
        return True
    findings.corrupt += [f"{name}: {violation}" for violation in violations]
    nearest = min(possible, key=lambda state: len(state ^ found))
    if found != nearest:
        findings.lost += [f"{name}: {key} is not there" for key in sorted(nearest - found)]
        findings.resurrected += [f"{name}: {key} is there" for key in sorted(found - nearest)]
    findings.lost += [f"{name}: {key} is not found" for key in sorted(found - searched)]
    findings.resurrected += [f"{name}: {key} is found" for key in sorted(searched - found)]
    world.state = found
    return bool(violations) or found != nearest or searched != found


def _found(index: Index) -> State:
    with index.view() as view:
        return frozenset((a.article_id, int(a.title.removeprefix("Version "))) for a in view.every_article())


def _searchable(index: Index, ever: set[tuple[str, int]]) -> State:
    """The articles, of all that ever were, that are found by any of meaning, words and kept states."""
    with index.view() as view:
        dense = view.dense(WordsEncoder().encode_queries(["version"])[0], 10_000)
        found = {(scored.passage.article_id, int(scored.passage.text.split()[1].strip("."))) for scored in dense}
        for article_id, version in ever:
            by_words = view.lexical(word(version), 10)
            found.update((scored.passage.article_id, version) for scored in by_words)
            has_states = index.states([text_key(WordsEncoder.name, _encoded_text(article_id, version))])
            if bool(has_states) != ((article_id, version) in found):
                found ^= {(article_id, version)}
        return frozenset(found)


def word(version: int) -> str:
    """One that only this version has."""
    return f"mot{version}x"


def article(article_id: str, version: int) -> Article:
    return Article(article_id, f"Version {version} de {article_id}, avec {word(version)}.", f"Version {version}")


def _encoded_text(article_id: str, version: int) -> str:
    a = article(article_id, version)
    return f"{a.title}\n{a.text}"


class WordsEncoder:
    """Vectors that depend on the text and cost nothing, with states of two tokens."""

    name = "words"
    dim = 16
    query_prefix = ""
    passage_prefix = ""

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([_direction(text) for text in texts])

    def encode_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        if progress:
            progress(len(texts))
        return self.encode_queries(texts)

    def encode_passages_and_states(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[KeptStates]]:
        vectors = self.encode_passages(texts, progress=progress)
        states = [pack(np.tile(row, (2, 1)), np.tile(row, (2, 1))) for row in vectors]
        return vectors, [KeptStates(text_key(self.name, text), blob) for text, blob in zip(texts, states, strict=True)]


def _direction(text: str) -> NDArray[np.float32]:
    row = np.array(random.Random(text).choices(range(1, 100), k=WordsEncoder.dim), np.float32)
    return row / np.linalg.norm(row)
