"""The real encoder, reader and index on the seeds: what a newcomer gets from `make run`."""

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index.build import sync
from index.encoder import SentenceTransformerEncoder, open_encoder
from index.index import Index
from index.kept_states import offsets_of
from index.parsing import article_from_record
from index.passages import cut, encoded_text
from index.settings import Settings, load_settings, repository_root
from index.types import Filters
from index.verify import verify
from service.claim_support import ClaimSupport, ReadSupport, claim_weights
from service.guard.types import Pair
from service.loading import load_services
from service.packed_reader import PackedReader
from service.reader import JointPassageReader, Reading, load_network
from service.services import Services
from service.states import TokenStatesEncoder
from service.types import Answer, Lang, Question, RefusalReason, Timings

pytestmark = pytest.mark.real

SEEDS = repository_root() / "seeds"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings({"SOURCIER_DATA": str(tmp_path_factory.mktemp("data")), "SOURCIER_WRITER": "extractive"})


@pytest.fixture(scope="module")
def encoder(settings: Settings) -> SentenceTransformerEncoder:
    return open_encoder(settings)


@pytest.fixture(scope="module")
def reader(encoder: SentenceTransformerEncoder) -> JointPassageReader:
    network, name = load_network()
    return JointPassageReader(TokenStatesEncoder(encoder, network.token_mean), PackedReader(network.eval()), name)


@pytest.fixture(scope="module")
def services(settings: Settings, encoder: SentenceTransformerEncoder) -> Iterator[Services]:
    index = Index.open(settings.data, encoder)
    sync(index, [SEEDS])
    index.close()
    services = load_services(settings)
    yield services
    services.close()


def _stored_text(article_id: str) -> str:
    return (SEEDS / f"{article_id}.txt").read_bytes().decode("utf-8")


def test_the_encoder_puts_a_question_next_to_its_answer_in_either_language(encoder: SentenceTransformerEncoder) -> None:
    questions = encoder.encode_queries(["Combien de soldats allemands ?", "How many German soldiers?"])
    passages = encoder.encode_passages(
        ["La recette de la tarte aux pommes.", "L’Allemagne est le second contributeur avec 1600 soldats."]
    )
    np.testing.assert_allclose(np.linalg.norm(np.vstack([questions, passages]), axis=1), 1, atol=1e-5)
    assert (questions @ passages.T).argmax(axis=1).tolist() == [1, 1]


def test_a_text_has_the_same_vector_alone_and_in_a_batch(encoder: SentenceTransformerEncoder) -> None:
    texts = ["L’OTAN.", "La mission passera de 500 à environ 4000 personnes de manière graduelle. " * 5, "Bagdad"]
    together = encoder.encode_passages(texts)
    alone = np.vstack([encoder.encode_passages([text]) for text in texts])
    np.testing.assert_allclose((together * alone).sum(axis=1), 1, atol=1e-5)


def test_every_invariant_of_the_index_holds(settings: Settings, services: Services) -> None:
    assert services.index
    assert list(verify(settings.data)) == []


@pytest.mark.parametrize(
    ("question", "lang", "quoted", "article"),
    [
        ("Combien de soldats l’Allemagne fournit-elle ?", Lang.FR, "1600 soldats", "001_15b0c69935c4ca4b"),
        ("How many soldiers does Germany contribute?", Lang.EN, "1600 soldats", "001_15b0c69935c4ca4b"),
        ("Quand la mission de l’OTAN en Irak a-t-elle été créée ?", Lang.FR, "2017", "000_ebadb1afe6c9aa5e"),
    ],
)
def test_a_question_is_answered_with_exact_citations(
    services: Services, question: str, lang: Lang, quoted: str, article: str
) -> None:
    answer = services.answerer.ask(Question(question))
    assert answer.lang is lang
    assert answer.refusal is None
    assert any(quoted in citation.quote and citation.article_id == article for citation in answer.citations)
    for citation in answer.citations:
        assert citation.span.of(_stored_text(citation.article_id)) == citation.quote
    for claim in answer.claims:
        assert answer.text[claim.start : claim.end] == claim.text
        assert claim.citations


@pytest.mark.parametrize("question", ["Quelle est la recette de la tarte aux pommes ?", "Who won the 1998 World Cup?"])
def test_a_question_from_elsewhere_is_refused(services: Services, question: str) -> None:
    refusal = services.answerer.ask(Question(question)).refusal
    assert refusal
    assert refusal.reason is RefusalReason.NO_EVIDENCE


def test_an_answer_is_the_same_after_a_restart(settings: Settings, services: Services) -> None:
    question = Question("Combien de soldats l’Allemagne fournit-elle ?")
    again = load_services(settings)
    try:
        assert _timeless(again.answerer.ask(question)) == _timeless(services.answerer.ask(question))
    finally:
        again.close()


def test_search_finds_a_french_article_for_english_words(services: Services) -> None:
    found = services.answerer.search("withdrawal of foreign troops demanded by the Iraqi parliament", 3, Filters())
    assert "Parlement irakien" in found.passages[0][0].passage.text


@pytest.fixture(scope="module")
def claim_support(encoder: SentenceTransformerEncoder) -> ClaimSupport:
    network, _ = load_network()
    said = ReadSupport(TokenStatesEncoder(encoder, network.token_mean), PackedReader(network.eval()))
    return ClaimSupport(said, claim_weights())


EVIDENCE = "L’Allemagne a envoyé 1600 soldats en Afghanistan, et l’Italie 895."


@pytest.mark.parametrize(
    ("true", "false"),
    [
        (
            "Germany sent 1,600 soldiers to Afghanistan, and Italy 895.",
            "Norway sent 1,600 soldiers to Mali, and Italy 895.",
        ),
        ("Germany sent 1,600 soldiers to Afghanistan, and Italy 895.", "Germany did not send soldiers to Afghanistan."),
        (EVIDENCE, EVIDENCE.replace("a envoyé", "n’a pas envoyé")),
        (EVIDENCE, "Le pape se rendra au Canada en juillet."),
    ],
)
def test_a_claim_is_supported_by_what_says_it_more_than_a_false_one(
    claim_support: ClaimSupport, true: str, false: str
) -> None:
    assert claim_support.said(EVIDENCE, true) > 2 * claim_support.said(EVIDENCE, false)


def test_a_rendering_in_which_the_rules_find_nothing_needs_enough_support(claim_support: ClaimSupport) -> None:
    said, strange = "Germany sent 1,600 soldiers to Afghanistan, and Italy 895.", "He was glad, of course."
    assert claim_support(Pair(EVIDENCE, "fr", said, "en")) > claim_support.least
    assert claim_support(Pair(EVIDENCE, "fr", strange, "en")) < claim_support.least


def test_a_long_claim_is_read_to_its_end(claim_support: ClaimSupport) -> None:
    said = f"{EVIDENCE} Les ministres en parleront de nouveau au sommet. "
    begins = said * 3  # more tokens than are read of a question
    ends = claim_support.said(begins + EVIDENCE, begins + EVIDENCE)
    assert ends != claim_support.said(begins + EVIDENCE, begins + "Le pape rit.")


TWO_LANGUAGES = (
    {
        "article_id": "fr",
        "text": "L’Allemagne est le deuxième contributeur de la mission en Afghanistan, avec 1300 soldats. "
        "Le mandat du Bundestag expire fin mars.",
    },
    {
        "article_id": "en",
        "text": "Germany is the second largest contributor to the mission in Afghanistan, with 1,300 soldiers. "
        "The Bundestag mandate expires at the end of March.",
    },
)


@pytest.mark.parametrize(
    ("question", "quoted", "cited"),
    [
        ("Combien de soldats l’Allemagne a-t-elle en Afghanistan ?", "avec 1300 soldats", ["fr", "en"]),
        ("How many German soldiers are in Afghanistan?", "with 1,300 soldiers", ["en", "fr"]),
    ],
)
def test_what_a_french_and_an_english_article_both_say_is_one_claim_quoted_in_the_language_of_the_question(
    encoder: SentenceTransformerEncoder, tmp_path: Path, question: str, quoted: str, cited: list[str]
) -> None:
    settings = load_settings({"SOURCIER_DATA": str(tmp_path), "SOURCIER_WRITER": "extractive"})
    with closing(Index.open(tmp_path, encoder)) as index:
        index.put([article_from_record(record | {"lang": record["article_id"]}) for record in TWO_LANGUAGES])
    with closing(load_services(settings)) as services:
        answer = services.answerer.ask(Question(question))
    (claim,) = answer.claims
    assert quoted in claim.text
    assert claim.citations == (1, 2)
    assert [citation.article_id for citation in answer.citations] == cited


def test_readings_do_not_depend_on_the_batch_or_the_cache(
    encoder: SentenceTransformerEncoder, reader: JointPassageReader, services: Services
) -> None:
    network, name = load_network()
    with services.index.view() as view:
        pairs = [(article, passage) for article in view.page(after=None, limit=2) for passage in cut(article)]
    question = "Combien de militaires compte la mission en Irak ?"
    together, cached = reader.read(question, pairs), reader.read(question, pairs)
    fresh = JointPassageReader(TokenStatesEncoder(encoder, network.token_mean), PackedReader(network.eval()), name)
    alone = [fresh.read(question, [pair])[0] for pair in pairs[:3]]
    assert together == cached
    for one, other in zip(alone, together, strict=False):
        np.testing.assert_allclose(_numbers(one), _numbers(other), atol=0.05)


def test_the_states_of_a_passage_do_not_depend_on_what_came_before(
    encoder: SentenceTransformerEncoder, services: Services
) -> None:
    with services.index.view() as view:
        pairs = [(article, passage) for article in view.page(after=None, limit=1) for passage in cut(article)]
    mean = load_network()[0].token_mean
    together = TokenStatesEncoder(encoder, mean).of_passages(pairs)
    alone = [TokenStatesEncoder(encoder, mean).of_passages([pair])[0] for pair in pairs]
    for one, other in zip(together, alone, strict=True):
        assert one.spans == other.spans
        assert bool((one.split == other.split).all())
        assert bool((one.last == other.last).all())


def test_states_that_an_earlier_version_kept_are_read_as_those_with_offsets(
    encoder: SentenceTransformerEncoder, services: Services
) -> None:
    mean = load_network()[0].token_mean
    dim = len(mean)

    def without_offsets(keys: Sequence[str]) -> dict[str, bytes]:
        kept = services.index.states(keys)  # type: ignore[attr-defined]  # of the index, beyond what HTTP needs
        tokens = {key: len(offsets_of(blob, dim, arrays=2) or []) for key, blob in kept.items()}
        assert all(tokens.values())
        return {key: blob[: 2 * dim * (8 + tokens[key])] for key, blob in kept.items()}

    with services.index.view() as view:
        pairs = [(article, passage) for article in view.page(after=None, limit=1) for passage in cut(article)]
    before = TokenStatesEncoder(encoder, mean, without_offsets).of_passages(pairs)
    now = TokenStatesEncoder(encoder, mean, services.index.states).of_passages(pairs)  # type: ignore[attr-defined]
    for one, other in zip(before, now, strict=True):
        assert one.spans == other.spans
        assert bool((one.last == other.last).all())


def test_an_article_that_comes_in_brings_the_vectors_and_the_states_that_a_question_needs(
    encoder: SentenceTransformerEncoder, services: Services
) -> None:
    with services.index.view() as view:
        pairs = [(article, passage) for article in view.page(after=None, limit=1) for passage in cut(article)]
        stored = view.vectors([passage.passage_id for _, passage in pairs])
    again = encoder.encode_passages([encoded_text(article, passage) for article, passage in pairs])
    np.testing.assert_allclose((stored * again).sum(axis=1), 1, atol=1e-4)  # bfloat16 products round each path its way
    mean = load_network()[0].token_mean
    asked: list[str] = []

    def kept(keys: Sequence[str]) -> Mapping[str, bytes]:
        asked.extend(keys)
        found = services.index.states(keys)
        assert found.keys() == set(keys)
        return found

    from_index = TokenStatesEncoder(encoder, mean, kept).of_passages(pairs)
    computed = TokenStatesEncoder(encoder, mean).of_passages(pairs)
    assert len(asked) == len(pairs)
    for one, other in zip(from_index, computed, strict=True):
        assert one.spans == other.spans
        assert bool((one.split == other.split).all())
        assert bool((one.last == other.last).all())


def test_the_words_read_lie_inside_their_sentence(reader: JointPassageReader, services: Services) -> None:
    with services.index.view() as view:
        pairs = [(article, passage) for article in view.page(after=None, limit=9) for passage in cut(article)]
    for (_, passage), reading in zip(pairs, reader.read("Qui a signé l’accord ?", pairs), strict=True):
        for sentence, read in zip(passage.sentences, reading.sentences, strict=True):
            assert read.words
            assert sentence.start <= read.words.span.start < read.words.span.end <= sentence.end


def test_the_weights_have_a_card_that_names_their_licence_and_data() -> None:
    card = json.loads((Path(repository_root()) / "service" / "weights" / "card.json").read_text(encoding="utf-8"))
    assert {"licence", "data", "seed", "command", "figures"} <= card.keys()


def _numbers(reading: Reading) -> list[float]:
    return [reading.relevance, *(n for s in reading.sentences for n in (s.evidence, s.maxsim))]


def _timeless(answer: Answer) -> Answer:
    return dataclasses.replace(answer, timings=Timings(0, 0, 0, 0))
