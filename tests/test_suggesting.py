"""Questions made from articles, and offered only where the articles answer them."""

import threading
from concurrent.futures import ThreadPoolExecutor

from http_fakes import FakeAnswerer, client, services

from index.types import Article
from service.http_browsing import Suggestions
from service.suggesting import candidates

NEWS = Article("a", "Hier en mai, la ministre Anne Dupont a parlé. Il y a 1600 soldats en Irak. Rien en 2021.", "Titre")
PARIS = Article("b", "The minister Anne Dupont spoke. There are 20 schools in France.", "Title", lang="en")


def test_questions_are_made_of_counts_people_and_places() -> None:
    made = [suggestion.question for suggestion in candidates([NEWS], "fr")]
    assert made == ["Combien de soldats en Irak ?", "Qui est Anne Dupont ?", "Que se passe-t-il en Irak ?"]


def test_only_a_name_crosses_languages() -> None:
    made = [suggestion.question for suggestion in candidates([NEWS, PARIS], "en")]
    assert made == ["How many schools in France?", "Who is Anne Dupont?", "What is happening in France?"]


def test_without_articles_nothing_is_suggested() -> None:
    assert client(services()).get("/v1/suggestions").json() == {"questions": [], "snapshot": "state-0"}


def test_what_the_answer_does_not_hold_is_not_offered() -> None:
    """The fake answers every question with first sentences; the place and the count stand in the second."""
    held = services(NEWS)
    offered = client(held).get("/v1/suggestions", params={"lang": "fr"}).json()["questions"]
    assert offered == [{"question": "Qui est Anne Dupont ?", "lang": "fr"}]


def test_the_same_state_of_the_index_is_asked_once() -> None:
    held = services(NEWS)
    http = client(held)
    assert http.get("/v1/suggestions").json() == http.get("/v1/suggestions").json()
    assert isinstance(held.answerer, FakeAnswerer)
    assert len(held.answerer.asked) == 3


def test_nothing_is_written_to_see_whether_a_question_is_answered() -> None:
    held = services(NEWS)
    assert isinstance(held.answerer, FakeAnswerer)
    held.answerer.breaks_with = AssertionError("a claim is written")
    assert len(client(held).get("/v1/suggestions").json()["questions"]) == 1


def test_one_who_asks_while_suggestions_are_made_does_not_wait_for_them() -> None:
    held = services(NEWS)
    assert isinstance(held.answerer, FakeAnswerer)
    held.answerer.waits_for = threading.Event()
    suggestions = Suggestions()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(suggestions.of, held, "fr")
        held.answerer.started.wait(10)
        assert suggestions.of(held, "fr").questions == []
        held.answerer.waits_for.set()
        assert [each.question for each in first.result().questions] == ["Qui est Anne Dupont ?"]
    assert suggestions.of(held, "fr") == first.result()


def test_sources_are_counted() -> None:
    articles = [Article(str(i), "Texte.", "T", source=source) for i, source in enumerate(["AFP", "AFP", "BBC", None])]
    listed = client(services(*articles)).get("/v1/sources").json()["sources"]
    assert listed == [{"source": "AFP", "articles": 2}, {"source": "BBC", "articles": 1}]


def test_the_digest_of_an_article_changes_with_anything_in_it() -> None:
    held = services(NEWS)
    http = client(held)
    first = http.get("/v1/articles/a").headers["etag"]
    assert http.head("/v1/articles/a").headers["etag"] == first
    http.put("/v1/articles/a", json={"text": NEWS.text, "title": "Autre"})
    assert http.get("/v1/articles/a").headers["etag"] != first
