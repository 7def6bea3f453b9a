"""Files and records into articles: dates, ids, titles, languages, and everything that is refused."""

import json
from pathlib import Path

import pytest

from index.dates import PublishedDate
from index.errors import InvalidArticle
from index.formats.file import ParseFailure
from index.formats.reading import read_articles
from index.parsing import MAX_ARTICLE_CHARS, MAX_ID_CHARS, MAX_TITLE_CHARS, article_from_record, article_from_text
from index.types import Article

TEXT = "L’OTAN renforce sa mission en Irak, a annoncé Jens Stoltenberg.\n\n« Nous y restons », a-t-il dit.\n"
ENGLISH = "NATO will expand its mission in Iraq, the alliance said on Thursday.\n"


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def articles(path: Path) -> list[Article]:
    items = list(read_articles(path))
    assert not [item for item in items if isinstance(item, ParseFailure)]
    return [item for item in items if isinstance(item, Article)]


def failures(path: Path) -> list[ParseFailure]:
    return [item for item in read_articles(path) if isinstance(item, ParseFailure)]


def lines(path: Path, *records: object) -> Path:
    return write(path, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))


# Text files


def test_a_text_file_is_an_article_named_after_it(tmp_path: Path) -> None:
    (article,) = articles(write(tmp_path / "irak-2021.txt", " date 2021-02 (Bruxelles) " + TEXT))
    assert article.article_id == "irak-2021"
    assert article.text == " date 2021-02 (Bruxelles) " + TEXT
    assert article.published == PublishedDate("2021-02")
    assert article.title == "L’OTAN renforce sa mission en Irak, a annoncé Jens Stoltenberg."
    assert (article.source, article.url, article.lang) == (None, None, "fr")


def test_the_stored_text_is_the_file_decoded_and_nothing_else(tmp_path: Path) -> None:
    text = "\tE\u0301tat\u00a0islamique\u202f: «\u00a0non\u00a0».\r\n\r\n  Fin.\u2028 \n\n"  # not NFC, and it stays so
    (article,) = articles(write(tmp_path / "a.txt", text))
    assert article.text.encode() == (tmp_path / "a.txt").read_bytes()


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    (article,) = articles(write(tmp_path / "a.txt", b"\xef\xbb\xbf" + TEXT.encode()))
    assert article.text == TEXT


@pytest.mark.parametrize("date", ["2021", "2021-02", "2021-02-18"])
def test_a_date_head_keeps_its_precision(date: str) -> None:
    assert article_from_text(f"\n date {date}\n{TEXT}", article_id="a").published == PublishedDate(date)


def test_a_date_head_behind_a_byte_order_mark_is_read_and_the_mark_kept() -> None:
    article = article_from_text("\ufeffdate 2021-02 " + TEXT, article_id="a")
    assert article.published == PublishedDate("2021-02")
    assert article.title == "L’OTAN renforce sa mission en Irak, a annoncé Jens Stoltenberg."
    assert article.text == "\ufeffdate 2021-02 " + TEXT


@pytest.mark.parametrize(
    "date",
    ["2021-13", "2021-02-30", "2021-2", "21-02", "2021/02", "2021-02-18-01", "2021-02-18T10:00", "2021,", "0000-01",
     "18/02/2021", "18.02.2021", "20210218"],
)  # fmt: skip
def test_a_broken_date_head_is_refused_and_shown(date: str) -> None:
    with pytest.raises(InvalidArticle, match=date):
        article_from_text(f"date {date} {TEXT}", article_id="a")


@pytest.mark.parametrize(
    "text",
    [
        "Date 2021-02 " + TEXT,
        "La date 2021-02 est connue.",
        "date limite : le 1er mai.",
        "date 12 mars 2021 : le ministre a parlé.",
        "date 1er mars 2021 : le ministre a parlé.",
        "date 12000 soldats sont partis.",
        "date 10,5 millions d’euros.",
        TEXT,
    ],
)
def test_other_beginnings_are_no_date_head(text: str) -> None:
    article = article_from_text(text, article_id="a")
    assert (article.published, article.text) == (None, text)


def test_the_language_is_that_of_the_body() -> None:
    assert article_from_text(ENGLISH, article_id="a").lang == "en"
    assert article_from_text("Resolute Support\n\n" + TEXT, article_id="a").lang == "fr"


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"", "no words"),
        (b" \n\xc2\xa0\n", "no words"),
        (b" date 2021-02 \n", "no words"),
        ("Été à Bagdad.".encode("mac_roman"), "not UTF-8 at byte 0: convert it"),
        ("État".encode("utf-16") + b"\x00", "begins as utf-16-le and is not at byte 8: save it again"),
        (b"L'OTAN\x00 en Irak.", "NUL at character 6"),
    ],
)
def test_an_unreadable_file_fails_with_its_name_and_the_way_out(tmp_path: Path, content: bytes, wanted: str) -> None:
    path = write(tmp_path / "a.txt", content)
    (failure,) = failures(path)
    assert failure.source == str(path)
    assert wanted in failure.message


def test_a_file_too_large_for_an_article_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(4 * MAX_ARTICLE_CHARS + 1)
    assert "split it" in failures(path)[0].message


# Folders


def test_a_folder_is_read_at_any_depth_in_order_without_other_files(tmp_path: Path) -> None:
    for name in ("b.txt", "2020/z.TXT", "a.jsonl", "README.md", ".hidden.txt", ".git/c.txt", "photo.jpg"):
        write(tmp_path / name, json.dumps({"article_id": "from-lines", "text": TEXT}) if "jsonl" in name else TEXT)
    assert [article.article_id for article in articles(tmp_path)] == ["z", "from-lines", "b"]


def test_an_empty_folder_has_no_articles(tmp_path: Path) -> None:
    assert list(read_articles(tmp_path)) == []


def test_one_broken_file_does_not_stop_the_others(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", b"\xff")
    write(tmp_path / "b.txt", TEXT)
    failure, article = read_articles(tmp_path)
    assert isinstance(failure, ParseFailure)
    assert isinstance(article, Article)


def test_of_two_files_with_one_id_the_second_fails(tmp_path: Path) -> None:
    first, second = (write(tmp_path / folder / "irak.txt", TEXT) for folder in ("2020", "2021"))
    _, failure = read_articles(tmp_path)
    assert failure == ParseFailure(str(second), f"article 'irak' was already read from {first}: rename one")


@pytest.mark.parametrize(("name", "wanted"), [("a.doc", "no parser for '.doc'"), ("absent.txt", "No such file")])
def test_a_file_that_cannot_be_read_is_a_failure(tmp_path: Path, name: str, wanted: str) -> None:
    if name != "absent.txt":
        write(tmp_path / name, TEXT)
    (failure,) = failures(tmp_path / name)
    assert wanted in failure.message


def test_a_file_name_gives_one_id_however_its_accents_are_composed(tmp_path: Path) -> None:
    (article,) = articles(write(tmp_path / "e\u0301te\u0301.txt", TEXT))
    assert article.article_id == "\u00e9t\u00e9"


# JSON lines


def test_a_record_gives_every_field(tmp_path: Path) -> None:
    record = {
        "article_id": "irak/2021 n° 5",
        "title": " L’OTAN\nen Irak ",
        "text": " date 2020-01 " + TEXT,
        "published": "2021-02-18",
        "source": "Agence Exemple",
        "url": "https://example.org/irak",
        "lang": "en",
    }
    (article,) = articles(lines(tmp_path / "a.jsonl", record))
    assert article == Article(
        article_id="irak/2021 n° 5",
        text=" date 2020-01 " + TEXT,
        title="L’OTAN en Irak",
        published=PublishedDate("2021-02-18"),  # beats the head of the text
        source="Agence Exemple",
        url="https://example.org/irak",
        lang="en",
    )


def test_what_a_record_lacks_is_read_from_its_text(tmp_path: Path) -> None:
    blank = {"title": None, "published": "", "source": " ", "url": None, "lang": None}
    for record in ({"text": "date 2021-02 " + ENGLISH}, {"text": "date 2021-02 " + ENGLISH, **blank}):
        (article,) = articles(lines(tmp_path / "a.jsonl", record))
        assert (article.title, article.published, article.lang) == (ENGLISH.strip(), PublishedDate("2021-02"), "en")
        assert (article.source, article.url) == (None, None)


def test_a_record_without_id_gets_one_that_is_stable(tmp_path: Path) -> None:
    first = articles(lines(tmp_path / "depeches.jsonl", {"text": TEXT}, {"text": ENGLISH}))
    again = articles(lines(tmp_path / "depeches.jsonl", {"text": ENGLISH}, {"text": TEXT}))
    assert {article.article_id for article in first} == {article.article_id for article in again}
    assert all(article.article_id.startswith("depeches-") for article in first)
    assert first[0].article_id != first[1].article_id


def test_a_broken_line_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    good = json.dumps({"article_id": "{}", "text": TEXT})
    content = [good.replace("{}", "a"), "", "{", "[1]", '"é"', good.replace("{}", "b"), "   ", good.replace("{}", "b")]
    path = write(tmp_path / "a.jsonl", "\ufeff" + "\r\n".join(content))  # no line break at the end
    items = list(read_articles(path))
    assert [item.article_id for item in items if isinstance(item, Article)] == ["a", "b"]
    broken = [item for item in items if isinstance(item, ParseFailure)]
    assert [failure.source for failure in broken] == [f"{path}:3", f"{path}:4", f"{path}:5", str(path)]
    assert ["not JSON" in broken[0].message, "found list" in broken[1].message, "found str" in broken[2].message] == [
        True
    ] * 3


def test_an_unusual_line_break_inside_a_text_does_not_end_the_line(tmp_path: Path) -> None:
    (article,) = articles(lines(tmp_path / "a.jsonl", {"text": "Un.\u2028Deux.\x85Trois."}))
    assert article.text == "Un.\u2028Deux.\x85Trois."


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (b'{"text": "a", "text": "b"}', "'text' is there twice"),
        (b'{"text": "a", "nested": {"x": 1, "x": 2}}', "'x' is there twice"),
        (b'{"article_id": "a", "text": "\xff"}', "not UTF-8 at byte 29"),
        (b"[" * 200_000, "nested too deep"),
        (b'{"text": ' + b"9" * 5_000 + b"}", "not JSON"),
        (b'{"text": "a", "lang": NaN}', "lang must be a string, found float"),
    ],
)
def test_a_line_that_is_no_plain_record_is_refused(tmp_path: Path, line: bytes, wanted: str) -> None:
    path = write(tmp_path / "a.jsonl", line + b"\n" + json.dumps({"article_id": "b", "text": TEXT}).encode())
    failure, article = read_articles(path)
    assert isinstance(failure, ParseFailure)
    assert (failure.source, wanted in failure.message) == (f"{path}:1", True)
    assert isinstance(article, Article)


# Records


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"text": None}, "text is missing"),
        ({"text": ""}, "no words"),
        ({"text": "\u00a0\n"}, "no words"),
        ({"text": 7}, "text must be a string, found int"),
        ({"text": ["L’OTAN."]}, "text must be a string, found list"),
        ({"text": "L’OTAN \ud83d."}, "lone surrogate at character 7"),
        ({"text": "x" * (MAX_ARTICLE_CHARS + 1)}, "at most 5000000"),
        ({"article_id": None}, "article_id is missing"),
        ({"article_id": ""}, "article_id is missing"),
        ({"article_id": " a"}, "begins or ends with a space"),
        ({"article_id": ".."}, "is a path"),
        ({"article_id": "a\nb"}, "control character"),
        ({"article_id": "a\x00"}, "NUL"),
        ({"article_id": "x" * (MAX_ID_CHARS + 1)}, "at most 200"),
        ({"article_id": 12}, "article_id must be a string, found int"),
        ({"title": "x" * (MAX_TITLE_CHARS + 1)}, "at most 500"),
        ({"title": "L’OTAN\x07"}, "control character"),
        ({"title": True}, "title must be a string, found bool"),
        ({"published": "hier"}, "published: 'hier' is not a date"),
        ({"published": "2021-02-30"}, "2021-02-30"),
        ({"published": 2021}, "published must be a string, found int"),
        ({"lang": "de"}, "lang is 'de': write fr or en"),
        ({"url": "javascript:alert(1)"}, "not an http or https address"),
        ({"url": "https://example.org/a b"}, "spaces"),
        ({"url": "http://[::1"}, "not an address"),
        ({"auteur": "Jean Dupont"}, "unknown field 'auteur'"),
    ],
)
def test_a_bad_field_is_refused_by_name(fields: dict[str, object], wanted: str) -> None:
    with pytest.raises(InvalidArticle) as refused:
        article_from_record({"article_id": "a", "text": TEXT} | fields)
    assert wanted in str(refused.value)


def test_an_id_may_come_from_outside_but_not_contradict_the_record() -> None:
    assert article_from_record({"text": TEXT}, article_id="a").article_id == "a"
    assert article_from_record({"text": TEXT, "article_id": "a"}, article_id="a").article_id == "a"
    with pytest.raises(InvalidArticle, match="'b' here and 'a' in the request"):
        article_from_record({"text": TEXT, "article_id": "b"}, article_id="a")


def test_the_largest_text_is_accepted() -> None:
    article = article_from_record({"article_id": "x" * MAX_ID_CHARS, "text": "x" * MAX_ARTICLE_CHARS})
    assert len(article.title) == 111  # 110 characters and an ellipsis


# The starting collection


def test_the_seeds_are_five_articles_of_which_three_are_dated() -> None:
    seeds = articles(Path(__file__).parent.parent / "seeds")
    assert [str(article.published) for article in seeds] == ["None", "2021-02", "2020-02", "2021-02", "None"]
    assert {article.lang for article in seeds} == {"fr"}
    assert seeds[4].title.startswith("Les États-Unis signalent qu’ils sont prêts")
    assert not any(article.title.startswith(("(", "date")) for article in seeds)
