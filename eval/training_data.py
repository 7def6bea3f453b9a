"""What the joint reader is trained on and measured with: questions beside passages that answer them, and that do not.

Questions of PIAF and NoMIRACL, and those that a model made on given articles. Only train parts are trained on; dev
parts are measured, squad_fr's among them. Claims come as questions do, with the sentence that says them and no
words that answer. Negatives are what retrieval would bring: the nearest passages by meaning and by words, in the
language of the one that answers.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any  # scikit-learn's and SciPy's, which are untyped

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from eval.contrast_questions import is_kept_aside
from eval.datasets import (
    Part,
    PooledQuestion,
    nomiracl,
    piaf,
    questions_fr,
    squad_fr,
    title_part,
)
from eval.judged_lists import ListQuestion
from eval.made_questions import MadeQuestion
from eval.training_claims import Claim
from eval.training_wordings import fold
from index.language import detect
from index.sentences import split_sentences
from index.types import Article, Span

LEFT = 150  # characters
NEAREST = 24  # passages of each kind that negatives are drawn from
MOST_NEAR = {"piaf": 30, "made": 8}  # negatives of a question that are kept, by its data set
MOST_ALIKE = 8  # of them, those of the same title
WITHOUT_EVERY = 2  # made questions: of these one has its article without what answers it
LANGS = ("fr", "en")
AT_ONCE = 1024  # questions that are compared with all passages

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]
"""Texts to vectors: float32, (n, dim), rows L2-normalised."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, the article that answers it, its answers, and the sentences that hold them.

    `near` are other articles that look alike, `same_title` those of the same title; none holds the answer's words.
    `without` is the article itself, its answer's sentences taken out, where something is left. `misses` are questions
    in its language that the article does not answer, where some were written. `english` is the question in English,
    where a model put it so.
    """

    question: str
    dataset: str
    article: int
    answers: tuple[Span, ...]
    sentences: tuple[Span, ...]
    near: tuple[int, ...] = ()
    same_title: tuple[int, ...] = ()
    without: int | None = None
    misses: tuple[str, ...] = ()
    english: str | None = None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that none of these articles answers."""

    question: str
    near: tuple[int, ...]
    english: str | None = None
    dataset: str = "elsewhere"


@dataclass(frozen=True, slots=True)
class Stated:
    """A claim that a sentence of the article says, claims that it does not say, and articles that do not say it."""

    claim: str
    lang: str
    false: tuple[str, ...]
    article: int
    sentence: Span
    near: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A question that some of these articles answers, or none; which one was not judged."""

    question: str
    lang: str
    articles: tuple[int, ...]
    answerable: bool


@dataclass(frozen=True, slots=True)
class Made:
    """Questions that models made on these articles, by article id. `contrasts`: with some that they do not answer;
    `judged`: beside lists of articles, each of which was judged."""

    articles: tuple[Article, ...] = ()
    questions: Mapping[str, Sequence[MadeQuestion]] = field(default_factory=dict)
    contrasts: Mapping[str, Sequence[MadeQuestion]] = field(default_factory=dict)
    judged: Sequence[ListQuestion] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """Claims to train on, and to measure."""

    trained: tuple[Claim, ...] = ()
    measured: tuple[Claim, ...] = ()


NOTHING_MADE = Made()
NOTHING_CLAIMED = Claimed()


@dataclass(frozen=True, slots=True)
class TrainingData:
    """`dev_answered`, `dev_listed` and `dev_stated` are measured, never trained on; nor is any of their articles, but
    that those of contrasts may be negatives of other questions, stand in lists, which were judged as a whole, and
    beside claims."""

    articles: tuple[Article, ...]
    answered: tuple[Answered, ...]
    unanswered: tuple[Unanswered, ...]
    stated: tuple[Stated, ...]
    listed: tuple[Listed, ...]
    dev_answered: tuple[Answered, ...]
    dev_stated: tuple[Stated, ...]
    dev_listed: tuple[Listed, ...]


def training_data(
    folder: Path,
    passages: Encode,
    queries: Encode,
    english: Mapping[str, str],
    made: Made = NOTHING_MADE,
    claimed: Claimed = NOTHING_CLAIMED,
) -> TrainingData:
    """Reads the parts and mines the negatives.

    `english`: English wordings by question id. Questions on articles whose text is in a part that is not trained on are
    left out, and all that are answered by articles whose contrasts are kept aside.
    """
    pool = _Pool(folder, made)
    miner = _Miner(pool, passages)
    usable = set(pool.usable)
    measured = {pool.number[key] for key in made.contrasts if is_kept_aside(key) and key in pool.number}
    taught = usable - measured
    trained = [q for q in piaf(folder)[1] if q.part is Part.TRAIN and q.answers and pool.number[str(q.gold)] in taught]
    elsewhere = [q for q in questions_fr(folder) if q.part is Part.TRAIN]
    asked = [*trained, *elsewhere]
    near = miner.nearest("fr", [q.question for q in asked], queries([q.question for q in asked]))
    answered = []
    for q, found in zip(trained, near[: len(trained)], strict=True):
        example = replace(miner.lacking(pool.answered(q), found), english=english.get(q.question_id))
        answered.append(replace(example, without=pool.add_without(example)))
    unanswered = [
        Unanswered(q.question, tuple(found[:20]), english.get(q.question_id))
        for q, found in zip(elsewhere, near[len(trained) :], strict=True)
    ]
    made_on = [
        pool.answered(PooledQuestion(key, q.question, "", Part.TRAIN, "made", key, q.answers))
        for key, asked in made.questions.items()
        if pool.number.get(key) in taught
        for q in asked
    ]
    for number, example in enumerate(miner.of_made(made_on)):
        answered.append(example if number % WITHOUT_EVERY else replace(example, without=pool.add_without(example)))
    contrasted = [
        example for key, asked in made.contrasts.items() if pool.number.get(key) in usable
        for example in pool.contrasted(key, asked)
    ]  # fmt: skip
    answered += [example for example in contrasted if example.article not in measured]
    for judged in made.judged:
        spans = {key: spans for key, spans in judged.answers.items() if pool.number.get(key) in usable}
        lacking = tuple(pool.number[key] for key in spans if not spans[key])
        answering = {key: found for key, found in spans.items() if pool.number[key] in taught}
        answered += pool.judged(judged.question, answering, lacking)
        if lacking and not any(judged.answers.values()):
            unanswered.append(Unanswered(judged.question, lacking, dataset="judged"))
    dev = [q for q in [*piaf(folder)[1], *squad_fr(folder)[1]] if q.part is Part.DEV and q.answers]
    stated, dev_stated = (tuple(map(pool.stated, claims)) for claims in (claimed.trained, claimed.measured))
    return TrainingData(
        tuple(pool.articles),
        tuple(answered),
        tuple(unanswered),
        stated,
        tuple(listed for listed in pool.listed(Part.TRAIN) if usable.issuperset(listed.articles)),
        (*(pool.answered(q) for q in dev), *(e for e in contrasted if e.article in measured)),
        dev_stated,
        pool.listed(Part.DEV),
    )


class _Pool:
    """All articles, by number; `usable` are those that may be trained on."""

    def __init__(self, folder: Path, made: Made) -> None:
        passages, squad = piaf(folder)[0], squad_fr(folder)[0]
        lists = [nomiracl(folder, lang) for lang in LANGS]
        self._judged = [question for _, judged in lists for question in judged]
        held_out = {a.article_id for a in passages if title_part(a.title) is not Part.TRAIN}
        held_out |= {i for q in self._judged if q.part is not Part.TRAIN for i in q.article_ids}
        held_out |= {a.article_id for a in squad}
        self.articles = [*passages, *(a for found, _ in lists for a in found), *squad]
        self.number = {article.article_id: i for i, article in enumerate(self.articles)}
        unseen = {_words(a.text) for a in self.articles if a.article_id in held_out}
        known = self._known = {a.text: i for i, a in enumerate(self.articles)}
        for article in made.articles:
            if _words(article.text) in unseen:
                continue
            if article.text not in known:
                known[article.text] = len(self.articles)
                self.articles.append(article)
            self.number[article.article_id] = known[article.text]
        self.usable = [i for i, a in enumerate(self.articles) if _words(a.text) not in unseen]
        self._sentences: dict[int, list[Span]] = {}

    def answered(self, question: PooledQuestion) -> Answered:
        number = self.number[str(question.gold)]
        if number not in self._sentences:
            article = self.articles[number]
            self._sentences[number] = split_sentences(article.text, lang=article.lang)
        right = tuple(s for s in self._sentences[number] if any(s.overlaps(answer) for answer in question.answers))
        dataset = f"squad_fr {question.lang}" if question.dataset == "squad_fr" else question.dataset
        return Answered(question.question, dataset, number, question.answers, right)

    def contrasted(self, key: str, asked: Sequence[MadeQuestion]) -> Iterator[Answered]:
        """Those that the article answers, each with those in its language that it does not."""
        missed = [(q.question, detect(q.question)) for q in asked if not q.answers]
        for q in asked:
            if q.answers:
                lang = detect(q.question)
                misses = [question for question, of in missed if of == lang] or [question for question, _ in missed]
                example = self.answered(PooledQuestion(key, q.question, lang, Part.TRAIN, "contrast", key, q.answers))
                yield replace(example, misses=tuple(misses))

    def judged(
        self, question: str, spans: Mapping[str, tuple[Span, ...]], lacking: tuple[int, ...]
    ) -> Iterator[Answered]:
        """For each article that answers, by its id, the question beside it and those that lack an answer."""
        for key, answers in spans.items():
            if answers:
                asked = PooledQuestion(key, question, "", Part.TRAIN, "judged", key, answers)
                yield replace(self.answered(asked), near=lacking)

    def listed(self, part: Part) -> tuple[Listed, ...]:
        return tuple(
            Listed(q.question, q.lang, tuple(self.number[i] for i in q.article_ids), q.answerable)
            for q in self._judged
            if q.part is part
        )

    def stated(self, claim: Claim) -> Stated:
        near = tuple(map(self._add, claim.near))
        return Stated(claim.text, claim.lang, claim.false, self._add(claim.article), claim.sentence, near)

    def _add(self, article: Article) -> int:
        """Its number. Nothing is mined among those that are added now."""
        if article.text not in self._known:
            self._known[article.text] = len(self.articles)
            self.articles.append(article)
        return self._known[article.text]

    def add_without(self, example: Answered) -> int | None:
        """The number of the article without the sentences that answer; none where too little is left of it, or where
        what is left says the answer too."""
        article = self.articles[example.article]
        left = _without(article, example.sentences)
        if left is None or any(fold(answer.of(article.text)) in fold(left.text) for answer in example.answers):
            return None
        self.articles.append(left)
        return len(self.articles) - 1


class _Miner:
    """Finds what retrieval would bring beside the right passage, in its language."""

    def __init__(self, pool: _Pool, passages: Encode) -> None:
        self._pool = pool
        self._folded: dict[int, str] = {}
        self._titles: dict[str, list[int]] = {}
        articles = pool.articles
        for i in pool.usable:
            self._titles.setdefault(articles[i].title, []).append(i)
        of_lang = {lang: [i for i in pool.usable if articles[i].lang == lang] for lang in LANGS}
        vectors = passages([_entitled(articles[i]) for usable in of_lang.values() for i in usable])
        ends = np.cumsum([len(usable) for usable in of_lang.values()])
        self._usable = {lang: np.array(usable) for lang, usable in of_lang.items()}
        self._vectors = dict(zip(LANGS, np.split(vectors, ends[:-1]), strict=True))
        self._words: dict[str, tuple[Any, Any]] = {}
        for lang, usable in of_lang.items():
            if usable:
                counter = TfidfVectorizer(
                    preprocessor=fold, token_pattern=r"\w{2,}", sublinear_tf=True, dtype=np.float32
                )
                self._words[lang] = (counter, counter.fit_transform([_entitled(articles[i]) for i in usable]))

    def nearest(self, lang: str, questions: Sequence[str], meanings: Vectors) -> list[list[int]]:
        """For each question the nearest by meaning and by words, taking turns."""
        return [
            found
            for start in range(0, len(questions), AT_ONCE)
            for found in self._nearest(lang, questions[start : start + AT_ONCE], meanings[start : start + AT_ONCE])
        ]

    def of_made(self, examples: Sequence[Answered]) -> Iterator[Answered]:
        """With what is near to their articles by meaning, and to their questions by words: no question is encoded."""
        for lang in LANGS:
            place = {int(number): row for row, number in enumerate(self._usable[lang])}
            asked = [example for example in examples if example.article in place]
            meanings = self._vectors[lang][[place[example.article] for example in asked]]
            for example, found in zip(asked, self.nearest(lang, [e.question for e in asked], meanings), strict=True):
                yield self.lacking(example, found)

    def lacking(self, example: Answered, near: Sequence[int]) -> Answered:
        """The example with those of `near`, and of the same title, that lack its answer."""
        article = self._pool.articles[example.article]
        words = {fold(answer.of(article.text)) for answer in example.answers}

        def lacks(other: int) -> bool:
            return other != example.article and not any(word in self.folded(other) for word in words)

        alike = [i for i in self._titles.get(article.title, ()) if self._pool.articles[i].lang == article.lang]
        return replace(
            example,
            near=tuple(filter(lacks, near))[: MOST_NEAR[example.dataset]],
            same_title=tuple(filter(lacks, alike))[:MOST_ALIKE],
        )

    def folded(self, number: int) -> str:
        if number not in self._folded:
            self._folded[number] = fold(self._pool.articles[number].text)
        return self._folded[number]

    def _nearest(self, lang: str, questions: Sequence[str], meanings: Vectors) -> list[list[int]]:
        counter, matrix = self._words[lang]
        by_meaning = _best(meanings @ self._vectors[lang].T)
        by_words = _best((counter.transform(questions) @ matrix.T).toarray())
        turns = self._usable[lang][np.stack([by_meaning, by_words], axis=2).reshape(len(questions), -1)]
        return [list(dict.fromkeys(row)) for row in turns.tolist()]


def _best(scores: Vectors) -> NDArray[np.int64]:
    """The columns of the highest scores of each row, best first."""
    kept = min(NEAREST, scores.shape[1])
    best = np.argpartition(-scores, kept - 1, axis=1)[:, :kept]
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)


def _entitled(article: Article) -> str:
    return f"{article.title}\n{article.text}"


def _words(text: str) -> str:
    """What is the same of two copies of a text."""
    return " ".join(fold(text).split())


def _without(article: Article, sentences: Sequence[Span]) -> Article | None:
    """The article without these sentences; `None` where too little is left to be mistaken for an answer."""
    left = article.text
    for sentence in sorted(sentences, reverse=True):
        left = left[: sentence.start] + left[sentence.end :].lstrip()
    return replace(article, text=left) if len(left) >= LEFT else None
