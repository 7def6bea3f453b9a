"""The one file that training reads: numbers only, made of the texts once.

Owns its layout. Knows numpy only, so that a machine without the rest of the project's libraries can train.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # of whole numbers of any width: the file keeps the narrowest that fits

WRITTEN, MADE, ELSEWHERE, STATED, CONTRASTED, JUDGED = range(6)
"""Kinds of questions that are trained on: by people, by a model, without an answer, claims, contrasts, and those beside
whose every article was judged."""
PEOPLES_SETS = ("piaf", "squad_fr fr", "squad_fr en")
DEV_SETS = (*PEOPLES_SETS, "contrast")
DEV_CLAIMS = ("claims fr", "claims en")
"""Together the kinds of those that are measured."""
LISTS = ("fr", "en")


class Ragged(NamedTuple):
    """Some values for each of many things: those of thing `i` are `values[starts[i] : starts[i + 1]]`."""

    values: Array
    starts: Array

    def of(self, i: int) -> Array:
        return self.values[self.starts[i] : self.starts[i + 1]]

    def taken(self, chosen: Array) -> tuple[Array, Array]:
        """The values of the things chosen, and for each value the place among the chosen that it belongs to."""
        counts = self.starts[chosen + 1] - self.starts[chosen]
        owners = np.repeat(np.arange(len(chosen)), counts)
        within = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
        return self.values[self.starts[chosen][owners] + within], owners


class Questions(NamedTuple):
    """Questions that one article answers, or none, and claims that one says. Texts and articles by their number; tokens
    by their place in it.

    `kinds`: see above. `articles`: -1 where none answers. `answers`: first and last token of each answer, (n, 2).
    `sentences`: numbers of the right ones. `wordings`: texts, each asked in proportion to its `chances`; `misses`:
    texts that the article does not answer. `near`, `alike` (of the same title): articles that do not answer; `without`:
    the article without its answer, -1 where there is none. `weights`: of the question in the loss.
    """

    kinds: Array
    articles: Array
    weights: Array
    answers: Ragged
    sentences: Ragged
    wordings: Ragged
    chances: Array
    misses: Ragged
    near: Ragged
    alike: Ragged
    without: Array


class Lists(NamedTuple):
    """Questions (texts) with lists of articles, some of which answer, or none. `kinds`: places in `LISTS`."""

    kinds: Array
    questions: Array
    articles: Ragged
    answerable: Array


@dataclass(frozen=True)
class Prepared:
    """`tokens`: of all texts, end to end, numbered by their rows in the `emb.word` of `weights`; the articles come
    first, then the wordings of questions. `sentence_numbers`: of each token of the articles, -1 for a token that is not
    of the article's own text. `weights`: the encoder's, as its package stores them. `token_mean`: (384,)."""

    tokens: Ragged
    n_articles: int
    sentence_numbers: Array
    trained: Questions
    measured: Questions
    trained_lists: Lists
    measured_lists: Lists
    weights: Mapping[str, Array]
    token_mean: Array

    @cached_property
    def lengths(self) -> Array:
        """(texts,): in tokens."""
        return np.diff(self.tokens.starts)

    @cached_property
    def sentence_counts(self) -> Array:
        """(articles,): sentences as far as they were read."""
        return np.maximum.reduceat(self.sentence_numbers.astype(np.int64), self.tokens.starts[: self.n_articles]) + 1


def ragged(rows: "list[list[int]] | list[list[tuple[int, int]]]", *, width: int = 0) -> Ragged:
    """Of whole numbers; of pairs and the like where `width` is given."""
    starts = np.cumsum([0, *map(len, rows)])
    values = np.array([value for row in rows for value in row], np.int64)
    return Ragged(values.reshape(-1, width) if width else values, starts)


def save(prepared: Prepared, path: Path) -> None:
    """Writes the file, compressed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    named = {field.name: getattr(prepared, field.name) for field in fields(prepared)}
    arrays = {name: _narrow(array) for name, array in _flat(named).items()}
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def load(path: Path) -> Prepared:
    """Reads what `save` wrote."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}

    def of(kind: Any, name: str) -> Any:  # noqa: ANN401  # one of the tuples above
        if name + "/starts" in arrays:
            return Ragged(arrays[f"{name}/values"], np.cumsum(arrays[f"{name}/starts"], dtype=np.int64))
        if name in arrays:
            return arrays[name]
        return kind(**{field: of(kind.__annotations__[field], f"{name}/{field}") for field in kind._fields})

    return Prepared(
        tokens=of(Ragged, "tokens"),
        n_articles=int(arrays["n_articles"]),
        sentence_numbers=arrays["sentence_numbers"],
        trained=of(Questions, "trained"),
        measured=of(Questions, "measured"),
        trained_lists=of(Lists, "trained_lists"),
        measured_lists=of(Lists, "measured_lists"),
        weights={name.removeprefix("weights/"): a for name, a in arrays.items() if name.startswith("weights/")},
        token_mean=arrays["token_mean"],
    )


def _flat(values: Any, name: str = "") -> dict[str, Array]:  # noqa: ANN401  # the tuples above, and what they hold
    if isinstance(values, Ragged):
        return {f"{name}/values": values.values, f"{name}/starts": np.diff(values.starts, prepend=0)}
    named = values._asdict() if hasattr(values, "_asdict") else values
    if not isinstance(named, Mapping):
        return {name: np.asarray(values)}
    under = f"{name}/" if name else ""
    return {key: array for field, value in named.items() for key, array in _flat(value, under + field).items()}


def _narrow(array: Array) -> Array:
    """The narrowest type that holds whole numbers; others as they are."""
    if array.dtype.kind not in "iu" or not array.size:
        return array
    least, most = int(array.min()), int(array.max())
    return array.astype(np.promote_types(np.min_scalar_type(least), np.min_scalar_type(most)))
