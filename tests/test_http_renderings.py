"""`/v1/renderings`: what is told of rendering ahead, and that it can be paused and resumed."""

from dataclasses import replace

from http_fakes import IRAQ, FakeWriting, client, services

TOLD = {"state": "ready", "total": 3, "done": 2, "failed": 1, "paused": False}


def test_how_far_the_renderings_are_is_told() -> None:
    http = client(replace(services(IRAQ), writing=FakeWriting()))
    assert http.get("/v1/renderings").json() == TOLD


def test_rendering_ahead_is_paused_and_resumed() -> None:
    http = client(replace(services(IRAQ), writing=FakeWriting()))
    assert http.post("/v1/renderings/pause").json() == TOLD | {"paused": True}
    assert http.get("/v1/renderings").json()["paused"]
    assert http.post("/v1/renderings/resume").json() == TOLD


def test_without_a_writer_nothing_is_rendered() -> None:
    told = client(services(IRAQ)).get("/v1/renderings").json()
    assert told == {"state": "none", "total": 0, "done": 0, "failed": 0, "paused": True}
