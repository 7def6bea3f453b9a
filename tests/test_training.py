"""Training, on a data set of a few lines and the real encoder: what it is given, and what comes of it."""

import itertools
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from fakes import HashEncoder
from task_fakes import answer, named, write_lines
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, softplus

from eval.datasets import Part, half_part, id_part, records, title_part
from eval.judged_lists import ListQuestion
from eval.made_questions import MadeQuestion
from eval.training import Plan, Trainer
from eval.training_batches import Group, Row, Sampler, batch_of
from eval.training_claims import Claim, claims
from eval.training_data import Claimed, Made, TrainingData, training_data
from eval.training_figures import Figures, auc, best_spans
from eval.training_file import CONTRASTED, JUDGED, STATED, Prepared, Ragged, load
from eval.training_file import save as save_prepared
from eval.training_inputs import Layout
from eval.training_losses import loss
from eval.training_preparing import keeping, prepare
from eval.training_queries import Contest, QueryTrainer
from eval.training_queries import Plan as QueryPlan
from eval.training_reader import from_encoder, from_files, narrowed
from eval.training_states import States, quick_products
from eval.training_wordings import Altering, Rewording, fold
from index.encoder import SentenceTransformerEncoder, open_encoder
from index.query_layers import READING_WEIGHTS, query_layers, whole
from index.settings import Settings
from index.token_states import TokenEncoder, layers_of
from index.types import Article, Span
from service.joint_reader import ReaderOutput, _attend_on_gpu, _attend_plainly
from service.packed_reader import PackedReader
from service.reader import WEIGHTS as READER
from service.reader import load_network

ROOT = Path(__file__).parent.parent

PASSAGES = {
    "p1": ("Otan", "L’OTAN compte 1600 soldats en Irak. Elle forme des troupes irakiennes depuis deux ans déjà."),
    "p2": ("Violon", "Le violon compte quatre cordes de boyau. Il vient d’Italie, où on le joue depuis des siècles."),
    "p3": ("Train", "Le train compte 9 wagons. Il relie Paris à Lyon en deux heures, et à Marseille en trois heures."),
    "p4": ("Pont", "Le pont compte 7 arches. Il relie les deux rives de la Garonne depuis le début du siècle."),
}
ASKED = {
    "p1": ("Combien de soldats en Irak ?", "1600"),
    "p2": ("D’où vient le violon ?", "Italie"),
    "p3": ("Où va-t-il ?", "Lyon"),
    "p4": ("Combien d’arches compte le pont ?", "7", "7 arches"),
}


def _sets(folder: Path) -> Path:
    part = {"p4": Part.DEV}
    titles = {pid: named(title, title_part, part.get(pid, Part.TRAIN)) for pid, (title, _) in PASSAGES.items()}
    write_lines(
        folder / "piaf" / "passages.jsonl",
        [{"pid": pid, "title": titles[pid], "text": text} for pid, (_, text) in PASSAGES.items()],
    )
    write_lines(
        folder / "piaf" / "questions.jsonl",
        [
            {"id": f"q-{pid}", "pid": pid, "question": question, "answers": [answer(s, PASSAGES[pid][1]) for s in said]}
            for pid, (question, *said) in ASKED.items()
        ],
    )
    for lang in ("fr", "en"):
        found = [{"docid": f"{lang}{n}", "title": "Chats", "text": f"Un chat dort {n} heures."} for n in (11, 12)]
        asked = [("Un chat dort ?", True, Part.TRAIN), ("Un zèbre galope ?", False, Part.TRAIN)]
        dev = [{"docid": f"{lang}{n}", "title": "Chiens", "text": f"Un chien dort {n} heures."} for n in (7, 8)]
        held = [("Un chien dort ?", True, Part.DEV), ("Un chien galope ?", False, Part.DEV)]
        lists = [
            {"id": named(q, id_part, part), "question": q, "answerable": a, "passages": passages}
            for passages, questions in ((found, asked), (dev, held))
            for q, a, part in questions
        ]
        write_lines(
            folder / "nomiracl" / f"{lang}.jsonl",
            lists,
        )
    elsewhere = "Un zèbre galope-t-il ?"
    write_lines(
        folder / "questions_fr" / "questions.jsonl",
        [{"id": named(elsewhere, id_part, Part.TRAIN), "question": elsewhere}],
    )
    context = "La Seine traverse Paris en 13 kilomètres."
    squad = {"id": "s1", "title": named("Seine", half_part), "context": context, "answers": [answer("Paris", context)]}
    asked_of_it = {"question": "Que traverse la Seine ?", "question_en": "What does the Seine cross?"}
    write_lines(folder / "squad_fr" / "questions.jsonl", [squad | asked_of_it])
    write_lines(folder / "freedict" / "fra_eng.jsonl", [{"w": "soldats", "pos": "n", "t": ["soldiers"]}])
    return folder


@pytest.fixture(scope="module")
def encoder() -> SentenceTransformerEncoder:
    return open_encoder(Settings())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _sets(tmp_path_factory.mktemp("sets"))


@pytest.fixture(scope="module")
def data(encoder: SentenceTransformerEncoder, folder: Path) -> TrainingData:
    english = {"q-p1": "How many soldiers are in Iraq?"}
    return training_data(folder, encoder.encode_passages, encoder.encode_queries, english, _made(), _claimed())


@pytest.fixture(scope="module")
def prepared(data: TrainingData, encoder: SentenceTransformerEncoder, folder: Path) -> Prepared:
    save_prepared(prepare(data, encoder, folder), folder / "training.npz")
    return load(folder / "training.npz")


SUBJECT = (
    "Les ministres en parlent depuis lundi à Bruxelles, où se tient leur réunion annuelle, et décideront jeudi. "
    "Les contingents sont relevés tous les six mois et logent dans des bases communes, avec ceux des autres pays."
)


def _made() -> Made:
    """A question on a new article, one on an article that is held out, one on an article that is there already, and one
    on a new article that says the answer twice; contrasts on the first, and on one that is measured with."""
    news = f"La Géorgie envoie 860 soldats. Ils partent en mai de la base de Tbilissi. {SUBJECT}"
    again = f"L’Estonie en envoie 45. Ils partent en juin. {SUBJECT} L’an passé aussi, ils partaient en juin."
    aside = f"La Lettonie envoie 20 soldats. Ils partent en mars. {SUBJECT}"
    texts = {"new": news, "held": PASSAGES["p4"][1], "known": PASSAGES["p2"][1], "again": again, "aside": aside}
    asked = {
        "new": ("Qui envoie 860 soldats ?", "La Géorgie"), "held": ("Combien ?", "7"), "known": ("Où ?", "Italie"),
        "again": ("Quand partent les Estoniens ?", "juin"), "aside": ("Qui envoie 20 soldats ?", "La Lettonie"),
    }  # fmt: skip
    questions = {}
    for name, (question, said) in asked.items():
        start = texts[name].index(said)
        questions[name] = [MadeQuestion(question, (Span(start, start + len(said)),))]
    contrasts = {
        "new": [
            MadeQuestion("Quand partent les soldats géorgiens ?", (Span(news.index("mai"), news.index("mai") + 3),)),
            MadeQuestion("Combien sont-ils à partir ?", (Span(news.index("860"), news.index("860") + 3),)),
            MadeQuestion("Quand reviennent les soldats géorgiens ?", ()),
            MadeQuestion("When do the Georgian soldiers return?", ()),
        ],
        "aside": [
            MadeQuestion("When do the Latvian soldiers leave?", (Span(aside.index("mars"), aside.index("mars") + 4),)),
            MadeQuestion("Quand reviennent les soldats lettons ?", ()),
        ],
    }
    return Made(tuple(Article(name, text, "Titre") for name, text in texts.items()), questions, contrasts, _judged())


def _judged() -> list[ListQuestion]:
    """On a list that is trained on, the first of which says the hours, or none; and on one that is measured."""
    hours, nothing = (Span(13, 15),), ()
    return [
        ListQuestion("Combien d’heures dort un chat ?", {"fr:fr11": hours, "fr:fr12": nothing}),
        ListQuestion("Combien d’heures joue un chat ?", {"fr:fr11": nothing, "fr:fr12": nothing}),
        ListQuestion("Combien d’heures dort un chien ?", {"fr:fr7": hours, "fr:fr8": nothing}),
        ListQuestion("Combien d’heures joue un chien ?", {"fr:fr7": nothing, "fr:fr8": nothing}),
    ]


def _claimed() -> Claimed:
    """A claim in the other language beside a sentence, and one beside a passage that is there already."""
    said = Article("s", "Le pape rentre à Rome.", "")
    other = Article("t", "Il y reste jusqu’à lundi.", "")
    known = _made().articles[0]
    sentence = Span(known.text.index("Ils partent"), known.text.index(" Les ministres"))
    return Claimed(
        (
            Claim("The pope returns to Rome.", "en", ("The pope returns to Paris.",), said, Span(0, 22), (other,)),
            Claim("Ils partent en mai.", "fr", ("Ils partent en juin.", "Ils restent."), known, sentence, ()),
        ),
        (Claim("He stays.", "en", ("He leaves.", "She stays."), Article("u", "Il reste.", ""), Span(0, 9), ()),),
    )


def test_each_question_comes_with_its_answer_its_sentence_and_passages_that_lack_it(data: TrainingData) -> None:
    first = data.answered[0]
    text = data.articles[first.article].text
    assert [span.of(text) for span in first.answers] == ["1600"]
    assert [span.of(text) for span in first.sentences] == ["L’OTAN compte 1600 soldats en Irak."]
    assert first.near
    assert all("1600" not in data.articles[near].text for near in first.near)
    assert first.english == "How many soldiers are in Iraq?"
    assert [listed.answerable for listed in data.listed] == [True, False, True, False]


def test_made_questions_are_trained_on_but_for_those_on_what_is_held_out(data: TrainingData) -> None:
    made = [example for example in data.answered if example.dataset == "made"]
    assert [example.question for example in made] == [
        "Qui envoie 860 soldats ?",
        "Où ?",
        "Quand partent les Estoniens ?",
    ]
    assert [span.of(data.articles[made[0].article].text) for span in made[0].answers] == ["La Géorgie"]
    assert data.articles[made[1].article].article_id == "p2"  # the same text is one article
    assert made[0].near


def test_contrasts_come_with_what_their_article_does_not_answer_and_some_are_measured(data: TrainingData) -> None:
    contrasted = [example for example in data.answered if example.dataset == "contrast"]
    assert [(e.question, e.misses) for e in contrasted] == [
        ("Quand partent les soldats géorgiens ?", ("Quand reviennent les soldats géorgiens ?",)),
        ("Combien sont-ils à partir ?", ("Quand reviennent les soldats géorgiens ?",)),
    ]
    measured = [example for example in data.dev_answered if example.dataset == "contrast"]
    # none in its own language: any
    assert [e.misses for e in measured] == [("Quand reviennent les soldats lettons ?",)]
    assert measured[0].article not in {example.article for example in data.answered}


def test_judged_questions_stand_beside_what_their_list_holds_but_for_what_is_held_out(data: TrainingData) -> None:
    (answered,) = (example for example in data.answered if example.dataset == "judged")
    assert answered.question == "Combien d’heures dort un chat ?"
    assert [span.of(data.articles[answered.article].text) for span in answered.answers] == ["11"]
    assert [data.articles[near].article_id for near in answered.near] == ["fr:fr12"]
    (unanswered,) = (asked for asked in data.unanswered if asked.dataset == "judged")
    assert unanswered.question == "Combien d’heures joue un chat ?"
    assert [data.articles[near].article_id for near in unanswered.near] == ["fr:fr11", "fr:fr12"]


def _read(folder: Path, made: Made) -> TrainingData:
    encoder = HashEncoder()
    return training_data(folder, encoder.encode_passages, encoder.encode_queries, {}, made)


def test_what_contrasts_are_measured_on_answers_no_question_that_is_trained_on(tmp_path: Path) -> None:
    violin, quatre = PASSAGES["p2"][1], MadeQuestion("Combien de cordes ?", (Span(17, 23),))
    assert quatre.answers[0].of(violin) == "quatre"
    judged = [ListQuestion("Combien de cordes de boyau ?", {"aside": quatre.answers, "fr:fr11": ()})]
    articles = (Article("aside", violin, "Violon"),)
    made = Made(articles, {"aside": [quatre]}, {"aside": [quatre]}, judged)
    without = _read(_sets(tmp_path), Made(articles, judged=judged))
    with_contrasts = _read(tmp_path, made)
    assert [(e.question, e.dataset) for e in without.answered if without.articles[e.article].text == violin] == [
        ("D’où vient le violon ?", "piaf"), ("Combien de cordes de boyau ?", "judged")
    ]  # fmt: skip
    assert [e.dataset for e in with_contrasts.dev_answered if with_contrasts.articles[e.article].text == violin] == [
        "contrast"
    ]
    assert violin not in {with_contrasts.articles[e.article].text for e in with_contrasts.answered}
    assert len(with_contrasts.answered) == len(without.answered) - 2


def test_a_list_with_a_passage_that_is_measured_is_not_trained_on(tmp_path: Path) -> None:
    path = _sets(tmp_path) / "nomiracl" / "fr.jsonl"
    lists = list(records(path))
    cats, dogs = lists[0]["passages"], lists[2]["passages"]
    mixed = "Qui dort ?"
    mixed_list = {"id": named(mixed, id_part, Part.TRAIN), "question": mixed, "answerable": True}
    write_lines(path, [*lists, mixed_list | {"passages": [cats[0], dogs[0]]}])
    data = _read(tmp_path, Made())
    assert [listed.question for listed in data.listed] == ["Un chat dort ?", "Un zèbre galope ?"] * 2
    assert [listed.question for listed in data.dev_listed] == ["Un chien dort ?", "Un chien galope ?"] * 2


def test_half_of_the_made_questions_have_their_article_without_the_answer_where_it_is_said_once(
    data: TrainingData,
) -> None:
    new, known, again = (example for example in data.answered if example.dataset == "made")
    assert new.without is not None
    assert data.articles[new.without].text == f"Ils partent en mai de la base de Tbilissi. {SUBJECT}"
    assert known.without is None  # the second of two
    assert again.without is None


def test_a_claim_stands_beside_what_says_it_and_what_does_not(data: TrainingData) -> None:
    pope, leaving = data.stated
    article = data.articles[pope.article]
    assert pope.sentence.of(article.text) == "Le pape rentre à Rome."
    assert [data.articles[near].article_id for near in pope.near] == ["t"]
    assert data.articles[leaving.article].article_id == "new"  # the same text is one article
    assert [stated.claim for stated in data.dev_stated] == ["He stays."]


def test_claims_are_peoples_sentences_in_both_languages_and_false_ones_of_them(tmp_path: Path) -> None:
    doc = named("train", id_part, Part.TRAIN)
    said = [("Le pape a vu 3 rois à Rome.", "The pope has seen 3 kings in Rome."), ("Il dort.", "He sleeps."),
            ("Le roi est à Paris.", "The king is in Paris.")]  # fmt: skip
    lines = [{"docid": doc, "title_fr": "Pape", "title_en": "Pope",
              "body_fr": [fr for fr, _ in said], "body_en": [en for _, en in said]}]  # fmt: skip
    write_lines(tmp_path / "news_commentary" / "documents.jsonl", lines)
    write_lines(tmp_path / "pud" / "sentences.jsonl", [
        {"id": "p", "doc": named("dev", id_part, Part.DEV), "genre": "news", "fr": said[0][0], "en": said[0][1]}
    ])  # fmt: skip
    trained = list(claims(tmp_path, Part.TRAIN))
    first = trained[0]
    assert (first.article.text, first.text, first.lang) == (*said[0], "en")
    assert first.sentence.of(first.article.text) == said[0][0]
    assert [near.text for near in first.near] == ["Il dort.", "Le roi est à Paris."]
    assert 1 <= len(first.false) <= 3
    assert first.text not in first.false
    measured = list(claims(tmp_path, Part.DEV))
    assert [(claim.article.lang, claim.lang) for claim in measured] == [("fr", "en"), ("fr", "fr")]
    assert "The pope has not seen 3 kings in Rome." in measured[0].false

    passage = Article(f"{doc}-fr-0", f"Hier encore. {said[2][0]}", "Pape")
    inside = [claim for claim in claims(tmp_path, Part.TRAIN, [passage]) if claim.article == passage]
    assert inside[0].text == "The king is in Paris."  # the third of three
    assert inside[0].sentence.of(passage.text) == said[2][0]


def test_what_is_measured_is_never_beside_a_question_that_is_trained_on(data: TrainingData) -> None:
    peoples = [example for example in data.dev_answered if example.dataset != "contrast"]
    assert {example.question for example in peoples} == {
        "Combien d’arches compte le pont ?", "Que traverse la Seine ?", "What does the Seine cross?"
    }  # fmt: skip
    measured = {example.article for example in peoples}
    measured |= {article for listed in data.dev_listed for article in listed.articles}
    trained = {n for e in data.answered for n in (e.article, *e.near, *e.same_title)}
    trained |= {n for e in data.unanswered for n in e.near} | {n for e in data.listed for n in e.articles}
    assert len(measured) == 1 + 1 + 2 + 2  # a passage of PIAF, one of squad_fr, two of a list in each language
    assert not measured & trained


def test_a_near_miss_is_the_question_with_one_word_that_the_passage_lacks(data: TrainingData) -> None:
    alter = Altering([example.question for example in data.answered], random.Random(1))
    text = fold(data.articles[data.answered[0].article].text)
    altered = {near_miss for _ in range(20) if (near_miss := alter("Combien de soldats allemands en Irak ?", text))}
    assert altered
    for near_miss in altered:
        new = set(near_miss.split()) - {"Combien", "de", "soldats", "allemands", "en", "Irak", "?"}
        assert len(new) == 1
        assert fold(new.pop()) not in text


def test_a_question_is_asked_as_it_is_or_in_other_words_by_their_chances(folder: Path) -> None:
    reword = Rewording(folder, random.Random(1))
    wordings = dict(reword("Combien de soldats ?", "How many soldiers?"))
    # itself counts three times; carelessly, misspelt and half translated once; English two times of five
    assert wordings["Combien de soldats ?"] == pytest.approx(0.6 * 3 / 6)
    assert wordings["combien de soldats"] == pytest.approx(0.6 / 6)
    assert wordings["How many soldiers?"] == pytest.approx(0.4)
    assert sum(wordings.values()) == pytest.approx(1)
    assert any(wording.startswith("how many") for wording in wordings)
    assert [chance for _, chance in reword.once("Combien de soldats ?")] == [2 / 3, 1 / 3]


def test_vectors_are_made_once(tmp_path: Path) -> None:
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        asked.extend(texts)
        return np.array([[len(text), 1] for text in texts], np.float32)

    kept = keeping(encode, tmp_path / "vectors.npz", "lengths")
    assert kept(["a", "bcd", "a"]).tolist() == [[1, 1], [3, 1], [1, 1]]
    assert keeping(encode, tmp_path / "vectors.npz", "lengths")(["bcd", "ef"]).tolist() == [[3, 1], [2, 1]]
    assert asked == ["a", "bcd", "ef"]


def test_the_file_gives_back_the_tokens_of_answers_sentences_and_questions(
    prepared: Prepared, data: TrainingData, encoder: SentenceTransformerEncoder
) -> None:
    article = prepared.trained.articles[0]
    ids = _original(prepared, data, encoder, int(article))
    first, last = prepared.trained.answers.of(0)[0]
    assert _text(encoder, ids[first : last + 1]) == "1600"
    numbers = prepared.sentence_numbers[prepared.tokens.starts[article] : prepared.tokens.starts[article + 1]]
    assert prepared.trained.sentences.of(0).tolist() == [0]
    assert (
        _text(encoder, [i for i, n in zip(ids, numbers, strict=True) if n == 1])
        == "Elle forme des troupes irakiennes depuis deux ans déjà."
    )
    assert _text(encoder, [i for i, n in zip(ids, numbers, strict=True) if n == -1]).startswith("<s> passage: Otan")


def _text(encoder: SentenceTransformerEncoder, ids: Sequence[int]) -> str:
    return "".join(encoder.model.tokenizer.convert_ids_to_tokens(list(ids))).replace("▁", " ").strip()


def _original(prepared: Prepared, data: TrainingData, encoder: SentenceTransformerEncoder, article: int) -> list[int]:
    """The encoder's own numbers of an article's tokens; the file's stand for the same ones in the same places."""
    number = next(e.article for e in data.answered)
    text = f"passage: {data.articles[number].title}\n{data.articles[number].text}"
    ids = TokenEncoder(encoder.model).tokenise(text)[0]
    ours = prepared.tokens.of(article).tolist()
    assert [ids.index(i) for i in ids] == [ours.index(i) for i in ours]
    return ids


def test_a_ragged_array_gives_the_values_of_those_chosen_and_whose_they_are() -> None:
    values, owners = Ragged(np.array([5, 6, 7, 8]), np.array([0, 2, 2, 4])).taken(np.array([2, 1, 0]))
    assert values.tolist() == [7, 8, 5, 6]
    assert owners.tolist() == [0, 0, 2, 2]


def test_the_states_of_a_file_are_the_encoders(
    prepared: Prepared, data: TrainingData, encoder: SentenceTransformerEncoder
) -> None:
    states = States(prepared, "cpu")
    article = int(prepared.trained.articles[0])
    states.make(np.arange(len(prepared.lengths)))
    start, end = prepared.tokens.starts[article : article + 2]
    made = states.at(torch.arange(start, end))
    ids = _original(prepared, data, encoder, article)
    exact = TokenEncoder(encoder.model, torch.float32).states([ids])[0][0]
    assert torch.nn.functional.cosine_similarity(made, exact).min() > 0.999
    assert (made - exact).norm() / exact.norm() < 0.02  # two bfloat16 roundings of its 8 bits, over six layers


def test_the_weights_of_a_file_are_the_encoders_to_the_bit(
    prepared: Prepared, encoder: SentenceTransformerEncoder
) -> None:
    bert = encoder.model[0].auto_model
    ours = from_encoder(prepared).reader.layers[5]
    assert torch.equal(ours.qkv.weight, torch.cat([getattr(bert.encoder.layer[11].attention.self, n).weight
                                                    for n in ("query", "key", "value")]))  # fmt: skip
    assert torch.equal(ours.down.weight, bert.encoder.layer[11].output.dense.weight)
    assert torch.equal(ours.last_norm.bias, bert.encoder.layer[11].output.LayerNorm.bias)


def test_what_is_trained_reads_a_question_beside_an_article_as_the_service_does(
    prepared: Prepared, data: TrainingData, encoder: SentenceTransformerEncoder
) -> None:
    asked, states, layout = prepared.trained, States(prepared, "cpu"), Layout(prepared, "cpu")
    article = int(asked.articles[0])
    batch = batch_of([Group([Row(int(asked.wordings.of(0)[0]), article, 0, 1, 0.5)], 1)], prepared, asked)
    states.make(np.array([article]))
    trained = from_files(prepared, READER, READING_WEIGHTS).eval()
    tokens = TokenEncoder(encoder.model, reading_layers=query_layers(layers_of(encoder.model)[:6], READING_WEIGHTS))
    question = tokens.reading_states([tokens.tokenise(f"query: {data.answered[0].question}")[0]])[0]
    passage = tokens.states([_original(prepared, data, encoder, article)])[0][0]
    (expected,) = PackedReader(trained.reader).read(question, [passage])
    with torch.inference_mode(), quick_products("cpu"):
        output = trained(states, layout.inputs(batch))
    assert float(output.relevance[0]) == pytest.approx(float(expected.relevance[0]), abs=0.3)
    read = slice(len(question), len(question) + len(passage))
    assert torch.allclose(output.evidence[0, read].float(), expected.evidence[0], atol=0.5)


def test_of_a_change_the_factors_are_kept_and_what_is_no_matrix_whole() -> None:
    torch.manual_seed(1)
    narrow = torch.randn(6, 2) @ torch.randn(2, 5)
    kept = narrowed({"0.up.weight": narrow, "0.up.bias": torch.ones(6)}, rank=2)
    assert {name: tuple(each.shape) for name, each in kept.items()} == {
        "0.up.left": (6, 2), "0.up.right": (2, 5), "0.up.bias": (6,)
    }  # fmt: skip
    again = whole(kept)
    assert torch.allclose(again["0.up.weight"], narrow, atol=1e-5)
    assert torch.equal(again["0.up.bias"], torch.ones(6))


@pytest.mark.usefixtures("exact_products")
def test_attention_is_the_same_in_plain_products_as_in_the_kernel_of_a_gpu() -> None:
    torch.manual_seed(1)
    query, key, value = torch.randn(3, 2, 12, 5, 32)
    mask = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    plainly = _attend_plainly(query, key, value, mask)
    assert torch.allclose(_attend_on_gpu(query, key, value, mask), plainly, atol=1e-6)


def test_the_same_seed_draws_the_same_batches(prepared: Prepared) -> None:
    first, again, other = (
        [
            batch.texts.tolist()
            for batch in islice(Sampler(prepared, questions=4, negatives=3, made_share=0.5, seed=s), 3)
        ]
        for s in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_claims_are_drawn_true_and_false_and_no_words_of_the_article_answer_them(prepared: Prepared) -> None:
    asked = prepared.trained
    stated = np.flatnonzero(asked.kinds == STATED)
    sampler = Sampler(prepared, questions=6, negatives=2, made_share=0.5, stated_share=1, seed=3)
    batch = next(iter(sampler))
    true = {int(asked.wordings.of(number)[0]) for number in stated}
    false = {int(miss) for number in stated for miss in asked.misses.of(number)}
    assert {int(text) for text in batch.texts[batch.right_rows, 0]} == true
    assert {int(text) for text in batch.texts[~batch.right_rows, 0]} <= true | false
    assert false & {int(text) for text in batch.texts[:, 0]}
    rows = batch.texts[:, 0]
    said = np.isin(rows, sorted(true | false))
    assert not batch.null_weights[said].any()
    assert not len(batch.first_tokens)
    assert len(batch.right_sentences) == batch.right_rows.sum()  # each is said by one sentence


def test_contrasts_of_an_article_come_together_each_with_a_question_that_it_does_not_answer(
    prepared: Prepared,
) -> None:
    asked = prepared.trained
    numbers = np.flatnonzero(asked.kinds == CONTRASTED)
    batch = next(iter(Sampler(prepared, questions=1, negatives=1, made_share=0.5, contrast_share=1, seed=3)))
    assert set(batch.texts[:, 1]) == set(asked.articles[numbers])
    answered, missed = batch.texts[batch.right_rows, 0], batch.texts[~batch.right_rows, 0]
    assert [len(answered), len(missed)] == [len(numbers)] * 2 == [2, 2]
    assert all(set(asked.wordings.of(number)) & set(answered) for number in numbers)
    assert all(set(asked.misses.of(number)) & set(missed) for number in numbers)


def test_judged_questions_are_drawn_beside_the_articles_of_their_list(prepared: Prepared) -> None:
    asked = prepared.trained
    numbers = np.flatnonzero(asked.kinds == JUDGED)
    answered, unanswered = sorted(numbers, key=lambda number: -asked.articles[number])
    batch = next(iter(Sampler(prepared, questions=2, negatives=2, made_share=0.5, judged_share=1, seed=3)))
    right, near = int(asked.articles[answered]), int(asked.near.of(answered)[0])
    drawn = {(int(question), int(article)) for question, article in batch.texts[: len(batch.weights)]}
    one, none = (int(asked.wordings.of(number)[0]) for number in (answered, unanswered))
    assert {(one, right), (one, near), (none, right), (none, near)} <= drawn
    assert [tuple(pair) for pair in batch.texts[batch.right_rows].tolist()] == [(one, right)]


def test_losses_are_those_of_each_pair_and_each_question_by_itself(prepared: Prepared) -> None:
    asked, lists = prepared.trained, prepared.trained_lists
    near = int(asked.near.of(0)[0])
    question, other, elsewhere = (int(asked.wordings.of(i)[0]) for i in (0, 1, 2))
    groups = [
        Group([Row(other, int(asked.articles[0]), -1, 0.3, 0.5)], 0.3),
        Group([Row(question, int(asked.articles[0]), 0, 0.7, 0.5), Row(question, near, -1, 0.7, 0.5)], 0.7),
        Group([Row(other, int(asked.articles[1]), 1, 1.0, 0.5)], 1.0),
        Group([Row(elsewhere, int(a), -1, 0.2, 0.25) for a in lists.articles.of(1)], 0.2),
        Group([Row(int(lists.questions[0]), int(a), -1, 0.0, 0.25) for a in lists.articles.of(0)], 0.4, True),
    ]  # fmt: skip
    batch = batch_of(groups, prepared, asked)
    layout = Layout(prepared, "cpu")
    inputs, targets = layout.inputs(batch), layout.targets(batch)
    torch.manual_seed(1)
    rows = len(batch.texts)
    start, end, evidence = torch.randn(3, rows, batch.tokens).masked_fill(~inputs.is_passage, float("-inf"))
    output = ReaderOutput(start, end, evidence, *torch.randn(2, rows))
    assert float(loss(output, inputs, targets)) == pytest.approx(_slowly(groups, prepared, output), rel=1e-5)


def _slowly(groups: Sequence[Group], prepared: Prepared, output: ReaderOutput) -> float:
    """The same losses, one row after the other."""
    total, place = 0.0, 0
    for group in groups:
        scores, right, relevances = [torch.zeros(1)], [False], []
        for row in group.rows:
            numbers = prepared.sentence_numbers[prepared.tokens.starts[row.article] :][: prepared.lengths[row.article]]
            asked = prepared.lengths[row.question]
            start, end, evidence = (each[place][asked : asked + len(numbers)] for each in output[:3])
            own = torch.tensor(numbers >= 0)
            gold = prepared.trained.sentences.of(row.answered).tolist() if row.answered >= 0 else []
            total += row.weight * float(_of_row(row, prepared, output.null[place], start, end, own))
            wanted = torch.tensor([float(n in gold) for n in numbers])
            said = binary_cross_entropy_with_logits(evidence[own], wanted[own])
            total += row.weight * float(said) * (2 if row.answered >= 0 else 1)
            relevance = output.relevance[place]
            relevances.append(relevance)
            total += row.weight * float(binary_cross_entropy_with_logits(relevance, torch.tensor(float(bool(gold)))))
            for number in range(numbers.max() + 1):
                scores.append(evidence[torch.tensor(numbers == number)].mean()[None])
                right.append(number in gold)
            place += 1
        right[0] = not any(right)
        every = torch.cat(scores)
        if group.said:
            found = softplus(-torch.stack(relevances).max()) + 0.5 * softplus(-every[1:].logsumexp(0))
        else:
            found = every.logsumexp(0) - every[torch.tensor(right)].logsumexp(0)
            if group.rows[0].answered >= 0:
                found = found + cross_entropy(torch.stack(relevances)[None], torch.tensor([0]))
        total += group.weight * float(found)
    return total


def _of_row(row: Row, prepared: Prepared, null: Tensor, start: Tensor, end: Tensor, own: Tensor) -> Tensor:
    starts, ends = (torch.cat([null[None], each.masked_fill(~own, -1e4)]).log_softmax(0) for each in (start, end))
    if row.answered < 0:
        return -row.null_weight * (starts[0] + ends[0])
    first, last = prepared.trained.answers.of(row.answered).T.tolist()
    return -starts[[1 + t for t in first]].logsumexp(0) - ends[[1 + t for t in last]].logsumexp(0)


def test_the_best_span_is_within_a_sentence_and_thirty_tokens() -> None:
    torch.manual_seed(1)
    start, end = torch.randn(2, 4, 50)
    sentence = torch.tensor([-1] * 3 + [0] * 10 + [1] * 34 + [-1] * 3).expand(4, 50)
    first, last, score = best_spans(start, end, sentence)
    for row in range(4):
        spans = [(float(start[row, a] + end[row, b]), a, b) for a in range(50) for b in range(a, min(50, a + 30))
                 if sentence[row, a] == sentence[row, b] >= 0]  # fmt: skip
        assert (float(score[row]), int(first[row]), int(last[row])) == max(spans)


def test_an_auc_is_the_share_of_pairs_in_order() -> None:
    # 3 against 1 and 2: right twice; 2 against 1: right; 2 against 2: half
    assert auc(np.array([3.0, 2.0]), np.array([1.0, 2.0])) == 3.5 / 4


def test_figures_of_the_dev_parts_are_of_all_sets(prepared: Prepared) -> None:
    states = States(prepared, "cpu")
    reader = from_files(prepared, READER, READING_WEIGHTS).eval()
    figures = Figures(prepared, states, Layout(prepared, "cpu"))(reader)
    assert figures["questions"] == 4
    assert figures["piaf f1 never refusing"] == 1  # « 7 » or « 7 arches », either of which is right
    assert figures["piaf best sentence"] == 1
    assert {"squad_fr fr f1", "squad_fr en best sentence", "near misses auc", "nomiracl fr auc"} <= figures.keys()
    assert figures["contrasts auc"] in (0.0, 1.0)  # of one pair
    assert figures["claims fr auc"] == 0.5  # there is none
    assert 0 <= figures["claims en auc"] <= 1


def test_steps_of_training_lower_the_loss_and_change_the_weights_which_are_read_again(
    prepared: Prepared, tmp_path: Path
) -> None:
    lines: list[dict[str, object]] = []
    plan = Plan(steps=30, questions=4, rate=2e-4)
    files = (tmp_path / "reader.safetensors", tmp_path / "layers.safetensors")
    trained = Trainer(prepared, plan).train(lambda line: lines.append(dict(line)), files)
    batch = next(iter(Sampler(prepared, questions=8, negatives=3, made_share=0.5, seed=2)))
    before, after = (float(Trainer(prepared, plan, reader).loss(batch).detach()) for reader in (None, trained))
    assert after < before
    assert [line["step"] for line in lines] == [0, 1, 15, 20, 30]
    again, name = load_network(files[0])
    assert torch.equal(again.pair_head.weight, trained.reader.pair_head.weight.half().float())
    assert torch.equal(from_files(prepared, *files).reader.side, again.side)
    assert name.startswith("reader@")


def test_training_ends_by_the_clock_where_minutes_are_given(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = itertools.count(0, 6)  # it is looked at once at the start, once a step, and once to tell of the first
    monkeypatch.setattr("eval.training.time", SimpleNamespace(monotonic=lambda: next(seconds)))
    lines: list[dict[str, object]] = []
    Trainer(prepared, Plan(minutes=0.5, questions=1, negatives=1)).train(lambda line: lines.append(dict(line)))
    assert [line["step"] for line in lines] == [0, 1, 2, 4]  # the second is past the middle
    assert lines[-1]["seconds"] == 36


def test_frozen_layers_are_left_as_they_are(prepared: Prepared) -> None:
    trainer = Trainer(prepared, Plan(steps=2, questions=2, rate=1e-3, frozen=3))
    before = {name: tensor.clone() for name, tensor in trainer.mean.state_dict().items()}
    after = trainer.train().state_dict()
    moved = {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}
    frozen = ("reader.layers.0", "reader.layers.1", "reader.layers.2", "reader.side")
    assert not any(name.startswith(frozen) for name in moved)
    assert {f"reader.{name}.weight" for name in ("layers.3.up", "layers.5.qkv", "token_head", "pair_head")} <= moved
    assert {"lower.0.qkv.weight", "lower.5.down.weight"} <= moved  # the question's own


def test_a_machine_with_torch_and_numpy_alone_can_train(prepared: Prepared, folder: Path, tmp_path: Path) -> None:
    assert prepared
    lacking = ["faiss", "lingua", "tokenizers", "transformers", "sentence_transformers", "sklearn", "scipy", "tqdm"]
    blocked = f"import sys; sys.modules.update(dict.fromkeys({lacking!r})); from eval.training import main; "
    command = [
        str(folder / "training.npz"),
        "--out",
        str(tmp_path / "out.safetensors"),
        "--out-layers",
        str(tmp_path / "layers.safetensors"),
        "--steps",
        "2",
        "--questions=1",
    ]
    subprocess.run([sys.executable, "-c", f"{blocked}sys.exit(main({command!r}))"], cwd=ROOT, check=True)
    assert load_network(tmp_path / "out.safetensors")


def test_articles_and_questions_lie_where_the_encoder_puts_them_before_training(
    prepared: Prepared, data: TrainingData, encoder: SentenceTransformerEncoder
) -> None:
    trainer = QueryTrainer(prepared, QueryPlan())
    article = data.articles[data.answered[0].article]
    ours = trainer._read(prepared.trained.articles[:1])[0][0]
    assert ours.numpy() @ encoder.encode_passages([f"{article.title}\n{article.text}"])[0] > 0.999
    question = data.answered[0].question
    with torch.inference_mode():
        vectors, tokens = trainer._asked(prepared.trained.wordings.of(0)[:1])
    assert vectors[0].numpy() @ encoder.encode_symmetric([question])[0] > 0.999
    words = encoder.model.tokenizer(question, add_special_tokens=False)["input_ids"]
    assert len(tokens[0]) == len(words)
    assert torch.allclose(tokens[0].norm(dim=1), torch.ones(len(words)), atol=1e-5)


def test_a_contest_is_of_the_questions_that_an_article_answers_and_no_article_without_its_answer(
    prepared: Prepared,
) -> None:
    asked = prepared.trained
    number = int(np.flatnonzero(asked.without >= 0)[0])
    right, without, other = int(asked.articles[number]), int(asked.without[number]), int(asked.near.of(number)[0])
    wording, miss = int(asked.wordings.of(number)[0]), int(asked.misses.values[0])
    groups = [
        Group([Row(miss, right, -1, 1, 0.5)], 1),
        Group(
            [Row(wording, right, number, 1, 0.5), *(Row(wording, each, -1, 1, 0.5) for each in (other, without))],
            1,
        ),
    ]
    contest = Contest(batch_of(groups, prepared, asked), np.unique(asked.without))
    assert contest.questions.tolist() == [wording]
    assert contest.articles.tolist() == sorted([right, other])
    assert contest.articles[contest.right].tolist() == right


def test_questions_learn_to_lie_near_the_articles_that_answer_them(prepared: Prepared) -> None:
    trainer = QueryTrainer(prepared, QueryPlan(steps=6, questions=3, negatives=2, rate=1e-4))
    batch = next(iter(Sampler(prepared, questions=6, negatives=2, made_share=0.5, seed=3)))
    contest = Contest(batch, np.unique(prepared.trained.without))
    before, said = float(trainer.loss(contest).detach()), list[Mapping[str, object]]()
    weights = trainer.train(said.append)
    assert float(trainer.loss(contest).detach()) < before
    assert [weights[f"1.down.{part}"].shape for part in ("left", "right", "bias")] == [(384, 32), (32, 1536), (384,)]
    assert [set(line) & {"step", "trained", "kept"} for line in said] == [{"step"}, {"step"}, {"trained"}, {"kept"}]
    assert {"piaf first by both", "squad_fr en first by mean"} <= set(said[-1])


@pytest.mark.usefixtures("exact_products")
def test_of_the_change_only_a_share_is_kept_and_what_weighs_most(prepared: Prepared) -> None:
    untouched = from_encoder(prepared).reader.layers[5].down.weight
    plan = QueryPlan(steps=2, questions=2, negatives=1, rate=1e-3, layers=2, kept=0, rank=384)

    def change(plan: QueryPlan) -> torch.Tensor:
        trainer = QueryTrainer(prepared, plan)
        changes = trainer.train()
        product = changes["1.down.left"] @ changes["1.down.right"]
        # What is measured is what is written.
        assert torch.allclose(trainer.layers[1].down.weight - untouched, product, atol=1e-6)
        return product

    assert not change(plan).any()
    every, half = change(replace(plan, kept=1)), change(replace(plan, kept=0.5))
    assert every.abs().max() > 0
    assert torch.allclose(half, every / 2, atol=1e-6)
    narrow = change(replace(plan, kept=1, rank=4))
    values = torch.linalg.svdvals(every)
    assert torch.linalg.matrix_rank(narrow, rtol=1e-3) == 4
    assert float((every - narrow).norm()) == pytest.approx(float(values[4:].norm()), rel=1e-2)  # Eckart and Young
