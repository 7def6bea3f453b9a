"""Contrasts: questions that a passage answers, and others as like them as can be that it does not.

Those on some passages are kept aside: they are measured and calibrated with, and not trained on. Nor is any other
question that such a passage answers, from now on; earlier trainings saw of the 331 passages 104 with 513 of PIAF's
questions, and 33 with judged ones. The passages themselves are read, as negatives and in lists.
"""

import hashlib
import re
from pathlib import Path

from eval.datasets import Part, PooledQuestion
from eval.made_questions import CONTRASTS, read_questions
from eval.teaching_articles import teaching_articles
from index.language import detect
from index.types import Article

KEPT_EVERY = 10  # passages: of these one is kept aside
_DOCUMENT = re.compile(r"ncn-\d+|wikinews-\d+|(fr|en):\d+")


def is_kept_aside(article_id: str) -> bool:
    return int(hashlib.sha256(f"contrast {article_id}".encode()).hexdigest(), 16) % KEPT_EVERY == 0


def kept_aside(folder: Path) -> tuple[list[Article], list[PooledQuestion]]:
    """Passages, one of each document, so that neither its other passages nor its translation say what it does not; and
    the questions on them, `gold` where it answers."""
    articles = teaching_articles(folder)
    asked = read_questions(CONTRASTS, articles)
    of_document: dict[str, Article] = {}
    for article in articles:
        if article.article_id in asked and is_kept_aside(article.article_id):
            of_document.setdefault(_document(article), article)
    questions = [
        PooledQuestion(
            f"{article.article_id} {number}",
            made.question,
            detect(made.question),
            Part.DEV,
            "contrast",
            article.article_id if made.answers else None,
            made.answers,
        )
        for article in of_document.values()
        for number, made in enumerate(asked[article.article_id])
    ]
    return list(of_document.values()), questions


def _document(article: Article) -> str:
    """What its passages and their translations have in common."""
    found = _DOCUMENT.match(article.article_id)
    return found[0] if found else article.title
