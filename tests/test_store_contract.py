"""What every store must do, run over a data folder and over Milvus: the same behaviours, whatever keeps the index."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEncoder
from numpy.typing import NDArray
from stores import Opening, opening, start_milvus

from index.dates import PublishedDate
from index.errors import EncoderError, ManifestMismatch, StoreUnavailable
from index.index import Index
from index.renderings import Sentence
from index.store_renderings import Progress, Rendering
from index.types import Article, Filters, Span


def long(sentence: str, filler: str = " et") -> str:
    """The sentence made long enough to fill a passage, with words that no search sees."""
    return sentence[:-1] + filler * (95 - len(sentence.split())) + "."


OTAN = Article(
    "otan",
    long("L’OTAN a décidé d’élargir sa mission en Irak.")
    + "\r\n\r\n"
    + long("Cette mission passera de 500 à 4\u202f000 personnes, selon « l’Alliance »."),
    "L’OTAN en Irak",
    PublishedDate("2021-02"),
    source='AFP "dépêches" \\ 日本',
    url="https://example.org/?q='a'",
)
VACCIN = Article(
    "vaccin",
    long("La campagne de vaccination a commencé à Montréal.")
    + "\n\n"
    + long("Plus de 130\u00a0000 doses ont été livrées."),
    "Vaccination",
    PublishedDate("2021-02-10"),
    source="La Presse",
)
NATO = Article(
    "nato",
    long("NATO will send 4,000 troops to Iraq.", " of")
    + "\n\n"
    + long("The U.S. will take part in the mission, Austin said.", " of"),
    "NATO in Iraq",
    PublishedDate("2020"),
    source="CNN",
    lang="en",
)
UNDATED = Article("sans-date", "Les ministres se réunissent à Bruxelles.", "Réunion")
ARTICLES = [OTAN, VACCIN, NATO, UNDATED]
FIRST = "La mission de l’OTAN en Irak compte 500 militaires."
ENGLISH = Rendering("NATO’s mission in Iraq has 500 troops.")
WIRE = [
    f"Le ministre des Affaires étrangères a annoncé le point {n} de l’accord signé à Bruxelles, selon l’AFP, et la"
    f" délégation numéro {n} a salué une étape décisive pour la région de Mossoul et ses {n}00 habitants."
    for n in range(12)
]


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> str:
    return start_milvus(tmp_path_factory.mktemp("milvus"))


@pytest.fixture(params=["sqlite", "milvus"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opening]:
    address = request.getfixturevalue("milvus") if request.param == "milvus" else ""
    yield from opening(request.param, tmp_path, address)


@pytest.fixture
def encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture
def index(opened: Opening, encoder: HashEncoder) -> Iterator[Index]:
    index = opened(encoder)
    yield index
    index.close()


@pytest.fixture
def filled(index: Index) -> Index:
    index.put(ARTICLES)
    return index


class Overtaken(HashEncoder):
    """While it encodes, somebody else does something, once."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self._meanwhile = [meanwhile]

    def encode_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        for act in self._meanwhile:
            self._meanwhile = []
            act()
        return super().encode_passages(texts, progress=progress)


def dense_ids(index: Index, query: str, k: int = 20, filters: Filters | None = None) -> list[str]:
    with index.view() as view:
        found = view.dense(HashEncoder().encode_queries([query])[0], k, filters or Filters())
        return [scored.passage.passage_id for scored in found]


def lexical_ids(index: Index, query: str, k: int = 20, filters: Filters | None = None) -> list[str]:
    with index.view() as view:
        return [scored.passage.passage_id for scored in view.lexical(query, k, filters or Filters())]


def snapshot(index: Index) -> str:
    with index.view() as view:
        return view.snapshot


def article(article_id: str, text: str, lang: str = "fr") -> Article:
    return Article(article_id, text, "Irak", lang=lang)


def sentence(of: Article, text: str = FIRST) -> Sentence:
    start = of.text.index(text)
    return Sentence(of, Span(start, start + len(text)))


# What is stored


def test_articles_and_passages_come_back_exactly_as_they_went_in(filled: Index) -> None:
    with filled.view() as view:
        assert view.articles(["otan", "absent", "nato"]) == {"otan": OTAN, "nato": NATO}
        assert list(view.every_article()) == sorted(ARTICLES, key=lambda each: each.article_id)
        for each in ARTICLES:
            passages = view.passages_of(each.article_id)
            assert passages
            for passage in passages:
                assert passage.text == each.text[passage.span.start : passage.span.end]
                assert passage.span.start <= passage.sentences[0].start
        assert (view.article_count, view.passage_count) == (4, 7)


def test_a_text_of_any_length_and_any_characters_comes_back(index: Index) -> None:
    text = "".join(map(chr, [*range(1, 0x2FF), *range(0x1F300, 0x1F400)])) + "é" * 70_000 + "\U0001f600" * 40_000
    odd = Article("éà 'x' \"y\" \\ {z}", text, "Titre")
    outcomes = index.put([odd])
    assert [outcome.status for outcome in outcomes] == ["added"]
    with index.view() as view:
        assert view.articles([odd.article_id]) == {odd.article_id: odd}
        assert view.page(after=None, limit=5) == [odd]


def test_a_text_that_cannot_be_kept_is_rejected_and_the_others_are_stored(index: Index) -> None:
    outcomes = index.put([article("nul", "a\0b"), UNDATED, article("demi", "a\ud800")])
    assert [outcome.status for outcome in outcomes] == ["rejected", "added", "rejected"]
    assert index.article_ids() == ["sans-date"]


def test_articles_are_listed_by_id_from_a_cursor(index: Index) -> None:
    ids = ["a", "a b", "a.b", "aa", "b", "é", "\U0001f600"]
    index.put([article(article_id, f"La phrase de {n} est courte.") for n, article_id in enumerate(reversed(ids))])
    assert index.article_ids() == sorted(ids)
    with index.view() as view:
        first = view.page(after=None, limit=3)
        rest = view.page(after=first[-1].article_id, limit=9)
        assert [each.article_id for each in first + rest] == sorted(ids)
        assert view.page(after="\ud800", limit=9) in ([], [view.articles(["\U0001f600"])["\U0001f600"]])


def test_ids_that_are_no_unicode_are_simply_not_there(filled: Index) -> None:
    with filled.view() as view:
        assert view.articles(["\ud800"]) == {}
        assert view.passages_of("\ud800") == []
        assert not view.any_article(Filters(article_ids=("\ud800",), sources=("\udfff",)))
    assert [outcome.status for outcome in filled.remove(["\ud800"])] == ["absent"]


def test_sources_are_counted(filled: Index) -> None:
    filled.put([Article("autre", "Une dépêche de plus est arrivée.", "Dépêche", source="CNN")])
    with filled.view() as view:
        assert view.sources() == [("CNN", 2), (OTAN.source, 1), ("La Presse", 1)]


def test_the_vectors_are_those_that_the_encoder_gave(filled: Index) -> None:
    with filled.view() as view:
        passage = view.passages_of("otan")[1]
        expected = HashEncoder().encode_passages([f"{OTAN.title}\n{passage.text}"])[0]
        np.testing.assert_allclose(view.vectors(["otan#1"])[0], expected, atol=1e-6)
        assert view.vectors([]).shape == (0, 64)
        with pytest.raises(KeyError):
            view.vectors(["otan#0", "absent#0"])


# Outcomes


def test_outcomes_say_what_became_of_each_article(index: Index, encoder: HashEncoder) -> None:
    assert [each.status for each in index.put([OTAN, VACCIN])] == ["added", "added"]
    encoder.encoded_passages = 0
    moved = Article("otan", OTAN.text, OTAN.title, PublishedDate("2021-03"), source=OTAN.source)
    assert [each.status for each in index.put([moved, VACCIN])] == ["replaced", "unchanged"]
    assert encoder.encoded_passages == 2
    assert [each.status for each in index.remove(["otan", "absent", "otan"])] == ["removed", "absent", "absent"]
    assert index.article_ids() == ["vaccin"]


def test_of_two_who_put_the_same_new_id_at_once_one_is_told_that_it_was_added(opened: Opening) -> None:
    other = opened(HashEncoder())
    index = opened(Overtaken(lambda: other.put([article("a", "Avant.")])))
    outcomes = index.put([article("a", "Après."), article("b", "Seul."), article("a", "Enfin.")])
    assert [outcome.status for outcome in outcomes] == ["replaced", "added", "replaced"]
    with index.view() as view:
        assert view.articles(["a"])["a"].text == "Enfin."
    index.close()
    other.close()


def test_who_replaces_what_was_removed_meanwhile_is_told_that_it_was_added(opened: Opening) -> None:
    other = opened(HashEncoder())
    other.put([article("a", "Avant.")])
    index = opened(Overtaken(lambda: other.remove(["a"])))
    assert [outcome.status for outcome in index.put([article("a", "Après.")])] == ["added"]
    index.close()
    other.close()


def test_of_two_articles_with_one_id_the_later_stays(index: Index) -> None:
    index.put([Article("deux", "Le premier texte.", "A"), Article("deux", "Le second texte.", "B")])
    with index.view() as view:
        assert view.articles(["deux"])["deux"].title == "B"
        assert view.article_count == 1


def test_a_deleted_article_is_gone_from_everything(filled: Index) -> None:
    filled.remove(["otan"])
    assert not {"otan#0", "otan#1"} & set(dense_ids(filled, "OTAN Irak"))
    assert lexical_ids(filled, "Alliance élargir") == []
    assert set(lexical_ids(filled, "OTAN")) == {"nato#0", "nato#1"}  # by what it is called there, in the title
    with filled.view() as view:
        assert view.articles(["otan"]) == {}
        assert view.passages_of("otan") == []
        assert not view.any_article(Filters(article_ids=("otan",)))
        assert (view.article_count, view.passage_count) == (3, 5)
        assert OTAN.source not in dict(view.sources())


def test_what_a_replaced_article_no_longer_says_is_not_found(filled: Index) -> None:
    filled.put([Article("otan", "Un sommet aura lieu à Madrid.", "Sommet")])
    assert lexical_ids(filled, "élargir Irak") == ["nato#0"] or "otan#0" not in lexical_ids(filled, "élargir")
    assert lexical_ids(filled, "Madrid") == ["otan#0"]
    assert [each for each in dense_ids(filled, "OTAN Irak") if each.startswith("otan")] == ["otan#0"]


def test_a_view_does_not_move_while_articles_come_and_go(filled: Index) -> None:
    query = HashEncoder().encode_queries(["mission en Irak"])[0]
    with filled.view() as view:
        before = view.dense(query, 20)
        filled.remove(["otan"])
        filled.put([Article("neuf", "La mission en Irak continue.", "Irak")])
        assert view.dense(query, 20) == before
        assert view.articles(["otan"]) == {"otan": OTAN}
        assert [s.passage.passage_id for s in view.lexical("élargir", 5)] == ["otan#0"]
        assert view.article_count == 4
    assert "neuf#0" in dense_ids(filled, "mission en Irak")
    assert "otan#0" not in dense_ids(filled, "mission en Irak")


def test_the_snapshot_names_the_content_and_not_the_way_to_it(index: Index) -> None:
    index.put(ARTICLES)
    first = snapshot(index)
    index.put([Article("intrus", "De passage.", "Intrus")])
    assert snapshot(index) != first
    index.remove(["intrus", "otan"])
    index.put([OTAN])
    assert snapshot(index) == first


# Search


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(published_after=PublishedDate("2021-02")),
        Filters(published_before=PublishedDate("2021-02-10")),
        Filters(as_of=PublishedDate("2021-02-10")),
        Filters(as_of=PublishedDate("2021-02")),
        Filters(published_after=PublishedDate("2020"), published_before=PublishedDate("2020")),
        Filters(article_ids=("otan", "absent")),
        Filters(article_ids=()),
        Filters(sources=("CNN", str(OTAN.source))),
        Filters(sources=(), article_ids=("otan",)),
        Filters(as_of=PublishedDate("2021"), sources=("La Presse",), article_ids=("vaccin", "nato")),
    ],
)
def test_filtered_search_equals_brute_force(filled: Index, filters: Filters) -> None:
    allowed = [each for each in ARTICLES if passes(each, filters)]
    with filled.view() as view:
        assert view.any_article(filters) == bool(allowed)
        passages = [p.passage_id for each in allowed for p in view.passages_of(each.article_id)]
        for query in ("mission de l’OTAN en Irak", "130 000 doses"):
            vector = HashEncoder().encode_queries([query])[0]
            rows = view.vectors(passages).astype(float)
            cosines = dict(zip(passages, (rows @ vector.astype(float)).round(9), strict=True))
            everywhere = [s.passage.passage_id for s in view.lexical(query, 99)]
            for k in (1, 3, 9):
                expected = sorted(passages, key=lambda passage_id: (-cosines[passage_id], passage_id))[:k]
                found = view.dense(vector, k, filters)
                assert [s.passage.passage_id for s in found] == expected
                assert [s.rank for s in found] == list(range(1, len(expected) + 1))
                assert [s.score for s in found] == pytest.approx([cosines[each] for each in expected], abs=1e-6)
                lexical = [s.passage.passage_id for s in view.lexical(query, k, filters)]
                assert lexical == [each for each in everywhere if each in passages][:k]


def passes(each: Article, filters: Filters) -> bool:
    """The filters read off their description, one article at a time."""
    date = each.published
    after, bounds = filters.published_after, [filters.published_before, filters.as_of]
    return (
        (after is None or (date is not None and date.first_day >= after.first_day))
        and all(bound is None or (date is not None and date.last_day <= bound.last_day) for bound in bounds)
        and (filters.article_ids is None or each.article_id in filters.article_ids)
        and (filters.sources is None or each.source in filters.sources)
    )


def test_equal_scores_come_in_the_order_of_ids_wherever_they_are_cut(index: Index) -> None:
    ids = [f"a{number:02}" for number in range(40)]
    index.put([Article(each, "Les talibans et l’OTAN se parlent.", "Pourparlers") for each in ids[::-1]])
    expected = [f"{each}#0" for each in ids]
    for k in (1, 20, 40, 500):
        assert dense_ids(index, "Que disent les talibans ?", k) == expected[:k]
        assert lexical_ids(index, "Que disent les talibans ?", k) == expected[:k]


def test_names_and_numbers_are_found_in_either_language(filled: Index) -> None:
    assert {"otan#1", "nato#0"} <= set(lexical_ids(filled, "4 000"))
    assert lexical_ids(filled, "Que dit Austin des États-Unis (U.S.) ?")[0] == "nato#1"
    assert lexical_ids(filled, "doses en Irak")[0] == "vaccin#1"
    assert "otan#1" in lexical_ids(filled, "OTAN")  # from its title


def test_words_are_counted_in_whatever_form_they_stand(filled: Index) -> None:
    with filled.view() as view:
        wanted = [
            "mission",
            "missions",
            "personne",
            "troop",
            "est",
            "la",
            "inconnu",
            "autre",
            "rien",
            "missoin",
            "tout",
        ]
        assert view.passages_with(wanted) == {"mission": 3, "missions": 3, "personne": 1, "troop": 1}
        assert view.passages_with(f"inconnu{letter}" for letter in "abcdefghijklmnop") == {}
        assert view.passages_with([]) == {}


@pytest.mark.parametrize("query", ["", "?!", "le de la", '"', '" OR "', "NEAR(a b)", "a\0b", "\ud800", "^-+:(){}"])
def test_no_query_breaks_the_lexical_search(filled: Index, query: str) -> None:
    assert isinstance(lexical_ids(filled, query), list)


def test_an_empty_index_gives_nothing(index: Index) -> None:
    assert dense_ids(index, "OTAN") == []
    assert lexical_ids(index, "OTAN") == []
    with index.view() as view:
        assert not view.any_article(Filters())
        assert view.page(after=None, limit=5) == []


# Wire copies


def test_copies_are_linked_and_apart_again_without_the_one_that_held_them_together(index: Index) -> None:
    whole = Article("afp", "\n\n".join(WIRE), "Accord", PublishedDate("2021-02-10"))
    first, last = (
        Article("debut", "\n\n".join(WIRE[:5]), "Début", PublishedDate("2021-02-11")),
        Article("fin", "\n\n".join(WIRE[7:]), "Fin"),
    )
    index.put([first, UNDATED])
    index.put([last])
    assert links(index) == {}
    index.put([whole])
    assert links(index) == {"afp": ["debut", "fin"], "debut": ["afp"], "fin": ["afp"]}
    with index.view() as view:
        copies = view.copies(["afp", "sans-date"], Filters())
        assert {key: [each.article_id for each in its] for key, its in copies.items()} == {"afp": ["debut", "fin"]}
        then = view.copies(["afp"], Filters(as_of=PublishedDate("2021-02-11")))
        assert [each.article_id for each in then["afp"]] == ["debut"]
        assert view.copies(["debut", "fin"], Filters(as_of=PublishedDate("2021-02-09"))) == {}
        assert view.copies(["debut"], Filters(article_ids=("fin", "debut"))) == {}
        assert view.linked(["debut", "fin", "sans-date"]) == {}
    index.remove(["afp"])
    assert links(index) == {}


def links(index: Index) -> dict[str, list[str]]:
    with index.view() as view:
        return dict(view.linked(index.article_ids()))


# The translation memory


def test_a_rendering_is_recalled_by_the_same_writer_for_the_same_language_only(index: Index) -> None:
    one = article("a", f"{FIRST} Le ministre italien visite Rome ce jeudi.")
    index.put([one])
    memory = index.renderings
    assert memory.recall(sentence(one), "en", "qwen") is None
    assert memory.remember(sentence(one), "en", "qwen", ENGLISH)
    assert memory.recall(sentence(one), "en", "qwen") == ENGLISH
    assert memory.recall(sentence(one), "en", "other") is None
    assert memory.recall(sentence(one), "fr", "qwen") is None
    before = snapshot(index)
    memory.remember(sentence(one), "en", "qwen", Rendering("NATO has 600.", ("« 500 » is missing.",)))
    assert memory.progress("en", "qwen") == Progress(sentences=2, rendered=1, good=0)
    assert memory.totals("en") == [("qwen", Progress(sentences=2, rendered=1, good=0))]
    assert snapshot(index) == before


def test_a_rendering_goes_with_the_last_article_that_holds_its_sentence(index: Index) -> None:
    one, two = article("a", FIRST), article("b", f"Bonjour à tous les lecteurs. {FIRST}")
    index.put([one, two])
    for each in (one, two):
        index.renderings.remember(sentence(each), "en", "qwen", ENGLISH)
    with index.view():  # a reader of the state before does not keep it
        index.remove(["a"])
        assert index.renderings.recall(sentence(two), "en", "qwen") == ENGLISH
        index.put([article("b", "Tout autre chose est arrivé ce matin.")])
        assert index.renderings.recall(sentence(two), "en", "qwen") is None
    assert not index.renderings.remember(sentence(two), "en", "qwen", ENGLISH)


def test_what_is_left_to_render_is_told_newest_article_first(index: Index) -> None:
    one = article("a", f"{FIRST} Le ministre italien visite Rome ce jeudi.")
    two = article("b", f"Le budget sera voté demain à Paris. {FIRST}")
    index.put([one])
    index.put([two, article("c", "The budget will be put to the vote tomorrow.", lang="en")])
    index.renderings.remember(sentence(one), "en", "qwen", ENGLISH)
    left = [each.text for each in index.renderings.unrendered("en", "qwen")]
    assert left == ["Le budget sera voté demain à Paris.", "Le ministre italien visite Rome ce jeudi."]
    assert index.renderings.progress("en", "qwen") == Progress(sentences=4, rendered=2, good=2)


def test_pausing_lasts_until_it_is_resumed(index: Index, opened: Opening) -> None:
    index.renderings.pause()
    other = opened(HashEncoder())
    assert other.renderings.paused
    other.renderings.resume()
    other.close()
    assert not index.renderings.paused


# Opened again, and by others


def test_what_was_put_is_there_when_the_index_is_opened_again(opened: Opening) -> None:
    index = opened(HashEncoder())
    index.put(ARTICLES)
    before = snapshot(index), lexical_ids(index, "mission Irak"), dense_ids(index, "mission Irak")
    index.close()
    index = opened(HashEncoder())
    assert (snapshot(index), lexical_ids(index, "mission Irak"), dense_ids(index, "mission Irak")) == before
    index.close()


def test_another_that_has_it_open_is_seen_by_the_next_view(filled: Index, opened: Opening) -> None:
    other = opened(HashEncoder())
    other.put([Article("neuf", "Un drapeau flotte sur Kaboul.", "Kaboul")])
    assert lexical_ids(filled, "drapeau") == ["neuf#0"]
    other.remove(["neuf"])
    assert lexical_ids(filled, "drapeau") == []
    other.close()


def test_an_index_without_an_encoder_lists_and_removes_but_does_not_add(filled: Index, opened: Opening) -> None:
    bare = opened(None)
    assert bare.article_ids() == ["nato", "otan", "sans-date", "vaccin"]
    bare.remove(["nato"])
    with pytest.raises(EncoderError, match="without an encoder"):
        bare.put([NATO])
    bare.close()
    assert lexical_ids(filled, "Austin") == []


def test_an_index_that_is_not_there_is_refused(opened: Opening) -> None:
    with pytest.raises(StoreUnavailable, match="no index"):
        opened(None)


def test_another_encoder_is_refused(filled: Index, opened: Opening) -> None:
    class Other(HashEncoder):
        name = "other-encoder"

    assert filled.article_ids()
    with pytest.raises(ManifestMismatch, match="other-encoder"):
        opened(Other())
