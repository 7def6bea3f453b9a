"""Cuts an article into passages, the unit of retrieval: whole sentences, never across what is not body."""

import re
from collections.abc import Iterator
from math import ceil

from index.cleaning import body_spans
from index.sentences import split_sentences
from index.types import Article, Passage, Span

TARGET_WORDS = 90
MAX_WORDS = 130
CHUNKING = f"sentences-{TARGET_WORDS}-{MAX_WORDS}-v2"

_CHARS_PER_WORD = 10
"""What has no spaces is long all the same: ten characters weigh at least as much as a word."""

_MAX_CHARS = MAX_WORDS * _CHARS_PER_WORD
_WORD = re.compile(rf"\S{{1,{_MAX_CHARS}}}")
_CLAUSE_ENDS = ";:,–—»)"


def cut(article: Article) -> list[Passage]:
    """The passages of an article, in order; none where it has no words. None is longer than `MAX_WORDS`."""
    groups = [group for run in _runs(article) for group in _packed(article.text, run)]
    return [_passage(article, ordinal, group) for ordinal, group in enumerate(groups)]


def encoded_text(article: Article, passage: Passage) -> str:
    """What the encoder and the lexical index see of a passage: the article's title, then the passage."""
    return f"{article.title}\n{passage.text}"


def _runs(article: Article) -> Iterator[list[Span]]:
    """The sentences between two pieces of the page that are not body."""
    run: list[Span] = []
    for paragraph in body_spans(article.text):
        if run and article.text[run[-1].end : paragraph.start].strip():
            yield run
            run = []
        for sentence in split_sentences(article.text, paragraph, article.lang):
            run.extend(_pieces(article.text, sentence))
    if run:
        yield run


def _pieces(text: str, sentence: Span) -> Iterator[Span]:
    """The sentence; where it is longer than a passage may be, its parts, cut after a clause if one ends late enough."""
    if _weight(sentence.of(text)) <= MAX_WORDS:
        yield sentence
        return
    words = [Span(*word.span()) for word in _WORD.finditer(text, sentence.start, sentence.end)]
    first = 0
    while first < len(words):
        end = _end_of_fitting(words, first)
        if end < len(words):
            middle = (first + end) // 2
            end = next((n for n in range(end, middle, -1) if text[words[n - 1].end - 1] in _CLAUSE_ENDS), end)
        yield Span(words[first].start, words[end - 1].end)
        first = end


def _end_of_fitting(words: list[Span], first: int) -> int:
    """The number of the first word that would make a passage from `words[first]` too long."""
    for n in range(first, len(words)):
        if n - first >= MAX_WORDS or words[n].end - words[first].start > _MAX_CHARS:
            return n
    return len(words)


def _packed(text: str, run: list[Span]) -> Iterator[list[Span]]:
    """The run in groups of near equal weight, about `TARGET_WORDS` each and never above `MAX_WORDS`."""
    weights = [_weight(sentence.of(text)) for sentence in run]
    total = sum(weights)
    share = total / max(round(total / TARGET_WORDS), ceil(total / MAX_WORDS))
    group: list[Span] = []
    done = size = current = 0
    for sentence, weight in zip(run, weights, strict=True):
        place = int((done + weight / 2) / share)
        is_full = size + weight > MAX_WORDS or (group and sentence.end - group[0].start > _MAX_CHARS)
        if group and (is_full or place != current):
            yield group
            group, size = [], 0
        group.append(sentence)
        current, size, done = place, size + weight, done + weight
    yield group


def _weight(text: str) -> int:
    return max(len(text.split()), ceil(len(text) / _CHARS_PER_WORD))


def _passage(article: Article, ordinal: int, sentences: list[Span]) -> Passage:
    span = Span(sentences[0].start, sentences[-1].end)
    return Passage(
        passage_id=f"{article.article_id}#{ordinal}",
        article_id=article.article_id,
        span=span,
        text=span.of(article.text),
        sentences=tuple(sentences),
    )
