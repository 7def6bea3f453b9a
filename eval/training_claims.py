"""Sentences as claims about their translations and about themselves, and the same made false.

People wrote both sides: news_commentary's and PUD's pairs, train parts to train on, PUD's dev part to measure. A claim
stands beside the one sentence that says it or, where an article's passages are known, beside a passage.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.datasets import Part
from eval.news_datasets import NewsItem, news_commentary, pud
from eval.tasks.altering import FIGURE, NAME, altered, exchanged, names_of
from eval.training_wordings import Altering, fold
from index.types import Article, Span

NEAR = 4  # other sentences, or passages, of the same article
FALSE = 4  # false ones of a claim that are trained on
IN_PASSAGE = 3  # every so many-th claim that is trained on stands beside a passage
SIDES = {
    Part.TRAIN: (("fr", "en", 1), ("en", "fr", 2), ("fr", "fr", 2), ("en", "en", 4)),
    Part.DEV: (("fr", "en", 1), ("fr", "fr", 1)),
}
"""Languages of the evidence and of the claim, and of how many sentences one is taken so."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that an article's sentence says, claims that it does not say, and other articles that do not either."""

    text: str
    lang: str
    false: tuple[str, ...]
    article: Article
    sentence: Span
    near: tuple[Article, ...]


def claims(folder: Path, part: Part, passages: Sequence[Article] = ()) -> Iterator[Claim]:
    """Of the train part from both data sets, each with some false ones; of the dev part from PUD, each with all that
    the rules of `eval/tasks/altering.py` make. `passages`: of articles, their ids beginning with the article's."""
    read = (news_commentary, pud) if part is Part.TRAIN else (pud,)
    items = [item for each in read for item in each(folder) if item.part is part]
    falsify, beside = _Falsifying(items), _by_document(passages)
    sides = [(side, item) for side in SIDES[part] for item in items]
    stated = [(*side, item, place) for side, item in sides for place in range(len(item.pairs))]
    for number, (of, about, every, item, place) in enumerate(stated, 1):
        if number % every:
            continue
        evidence, text = (_sentences(item, lang) for lang in (of, about))
        claim = text[place].text
        false = falsify.some(claim, about, evidence[place].text) if part is Part.TRAIN else falsify.all(claim, about)
        if false:
            inside = beside.get((item.article.article_id, of), []) if number % IN_PASSAGE == 0 else []
            yield Claim(
                claim, about, tuple(false), *_in_passage(inside, evidence[place].text) or _alone(evidence, place)
            )


class _Falsifying:
    """Makes claims false by rule, with names and words of the other claims."""

    def __init__(self, items: Sequence[NewsItem]) -> None:
        said = {lang: [pair[side] for item in items for pair in item.pairs] for lang, side in _SIDE.items()}
        self._names = {lang: names_of(texts) for lang, texts in said.items()}
        self._rng = random.Random(0)
        self._swap = Altering([text for texts in said.values() for text in texts], self._rng)

    def all(self, claim: str, lang: str) -> list[str]:
        return list(dict.fromkeys(altered(claim, lang, self._names[lang]).values()))

    def some(self, claim: str, lang: str, evidence: str) -> list[str]:
        """Two names or figures exchanged first, which is hardest to tell, then any, among them one word in another's
        place."""
        hardest = [false for _ in range(2) if (false := self._exchanged(claim))]
        others = [*self.all(claim, lang), *(false for _ in range(2) if (false := self._swap(claim, fold(evidence))))]
        return list(dict.fromkeys([*hardest, *self._rng.sample(others, len(others))]))[:FALSE]

    def _exchanged(self, claim: str) -> str | None:
        for pattern in self._rng.sample([NAME, FIGURE], 2):
            found = list(pattern.finditer(claim))
            if len({match[0] for match in found}) > 1:
                one, other = sorted(self._rng.sample(found, 2), key=lambda match: match.start())
                if one[0] != other[0]:
                    return exchanged(claim, one, other)
        return None


_SIDE: Mapping[str, int] = {"fr": 0, "en": 1}  # of a pair


def _sentences(item: NewsItem, lang: str) -> list[Article]:
    """Each an article of its own, without a title, as a claim's evidence is."""
    texts = [pair[_SIDE[lang]].replace("\u00ad", "").strip() for pair in item.pairs]
    name = f"{item.article.article_id}-{lang}-sentence"
    return [Article(f"{name}-{number}", text, "", lang=lang) for number, text in enumerate(texts)]


def _alone(sentences: Sequence[Article], place: int) -> tuple[Article, Span, tuple[Article, ...]]:
    near = [*sentences[place + 1 : place + 1 + NEAR], *sentences[max(0, place - NEAR) : place]][:NEAR]
    return sentences[place], Span(0, len(sentences[place].text)), tuple(near)


def _in_passage(passages: Sequence[Article], sentence: str) -> tuple[Article, Span, tuple[Article, ...]] | None:
    for passage in passages:
        start = passage.text.find(sentence)
        if start >= 0:
            near = [other for other in passages if other is not passage][:NEAR]
            return passage, Span(start, start + len(sentence)), tuple(near)
    return None


def _by_document(passages: Iterable[Article]) -> dict[tuple[str, str], list[Article]]:
    """By the article's id and the language: the passages of `eval.teaching_articles`."""
    found: dict[tuple[str, str], list[Article]] = {}
    for passage in passages:
        document = passage.article_id.rpartition("-")[0].removesuffix(f"-{passage.lang}")
        found.setdefault((document, passage.lang), []).append(passage)
    return found
