"""One snapshot of the index, searched: dense by vectors, lexical by terms. Knows nothing of how either is kept."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.analysis import terms_of
from index.manifest import Manifest
from index.query_words import QueryWord, query_words
from index.seam import AnyReader, Nearest
from index.term_set import K1, idf
from index.types import Article, Filters, Passage, ScoredPassage

_EVERYTHING = Filters()
_MOST_SOURCES = 200
_ENOUGH = 50  # passages that hold a term: of more it makes no difference


class View:
    """Nothing in it moves while it is open. For one thread at a time, inside `Index.view()`."""

    def __init__(self, reader: AnyReader, vectors: Nearest, manifest: Manifest) -> None:
        self._reader = reader
        self._vectors = vectors
        self._dim = manifest.dim
        self.snapshot = _snapshot(manifest.digest, reader.content, vectors.approximation)
        self.article_count = reader.article_count
        self.passage_count = reader.passage_count

    # Search

    def dense(self, vector: NDArray[np.float32], k: int, filters: Filters = _EVERYTHING) -> list[ScoredPassage]:
        """The `k` passages nearest to a query vector (float32, (dim,), norm 1), or all where there are fewer.

        The score is the cosine, and filters hold, exactly. So does the ranking, but for one in a hundred where
        more than some thousands of passages are searched in a large index (`vector_base`). Ties break by passage id.
        """
        return self._ranked(self._vectors.nearest(vector.reshape(-1), k, filters), k)

    def lexical(
        self, query: str, k: int, filters: Filters = _EVERYTHING, *, context_weight: float = 1.0
    ) -> list[ScoredPassage]:
        """The `k` passages with the highest BM25 that share a term with `query`; ties break by passage id.

        The score is BM25's share, 0 to 1, of the most that a passage with one term for each word could have, so that it
        means the same for every query and collection. The query is analysed once for each language of the articles,
        and looked for in translation in the one that it is not in.
        `context_weight` is what a term of the title or of other context is worth, against 1 for a term of the passage.
        """
        words = query_words(query, self._reader.langs())
        if not words or k < 1:
            return []
        terms = list(dict.fromkeys(term for word in words for term in (*word.terms, *word.translations)))
        most = _most(words, self._reader.passages_with(terms), self.passage_count)
        found = self._reader.lexical(terms, k, filters, context_weight=context_weight)
        return self._ranked([(key, min(1.0, score / most)) for key, score in found], k)

    def passages_with(self, words: Iterable[str], filters: Filters = _EVERYTHING) -> dict[str, int]:
        """In how many passages each of these words, in lower case, is in any form; others are left out.

        With filters, in how many of those that pass, counted to `_ENOUGH`.
        """
        langs = self._reader.langs()
        terms = {word: terms_of(word, langs) for word in words}
        counts = self._reader.passages_with(list(dict.fromkeys(term for its in terms.values() for term in its)))
        if filters != _EVERYTHING:
            counts = {term: self._passing_with(term, filters) for term in counts}
        held = {word: max((counts.get(term, 0) for term in its), default=0) for word, its in terms.items()}
        return {word: count for word, count in held.items() if count}

    def _passing_with(self, term: str, filters: Filters) -> int:
        return min(_ENOUGH, len(self._reader.lexical([term], _ENOUGH, filters, context_weight=1.0)))

    def vectors(self, passage_ids: Sequence[str]) -> NDArray[np.float32]:
        """float32, (n, dim), a row for each id. Raises `KeyError` for an id that is not there."""
        return self._reader.vectors(passage_ids, self._dim)

    def _ranked(self, scored: Sequence[tuple[int, float]], k: int) -> list[ScoredPassage]:
        passages = self._reader.passages([key for key, _ in scored])
        best = sorted(scored, key=lambda pair: (-pair[1], passages[pair[0]].passage_id))[:k]
        return [ScoredPassage(passages[key], score, rank) for rank, (key, score) in enumerate(best, start=1)]

    # Articles

    def articles(self, article_ids: Iterable[str]) -> dict[str, Article]:
        """The articles of those ids that exist, in the order of the ids."""
        return self._reader.articles(article_ids)

    def page(self, *, after: str | None, limit: int) -> list[Article]:
        """Up to `limit` articles by id, from the first id greater than `after`."""
        return self._reader.page(after=after, limit=limit)

    def every_article(self) -> Iterator[Article]:
        """All articles by id, a few in memory at a time."""
        return self._reader.every_article()

    def passages_of(self, article_id: str) -> list[Passage]:
        """The passages of an article in the order of its text; none where there is no such article."""
        return self._reader.passages_of(article_id)

    def sources(self) -> list[tuple[str, int]]:
        """The sources that articles name, each with how many do: those of most first, 200 at most."""
        return self._reader.sources(limit=_MOST_SOURCES)

    def linked(self, article_ids: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """For each that has some: the ids of the others of these that are one wire copy with it, in order."""
        return self._reader.linked(article_ids)

    def copies(self, article_ids: Iterable[str], filters: Filters) -> Mapping[str, Sequence[Article]]:
        """For each that has some: the other articles that are one wire copy with it and pass the filters, by id."""
        ids = self._reader.copies(article_ids, filters)
        articles = self._reader.articles(copy_id for copy_ids in ids.values() for copy_id in copy_ids)
        return {article_id: [articles[copy_id] for copy_id in copy_ids] for article_id, copy_ids in ids.items()}

    def any_article(self, filters: Filters) -> bool:
        """Whether any article passes `filters`."""
        return self._reader.any_article(filters)


def _most(words: Sequence[QueryWord], passages_with: Mapping[str, int], passages: int) -> float:
    """What no passage's BM25 exceeds that holds one term for each word.

    A word that is there in translation only counts as its translation, one that is not there as the rarest of all.
    """

    def rarity(word: QueryWord) -> float:
        own = [term for term in word.terms if term in passages_with]
        known = own or [term for term in word.translations if term in passages_with]
        return max([idf(passages, passages_with[term]) for term in known], default=idf(passages, 0))

    return (K1 + 1) * sum(map(rarity, words))


def _snapshot(manifest: str, content: int, approximation: str | None) -> str:
    """The same for the same articles and manifest, in whatever order they came; another one for any other.

    Where a search may miss a passage, what it misses depends on how the base was made, which then is named too.
    """
    named = f"{manifest} {content}" if approximation is None else f"{manifest} {content} {approximation}"
    return hashlib.blake2b(named.encode(), digest_size=16).hexdigest()
