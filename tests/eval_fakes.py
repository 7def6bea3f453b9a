"""Replies, questions and systems for the evaluation's tests: two short articles, and answers written by hand."""

from collections.abc import Mapping
from dataclasses import dataclass

from eval.collection import Collection
from eval.questions import Fact, GoldQuestion, GoldSpan
from eval.systems import Ranked
from index.types import Article, Filters, Passage, ScoredPassage, Span
from service.schemas import AskResponse, CitationBody, ClaimBody, RefusalBody, ShortAnswerBody, TimingsBody
from service.types import Answer, Citation, Claim, Lang, Method, Question, Timings

TIMINGS = Timings(retrieve=1, evidence=2, compose=0, total=3)
TEXTS = {
    "a": "L’OTAN compte 1600 soldats d'Irak. Elle part en mai.",
    "b": "« Nous restons », a dit M. Dupont. L’Irak garde 130 000 hommes.",
}
SENTENCES = {
    "a1": ("a", 0, 34),
    "a2": ("a", 35, 52),
    "b1": ("b", 0, 34),
    "b2": ("b", 35, 63),
}


def passage(name: str) -> Passage:
    article_id, start, end = SENTENCES[name]
    span = Span(start, end)
    return Passage(f"{article_id}#{name[1]}", article_id, span, span.of(TEXTS[article_id]), (span,))


COLLECTION = Collection(TEXTS, tuple(map(passage, SENTENCES)))


def gold_span(name: str) -> GoldSpan:
    article_id, start, end = SENTENCES[name]
    return GoldSpan(article_id=article_id, start=start, end=end, quote=TEXTS[article_id][start:end])


def question(
    *facts: str, question_id: str = "q", lang: str = "fr", also: str = "", short: tuple[str, ...] = ()
) -> GoldQuestion:
    """A question whose facts are strings of sentence names, any of which is enough; without facts, it has no answer."""
    return GoldQuestion.model_validate(
        {
            "id": question_id,
            "part": "dev",
            "lang": lang,
            "kind": "what",
            "question": "Quoi ?",
            "answerable": bool(facts),
            "reason": None if facts else "no_evidence",
            "facts": [Fact(spans=tuple(map(gold_span, names.split()))) for names in facts],
            "also": [gold_span(name) for name in also.split()],
            "short_answers": short,
        }
    )


def citation(number: int, name: str) -> CitationBody:
    article_id, start, end = SENTENCES[name]
    return CitationBody(
        number=number, article_id=article_id, title="Un titre", source=None, published=None, url=None, lang="fr",
        start=start, end=end, quote=TEXTS[article_id][start:end], translation=None,
    )  # fmt: skip


def answered(*names: str, lang: str = "fr", lead_in: str = "", short: str | None = None) -> AskResponse:
    """An answer of one claim per sentence: its quote, after `lead_in`."""
    text, claims, citations = "", [], []
    for number, name in enumerate(names, start=1):
        cited = citation(number, name)
        claim = lead_in + cited.quote
        start = len(text) + (1 if text else 0)
        claims.append(
            ClaimBody(text=claim, start=start, end=start + len(claim), citations=[number], support=0.9, method="quote")
        )
        citations.append(cited)
        text += f"{' ' if text else ''}{claim} [{number}]"
    return _reply(
        lang=lang, status="answered", text=text, claims=claims, citations=citations,
        short_answer=ShortAnswerBody(text=short, citation=1) if short else None,
    )  # fmt: skip


def refused(
    message: str = "Je ne trouve pas la réponse.", *, lang: str = "fr", reason: str = "no_evidence"
) -> AskResponse:
    refusal = RefusalBody.model_validate({"reason": reason, "message": message})
    return _reply(
        lang=lang, status="refused", text=message, claims=[], citations=[], short_answer=None, refusal=refusal
    )


def _reply(**fields: object) -> AskResponse:
    common = {
        "id": "1",
        "question": "Quoi ?",
        "refusal": None,
        "snapshot": "s",
        "generator": "g",
        "timings_ms": TimingsBody.of(TIMINGS),
    }
    return AskResponse.model_validate(common | fields)


class FakeAnswerer:
    """Always cites the second sentence of article `a`."""

    def ask(self, question: Question) -> Answer:
        cited, quote = passage("a2"), passage("a2").text
        return Answer(
            answer_id="1", question=question.text, lang=Lang.FR, text=f"{quote} [1]", short_answer=None,
            claims=(Claim(quote, 0, len(quote), (1,), 0.9, Method.QUOTE),),
            citations=(Citation(1, "a", "Un titre", None, None, None, "fr", cited.span, quote),),
            refusal=None, snapshot="s", generator="g", timings=TIMINGS,
        )  # fmt: skip

    def search(self, query: str, k: int, filters: Filters) -> "FakeSearch":
        assert (query, k, filters) == ("Quoi ?", 1, Filters())
        return FakeSearch([(ScoredPassage(passage("a2"), 0.5, 1), Article("a", TEXTS["a"], "Un titre"))])


@dataclass(frozen=True)
class FakeSearch:
    passages: list[tuple[ScoredPassage, Article]]
    snapshot: str = "s"
    timings: Timings = TIMINGS


class FakeSystem:
    """Gives the replies and rankings it was made with, by question id; fails where it has none."""

    def __init__(self, replies: Mapping[str, AskResponse], rankings: Mapping[str, list[str]]) -> None:
        self._replies = replies
        self._rankings = rankings

    def ask(self, question: GoldQuestion) -> AskResponse:
        return self._replies[question.id]

    def search(self, question: GoldQuestion, k: int) -> list[Ranked]:
        ranking = self._rankings[question.id][:k]
        return [(passage_id, 1 / rank) for rank, passage_id in enumerate(ranking, start=1)]


def detect(text: str) -> str:
    """English if it says `the` or `says`."""
    return "en" if {"the", "says"} & set(text.lower().split()) else "fr"
