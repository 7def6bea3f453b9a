"""A reader that can be computed by hand: it scores the share of the question's words that a sentence holds."""

from collections.abc import Mapping, Sequence

from index.analysis import analyse
from index.types import Article, Passage, Span
from service.evidence import Calibration
from service.reader import Reading, SentenceReading, SpanReading
from service.retrieval import Candidate

FITTED = Calibration(intercept=-4.0, weights={"sentence_evidence": 8.0}, answerable=0.5, further=0.7, short_answer=0.0)
"""A sentence that holds half of the question's words has probability 0.5: 1 / (1 + exp(4 - 8 / 2))."""


class WordReader:
    """`evidence` is the share of the question's terms in the sentence; the span is its first number, if it has one."""

    name = "word-reader"

    def read(self, question: str, passages: Sequence[tuple[Article, Passage]]) -> list[Reading]:
        asked = set(analyse(question, "fr"))
        return [
            Reading(0.0, tuple(_sentence(asked, article.text, sentence) for sentence in passage.sentences))
            for article, passage in passages
        ]


class AsFound:
    """A reranker that leaves everything as it is."""

    def rerank(self, question: str, found: Sequence[Candidate], articles: Mapping[str, Article]) -> list[Candidate]:
        assert all(candidate.passage.article_id in articles for candidate in found), question
        return list(found)


def _sentence(asked: set[str], text: str, sentence: Span) -> SentenceReading:
    quote = sentence.of(text)
    share = len(asked & set(analyse(quote, "fr"))) / max(1, len(asked))
    digits = [i for i, c in enumerate(quote) if c.isdigit()]
    if not digits:
        return SentenceReading(share, 0.0, SpanReading(sentence, -5.0))
    end = next((i for i in range(digits[0], len(quote)) if not quote[i].isdigit()), len(quote))
    return SentenceReading(share, 0.0, SpanReading(Span(sentence.start + digits[0], sentence.start + end), 5.0))
