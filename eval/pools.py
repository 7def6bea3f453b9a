"""Pools: articles of several data sets in one index, so that each question has thousands of passages to be lost among.

A pool is indexed once, under `var/eval/`, and kept: what is there already is not encoded again, and a build that was
stopped goes on where it was.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from eval.datasets import nomiracl, piaf, squad_fr
from index.encoder import open_encoder
from index.opening import open_index
from index.settings import Settings
from index.types import Article

BATCH_ARTICLES = 64  # indexed at a time, durably


def question_pool(folder: Path) -> list[Article]:
    """The passages of PIAF, squad_fr and NoMIRACL, each an article: 8,800 or so, a third of them English."""
    return [*piaf(folder)[0], *squad_fr(folder)[0], *nomiracl(folder, "fr")[0], *nomiracl(folder, "en")[0]]


def build_pool(articles: Sequence[Article], settings: Settings, progress: Callable[[int, int], object]) -> None:
    """Makes the index of `settings` hold exactly these articles. `progress` is told how many of how many are there."""
    settings.data.mkdir(parents=True, exist_ok=True)
    with closing(open_index(settings, open_encoder(settings))) as index:
        for start in range(0, len(articles), BATCH_ARTICLES):
            index.put(articles[start : start + BATCH_ARTICLES])
            progress(min(start + BATCH_ARTICLES, len(articles)), len(articles))
        wanted = {article.article_id for article in articles}
        index.remove([article_id for article_id in index.article_ids() if article_id not in wanted])
