"""Questions about articles that are not ours to copy: kept by id and place, their words taken from the data set.

They are asked of all 100 Wikinews articles. The 27 that their gold spans name may not be trained on; of the others
`teaching_articles.py` teaches the 30 that are in the train part. Knows the files; how questions are asked and scored is
the business of `eval run`, which reads what is written here.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.datasets import datasets_folder
from eval.errors import InvalidQuestions
from eval.news_datasets import wikinews
from index.types import Article

NEWS = Path(__file__).with_name("news_questions.jsonl")
_DIGEST_CHARS = 16


def lend(questions: Path, folder: Path) -> tuple[Path, Path]:
    """Writes into `folder` the questions with the words of their spans, and the articles; where each now is.

    Raises `InvalidQuestions` where an article is not there or is not the one that the question was written about, and
    `MissingDataset` where no data sets are.
    """
    articles = {item.article.article_id: item.article for item in wikinews(datasets_folder())}
    texts = {article_id: article.text for article_id, article in articles.items()}
    lines = questions.read_text(encoding="utf-8").splitlines()
    asked = [_worded(json.loads(line), texts) for line in lines]
    folder.mkdir(parents=True, exist_ok=True)
    places = folder / "questions.jsonl", folder / "articles.jsonl"
    _write(places[0], asked)
    _write(places[1], [_record(article) for article in articles.values()])
    return places


def _worded(record: dict[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:  # Any: JSON
    for span in _spans(record):
        text = texts.get(span["article_id"], "")
        if hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARS] != span.pop("sha256"):
            raise InvalidQuestions(f"{record['id']}: {span['article_id']} is not the text that it was written about")
        span["quote"] = text[span["start"] : span["end"]]
    return record


def _spans(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:  # Any: JSON
    for fact in record["facts"]:
        yield from fact["spans"]
    yield from record.get("also", ())


def _record(article: Article) -> dict[str, object]:
    published = str(article.published) if article.published else None
    return {"article_id": article.article_id, "text": article.text, "published": published, "lang": article.lang}


def _write(path: Path, records: list[dict[str, Any]]) -> None:  # Any: JSON
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
