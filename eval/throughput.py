"""How much a server bears: searches and answers a second from many clients at once, over HTTP, on 10,000 passages.

The passages and the questions are real ones of the data sets; every reply must be a success, and what is refused is not
counted as borne. What a second of the processor gives travels between machines better than what a second of the clock
does, so both are told.
"""

import asyncio
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

import httpx

from eval.datasets import piaf
from eval.errors import ServerFailed
from eval.pools import build_pool, question_pool
from eval.serving import serving
from eval.statistics import percentile
from index.passages import cut
from index.settings import Settings
from index.types import Article

logger = logging.getLogger(__name__)

PASSAGES = 10_000
CLIENTS = 16
LEAST_PER_S = {"/v1/search": 25, "/v1/ask": 10}  # what the project stands by, on two cores with nothing else to do
_FIELD = {"/v1/search": "query", "/v1/ask": "question"}
_WARM_UP = 32
_TIMEOUT_S = 120
_UNTOLD = "the system tells no processor time"


@dataclass(frozen=True, slots=True)
class Load:
    """One route under load. Counted a second and timed are the replies that are no errors.

    `cpu_ms` is the server's processor time for each of these, its threads together; 0 where the system tells none.
    """

    route: str
    replies: int
    errors: int
    per_s: float
    median_ms: float
    p99_ms: float
    cpu_ms: float

    def on_quiet_cores(self, cores: int = 2) -> float | None:
        """Successes a second if `cores` did nothing else, and nothing but the processor held the server up.

        None where the system tells no processor time.
        """
        return 1000 * cores / self.cpu_ms if self.cpu_ms else None


def pool(folder: Path, passages: int = PASSAGES) -> list[Article]:
    """The first articles of the pool that hold so many passages together."""
    chosen, held = [], 0
    for article in question_pool(folder):
        if held >= passages:
            break
        chosen.append(article)
        held += len(cut(article))
    return chosen


def throughput(folder: Path, settings: Settings, root: Path, *, requests: int, clients: int = CLIENTS) -> list[Load]:
    """Searches, then answers, `requests` of each from `clients` at once; the index is kept in `settings.data`.

    Raises `ServerFailed` where none is a success.
    """
    build_pool(pool(folder), settings, _say)
    questions = [question.question for question in islice(piaf(folder)[1], 0, None, 7)][: requests + _WARM_UP]
    with serving(settings, root) as (url, process_id):
        return [asyncio.run(_load(url, process_id, route, questions, clients)) for route in _FIELD]


def lines(loads: Sequence[Load], clients: int = CLIENTS) -> Iterator[str]:
    for load in loads:
        quiet, least = load.on_quiet_cores(), LEAST_PER_S[load.route]
        yield f"{load.route} from {clients} clients: {load.replies} replies, {load.errors} errors"
        yield f"  {load.per_s:.1f} a second; median {load.median_ms:.0f} ms, 99th percentile {load.p99_ms:.0f} ms"
        if quiet is None:
            yield f"  {_UNTOLD}"
        else:
            yield f"  {load.cpu_ms:.0f} ms of CPU each: {quiet:.1f} a second on two quiet cores at the most,"
            yield f"  {quiet / least:.2f} of the limit of {least} a second"


def past_limits(loads: Sequence[Load]) -> list[str]:
    """The routes that bear less than the project stands by, and those of which that cannot be judged."""
    past = []
    for load in loads:
        quiet, least = load.on_quiet_cores(), LEAST_PER_S[load.route]
        if quiet is None:
            past.append(f"{load.route}: cannot be judged, as {_UNTOLD}")
        elif quiet < least:
            past.append(f"{load.route}: {quiet:.1f} a second on two quiet cores, limit {least}")
    return past


def _say(done: int, of: int) -> None:
    if not done % 640:
        logger.info("indexed %d of %d articles", done, of)


async def _load(url: str, process_id: int, route: str, questions: Sequence[str], clients: int) -> Load:
    waiting = iter(questions[:_WARM_UP])
    times: list[float] = []
    errors = 0

    async def client(http: httpx.AsyncClient) -> None:
        nonlocal errors
        for question in waiting:
            started = perf_counter()
            reply = await http.post(route, json={_FIELD[route]: question})
            if reply.is_success:
                times.append(1000 * (perf_counter() - started))
            else:
                errors += 1

    async def all_clients(http: httpx.AsyncClient) -> None:
        await asyncio.gather(*(client(http) for _ in range(clients)))

    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_S, limits=limits) as http:
        await all_clients(http)
        times.clear()
        errors = 0
        waiting = iter(questions[_WARM_UP:])
        cpu_s, started = _cpu_s(process_id), perf_counter()
        await all_clients(http)
        elapsed_s, cpu_s = perf_counter() - started, _cpu_s(process_id) - cpu_s
    n = len(times)
    if not n:
        raise ServerFailed(f"{route} answered none of {errors} requests, after {_WARM_UP} to warm it up")
    return Load(route, n + errors, errors, n / elapsed_s, median(times), percentile(times, 0.99), 1000 * cpu_s / n)


def _cpu_s(process_id: int) -> float:
    """The processor time that a process has used; 0 where the system does not tell it as Linux does."""
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
