"""How like real vectors synthetic ones are: the same measures of both, at the same size."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.baselines import exact, graph_found, lists_found, share_found
from eval.datasets import piaf
from eval.pools import build_pool
from eval.synthetic import synthetic
from eval.throughput import pool
from index.encoder import open_encoder
from index.settings import Settings
from index.store import Store

Rows = NDArray[np.float32]

_RANKS = (1, 10, 100)
_DIRECTIONS = (10, 50, 200)
_PAIRS = 100_000
_FEWER = 16  # times fewer passages, for how the tenth nearest comes nearer
_K = 10
_EFFORTS = (16, 64, 256)
_SHARES = (0.02, 0.05, 0.1)
_LIST = 25  # passages a list


def likeness(passages: Rows, questions: Rows) -> dict[str, float]:
    """By name: cosines of pairs, shares of variance, cosines of a question's nearest, recall@10 of two FAISS indexes.

    Rows are float32 of norm 1. What synthetic vectors are to be like are the figures of real ones, as many.
    """
    return {**_pairs(passages), **_variance(passages), **_nearest(passages, questions), **_recall(passages, questions)}


def likeness_lines(folder: Path, settings: Settings) -> Iterator[str]:
    """Real passages and questions of the data sets, and as many synthetic ones; the passages' index is kept."""
    build_pool(pool(folder), settings, lambda *_: None)
    with closing(Store.open(settings.data, new_manifest=None)) as store, store.reading() as reader:
        dim = open_encoder(settings).dim
        passages = np.concatenate([rows for _, rows in reader.added_after(0, dim)])
    texts = [question.question for question in islice(piaf(folder)[1], 0, None, 6)]
    questions = open_encoder(settings).encode_symmetric(texts)
    made = synthetic(len(passages), len(questions))
    real, like = likeness(passages, questions), likeness(made.passages, made.questions)
    yield f"{len(passages)} passages and {len(questions)} questions: real, synthetic"
    for name, figure in real.items():
        yield f"  {name:<48} {figure:.3f}   {like[name]:.3f}"


def _pairs(passages: Rows) -> dict[str, float]:
    rng = np.random.default_rng(0)
    one, two = rng.integers(0, len(passages), (2, _PAIRS))
    cosines = np.einsum("ij,ij->i", passages[one[one != two]], passages[two[one != two]])
    return {f"cosine of two passages, {of} %": float(np.percentile(cosines, of)) for of in (5, 50, 95)}


def _variance(passages: Rows) -> dict[str, float]:
    spread = np.linalg.eigvalsh(np.cov(passages.T))[::-1]
    return {f"share of variance in {n} directions": float(spread[:n].sum() / spread.sum()) for n in _DIRECTIONS}


def _nearest(passages: Rows, questions: Rows) -> dict[str, float]:
    cosines = np.sort(questions @ passages.T, axis=1)[:, ::-1]
    fewer = np.sort(questions @ passages[::_FEWER].T, axis=1)[:, ::-1]
    ranks = {f"cosine of a question's nearest, number {n}": float(np.median(cosines[:, n - 1])) for n in _RANKS}
    growth = float(np.median(cosines[:, 9]) - np.median(fewer[:, 9]))
    return ranks | {f"growth of number 10 from {1 / _FEWER:.4f} of the passages": growth}


def _recall(passages: Rows, questions: Rows) -> dict[str, float]:
    wanted = exact(passages, questions, _K)
    graph = graph_found(passages, questions, _K, efforts=_EFFORTS)
    lists = lists_found(passages, questions, _K, lists=len(passages) // _LIST, shares=_SHARES)
    return {
        **{f"recall@10 of HNSW16,SQ8, efSearch {n}": share_found(graph[n], wanted) for n in _EFFORTS},
        **{f"recall@10 of IVF,SQ8, {share:.0%} of lists": share_found(lists[share], wanted) for share in _SHARES},
    }
