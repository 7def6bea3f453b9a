"""From evidence to a claim in the answer's language: remembered, written, checked, tried again, or quoted."""

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from answering_fakes import FITTED, AsFound, WordReader
from fakes import HashEncoder
from writing_fakes import FakeWriter, Holder, endpoint, same_digits

from index.index import Index
from index.parsing import article_from_record
from service.ahead import RenderingAhead
from service.answering import Answerer
from service.guard.types import Pair
from service.guarding import SupportedGuard, guarded
from service.rendering import Renderer
from service.types import Answer, Chosen, Claim, Lang, Method, Question
from service.writers.endpoint import EndpointWriter
from service.writers.types import Generator, Stop, Task, WriterBusy, WriterFailed, WriterLate, WriterStopped, never

ARTICLE = {
    "article_id": "otan",
    "title": "L’OTAN en Irak",
    "text": "La mission de l’OTAN en Irak compte 500 militaires aujourd’hui. Le ministre italien visite Rome.",
    "published": "2021-02",
    "source": "AFP",
}
FRENCH = "La mission de l’OTAN en Irak compte 500 militaires aujourd’hui."
ENGLISH = "NATO’s mission in Iraq has 500 troops today."
QUOTED = f"AFP (February 2021) says, in French, without a reliable translation: “{FRENCH}” [1]"
ASKED = Question("Combien de militaires compte la mission de l’OTAN en Irak ?", lang=Lang.EN)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index.open(tmp_path, HashEncoder())
    index.put([article_from_record(ARTICLE)])
    yield index
    index.close()


def _renderer(index: Index, writer: Generator | None, outcomes: list[str], deadline_s: float = 5) -> Renderer:
    return Renderer(Holder(writer), same_digits, index.renderings, deadline_s=deadline_s, count=outcomes.append)


def _answerer(index: Index, writer: Generator | None, outcomes: list[str], deadline_s: float = 5) -> Answerer:
    renderer = _renderer(index, writer, outcomes, deadline_s)
    return Answerer(index, HashEncoder(), AsFound(), WordReader(), FITTED, renderer)


def _asked(index: Index, writer: Generator | None, outcomes: list[str]) -> Answer:
    return _answerer(index, writer, outcomes).ask(ASKED)


def test_a_claim_that_passes_is_shown_in_the_answers_language_beside_the_original(index: Index) -> None:
    outcomes: list[str] = []
    answer = _asked(index, FakeWriter(ENGLISH), outcomes)
    assert answer.text == f"{ENGLISH} [1]"
    assert answer.claims[0].method is Method.TRANSLATION
    translation = answer.citations[0].translation
    assert translation
    assert (translation.lang, translation.text, translation.by) == (Lang.EN, ENGLISH, "fake@1")
    assert answer.citations[0].quote == FRENCH
    assert answer.generator.startswith("fake@1.")
    assert outcomes == ["passed"]


def test_a_sentence_out_of_a_longer_quotation_is_given_as_a_quotation_by_itself(index: Index) -> None:
    index.put([article_from_record(ARTICLE | {"text": f"« {FRENCH} Le reste suivra », a dit le ministre."})])
    writer = FakeWriter(f"“{ENGLISH}”")
    answer = _asked(index, writer, [])
    assert writer.tasks[0].evidence == f"« {FRENCH} »"
    assert (answer.claims[0].text, answer.citations[0].quote) == (f"“{ENGLISH}”", f"« {FRENCH}")


def test_the_writer_is_told_the_evidence_of_one_claim_and_nothing_else(index: Index) -> None:
    writer = FakeWriter(ENGLISH)
    _asked(index, writer, [])
    (task,) = writer.tasks
    assert (task.evidence, task.evidence_lang, task.lang, task.refused) == (FRENCH, "fr", Lang.EN, "")


def test_a_claim_that_fails_is_tried_once_more_with_what_failed(index: Index) -> None:
    writer, outcomes = FakeWriter("It has 600 troops.", ENGLISH), []
    answer = _asked(index, writer, outcomes)
    assert answer.text == f"{ENGLISH} [1]"
    assert (writer.tasks[1].refused, writer.tasks[1].corrections) == (
        "It has 600 troops.",
        ("The digits are not 500.",),
    )
    assert outcomes == ["retried"]


@pytest.mark.parametrize("text", ["It has 600 troops.", "", "x" * 10_000])
def test_a_claim_that_fails_twice_is_quoted_and_the_answer_says_so(index: Index, text: str) -> None:
    writer, outcomes = FakeWriter(text), []
    answer = _asked(index, writer, outcomes)
    assert answer.text == QUOTED
    assert answer.claims[0].method is Method.QUOTE
    assert answer.citations[0].translation is None
    assert len(writer.tasks) == 2
    assert outcomes == ["refused", "number"]


@pytest.mark.parametrize("failure", [WriterFailed("down"), WriterBusy("busy")])
def test_a_writer_that_fails_leaves_the_quote_and_is_asked_again_next_time(index: Index, failure: WriterFailed) -> None:
    outcomes: list[str] = []
    writer = FakeWriter(failure, ENGLISH)
    answerer = _answerer(index, writer, outcomes)
    assert answerer.ask(ASKED).text == QUOTED
    assert answerer.ask(ASKED).text == f"{ENGLISH} [1]"
    assert outcomes == [failure.outcome, "passed"]


@pytest.mark.parametrize("failure", [WriterFailed("down"), WriterBusy("busy"), WriterLate("late")])
def test_the_generator_says_which_renderings_were_given_up_by_chance(index: Index, failure: WriterFailed) -> None:
    answerer = _answerer(index, FakeWriter(failure, ENGLISH, "no"), [])
    given_up, whole = answerer.ask(ASKED), answerer.ask(ASKED)
    assert whole.generator == answerer.generator
    assert given_up.generator == f"{whole.generator}+partial.1"
    assert given_up.answer_id != whole.answer_id


def test_what_a_writer_cannot_render_is_not_given_up_by_chance(index: Index) -> None:
    answerer = _answerer(index, FakeWriter("It has 600 troops."), [])
    answer = answerer.ask(ASKED)
    assert (answer.text, answer.generator) == (QUOTED, answerer.generator)


def test_two_answers_that_gave_up_different_sentences_have_different_generators(index: Index) -> None:
    other = "La mission de l’OTAN en Irak compte 500 cuisiniers."
    index.put([article_from_record(ARTICLE | {"article_id": "cooks", "text": other})])
    named = {}
    for number, texts in enumerate([(WriterBusy("busy"), "500"), ("500", WriterBusy("busy"))], 1):
        writer = FakeWriter(*texts)
        answer = _answerer(index, writer, []).ask(ASKED)
        assert len(writer.tasks) == 2
        named[answer.generator.partition("+")[2]] = number
        for article in (ARTICLE, ARTICLE | {"article_id": "cooks", "text": other}):  # forgets what was rendered
            index.remove([article["article_id"]])
            index.put([article_from_record(article)])
    assert named == {"partial.1": 1, "partial.2": 2}


def test_a_sentence_is_rendered_once_and_remembered_with_what_became_of_it(index: Index) -> None:
    good, bad, outcomes = FakeWriter(ENGLISH), FakeWriter("600"), []
    bad.name = "bad@1"
    answerer, worse = _answerer(index, good, outcomes), _answerer(index, bad, outcomes)
    first, second = answerer.ask(ASKED), answerer.ask(ASKED)
    assert dataclasses.replace(first, timings=second.timings) == second
    assert worse.ask(ASKED).text == worse.ask(ASKED).text == QUOTED
    assert (len(good.tasks), len(bad.tasks)) == (1, 2)
    assert outcomes == ["passed", "recalled", "refused", "number", "refused", "number"]


def test_the_same_language_and_no_writer_are_quoted_as_ever(index: Index) -> None:
    writer = FakeWriter(ENGLISH)
    assert _answerer(index, writer, []).ask(dataclasses.replace(ASKED, lang=Lang.FR)).text == f"{FRENCH} [1]"
    assert writer.tasks == []
    assert _asked(index, None, []).text == f"AFP (February 2021) says, in French: “{FRENCH}” [1]"


def test_the_evidence_is_told_before_anything_is_written(index: Index) -> None:
    writer = FakeWriter(ENGLISH)
    events = _answerer(index, writer, []).events(ASKED)
    for event in events:
        if isinstance(event, Chosen):
            break
    assert writer.tasks == []
    rest = list(events)
    assert [type(event) for event in rest] == [Claim, Answer]
    assert rest[1].claims == (rest[0],)


def test_an_article_that_is_removed_takes_its_renderings_along(index: Index) -> None:
    writer = FakeWriter(ENGLISH)
    _asked(index, writer, [])
    index.remove(["otan"])
    index.put([article_from_record(ARTICLE)])
    _asked(index, writer, [])
    assert len(writer.tasks) == 2


@pytest.mark.parametrize(
    ("reply", "delay_s", "outcome"),
    [
        (503, 0, "failed"),
        (b"<html>", 0, "failed"),
        (b'{"choices": []}', 0, "failed"),
        (b'{"choices": [{"message": {"content": null}}]}', 0, "failed"),
        (b'{"choices": [{"message": {"content": "NATO \\ud83d has 500 troops."}}]}', 0, "failed"),  # half an emoji
        (b"[" * 200_000, 0, "failed"),
        ("", 0, "refused"),
        ("It has 600 troops and a dog.", 0, "refused"),
        ("troops " * 10_000, 0, "refused"),
        (ENGLISH, 30, "late"),
    ],
)
def test_whatever_an_endpoint_does_the_answer_is_given_in_time(
    index: Index, reply: str | bytes | int, delay_s: float, outcome: str
) -> None:
    outcomes: list[str] = []
    with endpoint(reply, delay_s=delay_s) as (url, _):
        writer = EndpointWriter(url, "m", key=None, timeout_s=1.5)
        started = time.monotonic()
        answer = _answerer(index, writer, outcomes, deadline_s=3).ask(ASKED)
    assert time.monotonic() - started < 5
    assert answer.text == QUOTED
    assert outcomes[0] == outcome


def test_an_endpoint_that_is_not_there_costs_no_answer(index: Index) -> None:
    outcomes: list[str] = []
    answer = _asked(index, EndpointWriter("http://127.0.0.1:9/v1", "m", key=None, timeout_s=1), outcomes)
    assert (answer.text, outcomes) == (QUOTED, ["failed"])


def test_sentences_are_rendered_ahead_until_none_is_left_and_not_while_paused(index: Index) -> None:
    writer, outcomes = FakeWriter(ENGLISH), []
    renderer = _renderer(index, writer, outcomes)
    index.renderings.pause()
    ahead = RenderingAhead(renderer, index.renderings, _Loaded(), runs=True, quiet_s=0)
    try:
        time.sleep(0.2)
        assert (ahead.paused, writer.tasks) == (True, [])
        index.renderings.resume()
        _until(lambda: ahead.progress().rendered == 2)
    finally:
        ahead.close()
    assert ahead.progress().good == 1  # the other sentence has no digits
    assert _answerer(index, writer, outcomes).ask(ASKED).text == f"{ENGLISH} [1]"
    assert outcomes[-1] == "recalled"


@pytest.mark.parametrize("failure", [WriterFailed("down"), WriterLate("late"), WriterBusy("busy"), WriterStopped("")])
def test_a_sentence_that_is_given_up_ahead_is_counted_by_what_the_writer_did(
    index: Index, monkeypatch: pytest.MonkeyPatch, failure: WriterFailed
) -> None:
    monkeypatch.setattr("service.ahead.LOOK_AGAIN_S", 0.05)
    outcomes: list[str] = []
    renderer = _renderer(index, FakeWriter(failure), outcomes)
    ahead = RenderingAhead(renderer, index.renderings, _Loaded(), runs=True, quiet_s=0)
    try:
        _until(lambda: len(outcomes) == 2)  # one for each sentence of the article
    finally:
        ahead.close()
    assert outcomes == [failure.outcome] * 2


def test_what_the_writer_failed_at_ahead_is_tried_again_once_it_is_back(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.ahead.LOOK_AGAIN_S", 0.05)
    monkeypatch.setattr("service.ahead.ANEW_S", 0.1)
    writer, outcomes = FakeWriter(WriterFailed("down"), WriterFailed("down"), ENGLISH), []
    ahead = RenderingAhead(_renderer(index, writer, outcomes), index.renderings, _Loaded(), runs=True, quiet_s=0)
    try:
        _until(lambda: ahead.progress().rendered == 2)
    finally:
        ahead.close()
    assert outcomes[:2] == ["failed"] * 2


@pytest.mark.filterwarnings("ignore:Exception in thread rendering ahead")
def test_rendering_ahead_outlives_a_bug_and_where_it_cannot_it_says_so(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.ahead.LOOK_AGAIN_S", 0.05)
    monkeypatch.setattr("service.ahead.AFTER_FAILURE_S", 0.05)
    for failure, goes_on in (
        (RuntimeError("a bug"), True),
        (SystemExit(), False),
    ):  # Rust panics are no Exception either
        writer = Breaking(failure)
        ahead = RenderingAhead(_renderer(index, writer, []), index.renderings, _Loaded(), runs=True, quiet_s=0)
        try:
            _until(lambda ahead=ahead, goes_on=goes_on: ahead.progress().rendered == 2 if goes_on else ahead.paused)
            assert ahead.paused is not goes_on
        finally:
            ahead.close()


class Breaking(FakeWriter):
    """Fails with what no writer should, the first time; each has renderings of its own."""

    def __init__(self, failure: BaseException) -> None:
        super().__init__(ENGLISH)
        self.name = f"{type(failure).__name__}@1"
        self.failure: BaseException | None = failure

    def write(self, task: Task, *, timeout_s: float, stop: Stop = never) -> str:
        if failure := self.failure:
            self.failure = None
            raise failure
        return super().write(task, timeout_s=timeout_s, stop=stop)


def test_a_rendering_with_too_little_support_is_quoted_and_one_remembered_as_good_is_not_measured_again(
    index: Index,
) -> None:
    support = FixedSupport({NEAR: 0.9, FAR: 0.2})

    def asked(text: str, name: str) -> Answer:
        writer = FakeWriter(text)
        writer.name = name
        renderer = Renderer(
            Holder(writer), SupportedGuard(support), index.renderings, deadline_s=5,
            count=outcomes.append, recheck=guarded,
        )  # fmt: skip
        return Answerer(index, HashEncoder(), AsFound(), WordReader(), FITTED, renderer).ask(ASKED)

    outcomes: list[str] = []
    assert asked(NEAR, "near@1").text == asked(NEAR, "near@1").text == f"{NEAR} [1]"
    assert (outcomes, support.asked) == (["passed", "recalled"], [NEAR])
    outcomes.clear()
    assert asked(FAR, "far@1").text == asked(FAR, "far@1").text == QUOTED
    assert outcomes == ["refused", "support"] * 2


class FixedSupport:
    """Says of each rendering what it was told to, and remembers what it was asked."""

    least = 0.5

    def __init__(self, of: dict[str, float]) -> None:
        self._of = of
        self.asked: list[str] = []

    def __call__(self, pair: Pair, /) -> float:
        self.asked.append(pair.rendering)
        return self._of[pair.rendering]


NEAR = "The NATO mission in Iraq has 500 soldiers today."
FAR = "Today 500 soldiers of the NATO mission in Iraq sing."


def test_support_is_asked_last_and_of_what_has_no_other_problem() -> None:
    support = FixedSupport({ENGLISH: 0.1})
    guard = SupportedGuard(support)
    found = guard(FRENCH, ENGLISH, evidence_lang="fr", lang="en", published=None)
    assert [finding.kind for finding in found] == ["support"]
    assert "support" not in {f.kind for f in guard(FRENCH, "", evidence_lang="fr", lang="en", published=None)}
    assert support.asked == [ENGLISH]


class _Loaded:
    def wait(self, timeout_s: float | None = None) -> None:
        pass


def _until(holds, timeout_s: float = 10) -> None:  # noqa: ANN001
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
