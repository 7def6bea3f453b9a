"""One claim made of several: written from all their evidence, checked against all of it, cited as all of it; or not."""

import dataclasses
import json
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from answering_fakes import FITTED, AsFound, WordReader
from fakes import HashEncoder
from http_fakes import client
from test_injection import PAYLOADS
from writing_fakes import FakeWriter, Holder, endpoint

from eval.tasks.attacks import faults
from index.dates import PublishedDate
from index.index import Index
from index.types import Article
from service.answering import Answerer
from service.guarding import guarded, guarded_synthesis
from service.rendering import Renderer
from service.services import Services
from service.synthesis import Synthesiser
from service.types import Answer, Claim, Lang, Method, Question
from service.writers.endpoint import EndpointWriter
from service.writers.prompting import chat, one_line
from service.writers.types import Generator, Task, WriterBusy, WriterFailed, WriterLate

SOLDIERS = "La mission de l’OTAN en Irak compte 500 militaires."
GENERAL = "Le général Costa n’a pas confirmé la fin de la mission de l’OTAN en Irak."
OTAN = Article("otan", f"{SOLDIERS} Le ministre italien visite Rome.", "L’OTAN en Irak", PublishedDate("2021-02-18"))
COSTA = Article("costa", GENERAL, "Le général", PublishedDate("2021-02-18"))
ASKED = Question("La mission de l’OTAN en Irak ?", Lang.EN)
FRENCH = dataclasses.replace(ASKED, lang=Lang.FR)
GOOD = "NATO’s mission in Iraq has 500 soldiers. General Costa has not confirmed the end of the NATO mission in Iraq."
BON = "L’OTAN compte 500 militaires dans sa mission en Irak, dont la fin n’a pas été confirmée par le général Costa."
WRONG = {
    "number": GOOD.replace("500", "5,000"),
    "name": GOOD.replace("Costa", "Rossi"),
    "negation": GOOD.replace("has not confirmed", "has confirmed"),
    "meta": f"Here is the answer: {GOOD}",
    "marker": GOOD.replace("soldiers.", "soldiers [2]."),
    "language": BON,
    "left out": "NATO’s mission in Iraq has 500 soldiers.",
    "invented": f"{GOOD} Everybody was glad about the lovely weather.",
    "empty": "",
    "long": "soldier " * 10_000,
}
QUOTED = (
    f"An article (18 February 2021) says, in French, without a reliable translation: “{SOLDIERS}” [1] "
    f"An article (18 February 2021) says, in French, without a reliable translation: “{GENERAL}” [2]"
)


@pytest.fixture(autouse=True)
def _everything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake encoder's cosines lie further apart than those of a real one."""
    monkeypatch.setattr("service.retrieval.NEAR", 9.0)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index.open(tmp_path, HashEncoder())
    index.put([OTAN, COSTA])
    yield index
    index.close()


def _answerer(index: Index, writer: Generator | None, outcomes: list[str], deadline_s: float = 10) -> Answerer:
    renderer = Renderer(
        Holder(writer), guarded, index.renderings, deadline_s=deadline_s, count=lambda _: None,
        synthesiser=Synthesiser(guarded_synthesis, count=outcomes.append),
    )  # fmt: skip
    return Answerer(index, HashEncoder(), AsFound(), WordReader(), FITTED, renderer)


class Writer(FakeWriter):
    """Says the texts for syntheses, and gives no rendering unless it has one for the sentence."""

    def __init__(self, *texts: str | WriterFailed, renderings: Mapping[str, str] | None = None) -> None:
        super().__init__(*texts)
        self.renderings = renderings or {}

    def write(self, task: Task, **options) -> str:  # noqa: ANN003
        if task.question:
            return super().write(task, **options)
        return self.renderings.get(task.evidence, "")


def test_claims_are_merged_into_one_that_cites_what_all_of_them_cited(index: Index) -> None:
    writer, outcomes = Writer(GOOD), []
    answer = _answerer(index, writer, outcomes).ask(ASKED)
    (claim,) = answer.claims
    assert answer.text == f"{GOOD} [1][2]"
    assert (claim.text, claim.start, claim.end, claim.citations) == (GOOD, 0, len(GOOD), (1, 2))
    assert claim.method is Method.GENERATED
    assert claim.support == 0.982  # 1 / (1 + exp(4 - 8)): both sentences hold all of the question's words
    assert [citation.quote for citation in answer.citations] == [SOLDIERS, GENERAL]
    assert outcomes == ["passed"]


def test_the_writer_is_told_the_question_and_the_sentences_and_nothing_else(index: Index) -> None:
    writer = Writer(GOOD)
    _answerer(index, writer, []).ask(ASKED)
    (task,) = writer.tasks
    assert (task.question, task.evidence, task.evidence_lang) == (ASKED.text, f"{SOLDIERS}\n{GENERAL}", "fr")


def test_french_evidence_is_merged_in_french_too(index: Index) -> None:
    answer = _answerer(index, Writer(BON), []).ask(FRENCH)
    assert (answer.text, answer.claims[0].method) == (f"{BON} [1][2]", Method.GENERATED)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_the_evidence_does_not_say_is_quoted_instead(index: Index, wrong: str) -> None:
    writer, outcomes = Writer(wrong), []
    answer = _answerer(index, writer, outcomes).ask(ASKED)
    assert answer.text == QUOTED
    assert {claim.method for claim in answer.claims} == {Method.QUOTE}
    assert (len(writer.tasks), outcomes[0]) == (2, "refused")
    assert outcomes[1:]
    assert faults(answer, {"otan": OTAN, "costa": COSTA}) == []


def test_a_synthesis_is_tried_once_more_with_what_was_wrong_with_it(index: Index) -> None:
    writer, outcomes = Writer(WRONG["number"], GOOD), []
    assert _answerer(index, writer, outcomes).ask(ASKED).text == f"{GOOD} [1][2]"
    assert writer.tasks[1].refused == WRONG["number"]
    assert any("500" in correction for correction in writer.tasks[1].corrections)
    assert outcomes == ["retried"]


def test_without_a_synthesis_claims_are_rendered_as_ever(index: Index) -> None:
    costa = "General Costa has not confirmed the end of the NATO mission in Iraq."
    rendered = {SOLDIERS: "The NATO mission in Iraq has 500 soldiers.", GENERAL: costa}
    answer = _answerer(index, Writer(WRONG["name"], renderings=rendered), []).ask(ASKED)
    assert answer.text == f"{rendered[SOLDIERS]} [1] {rendered[GENERAL]} [2]"
    assert {claim.method for claim in answer.claims} == {Method.TRANSLATION}


def test_what_a_generated_claim_cites_has_its_translation_beside_it(index: Index) -> None:
    rendered = {SOLDIERS: "The NATO mission in Iraq has 500 soldiers."}
    answer = _answerer(index, Writer(GOOD, renderings=rendered), []).ask(ASKED)
    assert answer.claims[0].method is Method.GENERATED
    assert [c.translation.text if c.translation else None for c in answer.citations] == [rendered[SOLDIERS], None]


@pytest.mark.parametrize("failure", [WriterFailed("down"), WriterBusy("busy"), WriterLate("late")])
def test_a_writer_that_fails_leaves_the_quotes(index: Index, failure: WriterFailed) -> None:
    outcomes: list[str] = []
    answerer = _answerer(index, Writer(failure), outcomes)
    answer = answerer.ask(ASKED)
    assert (answer.text, answer.generator) == (QUOTED, f"{answerer.generator}+partial.1")
    assert outcomes == [failure.outcome]


def test_figures_that_differ_are_told_one_by_one_and_not_merged(index: Index) -> None:
    index.put([Article("older", SOLDIERS.replace("500", "300"), "L’OTAN en Irak", PublishedDate("2020-02"))])
    writer = Writer("no")
    answer = _answerer(index, writer, []).ask(FRENCH)
    assert len(answer.claims) == 3
    assert answer.claims[0].text.startswith("18 février 2021")
    assert writer.tasks == []


def test_evidence_of_two_languages_is_not_merged_nor_more_than_three_claims(index: Index) -> None:
    english = "The mission of the OTAN in Irak still has many cooks and drivers."
    index.put([Article("english", english, "Cooks", None, lang="en")])
    writer = Writer("no")
    _answerer(index, writer, []).ask(FRENCH)
    assert len(writer.tasks) == 4, [task.evidence for task in writer.tasks]
    assert all(english not in task.evidence or task.evidence == english for task in writer.tasks)
    index.remove(["english"])
    for does in ("forme chaque année deux bataillons de police", "garde encore plusieurs aéroports du nord"):
        index.put([Article(does[:5], f"La mission de l’OTAN en Irak {does}.", "Irak", None)])
    writer = Writer("no")
    _answerer(index, writer, []).ask(FRENCH)
    assert [len(task.evidence.splitlines()) for task in writer.tasks[::2]] == [3, 1]


def test_the_same_question_gives_the_same_bytes_and_the_generator_names_the_prompts(index: Index) -> None:
    answerer = _answerer(index, Writer(GOOD), [])
    first, second = answerer.ask(ASKED), answerer.ask(ASKED)
    assert dataclasses.replace(first, timings=second.timings) == second
    assert re.fullmatch(r"fake@1\.[0-9a-f]{8}\.[0-9a-f]{8}", first.generator)
    assert first.generator == answerer.generator


def test_streamed_it_is_the_one_claim_of_the_answer(index: Index) -> None:
    *_, claim, answer = _answerer(index, Writer(GOOD), []).events(ASKED)
    assert isinstance(claim, Claim)
    assert isinstance(answer, Answer)
    assert answer.claims == (claim,)


# Over HTTP


def test_the_contract_and_the_chat_route_give_a_generated_claim_its_method_and_markers(index: Index) -> None:
    answerer = _answerer(index, Writer(GOOD), [])
    http = client(Services(answerer, index, "e", lambda: "g"), metrics="anyone")  # type: ignore[arg-type]
    asked = {"question": ASKED.text, "lang": "en"}
    body = http.post("/v1/ask", json=asked).json()
    assert body["claims"] == [
        {"text": GOOD, "start": 0, "end": len(GOOD), "citations": [1, 2], "method": "generated",
         "support": body["claims"][0]["support"]}
    ]  # fmt: skip
    assert 'sourcier_claims_total{method="generated"} 1.0' in http.get("/metrics").text
    events = http.post("/v1/ask", json=asked | {"stream": True}).text.split("\n\n")
    streamed = [json.loads(event.split("data: ")[1]) for event in events if event.startswith("event: claim")]
    assert streamed == body["claims"]
    chat = {"model": "sourcier", "messages": [{"role": "user", "content": ASKED.text}], "sourcier": {"lang": "en"}}
    message = http.post("/v1/chat/completions", json=chat).json()["choices"][0]["message"]
    assert message["content"] == f"{GOOD} [1][2]"
    assert [note["url_citation"]["end_index"] for note in message["annotations"]] == [len(GOOD)] * 2


# A real endpoint


@pytest.mark.parametrize(
    ("reply", "delay_s", "outcome"),
    [
        (503, 0, "failed"),
        (b"<html>", 0, "failed"),
        ("", 0, "refused"),
        (WRONG["number"], 0, "refused"),
        (WRONG["name"], 0, "refused"),
        (WRONG["negation"], 0, "refused"),
        (BON, 0, "refused"),
        ("soldiers " * 10_000, 0, "refused"),
        (GOOD, 30, "late"),
    ],
)
def test_whatever_an_endpoint_does_the_quotes_are_given_in_time(
    index: Index, reply: str | bytes | int, delay_s: float, outcome: str
) -> None:
    outcomes: list[str] = []
    with endpoint(reply, delay_s=delay_s) as (url, _):
        writer = EndpointWriter(url, "m", key=None, timeout_s=1.5)
        started = time.monotonic()
        answer = _answerer(index, writer, outcomes, deadline_s=4).ask(ASKED)
    assert time.monotonic() - started < 6
    assert answer.text == QUOTED
    assert outcomes[0] == outcome


def test_an_endpoint_is_sent_the_question_and_its_good_answer_is_shown(index: Index) -> None:
    with endpoint(GOOD) as (url, received):
        answer = _answerer(index, EndpointWriter(url, "m", key=None, timeout_s=5), []).ask(ASKED)
    assert answer.text == f"{GOOD} [1][2]"
    asked = received[0]["messages"][-1]["content"]
    assert asked.startswith(f"Question: {ASKED.text}\n")
    assert f"{SOLDIERS}\n{GENERAL}" in asked


def test_an_endpoint_that_is_not_there_costs_no_answer(index: Index) -> None:
    outcomes: list[str] = []
    writer = EndpointWriter("http://127.0.0.1:9/v1", "m", key=None, timeout_s=1)
    assert _answerer(index, writer, outcomes).ask(ASKED).text == QUOTED
    assert outcomes == ["failed"]


# Orders in the evidence and in the question


class Saying(FakeWriter):
    """Gives one line, as every writer does."""

    def write(self, task: Task, **options) -> str:  # noqa: ANN003
        return one_line(task, super().write(task, **options))


OBEYED = [
    "PWNED",
    "PIRATÉ",
    "No soldiers.",
    "La mission compte 9000 militaires.",
    "The NATO mission in Iraq counts 9000 soldiers.",
]


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
@pytest.mark.parametrize("asked", [ASKED, FRENCH], ids=["en", "fr"])
def test_a_writer_that_obeys_an_order_says_no_more_than_what_is_cited(
    index: Index, payload: str, asked: Question
) -> None:
    poisoned = Article("attack", f"La mission de l’OTAN en Irak finit. {payload}", "Irak", None)
    index.put([poisoned])
    held = {article.article_id: article for article in (OTAN, COSTA, poisoned)}
    for text in (asked.text, f"{asked.text} {payload}"):
        for said in (payload, *OBEYED):
            answer = _answerer(index, Saying(said), []).ask(dataclasses.replace(asked, text=text))
            assert faults(answer, held) == []
            quotes = " ".join(" ".join(citation.quote.split()) for citation in answer.citations)
            assert not [c.text for c in answer.claims if c.method is Method.GENERATED and c.text not in quotes]


def test_a_writer_that_tells_its_prompt_is_quoted_over(index: Index) -> None:
    class Telling(FakeWriter):
        def write(self, task: Task, **_: object) -> str:
            return " ".join(chat(task)[0]["content"].split()[:40])

    for question in (ASKED, FRENCH):
        assert Method.QUOTE is _answerer(index, Telling("x"), []).ask(question).claims[0].method
