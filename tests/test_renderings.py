"""The translation memory: kept by sentence, seen by every article that holds it, gone with the last of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashEncoder

from index.build import rebuild
from index.index import Index
from index.parsing import article_from_record
from index.renderings import Sentence
from index.store_renderings import Progress, Rendering
from index.types import Article, Span
from index.verify import verify

TEXT = "La mission de l’OTAN en Irak compte 500 militaires. Le ministre italien visite Rome ce jeudi."
FIRST = "La mission de l’OTAN en Irak compte 500 militaires."
ENGLISH = Rendering("NATO’s mission in Iraq has 500 troops.")


def _article(article_id: str, text: str = TEXT, lang: str = "fr") -> Article:
    return article_from_record({"article_id": article_id, "title": "Irak", "text": text, "lang": lang})


def _sentence(article: Article, text: str = FIRST) -> Sentence:
    start = article.text.index(text)
    return Sentence(article, Span(start, start + len(text)))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index.open(tmp_path, HashEncoder())
    yield index
    index.close()


def test_a_rendering_is_recalled_by_the_same_writer_for_the_same_language_only(index: Index) -> None:
    article = _article("a")
    index.put([article])
    assert index.renderings.recall(_sentence(article), "en", "qwen") is None
    assert index.renderings.remember(_sentence(article), "en", "qwen", ENGLISH)
    assert index.renderings.recall(_sentence(article), "en", "qwen") == ENGLISH
    assert index.renderings.recall(_sentence(article), "en", "other") is None
    assert index.renderings.recall(_sentence(article), "fr", "qwen") is None


def test_what_the_check_found_is_kept_with_the_rendering(index: Index) -> None:
    article, refused = _article("a"), Rendering("NATO has 600 troops.", ("« 500 » is missing.",))
    index.put([article])
    index.renderings.remember(_sentence(article), "en", "qwen", refused)
    assert index.renderings.recall(_sentence(article), "en", "qwen") == refused
    assert index.renderings.progress("en", "qwen") == Progress(sentences=2, rendered=1, good=0)


def test_a_rendering_goes_with_the_last_article_that_holds_its_sentence(index: Index) -> None:
    one, two = _article("a"), _article("b", f"Bonjour à tous les lecteurs. {FIRST}")
    index.put([one, two])
    for article in (one, two):
        index.renderings.remember(_sentence(article), "en", "qwen", ENGLISH)
    index.remove(["a"])
    assert index.renderings.recall(_sentence(two), "en", "qwen") == ENGLISH
    index.put([_article("b", "Tout autre chose est arrivé ce matin.")])
    assert index.renderings.recall(_sentence(two), "en", "qwen") is None


def test_what_is_rendered_after_its_article_is_gone_or_changed_is_not_kept(index: Index) -> None:
    article = _article("a")
    index.put([article])
    index.put([_article("a", f"Corrigé. {TEXT}")])
    assert not index.renderings.remember(_sentence(article), "en", "qwen", ENGLISH)
    index.remove(["a"])
    assert not index.renderings.remember(_sentence(article), "en", "qwen", ENGLISH)
    assert index.renderings.recall(_sentence(article), "en", "qwen") is None


def test_what_is_left_to_render_is_told_newest_article_first(index: Index) -> None:
    one, two = _article("a"), _article("b", "Le budget sera voté demain à Paris.")
    index.put([one, two])
    index.put([_article("c", "The budget will be put to the vote tomorrow.", lang="en")])
    index.renderings.remember(_sentence(one), "en", "qwen", ENGLISH)
    left = [sentence.text for sentence in index.renderings.unrendered("en", "qwen")]
    assert left == ["Le budget sera voté demain à Paris.", "Le ministre italien visite Rome ce jeudi."]
    assert index.renderings.progress("en", "qwen") == Progress(sentences=3, rendered=1, good=1)


def test_a_sentence_known_from_another_article_is_not_rendered_again_and_outlives_that_article(index: Index) -> None:
    one, two = _article("a"), _article("b", f"{FIRST} Le budget sera voté demain.")
    index.put([one, two])
    index.renderings.remember(_sentence(one), "en", "qwen", ENGLISH)
    assert FIRST not in [sentence.text for sentence in index.renderings.unrendered("en", "qwen")]
    assert index.renderings.progress("en", "qwen") == Progress(sentences=4, rendered=2, good=2)
    index.remove(["a"])
    assert index.renderings.recall(_sentence(two), "en", "qwen") == ENGLISH


def test_remembering_changes_no_snapshot(index: Index) -> None:
    article = _article("a")
    index.put([article])
    with index.view() as view:
        before = view.snapshot
    index.renderings.remember(_sentence(article), "en", "qwen", ENGLISH)
    with index.view() as view:
        assert view.snapshot == before


def test_a_rebuild_keeps_the_renderings_and_every_invariant_holds(tmp_path: Path) -> None:
    article = _article("a")
    index = Index.open(tmp_path, HashEncoder())
    index.put([article])
    index.renderings.remember(_sentence(article), "en", "qwen", ENGLISH)
    index.close()
    assert rebuild(tmp_path, HashEncoder()) == 1
    index = Index.open(tmp_path, HashEncoder())
    assert index.renderings.recall(_sentence(article), "en", "qwen") == ENGLISH
    index.close()
    assert verify(tmp_path) == []


def test_pausing_is_seen_by_whoever_opens_the_index_and_lasts_until_it_is_resumed(tmp_path: Path, index: Index) -> None:
    index.renderings.pause()
    other = Index.open(tmp_path, HashEncoder())
    assert other.renderings.paused
    other.renderings.resume()
    other.close()
    assert not index.renderings.paused
