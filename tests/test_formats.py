"""BEIR folders and SQuAD files that tests write: read, asked, and refused with one clear sentence."""

import json
from pathlib import Path

import pytest
from task_fakes import MUSIC, SPORT, done, write_lines

from eval.datasets import Part
from eval.errors import EvaluationError, InvalidDataset, MissingDataset
from eval.formats import beir, squad
from eval.metrics import ndcg
from eval.statistics import Tally
from eval.tasks.answers import GIVEN
from eval.tasks.catalogue import BY_NAME, task_named
from eval.tasks.ranking import SERVICE

CORPUS = [
    {"_id": "d1", "title": "Otan", "text": SPORT, "metadata": {}},
    {"_id": "d2", "title": "Violon", "text": MUSIC},
    {"_id": "d3", "title": "Un titre sans texte", "text": ""},
    {"_id": "d4", "title": "", "text": ""},
]


def beir_folder(folder: Path, qrels: str = "q1\td1\t2\nq1\td2\t1\nq2\td4\t1\nq3\td1\t0\n") -> Path:
    write_lines(folder / "corpus.jsonl", CORPUS)
    queries = {"q1": "Combien de soldats l’OTAN compte-t-elle ?", "q2": "Où est le vide ?", "q3": "Et ceci ?"}
    write_lines(folder / "queries.jsonl", [{"_id": key, "text": text} for key, text in queries.items()])
    (folder / "qrels").mkdir(exist_ok=True)
    (folder / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\n" + qrels)
    return folder


def squad_file(path: Path) -> Path:
    qas = [
        {"id": "s1", "question": "Combien de soldats l’OTAN compte-t-elle ?", "is_impossible": False,
         "answers": [{"text": "1600", "answer_start": 13}, {"text": "1600", "answer_start": 13}]},
        {"id": "s2", "question": "Combien de zèbres galopent en Irak ?", "is_impossible": True, "answers": [],
         "plausible_answers": [{"text": "1600", "answer_start": 13}]},
    ]  # fmt: skip
    paragraphs = [{"context": SPORT, "qas": qas}, {"context": MUSIC, "qas": []}]
    path.write_text(json.dumps({"version": "v2.0", "data": [{"title": "L_OTAN", "paragraphs": paragraphs}]}))
    return path


def test_a_beir_folder_gives_its_documents_and_the_queries_of_the_split(tmp_path: Path) -> None:
    found = beir(beir_folder(tmp_path), "dev")
    assert [(a.article_id, a.title, a.text) for a in found.articles[:1]] == [("d1", "Otan", SPORT)]
    assert [a.article_id for a in found.articles] == ["d1", "d2", "d3"]  # d4 has nothing to be found by
    assert {asked.question_id: asked.relevant for asked in found.asked} == {"q1": {"d1": 2, "d2": 1}, "q2": {"d4": 1}}
    assert found.asked[0].lang == "fr"


def test_grades_count_and_what_cannot_be_found_stays_in_the_denominator(tmp_path: Path) -> None:
    outcomes = done(task_named(str(beir_folder(tmp_path / "own"))).prepare(Part.DEV, None), tmp_path / "pool")
    ranking = [article_id for article_id, _ in outcomes["q1"].rankings[SERVICE]]
    assert outcomes["q1"].tallies[SERVICE]["ndcg@10"].got == ndcg({"d1": 2, "d2": 1}, ranking)
    assert outcomes["q2"].tallies[SERVICE]["recall@10"] == Tally(0, 1)


def test_a_squad_file_gives_its_paragraphs_and_what_they_answer(tmp_path: Path) -> None:
    found = squad(squad_file(tmp_path / "small.json"))
    assert [(a.article_id, a.title) for a in found.articles] == [("small-0", "L OTAN"), ("small-1", "L OTAN")]
    answered, impossible = found.asked
    assert (answered.relevant, answered.answers, answered.context) == ({"small-0": 1}, ("1600",), "small-0")
    assert (impossible.relevant, impossible.answers, impossible.context) == ({}, (), "small-0")


def test_a_squad_file_is_searched_answered_and_refused(tmp_path: Path) -> None:
    outcomes = done(task_named(str(squad_file(tmp_path / "small.json"))).prepare(Part.DEV, None), tmp_path / "pool")
    assert outcomes["s1"].tallies[SERVICE]["short_em"] == Tally(1, 1)
    assert outcomes["s1"].tallies[GIVEN]["refused_answerable"] == Tally(0, 1)
    assert outcomes["s2"].tallies == {GIVEN: {"answered_unanswerable": Tally(0, 1)}}
    assert outcomes["s1"].scores[GIVEN] > outcomes["s2"].scores[GIVEN]


@pytest.mark.parametrize(
    ("qrels", "message"),
    [
        ("q1\tdX\t1\n", r"dev\.tsv:2 names 'dX'"),
        ("qX\td1\t1\n", r"dev\.tsv:2 names 'qX'"),
        ("q1\td1\n", r"dev\.tsv:2: wanted query, document and grade, found \['q1', 'd1'\]"),
        ("q1\td1\tyes\n", r"dev\.tsv:2: wanted"),
    ],
)
def test_judgements_that_cannot_be_used_are_named(tmp_path: Path, qrels: str, message: str) -> None:
    with pytest.raises(InvalidDataset, match=message):
        beir(beir_folder(tmp_path, qrels), "dev")


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    folder = beir_folder(tmp_path)
    with pytest.raises(MissingDataset, match=r"test\.tsv cannot be read"):
        beir(folder, "test")
    (folder / "corpus.jsonl").unlink()
    with pytest.raises(MissingDataset, match=r"corpus\.jsonl cannot be read"):
        beir(folder, "dev")


def test_a_record_without_what_it_needs_is_named(tmp_path: Path) -> None:
    folder = beir_folder(tmp_path)
    write_lines(folder / "corpus.jsonl", [CORPUS[0], {"_id": "d2"}])
    with pytest.raises(InvalidDataset, match=r"corpus\.jsonl:2: text: field required"):
        beir(folder, "dev")


def test_a_document_that_is_no_article_is_named(tmp_path: Path) -> None:
    folder = beir_folder(tmp_path)
    write_lines(folder / "corpus.jsonl", [*CORPUS, {"_id": "d5", "text": "un\0deux"}])
    with pytest.raises(InvalidDataset, match="'d5' cannot be an article: text holds a NUL"):
        beir(folder, "dev")


@pytest.mark.parametrize("text", ["{", '{"data": [{"paragraphs": [{"qas": []}]}]}'])
def test_a_file_that_is_no_squad_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(InvalidDataset, match=r"bad\.json is not SQuAD JSON: "):
        squad(path)


def test_a_name_that_is_nothing_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(EvaluationError, match=rf"'nosuch' is neither a task \({', '.join(BY_NAME)}\)"):
        task_named("nosuch")
