"""`python -m service` serves; `python -m service ask "…"` answers one question on the terminal."""

import argparse
import ipaddress
import logging
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress

import uvicorn
from opentelemetry.trace import Tracer
from pydantic import ValidationError
from starlette.types import ASGIApp

from index.errors import IndexingError
from index.printing import printing
from index.settings import Settings, SettingsError, load_settings
from prompts.catalogue import messages
from service.app import VERSION, create_app
from service.errors import InvalidQuestion, ServiceError
from service.http_loading import said
from service.http_middleware import is_loopback
from service.http_protocol import Protocol
from service.keys import KeyRing, Scope, keys_file, make_key, read_keys, write_keys
from service.loading import load_services
from service.logs import log_json_lines
from service.mcp_server import http_app, tools
from service.metrics import Metrics
from service.problems import describe
from service.schemas import AskRequest, AskResponse
from service.services import Report, Services
from service.tracing import open_tracer
from service.types import Answer, Citation, Lang, Question


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0, or 1 after a message on standard error that says what cannot be done."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings()
        if options.fetch_weights:
            settings = fetching_weights(settings)
        match options.command:
            case "ask":
                with printing():
                    return ask(settings, options)
            case "mcp":
                return serve_tools(settings, options)
            case "keys":
                with printing():
                    return manage_keys(settings, options)
            case _:
                with open_tracer(settings, version=VERSION) as tracer:
                    return serve(settings, tracer)
    except (IndexingError, ServiceError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `ask … | head`
        return 1


def fetching_weights(settings: Settings) -> Settings:
    """The same, with the writer's weights fetched, unless the file or the environment says whether to."""
    if "fetch_weights" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"fetch_weights": True})


def serve(settings: Settings, tracer: Tracer | None = None) -> int:
    """Listens at once and loads meanwhile. What is configured and cannot be loaded ends the process."""
    keys = KeyRing.of(settings)
    refuse_to_stand_open(settings, keys)
    log_json_lines(logging.INFO)
    metrics = Metrics()
    failures: list[Exception] = []

    def load(report: Report) -> Services:
        return load_services(settings, report, count=metrics.guarded)

    def stop(failure: Exception) -> None:
        failures.append(failure)
        server.should_exit = True

    app = create_app(load, settings, metrics=metrics, keys=keys, tracer=tracer, on_failure=stop)
    server = uvicorn.Server(http_config(app, settings))
    with closing(listening(server.config)) as opened, until_stopped():
        host, port = opened.getsockname()[:2]
        print(f"Sourcier listens on http://{f'[{host}]' if ':' in host else host}:{port}", flush=True)
        server.run(sockets=[opened])
    for failure in failures:
        print(f"error: {said(failure)}", file=sys.stderr)
    return 1 if failures else 0


def serve_tools(settings: Settings, options: argparse.Namespace) -> int:
    """Serves the tools over standard input and output, where nothing else may be written, or over HTTP."""
    log_json_lines(logging.INFO if options.http else logging.WARNING)
    keys = KeyRing.of(settings)
    if options.http:
        refuse_to_stand_open(settings, keys)
    with closing(load_services(settings)) as services:
        offered = tools(services, settings)
        if not options.http:
            offered.run("stdio")
            return 0
        server = uvicorn.Server(http_config(http_app(offered, settings, keys), settings))
        with closing(listening(server.config)) as opened, until_stopped():
            print(f"Sourcier's tools are at http://{settings.host}:{opened.getsockname()[1]}/mcp", flush=True)
            server.run(sockets=[opened])
    return 0


@contextmanager
def until_stopped() -> Iterator[None]:
    """SIGTERM and Ctrl-C end the block and not the process, so that what stands around it is closed. A SIGTERM after
    that ends the process as ever."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # uvicorn raises again what it was stopped by
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


def http_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Protocol,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
        forwarded_allow_ips=[name for proxy in settings.trusted_proxies for name in as_they_arrive(proxy)],
    )


def as_they_arrive(address: str) -> list[str]:
    """The address or network, and what a socket that listens for IPv6 and IPv4 alike calls it if it is of IPv4."""
    try:
        network = ipaddress.ip_network(address)
    except ValueError:
        return [address]
    if network.version == 6:
        return [address]
    return [address, f"::ffff:{network.network_address}/{96 + network.prefixlen}"]


def listening(config: uvicorn.Config) -> socket.socket:
    """The socket, which takes connections from now on, so that whoever is told of it is not refused before the server
    gets to them; what it accepts sends at once, or the body of an answer would wait some 40 ms for the client to
    acknowledge its head. At an address of IPv6 it listens for IPv4 too, where the system can.

    Raises `SettingsError` where the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    both = family is socket.AF_INET6 and socket.has_dualstack_ipv6()
    try:
        bound = socket.create_server(
            (config.host, config.port), family=family, backlog=config.backlog, dualstack_ipv6=both
        )
    except OSError as exc:
        raise SettingsError(
            f"{config.host}:{config.port} cannot be listened on ({exc}); stop what listens there, or set SOURCIER_HOST"
            " or SOURCIER_PORT"
        ) from exc
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


def refuse_to_stand_open(settings: Settings, keys: KeyRing) -> None:
    """Raises `SettingsError` where others could come and nothing would be asked of them."""
    if is_loopback(settings.host) or keys.required or settings.without_keys:
        return
    raise SettingsError(
        f"listening on {settings.host} would let anyone who reaches it read and write; make a key with"
        " `python -m service keys add NAME`, or set SOURCIER_WITHOUT_KEYS=true where something else keeps others out"
    )


def manage_keys(settings: Settings, options: argparse.Namespace) -> int:
    """Adds a key to the keys file, removes one, or lists them. A service that runs sees it at once."""
    file = keys_file(settings)
    keys = read_keys(file)
    names = [key.name for key in keys]
    if options.action == "list":
        for key in keys:
            print(f"{key.name}\t{'+'.join(sorted(key.scopes))}")
        return 0
    if (options.action == "add") == (options.name in names):
        raise SettingsError(f"{file} holds the keys {', '.join(names) or '(none)'}; choose another name")
    if options.action == "remove":
        write_keys(file, [key for key in keys if key.name != options.name])
        if len(keys) == 1:
            print(f"{file} holds no key now, and lets nobody in; without the file none is asked for", file=sys.stderr)
        return 0
    try:
        secret, key = make_key(options.name, map(Scope, options.scope or ["read"]))
    except ValueError as exc:
        raise SettingsError(f"{options.name!r} cannot be the name of a key; use letters, digits, . - _") from exc
    write_keys(file, [*keys, key])
    print(secret)
    print(f"kept in {file} as {key.line()}; the key itself is shown this once", file=sys.stderr)
    return 0


def ask(settings: Settings, options: argparse.Namespace) -> int:
    """Prints the answer, as text or as the JSON of `POST /v1/ask`."""
    question = _question(options, settings)
    log_json_lines(logging.WARNING)
    services = load_services(settings.model_copy(update={"render_ahead": False}), lambda _: None)
    with closing(services):
        if services.writing:
            services.writing.wait()
        answer = services.answerer.ask(question)
    print(AskResponse.of(answer).model_dump_json(indent=2) if options.json else readable(answer))
    return 0


def _question(options: argparse.Namespace, settings: Settings) -> Question:
    """The same checks as over HTTP. Raises `InvalidQuestion`."""
    given = {"question": options.question, "lang": options.lang, "as_of": options.as_of}
    try:
        asked = AskRequest.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as exc:
        raise InvalidQuestion(describe(exc.errors(include_url=False))) from exc
    if len(asked.question) > settings.max_question_chars:
        raise InvalidQuestion(
            f"the question has {len(asked.question)} characters; write {settings.max_question_chars} at most"
        )
    return asked.asked()


def readable(answer: Answer) -> str:
    """How the question was read, if it was not as asked; the answer, then its quotes by number with title, source and
    date."""
    cited = [_cited(citation, answer.lang) for citation in answer.citations]
    return "\n\n".join(filter(None, [answer.note, answer.text, *cited]))


def _cited(citation: Citation, lang: Lang) -> str:
    date = messages(lang).date_of(str(citation.published) if citation.published else None)
    origin = ", ".join(filter(None, [citation.source, date, citation.article_id]))
    return f"[{citation.number}] {citation.quote}\n    {citation.title} ({origin})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m service", description="Serve answers, or ask one question.")
    parser.add_argument(
        "--fetch-weights",
        action="store_true",
        help="fetch the writer's weights where they are missing, unless the settings say whether to (fetch_weights)",
    )
    commands = parser.add_subparsers(dest="command")
    asking = commands.add_parser("ask", help="answer one question")
    asking.add_argument("question")
    asking.add_argument("--lang", choices=["auto", "fr", "en"], default="auto", help="language of the answer")
    asking.add_argument("--as-of", help="leave out every article later than this date")
    asking.add_argument("--json", action="store_true", help="print the JSON of POST /v1/ask")
    serving = commands.add_parser("mcp", help="serve the tools of the Model Context Protocol")
    serving.add_argument("--http", action="store_true", help="over HTTP at /mcp (default: standard input and output)")
    managing = commands.add_parser("keys", help="make, list and remove API keys")
    actions = managing.add_subparsers(dest="action", required=True)
    adding = actions.add_parser("add", help="make a key and print it, once")
    adding.add_argument("name", help="whom it is for")
    adding.add_argument("--scope", action="append", choices=["read", "write"], help="may be repeated (default: read)")
    actions.add_parser("list", help="names and scopes")
    actions.add_parser("remove", help="let a key no longer in").add_argument("name")
    return parser


if __name__ == "__main__":
    sys.exit(main())
