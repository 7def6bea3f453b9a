"""The direction of imports (index, then service, then eval), and the one or two files that may own a heavy library."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {"index": {"index"}, "prompts": {"prompts"}, "service": {"index", "prompts", "service"}}
OWNERS = {
    "faiss": {
        "index/faiss_indexes.py",
        "eval/baselines.py",
        "eval/peer_llamaindex.py",
    },  # the latter two call it directly
    "pymilvus": {"index/milvus/client.py"},
    "lingua": {"index/language.py"},
    "babel": {"index/publication.py", "service/guard/dates.py", "service/guard/gazetteer.py"},
    "simplemma": {"service/guard/words.py"},
    "text_to_num": {"service/guard/quantities.py"},
    "Stemmer": {"index/analysis.py"},
    "sentence_transformers": {"index/encoder.py", "index/packaged_encoder.py", "index/token_states.py"},
    "mcp": {"service/mcp_server.py"},
    "limits": {"service/rate_limits.py"},
    "prometheus_client": {"service/metrics.py"},
    "opentelemetry": {"service/__main__.py", "service/app.py", "service/tracing.py"},
    "xllamacpp": {"service/writers/local.py"},
    "tokenizers": {"index/packaged_encoder.py"},
}


def _modules() -> list[Path]:
    return sorted(path for folder in ("index", "service", "eval", "prompts") for path in (ROOT / folder).rglob("*.py"))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_lies_below_it(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    ours = {name.split(".")[0] for name in _imports(path)} & {"index", "prompts", "service", "eval", "tests"}
    assert ours <= ALLOWED.get(package, {"index", "prompts", "service", "eval"})


@pytest.mark.parametrize("library", OWNERS)
def test_a_heavy_library_is_imported_where_it_is_owned(library: str) -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in _modules()
        if any(name.split(".")[0] == library for name in _imports(path))
    }
    assert users == OWNERS[library]


def test_fastapi_is_imported_by_the_http_modules_only() -> None:
    users = {path.stem for path in _modules() if any(name.split(".")[0] == "fastapi" for name in _imports(path))}
    assert all(name == "app" or name.startswith("http_") for name in users), users
