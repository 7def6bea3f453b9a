"""Command line of the evaluation: `python -m eval run`, and what else the list of commands below holds."""

import argparse
import json
import logging
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import httpx
from tqdm import tqdm

from eval import training
from eval.borrowed import NEWS, lend
from eval.collection import CALIBRATED, OURS, Collection, read_collection
from eval.comparing import compare, load_expected, shortfalls
from eval.datasets import Part, datasets_folder
from eval.errors import EvaluationError
from eval.questions import GoldQuestion, digest, load_questions
from eval.report import comparison, latency, page, table
from eval.running import Run, Summary, ask_all, read, record, summarise, write
from eval.serving import index_articles, served
from eval.systems import InProcess, Remote, System
from index.encoder import open_encoder
from index.errors import IndexingError
from index.language import detect
from index.query_layers import READING_WEIGHTS
from index.settings import Settings, load_settings, repository_root
from service.errors import ServiceError
from service.loading import load_claim_support, load_services

ROOT = repository_root()
TIMEOUT_S = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where all went well, 1 where a figure is not as it should be, 2 where something could not be done."""
    options = _parser().parse_args(_with_bench(sys.argv[1:] if arguments is None else arguments))
    try:
        return int(options.command(options))
    except (EvaluationError, IndexingError, ServiceError, httpx.HTTPError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2


def run(options: argparse.Namespace) -> int:
    """Asks every question, prints the table, writes the run; with `--check`, fails on a drop."""
    started = datetime.now(UTC)
    expected = load_expected(options.check) if options.check else None
    if options.news:
        options.questions, options.articles = lend(NEWS, ROOT / "var" / "eval" / "news_questions")
    questions, collection = _questions(options)
    with _system(options) as (system, about), tqdm(total=len(questions), desc="questions", disable=None) as bar:
        results = ask_all(system, questions, collection, detect, asked=bar.update)
    made = record(
        results, part=options.part, questions_sha256=digest(options.questions), about=about, root=ROOT, started=started
    )
    summary = summarise(results)
    folder = options.out or ROOT / "var" / "eval" / started.strftime("%Y%m%dT%H%M%SZ")
    write(made, folder)
    (folder / "report.html").write_text(page(made, summary), encoding="utf-8")
    print(
        _as_json(made, summary) if options.json else f"{table(summary)}\n{latency(results)}\n{folder / 'report.html'}"
    )
    fallen = shortfalls(made, summary, expected) if expected else []
    for line in fallen:
        print(f"below what is expected: {line}", file=sys.stderr)
    return 1 if fallen else 0


def compare_runs(options: argparse.Namespace) -> int:
    """Prints what B gains or loses against A, metric by metric: of two runs, or of the tasks that both did."""
    from eval.tasks.command import compare_tasks  # it imports what only the tasks need

    print(compare_tasks(options.a, options.b) or comparison(compare(read(options.a), read(options.b))))
    return 0


def tasks(options: argparse.Namespace) -> int:
    """Does tasks and prints their figures."""
    from eval.tasks.command import do_tasks

    settings = load_settings()
    for line in do_tasks(
        options.names, Part(options.part), options.limit, settings=settings, root=ROOT, out=options.out
    ):
        print(line, flush=True)
    return 0


def run_answers(options: argparse.Namespace) -> int:
    """Measures a server, one of its own unless `--url` names one, and prints and writes the figures."""
    from eval.bench import bench, lines, past_limits

    questions, _ = _questions(options)
    encoder = open_encoder(load_settings())
    with _server(options) as url, httpx.Client(base_url=url, timeout=TIMEOUT_S) as client:
        result = bench(Remote(client), questions, lambda text: encoder.encode_queries([text]), rounds=options.rounds)
    print("\n".join(lines(result)))
    _write_figures(asdict(result), options, "bench.json")
    return _checked(past_limits(result), options)


def run_throughput(options: argparse.Namespace) -> int:
    """Measures a server under load, on the data sets; 1 where it refused any request."""
    from eval.throughput import lines, past_limits, throughput

    settings = load_settings()
    data: Path = options.data or ROOT / "var" / "eval" / "throughput"
    loads = throughput(
        datasets_folder(), settings.model_copy(update={"data": data.resolve()}), ROOT, requests=options.requests
    )
    print("\n".join(lines(loads)))
    _write_figures([asdict(load) for load in loads], options, "throughput.json")
    return _checked(past_limits(loads), options) or int(any(load.errors for load in loads))


def run_scale(options: argparse.Namespace) -> int:
    """Measures an index of many synthetic passages, and how like real vectors theirs are."""
    from eval.likeness import likeness_lines
    from eval.scale import lines, past_limits, scale

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings, folder = load_settings(), datasets_folder()
    kept = ROOT / "var" / "eval"
    data: Path = options.data or kept / f"scale-{options.passages}"
    encoder = open_encoder(settings)
    found = scale(folder, data.resolve(), encoder, passages=options.passages, threads=settings.threads)
    print("\n".join(lines(found)))
    _write_figures(asdict(found), options, "scale.json")
    for line in likeness_lines(folder, settings.model_copy(update={"data": kept / "throughput"})):
        print(line, flush=True)
    return _checked(past_limits(found), options)


def run_peers(options: argparse.Namespace) -> int:
    """Measures txtai and LlamaIndex beside ours."""
    from eval.peers import lines, peers

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    found = peers(datasets_folder(), load_settings(), ROOT)
    print("\n".join(lines(found)))
    _write_figures(found, options, "peers.json")
    return 0


def _write_figures(figures: object, options: argparse.Namespace, name: str) -> None:
    out: Path = options.out or ROOT / "var" / "eval" / name
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(out)


def _checked(past: Sequence[str], options: argparse.Namespace) -> int:
    """1, and each of them named, where anything is past its limit, or cannot be judged, and `--check` asks."""
    for line in past if options.check else ():
        print(f"check failed: {line}", file=sys.stderr)
    return int(options.check and bool(past))


def train(options: argparse.Namespace) -> int:
    """Prepares what training reads; unless a file for that is named, trains the layers for questions and the reader."""
    from eval import remaking, training_queries  # they import what only training needs

    file: Path = options.prepare or ROOT / "var" / "eval" / "training.npz"
    remaking.prepare_training(load_settings(), file)
    if not options.prepare:
        training_queries.start(file, training_queries.Plan())
        training.start(file, options)
    print(options.prepare or options.out)
    return 0


def make_questions(_options: argparse.Namespace) -> int:
    """Makes the training questions that a model is asked for, again."""
    from eval import remaking

    remaking.make_questions()
    return 0


def calibrate(options: argparse.Namespace) -> int:
    """Fits the probability and the thresholds, from scores that were written before if they are given."""
    from eval import remaking

    scores: Path = options.scores or ROOT / "var" / "eval" / "scores.jsonl"
    if not options.scores:
        news = {name: (OURS[name][0], _with_gold(*OURS[name], "dev")[0]) for name in CALIBRATED}
        remaking.score(load_settings(), ROOT / "var" / "eval", news, scores)
    print("\n".join(remaking.calibrate(scores)))
    return 0


def fit_claims(options: argparse.Namespace) -> int:  # noqa: ARG001  # it has none
    """Fits what speaks for and against a claim."""
    from eval.fitting_claims import calibrate_claims

    print("\n".join(calibrate_claims(load_claim_support(load_settings()).said)))
    return 0


def learn_lexicon(options: argparse.Namespace) -> int:  # noqa: ARG001  # it has none
    """Learns what terms are in the other language, from the data sets' train parts."""
    from eval.lexicon import make_lexicon

    print(f"{make_lexicon(datasets_folder())} terms with translations")
    return 0


def _questions(options: argparse.Namespace) -> tuple[list[GoldQuestion], Collection]:
    return _with_gold(options.articles, options.questions, options.part)


def _with_gold(articles: Path, file: Path, part: str) -> tuple[list[GoldQuestion], Collection]:
    collection = read_collection(articles)
    questions = load_questions(file, collection.texts)
    return [question for question in questions if part in ("all", question.part)], collection


@contextmanager
def _system(options: argparse.Namespace) -> Iterator[tuple[System, dict[str, object]]]:
    """What is asked, and what it says of itself."""
    if options.url:
        with httpx.Client(base_url=options.url, timeout=TIMEOUT_S) as client:
            remote = Remote(client)
            yield remote, remote.ready().model_dump()
        return
    with _settings(options) as settings:
        index_articles(options.articles, settings)
        with closing(load_services(settings.model_copy(update={"render_ahead": False}))) as services:
            if services.writing:
                services.writing.wait()
            manifest = json.loads((settings.data / "manifest.json").read_text(encoding="utf-8"))
            yield InProcess(services.answerer), {"generator": services.generator(), "manifest": manifest}


@contextmanager
def _server(options: argparse.Namespace) -> Iterator[str]:
    if options.url:
        yield options.url
        return
    with _settings(options) as settings, served(options.articles, settings, ROOT) as url:
        yield url


@contextmanager
def _settings(options: argparse.Namespace) -> Iterator[Settings]:
    """The settings of the environment, with the data folder given or a temporary one: never the user's own."""
    with tempfile.TemporaryDirectory(prefix="sourcier-eval-") as temporary:
        data: Path = options.data or Path(temporary)
        data.mkdir(parents=True, exist_ok=True)
        yield load_settings().model_copy(update={"data": data.resolve()})


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _as_json(made: Run, summary: Summary) -> str:
    figures = {
        group: {metric: asdict(estimate) for metric, estimate in metrics.items()} for group, metrics in summary.items()
    }
    about = made.model_dump(mode="json", exclude={"results"})
    return json.dumps(about | {"metrics": figures}, ensure_ascii=False, indent=1)


def faults(options: argparse.Namespace) -> int:
    """Prints what was lost, what came back, what is corrupt, and how much was tried; 1 where anything was."""
    from eval.faults import run_faults  # puts its layer below SQLite in forked processes only

    logging.disable(logging.WARNING)  # faults are what this is about
    with tqdm(total=options.runs, desc="runs", disable=None) as bar:
        findings = run_faults(options.runs, seed=options.seed, progress=bar.update)
    print(findings)
    return 0 if findings.sound else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eval", description="Measures answers on questions with known gold."
    )
    commands = parser.add_subparsers(
        required=True,
        metavar="run | tasks | compare | bench | faults | lexicon | make-questions | train | calibrate | ...",
    )

    asking = argparse.ArgumentParser(add_help=False)
    articles, questions = OURS["seeds"]
    asking.add_argument("--questions", type=Path, default=questions, help="JSON lines of questions")
    asking.add_argument("--articles", type=Path, default=articles, help="the articles that they are about")
    asking.add_argument("--part", choices=["dev", "test", "all"], default="all", help="tuning looks at dev only")
    asking.add_argument("--data", type=Path, help="data folder for the index; a temporary one if not given")
    asking.add_argument("--url", help="ask this server, which must hold the same articles")

    running = commands.add_parser("run", parents=[asking], help="ask and score every question")
    running.add_argument(
        "--news", action="store_true", help="ask of the news that SOURCIER_DATASETS holds, in place of the seeds"
    )
    running.add_argument("--out", type=Path, help="folder for run.json, report.html and the TREC files")
    running.add_argument("--json", action="store_true", help="print the figures as JSON")
    running.add_argument("--check", type=Path, help="fail on a drop below this file's figures")
    running.set_defaults(command=run)

    tasking = commands.add_parser("tasks", help="measure on public data sets, or on your own")
    tasking.add_argument(
        "names", nargs="*", metavar="NAME", help="tasks, BEIR folders, SQuAD files; every task if none is named"
    )
    tasking.add_argument("--part", choices=["dev", "test"], default="dev", help="test is for reporting only")
    tasking.add_argument("--limit", type=_positive, help="questions of each kind, at most")
    tasking.add_argument("--out", type=Path, help="folder for the files of each task")
    tasking.set_defaults(command=tasks)

    comparing = commands.add_parser("compare", help="paired bootstrap between two runs, of questions or of tasks")
    comparing.add_argument("a", type=Path, help="folder of a run or of tasks, or the file in it")
    comparing.add_argument("b", type=Path, help="the run to set against it")
    comparing.set_defaults(command=compare_runs)

    _add_benches(commands.add_parser("bench", help="time answers over HTTP, a large index, peers"), asking)

    failing = commands.add_parser("faults", help="interrupt random work on an index by every fault, against a model")
    failing.add_argument("--runs", type=_positive, default=500)
    failing.add_argument("--seed", type=int, default=1, help="decides, with its number, everything about a run")
    failing.set_defaults(command=faults)

    teaching = commands.add_parser("train", help="train how questions are encoded, and the reader, on the data sets")
    teaching.add_argument(
        "--prepare", type=Path, help="only write the file that `eval.training` and `eval.training_queries` read"
    )
    teaching.add_argument("--out", type=Path, default=ROOT / "service" / "weights" / "joint_reader.safetensors")
    teaching.add_argument("--out-layers", type=Path, default=READING_WEIGHTS)
    training.add_options(teaching)
    teaching.set_defaults(command=train)

    making = commands.add_parser("make-questions", help="make the training questions of eval/made/ again, with a model")
    making.set_defaults(command=make_questions)

    calibrating = commands.add_parser("calibrate", help="fit the probability and the thresholds on the dev parts")
    calibrating.add_argument("--scores", type=Path, help="scores written before; if none, they are computed")
    calibrating.set_defaults(command=calibrate)

    weighing = commands.add_parser("calibrate-claims", help="fit the support of claims, on people's translations")
    weighing.set_defaults(command=fit_claims)

    learning = commands.add_parser("lexicon", help="learn what terms are in the other language, on the train parts")
    learning.set_defaults(command=learn_lexicon)
    return parser


def _add_benches(benching: argparse.ArgumentParser, asking: argparse.ArgumentParser) -> None:
    benches = benching.add_subparsers(required=True, metavar="answers | throughput | scale | peers")
    writing, checking, keeping = (argparse.ArgumentParser(add_help=False) for _ in range(3))
    writing.add_argument("--out", type=Path, help="file for the figures")
    checking.add_argument(
        "--check", action="store_true", help="fail past a limit; other work on the machine counts too"
    )
    keeping.add_argument("--data", type=Path, help="data folder for the index; one under var/eval/ if not given")

    answering = benches.add_parser(
        "answers", parents=[asking, writing, checking], help="one client, then two; done where none is named"
    )
    answering.add_argument("--rounds", type=_positive, default=1, help="times that each question is asked")
    answering.set_defaults(command=run_answers)

    loading = benches.add_parser("throughput", parents=[keeping, writing, checking], help="many clients at once")
    loading.add_argument("--requests", type=_positive, default=400, help="to each route")
    loading.set_defaults(command=run_throughput)

    scaling = benches.add_parser("scale", parents=[keeping, writing, checking], help="a million synthetic passages")
    scaling.add_argument("--passages", type=_positive, default=1_000_000, help="how many in place of a million")
    scaling.set_defaults(command=run_scale)

    comparing = benches.add_parser("peers", parents=[writing], help="txtai and LlamaIndex beside ours")
    comparing.set_defaults(command=run_peers)


def _with_bench(arguments: Sequence[str]) -> Sequence[str]:
    """`bench` alone, or followed by an option, is `bench answers`."""
    command, following = [*arguments, "", ""][:2]
    alone = not following or (following.startswith("-") and following not in ("-h", "--help"))
    return ["bench", "answers", *arguments[1:]] if command == "bench" and alone else arguments


if __name__ == "__main__":
    sys.exit(main())
