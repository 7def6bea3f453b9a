"""What a query looks for: its own words, and what they are in the other language, where there is one."""

import json
from pathlib import Path

import pytest
from fakes import HashEncoder

from eval.alignment import partners
from eval.datasets import Part, id_part
from eval.lexicon import lexicon, make_lexicon, pairs
from index.index import Index
from index.query_words import QueryWord, query_words
from index.term_set import K1, B, idf
from index.translations import MOST, PATH, translations
from index.types import Article
from service.guard.gazetteer import named_in_both

ASKED = "How many soldiers were sent to Iraq?"


def test_a_word_is_also_looked_for_by_what_it_is_in_the_other_language() -> None:
    assert query_words(ASKED, ["fr"]) == [
        QueryWord(("soldi",), ("soldat",)),
        QueryWord(("sent",), ("envoi",)),
        QueryWord(("iraq",), ("irak",)),
    ]


def test_nothing_is_translated_where_every_article_is_in_the_language_of_the_query() -> None:
    assert query_words(ASKED, ["en"]) == [QueryWord(("soldier",)), QueryWord(("sent",)), QueryWord(("iraq",))]
    assert all(not word.translations for word in query_words("Combien de soldats en Irak ?", ["fr"]))


@pytest.mark.parametrize("query", ["", "?", "l'", "de la", "\ud800", "日本"])
def test_a_query_without_words_that_are_known_has_no_translations(query: str) -> None:
    assert all(not word.translations for word in query_words(query, ["en", "fr"]))


def test_the_lexicon_has_few_translations_a_term_and_none_of_what_finds_itself() -> None:
    rows = [line.split("\t") for line in PATH.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert len(rows) > 10_000
    for lang, term, found in rows:
        assert translations(term, lang) == tuple(found.split(" "))
        assert 1 <= len(found.split(" ")) <= MOST
        assert term not in found.split(" ")
        assert not any(map(str.isdigit, term + found))
    assert translations("otan", "fr") == ("nato",)
    assert translations("nato", "en") == ("otan",)
    assert translations("otan", "en") == translations("otan", "de") == ()


# Searching


@pytest.fixture
def index(tmp_path: Path) -> Index:
    index = Index.open(tmp_path, HashEncoder())
    index.put(
        [
            Article("fr", "Les soldats partent.", "Départ", lang="fr"),
            Article("autre", "Le vaccin arrive.", "Retour", lang="fr"),
            Article("en", "The soldiers leave.", "Farewell", lang="en"),
        ]
    )
    return index


def test_a_question_finds_articles_of_both_languages_by_its_words(index: Index) -> None:
    with index.view() as view:
        for query in ("Où sont les soldats ?", "Where are the soldiers?"):
            assert {found.passage.article_id for found in view.lexical(query, 9)} == {"fr", "en"}


def test_a_word_that_is_there_only_in_translation_counts_as_its_translation(index: Index) -> None:
    index.remove(["en"])
    with index.view() as view:
        [found] = view.lexical("Where are the soldiers?", 9)
    length, mean = 3, 3  # départ, soldat, partent; retour, vaccin, arrive
    weight = 1 * (K1 + 1) / (1 + K1 * (1 - B + B * length / mean))
    assert found.score == pytest.approx(idf(2, 1) * weight / ((K1 + 1) * idf(2, 1)))


def test_a_share_is_at_most_one_however_many_translations_a_passage_holds(tmp_path: Path) -> None:
    index = Index.open(tmp_path, HashEncoder())
    index.put([Article(f"n{n}", "Des lieux nommés autrement, sans rien dire.", "Lieux") for n in range(9)])
    index.put([Article("fr", "Des troupes, des soldats ; troupes, soldats. " * 4, "Troupes, soldats", lang="fr")])
    with index.view() as view:
        assert [found.score for found in view.lexical("troops", 9)] == [1.0]


# Learning

PAIRS = [(["red", "cat"], ["rouge", "chat"]), (["cat"], ["chat"]), (["red", "dog"], ["rouge", "chien"])] * 4


def test_terms_that_come_and_go_together_are_partners() -> None:
    found = partners(PAIRS)
    best = {one: max((its.probability, two) for (first, two), its in found.items() if first == one) for one, _ in found}
    assert {one: two for one, (_, two) in best.items()} == {"red": "rouge", "cat": "chat", "dog": "chien"}
    assert found["cat", "chat"].probability > 0.9
    assert sum(its.times for its in found.values()) <= sum(len(two) for _, two in PAIRS)


def test_the_probabilities_of_a_term_are_at_most_one_together() -> None:
    found = partners(PAIRS)
    for term in ("red", "cat", "dog"):
        assert sum(its.probability for (one, _), its in found.items() if one == term) <= 1 + 1e-9


def test_nothing_is_learned_from_nothing() -> None:
    assert partners([]) == {}
    assert partners([([], ["chat"]), (["cat"], [])]) == {}


def test_a_lexicon_goes_both_ways_and_leaves_out_figures_and_words_that_are_spelt_alike() -> None:
    said = [("The soldiers of Iraq, 2004", "Les soldats d’Irak, 2004"), ("Soldiers", "Soldats"), ("Iraq", "Irak")] * 3
    english, french = lexicon([*said, ("the mission", "la mission"), ("mission", "mission")])
    assert english == {"soldier": ["soldat"], "iraq": ["irak"]}
    assert french == {"soldat": ["soldier"], "irak": ["iraq"]}


def test_the_names_that_the_guard_knows_are_said_in_both_languages() -> None:
    assert {("Germany", "Allemagne"), ("afghan", "afghan"), ("geneva", "geneve")} <= set(named_in_both())


def test_only_train_parts_are_learned_from(tmp_path: Path) -> None:
    for name in ("news_commentary", "pud"):
        (tmp_path / name).mkdir()
    articles = [
        {"docid": f"d{n}", "title_fr": f"Titre {n}", "title_en": None, "body_fr": [f"fr {n}"], "body_en": ["en"]}
        for n in range(40)
    ]
    lines = "".join(json.dumps(each) + "\n" for each in articles)
    (tmp_path / "news_commentary" / "documents.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "pud" / "sentences.jsonl").write_text("", encoding="utf-8")
    learned = {french for _, french in pairs(tmp_path)}
    trained = {f"fr {n}" for n in range(40) if id_part(f"d{n}") is Part.TRAIN}
    assert learned & {f"fr {n}" for n in range(40)} == trained
    assert 0 < len(trained) < 40
    assert make_lexicon(tmp_path, tmp_path / "out.tsv") > 0
