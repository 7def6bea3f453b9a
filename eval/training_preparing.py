"""Makes of the examples the file that training reads: wordings, near misses, tokens, and the encoder's weights.

All work on text is done here, once. The vectors that negatives are mined with are kept from one run to the next.
"""

import hashlib
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch

from eval.training_data import Answered, Encode, Listed, Stated, TrainingData, Unanswered, Vectors
from eval.training_file import (
    CONTRASTED,
    DEV_CLAIMS,
    DEV_SETS,
    ELSEWHERE,
    JUDGED,
    LISTS,
    MADE,
    STATED,
    WRITTEN,
    Array,
    Lists,
    Prepared,
    Questions,
    ragged,
)
from eval.training_wordings import Altering, Rewording, fold
from index.encoder import SentenceTransformerEncoder
from index.packaged_encoder import packaged_tensors
from index.sentences import split_sentences
from index.token_states import TokenEncoder
from index.types import Article, Span
from service.states import MAX_CLAIM_TOKENS, MAX_QUESTION_TOKENS

SEED = 13
MAX_TOKENS = 224  # of an article
KINDS = {"piaf": WRITTEN, "made": MADE, "contrast": CONTRASTED, "judged": JUDGED, "elsewhere": ELSEWHERE}
MISSES = {"piaf": 2, "made": 1}  # near misses of a question that are made by rule, by its data set
ALTERED_DEV = 150  # of PIAF's dev questions, near misses are measured
MADE_WEIGHT = 0.7
KEPT_EVERY = 512  # vectors

_BLOCKS_A_ROW = 384 // 32


def prepare(data: TrainingData, encoder: SentenceTransformerEncoder, folder: Path) -> Prepared:
    """`folder` holds the data sets, of which the dictionary is read."""
    rng = random.Random(SEED)
    texts = _Texts(data, encoder)
    reword = Rewording(folder, rng)
    alter = Altering([w for e in data.answered for w in (e.question, e.english) if w], rng)
    trained = _Builder(texts, reword, alter, rng)
    for example in data.answered:
        trained.add_answered(example, KINDS[example.dataset])
    for asked in data.unanswered:
        trained.add_unanswered(asked, KINDS[asked.dataset])
    for stated in data.stated:
        trained.add_stated(stated, STATED)
    measured = _Builder(texts, reword, alter, rng)
    for example in data.dev_answered:
        measured.add_measured(example)
    for stated in data.dev_stated:
        measured.add_stated(stated, len(DEV_SETS) + DEV_CLAIMS.index(f"claims {stated.lang}"))
    lists = [_lists(listed, texts) for listed in (data.listed, data.dev_listed)]
    used, tokens = np.unique(np.concatenate(texts.tokens), return_inverse=True)
    starts = np.cumsum([0, *map(len, texts.tokens)])
    return Prepared(
        tokens=ragged([])._replace(values=tokens, starts=starts),
        n_articles=len(texts.articles),
        sentence_numbers=np.concatenate(texts.sentence_numbers),
        trained=trained.questions(),
        measured=measured.questions(),
        trained_lists=lists[0],
        measured_lists=lists[1],
        weights=_weights(used),
        token_mean=texts.token_mean(),
    )


def keeping(encode: Encode, path: Path, name: str, progress: Callable[[int], None] = lambda _done: None) -> Encode:
    """`encode`, which looks into the file first and keeps there what it had to make; `name` tells encoders apart."""

    def of(texts: Sequence[str]) -> Vectors:
        keys = [hashlib.sha256(f"{name}\0{text}".encode()).hexdigest()[:24] for text in texts]
        known: dict[str, Vectors] = {}
        if path.exists():
            with np.load(path) as file:
                known = dict(zip(file["keys"].tolist(), file["vectors"], strict=True))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        for start in range(0, len(missing), KEPT_EVERY):
            some = list(missing)[start : start + KEPT_EVERY]
            known |= zip(some, encode([missing[key] for key in some]), strict=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                np.savez(file, keys=np.array(list(known)), vectors=np.array(list(known.values())))
            progress(len(some))
        return np.array([known[key] for key in keys], np.float32)

    return of


class _Texts:
    """The texts' tokens: of the articles that examples name, then of questions as they are added."""

    def __init__(self, data: TrainingData, encoder: SentenceTransformerEncoder) -> None:
        self.articles = {number: i for i, number in enumerate(sorted(_named(data)))}
        self._encoder = encoder
        self._tokens = TokenEncoder(encoder.model)
        self._numbers: dict[str, int] = {}
        self._folded: dict[int, str] = {}
        self._articles = data.articles
        self.tokens: list[list[int]] = []
        self.sentence_numbers: list[Array] = []
        self._offsets: list[list[tuple[int, int] | None]] = []
        for number in self.articles:
            ids, offsets, numbers = self._read(data.articles[number])
            self.tokens.append(ids)
            self._offsets.append(offsets)
            self.sentence_numbers.append(numbers)

    def question(self, text: str, max_tokens: int = MAX_QUESTION_TOKENS) -> int:
        """Its number among all texts."""
        if text not in self._numbers:
            self._numbers[text] = len(self.tokens)
            ids, _ = self._tokens.tokenise(self._encoder.query_prefix + text, max_tokens=max_tokens)
            self.tokens.append(ids)
        return self._numbers[text]

    def numbers(self, articles: Iterable[int]) -> list[int]:
        return [self.articles[article] for article in articles]

    def answers(self, example: Answered) -> list[tuple[int, int]]:
        """First and last token of each answer, as far as the article was read."""
        touched = [tokens for answer in example.answers if (tokens := self._touched(answer, example.article))]
        return sorted({(tokens[0], tokens[-1]) for tokens in touched})

    def right_sentences(self, article: int, sentences: Iterable[Span]) -> list[int]:
        numbers = self.sentence_numbers[self.articles[article]]
        return sorted({int(numbers[t]) for span in sentences for t in self._touched(span, article)})

    def _touched(self, span: Span, article: int) -> list[int]:
        """Tokens of the article's sentences."""
        number = self.articles[article]
        return [t for t in tokens_of(span, self._offsets[number]) if self.sentence_numbers[number][t] >= 0]

    def folded(self, article: int) -> str:
        if article not in self._folded:
            self._folded[article] = fold(self._articles[article].text)
        return self._folded[article]

    def token_mean(self) -> Array:
        """The mean of the encoder's last states over forty articles or so: late interaction takes it off."""
        some = self.tokens[: len(self.articles)][:: max(1, len(self.articles) // 40)]
        return np.asarray(torch.cat([self._tokens.states([ids])[0][1] for ids in some]).mean(0).numpy())

    def _read(self, article: Article) -> tuple[list[int], list[tuple[int, int] | None], Array]:
        head = f"{self._encoder.passage_prefix}{article.title}\n"
        ids, offsets = self._tokens.tokenise(head + article.text, max_tokens=MAX_TOKENS)
        before = len(head)
        own = [(a - before, b - before) if b > a and b > before else None for a, b in offsets]
        numbers = np.full(len(ids), -1)
        for sentence in split_sentences(article.text, lang=article.lang):
            if touched := [t for t in tokens_of(sentence, own) if numbers[t] < 0]:
                numbers[touched] = numbers.max() + 1
        return ids, own, numbers


def tokens_of(span: Span, offsets: Sequence[tuple[int, int] | None]) -> list[int]:
    """The tokens that a span of the article's text touches, as far as it was read."""
    return [i for i, place in enumerate(offsets) if place and place[0] < span.end and span.start < place[1]]


class _Builder:
    """Questions, one after the other, as the file has them."""

    def __init__(self, texts: _Texts, reword: Rewording, alter: Altering, rng: random.Random) -> None:
        self._texts, self._reword, self._alter, self._rng = texts, reword, alter, rng
        self._numbers: dict[str, list[int]] = {name: [] for name in ("kinds", "articles", "without")}
        self._rows: dict[str, list[list[int]]] = {
            name: [] for name in ("sentences", "wordings", "misses", "near", "alike")
        }
        self._answers: list[list[tuple[int, int]]] = []
        self._chances: list[float] = []
        self._weights: list[float] = []

    def add_answered(self, example: Answered, kind: int) -> None:
        wordings = self._wordings(example.question, example.english, kind)
        by_rule = [self._near_miss(example, kind) for _ in range(MISSES.get(example.dataset, 0))]
        written = [self._worded(self._wordings(miss, None, kind)) for miss in example.misses]
        self._add(example, kind, wordings, [*written, *(miss for miss in by_rule if miss)])

    def add_measured(self, example: Answered) -> None:
        kind = DEV_SETS.index(example.dataset)
        altered = self._numbers["kinds"].count(0) < ALTERED_DEV and kind == 0
        miss = self._alter(example.question, self._texts.folded(example.article)) if altered else None
        self._add(example, kind, [(example.question, 1.0)], [*example.misses, *([miss] if miss else [])])

    def add_unanswered(self, asked: Unanswered, kind: int) -> None:
        wordings = self._wordings(asked.question, asked.english, kind)
        self._append(kind, -1, wordings, near=self._texts.numbers(asked.near))

    def add_stated(self, stated: Stated, kind: int) -> None:
        """Nothing, where the sentence lies past what is read of its article."""
        texts = self._texts
        if sentences := texts.right_sentences(stated.article, [stated.sentence]):
            self._append(
                kind,
                texts.articles[stated.article],
                [(stated.claim, 1.0)],
                max_tokens=MAX_CLAIM_TOKENS,
                sentences=sentences,
                misses=[texts.question(claim, MAX_CLAIM_TOKENS) for claim in stated.false],
                near=texts.numbers(stated.near),
            )

    def questions(self) -> Questions:
        rows = {name: ragged(rows) for name, rows in self._rows.items()}
        numbers = {name: np.array(each, np.int64) for name, each in self._numbers.items()}
        answers = ragged(self._answers, width=2)
        chances, weights = (np.array(each, np.float32) for each in (self._chances, self._weights))
        return Questions(**(numbers | rows), answers=answers, chances=chances, weights=weights)  # type: ignore[arg-type]  # of two types

    def _wordings(self, question: str, english: str | None, kind: int) -> list[tuple[str, float]]:
        return self._reword(question, english) if kind in (WRITTEN, ELSEWHERE) else self._reword.once(question)

    def _near_miss(self, example: Answered, kind: int) -> str | None:
        """Worded as questions are that have an answer, so that the wording does not give it away."""
        of = self._worded([(example.question, 0.6), (example.english or example.question, 0.4)])
        miss = self._alter(of, self._texts.folded(example.article))
        return self._worded(self._wordings(miss, None, kind)) if miss else None

    def _worded(self, wordings: Sequence[tuple[str, float]]) -> str:
        return self._rng.choices([w for w, _ in wordings], [chance for _, chance in wordings])[0]

    def _add(self, example: Answered, kind: int, wordings: Sequence[tuple[str, float]], misses: Sequence[str]) -> None:
        texts = self._texts
        self._append(
            kind,
            texts.articles[example.article],
            wordings,
            answers=texts.answers(example),
            sentences=texts.right_sentences(example.article, example.sentences),
            misses=[texts.question(miss) for miss in dict.fromkeys(misses)],
            near=texts.numbers(example.near),
            alike=texts.numbers(example.same_title),
            without=-1 if example.without is None else texts.articles[example.without],
            weight=MADE_WEIGHT if example.dataset == "made" else 1.0,
        )

    def _append(
        self,
        kind: int,
        article: int,
        wordings: Sequence[tuple[str, float]],
        *,
        answers: Sequence[tuple[int, int]] = (),
        without: int = -1,
        weight: float = 1.0,
        max_tokens: int = MAX_QUESTION_TOKENS,
        **rows: list[int],
    ) -> None:
        for name, number in (("kinds", kind), ("articles", article), ("without", without)):
            self._numbers[name].append(number)
        rows["wordings"] = [self._texts.question(wording, max_tokens) for wording, _ in wordings]
        for name, each in self._rows.items():
            each.append(rows.get(name, []))
        self._chances += [chance for _, chance in wordings]
        self._answers.append(list(answers))
        self._weights.append(weight)


def _named(data: TrainingData) -> set[int]:
    """The articles that examples name."""
    answered = [*data.answered, *data.dev_answered]
    named = {n for e in answered for n in (e.article, *e.near, *e.same_title, e.without) if n is not None}
    named |= {n for e in data.unanswered for n in e.near}
    named |= {n for e in [*data.stated, *data.dev_stated] for n in (e.article, *e.near)}
    return named | {n for e in [*data.listed, *data.dev_listed] for n in e.articles}


def _lists(listed: Sequence[Listed], texts: _Texts) -> Lists:
    return Lists(
        kinds=np.array([LISTS.index(each.lang) for each in listed], np.int64),
        questions=np.array([texts.question(each.question) for each in listed], np.int64),
        articles=ragged([texts.numbers(each.articles) for each in listed]),
        answerable=np.array([each.answerable for each in listed], np.bool_),
    )


def _weights(used: Array) -> dict[str, Array]:
    """The encoder's, as its package stores them; of the embeddings only the rows that are used."""
    tensors = dict(packaged_tensors())
    words = tensors["emb.word"]
    tensors["emb.word"] = words.reshape(-1, _BLOCKS_A_ROW, words.shape[1])[used].reshape(-1, words.shape[1])
    tensors["emb.pos"] = tensors["emb.pos"].reshape(-1, 384)[:MAX_TOKENS].reshape(-1)
    return tensors
