"""Questions beside lists of passages, each of which was judged: does it answer, and with which words?

Those that are trained on are of train parts: NoMIRACL's, and passages of the other sets with what is near to them.
Those of NoMIRACL's dev part are calibrated with. A large language model wrote the questions on each list as one who has
not read it would search, some that a passage answers and as many, on what the passages are about, that none does; and
it judged every passage, of NoMIRACL's own questions too. The files hold the model's questions, ids of NoMIRACL's, and
places; nothing of the passages.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.datasets import nomiracl, records
from eval.errors import InvalidDataset
from eval.made_questions import opened
from index.types import Article, Span

JUDGED_LISTS = Path(__file__).with_name("made") / "lists.jsonl.xz"
DEV_LISTS = Path(__file__).with_name("made") / "dev_lists.jsonl.xz"


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """A question, and by article id where its answers stand; no span in an article that does not answer."""

    question: str
    answers: Mapping[str, tuple[Span, ...]]


def own_questions(folder: Path) -> dict[str, str]:
    """NoMIRACL's, by id."""
    return {asked.question_id: asked.question for lang in ("fr", "en") for asked in nomiracl(folder, lang)[1]}


def write_lists(
    lists: Iterable[tuple[Sequence[Article], Sequence[ListQuestion]]], path: Path, own: Mapping[str, str]
) -> None:
    """A line for each list: its articles, and the questions beside them, those of `own` by their ids."""
    ids = {question: key for key, question in own.items()}
    with opened(path) as file:
        for articles, asked in lists:
            line = {
                "articles": [article.article_id for article in articles],
                "sha256": _digest(articles),
                "questions": [[ids.get(each.question, each.question), *_places(each, articles)] for each in asked],
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def read_lists(path: Path, articles: Iterable[Article], own: Mapping[str, str]) -> list[ListQuestion]:
    """Those kept by their ids are taken from `own`.

    Raises `InvalidDataset` for an article that is not there or is not the one that was judged.
    """
    of_id = {article.article_id: article for article in articles}
    found = []
    for record in records(path):
        listed = [of_id[key] for key in record["articles"] if key in of_id]
        if len(listed) < len(record["articles"]) or _digest(listed) != record["sha256"]:
            raise InvalidDataset(f"{path}: {record['articles']} are not the texts that were judged")
        for question, *places in record["questions"]:
            answers: dict[str, tuple[Span, ...]] = {article.article_id: () for article in listed}
            for number, start, end in places:
                answers[listed[number].article_id] += (Span(start, end),)
            found.append(ListQuestion(own.get(question, question), answers))
    return found


def _places(asked: ListQuestion, articles: Sequence[Article]) -> list[list[int]]:
    """The number of the article in its list, and where the answer starts and ends in its text."""
    return [
        [number, span.start, span.end]
        for number, article in enumerate(articles)
        for span in asked.answers.get(article.article_id, ())
    ]


def _digest(articles: Sequence[Article]) -> str:
    return hashlib.sha256("\0".join(article.text for article in articles).encode()).hexdigest()[:16]
