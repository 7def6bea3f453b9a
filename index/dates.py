"""Publication dates with their precision: day, month or year. Knows ISO 8601 and nothing of articles."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

_DAY_CHARS = len("2021-02-18")
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z")


class Precision(StrEnum):
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class PublishedDate:
    """An ISO 8601 date of reduced precision: `2021`, `2021-02` or `2021-02-18`."""

    iso: str

    @classmethod
    def parse(cls, text: str) -> "PublishedDate":
        """The date that `text` writes; a date-time keeps its day as written, whatever its offset.

        Raises `ValueError` naming what was found where it is no such date.
        """
        text = text.strip()
        if text[_DAY_CHARS : _DAY_CHARS + 1] in ("T", "t", " "):
            try:
                return cls(datetime.fromisoformat(text).date().isoformat())
            except ValueError as exc:
                raise ValueError(_message(text)) from exc
        match = _ISO.match(text)
        if not match or not text.isascii():
            raise ValueError(_message(text))
        year, month, day = (int(part) if part else 1 for part in match.groups())
        try:
            date(year, month, day)
        except ValueError as exc:
            raise ValueError(_message(text)) from exc
        return cls(text)

    @property
    def precision(self) -> Precision:
        return {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}[len(self.iso)]

    @property
    def first_day(self) -> date:
        parts = [int(part) for part in self.iso.split("-")]
        return date(*[*parts, 1, 1][:3])

    @property
    def last_day(self) -> date:
        parts = [int(part) for part in self.iso.split("-")]
        year, month = parts[0], parts[1] if len(parts) > 1 else 12
        return date(year, month, parts[2] if len(parts) > 2 else calendar.monthrange(year, month)[1])

    def __str__(self) -> str:
        return self.iso


def _message(text: str) -> str:
    return f"{text!r} is not a date: write YYYY, YYYY-MM or YYYY-MM-DD, as in 2021-02-18"
