"""Publication dates keep the precision they are written with."""

from datetime import date

import pytest

from index.dates import Precision, PublishedDate


@pytest.mark.parametrize(
    ("text", "iso", "precision", "first", "last"),
    [
        ("2021", "2021", Precision.YEAR, date(2021, 1, 1), date(2021, 12, 31)),
        ("2020-02", "2020-02", Precision.MONTH, date(2020, 2, 1), date(2020, 2, 29)),
        ("2021-02-18", "2021-02-18", Precision.DAY, date(2021, 2, 18), date(2021, 2, 18)),
        (" 2021-02 ", "2021-02", Precision.MONTH, date(2021, 2, 1), date(2021, 2, 28)),
        ("2021-02-18T23:30:00-05:00", "2021-02-18", Precision.DAY, date(2021, 2, 18), date(2021, 2, 18)),
        ("2021-02-18 10:00", "2021-02-18", Precision.DAY, date(2021, 2, 18), date(2021, 2, 18)),
    ],
)
def test_a_date_is_an_interval_of_its_precision(
    text: str, iso: str, precision: Precision, first: date, last: date
) -> None:
    parsed = PublishedDate.parse(text)
    assert (parsed.iso, parsed.precision, parsed.first_day, parsed.last_day) == (iso, precision, first, last)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "21",
        "2021-2",
        "2021-13",
        "2021-02-30",
        "0000",
        "février 2021",
        "2021-02-18-01",
        "2021-02-18Tnoon",
        "２０２１",
    ],
)
def test_anything_else_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(ValueError, match="write YYYY, YYYY-MM or YYYY-MM-DD"):
        PublishedDate.parse(text)
