"""`POST /v1/files`: what it stores, what it tells, and what it refuses."""

import json
import resource
import threading
from pathlib import Path

import pytest
from format_samples import HTML, RSS, docx, pdf, tarred, w_p, zipped
from http_fakes import IRAQ, client, services
from starlette.testclient import TestClient

from index.errors import StoreUnavailable

WORDS = "L’OTAN renforce sa mission en Irak."
FILE = {"content-type": "application/octet-stream"}


def post(to: TestClient, name: str, content: str | bytes, **query: str) -> list[dict[str, object]]:
    data = content.encode() if isinstance(content, str) else content
    response = to.post("/v1/files", params={"filename": name, **query}, content=data, headers=FILE)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


def test_each_article_of_a_file_has_its_line_and_is_stored() -> None:
    held = services()
    lines = post(client(held), "lot.zip", zipped({"a.txt": WORDS, "b.html": HTML, "c.rss": RSS, "d.pdf": "%PDF-1.4 x"}))
    assert [(line["line"], line["file"], line["status"]) for line in lines] == [
        (1, "lot.zip/a.txt", "added"),
        (2, "lot.zip/b.html", "added"),
        (3, "lot.zip/c.rss", "added"),
        (4, "lot.zip/c.rss", "added"),
        (5, "lot.zip/c.rss (entry 3)", "rejected"),
        (6, "lot.zip/d.pdf", "rejected"),
    ]
    assert lines[5]["article_id"] is None
    assert "damaged" in str(lines[5]["message"])
    with held.index.view() as view:
        assert view.article_count == 4
        assert view.articles(["a"])["a"].text == WORDS


def test_a_file_sent_again_is_unchanged_and_a_new_version_replaces() -> None:
    to = client(services())
    assert [post(to, "a.docx", docx(w_p(text)))[0]["status"] for text in (WORDS, WORDS, WORDS + " Fin.")] == [
        "added",
        "unchanged",
        "replaced",
    ]


def test_many_articles_are_written_in_batches_off_the_event_loop() -> None:
    held = services()
    lines = post(client(held), "lot.jsonl", "\n".join(json.dumps({"text": f"{WORDS} {n}"}) for n in range(150)))
    assert [line["line"] for line in lines] == list(range(1, 151))
    assert held.index.puts == [64, 64, 22]  # type: ignore[attr-defined]  # the fake's own
    assert threading.get_ident() not in held.index.threads  # type: ignore[attr-defined]  # the fake's own


def test_of_two_articles_with_one_id_the_second_is_rejected() -> None:
    lines = post(client(services()), "l.zip", zipped({"a/x.txt": WORDS, "b/x.txt": WORDS}))
    assert [line["status"] for line in lines] == ["added", "rejected"]
    assert "already read from l.zip/a/x.txt" in str(lines[1]["message"])


def test_what_the_store_refuses_is_told_in_its_line() -> None:
    held = services()
    held.index.failure = StoreUnavailable("the disk is full; make room")  # type: ignore[attr-defined]  # the fake's own
    (line,) = post(client(held), "a.txt", WORDS)
    assert (line["status"], line["message"]) == ("rejected", "the disk is full; make room")


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.exe", b"MZ"), ("a", b""), ("a.pdf", pdf([])), ("été?.txt", "caf\u00e9".encode("mac_roman"))],
)
def test_a_file_that_cannot_be_read_is_one_rejected_line(name: str, content: bytes) -> None:
    (line,) = post(client(services()), name, content)
    assert (line["status"], line["file"], line["article_id"]) == ("rejected", name, None)


@pytest.mark.parametrize("name", ["", "a/b.txt", "..\\b.txt", "..", " ", "a\n.txt", "a\x00.txt", "x" * 201])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    response = client(services()).post("/v1/files", params={"filename": name}, content=b"x", headers=FILE)
    assert (response.status_code, response.json()["error"]["type"]) == (422, "invalid_request")


@pytest.mark.parametrize(
    "given", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]
)
def test_types_that_any_site_may_send_here_are_refused(given: str) -> None:
    response = client(services(IRAQ)).post("/v1/files?filename=a.txt", content=b"x", headers={"content-type": given})
    assert response.status_code == 415
    assert "application/octet-stream" in response.json()["error"]["message"]


def test_a_file_beyond_the_limit_is_refused_before_it_is_read() -> None:
    response = client(services(), max_upload_bytes=1024).post(
        "/v1/files?filename=a.txt", content=b"x" * 1025, headers=FILE
    )
    assert response.status_code == 413
    assert "SOURCIER_MAX_UPLOAD_BYTES" in response.json()["error"]["message"]


def test_an_upload_that_the_disk_cannot_take_says_so(tmp_path: Path) -> None:
    to = client(services(), data=tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, before[1]))
    try:
        response = to.post("/v1/files?filename=a.txt", content=b"x" * (1 << 20), headers=FILE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert response.status_code == 503
    assert "free some space and send it again" in response.json()["error"]["message"]


def test_a_member_whose_name_is_not_utf_8_does_not_stop_the_others() -> None:
    files = {f"{n}.txt": f"{WORDS} {n}" for n in range(70)} | {"e\udce9.txt": WORDS, "z.txt": WORDS}
    lines = post(client(services()), "l.tar", tarred(files, "w"))
    assert [line["status"] for line in lines] == ["added"] * 70 + ["rejected", "added"]
    assert lines[70]["file"] == "l.tar/e\\xe9.txt"


def test_nothing_of_an_upload_stays_in_the_data_folder(tmp_path: Path) -> None:
    post(client(services(), data=tmp_path), "a.txt", WORDS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("b.html", HTML),
        ("b.docx", docx(w_p(WORDS))),
        ("b.pdf", pdf([WORDS])),
        ("b.zip", zipped({"c.txt": WORDS})),
        ("b.txt", WORDS),
    ],
)
def test_a_file_of_any_format_takes_the_place_of_the_article_that_is_named(name: str, content: str | bytes) -> None:
    held = services(IRAQ)
    (line,) = post(client(held), name, content, article_id=IRAQ.article_id)
    assert (line["article_id"], line["status"]) == (IRAQ.article_id, "replaced")
    with held.index.view() as view:
        assert view.article_count == 1
        (article,) = view.articles([IRAQ.article_id]).values()
    assert article.text != IRAQ.text


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("b.rss", RSS, "more than one article"),
        ("b.zip", zipped({"c.txt": WORDS, "d.txt": WORDS}), "more than one article"),
        ("b.pdf", "%PDF-1.4 x", "damaged"),
        ("b.zip", zipped({"c.txt": WORDS, "d.pdf": "%PDF-1.4 x"}), "damaged"),
        ("b.zip", zipped({"c.jpg": "x"}), "holds no file that is read"),
    ],
)
def test_what_is_not_one_article_leaves_the_one_that_is_named(name: str, content: str | bytes, told: str) -> None:
    held = services(IRAQ)
    (line,) = post(client(held), name, content, article_id=IRAQ.article_id)
    assert line["status"] == "rejected"
    assert told in str(line["message"])
    with held.index.view() as view:
        assert view.articles([IRAQ.article_id])[IRAQ.article_id] == IRAQ


@pytest.mark.parametrize("article_id", ["", " a", "..", "a\n", "x" * 201])
def test_an_id_that_no_article_may_have_is_refused(article_id: str) -> None:
    query = {"filename": "a.txt", "article_id": article_id}
    assert client(services()).post("/v1/files", params=query, content=WORDS, headers=FILE).status_code == 422
