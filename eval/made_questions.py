"""Training questions that models made on passages, and people's questions in other words.

They teach and never measure. What is kept of the local writer's outputs is decided here: an answer must stand in its
passage word for word, and the model must have been sure of it. The contrasts were written by a far larger model,
passage by passage: questions that it answers, and others as like them as can be that it does not. All files hold
questions, places and ids, and nothing of the passages.
"""

import hashlib
import json
import lzma
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TextIO

from eval.datasets import records
from eval.errors import InvalidDataset
from eval.local_model import Output
from eval.training_wordings import fold
from index.analysis import analyse
from index.language import detect
from index.sentences import split_sentences
from index.types import Article, Span

QUESTIONS = Path(__file__).with_name("made") / "questions.jsonl.xz"
CONTRASTS = Path(__file__).with_name("made") / "contrasts.jsonl.xz"
ENGLISH = Path(__file__).with_name("made") / "english.jsonl.xz"

SURE_OF_ANSWER, SURE_OF_QUESTION = -0.55, -1.6  # least mean logarithm of a token's probability
SURE_OF_WORDING = -0.42
MOST_ANSWER_CHARS = 110
MOST_PLACES = 4  # of an answer in its passage: what stands everywhere answers nothing
_DIGEST_CHARS = 16

_SAID = re.compile(r"Q: ?(?P<question>[^\n]{10,200})\n[RA]: ?(?P<answer>[^\n]{1,160})(?=\n|$)")
_ASKED = re.compile(r"[^\n?]{12,160}\?")
_OF_THE_TEXT = re.compile(
    r"\b(textes?|texts?|passages?|articles?|paragraph(es?|s)?|auteurs?|authors?|phrases?|sentences?|mentioned"
    r"|mentionnée?s?|according to the|following|suivante?s?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class MadeQuestion:
    """A question on one article, and where in its text the answers stand; none where it does not answer."""

    question: str
    answers: tuple[Span, ...]


def said(output: Output) -> Iterator[tuple[str, str]]:
    """The questions and answers of an output that begins after `Q:`, where the model was sure enough of both."""
    text = "Q:" + output.text
    ends, end = [], 2
    for piece in output.pieces:
        end += len(piece)
        ends.append(end)
    for match in _SAID.finditer(text):
        if match.end() == len(text) and not output.ended:
            continue  # it may have been cut off
        sure = {
            part: fmean(
                score
                for score, piece, end in zip(output.scores, output.pieces, ends, strict=True)
                if end > match.start(part) and end - len(piece) < match.end(part)
            )
            for part in ("question", "answer")
        }
        if sure["answer"] >= SURE_OF_ANSWER and sure["question"] >= SURE_OF_QUESTION:
            yield match["question"].strip(), match["answer"].strip().strip('.,;: "«»“”').strip()


def question_on(article: Article, question: str, answer: str, lang: str) -> MadeQuestion | None:
    """`None` where the question speaks of the text, is in another language or holds its answer, or where the answer is
    not in the article, in too many places, or nearly a whole sentence.

    Of several places, that in the sentence with the most of the question's terms.
    """
    if not question.endswith("?") or len(question) < 15 or _OF_THE_TEXT.search(question) or detect(question) != lang:
        return None
    if not 2 <= len(answer) <= MOST_ANSWER_CHARS or fold(answer) in fold(question):
        return None
    places = _places(answer, article.text)
    terms = set(analyse(question, article.lang))
    inside = [
        (len(terms & set(analyse(sentence.of(article.text), article.lang))), -place.start, place, sentence)
        for place in places
        for sentence in split_sentences(article.text, lang=article.lang)
        if sentence.start <= place.start and place.end <= sentence.end
    ]
    if not inside or len(places) > MOST_PLACES:
        return None
    *_, place, sentence = max(inside)
    whole = place.end - place.start > 0.9 * (sentence.end - sentence.start)
    return None if whole else MadeQuestion(question, (place,))


def _places(answer: str, text: str) -> list[Span]:
    """Where the answer's words stand, either apostrophe and any space; as it is capitalised, else however."""
    words = r"\s+".join(re.sub(r"['’]", "['’]", re.escape(word)) for word in answer.split())
    pattern = (r"\b" if answer[0].isalnum() else "") + words + (r"\b" if answer[-1].isalnum() else "")
    found = list(re.finditer(pattern, text)) or list(re.finditer(pattern, text, re.IGNORECASE))
    return [Span(*match.span()) for match in found]


def english_of(output: Output) -> str | None:
    """One question in English, or none."""
    asked = output.text.strip()
    return asked if output.ended and _ASKED.fullmatch(asked) and detect(asked) == "en" else None


def other_wording(question: str, output: Output) -> str | None:
    """One French question that is not the one that was given."""
    asked = output.text.strip()
    sure = output.ended and fmean(output.scores or [-9]) >= SURE_OF_WORDING
    return (
        asked if sure and _ASKED.fullmatch(asked) and detect(asked) == "fr" and fold(asked) != fold(question) else None
    )


def write_questions(made: Mapping[str, Sequence[MadeQuestion]], articles: Iterable[Article], path: Path) -> None:
    """A line an article that has some."""
    with opened(path) as file:
        for article in articles:
            if asked := made.get(article.article_id):
                questions = [_as_record(each) for each in asked]
                line = {"article": article.article_id, "sha256": _digest(article), "questions": questions}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _as_record(made: MadeQuestion) -> list[str | int]:
    """The question, then where each answer starts and ends."""
    return [made.question, *(end for span in made.answers for end in (span.start, span.end))]


def read_questions(path: Path, articles: Iterable[Article]) -> dict[str, list[MadeQuestion]]:
    """By article id. Raises `InvalidDataset` for an article that is not there or is not the one that it was made on."""
    texts = {article.article_id: article for article in articles}
    made = {}
    for record in records(path):
        article = texts.get(str(record["article"]))
        if article is None or _digest(article) != record["sha256"]:
            raise InvalidDataset(f"{path}: {record['article']} is not the text that the questions were made on")
        made[article.article_id] = [
            MadeQuestion(question, tuple(map(Span, ends[::2], ends[1::2]))) for question, *ends in record["questions"]
        ]
    return made


def write_english(wordings: Mapping[str, str], path: Path) -> None:
    with opened(path) as file:
        for key, asked in wordings.items():
            file.write(json.dumps({"id": key, "english": asked}, ensure_ascii=False) + "\n")


def read_english(path: Path) -> dict[str, str]:
    """English wordings by question id."""
    return {str(record["id"]): str(record["english"]) for record in records(path)}


def opened(path: Path) -> TextIO:
    """To be written, compressed; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return lzma.open(path, "wt", encoding="utf-8")


def _digest(article: Article) -> str:
    return hashlib.sha256(article.text.encode()).hexdigest()[:_DIGEST_CHARS]
