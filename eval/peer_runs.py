"""What one system does in the comparison with peers, in a process of its own: reads, indexes, answers, tells its times.

Imports nothing of the project, so that it runs in another environment too.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time


@dataclass(frozen=True, slots=True)
class Peer:
    """A system whose model is loaded: indexes passages (id, text), durably; then gives what finds their ids."""

    ingest: Callable[[Sequence[tuple[str, str]]], None]
    searching: Callable[[], Callable[[str], list[str]]]


def measured(load: Callable[[str, Path], Peer]) -> int:
    """Of `MODEL FOLDER`: the folder holds `passages.jsonl` and `queries.jsonl`. Prints a line of JSON."""
    model, folder = sys.argv[1], Path(sys.argv[2])
    passages = [(record["id"], record["text"]) for record in _records(folder / "passages.jsonl")]
    queries = [(record["query"], record["gold"]) for record in _records(folder / "queries.jsonl")]
    peer = load(model, folder)
    clock, cpu = perf_counter(), process_time()
    peer.ingest(passages)
    ingest_s, ingest_cpu_s = perf_counter() - clock, process_time() - cpu
    search = peer.searching()
    search(queries[0][0])
    clock, cpu, found = perf_counter(), process_time(), 0
    for query, gold in queries:
        found += any(name.startswith(gold) for name in search(query))
    searched_s, searched_cpu_s = perf_counter() - clock, process_time() - cpu
    times = {
        "ingest_s": ingest_s,
        "ingest_cpu_s": ingest_cpu_s,
        "query_ms": 1000 * searched_s / len(queries),
        "query_cpu_ms": 1000 * searched_cpu_s / len(queries),
        "found": found / len(queries),
    }
    sys.stdout.write(f"\n{json.dumps(times)}\n")
    return 0


def _records(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
