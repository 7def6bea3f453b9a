"""BEIR folders and SQuAD files that tests write: read, asked, and refused with one clear sentence."""

import json
from pathlib import Path

import pytest
from task_fakes import MUSIC, SPORT, done, write_lines

from eval.__main__ import main
from eval.datasets import Part
from eval.errors import EvaluationError, InvalidDataset, MissingDataset
from eval.formats import beir, squad
from eval.metrics import ndcg
from eval.statistics import Tally
from eval.tasks.answers import GIVEN
from eval.tasks.catalogue import BY_NAME, task_named, tasks_named
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


def test_odd_documents_do_not_stand_in_the_way_of_the_others(tmp_path: Path) -> None:
    folder = beir_folder(tmp_path)
    odd = [
        {"_id": "blank", "title": "", "text": " "},
        {"_id": "dots", "title": None, "text": "..."},
        {"_id": "titled", "title": "Un titre", "text": "..."},
        {"_id": "long", "title": f"Otan\a {'x' * 500}", "text": MUSIC},
        {"_id": "no date", "title": None, "text": f"date 2021-13 {MUSIC}"},
        {"_id": "date", "title": "Daté", "text": f"date 2021-12 {MUSIC}"},
    ]
    write_lines(folder / "corpus.jsonl", [*CORPUS, *odd])
    (folder / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tdots\t1\nq1\td1\t1\n")
    found = beir(folder, "dev")
    articles = {article.article_id: article for article in found.articles}
    assert articles.keys() - {"d1", "d2", "d3"} == {"titled", "long", "no date", "date"}
    assert articles["titled"].text == "Un titre"
    assert articles["long"].title == "Otan " + 495 * "x"
    assert (articles["no date"].published, str(articles["date"].published)) == (None, "2021-12")
    assert found.asked[0].relevant == {"dots": 1, "d1": 1}


def test_a_first_line_that_judges_is_no_heading(tmp_path: Path) -> None:
    folder = beir_folder(tmp_path)
    (folder / "qrels" / "dev.tsv").write_text("q1\td1\t2\nq2\td4\t1\n")
    assert {asked.question_id: asked.relevant for asked in beir(folder, "dev").asked} == {
        "q1": {"d1": 2},
        "q2": {"d4": 1},
    }


def test_a_set_that_leaves_nothing_to_ask_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = beir_folder(tmp_path / "own", "q3\td1\t0\n")
    with pytest.raises(InvalidDataset, match=r"dev\.tsv leaves no question to ask"):
        beir(folder, "dev")
    assert main(["tasks", str(folder)]) == 2
    assert "leaves no question to ask" in capsys.readouterr().err
    (tmp_path / "empty.json").write_text('{"data": []}')
    with pytest.raises(InvalidDataset, match=r"empty\.json leaves no question to ask"):
        squad(tmp_path / "empty.json")


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


def test_a_paragraph_without_words_is_not_found_and_its_questions_are_asked(tmp_path: Path) -> None:
    answers = [{"text": "1600", "answer_start": 0}]
    paragraphs = [
        {"context": "…", "qas": [{"id": 1, "question": "Combien de soldats ?", "answers": answers}]},
        {"context": SPORT, "qas": [{"id": 2, "question": "Combien de soldats ?", "answers": answers}]},
    ]
    path = tmp_path / "blank.json"
    path.write_text(json.dumps({"data": [{"title": None, "paragraphs": paragraphs}]}))
    found = squad(path)
    assert [article.article_id for article in found.articles] == ["blank-1"]
    assert [asked.relevant for asked in found.asked] == [{"blank-0": 1}, {"blank-1": 1}]
    outcomes = done(task_named(str(path)).prepare(Part.DEV, None), tmp_path / "pool")
    assert outcomes["1"].tallies[SERVICE]["recall@10"] == Tally(0, 1)
    assert outcomes["1"].tallies[GIVEN]["answered"] == Tally(0, 1)
    assert outcomes["2"].tallies[SERVICE]["recall@1"] == Tally(1, 1)


def test_two_questions_of_one_id_are_refused_by_it(tmp_path: Path) -> None:
    path = squad_file(tmp_path / "twice.json")
    path.write_text(path.read_text().replace('"s2"', '"s1"'))
    with pytest.raises(InvalidDataset, match=r"twice\.json: 2 questions have the id 's1'"):
        squad(path)


def test_sets_of_one_name_are_tasks_of_two(tmp_path: Path) -> None:
    folders = [str(beir_folder(tmp_path / name / "own")) for name in ("a", "b")]
    file = str(squad_file(tmp_path / "own.json"))
    assert [task.name for task in tasks_named([*folders, "piaf", folders[0], file])] == [
        "own-own", "own-own-2", "piaf", "own-own-3"
    ]  # fmt: skip
    assert [task.about for task in tasks_named(folders)] == [f"the BEIR folder {folder}" for folder in folders]


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


def test_a_file_of_other_bytes_is_refused_and_not_skipped(tmp_path: Path) -> None:
    folder = beir_folder(tmp_path)
    (folder / "qrels" / "dev.tsv").write_bytes("qé\td1\t1\n".encode("latin-1"))
    with pytest.raises(InvalidDataset, match=r"dev\.tsv is not tab-separated UTF-8"):
        beir(folder, "dev")
    path = squad_file(tmp_path / "small.json")
    path.write_bytes(json.dumps({"data": "é"}, ensure_ascii=False).encode("latin-1"))
    with pytest.raises(InvalidDataset, match=r"small\.json is not UTF-8"):
        squad(path)


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
