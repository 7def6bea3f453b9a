"""The command line of the index: `python -m index sync|add|remove|list|verify|rebuild|export|backup|restore|migrate`.

Owns arguments, what is printed, and exit codes. The work is done elsewhere.
"""

import argparse
import io
import json
import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from tqdm import tqdm

from index.backup import backup, refuse_own, restore
from index.build import Listener, Report, add, rebuild, sync
from index.cluster import cluster_encoder
from index.encoder import open_encoder
from index.errors import IndexingError
from index.files import writing_to
from index.formats.file import Limits
from index.formats.reading import expected_articles
from index.index import Index, Progress, Status
from index.migrate import migrate
from index.opening import milvus_client, open_index, refuse_milvus, was_written
from index.pipeline import Times
from index.printing import printing
from index.settings import Settings, load_settings
from index.types import Article
from index.verify import verify

DONE, UNDONE, FAILED = 0, 1, 2
_STANDARD_OUTPUT = ("-", "/dev/stdout")  # by its name it would be another file, where it is redirected to one
_EXIT_CODES = """\
exit codes:
  0  done
  1  done but for some articles, which were rejected or not there; or: verify found something wrong
  2  not done: what was asked for, or the state of the index, is at fault; a line on stderr says what to do
"""


def main(argv: Sequence[str] | None = None) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)
    if isinstance(sys.stdout, io.TextIOWrapper):  # of an id that is no Unicode, a byte is shown as JSON writes it
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = _parser().parse_args(argv)
    try:
        settings = load_settings()
        if "data" in arguments:
            settings = settings.model_copy(update={"data": arguments.data})
        command: Callable[[argparse.Namespace, Settings], int] = arguments.command
        with printing():
            return command(arguments, settings)
    except IndexingError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("stopped; what was reported as done stays done", file=sys.stderr)
        return FAILED
    except BrokenPipeError:  # `list | head`
        return FAILED


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--data",
        type=Path,
        default=argparse.SUPPRESS,  # or it would undo what stands before the command
        help="the data folder (default: from the settings, SOURCIER_DATA)",
    )
    parser = argparse.ArgumentParser(
        prog="python -m index",
        description="Keeps the index of articles.",
        parents=[common],
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace, Settings], int], help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name,
            help=help,
            description=help[0].upper() + help[1:] + ".",
            parents=[common],
            epilog=_EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        added.set_defaults(command=run)
        return added

    for name, run, help in (
        ("sync", _sync, "make the index hold exactly these articles: add, replace, remove"),
        ("add", _add, "add articles, or replace those with the same ids"),
    ):
        reading = command(name, run, help)
        reading.add_argument(
            "paths", nargs="+", type=Path, metavar="PATH", help="a file, an archive or a folder of articles"
        )
        reading.add_argument("--cluster", metavar="ADDRESS", help="encode on the Dask cluster of this scheduler")
        reading.add_argument("--json", action="store_true", help="print the counts and what was rejected as JSON")
        reading.add_argument("--profile", action="store_true", help="say on stderr where the time went")
        if run is _sync:
            reading.add_argument("--if-new", action="store_true", help="do nothing where articles were stored before")
    removing = command("remove", _remove, "remove articles")
    removing.add_argument("ids", nargs="+", metavar="ID")
    removing.add_argument("--json", action="store_true", help="print a JSON line of outcome for each id")
    listing = command("list", _list, "list the articles: id, date, number of passages, title")
    listing.add_argument("--json", action="store_true", help="print a JSON line for each article")
    verifying = command("verify", _verify, "check every invariant of the index and list those that do not hold")
    verifying.add_argument("--encode", type=_count, default=0, metavar="N", help="encode N passages again too")
    command("rebuild", _rebuild, "cut and encode all stored articles again, with the present settings")
    rendering = command("renderings", _renderings, "say how far the renderings are; pause or resume rendering ahead")
    rendering.add_argument("action", choices=["status", "pause", "resume"], nargs="?", default="status")
    exporting = command("export", _export, "write all articles as JSON lines, which `add` and `sync` read back")
    exporting.add_argument("file", metavar="FILE", help="the file to write; - for standard output")
    backing_up = command("backup", _backup, "copy the index to one file, consistent even while it is used")
    backing_up.add_argument("file", metavar="FILE", type=Path, help="the file to write; replaced if it is there")
    restoring = command("restore", _restore, "check a backup, and make the index that which it is a backup of")
    restoring.add_argument("file", metavar="FILE", type=Path, help="what `backup` wrote")
    restoring.add_argument("--force", action="store_true", help="replace the index that is there")
    migrating = command("migrate", _migrate, "make an index of Milvus that of the data folder, or the other way round")
    migrating.add_argument("--to", choices=["milvus", "sqlite"], required=True, help="what is to hold the index")
    migrating.add_argument("--json", action="store_true", help="print the counts as JSON")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 on")
    return int(text)


def _renderings(arguments: argparse.Namespace, settings: Settings) -> int:
    with closing(open_index(settings, None, create=False)) as index:
        memory = index.renderings
        if arguments.action == "pause":
            memory.pause()
        elif arguments.action == "resume":
            memory.resume()
        for lang in ("en", "fr"):
            for writer, progress in memory.totals(lang):
                done = f"{progress.rendered} of {progress.sentences} sentences, {progress.good} good"
                print(f"into {lang} by {writer}: {done}")
        print("rendering ahead is paused" if memory.paused else "rendering ahead is not paused")
    return DONE


class _Fill(Protocol):
    """`sync` or `add`."""

    def __call__(
        self, index: Index, paths: Sequence[Path], *, listener: Listener, progress: Progress, limits: Limits
    ) -> Report: ...


def _sync(arguments: argparse.Namespace, settings: Settings) -> int:
    if arguments.if_new and was_written(settings):
        return DONE
    return _filled(sync, arguments, settings)


def _add(arguments: argparse.Namespace, settings: Settings) -> int:
    return _filled(add, arguments, settings)


def _filled(fill: _Fill, arguments: argparse.Namespace, settings: Settings) -> int:
    with (
        cluster_encoder(arguments.cluster, settings)
        if arguments.cluster
        else nullcontext(open_encoder(settings)) as encoder,
        closing(open_index(settings, encoder)) as index,
        tqdm(unit=" articles", disable=None, total=_expected(arguments.paths)) as articles,
        tqdm(unit=" passages", disable=None) as passages,
    ):
        report = fill(
            index,
            arguments.paths,
            listener=lambda outcomes: _forget(articles.update(len(outcomes))),
            progress=lambda encoded: _forget(passages.update(encoded)),
            limits=Limits(file_bytes=settings.max_file_bytes, archive_bytes=settings.max_archive_bytes),
        )
    _print_report(report, as_json=arguments.json)
    if arguments.profile and report.times:
        _print_times(report.times)
    return UNDONE if report.rejected else DONE


def _expected(paths: Sequence[Path]) -> int | None:
    """For the time that is left: counted beforehand where somebody looks."""
    return sum(expected_articles(path) for path in paths if path.exists()) if sys.stderr.isatty() else None


def _print_times(times: Times) -> None:
    print(
        f"{times.total:.1f} s, {times.share:.1%} of it in the encoder; it waited {times.waiting:.1f} s;"
        f" meanwhile, reading and cutting took {times.source:.1f} s, storing {times.sink:.1f} s",
        file=sys.stderr,
    )


def _print_report(report: Report, *, as_json: bool) -> None:
    counts = {status.value: report.counts.get(status, 0) for status in Status if status is not Status.ABSENT}
    if as_json:
        rejections = [{"article": outcome.article_id, "message": outcome.message} for outcome in report.rejected]
        print(json.dumps({**counts, "kept": report.kept, "rejections": rejections}, ensure_ascii=False))
        return
    for outcome in report.rejected:
        print(f"rejected: {outcome.article_id}: {outcome.message}", file=sys.stderr)
    if report.kept:
        print(
            f"kept: {report.kept} articles that were not read, since they may be among those that were rejected;"
            " repair these and sync again",
            file=sys.stderr,
        )
    print(", ".join(f"{count} {status}" for status, count in counts.items()))


def _remove(arguments: argparse.Namespace, settings: Settings) -> int:
    with closing(open_index(settings, None, create=False)) as index:
        outcomes = index.remove(arguments.ids)
    for outcome in outcomes:
        if arguments.json:
            print(json.dumps({"article_id": outcome.article_id, "status": outcome.status}, ensure_ascii=False))
        else:
            print(f"{outcome.status}: {outcome.article_id}")
    return UNDONE if any(outcome.status is Status.ABSENT for outcome in outcomes) else DONE


def _list(arguments: argparse.Namespace, settings: Settings) -> int:
    with closing(open_index(settings, None, create=False)) as index, index.view() as view:
        for article in view.every_article():
            passages = len(view.passages_of(article.article_id))
            date = str(article.published) if article.published else None
            if arguments.json:
                line = {"article_id": article.article_id, "published": date, "passages": passages}
                print(json.dumps(line | {"title": article.title, "lang": article.lang}, ensure_ascii=False))
            else:
                print(article.article_id, date or "-", passages, article.title, sep="\t")
    return DONE


def _verify(arguments: argparse.Namespace, settings: Settings) -> int:
    if settings.store == "milvus":
        if arguments.encode:
            refuse_milvus(settings, "verify --encode", "`migrate` to one and verify that")
        from index.milvus.verify import verify_milvus

        with closing(milvus_client(settings)) as client:
            violations = verify_milvus(client)
    else:
        encoder = open_encoder(settings) if arguments.encode > 0 else None
        violations = verify(settings.data, encoder=encoder, sample=arguments.encode)
    for violation in violations:
        print(violation)
    print(f"{len(violations)} violations" if violations else "all is well", file=sys.stderr)
    return UNDONE if violations else DONE


def _rebuild(arguments: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001  # every command has both
    refuse_milvus(settings, "rebuild", "sync the articles to another SOURCIER_MILVUS_PREFIX")
    with tqdm(unit=" passages", disable=None) as passages:
        articles = rebuild(
            settings.data, open_encoder(settings), progress=lambda encoded: _forget(passages.update(encoded))
        )
    print(f"rebuilt {articles} articles")
    return DONE


def _export(arguments: argparse.Namespace, settings: Settings) -> int:
    to_stdout = arguments.file in _STANDARD_OUTPUT
    if not to_stdout:
        refuse_own(settings.data, Path(arguments.file))
    with closing(open_index(settings, None, create=False)) as index, index.view() as view:
        lines = (_json_line(article) for article in view.every_article())
        if to_stdout:
            sys.stdout.buffer.writelines(lines)
            sys.stdout.buffer.flush()
            return DONE
        try:
            with writing_to(Path(arguments.file)) as file:
                file.writelines(lines)
        except OSError as exc:
            raise IndexingError(f"{arguments.file} cannot be written ({exc}); name another file") from exc
    return DONE


def _backup(arguments: argparse.Namespace, settings: Settings) -> int:
    refuse_milvus(settings, "backup", "use Milvus Backup, or `migrate` to a data folder and back that up")
    with tqdm(unit=" pages", disable=None) as bar:

        def show(done: int, pages: int) -> None:
            bar.total = pages
            bar.update(done - bar.n)

        articles = backup(settings.data, arguments.file, progress=show)
    print(f"{articles} articles in {arguments.file}")
    return DONE


def _restore(arguments: argparse.Namespace, settings: Settings) -> int:
    refuse_milvus(settings, "restore", "restore to a data folder, then `migrate --to milvus`")
    usable = restore(arguments.file, settings.data, force=arguments.force)
    print(f"restored {arguments.file} to {settings.data}")
    if not usable:
        print("it was made by a version that cut texts otherwise: run `python -m index rebuild`", file=sys.stderr)
    return DONE


def _migrate(arguments: argparse.Namespace, settings: Settings) -> int:
    client = milvus_client(settings)
    with tqdm(unit=" articles", disable=None) as bar:
        moved = migrate(
            settings.data, client, to_milvus=arguments.to == "milvus", dense_index=settings.milvus_index,
            replicas=settings.milvus_replicas, progress=lambda articles: _forget(bar.update(articles)),
        )  # fmt: skip
    if arguments.json:
        print(json.dumps(asdict(moved)))
    else:
        print(
            f"{moved.copied} articles copied, {moved.already} were there, {moved.removed} removed,"
            f" {moved.renderings} renderings; all compared"
        )
    return DONE


def _json_line(article: Article) -> bytes:
    published = str(article.published) if article.published else None
    record = {
        "article_id": article.article_id,
        "title": article.title,
        "text": article.text,
        "published": published,
        "source": article.source,
        "url": article.url,
        "lang": article.lang,
    }
    given = {name: value for name, value in record.items() if value is not None}
    return json.dumps(given, ensure_ascii=False).encode() + b"\n"


def _forget(_: object) -> None:
    """Makes of a call a callback that returns nothing."""


if __name__ == "__main__":
    sys.exit(main())
