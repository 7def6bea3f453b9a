"""The OpenAPI document: it is one, its examples are what it says, and a client that is generated from it works."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from http_fakes import AFGHANISTAN, IRAQ, client, served, services, settings
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from service.app import create_app

NAME = "sourcier_generated"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    given: dict[str, Any] = client(services()).get("/openapi.json").json()
    return given


@pytest.fixture(scope="module")
def generated(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """A client of the document, as openapi-python-client writes it."""
    pytest.importorskip("openapi_python_client")
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    command = ["generate", "--path", folder / "openapi.json", "--output-path", folder / NAME, "--meta", "none"]
    program = Path(sys.executable).parent / "openapi-python-client"
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}
    done = subprocess.run([program, *command], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module(NAME)
    sys.path.remove(str(folder))


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_each_example_is_what_its_schema_says(document: dict[str, Any]) -> None:
    wrong, checked = [], 0
    for where, schema, example in examples(document, "#"):
        checked += 1
        validator = Draft202012Validator({**schema, "components": document["components"]})
        wrong += [(where, error.message) for error in validator.iter_errors(example)]
    assert wrong == []
    assert checked > 5


def test_every_body_and_answer_of_a_question_has_an_example(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in ("AskRequest", "SearchRequest", "ArticleFields", "ChatRequest"):
        assert schemas[name]["examples"], name


def test_operations_have_short_names_of_their_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(set(names)) == len(names)
    assert {"ask", "search", "get_article", "put_article", "complete"} <= set(names)


def test_a_generated_client_asks_searches_and_keeps_articles(generated: ModuleType) -> None:
    def call(group: str, operation: str, *given: object, **named: object) -> Any:  # noqa: ANN401 - it was just generated
        return importlib.import_module(f"{generated.__name__}.api.{group}.{operation}").sync(*given, **named)

    models = importlib.import_module(f"{generated.__name__}.models")
    ours = settings(allowed_hosts=("127.0.0.1",))
    with served(create_app(services(IRAQ, AFGHANISTAN), ours)) as url, generated.Client(base_url=url) as opened:
        answer = call("questions", "ask", client=opened, body=models.AskRequest(question="Que fait l’OTAN ?", k=2))
        assert [claim.text for claim in answer.claims] == [
            "La France comptait 5100 militaires.",
            "L’OTAN renforce sa mission en Irak.",
        ]
        assert [cited.published for cited in answer.citations] == [None, "2021-02"]
        refused = call("questions", "ask", client=opened, body=models.AskRequest(question=" "))
        assert refused.error.type_ == "invalid_request"
        found = call("questions", "search", client=opened, body=models.SearchRequest(query="OTAN", k=1))
        assert [passage.article_id for passage in found.passages] == [AFGHANISTAN.article_id]
        fields = models.ArticleFields(text="Le musée rouvre à Nîmes.", published="2021-02-18")
        assert call("articles", "put_article", "musée", client=opened, body=fields).status == "added"
        assert call("articles", "get_article", "musée", client=opened).published == "2021-02-18"
        assert call("articles", "get_article", AFGHANISTAN.article_id, client=opened).text == AFGHANISTAN.text
        assert call("articles", "delete_article", "musée", client=opened).status == "removed"


def examples(node: Any, where: str) -> Iterator[tuple[str, dict[str, Any], object]]:  # noqa: ANN401 - JSON
    """Each example of the document, with where it is and the schema that it is of."""
    if isinstance(node, list):
        for i, each in enumerate(node):
            yield from examples(each, f"{where}/{i}")
    if not isinstance(node, dict):
        return
    if isinstance(node.get("examples"), list):
        yield from ((where, node, example) for example in node["examples"])
    if "example" in node and "schema" in node and not where.endswith("event-stream"):
        yield where, node["schema"], node["example"]
    for name, each in node.items():
        if name not in ("examples", "example"):
            yield from examples(each, f"{where}/{name}")
