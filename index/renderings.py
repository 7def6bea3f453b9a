"""The translation memory: what writers made of the sentences of articles, so that none is rendered twice.

Knows what is kept and what is still to be done, nothing of who renders. A rendering goes with the last article that
holds its sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from index.seam import AnyStore
from index.store_renderings import Progress, Rendering, sentence_key
from index.types import Article, Span


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence where an article holds it."""

    article: Article
    span: Span

    @property
    def text(self) -> str:
        return self.span.of(self.article.text)


class TranslationMemory:
    """Safe for many threads and processes. `writer` names a model and its prompts: others' renderings are not seen."""

    def __init__(self, store: AnyStore) -> None:
        self._store = store

    def recall(self, sentence: Sentence, lang: str, writer: str) -> Rendering | None:
        """What is remembered of the sentence, from whatever article."""
        key = sentence_key(sentence.text, sentence.article.lang)
        with self._store.reading() as reader:
            return reader.renderings([key], lang, writer).get(key)

    def remember(self, sentence: Sentence, lang: str, writer: str, rendering: Rendering) -> bool:
        """Keeps a rendering; false where the article was removed or replaced meanwhile, and nothing is kept."""
        with self._store.writing() as store:
            key = store.keep(sentence.article.article_id, sentence.span.start, sentence.text)
            if key:
                store.remember(key, lang, writer, rendering)
        return key is not None

    def unrendered(self, lang: str, writer: str) -> Iterator[Sentence]:
        """The sentences in other languages than `lang` that were not rendered yet, those of the newest article first.

        Each article is read when its turn has come; nothing is held open between two sentences.
        """
        article_key: int | None = None
        while found := self._before(article_key, lang):
            article_key, article_id = found
            yield from self._unrendered_of(article_id, lang, writer)

    def progress(self, lang: str, writer: str) -> Progress:
        with self._store.reading() as reader:
            return reader.rendering_progress(lang, writer)

    def totals(self, lang: str) -> list[tuple[str, Progress]]:
        """The progress of every writer that has rendered into `lang`."""
        with self._store.reading() as reader:
            return [(writer, reader.rendering_progress(lang, writer)) for writer in reader.rendering_writers(lang)]

    @property
    def generation(self) -> int:
        """Changes with the articles."""
        with self._store.reading() as reader:
            return reader.generation

    @property
    def paused(self) -> bool:
        with self._store.reading() as reader:
            return reader.rendering_paused()

    def pause(self) -> None:
        """Rendering ahead of questions stops, in whatever process, until `resume`."""
        with self._store.writing() as store:
            store.pause_rendering(True)

    def resume(self) -> None:
        with self._store.writing() as store:
            store.pause_rendering(False)

    def _before(self, article_key: int | None, lang: str) -> tuple[int, str] | None:
        with self._store.reading() as reader:
            return reader.before(article_key, lang)

    def _unrendered_of(self, article_id: str, lang: str, writer: str) -> list[Sentence]:
        """Those of one article. What is remembered from another article is noted to be in this one too."""
        with self._store.reading() as reader:
            article = reader.articles([article_id]).get(article_id)
            if article is None:
                return []
            spans = [span for passage in reader.passages_of(article_id) for span in passage.sentences]
            sentences = [Sentence(article, span) for span in spans]
            keys = [sentence_key(sentence.text, article.lang) for sentence in sentences]
            known, places = reader.renderings(keys, lang, writer), reader.places(article_id)
        self._note(s for s, key in zip(sentences, keys, strict=True) if key in known and s.span.start not in places)
        return [sentence for sentence, key in zip(sentences, keys, strict=True) if key not in known]

    def _note(self, sentences: Iterator[Sentence]) -> None:
        if unnoted := list(sentences):
            with self._store.writing() as store:
                for sentence in unnoted:
                    store.keep(sentence.article.article_id, sentence.span.start, sentence.text)
