"""Passages: whole sentences of the body, of a bounded size, and nothing lost."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from index.cleaning import body_spans
from index.passages import CHUNKING, MAX_WORDS, TARGET_WORDS, cut, encoded_text
from index.sentences import split_sentences
from index.types import Article, Passage

SENTENCE = "L’OTAN renforce sa mission en Irak, dit M. Stoltenberg. "  # nine words


def article(text: str, lang: str = "fr") -> Article:
    return Article(article_id="irak-2021", text=text, title="L’OTAN en Irak", lang=lang)


def words(passage: Passage) -> int:
    return len(passage.text.split())


def test_a_short_article_is_one_passage_of_its_sentences() -> None:
    text = "(Bruxelles) L’OTAN renforce sa mission. « Nous y restons », a dit M. Stoltenberg.\n"
    (passage,) = cut(article(text))
    assert passage.text == "L’OTAN renforce sa mission. « Nous y restons », a dit M. Stoltenberg."
    assert [sentence.of(text) for sentence in passage.sentences] == [
        "L’OTAN renforce sa mission.",
        "« Nous y restons », a dit M. Stoltenberg.",
    ]
    assert (passage.passage_id, passage.article_id) == ("irak-2021#0", "irak-2021")


def test_passages_are_numbered_from_zero_and_of_near_equal_size() -> None:
    passages = cut(article(SENTENCE * 30))  # 270 words: three times the target
    assert [passage.passage_id for passage in passages] == ["irak-2021#0", "irak-2021#1", "irak-2021#2"]
    assert [words(passage) for passage in passages] == [TARGET_WORDS] * 3


def test_a_passage_never_crosses_an_intertitle_or_furniture() -> None:
    paragraphs = [
        "L’OTAN renforce sa mission en Irak, qui passera à 4000 personnes.",
        "Talibans",
        "Les talibans poursuivent leurs attaques dans le sud du pays.",
        "PHOTO JEANNE ROY, AGENCE EXEMPLE Un soldat monte la garde.",
        "Les ministres n’ont rien décidé.",
        "Ils se reverront en mai.",
    ]
    text = "\n\n".join(paragraphs)
    assert [passage.text for passage in cut(article(text))] == [
        paragraphs[0],
        paragraphs[2],
        f"{paragraphs[4]}\n\n{paragraphs[5]}",
    ]


def test_a_sentence_too_long_for_a_passage_is_cut_after_clauses() -> None:
    text = "Le ministre cite " + "des casques de protection, " * 100 + "et rien d’autre."
    passages = cut(article(text))
    assert all(words(passage) <= MAX_WORDS for passage in passages)
    assert all(passage.text.endswith(",") for passage in passages[:-1])
    assert " ".join(passage.text for passage in passages) == text


def test_one_enormous_word_is_cut_into_passages_and_kept_whole() -> None:
    text = "x" * 100_000
    passages = cut(article(text))
    assert "".join(passage.text for passage in passages) == text
    assert max(len(passage.text) for passage in passages) <= 10 * MAX_WORDS


def test_no_passage_spans_an_enormous_gap() -> None:
    assert [passage.text for passage in cut(article(f"Avant{' ' * 100_000}après"))] == ["Avant", "après"]


def test_text_without_words_has_no_passages() -> None:
    assert cut(article(" \n\u00a0")) == cut(article("date 2021-02")) == cut(article("***")) == []


def test_the_encoder_sees_the_title_before_the_passage() -> None:
    whole = article("L’OTAN renforce sa mission.")
    assert encoded_text(whole, cut(whole)[0]) == "L’OTAN en Irak\nL’OTAN renforce sa mission."


def test_the_chunking_tag_names_the_sizes() -> None:
    assert str(TARGET_WORDS) in CHUNKING
    assert str(MAX_WORDS) in CHUNKING


PARAGRAPHS = st.lists(
    st.sampled_from([SENTENCE, "Talibans", "« Oui ! »", "Lire aussi", "mot " * 300, "x" * 3000, "Fin.", "a, b ; c"]),
    min_size=1,
    max_size=12,
)


@given(PARAGRAPHS, st.sampled_from(["\n", "\n\n"]))
def test_passages_hold_the_whole_body_in_order_and_nothing_else(paragraphs: list[str], gap: str) -> None:
    text = gap.join(paragraphs)
    passages = cut(article(text))
    pieces = [sentence for passage in passages for sentence in passage.sentences]
    assert pieces == sorted(pieces)
    assert not any(one.overlaps(other) for one, other in pairwise(pieces))
    body = "".join(span.of(text) for span in body_spans(text))
    assert "".join("".join(piece.of(text) for piece in pieces).split()) == "".join(body.split())
    for passage in passages:
        assert passage.text == passage.span.of(text)
        assert (passage.span.start, passage.span.end) == (passage.sentences[0].start, passage.sentences[-1].end)
        assert words(passage) <= MAX_WORDS


@given(PARAGRAPHS)
def test_sentences_that_fit_are_never_cut(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    pieces = {piece for passage in cut(article(text)) for piece in passage.sentences}
    sentences = [sentence for span in body_spans(text) for sentence in split_sentences(text, span)]
    fitting = {s for s in sentences if len(s.of(text).split()) <= MAX_WORDS and s.end - s.start <= 10 * MAX_WORDS}
    assert fitting <= pieces
