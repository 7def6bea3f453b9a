"""Passages are encoded in groups, on several cores, and nothing of what is kept of them depends on that."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import torch

from index import encoder as encoder_module
from index import packaged_encoder as packaged_encoder_module
from index.cores import Cores
from index.encoder import KeepingEncoder, open_encoder
from index.errors import EncoderError
from index.packaged_encoder import FOLDER_NAME, packaged_encoder
from index.packed_layers import PackedLayer, weights_of_bert
from index.products import steady
from index.settings import Settings, repository_root
from index.token_states import TokenEncoder

TEXTS = [
    "Météo\nLa pluie tombe sur Liège.",
    "Irak\n" + "L’OTAN y compte 4000 soldats, dont 1600 d'Allemagne. " * 60,  # more than the model reads
    "",
    "Vaccins\n« Douze mille doses », dit le ministre. " * 4,
    "Snow\nIt snows in Montréal.",
    "Vaccins\n« Douze mille doses », dit le ministre. " * 4,
]

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def opened() -> Iterator[KeepingEncoder]:
    threads = torch.get_num_threads()
    encoder = open_encoder(Settings(threads=2))
    assert isinstance(encoder, KeepingEncoder)
    yield encoder
    torch.set_num_threads(threads)


@pytest.fixture
def encoder(opened: KeepingEncoder, monkeypatch: pytest.MonkeyPatch) -> KeepingEncoder:
    """What a test changes of it is as before afterwards."""
    for name in ("cores", "tokens", "_steady"):
        monkeypatch.setattr(opened, name, getattr(opened, name))
    return opened


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("group_tokens", [60, 10_000])
def test_passages_have_the_same_bytes_in_groups_as_alone(
    encoder: KeepingEncoder, monkeypatch: pytest.MonkeyPatch, threads: int, group_tokens: int
) -> None:
    if not steady():
        pytest.skip("products of this machine depend on their shape: passages are encoded one by one here")
    encoder.cores = Cores(1)
    alone = [encoder.encode_passages_and_states([text]) for text in TEXTS]
    monkeypatch.setattr(encoder_module, "GROUP_TOKENS", group_tokens)
    encoder.cores = Cores(threads)
    vectors, kept = encoder.encode_passages_and_states(TEXTS)
    assert [(vector.tobytes(), its) for vector, its in zip(vectors, kept, strict=True)] == [
        (its_vectors.tobytes(), *its_kept) for its_vectors, its_kept in alone
    ]


def test_vectors_are_the_same_with_states_and_without(encoder: KeepingEncoder) -> None:
    vectors, kept = encoder.encode_passages_and_states(TEXTS)
    assert (encoder.encode_passages(TEXTS) == vectors).all()
    assert [its.text_key for its in encoder.kept_states([encoder.passage_prefix + text for text in TEXTS])] == [
        its.text_key for its in kept
    ]


def test_no_text_gives_no_row(encoder: KeepingEncoder) -> None:
    assert encoder.encode_passages([]).shape == (0, encoder.dim)
    vectors, kept = encoder.encode_passages_and_states([])
    assert (vectors.shape, kept) == ((0, encoder.dim), [])


def test_progress_is_told_of_each_group_in_the_order_of_the_texts(encoder: KeepingEncoder) -> None:
    lengths = [len(encoder.tokens.tokenise(encoder.passage_prefix + text)[0]) for text in TEXTS]
    assert lengths[0] + lengths[1] > 512 > sum(lengths[2:])
    encoder._steady = True
    told: list[int] = []
    encoder.encode_passages_and_states(TEXTS, progress=told.append)
    assert told == [1, 1, 4]


def test_where_products_are_not_steady_each_passage_is_encoded_by_itself(encoder: KeepingEncoder) -> None:
    encoder._steady = False
    told: list[int] = []
    encoder.encode_passages(TEXTS, progress=told.append)
    assert told == [1] * len(TEXTS)


def test_what_fails_in_a_group_is_an_error_of_the_encoder(encoder: KeepingEncoder) -> None:
    class Failing(TokenEncoder):
        def states(self, texts: Sequence[Sequence[int]]) -> list[tuple[torch.Tensor, torch.Tensor]]:
            raise RuntimeError(f"no memory for {sum(map(len, texts))} tokens")

    encoder.tokens = Failing(encoder.model)
    with pytest.raises(EncoderError, match=r"multilingual-e5-small-\w+ failed on 1 texts: no memory for \d+ tokens"):
        encoder.encode_passages_and_states(["Liège"])


def test_an_encoder_that_cannot_be_made_is_told_with_the_way_out(
    opened: KeepingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(encoder_module, "packaged_encoder", refuse)
    with pytest.raises(EncoderError, match=r"Permission denied: '.*/var/models'\. Remove .*, then run `make setup`"):
        open_encoder(Settings(threads=opened.cores.count))


def test_a_damaged_folder_is_told_with_the_way_out(
    opened: KeepingEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = Path("var") / "models"
    damaged = tmp_path / models / FOLDER_NAME
    without_weights = shutil.ignore_patterns("model.safetensors")
    shutil.copytree(repository_root() / models / FOLDER_NAME, damaged, ignore=without_weights)
    (damaged / "model.safetensors").write_bytes(b"cut off")
    monkeypatch.setattr(encoder_module, "repository_root", lambda: tmp_path)
    with pytest.raises(EncoderError, match=rf"header too small\. Remove {damaged}, .* run `make setup`"):
        open_encoder(Settings(threads=opened.cores.count))


def test_the_folder_that_one_user_makes_can_be_read_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(_: object, folder: Path) -> None:
        for name in ("modules.json", "model.safetensors"):
            (folder / name).touch(0o600)

    monkeypatch.setattr(packaged_encoder_module, "_checked_file", lambda: tmp_path)
    monkeypatch.setattr(packaged_encoder_module, "_read", lambda _: None)
    monkeypatch.setattr(packaged_encoder_module, "_write", write)
    folder = packaged_encoder(tmp_path / "models")
    weights = folder / "model.safetensors"
    assert (folder.stat().st_mode & 0o777, weights.stat().st_mode & 0o777) == (0o755, 0o644)
    weights.chmod(0o600)  # as they were left before
    packaged_encoder(tmp_path / "models")
    assert weights.stat().st_mode & 0o777 == 0o644


def test_a_folder_that_may_not_be_changed_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, _: int) -> None:
        raise PermissionError(1, "Operation not permitted", str(path))

    (tmp_path / FOLDER_NAME).mkdir()
    (tmp_path / FOLDER_NAME / "modules.json").touch()
    monkeypatch.setattr(Path, "chmod", refuse)
    assert packaged_encoder(tmp_path) == tmp_path / FOLDER_NAME


def test_whoever_stops_it_does_not_wait_for_the_rest(encoder: KeepingEncoder) -> None:
    encoded: list[int] = []

    class Counting(TokenEncoder):
        def states(self, texts: Sequence[Sequence[int]]) -> list[tuple[torch.Tensor, torch.Tensor]]:
            encoded.append(len(texts))
            return super().states(texts)

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    encoder.tokens, encoder._steady = Counting(encoder.model), False
    with pytest.raises(KeyboardInterrupt):
        encoder.encode_passages(TEXTS * 20, progress=stop)
    assert len(encoded) < len(TEXTS) * 10


@pytest.mark.usefixtures("exact_products")
@pytest.mark.parametrize("plain", [True, False])
def test_a_packed_layer_does_what_the_models_own_does(
    encoder: KeepingEncoder, monkeypatch: pytest.MonkeyPatch, plain: bool
) -> None:
    monkeypatch.setattr("index.packed_layers.plain_attention", lambda: plain)
    bert = encoder.model[0].auto_model
    theirs = bert.encoder.layer[3]
    ours = PackedLayer(
        weights_of_bert(theirs),
        heads=bert.config.num_attention_heads,
        eps=bert.config.layer_norm_eps,
        dtype=torch.float32,
    )
    first, second = (torch.randn(n, encoder.dim, generator=torch.Generator().manual_seed(n)) for n in (5, 200))
    with torch.inference_mode():
        together = ours(torch.cat([first, second]), [0, 5, 205])
        apart = [theirs(each[None])[0].reshape(each.shape) for each in (first, second)]
    torch.testing.assert_close(together, torch.cat(apart), atol=1e-4, rtol=1e-4)
