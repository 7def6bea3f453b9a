"""`rendering`: French sentences put into English by the writer of the settings, beside what people made of them.

As for an answer: a rendering in which the guard finds something is tried once more, and then the sentence is quoted.
Nothing is remembered, and there is no deadline. Of the other models the reader has a part in it: it checks too.
"""

import time
from functools import partial

from sacrebleu.metrics.chrf import CHRF

from eval.datasets import Part
from eval.errors import MissingDataset
from eval.statistics import Tally
from eval.tasks.guard import Pair, human_pairs
from eval.tasks.task import Outcome, Standalone, Task, sample_groups
from index.parsing import article_from_record
from index.renderings import Sentence
from index.settings import load_settings
from index.store_renderings import Rendering
from index.types import Span
from service.loading import load_guard
from service.rendering import Check, Renderer
from service.types import Lang
from service.writers.types import Generator, WriterFailed
from service.writers.writer import Writer, open_writer

RENDERING = "writer"
SENTENCES = 50  # of each set, unless told otherwise
FEWEST_CHARS, MOST_CHARS = 50, 260
PATIENCE_S = 600.0
_CHRF = CHRF()


def _prepare(part: Part, limit: int | None) -> Standalone:
    pairs = [pair for pair in human_pairs(part) if FEWEST_CHARS <= len(pair[2]) <= MOST_CHARS]
    asked = sample_groups(pairs, limit or SENTENCES, key=lambda pair: pair[2], group=lambda pair: pair[1])
    settings = load_settings()
    generator, holder = _ready(open_writer(settings))
    check = load_guard(settings)
    return Standalone([partial(_ask, pair, holder, generator, check) for pair in asked])


TASK = Task(
    "rendering",
    "French sentences of news put into English by the writer of the settings, and checked",
    {
        "shown": "share of the sentences that are shown in English, the others being quoted",
        "at once": "share of those for which the first try passes",
        "chrF": "chrF of the last try against the human English, shown or not, from 0 to 1",
        "chrF shown": "the same of those that are shown",
        "seconds": "mean time of a sentence, both tries together",
    },
    _prepare,
)


class _Forgetting:
    """A memory that keeps the last rendering only, for it to be looked at."""

    last: Rendering | None = None

    def recall(self, sentence: Sentence, lang: str, writer: str) -> Rendering | None:
        """Nothing is ever known."""

    def remember(self, sentence: Sentence, lang: str, writer: str, rendering: Rendering) -> bool:  # noqa: ARG002
        self.last = rendering
        return True


def _ask(pair: Pair, writer: Writer, generator: Generator, check: Check) -> Outcome:
    pair_id, group, french, english = pair
    memory, outcomes = _Forgetting(), list[str]()
    renderer = Renderer(writer, check, memory, deadline_s=PATIENCE_S, count=outcomes.append)
    started = time.perf_counter()
    shown, failed = None, ""
    try:
        article = article_from_record({"article_id": pair_id, "text": french, "lang": "fr"})
        sentence = Sentence(article, Span(0, len(article.text)))
        shown = renderer.render(sentence, Lang.EN, generator, deadline=time.monotonic() + PATIENCE_S)
    except WriterFailed as failure:
        failed = str(failure)
    seconds = time.perf_counter() - started
    written = memory.last.text if memory.last else ""
    chrf = _CHRF.sentence_score(written, [english]).score / 100
    tallies = {
        "shown": Tally(shown is not None, 1),
        "at once": Tally("passed" in outcomes, 1),
        "chrF": Tally(chrf, 1),
        "chrF shown": Tally(chrf, 1) if shown else Tally(0, 0),
        "seconds": Tally(seconds, 1),
    }
    problems = "; ".join(memory.last.problems) if memory.last else failed
    return Outcome(
        id=pair_id, groups=(group,), text=french, tallies={RENDERING: tallies},
        said={"written": written, "by people": english, "problems": problems},
    )  # fmt: skip


def _ready(writer: Writer) -> tuple[Generator, Writer]:
    """Raises `MissingDataset` where there is no writer, or it cannot be loaded: the task is then skipped."""
    writer.wait()
    if writer.generator is None:
        raise MissingDataset(f"there is no writer to measure: {writer.status.detail or '`make run` fetches one'}")
    return writer.generator, writer
