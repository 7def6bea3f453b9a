"""The articles that the questions are about, as the index reads and cuts them."""

from dataclasses import dataclass
from pathlib import Path

from eval.errors import InvalidQuestions
from index.formats.file import ParseFailure
from index.formats.reading import read_articles
from index.passages import cut
from index.settings import repository_root
from index.types import Article, Passage

_FOLDERS = ("seeds", "eval/stories", "eval/practical", "eval/dossiers")
OURS = {
    folder.name: (folder, repository_root() / "eval" / f"{folder.name}.jsonl")
    for folder in map(repository_root().joinpath, _FOLDERS)
}
"""By name, articles of the project and the questions on them: the seeds; news stories, sheets of practical information,
and dossiers of both that were invented."""
CALIBRATED = ("seeds", "stories", "practical")
"""Those whose dev questions are fitted to. The dossiers' are only measured."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Stored texts by article id, and every passage that can be retrieved."""

    texts: dict[str, str]
    passages: tuple[Passage, ...]


def read_articles_of(path: Path) -> list[Article]:
    """The articles of a file or a folder; raises `InvalidQuestions` if one cannot be read or there is none."""
    articles = []
    for item in read_articles(path):
        if isinstance(item, ParseFailure):
            raise InvalidQuestions(f"{path}: {item}")
        articles.append(item)
    if not articles:
        raise InvalidQuestions(f"{path} holds no article; name the folder that the questions are about")
    return articles


def read_collection(path: Path) -> Collection:
    """What `read_articles_of` gives, cut. Raises as it does."""
    articles = read_articles_of(path)
    texts = {article.article_id: article.text for article in articles}
    return Collection(texts, tuple(passage for article in articles for passage in cut(article)))
