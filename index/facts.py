"""What filters compare of each passage, a column each, so that a filter is a few passes over numbers.

Knows passages by their keys, and nothing else of them. What belongs to a key never changes, so columns only grow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from index.types import Filters

Keys = NDArray[np.int64]
Days = NDArray[np.int32]
Mask = NDArray[np.bool_]
Fact = tuple[int, str | None, str | None, str | None]  # key, first day, last day (ISO 8601), source

UNDATED = 0  # no day: the ordinal of 0001-01-01 is 1
NO_SOURCE = -1


@dataclass(frozen=True, slots=True)
class Facts:
    """Columns in the order of `keys`, which ascend. A source is its place in `names`."""

    keys: Keys
    first_day: Days
    last_day: Days
    source: NDArray[np.int32]
    names: tuple[str, ...]

    @classmethod
    def of(cls, rows: Iterable[Fact]) -> "Facts":
        codes: dict[str, int] = {}
        days: dict[str | None, int] = {None: UNDATED}
        columns = np.fromiter(
            (
                (
                    key,
                    _day(first, days),
                    _day(last, days),
                    NO_SOURCE if source is None else codes.setdefault(source, len(codes)),
                )
                for key, first, last, source in rows
            ),
            np.dtype("i8,i4,i4,i4"),
        )
        one, two, three, four = (np.ascontiguousarray(columns[name]) for name in columns.dtype.names or ())
        return cls(one, two, three, four, tuple(codes))

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def last_key(self) -> int:
        """The greatest key; 0 where there is none."""
        return int(self.keys[-1]) if len(self.keys) else 0

    def followed_by(self, later: "Facts") -> "Facts":
        """These columns and, below them, those of greater keys."""
        if not len(later):
            return self
        codes = {name: code for code, name in enumerate(self.names)}
        moved = np.array([codes.setdefault(name, len(codes)) for name in later.names] + [NO_SOURCE], np.int32)
        return Facts(
            np.concatenate([self.keys, later.keys]),
            np.concatenate([self.first_day, later.first_day]),
            np.concatenate([self.last_day, later.last_day]),
            np.concatenate([self.source, moved[later.source]]),
            tuple(codes),
        )

    def passing(self, filters: Filters, of_articles: Keys | None) -> Mask:
        """Which passages pass; `of_articles`, the keys of the passages of `filters.article_ids`, where these are given.

        An unknown date passes no bound on dates.
        """
        mask = np.ones(len(self.keys), np.bool_)
        if filters.published_after:
            mask &= self.first_day >= max(filters.published_after.first_day.toordinal(), UNDATED + 1)
        for bound in (filters.published_before, filters.as_of):
            if bound:
                mask &= self.last_day <= bound.last_day.toordinal()
                mask &= self.last_day != UNDATED
        if filters.sources is not None:
            mask &= self._of_sources(filters.sources)
        if of_articles is not None:
            mask &= self._among(of_articles)
        return mask

    def _of_sources(self, sources: Sequence[str]) -> Mask:
        allowed = set(sources)
        codes = [code for code, name in enumerate(self.names) if name in allowed]
        if len(codes) == 1:
            return np.equal(self.source, codes[0])
        wanted = np.zeros(len(self.names) + 1, np.bool_)  # the last is that of NO_SOURCE
        wanted[codes] = True
        return np.asarray(wanted[self.source], np.bool_)

    def _among(self, keys: Keys) -> Mask:
        mask = np.zeros(len(self.keys), np.bool_)
        if len(self.keys):
            places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
            mask[places[self.keys[places] == keys]] = True
        return mask


NO_FACTS = Facts.of(())


def _day(text: str | None, known: dict[str | None, int]) -> int:
    if text not in known:
        known[text] = date.fromisoformat(text).toordinal() if text else UNDATED
    return known[text]
