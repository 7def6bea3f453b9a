"""txtai and LlamaIndex with FAISS beside ours: the same articles, model and queries, one after the other, in one run.

The peers are installed into an environment of their own, which sees the packages of ours: torch, the model's library
and FAISS are the same for all. They are given the passages that ours cuts, as texts; ours begins with the articles.
"""

import json
import logging
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.datasets import piaf
from eval.errors import EvaluationError
from index.encoder import open_encoder
from index.packaged_encoder import packaged_encoder
from index.passages import cut, encoded_text
from index.settings import Settings
from index.types import Article

logger = logging.getLogger(__name__)

PACKAGES = (
    "txtai==9.14.0",
    "llama-index-core==0.14.25",
    "llama-index-vector-stores-faiss==0.7.0",
    "llama-index-embeddings-huggingface==0.8.0",
)
SYSTEMS = ("ours", "txtai", "llamaindex")
ARTICLES = 400
QUERIES = 100
_TIMEOUT_S = 3600
_ONE_THREAD = {"SOURCIER_THREADS": "1", "OMP_NUM_THREADS": "1"}  # ours, and theirs

Figures = dict[str, dict[str, float]]


def peers(folder: Path, settings: Settings, root: Path, *, articles: int = ARTICLES) -> Figures:
    """The figures of each system; `folder` has the data sets, `root` is the repository's. Raises `EvaluationError`."""
    python = _environment(root / "var" / "peers")
    model = packaged_encoder(root / "var" / "models")
    open_encoder(settings)  # made once, by us, before any clock runs
    chosen = piaf(folder)[0][:articles]
    held = {article.article_id for article in chosen}
    asked = [(q.question, q.gold) for q in piaf(folder)[1] if q.gold in held]
    queries = list(islice(asked, 0, None, max(1, len(asked) // QUERIES)))[:QUERIES]
    found = {}
    for system in SYSTEMS:
        with TemporaryDirectory(dir=root / "var") as temporary:
            _write_inputs(Path(temporary), chosen, queries)
            found[system] = _run(sys.executable if system == "ours" else str(python), system, model, temporary, root)
        logger.info("%s: %s", system, found[system])
    return found


def lines(found: Figures) -> Iterator[str]:
    ours = found["ours"]
    for system, figures in found.items():
        yield f"{system}: indexed in {figures['ingest_s']:.1f} s ({figures['ingest_cpu_s']:.1f} s of CPU),"
        yield f"  a query {figures['query_ms']:.1f} ms ({figures['query_cpu_ms']:.1f} of CPU),"
        yield f"  the right article among ten passages for {figures['found']:.3f} of the queries"
        if system != "ours":
            indexing, asking = (figures[name] / ours[name] for name in ("ingest_cpu_s", "query_cpu_ms"))
            yield f"  of our CPU: {indexing:.2f} times to index, {asking:.2f} times to query"


def _environment(folder: Path) -> Path:
    """The Python of the peers' environment, made where it is not there."""
    python = folder / "bin" / "python"
    done = folder / "installed"
    if done.exists() and done.read_text(encoding="utf-8") == "\n".join(PACKAGES):
        return python
    _checked([sys.executable, "-m", "venv", "--clear", str(folder)])
    site = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (site / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    _checked([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES])
    done.write_text("\n".join(PACKAGES), encoding="utf-8")
    return python


def _write_inputs(folder: Path, articles: Sequence[Article], queries: Sequence[tuple[str, str | None]]) -> None:
    records: dict[str, list[dict[str, str | None]]] = {
        "articles": [
            {"article_id": a.article_id, "title": a.title, "text": a.text, "lang": a.lang, "source": a.source}
            for a in articles
        ],
        "passages": [{"id": p.passage_id, "text": encoded_text(a, p)} for a in articles for p in cut(a)],
        "queries": [{"query": query, "gold": gold} for query, gold in queries],
    }
    for name, its in records.items():
        text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in its)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")


def _run(python: str, system: str, model: Path, folder: str, root: Path) -> dict[str, float]:
    environment = os.environ | {"PYTHONPATH": str(root), "HF_HUB_OFFLINE": "1", **_ONE_THREAD}
    output = _checked([python, "-m", f"eval.peer_{system}", str(model), folder], environment)
    return {name: float(figure) for name, figure in json.loads(output.strip().splitlines()[-1]).items()}


def _checked(command: Sequence[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    if done.returncode:
        raise EvaluationError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout
