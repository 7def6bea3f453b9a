"""One wire copy, republished: counted as one origin. Collapses its passages, and says of whom else an article is.

Knows nothing of how copies are found.
"""

import re
from collections.abc import Mapping, Sequence

from index.types import Article, Passage
from prompts.catalogue import messages
from service.retrieval import Candidate
from service.types import Copied, Lang

_SAME = 0.5  # of the shorter passage's words, that two passages share which say the same
_MOST = 20  # copies that are told of
_WORD = re.compile(r"\w+")


def collapse(found: Sequence[Candidate], linked: Mapping[str, Sequence[str]]) -> list[Candidate]:
    """Of passages that are one text in an article and in those `linked` with it, the first. Those that it adds stay."""
    kept: list[Candidate] = []
    for candidate in found:
        copies = linked.get(candidate.passage.article_id, ())
        of_one = (other for other in kept if other.passage.article_id in copies)
        if not any(_is_copy(other.passage, candidate.passage) for other in of_one):
            kept.append(candidate)
    return kept


def copied(copies: Mapping[str, Sequence[Article]], lang: Lang | None = None) -> dict[str, tuple[Copied, ...]]:
    """What is said of each article's copies, in a language where one is given."""
    note = messages(lang).copies.note if lang else None
    return {
        article_id: tuple(Copied(a.article_id, a.title, a.source, a.published, note) for a in articles[:_MOST])
        for article_id, articles in copies.items()
    }


def _is_copy(one: Passage, other: Passage) -> bool:
    mine, yours = (set(_WORD.findall(passage.text.casefold())) for passage in (one, other))
    return len(mine & yours) >= _SAME * min(len(mine), len(yours))
