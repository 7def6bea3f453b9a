"""Keys, rate limits, other sites, the audit log: who is let in, and what is recorded of what they do."""

import json
import logging
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from http_fakes import IRAQ, FakeWriting, client, services, settings
from starlette.testclient import TestClient
from test_index import unprivileged

from index.errors import StoreUnavailable
from index.settings import Settings, SettingsError
from service.__main__ import main, refuse_to_stand_open
from service.app import create_app
from service.audit import AuditLog
from service.http_admission import scope_needed
from service.keys import Key, KeyRing, Scope, make_key, read_keys, write_keys
from service.rate_limits import network_of
from service.services import Services

QUESTION = {"question": "Que fait l’OTAN ?"}
READER, READ_KEY = make_key("reader", [Scope.READ])
WRITER, WRITE_KEY = make_key("writer", [Scope.WRITE])


def locked(tmp_path: Path, held: Services | None = None, **values: object) -> TestClient:
    lines = (READ_KEY.line(), WRITE_KEY.line())
    return client(held or services(IRAQ), keys=lines, data=tmp_path, **values)


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


# Keys


def test_of_a_key_only_its_digest_is_kept_and_no_two_are_alike() -> None:
    secret, key = make_key("desk", [Scope.READ, Scope.WRITE])
    assert secret not in key.line()
    assert len(secret) == len("sourcier_") + 43  # 256 bits in base64
    assert Key.parse(key.line()) == key
    assert make_key("desk", [Scope.READ])[0] != secret


@pytest.mark.parametrize("given", [{}, bearer(""), bearer("sourcier_wrong"), {"Authorization": READER}])
def test_without_a_known_key_nothing_of_the_articles_is_read(tmp_path: Path, given: dict[str, str]) -> None:
    http = locked(tmp_path)
    for method, path in (("POST", "/v1/ask"), ("GET", "/v1/articles"), ("GET", "/v1/nowhere"), ("GET", "/v1/models")):
        refused = http.request(method, path, json=QUESTION, headers=given)
        assert (refused.status_code, refused.json()["error"]["type"]) == (401, "unauthenticated")
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert refused.headers["x-content-type-options"] == "nosniff"


def test_a_key_may_do_what_its_scope_says_and_nothing_else(tmp_path: Path) -> None:
    http = locked(tmp_path)
    article = {"text": "Un."}
    assert http.post("/v1/ask", json=QUESTION, headers=bearer(READER)).status_code == 200
    assert http.post("/v1/search", json={"query": "OTAN"}, headers=bearer(READER)).status_code == 200
    refused = http.put("/v1/articles/a", json=article, headers=bearer(READER))
    assert (refused.status_code, refused.json()["error"]["message"]) == (
        403,
        "the key 'reader' may not write; use one that may",
    )
    assert http.put("/v1/articles/a", json=article, headers=bearer(WRITER)).status_code == 201
    assert http.get("/v1/articles/a", headers=bearer(WRITER)).status_code == 403
    assert http.delete("/v1/articles/a", headers=bearer(WRITER)).status_code == 200


def test_the_page_and_the_probes_need_no_key(tmp_path: Path) -> None:
    http = locked(tmp_path)
    for path in ("/", "/page/app.js", "/docs", "/openapi.json", "/healthz", "/readyz"):
        assert http.get(path).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "/v1/articles/x", Scope.READ), ("POST", "/v1/ask", Scope.READ), ("POST", "/v1/articles", Scope.WRITE),
        ("DELETE", "/v1/articles/x", Scope.WRITE), ("POST", "/v1/ask/", Scope.WRITE), ("BREW", "/v1/x", Scope.WRITE),
        ("GET", "/", None), ("GET", "/healthz", None),
    ],
)  # fmt: skip
def test_what_is_not_known_to_only_read_is_taken_to_write(method: str, path: str, needed: Scope | None) -> None:
    assert scope_needed(method, path) == needed


def test_a_body_is_not_read_of_who_is_not_let_in(tmp_path: Path) -> None:
    held = services(IRAQ)
    refused = locked(tmp_path, held).post("/v1/ask", content=b"{", headers={"Content-Type": "application/json"})
    assert refused.status_code == 401


def test_the_log_names_the_key_and_never_shows_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "service")
    locked(tmp_path).post("/v1/ask", json=QUESTION, headers=bearer(READER))
    (record,) = [record for record in caplog.records if record.message == "request"]
    assert record.__dict__["fields"]["key"] == "reader"
    assert READER not in caplog.text + str(record.__dict__)


def test_keys_are_added_and_removed_while_the_service_runs(tmp_path: Path) -> None:
    file = tmp_path / "keys.txt"
    write_keys(file, [READ_KEY])
    assert file.stat().st_mode & 0o777 == 0o600
    ring = KeyRing([], file)
    assert ring.find(READER) == READ_KEY
    assert ring.find(WRITER) is None
    write_keys(file, [WRITE_KEY])
    assert ring.find(READER) is None
    assert ring.find(WRITER) == WRITE_KEY


def test_a_keys_file_is_its_owners_alone_from_the_first_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []

    def noted(path: Path, target: Path) -> Path:
        modes.append(path.stat().st_mode & 0o777)
        return replace(path, target)

    replace = Path.replace
    monkeypatch.setattr(Path, "replace", noted)
    (tmp_path / "keys.txt").touch(0o644)
    write_keys(tmp_path / "keys.txt", [READ_KEY])
    assert [*modes, (tmp_path / "keys.txt").stat().st_mode & 0o777] == [0o600, 0o600]


def test_a_keys_file_that_disappears_or_breaks_opens_nothing(tmp_path: Path) -> None:
    file = tmp_path / "keys.txt"
    write_keys(file, [READ_KEY])
    ring = KeyRing([], file)
    file.unlink()
    assert ring.required
    assert ring.find(READER) is None
    write_keys(file, [READ_KEY])
    assert ring.find(READER) == READ_KEY
    broken = tmp_path / "broken"
    broken.write_text("desk:admin:1234")
    broken.replace(file)
    assert ring.find(READER) == READ_KEY  # those from before stay in force


def test_a_keys_file_that_is_there_asks_for_a_key_though_it_holds_none(tmp_path: Path) -> None:
    file = tmp_path / "keys.txt"
    running = KeyRing([], file)
    assert not running.required
    write_keys(file, [READ_KEY])
    write_keys(file, [])
    restarted = KeyRing([], file)
    assert running.required
    assert restarted.required
    assert restarted.find(READER) is None
    (tmp_path / "folder").touch()
    with pytest.raises(SettingsError, match="cannot be read"):  # nor does one that cannot be looked at open anything
        KeyRing([], tmp_path / "folder" / "keys.txt")


def test_a_first_keys_file_that_is_damaged_opens_nothing(tmp_path: Path) -> None:
    ring = KeyRing([], tmp_path / "keys.txt")
    (tmp_path / "keys.txt").write_text("desk:admin:1234")
    assert ring.required


def test_the_comments_of_the_keys_file_stay_where_they_are(tmp_path: Path) -> None:
    file = tmp_path / "keys.txt"
    file.write_text(f"# the desk\n{READ_KEY.line()}\n\n# été 2024\n  {WRITE_KEY.line()}\n", encoding="utf-8")
    _, other = make_key("other", [Scope.READ])
    write_keys(file, [WRITE_KEY, other])
    assert file.read_text(encoding="utf-8").splitlines() == [
        "# the desk", "", "# été 2024", f"  {WRITE_KEY.line()}", other.line(),
    ]  # fmt: skip
    assert read_keys(file) == [WRITE_KEY, other]


def test_a_line_that_is_no_key_stops_the_start_and_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SOURCIER_KEYS holds a line that is not NAME") as raised:
        create_app(services(), settings(keys=("sourcier_a-secret",), data=tmp_path))
    assert "a-secret" not in str(raised.value)


def test_the_command_makes_lists_and_removes_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCIER_DATA", str(tmp_path))
    assert main(["keys", "add", "desk", "--scope", "read", "--scope", "write"]) == 0
    secret = capsys.readouterr().out.strip()
    assert KeyRing([], tmp_path / "keys.txt").find(secret) == read_keys(tmp_path / "keys.txt")[0]
    assert main(["keys", "list"]) == 0
    assert capsys.readouterr().out == "desk\tread+write\n"
    assert main(["keys", "add", "desk"]) == main(["keys", "remove", "nobody"]) == main(["keys", "add", "a:b"]) == 1
    capsys.readouterr()
    assert main(["keys", "remove", "desk"]) == 0
    assert "lets nobody in" in capsys.readouterr().err
    assert read_keys(tmp_path / "keys.txt") == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to another user")
def test_keys_that_root_makes_can_be_read_by_the_user_whose_folder_it_is(tmp_path: Path) -> None:
    os.chown(tmp_path, 61184, 61185)  # as systemd does
    file = tmp_path / "keys.txt"
    for _ in ("a new file", "the same again"):
        write_keys(file, [READ_KEY])
        assert (file.stat().st_uid, file.stat().st_gid, file.stat().st_mode & 0o777) == (61184, 61185, 0o600)
    os.chown(file, 61186, 61187)
    write_keys(file, [WRITE_KEY])
    assert (file.stat().st_uid, file.stat().st_gid) == (61186, 61187)


def test_keys_are_kept_where_the_file_cannot_be_given_to_its_folders_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refuse)
    write_keys(tmp_path / "keys.txt", [READ_KEY])
    assert read_keys(tmp_path / "keys.txt") == [READ_KEY]


def test_keys_that_cannot_be_kept_are_told_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    long = tmp_path / ("k" * 250)  # with what a file is called until it is whole, longer than a name may be
    monkeypatch.setenv("SOURCIER_KEYS_FILE", str(long))
    assert main(["keys", "add", "desk"]) == 1
    said = capsys.readouterr()
    assert said.err.startswith(f"error: {long} cannot be written: ")
    assert "SOURCIER_KEYS_FILE" in said.err
    assert said.out == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "sourcier.example"])
def test_nothing_listens_beyond_this_machine_without_keys_unless_told_so(tmp_path: Path, host: str) -> None:
    none, some = KeyRing([], tmp_path / "none"), KeyRing([READ_KEY], tmp_path / "none")
    with pytest.raises(SettingsError, match="keys add NAME"):
        refuse_to_stand_open(Settings(host=host), none)
    refuse_to_stand_open(Settings(host=host), some)
    refuse_to_stand_open(Settings(host=host, without_keys=True), none)
    refuse_to_stand_open(Settings(host="127.0.0.1"), none)


def test_the_document_asks_for_a_key_where_one_is_needed(tmp_path: Path) -> None:
    document = locked(tmp_path).get("/openapi.json").json()
    asking = document["paths"]["/v1/ask"]["post"]
    assert asking["security"] == [{"key": []}]
    assert {"401", "403", "429"} <= asking["responses"].keys()
    assert "security" not in document["paths"]["/healthz"]["get"]
    assert "security" not in client(services()).get("/openapi.json").json()["paths"]["/v1/ask"]["post"]


def test_the_metrics_may_be_for_those_who_have_a_key(tmp_path: Path) -> None:
    http = locked(tmp_path, metrics="key")
    assert http.get("/metrics").status_code == 401
    assert http.get("/metrics", headers=bearer(READER)).status_code == 200
    assert client(services(), metrics="key").get("/metrics").status_code == 401  # no keys: nobody has one


# Rates


def test_a_key_that_asks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    http = locked(tmp_path, rate_per_key="2/minute")
    statuses = [http.post("/v1/ask", json=QUESTION, headers=bearer(READER)).status_code for _ in range(2)]
    refused = http.post("/v1/ask", json=QUESTION, headers=bearer(READER))
    assert (*statuses, refused.status_code) == (200, 200, 429)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["error"]["type"] == "rate_limited"
    assert http.put("/v1/articles/a", json={"text": "Un."}, headers=bearer(WRITER)).status_code == 201


def test_an_address_that_asks_too_often_is_turned_away_known_or_not(tmp_path: Path) -> None:
    app = create_app(
        services(IRAQ), settings(keys=(READ_KEY.line(),), data=tmp_path, rate_per_address="2/minute", metrics="anyone")
    )
    near, far = TestClient(app, client=("192.0.2.1", 1)), TestClient(app, client=("192.0.2.2", 1))
    assert [near.post("/v1/ask", json=QUESTION).status_code for _ in range(3)] == [401, 401, 429]
    assert near.post("/v1/ask", json=QUESTION, headers=bearer(READER)).status_code == 429
    assert near.get("/healthz").status_code == 200
    assert far.post("/v1/ask", json=QUESTION, headers=bearer(READER)).status_code == 200
    assert 'sourcier_shed_total{reason="rate_limited"} 2.0' in far.get("/metrics").text


def test_this_machine_is_not_limited_by_address_and_an_ipv6_network_is_one() -> None:
    assert network_of("127.0.0.1") is network_of("::1") is network_of("") is None
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2::5") == "2001:db8:1:2::/64"
    assert network_of("192.0.2.7") == network_of("::ffff:192.0.2.7") == "192.0.2.7"
    assert network_of("::ffff:127.0.0.1") is None


@pytest.mark.parametrize("rate", ["0/minute", "many", "10/fortnight", "-1/day", ""])
def test_a_rate_that_is_none_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="rate_per_key"):
        Settings(rate_per_key=rate)


# Other sites


def test_a_site_that_is_named_may_call_and_read_errors_too(tmp_path: Path) -> None:
    http = locked(tmp_path, cors_origins=("https://desk.example",))
    asked = {"Origin": "https://desk.example", "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "authorization,content-type"}  # fmt: skip
    preflight = http.options("/v1/ask", headers=asked)
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, "https://desk.example")
    refused = http.post("/v1/ask", json=QUESTION, headers={"Origin": "https://desk.example"})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "https://desk.example")
    other = http.post("/v1/ask", json=QUESTION, headers={"Origin": "https://evil.example"} | bearer(READER))
    assert "access-control-allow-origin" not in other.headers
    assert "access-control-allow-credentials" not in preflight.headers


def test_a_site_that_is_named_may_use_openais_library_and_no_other_site_may(tmp_path: Path) -> None:
    http = locked(tmp_path, cors_origins=("https://desk.example",))
    sent = "authorization,content-type,x-stainless-lang,x-stainless-retry-count,x-stainless-helper-method"
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": sent}
    ours = http.options("/v1/chat/completions", headers=asked | {"Origin": "https://desk.example"})
    assert (ours.status_code, ours.headers["access-control-allow-headers"]) == (200, sent)
    assert http.options("/v1/chat/completions", headers=asked | {"Origin": "https://evil.example"}).status_code == 400


# The audit log


def test_every_write_is_recorded_with_who_what_when_and_outcome_and_no_text(tmp_path: Path) -> None:
    http = locked(tmp_path)
    as_writer = bearer(WRITER) | {"X-Request-ID": "abc"}
    http.put("/v1/articles/a", json={"text": "Un secret."}, headers=as_writer)
    lines = b'{"article_id": "b", "text": "Deux secrets."}\n{"article_id": "c", "text": "Trois secrets."}'
    http.post("/v1/articles", content=lines, headers=as_writer | {"Content-Type": "application/x-ndjson"})
    http.delete("/v1/articles/a", headers=as_writer)
    http.delete("/v1/articles/absent", headers=as_writer)
    http.post("/v1/ask", json=QUESTION, headers=bearer(READER))
    entries = audit(tmp_path)
    assert [(entry["action"], entry["article_id"], entry["outcome"]) for entry in entries] == [
        ("put", "a", "added"), ("put", "b", "added"), ("put", "c", "added"), ("remove", "a", "removed"),
        ("remove", "absent", "absent"),
    ]  # fmt: skip
    assert {(entry["key"], entry["address"], entry["request_id"]) for entry in entries} == {
        ("writer", "testclient", "abc")
    }
    assert "secret" not in (tmp_path / "audit.jsonl").read_text()
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_write_that_fails_is_recorded_too(tmp_path: Path) -> None:
    held = services()
    held.index.failure = StoreUnavailable("another process is writing")  # type: ignore[attr-defined]  # the fake's own
    locked(tmp_path, held).put("/v1/articles/a", json={"text": "Un."}, headers=bearer(WRITER))
    assert [(entry["article_id"], entry["outcome"]) for entry in audit(tmp_path)] == [("a", "StoreUnavailable")]


def test_without_keys_there_is_no_audit_log_unless_one_is_named(tmp_path: Path) -> None:
    client(services(), data=tmp_path).put("/v1/articles/a", json={"text": "Un."})
    assert not (tmp_path / "audit.jsonl").exists()
    client(services(), audit_log=tmp_path / "audit.jsonl").put("/v1/articles/a", json={"text": "Un."})
    assert [entry["key"] for entry in audit(tmp_path)] == [None]


def test_what_is_written_once_there_is_a_key_is_recorded_without_a_restart(tmp_path: Path) -> None:
    http = client(services(), data=tmp_path)
    http.put("/v1/articles/before", json={"text": "Un."})
    write_keys(tmp_path / "keys.txt", [WRITE_KEY])
    http.put("/v1/articles/after", json={"text": "Deux."}, headers=bearer(WRITER))
    assert [(entry["key"], entry["article_id"]) for entry in audit(tmp_path)] == [("writer", "after")]


def test_an_entry_that_broke_off_takes_no_other_along(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit.jsonl", wanted=lambda: True)
    log.record("put", [("a", "added")])
    whole = (tmp_path / "audit.jsonl").read_bytes()
    (tmp_path / "audit.jsonl").write_bytes(whole + whole[:20])  # the disk was full, or the process killed
    log.record("remove", [("b", "removed"), ("c", "absent")])
    log.record("put", [("d", "added")])
    first, broken, *rest = (tmp_path / "audit.jsonl").read_bytes().splitlines()
    assert broken == whole[:20]
    assert [json.loads(line)["article_id"] for line in (first, *rest)] == ["a", "b", "c", "d"]


def test_a_log_that_may_only_be_appended_to_is_written() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folder is closed to other users
        path = Path(name) / "audit.jsonl"
        path.touch(0o200)
        with unprivileged(Path(name)):
            AuditLog(path, wanted=lambda: True).record("put", [("a", "added"), ("b", "unchanged")])
        path.chmod(0o600)
        assert [entry["article_id"] for entry in audit(Path(name))] == ["a", "b"]


def test_a_pause_of_rendering_ahead_is_recorded_too(tmp_path: Path) -> None:
    writing = FakeWriting()
    http = locked(tmp_path, replace(services(), writing=writing))
    http.post("/v1/renderings/pause", headers=bearer(READER))  # who may not write
    http.post("/v1/renderings/pause", headers=bearer(WRITER) | {"X-Request-ID": "abc"})
    http.get("/v1/renderings", headers=bearer(READER))
    http.post("/v1/renderings/resume", headers=bearer(WRITER))
    writing.failure = StoreUnavailable("another process is writing")
    http.post("/v1/renderings/pause", headers=bearer(WRITER))
    entries = audit(tmp_path)
    assert [(entry["action"], entry["article_id"], entry["outcome"]) for entry in entries] == [
        ("pause", None, "paused"), ("resume", None, "resumed"), ("pause", None, "StoreUnavailable"),
    ]  # fmt: skip
    assert (entries[0]["key"], entries[0]["request_id"]) == ("writer", "abc")


def audit(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
