"""What the joint reader is trained on: questions beside passages that answer them, and that do not.

Questions of PIAF and NoMIRACL; only train parts are used. Some are asked in English too, as a model put them. Negatives
are what retrieval would bring: the nearest passages by meaning and by words.
"""

import random
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from eval.datasets import Part, nomiracl, piaf, questions_fr, records
from index.encoder import SentenceTransformerEncoder
from index.language import detect
from index.sentences import split_sentences
from index.types import Article, Span

LEFT = 150  # characters
NEAREST = 24  # passages of each kind that negatives are drawn from


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, the article that answers it, its answers, and the sentences that hold them.

    `near` are other articles that look alike, `same_title` those of the same title; none holds the answer's words.
    `without` is the article itself, its answer's sentences taken out, where something is left. `english` is the
    question in English, where a model put it so.
    """

    question: str
    article: int
    answers: tuple[Span, ...]
    sentences: tuple[Span, ...]
    near: tuple[int, ...]
    same_title: tuple[int, ...]
    without: int | None = None
    english: str | None = None

    @property
    def wordings(self) -> tuple[str, ...]:
        return (self.question, self.english) if self.english else (self.question,)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that none of these articles answers."""

    question: str
    near: tuple[int, ...]
    english: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A question that some of these articles answers, or none; which one was not judged."""

    question: str
    articles: tuple[int, ...]
    answerable: bool


@dataclass(frozen=True, slots=True)
class TrainingData:
    articles: tuple[Article, ...]
    answered: tuple[Answered, ...]
    unanswered: tuple[Unanswered, ...]
    listed: tuple[Listed, ...]


def training_data(folder: Path, encoder: SentenceTransformerEncoder, english: Mapping[str, str]) -> TrainingData:
    """Reads the train parts and mines the negatives; encodes every article and question once (minutes on two cores).

    `english`: English wordings by question id.
    """
    articles, asked = piaf(folder)
    lists = []
    for lang in ("fr", "en"):
        found, judged = nomiracl(folder, lang)
        articles += found
        lists += [question for question in judged if question.part is Part.TRAIN]
    held_out = {q.gold for q in asked if q.gold and q.part is not Part.TRAIN}
    number = {article.article_id: i for i, article in enumerate(articles)}
    trained = [question for question in asked if question.part is Part.TRAIN and question.answers]
    elsewhere = [question for question in questions_fr(folder) if question.part is Part.TRAIN]
    usable = [i for i, article in enumerate(articles) if article.lang == "fr" and article.article_id not in held_out]
    miner = _Miner(articles, usable, encoder)
    near = miner.nearest([q.question for q in [*trained, *elsewhere]])
    answered = [
        replace(
            _answered(q.question, number[str(q.gold)], q.answers, found, articles, miner.titles),
            english=english.get(q.question_id),
        )
        for q, found in zip(trained, near, strict=False)
    ]
    unanswered = [
        Unanswered(q.question, found[:20], english.get(q.question_id))
        for q, found in zip(elsewhere, near[len(trained) :], strict=True)
    ]
    for i, example in enumerate(answered):
        if left := _without(articles[example.article], example.sentences):
            answered[i] = replace(example, without=len(articles))
            articles.append(left)
    listed = [Listed(q.question, tuple(number[i] for i in q.article_ids), q.answerable) for q in lists]
    return TrainingData(tuple(articles), tuple(answered), tuple(unanswered), tuple(listed))


def quick_products() -> torch.autocast:
    """bfloat16 products where the processor has them: what is trained on need not be exact."""
    return torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported())  # it has no public name


class _Miner:
    """Finds what retrieval would bring beside the right passage."""

    def __init__(self, articles: Sequence[Article], usable: Sequence[int], encoder: SentenceTransformerEncoder) -> None:
        texts = [f"{articles[i].title}\n{articles[i].text}" for i in usable]
        self._usable = np.array(usable)
        self._encoder = encoder
        self._vectors = encoder.encode_passages(texts)
        self._words = TfidfVectorizer(preprocessor=fold, token_pattern=r"\w{2,}", sublinear_tf=True)
        self._matrix = self._words.fit_transform(texts)
        self.titles: dict[str, list[int]] = {}
        for i in usable:
            self.titles.setdefault(articles[i].title, []).append(i)

    def nearest(self, questions: Sequence[str]) -> list[tuple[int, ...]]:
        """For each question the nearest by meaning and by words, taking turns."""
        by_meaning = self._encoder.encode_queries(questions) @ self._vectors.T
        by_words = (self._words.transform(questions) @ self._matrix.T).toarray()
        return [self._turns(one, other) for one, other in zip(by_meaning, by_words, strict=True)]

    def _turns(self, *scores: NDArray[np.float32]) -> tuple[int, ...]:
        best = [self._usable[np.argsort(-score, kind="stable")[:NEAREST]].tolist() for score in scores]
        return tuple(dict.fromkeys(i for pair in zip(*best, strict=True) for i in pair))


def _answered(
    question: str,
    gold: int,
    answers: tuple[Span, ...],
    near: tuple[int, ...],
    articles: Sequence[Article],
    titles: Mapping[str, Sequence[int]],
) -> Answered:
    text = articles[gold].text
    words = {fold(answer.of(text)) for answer in answers}
    sentences = tuple(s for s in split_sentences(text) if any(s.overlaps(answer) for answer in answers))

    def lacks(other: int) -> bool:
        return other != gold and not any(word in fold(articles[other].text) for word in words)

    same_title = titles.get(articles[gold].title, ())
    return Answered(
        question, gold, answers, sentences, tuple(filter(lacks, near))[:30], tuple(filter(lacks, same_title))
    )


def _without(article: Article, sentences: Sequence[Span]) -> Article | None:
    """The article without these sentences; `None` where too little is left to be mistaken for an answer."""
    left = article.text
    for sentence in sorted(sentences, reverse=True):
        left = left[: sentence.start] + left[sentence.end :].lstrip()
    return replace(article, text=left) if len(left) >= LEFT else None


class Perturbing:
    """Questions as people put them: half translated word by word, lower case, without accents, misspelt."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self._rng = rng
        self._english: dict[str, list[str]] = {}
        for record in records(folder / "freedict" / "fra_eng.jsonl"):
            self._english.setdefault(record["w"].casefold(), record["t"])

    def __call__(self, question: str) -> str:
        chance = self._rng.random
        if chance() < 0.2:
            question = self._towards_english(question)
        if chance() < 0.12:
            question = question.lower()
        if chance() < 0.12:
            question = _without_accents(question)
        if chance() < 0.15:
            question = question.rstrip(" ?.")
        if chance() < 0.06 and len(question) > 8:
            at = self._rng.randrange(1, len(question) - 2)
            question = question[:at] + question[at + 1] + question[at] + question[at + 2 :]
        return question

    def _towards_english(self, question: str) -> str:
        """Question words and articles by rule, four of five other words by the dictionary, where it has them."""
        for french, english in _QUESTION_WORDS:
            question = re.sub(french, english, question, flags=re.IGNORECASE)
        return re.sub(r"\w+", self._word, question)

    def _word(self, match: re.Match[str]) -> str:
        words = self._english.get(match[0].casefold())
        return self._rng.choice(words) if words and self._rng.random() < 0.8 else match[0]


class Altering:
    """Near misses: a question with one name, nationality, year or content word put in place of another, so that the
    article that answered it no longer does. What is put in is neither in the article nor in the question."""

    def __init__(self, data: TrainingData, rng: random.Random) -> None:
        self._rng = rng
        self._texts = [fold(article.text) for article in data.articles]
        asked = {lang: [q for e in data.answered for q in e.wordings if detect(q) == lang] for lang in _NATIONS}
        self._like = {lang: _by_kind(questions, lang) for lang, questions in asked.items()}

    def __call__(self, example: Answered, question: str) -> str | None:
        """`question` is a wording of the example's. `None` where six tries find nothing that fits."""
        lang = detect(question)
        places = [m for m in re.finditer(r"\w+", question) if m.start() and _kind(m[0], lang)]
        likelier = [m for m in places for _ in range({"nation": 3, "name": 2, "year": 2, "word": 1}[_kind(m[0], lang)])]
        for _ in range(6 if likelier else 0):
            old = self._rng.choice(likelier)
            new = self._instead_of(old[0], lang)
            stem = fold(new)[:6]
            if fold(new)[:5] != fold(old[0])[:5] and stem not in self._texts[example.article] + fold(question):
                return question[: old.start()] + new + question[old.end() :]
        return None

    def _instead_of(self, word: str, lang: str) -> str:
        kind = _kind(word, lang)
        if kind == "nation":
            known = next(nation for nation in _NATIONS[lang] if word.lower().startswith(nation))
            other = self._rng.choice(_NATIONS[lang])
            return f"{other.capitalize() if word[0].isupper() else other}{word[len(known) :]}"
        return self._rng.choice(self._like[lang][kind] or [word])


def _by_kind(questions: Sequence[str], lang: str) -> dict[str, list[str]]:
    words = [word for question in questions for word in re.findall(r"\w+", question)[1:]]
    return {kind: [word for word in words if _kind(word, lang) == kind] for kind in ("name", "year", "word")}


def _kind(word: str, lang: str) -> str:
    """What a word may be exchanged for; empty where it is better left."""
    if any(word.lower().startswith(nation) for nation in _NATIONS[lang]):
        return "nation"
    if word[0].isupper() and len(word) > 2:
        return "name"
    if re.fullmatch(r"\d{4}", word):
        return "year"
    return "word" if len(word) > 5 and word.islower() else ""


_NATIONS = {
    "fr": [
        "français", "allemand", "italien", "espagnol", "britannique", "américain", "russe", "chinois", "canadien",
        "turc", "polonais", "belge", "japonais", "indien", "irakien", "iranien", "afghan", "suisse", "grec",
        "portugais", "suédois", "brésilien",
    ],
    "en": [
        "french", "german", "italian", "spanish", "british", "american", "russian", "chinese", "canadian", "turkish",
        "polish", "belgian", "japanese", "indian", "iraqi", "iranian", "afghan", "swiss", "greek", "portuguese",
        "swedish", "brazilian",
    ],
}  # fmt: skip

_QUESTION_WORDS = [
    (r"\bqu[’']est[- ]ce que?\b", "what is"), (r"\bcombien de\b", "how many"), (r"\bcombien\b", "how much"),
    (r"\bqui est\b", "who is"), (r"\bqui\b", "who"), (r"\bquand\b", "when"), (r"\boù\b", "where"),
    (r"\bpourquoi\b", "why"), (r"\bcomment\b", "how"), (r"\ben quelle année\b", "in what year"),
    (r"\bquel(le)?s? (est|sont)\b", "what is"), (r"\bquel(le)?s?\b", "which"), (r"\bque\b", "what"),
    (r"\bdes?\b", "of"), (r"\bdu\b", "of the"), (r"\b(le|la|les)\b", "the"), (r"\b[ld][’']", "the "),
    (r"\bdans\b", "in"), (r"\bune?\b", "a"), (r"\best\b", "is"), (r"\bsont\b", "are"), (r"\ba été\b", "was"),
    (r"\bet\b", "and"), (r"\bpar\b", "by"), (r"\bpour\b", "for"), (r"\ben\b", "in"), (r"\bau\b", "to the"),
    (r"\bà\b", "to"), (r"\bsur\b", "on"), (r"\bavec\b", "with"),
]  # fmt: skip


def fold(text: str) -> str:
    """Case and accents folded."""
    return _without_accents(text.casefold())


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
