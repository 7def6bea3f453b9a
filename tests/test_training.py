"""Training, on a data set of a few lines and the real encoder: what it is given, and what comes of it."""

import random
from pathlib import Path

import pytest
import torch
from task_fakes import answer, named, write_lines

from eval.datasets import id_part, title_part
from eval.training import Trainer, save
from eval.training_data import Altering, Perturbing, TrainingData, training_data
from index.encoder import SentenceTransformerEncoder, open_encoder
from index.settings import Settings
from service.reader import load_network

PASSAGES = {
    "p1": ("Otan", "L’OTAN compte 1600 soldats en Irak. Elle forme des troupes irakiennes depuis deux ans déjà."),
    "p2": ("Violon", "Le violon compte quatre cordes de boyau. Il vient d’Italie, où on le joue depuis des siècles."),
    "p3": ("Train", "Le train compte 9 wagons. Il relie Paris à Lyon en deux heures, et à Marseille en trois heures."),
}
ASKED = {
    "p1": ("Combien de soldats en Irak ?", "1600"),
    "p2": ("D’où vient le violon ?", "Italie"),
    "p3": ("Où va-t-il ?", "Lyon"),
}


def _sets(folder: Path) -> Path:
    part = title_part("Otan 1").TRAIN
    titles = {pid: named(title, title_part, part) for pid, (title, _) in PASSAGES.items()}
    write_lines(
        folder / "piaf" / "passages.jsonl",
        [{"pid": pid, "title": titles[pid], "text": text} for pid, (_, text) in PASSAGES.items()],
    )
    write_lines(
        folder / "piaf" / "questions.jsonl",
        [
            {"id": f"q-{pid}", "pid": pid, "question": question, "answers": [answer(said, PASSAGES[pid][1])]}
            for pid, (question, said) in ASKED.items()
        ],
    )
    for lang in ("fr", "en"):
        found = [{"docid": f"{lang}{n}", "title": "Chats", "text": f"Un chat dort {n} heures."} for n in (11, 12)]
        lists = [("Un chat dort ?", True), ("Un zèbre galope ?", False)]
        write_lines(
            folder / "nomiracl" / f"{lang}.jsonl",
            [{"id": named(q, id_part, part), "question": q, "answerable": a, "passages": found} for q, a in lists],
        )
    elsewhere = "Un zèbre galope-t-il ?"
    write_lines(
        folder / "questions_fr" / "questions.jsonl", [{"id": named(elsewhere, id_part, part), "question": elsewhere}]
    )
    write_lines(folder / "freedict" / "fra_eng.jsonl", [{"w": "soldats", "pos": "n", "t": ["soldiers"]}])
    return folder


@pytest.fixture(scope="module")
def encoder() -> SentenceTransformerEncoder:
    return open_encoder(Settings())


@pytest.fixture(scope="module")
def data(encoder: SentenceTransformerEncoder, tmp_path_factory: pytest.TempPathFactory) -> TrainingData:
    folder = _sets(tmp_path_factory.mktemp("sets"))
    return training_data(folder, encoder, {"q-p1": "How many soldiers are in Iraq?"})


def test_each_question_comes_with_its_answer_its_sentence_and_passages_that_lack_it(data: TrainingData) -> None:
    first = data.answered[0]
    text = data.articles[first.article].text
    assert [span.of(text) for span in first.answers] == ["1600"]
    assert [span.of(text) for span in first.sentences] == ["L’OTAN compte 1600 soldats en Irak."]
    assert first.near
    assert all("1600" not in data.articles[near].text for near in first.near)
    assert first.wordings == ("Combien de soldats en Irak ?", "How many soldiers are in Iraq?")
    assert [listed.answerable for listed in data.listed] == [True, False, True, False]


def test_a_near_miss_is_the_question_with_one_word_that_the_passage_lacks(data: TrainingData) -> None:
    alter = Altering(data, random.Random(1))
    first = data.answered[0]
    altered = {near_miss for _ in range(20) if (near_miss := alter(first, "Combien de soldats allemands en Irak ?"))}
    assert altered
    for near_miss in altered:
        new = set(near_miss.split()) - {"Combien", "de", "soldats", "allemands", "en", "Irak", "?"}
        assert len(new) == 1
        assert new.pop() not in data.articles[first.article].text


def test_steps_of_training_change_the_weights_which_are_read_again(
    data: TrainingData, encoder: SentenceTransformerEncoder, tmp_path: Path
) -> None:
    perturb = Perturbing(_sets(tmp_path / "sets"), random.Random(1))
    start = load_network()[0]
    before = start.pair_head.weight.detach().clone()
    losses: list[float] = []
    trained = Trainer(data, encoder, perturb, start).train(10, lambda _step, loss: losses.append(loss))
    save(trained, tmp_path / "reader.safetensors")
    again, name = load_network(tmp_path / "reader.safetensors")
    assert len(losses) == 10  # a list of ten passages among them
    assert all(loss >= 0 for loss in losses)
    assert not torch.equal(again.pair_head.weight, before)
    assert name.startswith("reader@")
