"""The date that a plain text states above its article, where nothing else gives one."""

import pytest

from index.parsing import article_from_record, article_from_text

FRENCH = (
    "Les trois syndicats de la région ont déposé un préavis de grève commun, a annoncé la direction des transports."
)
ENGLISH = "The three unions of the region have called a strike together, the transport company said in a statement."


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Publié le 3 février 2026 à 17:30", "2026-02-03"),
        ("Publié le 1er mars 2026", "2026-03-01"),
        ("Publié le 13/03/2026 à 08:45", "2026-03-13"),
        ("Mis à jour le 09.02.2026 à 13h02", "2026-02-09"),
        ("Publié le 8 janvier 2026 à 09:12 - Mis à jour le 9 janvier 2026 à 10:30", "2026-01-08"),
        ("Mis à jour le 9 janvier 2026 à 10:30 - Publié le 8 janvier 2026 à 09:12", "2026-01-08"),
        ("8 janvier 2026 à 09:12 - Mis à jour le 09/01/2026 à 10:30", "2026-01-08"),
        ("Publié le 22 janvier 2026 à 20:14 - Mis à jour à 22:03", "2026-01-22"),
        ("7 mars 2026 - 15:26", "2026-03-07"),
        ("27 février 2026", "2026-02-27"),
        ("10/09/2025", "2025-09-10"),
        ("2026-04-02T17:45:00+02:00", "2026-04-02"),
    ],
)
def test_a_line_below_the_headline_dates_a_french_article(line: str, day: str) -> None:
    article = article_from_text(f"Grève des trains en Normandie\n{line}\n\n{FRENCH}\n", article_id="g")
    assert str(article.published) == day
    assert article.title == "Grève des trains en Normandie"


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Published: 30 March 2026, 08:31", "2026-03-30"),
        ("Updated March 30, 2026 at 8.31 a.m.", "2026-03-30"),
        ("Published 30/03/2026", "2026-03-30"),
        ("Published 03/30/2026", "2026-03-30"),
        ("Published 04/04/2026", "2026-04-04"),
        ("Published 03/04/2026", "None"),  # the third of April or the fourth of March
        ("12 January 2026", "2026-01-12"),
    ],
)
def test_a_line_below_the_headline_dates_an_english_article(line: str, day: str) -> None:
    assert str(article_from_text(f"Rail strike in Normandy\n{line}\n\n{ENGLISH}\n", article_id="g").published) == day


@pytest.mark.parametrize(
    "text",
    [
        f"Grève des trains en Normandie\n\n{FRENCH} Publié le 3 février 2026 à 17:30.\n",
        f"Grève des trains en Normandie\n\n{FRENCH}\n\nPublié le 3 février 2026 à 17:30\n",
        f"Grève des trains en Normandie\nPublié le 31/02/2026\n\n{FRENCH}\n",
        f"Grève des trains en Normandie\nPublié hier à 17:30\n\n{FRENCH}\n",
        f"La grève du 3 février 2026\n\n{FRENCH}\n",
    ],
)
def test_what_no_line_above_the_article_states_is_unknown(text: str) -> None:
    assert article_from_text(text, article_id="g").published is None


def test_a_date_that_is_given_counts_before_the_one_that_is_stated() -> None:
    text = f"Grève des trains en Normandie\nPublié le 3 février 2026\n\n{FRENCH}\n"
    record = {"article_id": "g", "text": text, "published": "2026-02"}
    assert str(article_from_record(record).published) == "2026-02"
    assert str(article_from_text(f"date 2025-12 {text}", article_id="g").published) == "2025-12"
