"""The tasks on data sets of a few lines: what each question scores can be computed by hand."""

import json
import math
import re
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest
from answering_fakes import FITTED, AsFound, WordReader
from fakes import HashEncoder
from task_fakes import MUSIC, SPORT, done, named, news_sets, path_on, question_sets, write_lines
from test_origins import COPIES, WIRE

from eval.__main__ import main
from eval.collection import OURS
from eval.datasets import VARIABLE, Part, id_part, question_pairs, questions_fr, records, rte3_fr
from eval.errors import InvalidDataset, InvalidRun, MissingDataset
from eval.news_datasets import news as news_items
from eval.news_datasets import news_commentary, pud, wikinews
from eval.pools import question_pool
from eval.questions import load_questions
from eval.recording import provenance
from eval.statistics import Tally
from eval.tasks import answers, cross, news, practical, refusal, robustness, running, support
from eval.tasks.answers import FORCED, GIVEN
from eval.tasks.guard import GUARD
from eval.tasks.page import page
from eval.tasks.perturbing import PERTURBATIONS
from eval.tasks.ranking import BM25, DENSE, SERVICE, by_article
from eval.tasks.refusal import BEST_SENTENCE, PUBLISHED
from eval.tasks.robustness import AS_GIVEN
from eval.tasks.summary import differences, figures
from eval.tasks.task import Outcome, TaskRun, sample
from eval.tasks.text import differing, tables
from eval.teaching_articles import invented_articles
from index.index import Index
from index.settings import repository_root
from index.types import Article, Filters
from service.answering import RERANKED, Answerer
from service.types import Question

ARTICLES = [Article("a", SPORT, "Otan"), Article("b", MUSIC, "Violon")]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "sets"))
    return news_sets(question_sets(tmp_path / "sets"))


def run_of(task_name: str, folder: Path) -> TaskRun:
    task = {"piaf": answers.TASK, "refusal": refusal.TASK}[task_name]
    return running.do(
        task, Part.DEV, None, opened=lambda work: path_on(work.articles, folder),
        recorded=provenance(repository_root(), datetime(2021, 2, 18, tzinfo=UTC)),
    )  # fmt: skip


# The service's path


@pytest.mark.parametrize(
    "asked",
    ["Combien de soldats l’OTAN compte-t-elle ?", "Le violon vient d'Italie ?", "Un zèbre ?", WIRE[0]],
)
def test_what_is_measured_is_what_the_service_answers(asked: str, tmp_path: Path) -> None:
    encoder = HashEncoder()
    with path_on([*ARTICLES, *COPIES], tmp_path) as path:
        considered = path.consider(asked)
        assert list(considered.found) == path.search(asked)
    index = Index.open(tmp_path, encoder)
    answerer = Answerer(index, encoder, AsFound(), WordReader(), FITTED)
    answer = answerer.ask(Question(asked))
    searched = answerer.search(asked, RERANKED, Filters()).passages
    index.close()
    assert [c.passage.passage_id for c in considered.found] == [scored.passage.passage_id for scored, _ in searched]
    assert len({c.passage.text for c in considered.found}) == len(considered.found)  # of copies one
    assert considered.answered == (answer.refusal is None)
    cited = [[answer.citations[number - 1] for number in claim.citations] for claim in answer.claims]
    assert sorted({(c.article_id, c.quote) for claim in cited for c in claim}) == sorted(
        {(e.article.article_id, e.quote) for group in considered.groups for e in group}
    )
    assert considered.short_answer == (answer.short_answer.text if answer.short_answer else "")
    assert not answer.claims or max(claim.support for claim in answer.claims) == considered.support


def test_an_article_ranks_as_its_best_passage_does(tmp_path: Path) -> None:
    long = Article(
        "long", "\n".join(f"Le violon numéro {n} joue encore ce soir à Paris." for n in range(40)), "Violons"
    )
    with path_on([*ARTICLES, long], tmp_path) as path:
        found = path.search("violon numéro 3", k=3)
        ranked = by_article(found)
    assert len(found) == 3
    assert ranked[0] == ("long", found[0].score)
    assert len({article_id for article_id, _ in ranked}) == len(ranked)


# piaf


def test_questions_of_the_part_are_asked_of_the_whole_pool(tmp_path: Path) -> None:
    work = answers.TASK.prepare(Part.DEV, None)
    assert len(work.articles) == 3 + 1 + 2 * 2
    outcomes = done(work, tmp_path / "pool")
    assert outcomes.keys() == {"q1", "q2", "s1-fr", "s1-en"}
    assert outcomes["s1-en"].groups == ("squad_fr en",)


def test_each_system_is_scored_on_the_same_question(tmp_path: Path) -> None:
    outcome = done(answers.TASK.prepare(Part.DEV, None), tmp_path / "pool")["q1"]
    assert outcome.relevant == {"p1": 1}
    for system in (SERVICE, DENSE, BM25):
        assert outcome.rankings[system][0][0] == "p1"
        assert outcome.tallies[system]["recall@1"] == Tally(1, 1)
    assert "short_f1" not in outcome.tallies[DENSE]


def test_short_answers_are_scored_end_to_end_and_with_the_gold_passage(tmp_path: Path) -> None:
    outcomes = done(answers.TASK.prepare(Part.DEV, None), tmp_path / "pool")
    assert outcomes["q1"].said[SERVICE] == "1600"
    assert outcomes["q1"].tallies[GIVEN]["short_em"] == Tally(1, 1)
    assert outcomes["q2"].said[FORCED] == "4"  # the fake's span is the first number, "boyau" is what was wanted
    assert outcomes["q2"].tallies[FORCED] == {"short_em": Tally(0, 1), "short_f1": Tally(0, 1)}


def test_a_limit_keeps_the_same_questions_each_time_and_a_larger_one_adds_to_them() -> None:
    items = [f"q{n}" for n in range(30)]
    few, more = (sample(items, n, key=str) for n in (3, 7))
    assert more[:3] == few
    assert sorted(sample(items, None, key=str)) == sorted(items)
    assert few != items[:3]


# refusal


def test_a_list_is_the_only_evidence_of_its_question(tmp_path: Path) -> None:
    outcomes = done(refusal.TASK.prepare(Part.DEV, None), tmp_path / "pool")
    cats = [outcome for outcome in outcomes.values() if outcome.groups == ("nomiracl fr",)]
    assert {outcome.said["best sentence"] for outcome in cats} <= {"Un chat dort 11 heures.", "Un chat dort 12 heures."}
    by_text = {outcome.text: outcome for outcome in cats}
    assert by_text["Un chat dort ?"].tallies == {SERVICE: {"refused_answerable": Tally(0, 1)}}
    assert by_text["Un zèbre galope ?"].tallies == {SERVICE: {"answered_unanswerable": Tally(0, 1)}}
    assert by_text["Un chat rêve ?"].tallies == {SERVICE: {"answered_unanswerable": Tally(1, 1)}}  # half of its words
    assert by_text["Un chat dort ?"].right == {SERVICE: True}
    assert by_text["Un chat rêve ?"].right == {SERVICE: False}


def test_on_the_pool_support_is_right_where_the_best_sentence_holds_the_answer(tmp_path: Path) -> None:
    outcomes = done(refusal.TASK.prepare(Part.DEV, None), tmp_path / "pool")
    assert outcomes["q1"].right == {SERVICE: True, BEST_SENTENCE: True}
    assert outcomes["q2"].right == {SERVICE: True, BEST_SENTENCE: True}
    assert outcomes["q1"].tallies == {SERVICE: {"refused_answerable": Tally(0, 1)}}
    violin = next(o for o in outcomes.values() if o.text.startswith("Le violon vient"))
    assert violin.groups == ("questions_fr fr", "pool")
    assert violin.right == {SERVICE: False, BEST_SENTENCE: False}
    assert violin.tallies == {SERVICE: {"answered_unanswerable": Tally(1, 1)}}


def test_the_areas_of_a_group_are_over_its_questions(tmp_path: Path) -> None:
    found = figures(run_of("refusal", tmp_path / "pool"))["nomiracl fr"][SERVICE]
    assert found["auc"].value == 1  # "Un chat dort ?" has the highest support of the three
    assert found["answered@20"].value == 0
    assert (found["answered_unanswerable"].value, found["answered_unanswerable"].n) == (1 / 2, 2)


# robustness


def test_each_way_of_putting_a_question_is_scored_and_so_is_what_it_loses(tmp_path: Path) -> None:
    outcome = done(robustness.TASK.prepare(Part.DEV, None), tmp_path / "pool")["q2"]
    assert outcome.tallies.keys() == {AS_GIVEN, *PERTURBATIONS}
    assert outcome.said["careless"] == "combien de cordes compte le violon"
    for name in PERTURBATIONS:
        lost = outcome.tallies[AS_GIVEN]["recall@1"].got - outcome.tallies[name]["recall@1"].got
        assert outcome.tallies[name]["lost@1"] == Tally(lost, 1)
    assert "lost@1" not in outcome.tallies[AS_GIVEN]


# news


def test_titles_and_long_english_sentences_are_to_find_articles_that_do_not_hold_their_title(tmp_path: Path) -> None:
    outcomes = done(news.TASK.prepare(Part.DEV, None), tmp_path / "pool")
    kinds = {(outcome.groups, outcome.text) for outcome in outcomes.values()}
    assert kinds == {
        (("English title",), "NATO contingent numbers"),
        (("French title",), "Un contingent otanien"),
        (("French title",), "Violons d'Italie"),
        (("English sentence",), "NATO numbers some 1600 soldiers from Iraq today."),
    }
    violins = next(o for o in outcomes.values() if o.text == "Violons d'Italie")
    assert violins.tallies[SERVICE]["recall@1"] == Tally(1, 1)  # only its text speaks of a violin
    assert set(violins.tallies) == {SERVICE, DENSE, BM25}


def test_news_keep_their_dates_and_their_pairs(folder: Path) -> None:
    items = {item.article.article_id.split()[0]: item for item in news_items(folder)}
    assert str(items["wn"].article.published) == "2012-08-01"
    assert items["none"].article.published is None
    assert items["nc"].article.title == "L’OTAN compte 1600 soldats d'Irak."
    assert items["pud-pud"].article.text == "Le train a 9 wagons à Nantes. Il dort."
    assert items["nc"].pairs[1] == ("Elle part en mai.", "It leaves.")


# cross


def test_the_same_question_in_two_languages_is_to_come_to_the_same_evidence(tmp_path: Path) -> None:
    outcomes = done(cross.TASK.prepare(Part.DEV, None), tmp_path / "pool")
    assert outcomes.keys() == {"pair-1", "s1"}
    pair = outcomes["pair-1"].tallies[SERVICE]
    assert (pair["same_first"], pair["same_sentence"]) == (Tally(1, 1), Tally(1, 1))  # both say "cordes" and "violon"
    assert pair["same_decision"] == Tally(0, 1)  # of the English words, too few are in the sentence
    assert "recall@1_fr" not in pair
    assert outcomes["s1"].tallies[SERVICE]["recall@1_fr"] == Tally(1, 1)


def test_both_languages_are_ranked_by_each_system_and_judged_where_the_answer_is_known(tmp_path: Path) -> None:
    run = running.do(
        cross.TASK, Part.DEV, None, opened=lambda work: path_on(work.articles, tmp_path / "pool"),
        recorded=provenance(repository_root(), datetime(2021, 2, 18, tzinfo=UTC)),
    )  # fmt: skip
    running.write(run, figures(run), tmp_path)
    assert {path.name for path in tmp_path.glob("*.trec")} == {
        "service_fr.trec", "service_en.trec", "dense_alone_fr.trec", "dense_alone_en.trec", "BM25_alone_fr.trec",
        "BM25_alone_en.trec", "qrels.trec",
    }  # fmt: skip
    assert (tmp_path / "qrels.trec").read_text() == "s1 0 squad-0 1\n"  # nobody knows what answers the pair
    first = {line.split()[0]: line.split()[2] for line in (tmp_path / "service_fr.trec").read_text().splitlines()[::-1]}
    assert first == {"pair-1": "p2", "s1": "squad-0"}


# support


def test_claims_are_scored_against_their_own_text_only(tmp_path: Path) -> None:
    outcomes = done(support.TASK.prepare(Part.DEV, None), tmp_path / "pool")
    strings, zebra = (outcomes[f"rte3-{n}"] for n in (0, 1))
    assert (strings.right[SERVICE], zebra.right[SERVICE]) == (True, False)
    assert strings.scores[SERVICE] > zebra.scores[SERVICE]
    assert strings.tallies[SERVICE] == zebra.tallies[SERVICE] == {"accuracy": Tally(1, 1)}
    true = next(o for o in outcomes.values() if o.text == "Le train a 9 wagons à Nantes.")
    assert true.groups == ("altered fr", "altered fr, number", "altered fr, negation")
    assert {o.text for o in outcomes.values() if o.groups[0] == "altered fr" and not o.right[SERVICE]} >= {
        "Le train n'a pas 9 wagons à Nantes."
    }
    denied = next(o for o in outcomes.values() if o.text == "Le train n'a pas 9 wagons à Nantes.")
    assert true.scores[support.SAID] == 1
    assert denied.scores[support.SAID] == pytest.approx(6 / 8)  # all but « n'a » and « pas »
    assert true.scores[support.SUPPORTED] == pytest.approx(1)  # as sure as it can be, nothing wrong
    assert denied.scores[support.SUPPORTED] == pytest.approx(3 / (3 + math.exp(2)))  # 6 : 2, and a denial


def test_the_threshold_is_the_one_that_tells_most_right() -> None:
    def scored(score: float, right: bool) -> Outcome:
        return Outcome(id="1", groups=("g",), text="", tallies={}, scores={"s": score}, right={"s": right})

    outcomes = [scored(0.9, True), scored(0.6, True), scored(0.5, False), scored(0.2, True)]
    assert support.best_threshold(outcomes, "s") == 0.6
    assert support.best_threshold([scored(0.9, False)], "s") == float("inf")


def test_the_part_that_is_reported_is_told_by_the_thresholds_of_the_dev_part(folder: Path, tmp_path: Path) -> None:
    test = named("Le violon vient d'Italie.", id_part, Part.TEST)
    known = list(records(folder / "rte3_fr" / "nli.jsonl"))
    asked = {"id": 7, "premise": test, "hypothesis": "Un zèbre galope.", "label": "entailment"}
    write_lines(folder / "rte3_fr" / "nli.jsonl", [*known, asked])
    outcomes = done(support.TASK.prepare(Part.TEST, None), tmp_path / "pool")
    assert {key for key in outcomes if key.startswith("rte3")} == {"rte3-7"}
    assert outcomes["rte3-7"].tallies[SERVICE] == {"accuracy": Tally(0, 1)}


# guard


def test_human_translations_are_checked_without_an_index_as_they_are_and_made_false(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eval.tasks.command.build_pool", None)  # would fail if it were asked for
    assert main(["tasks", "guard", "--out", str(tmp_path / "out")]) == 0
    outcomes = {outcome.text: outcome for outcome in running.read(tmp_path / "out" / "guard").outcomes}
    assert outcomes.keys() == {
        english for item in [*news_commentary(folder), *pud(folder)] for _, english in item.pairs
    }
    train = outcomes["The train has 9 wagons in Nantes today."]
    caught = ("passed", "number caught", "name caught", "negation caught")
    assert train.tallies[GUARD] == dict.fromkeys(caught, Tally(1, 1))
    assert "guard (dev): human English" in capsys.readouterr().out


# Runs


def test_a_run_is_read_as_it_was_written_with_its_figures_and_trec_files(tmp_path: Path) -> None:
    run = run_of("piaf", tmp_path / "pool")
    found = figures(run)
    running.write(run, found, tmp_path / "out" / "piaf")
    assert running.read_all(tmp_path / "out") == {"piaf": run}
    assert running.read_all(tmp_path / "out" / "piaf" / "task.json") == {"piaf": run}
    assert running.read(tmp_path / "out" / "piaf") == run
    written = json.loads((tmp_path / "out" / "piaf" / "figures.json").read_text())
    assert written["figures"]["piaf fr"][SERVICE]["recall@1"] == {"value": 1, "low": 1, "high": 1, "n": 2}
    assert written["part"] == "dev"
    first = run.outcomes[0]
    lines = (tmp_path / "out" / "piaf" / "BM25_alone.trec").read_text().splitlines()
    best = first.rankings[BM25][0]
    assert lines[0] == f"{first.id} Q0 {best[0]} 1 {best[1]:.6f} BM25_alone"
    assert (tmp_path / "out" / "piaf" / "qrels.trec").read_text().splitlines()[
        0
    ] == f"{first.id} 0 {next(iter(first.relevant))} 1"


def test_a_group_is_a_table_of_metrics_by_systems(tmp_path: Path) -> None:
    table = next(iter(tables(figures(run_of("piaf", tmp_path / "pool"))))).splitlines()
    assert table[0].startswith("piaf fr")
    assert all(system in table[0] for system in (SERVICE, DENSE, BM25, GIVEN, FORCED))
    assert any(line.startswith("short_f1") and "–" in line for line in table)


def test_the_page_holds_the_figures_and_plots_and_loads_nothing(tmp_path: Path) -> None:
    runs = [run_of("piaf", tmp_path / "pool"), run_of("refusal", tmp_path / "pool")]
    html = page([(run, figures(run)) for run in runs])
    found = figures(runs[1])["nomiracl fr"][SERVICE]["answered_unanswerable"]
    assert f"<td>{found.value:.3f}<br><small>{found.low:.3f} to {found.high:.3f}, n={found.n}</small></td>" in html
    assert html.count("<svg") == html.count("</svg>") == 1 + (1 + 1 + 2)  # bars; bars, the curve, two diagrams
    assert all(f">{name}</text>" in html for name in PUBLISHED)
    assert all(escape(outcome.id) in html for run in runs for outcome in run.outcomes)
    assert "src=" not in html
    assert set(re.findall(r'href="(.)', html)) == {"#"}
    assert not re.findall(r"url\((?!#)|@import|<script|<link", html)


def test_the_page_shows_text_as_text(tmp_path: Path) -> None:
    run = run_of("refusal", tmp_path / "pool")
    nasty = run.outcomes[0].model_copy(update={"text": "<script>alert(1)</script>", "groups": ("<b>&",)})
    run = run.model_copy(update={"outcomes": [nasty, *run.outcomes[1:]]})
    html = page([(run, figures(run))])
    assert "<script>" not in html
    assert "<b>&" not in html


def test_two_runs_of_a_task_are_compared_question_by_question(tmp_path: Path) -> None:
    run = run_of("refusal", tmp_path / "pool")
    worse = run.model_copy(
        update={"outcomes": [o.model_copy(update={"scores": {SERVICE: 1 - o.scores[SERVICE]}}) for o in run.outcomes]}
    )
    found = differences(run, worse)["nomiracl fr"][SERVICE]
    assert (found["auc"].a, found["auc"].b) == (1, 0)
    assert found["refused_answerable"].value == 0
    assert "auc" in differing(differences(run, worse))


def test_runs_of_other_questions_are_not_compared(tmp_path: Path) -> None:
    run = run_of("refusal", tmp_path / "pool")
    with pytest.raises(InvalidRun, match="other questions"):
        differences(run, run.model_copy(update={"outcomes": run.outcomes[:1]}))


def test_a_file_that_is_no_task_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "task.json").write_text("{}")
    with pytest.raises(InvalidRun, match=r"task\.json is no task"):
        running.read_all(tmp_path)


# Data sets that are not as they should be


def test_a_data_set_that_is_not_there_says_so(folder: Path) -> None:
    (folder / "nomiracl" / "en.jsonl").unlink()
    with pytest.raises(MissingDataset, match=r"en\.jsonl cannot be read"):
        question_pool(folder)


def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    write_lines(path, [{"id": 1}])
    with path.open("a") as file:
        file.write('{"id": \n')
    with pytest.raises(InvalidDataset, match=r"broken\.jsonl:2 is not JSON"):
        list(records(path))
    write_lines(path, [["id"]])
    with pytest.raises(InvalidDataset, match=r"broken\.jsonl:1 holds list"):
        list(records(path))


def test_a_file_that_is_there_and_is_not_utf_8_is_not_taken_for_missing(tmp_path: Path) -> None:
    (tmp_path / "latin.jsonl").write_bytes('{"question": "Où ?"}\n'.encode("latin-1"))
    with pytest.raises(InvalidDataset, match=r"latin\.jsonl is not JSON lines in UTF-8: .* byte 0xf9"):
        list(records(tmp_path / "latin.jsonl"))


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("piaf/passages", {"text": None}, r"text: input should be a valid string"),
        ("piaf/passages", {"text": " "}, r"'p1' cannot be an article: text is empty"),
        ("piaf/questions", {"pid": "p9"}, r"asks about 'p9', which is not in passages\.jsonl"),
        ("piaf/questions", {"answers": [{"text": "1600", "start": None}]}, r"answers\.0\.start: input should be"),
        ("piaf/questions", {"answers": [{"text": "1600", "start": 12}]}, r"at 12 the text reads 'e 16', not '1600'"),
        ("piaf/questions", {"answers": [{"text": "mai.", "start": 99}]}, r"at 99 the text reads '', not 'mai\.'"),
        ("squad_fr/questions", {"answers": [{"text": "Paris", "start": 0}]}, r"at 0 the text reads 'La Se'"),
        ("nomiracl/en", {"answerable": "perhaps"}, r"answerable: input should be a valid boolean"),
        ("questions_fr/questions", {"question": ""}, r"question: string should match"),
    ],
)
def test_a_record_that_cannot_be_used_is_named_by_its_line(
    folder: Path, file: str, change: dict[str, object], message: str
) -> None:
    path = folder / f"{file}.jsonl"
    first, *others = records(path)
    write_lines(path, [first | change, *others])
    with pytest.raises(InvalidDataset, match=rf"{path.name}:1:? {message}"):
        refusal.TASK.prepare(Part.DEV, None)


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("news_commentary/documents", {"body_en": ["It leaves."]}, r"2 paragraphs in French and 1 in English"),
        ("news_commentary/documents", {"body_fr": ["", ""]}, r".*cannot be an article: text is empty"),
        ("wikinews/documents", {"date": "31 février 2012"}, r".*cannot be an article: published"),
        ("pud/sentences", {"en": None}, r"en: input should be a valid string"),
        ("question_pairs/fr_en", {"en": None}, r"en: input should be a valid string"),
        ("rte3_fr/nli", {"label": "perhaps"}, r"label: input should be 'entailment', 'neutral' or"),
    ],
)
def test_so_is_a_record_of_news_or_of_pairs(folder: Path, file: str, change: dict[str, object], message: str) -> None:
    path = folder / f"{file}.jsonl"
    first, *others = records(path)
    write_lines(path, [first | change, *others])
    readers = (news_commentary, pud, wikinews, question_pairs, rte3_fr)
    with pytest.raises(InvalidDataset, match=rf"{path.name}:1: .*{message}"):
        assert all(read(folder) for read in readers)


def test_a_question_that_is_in_two_parts_stays_in_the_one_that_is_reported(folder: Path) -> None:
    asked = [
        ("Qui a inventé la radio ?", Part.TRAIN),
        ("Qui a inventé  la RADIO ?", Part.TEST),
        ("Où est la lune ?", Part.TRAIN),
        ("où est la lune ?", Part.DEV),
        ("Que faire ?", Part.DEV),
        ("Que faire ?", Part.TEST),
        ("Qui est-ce ?", Part.TRAIN),
        ("Qui est-ce ?", Part.TRAIN),
    ]
    lines = [{"id": named(f"{n}", id_part, part), "question": text} for n, (text, part) in enumerate(asked)]
    write_lines(folder / "questions_fr" / "questions.jsonl", lines)
    kept = [(q.question, q.part) for q in questions_fr(folder)]
    assert kept == [asked[n] for n in (1, 3, 5, 6, 7)]


# The command line


def test_a_task_without_its_data_is_skipped_with_the_reason(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "piaf" / "questions.jsonl").unlink()
    assert main(["tasks", "piaf"]) == 2
    said = capsys.readouterr()
    assert said.out.startswith("piaf: skipped, ")
    assert said.err.startswith(f"error: {folder / 'piaf' / 'questions.jsonl'} cannot be read")
    monkeypatch.delenv(VARIABLE)
    assert main(["tasks"]) == 2
    assert f"set {VARIABLE}" in capsys.readouterr().err


def test_a_task_that_there_is_not_is_refused_before_anything_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tasks", "piaf", "nosuch"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.startswith("error: 'nosuch' is neither a task")) == ("", True)


def test_the_tasks_of_two_folders_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = run_of("refusal", tmp_path / "pool")
    for name in ("a", "b"):
        running.write(run, figures(run), tmp_path / name / "refusal")
    assert main(["compare", str(tmp_path / "a"), str(tmp_path / "b")]) == 0
    assert capsys.readouterr().out.startswith("refusal\n")
    running.write(run.model_copy(update={"task": "other"}), figures(run), tmp_path / "c" / "other")
    assert main(["compare", str(tmp_path / "a"), str(tmp_path / "c")]) == 2
    assert "no task in common" in capsys.readouterr().err


@pytest.mark.parametrize(("part", "asked"), [(Part.DEV, 240), (Part.TEST, 180)])
def test_practical_information_is_asked_of_all_its_sheets_and_needs_no_data_set(
    monkeypatch: pytest.MonkeyPatch, part: Part, asked: int
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    workload = practical.TASK.prepare(part, None)
    assert (len(workload.articles), len(workload.jobs)) == (154, asked)
    assert len(practical.TASK.prepare(part, 5).jobs) == 10  # of each language


@pytest.mark.parametrize("part", [Part.DEV, Part.TEST])
def test_dossiers_are_asked_of_all_their_texts(part: Part) -> None:
    workload = practical.DOSSIERS.prepare(part, None)
    texts = {article.text for article in workload.articles}
    assert len(texts) == 224
    assert texts.isdisjoint(article.text for article in invented_articles())  # which are trained on
    asked = load_questions(OURS["dossiers"][1], {a.article_id: a.text for a in workload.articles})
    assert len(workload.jobs) == sum(q.answerable and q.part == part for q in asked)
