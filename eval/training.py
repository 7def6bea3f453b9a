"""Trains the joint reader: spans, no-answer, relevance and evidence together, on top of the frozen encoder.

The lower layers run without gradients, on questions and passages apart, as they do when answering. Beside each passage
that answers stand one that does not and, for every other question, a near miss; one batch in nine is a NoMIRACL list,
answerable or not. A question's sentences compete with each other and with "none of them", as they do when one is
chosen. Seeded; in bfloat16 where the processor multiplies it natively, and on a GPU where there is one.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, groupby
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, softplus

from eval.training_data import Altering, Answered, Listed, Perturbing, TrainingData, Unanswered, quick_products
from index.encoder import SentenceTransformerEncoder
from index.sentences import split_sentences
from index.token_states import SPLIT_LAYER, TokenEncoder
from index.types import Article, Span
from service.joint_reader import HIDDEN, JointReader, ReaderOutput, from_encoder
from service.states import MAX_QUESTION_TOKENS

SEED = 13
STEPS = 6000
WARM_UP = 60
BODY_RATE, HEAD_RATE = 4e-5, 1e-4
QUESTIONS_A_BATCH = 4
LIST_EVERY = 9
MAX_TOKENS = 224
ALTERED = 0.4  # of the questions, those that come with a near miss too
REMOVED, SAME_TITLE = 0.3, 0.35  # of the negatives: the right passage without its answer; another of the same title
IN_ENGLISH = 0.4  # of the French questions that a model put in English, those asked so
NEAR = 3  # negatives of a question
ELSEWHERE = 0.08  # of the questions of a batch, those that no article answers


@dataclass(frozen=True, slots=True)
class _Tokens:
    """A text's states at the split, float16 (tokens, 384); each token's offsets in the article's text, or none; and the
    text's sentences as far as they were read, with `of_sentence` (sentences, tokens), which takes a mean over each."""

    states: Tensor
    offsets: tuple[tuple[int, int] | None, ...]
    sentences: tuple[Span, ...]
    of_sentence: Tensor


@dataclass(frozen=True, slots=True)
class _Pair:
    """A question beside an article; `answered` where it is the one that answers it."""

    question: Tensor
    article: int
    answered: Answered | None


class Trainer:
    """Holds what a step needs: the frozen lower layers, the states of the articles, and the examples in their order."""

    def __init__(
        self,
        data: TrainingData,
        encoder: SentenceTransformerEncoder,
        perturb: Perturbing,
        start: JointReader | None = None,
    ) -> None:
        """Goes on from `start`; else from the encoder's own upper layers."""
        torch.manual_seed(SEED)
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._data = data
        self._encoder = encoder
        self._tokens = TokenEncoder(encoder.model)
        self._perturb = perturb
        self._rng = random.Random(SEED)
        self._alter = Altering(data, self._rng)
        self._articles: dict[int, _Tokens] = {}
        bert: Any = encoder.model[0].auto_model  # a BertModel, whose parts are untyped
        self.reader = start or from_encoder(bert.encoder.layer)
        if not start:
            self.reader.token_mean.copy_(self._token_mean(data.articles[:: max(1, len(data.articles) // 120)]))

    def train(
        self, steps: int = STEPS, progress: Callable[[int, float], None] = lambda _step, _loss: None
    ) -> JointReader:
        """Runs so many steps and returns the reader. `progress` is told the step and its loss."""
        self.reader.to(self._device).train()
        heads = [p for name, p in self.reader.named_parameters() if "head" in name or name == "side"]
        body = [p for name, p in self.reader.named_parameters() if not ("head" in name or name == "side")]
        optimiser = torch.optim.AdamW(
            [
                {"params": body, "lr": BODY_RATE, "weight_decay": 0.01},
                {"params": heads, "lr": HEAD_RATE, "weight_decay": 0},
            ],
            betas=(0.9, 0.98),
            fused=True,
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: min(1.0, (step + 1) / WARM_UP) * max(0.02, 1 - step / steps)
        )
        for step, loss in enumerate(self._losses(steps)):
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            torch.nn.utils.clip_grad_norm_(self.reader.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            progress(step, float(loss.detach()))
        return self.reader.cpu().eval()

    def _losses(self, steps: int) -> Iterator[Tensor]:
        answered = _endless(self._data.answered, self._rng)
        elsewhere, lists = cycle(self._data.unanswered), cycle(self._data.listed)
        for step in range(steps):
            if step % LIST_EVERY == LIST_EVERY - 1 and self._data.listed:
                yield self._list_loss(next(lists))
                continue
            groups: list[tuple[str, list[tuple[int, Answered | None]]]] = []
            for _ in range(QUESTIONS_A_BATCH):
                if self._data.unanswered and self._rng.random() < ELSEWHERE:
                    asked = next(elsewhere)
                    groups.append(
                        (self._worded(asked), [(article, None) for article in self._rng.sample(asked.near, 2)])
                    )
                    continue
                example = next(answered)
                question = self._worded(example)
                near_miss = self._alter(example, question) if self._rng.random() < ALTERED else None
                if near_miss:
                    groups.append((near_miss, [(example.article, None)]))
                negatives = [(article, None) for article in self._negatives(example)]
                groups.append((question, [(example.article, example), *negatives]))
            yield self._group_loss(groups)

    def _worded(self, example: Answered | Unanswered) -> str:
        return example.english if example.english and self._rng.random() < IN_ENGLISH else example.question

    def _negatives(self, example: Answered) -> list[int]:
        """Articles that do not answer, different ones: near ones, nearer ones more often, and one that looks alike."""
        chance = self._rng.random()
        alike: list[int] = []
        if example.without is not None and chance < REMOVED:
            alike = [example.without]
        elif example.same_title and chance < REMOVED + SAME_TITLE:
            alike = [self._rng.choice(example.same_title)]
        for _ in range(NEAR if example.near else 0):
            alike.append(example.near[int(self._rng.expovariate(1 / 6)) % len(example.near)])
        return list(dict.fromkeys(alike))[:NEAR]

    def _group_loss(self, groups: Sequence[tuple[str, Sequence[tuple[int, Answered | None]]]]) -> Tensor:
        questions = self._question_states([self._perturb(question) for question, _ in groups])
        pairs = [
            _Pair(states, article, answered)
            for states, (_, candidates) in zip(questions, groups, strict=True)
            for article, answered in candidates
        ]
        return self._loss(pairs, ranked=True)

    def _list_loss(self, listed: Listed) -> Tensor:
        states = self._question_states([listed.question])[0]
        pairs = [_Pair(states, article, None) for article in listed.articles]
        if not listed.answerable:
            return 0.7 * self._loss(pairs, ranked=False)
        output, _ = self._forward(pairs)
        sentences = torch.cat([self._sentence_scores(output, row, pair) for row, pair in enumerate(pairs)])
        relevance = output.relevance.max()
        said = softplus(-sentences.logsumexp(0))  # that it is one of them, whichever
        return 0.7 * (binary_cross_entropy_with_logits(relevance, torch.ones_like(relevance)) + 0.5 * said)

    def _forward(self, pairs: Sequence[_Pair]) -> tuple[ReaderOutput, Tensor]:
        """The output, and which of its tokens are the article's own text (bool)."""
        articles = [self._article(pair.article) for pair in pairs]
        tokens = max(len(p.question) + len(a.offsets) for p, a in zip(pairs, articles, strict=True))
        states = torch.zeros(len(pairs), tokens, HIDDEN)
        is_passage, mask, is_text = (torch.zeros(len(pairs), tokens, dtype=torch.bool) for _ in range(3))
        for row, (pair, article) in enumerate(zip(pairs, articles, strict=True)):
            asked, end = len(pair.question), len(pair.question) + len(article.offsets)
            states[row, :asked], states[row, asked:end] = pair.question, article.states.float()
            is_passage[row, asked:end], mask[row, :end] = True, True
            is_text[row, asked:end] = torch.tensor([offsets is not None for offsets in article.offsets])
        states, is_passage, mask, is_text = (t.to(self._device) for t in (states, is_passage, mask, is_text))
        with torch.autocast("cuda", torch.bfloat16) if self._device == "cuda" else quick_products():
            output = self.reader(states, is_passage, mask)
        return ReaderOutput(*(scores.float() for scores in output)), is_text

    def _loss(self, pairs: Sequence[_Pair], *, ranked: bool) -> Tensor:
        output, is_text = self._forward(pairs)
        starts = torch.cat([output.null[:, None], output.start.masked_fill(~is_text, -1e4)], 1).log_softmax(1)
        ends = torch.cat([output.null[:, None], output.end.masked_fill(~is_text, -1e4)], 1).log_softmax(1)
        evidence = torch.zeros_like(output.evidence)
        right = torch.tensor([float(pair.answered is not None) for pair in pairs], device=self._device)
        span = torch.zeros((), device=self._device)
        for row, pair in enumerate(pairs):
            if pair.answered is None:
                span = span - (0.5 if ranked else 0.25) * (starts[row, 0] + ends[row, 0])
                continue
            asked, article = len(pair.question), self._article(pair.article)
            spans = [tokens for answer in pair.answered.answers if (tokens := _tokens_of(answer, article.offsets))]
            if spans:
                first = sorted({asked + 1 + tokens[0] for tokens in spans})
                last = sorted({asked + 1 + tokens[-1] for tokens in spans})
                span = span - starts[row, first].logsumexp(0) - ends[row, last].logsumexp(0)
            for sentence in pair.answered.sentences:
                evidence[row, [asked + token for token in _tokens_of(sentence, article.offsets)]] = 1
        said = binary_cross_entropy_with_logits(output.evidence.masked_fill(~is_text, -20), evidence, reduction="none")
        said = ((said * is_text).sum(1) / is_text.sum(1) * (1 + right)).sum()
        relevance = binary_cross_entropy_with_logits(output.relevance, right, reduction="sum")
        rank = _rank_loss(output.relevance, pairs) if ranked else 0.0
        return (span + said + relevance + rank + self._sentence_loss(output, pairs)) * 3 / len(pairs)

    def _sentence_loss(self, output: ReaderOutput, pairs: Sequence[_Pair]) -> Tensor:
        """Cross-entropy of the sentences that answer, among all those of their question and "none" (logit 0)."""
        loss = torch.zeros((), device=self._device)
        for _, group in groupby(enumerate(pairs), key=lambda numbered: id(numbered[1].question)):
            scores, right = [torch.zeros(1, device=self._device)], [False]
            for row, pair in group:
                scores.append(self._sentence_scores(output, row, pair))
                right += [
                    pair.answered is not None and any(sentence.overlaps(gold) for gold in pair.answered.sentences)
                    for sentence in self._article(pair.article).sentences
                ]
            right[0] = not any(right)
            every = torch.cat(scores)
            loss = loss + every.logsumexp(0) - every[torch.tensor(right, device=self._device)].logsumexp(0)
        return loss

    def _sentence_scores(self, output: ReaderOutput, row: int, pair: _Pair) -> Tensor:
        """(sentences,): the mean of the evidence over each sentence's tokens, as when answering."""
        article = self._article(pair.article)
        asked = len(pair.question)
        evidence = output.evidence[row, asked : asked + len(article.offsets)]
        return article.of_sentence.to(self._device) @ evidence

    def _question_states(self, questions: Sequence[str]) -> list[Tensor]:
        texts = [self._encoder.query_prefix + question for question in questions]
        ids = [self._tokens.tokenise(text, max_tokens=MAX_QUESTION_TOKENS)[0] for text in texts]
        return [split.clone() for split, _ in self._tokens.states(ids, layers=SPLIT_LAYER)]

    def _article(self, number: int) -> _Tokens:
        if number not in self._articles:
            head, text = self._text(self._data.articles[number])
            ids, offsets = self._tokens.tokenise(text, max_tokens=MAX_TOKENS)
            split, _ = self._tokens.states([ids], layers=SPLIT_LAYER)[0]
            own = tuple((a - head, b - head) if b > a and b > head else None for a, b in offsets)
            spans = [(s, _tokens_of(s, own)) for s in split_sentences(self._data.articles[number].text)]
            read = [(sentence, tokens) for sentence, tokens in spans if tokens]
            of_sentence = torch.zeros(len(read), len(own))
            for row, (_, tokens) in enumerate(read):
                of_sentence[row, tokens] = 1 / len(tokens)
            sentences = tuple(sentence for sentence, _ in read)
            self._articles[number] = _Tokens(split.half(), own, sentences, of_sentence)
        return self._articles[number]

    def _token_mean(self, articles: Sequence[Article]) -> Tensor:
        texts = [self._text(article)[1] for article in articles]
        ids = [self._tokens.tokenise(text, max_tokens=MAX_TOKENS)[0] for text in texts]
        return torch.cat([self._tokens.states([each])[0][1] for each in ids]).mean(0)

    def _text(self, article: Article) -> tuple[int, str]:
        """How many characters stand before the article's own text, and what is encoded."""
        head = f"{self._encoder.passage_prefix}{article.title}\n"
        return len(head), head + article.text


def save(reader: JointReader, path: Path) -> None:
    """Writes the weights as float16."""
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.half().contiguous() for name, tensor in reader.state_dict().items()}, path)


def _tokens_of(span: Span, offsets: Sequence[tuple[int, int] | None]) -> list[int]:
    """The tokens that a span of the article's text touches, as far as it was read."""
    return [i for i, place in enumerate(offsets) if place and place[0] < span.end and span.start < place[1]]


def _rank_loss(relevance: Tensor, pairs: Sequence[_Pair]) -> Tensor:
    """Cross-entropy of the right passage against the others of its question, which follow it."""
    loss = torch.zeros((), device=relevance.device)
    for row, pair in enumerate(pairs):
        if pair.answered is not None:
            last = next((n for n in range(row + 1, len(pairs)) if pairs[n].question is not pair.question), len(pairs))
            loss = loss + cross_entropy(relevance[row:last][None], torch.zeros_like(relevance[:1], dtype=torch.long))
    return loss


def _endless(examples: Sequence[Answered], rng: random.Random) -> Iterator[Answered]:
    order = list(examples)
    while True:
        rng.shuffle(order)
        yield from order
