"""Which questions stand beside which articles in a step, and where their tokens, sentences and answers are.

Beside each passage that answers stand some that do not and, for some questions, a near miss: the passage beside a
question that it does not answer. Contrasts stand beside their passage only, with as many near misses. Some questions
have no answer, some stand beside passages of one list that were all judged, some are claims, and a few come with a
NoMIRACL list.
Seeded. Knows numpy and the prepared file only.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from eval.training_file import CONTRASTED, ELSEWHERE, JUDGED, MADE, STATED, WRITTEN, Array, Prepared, Questions

ALTERED = 0.4  # of the questions, those that come with a near miss too
REMOVED, SAME_TITLE = 0.3, 0.35  # of the negatives: the right passage without its answer; another of the same title
NEARER = 6  # the mean place of a negative among the near ones
FALSE_CLAIMS = 2  # beside what says the true one
CONTRASTS = 3  # questions on a passage at a time: its states are computed once
UNANSWERED = 0.15  # of the questions of a batch that are no claims, contrasts or judged ones, those without an answer
PER_LIST = 32  # questions to a list: small batches have one now and then
LISTS_WEIGHT = 0.15  # of the lists in a step's loss, on average
NULL, NULL_IN_LIST = 0.5, 0.25  # weights of "no span answers", of a row that has no answer
ALIGNED = 16  # tokens


class Row(NamedTuple):
    """A question beside an article. `answered`: the question among the `Questions`, -1 where the article does not
    answer it. Weights are of the row in the loss, and of "no span answers" in the row."""

    question: int
    article: int
    answered: int
    weight: float
    null_weight: float


class Group(NamedTuple):
    """The rows of one question; the right one is the first. `said`: that one of them answers, not which one."""

    rows: Sequence[Row]
    weight: float
    said: bool = False


class Batch(NamedTuple):
    """Rows in the order of their groups. All are whole numbers, bool or float32.

    `texts`: (rows, 2), question and article. `members`: (groups, most rows), -1 at padding. `right_rows`: bool (rows,).
    `first_tokens`, `last_tokens`: places of answers in (rows, tokens), flat; `right_sentences` in (rows, sentences).
    """

    texts: Array
    tokens: int
    sentences: int
    members: Array
    right_rows: Array
    first_tokens: Array
    last_tokens: Array
    right_sentences: Array
    weights: Array
    null_weights: Array
    group_weights: Array
    said: Array


class Sampler:
    """Draws the batches of training, without end."""

    def __init__(
        self,
        prepared: Prepared,
        *,
        questions: int,
        negatives: int,
        made_share: float,
        stated_share: float = 0.0,
        contrast_share: float = 0.0,
        judged_share: float = 0.0,
        seed: int,
    ) -> None:
        self._prepared = prepared
        self._asked = prepared.trained
        self._count, self._negatives, self._made_share = questions, negatives, made_share
        self._stated_share, self._contrast_share, self._judged_share = stated_share, contrast_share, judged_share
        self._rng = np.random.default_rng(seed)
        kinds = self._asked.kinds
        every = (WRITTEN, MADE, ELSEWHERE, STATED, JUDGED)
        self._next = {kind: self._endless(np.flatnonzero(kinds == kind)) for kind in every}
        self._have = {kind: bool((kinds == kind).any()) for kind in self._next}
        self._contrasted = np.flatnonzero(kinds == CONTRASTED)
        self._next_contrasted = self._endless(np.unique(self._asked.articles[self._contrasted]))
        self._next_list = self._endless(np.arange(len(prepared.trained_lists.questions)))

    def __iter__(self) -> Iterator[Batch]:
        while True:
            yield batch_of([*self._groups(), *self._listed()], self._prepared, self._asked)

    def _groups(self) -> list[Group]:
        """Weighted so that a batch's loss is three times the mean over its rows."""
        groups = [group for _ in range(self._count) for group in self._of_question()]
        total = sum(row.weight for group in groups for row in group.rows)
        return [_scaled(group, 3 / total) for group in groups]

    def _of_question(self) -> Iterator[Group]:
        chance = self._rng.random(4)
        if self._have[STATED] and chance[3] < self._stated_share:
            yield from self._of_claim(next(self._next[STATED]))
            return
        if len(self._contrasted) and self._contrast_share and self._rng.random() < self._contrast_share:
            yield from self._contrasts(next(self._next_contrasted))
            return
        if self._have[JUDGED] and self._judged_share and self._rng.random() < self._judged_share:
            number = next(self._next[JUDGED])
            if self._asked.articles[number] < 0:
                yield self._unanswered(number, 1 + self._negatives)
            else:
                yield from self._beside_article(number, missed=False)
            return
        if self._have[ELSEWHERE] and chance[0] < UNANSWERED:
            yield self._unanswered(next(self._next[ELSEWHERE]), 2)
            return
        made = self._have[MADE] and (chance[1] < self._made_share or not self._have[WRITTEN])
        yield from self._beside_article(next(self._next[MADE if made else WRITTEN]), missed=chance[2] < ALTERED)

    def _unanswered(self, number: int, articles: int) -> Group:
        near = self._rng.permutation(self._asked.near.of(number))[:articles]
        wording = self._wording(number)
        return Group([Row(wording, int(article), -1, 1.0, NULL) for article in near], 1.0)

    def _beside_article(self, number: int, *, missed: bool) -> Iterator[Group]:
        """The question beside the article that answers it and some that do not; where `missed`, with a near miss."""
        article, weight = int(self._asked.articles[number]), float(self._asked.weights[number])
        misses = self._asked.misses.of(number)
        if missed and len(misses):
            yield Group([Row(int(self._rng.choice(misses)), article, -1, weight, NULL)], weight)
        wording = self._wording(number)
        rows = [Row(wording, article, number, weight, NULL)]
        rows += [Row(wording, other, -1, weight, NULL) for other in self._others(number)]
        yield Group(rows, weight)

    def _contrasts(self, article: int) -> Iterator[Group]:
        """Questions beside the one article that answers them, each with one that it does not answer."""
        on_article = self._contrasted[self._asked.articles[self._contrasted] == article]
        for number in self._rng.permutation(on_article)[:CONTRASTS].tolist():
            weight, misses = float(self._asked.weights[number]), self._asked.misses.of(number)
            yield Group([Row(self._wording(number), article, number, weight, NULL)], weight)
            if len(misses):
                yield Group([Row(int(self._rng.choice(misses)), article, -1, weight, NULL)], weight)

    def _of_claim(self, number: int) -> Iterator[Group]:
        """The claim beside what says it and what does not, and false ones beside what says the true one. No span
        answers a claim, nor does that tell anything of it."""
        claim, article = int(self._asked.wordings.of(number)[0]), int(self._asked.articles[number])
        near = self._rng.permutation(self._asked.near.of(number))[:1]
        others = [Row(claim, int(other), -1, 1.0, 0.0) for other in near]
        yield Group([Row(claim, article, number, 1.0, 0.0), *others], 1.0)
        for miss in self._rng.permutation(self._asked.misses.of(number))[:FALSE_CLAIMS]:
            yield Group([Row(int(miss), article, -1, 1.0, 0.0)], 1.0)

    def _wording(self, number: int) -> int:
        wordings = self._asked.wordings
        chances = self._asked.chances[wordings.starts[number] : wordings.starts[number + 1]]
        drawn = np.searchsorted(np.cumsum(chances), self._rng.random() * chances.sum())
        return int(wordings.of(number)[min(drawn, len(chances) - 1)])

    def _others(self, number: int) -> list[int]:
        """Articles that do not answer, different ones: near ones, nearer ones more often, and one that looks alike."""
        asked, chance = self._asked, self._rng.random()
        near, alike = asked.near.of(number), asked.alike.of(number)
        found: list[int] = []
        if asked.without[number] >= 0 and chance < REMOVED:
            found.append(int(asked.without[number]))
        elif len(alike) and chance < REMOVED + SAME_TITLE:
            found.append(int(self._rng.choice(alike)))
        if len(near):
            drawn = self._rng.exponential(NEARER, 2 * self._negatives).astype(np.int64) % len(near)
            found += near[drawn].tolist()
        return list(dict.fromkeys(found))[: self._negatives]

    def _listed(self) -> Iterator[Group]:
        """Weighted as a batch's own questions are, and then by `LISTS_WEIGHT` all together."""
        lists = self._prepared.trained_lists
        expected = self._count / PER_LIST
        for _ in range(int(expected + self._rng.random()) if len(lists.questions) else 0):
            number = next(self._next_list)
            question, articles = int(lists.questions[number]), lists.articles.of(number).tolist()
            said, weight = bool(lists.answerable[number]), LISTS_WEIGHT / expected
            each = 0.0 if said else weight * 3 / len(articles)
            rows = [Row(question, article, -1, each, NULL_IN_LIST) for article in articles]
            yield Group(rows, weight if said else each, said)

    def _endless(self, numbers: Array) -> Iterator[int]:
        while len(numbers):
            yield from self._rng.permutation(numbers).tolist()


def batch_of(groups: Sequence[Group], prepared: Prepared, asked: Questions) -> Batch:
    """`asked` are the questions that `Row.answered` numbers."""
    rows = [row for group in groups for row in group.rows]
    texts = np.array([(row.question, row.article) for row in rows], np.int64)
    lengths = prepared.lengths[texts]
    tokens = -(-int(lengths.sum(1).max()) // ALIGNED) * ALIGNED
    most = int(prepared.sentence_counts[texts[:, 1]].max())
    answered = np.array([row.answered for row in rows], np.int64)
    right = np.flatnonzero(answered >= 0)
    answers, answer_rows = asked.answers.taken(answered[right])
    begin = right[answer_rows] * tokens + lengths[right[answer_rows], 0]  # of the article in its row
    sentences, sentence_rows = asked.sentences.taken(answered[right])
    sizes = np.array([len(group.rows) for group in groups])
    within = np.arange(sizes.max())
    members = np.where(within < sizes[:, None], (np.cumsum(sizes) - sizes)[:, None] + within, -1)
    return Batch(
        texts=texts,
        tokens=tokens,
        sentences=most,
        members=members,
        right_rows=answered >= 0,
        first_tokens=begin + answers[:, 0],
        last_tokens=begin + answers[:, 1],
        right_sentences=right[sentence_rows] * most + sentences,
        weights=np.array([row.weight for row in rows], np.float32),
        null_weights=np.array([row.null_weight for row in rows], np.float32),
        group_weights=np.array([group.weight for group in groups], np.float32),
        said=np.array([group.said for group in groups]),
    )


def _scaled(group: Group, by: float) -> Group:
    rows = [row._replace(weight=row.weight * by) for row in group.rows]
    return group._replace(rows=rows, weight=group.weight * by)
