"""Every example of the README that a user would paste is run, against the service that `make run` gives."""

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from mcp import Client, StdioServerParameters

pytestmark = pytest.mark.real

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TIMEOUT_S = 900  # a busy machine is slow, not wrong

RUN = [
    "make ask", "make index", "curl -s http://127.0.0.1", "curl -sN http://127.0.0.1", "curl --data-binary",
    "curl -s http://HOST", "python -m service mcp", "python -m service mcp --http", "python -m index sync PATH…",
    "python -m index add|", "python -m index backup", "python -m index restore", "python -m service keys add desk",
    "python -m service keys add ingest", "python -m service keys remove",
]  # fmt: skip
NOT_RUN = {
    "make run": "it installs; every example is run against what it then starts",
    "make test": "it runs this",
    "pip install": "it installs; test_tracing.py sends to a collector what it is for",
    "SOURCIER_TRACES": "the same",
    "docker": "Docker is not everywhere; test_deploy.py reads the Dockerfile",
    "dask": "it needs other machines; test_cluster.py encodes on workers of this one",
    "PYTHONPATH=. .venv/bin/dask": "the same",
    "python -m index sync --cluster": "the same",
    "export SOURCIER_STORE=milvus": "it needs a cluster; test_milvus.py runs the like over Milvus Lite",
    "python -m index sync seeds": "the same",
    "python -m index migrate": "the same",
    "make tasks": "it installs; test_formats.py and test_tasks.py do the tasks on such files",
    "python -m eval compare": "test_tasks.py runs it on such files",
}
"""How the README's commands begin, those that are run below and those that are not, with the reason."""

AGREEMENT = {"question": "How many soldiers does Germany contribute?"}


def blocks(lang: str) -> list[str]:
    """The fenced blocks of that language, in order."""
    found = re.findall(r"^( *)```(\w*)\n(.*?)^\1```$", README, re.MULTILINE | re.DOTALL)
    return [text for _, kind, text in found if kind == lang]


def commands() -> list[str]:
    """Each command on one line, without comments, as if `.venv/bin` were on the PATH."""
    text = "\n".join(blocks("sh")).replace("\\\n", " ")
    lines = [re.sub(r"\s+#.*", "", line).strip().removeprefix(".venv/bin/") for line in text.splitlines()]
    return [line for line in lines if line]


def command(head: str) -> str:
    """The README's command that begins so."""
    assert head in RUN
    (found, *more) = [line for line in commands() if line == head or line.startswith(head)]
    assert not more or found == head, more
    return found


def block(lang: str, words: str) -> str:
    (found,) = [text for text in blocks(lang) if words in text]
    return found


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a user has after `make run`: the seeds indexed, in answers that quote."""
    folder = tmp_path_factory.mktemp("sourcier")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOURCIER_")}
    ours = {
        "SOURCIER_DATA": str(folder / "data"), "SOURCIER_WRITER": "extractive", "SOURCIER_PORT": "0",
        "PYTHONPATH": str(ROOT), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }  # fmt: skip
    run(command("python -m index sync PATH…").replace("PATH…", "seeds"), kept | ours)
    return kept | ours


@pytest.fixture(scope="module")
def url(environment: Mapping[str, str]) -> Iterator[str]:
    with serving("python -m service", environment) as address:
        wait_until_ready(address)
        yield address


@contextmanager
def serving(line: str, environment: Mapping[str, str]) -> Iterator[str]:
    """The address that a server prints once it listens."""
    started = subprocess.Popen(line.split(), cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    with started as process:
        assert process.stdout
        try:
            said = process.stdout.readline()
            found = re.search(r"http://[^\s/]+", said)
            assert found, said
            yield found[0]
        finally:
            process.terminate()


def wait_until_ready(url: str) -> None:
    end = time.monotonic() + TIMEOUT_S
    while httpx.get(f"{url}/readyz", timeout=TIMEOUT_S).status_code != 200:
        assert time.monotonic() < end
        time.sleep(0.5)


def run(line: str, environment: Mapping[str, str], *, folder: Path = ROOT) -> str:
    """What the command prints; it must succeed."""
    done = subprocess.run(
        line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def at(url: str, text: str) -> str:
    """The example with the address that is served here."""
    return text.replace("http://127.0.0.1:8000", url).replace("http://HOST:8000", url)


def agrees(shown: Any, given: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether JSON that the README shows is what was given: `…` stands for what it leaves out.

    What is measured or estimated (times, support) depends on the machine and on the models, and may differ.
    """
    match shown:
        case dict():
            named = {name: value for name, value in shown.items() if name != "…"}
            return ("…" in shown or named.keys() == given.keys()) and all(
                value.keys() == given[name].keys() if name == "timings_ms" else agrees(value, given[name])
                for name, value in named.items()
            )
        case list():
            return len(shown) == len(given) and all(map(agrees, shown, given))
        case str():
            return re.fullmatch(re.escape(shown).replace("…", ".*"), given, re.DOTALL) is not None
        case float():
            return isinstance(given, float)
        case _:
            return bool(shown == given)


def test_each_command_is_run_here_or_it_is_said_why_not() -> None:
    heads = [*RUN, *NOT_RUN]
    assert [line for line in commands() if not line.startswith(tuple(heads))] == []
    assert [head for head in heads if not any(line.startswith(head) for line in commands())] == []


def test_a_question_is_answered_over_http_as_it_is_shown(url: str, environment: Mapping[str, str]) -> None:
    given = json.loads(run(at(url, command("curl -s http://127.0.0.1")), environment))
    assert agrees(json.loads(block("json", '"short_answer"')), given)


def test_an_answer_is_streamed_as_it_is_shown(url: str, environment: Mapping[str, str]) -> None:
    given = events(run(at(url, command("curl -sN http://127.0.0.1")), environment))
    shown = events(block("text", "event: evidence"))
    assert [name for name, _ in given] == [name for name, _ in shown]
    assert all(agrees(data, got) for (_, data), (_, got) in zip(shown, given, strict=True))


@pytest.mark.parametrize(
    ("words", "printed"), [("from openai", "1600 soldats"), ("service.client", "L’Allemagne est le second")]
)
def test_the_python_examples_print_the_answer(
    url: str, environment: Mapping[str, str], tmp_path: Path, words: str, printed: str
) -> None:
    pytest.importorskip("openai")
    script = tmp_path / "example.py"
    script.write_text(at(url, block("python", words)), encoding="utf-8")
    assert printed in run(f"python {script}", environment)


def test_the_models_that_librechat_is_told_of_are_served(url: str) -> None:
    (endpoint,) = yaml.safe_load(at(url, block("yaml", "endpoints")))["endpoints"]["custom"]
    listed = httpx.get(f"{endpoint['baseURL']}/models", headers={"Authorization": f"Bearer {endpoint['apiKey']}"})
    assert [model["id"] for model in listed.json()["data"]] == endpoint["models"]["default"]


def test_a_file_is_uploaded_as_it_is_shown(url: str, environment: Mapping[str, str], tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "lot.zip", "w") as archive:
        archive.writestr("musée.txt", "Le musée de l’Été rouvre à Nîmes.")
    outcome = json.loads(run(at(url, command("curl --data-binary")), environment, folder=tmp_path))
    assert (outcome["article_id"], outcome["status"]) == ("musée", "added")
    assert httpx.delete(f"{url}/v1/articles/musée").json()["status"] == "removed"


def test_a_model_that_starts_the_tools_gets_answers(environment: Mapping[str, str]) -> None:
    (started,) = json.loads(block("json", "mcpServers"))["mcpServers"].values()
    assert ["python", *started["args"]] == command("python -m service mcp").split()
    assert started["command"].endswith("/sourcier/.venv/bin/python")
    assert started["cwd"] == started["env"]["PYTHONPATH"] == "/path/to/sourcier"
    server = StdioServerParameters(
        command=sys.executable, args=started["args"], cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT)}
    )
    assert "1600" in asked_with_tools(server)["text"]


def test_the_tools_are_served_over_http_where_it_is_said(environment: Mapping[str, str]) -> None:
    with serving(command("python -m service mcp --http"), environment) as address:
        assert "1600" in asked_with_tools(f"{address}/mcp")["text"]


def test_the_commands_of_the_index_do_what_is_said(environment: Mapping[str, str], tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.sqlite")
    run(command("python -m index backup").replace("FILE", copy), environment)
    restored = {**environment, "SOURCIER_DATA": str(tmp_path / "restored")}
    run(command("python -m index restore").replace("FILE", copy), restored)
    assert run("python -m index list", restored) == run("python -m index list", environment)
    before, choices, after = re.split(r"(\S+\|\S+)", command("python -m index add|"))
    assert all(f"index {choice}" in run(before + choice + after, environment) for choice in choices.split("|"))


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_asks_and_indexes(environment: Mapping[str, str], tmp_path: Path) -> None:
    asking = command("make ask")
    assert "1600 soldats" in run(made(asking), {**environment, **given(asking)})
    articles = folder_of_one(tmp_path)
    own = {**environment, "SOURCIER_DATA": str(tmp_path / "data")}
    indexing = command("make index").replace("/path/to/articles", str(articles))
    run(made(indexing), {**own, **given(indexing)})
    assert "musée" in run("python -m index list", own)


def test_a_key_lets_in_whom_it_was_made_for(environment: Mapping[str, str], tmp_path: Path) -> None:
    own = {**environment, "SOURCIER_DATA": str(tmp_path / "data")}
    run(f"python -m index sync {folder_of_one(tmp_path)}", own)
    read = run(command("python -m service keys add desk"), own).strip()
    write = run(command("python -m service keys add ingest"), own).strip()
    with serving("python -m service", own) as address:
        wait_until_ready(address)
        asking = at(address, command("curl -s http://HOST"))
        assert json.loads(run(asking, {**own, "KEY": read}))["status"] in ("answered", "refused")
        assert json.loads(run(asking, {**own, "KEY": "no"}))["error"]["type"] == "unauthenticated"
        wrote = httpx.put(
            f"{address}/v1/articles/un", json={"text": "Un."}, headers={"Authorization": f"Bearer {write}"}
        )
        assert wrote.status_code == 201
        run(command("python -m service keys remove"), own)
        assert json.loads(run(asking, {**own, "KEY": read}))["error"]["type"] == "unauthenticated"


def folder_of_one(folder: Path) -> Path:
    (articles := folder / "articles").mkdir()
    (articles / "musée.txt").write_text("Le musée de l’Été rouvre à Nîmes.", encoding="utf-8")
    return articles


def made(line: str) -> str:
    """The commands that make would run once everything is installed, with the interpreter that is used here."""
    planned = run(line.replace("make", f"make --dry-run --old-file=setup --directory={ROOT}", 1), os.environ)
    return "\n".join(row for row in planned.splitlines() if not row.startswith("make")).replace(".venv/bin/", "")


def given(line: str) -> dict[str, str]:
    """The variables that a make command sets, which its recipes find in their environment."""
    return dict(word.split("=", 1) for word in shlex.split(line, comments=True) if "=" in word)


def asked_with_tools(server: StdioServerParameters | str) -> dict[str, Any]:
    async def session() -> dict[str, Any]:
        async with Client(server, read_timeout_seconds=TIMEOUT_S) as opened:
            return (await opened.call_tool("ask", dict(AGREEMENT))).structured_content or {}

    return asyncio.run(session())


def events(stream: str) -> list[tuple[str, Any]]:
    found = re.findall(r"^event: (\w+)\ndata: (.*)$", stream, re.MULTILINE)
    return [(name, json.loads(data)) for name, data in found]
