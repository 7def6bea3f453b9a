"""How fast a server answers over HTTP: total and share of each stage, against the encoder's own pass and the limit.

It asks the evaluation's questions, one at a time and then from two clients at once. Absolute times are the machine's;
the ratio to the encoder's forward pass, measured in the same run, travels.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from eval.errors import InvalidQuestions
from eval.questions import GoldQuestion
from eval.statistics import percentile
from eval.systems import System

LIMIT_MS = 300  # the median that the project stands by, on two cores
CLIENTS = 2
WARM_UP = 5
STAGES = ("retrieve", "evidence", "compose")


@dataclass(frozen=True, slots=True)
class Timing:
    """One question: what the client waited, and what the server says its stages took; milliseconds."""

    wall_ms: float
    stages_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Bench:
    """Milliseconds; `shares` are of the client's time, `http` being what the stages leave."""

    questions: int
    median_ms: float
    p95_ms: float
    shares: dict[str, float]
    encoder_ms: float
    encoder_ratio: float
    limit_ratio: float
    clients: int
    concurrent_median_ms: float
    concurrent_per_s: float


def bench(
    server: System, questions: Sequence[GoldQuestion], encode: Callable[[str], object], *, rounds: int = 1
) -> Bench:
    """Measures `server`; `encode` runs a single query through the same encoder in this process, the server idle.

    Raises `InvalidQuestions` where there is none to ask.
    """
    asked = [question for _ in range(rounds) for question in questions]
    if not asked:
        raise InvalidQuestions("there is no question to ask; name a file or a part that has some")
    for question in asked[:WARM_UP]:
        server.ask(question)
        encode(question.question)
    alone = [_timed(server, question) for question in asked]
    encoder_ms = median(_ms(encode, question.question) for question in asked)
    started = perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        together = list(pool.map(lambda question: _timed(server, question), asked))
    elapsed_s = perf_counter() - started
    total = median(timing.wall_ms for timing in alone)
    return Bench(
        questions=len(asked),
        median_ms=total,
        p95_ms=percentile([timing.wall_ms for timing in alone], 0.95),
        shares=_shares(alone),
        encoder_ms=encoder_ms,
        encoder_ratio=total / encoder_ms,
        limit_ratio=total / LIMIT_MS,
        clients=CLIENTS,
        concurrent_median_ms=median(timing.wall_ms for timing in together),
        concurrent_per_s=len(asked) / elapsed_s,
    )


def lines(result: Bench) -> Iterator[str]:
    """The figures, one a line, for a terminal."""
    yield f"{result.questions} questions over HTTP, one at a time"
    yield f"  median {result.median_ms:.0f} ms, 95th percentile {result.p95_ms:.0f} ms"
    yield "  " + ", ".join(f"{stage} {share:.0%}" for stage, share in result.shares.items())
    yield f"  {result.encoder_ratio:.1f} times one pass of the encoder over the question ({result.encoder_ms:.1f} ms)"
    yield f"  {result.limit_ratio:.2f} of the limit of {LIMIT_MS} ms"
    yield f"{result.clients} clients at once"
    yield f"  median {result.concurrent_median_ms:.0f} ms, {result.concurrent_per_s:.1f} answers a second"


def past_limits(result: Bench) -> list[str]:
    return [f"median: {result.median_ms:.0f} ms, limit {LIMIT_MS}"] if result.median_ms > LIMIT_MS else []


def _timed(server: System, question: GoldQuestion) -> Timing:
    started = perf_counter()
    reply = server.ask(question)
    wall_ms = 1000 * (perf_counter() - started)
    return Timing(wall_ms, {stage: getattr(reply.timings_ms, stage) for stage in STAGES})


def _shares(timings: Sequence[Timing]) -> dict[str, float]:
    total = sum(timing.wall_ms for timing in timings)
    shares = {stage: sum(timing.stages_ms[stage] for timing in timings) / total for stage in STAGES}
    return shares | {"http": 1 - sum(shares.values())}


def _ms(call: Callable[[str], object], text: str) -> float:
    started = perf_counter()
    call(text)
    return 1000 * (perf_counter() - started)
