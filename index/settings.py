"""The settings of a run: defaults, one TOML file, and `SOURCIER_*` variables over it. Read once and passed down."""

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from index.errors import IndexingError

PREFIX = "SOURCIER_"
CONFIG = "SOURCIER_CONFIG"  # names the TOML file
NOT_SETTINGS = frozenset({CONFIG, "SOURCIER_DATASETS"})  # variables of ours that other tools read
DEFAULT_FILE = "sourcier.toml"


class SettingsError(IndexingError):
    """A setting that is unknown, or whose value cannot be accepted."""


def repository_root() -> Path:
    """The folder of the checkout, from which all data is found, whatever the working directory."""
    return Path(__file__).resolve().parent.parent


def _from_root(path: Path) -> Path:
    """Raises `ValueError` where it names nothing but the root itself, or the home of a user who has none."""
    if path == Path():
        raise ValueError("it names nothing but the checkout itself; name a path in it, or an absolute one")
    try:
        return repository_root() / path.expanduser()
    except RuntimeError as exc:
        raise ValueError(f"{path.parts[0]} is nobody's home") from exc


def _from_root_if_any(path: Path | None) -> Path | None:
    return _from_root(path) if path else None


_Rate = Annotated[str, Field(pattern=r"^(none|[1-9][0-9]{0,8}/(second|minute|hour|day))$")]


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


class Settings(BaseModel):
    """Everything that can be set. A variable's name is the field's in capitals, after `SOURCIER_`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    host: str = Field(default="127.0.0.1", min_length=1, max_length=255, description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    allowed_hosts: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
        default=(),
        strict=False,
        description="Names that requests may give in `Host`. If none: loopback names on a loopback address, else any.",
    )
    data: Annotated[Path, AfterValidator(_from_root)] = Field(
        default_factory=lambda: repository_root() / "var" / "data",
        strict=False,
        description="Data folder; a relative one starts at the repository root.",
    )
    store: Literal["sqlite", "milvus"] = Field(
        default="sqlite", description="What keeps the index: SQLite with FAISS in the data folder, or a Milvus cluster."
    )
    milvus_uri: str | None = Field(
        default=None,
        min_length=1,
        max_length=500,
        description="Where Milvus is: http://HOST:19530, or a file whose name ends in .db for Milvus Lite.",
    )
    milvus_token: SecretStr | None = Field(
        default=None, description="Its API key, or USER:PASSWORD; better in the environment."
    )
    milvus_prefix: str = Field(
        default="sourcier",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$",
        description="What the names of the four collections of this index begin with.",
    )
    milvus_index: Literal["FLAT", "HNSW", "IVF_SQ8", "DISKANN", "AUTOINDEX"] = Field(
        default="FLAT", description="Type of the vectors' index, when the collections are made. Only FLAT is exact."
    )
    milvus_replicas: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Copies in memory, each on other query nodes, when the collections are made.",
    )
    encoder: str | None = Field(
        default=None,
        min_length=1,
        max_length=500,
        description="A sentence-transformers name or folder; the packaged one if unset.",
    )
    keep_states: bool = Field(
        default=True,
        description="Keep what the packaged encoder makes of each token, about 140 KB a passage: a question is then"
        " answered without computing it again.",
    )
    writer: Literal["auto", "extractive", "local", "openai", "transformers"] = Field(
        default="auto",
        description="What renders foreign evidence; auto: an endpoint if its URL is set, else a local model if there.",
    )
    writer_model: str | None = Field(
        default=None, min_length=1, max_length=500, description="A GGUF file, the endpoint's model, or a hub name."
    )
    writer_url: str | None = Field(
        default=None, min_length=1, max_length=500, description="Base URL of an OpenAI-compatible endpoint."
    )
    writer_api_key: SecretStr | None = Field(default=None, description="The endpoint's key; better in the environment.")
    writer_timeout_s: float = Field(default=10, gt=0, le=600, description="Longest wait for one text of an endpoint.")
    answer_deadline_s: float = Field(
        default=20, gt=0, le=600, description="When an answer quotes what is not rendered yet."
    )
    synthesis: bool = Field(
        default=False,
        description="Let the writer openai or transformers make one claim of neighbours, checked against them all.",
    )
    fetch_weights: bool = Field(default=False, description="Fetch the local writer's weights where they are missing.")
    render_ahead: bool = Field(default=True, description="Render articles while no question is asked.")
    threads: int = Field(default=2, ge=1, le=64, description="Processor threads that a model may use.")
    workers: int = Field(default=4, ge=1, le=64, description="Questions and writes that are worked on at once.")
    max_waiting: int = Field(
        default=64, ge=0, le=10_000, description="Requests that may wait for a worker; more are refused."
    )
    max_question_chars: int = Field(default=2000, ge=1, le=20_000, description="Longest question.")
    max_k: int = Field(default=50, ge=1, le=1000, description="Most passages that a question or a search may retrieve.")
    max_body_bytes: int = Field(
        default=8 * 2**20, ge=1024, le=256 * 2**20, description="Largest body, or line of a bulk body."
    )
    max_upload_bytes: int = Field(
        default=64 * 2**20, ge=1024, le=2**30, description="Largest file or archive that may be uploaded."
    )
    max_file_bytes: int = Field(
        default=64 * 2**20,
        ge=1024,
        le=2**30,
        description="Largest article file, in an archive or not; JSON lines outside one have no bound but each line's.",
    )
    max_archive_bytes: int = Field(
        default=2**30, ge=1024, le=2**40, description="Most bytes that one archive may unfold to."
    )
    body_timeout_s: float = Field(default=60, gt=0, le=3600, description="Longest silence while a body is being sent.")
    shutdown_timeout_s: int = Field(
        default=20, ge=1, le=600, description="Longest wait for requests under way at the end."
    )
    metrics: Literal["loopback", "key", "anyone"] = Field(
        default="loopback", description="Who may read `/metrics`: this machine alone, who has a key, or anyone."
    )
    traces: str | None = Field(
        default=None,
        pattern=r"^https?://",
        max_length=2000,
        description="Where OpenTelemetry traces are sent, by OTLP over HTTP: `http://127.0.0.1:4318/v1/traces`.",
    )
    keys: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
        default=(),
        strict=False,
        description="API keys as NAME:SCOPES:SHA-256, as `python -m service keys add` prints them, beside `keys_file`.",
    )
    keys_file: Annotated[Path | None, AfterValidator(_from_root_if_any)] = Field(
        default=None, strict=False, description="File of API keys, one a line; `keys.txt` in the data folder if unset."
    )
    without_keys: bool = Field(
        default=False, description="Listen beyond this machine though there are no keys: whoever comes may write."
    )
    rate_per_key: _Rate = Field(default="600/minute", description="Most requests with one key; `none` for any number.")
    rate_per_address: _Rate = Field(
        default="600/minute", description="Most requests from one address other than this machine's; `none` for any."
    )
    trusted_proxies: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
        default=("127.0.0.1", "::1"),
        strict=False,
        description="Addresses of proxies that are believed when they name a client in `X-Forwarded-For`.",
    )
    cors_origins: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
        default=(), strict=False, description="Other sites whose pages may call this service from a browser."
    )
    audit_log: Annotated[Path | None, AfterValidator(_from_root_if_any)] = Field(
        default=None,
        strict=False,
        description="File of the audit log; `audit.jsonl` in the data folder if unset, once there are keys.",
    )
    log_questions: bool = Field(default=False, description="Write questions to the log.")

    @property
    def per_key(self) -> str | None:
        return None if self.rate_per_key == "none" else self.rate_per_key

    @property
    def per_address(self) -> str | None:
        return None if self.rate_per_address == "none" else self.rate_per_address


def load_settings(environ: Mapping[str, str] = os.environ, toml: Path | None = None) -> Settings:
    """The settings of `toml` (else of the file that `SOURCIER_CONFIG` names, else of `sourcier.toml` at the root, where
    there is one), then of the environment, which wins. A variable that is empty counts as unset.

    Raises `SettingsError` naming every unknown key and every value out of bounds, and what would be right.
    """
    from_file = _read_toml(environ, toml)
    from_environ = _read_environ(environ)
    return from_file.model_copy(update={name: getattr(from_environ, name) for name in from_environ.model_fields_set})


def _read_toml(environ: Mapping[str, str], toml: Path | None) -> Settings:
    named = toml or (Path(environ[CONFIG]) if environ.get(CONFIG) else None)
    try:
        path = _from_root(named or Path(DEFAULT_FILE))
    except ValueError as exc:
        raise SettingsError(f"{CONFIG} = {str(named)!r}: {exc}") from exc
    if named is None and not path.exists():
        return Settings()
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise SettingsError(f"{path} cannot be read as TOML: {exc}; correct it, or unset {CONFIG}") from exc
    _refuse_unknown(str(path), unknown=values.keys() - Settings.model_fields.keys(), known=Settings.model_fields)
    try:
        return Settings.model_validate(values)
    except ValidationError as exc:
        raise SettingsError(f"{path}: {_problems(exc)}") from exc


def _read_environ(environ: Mapping[str, str]) -> Settings:
    ours = {
        key: value for key, value in environ.items() if key.startswith(PREFIX) and key not in NOT_SETTINGS and value
    }
    names = {_variable(field): field for field in Settings.model_fields}
    _refuse_unknown("the environment", unknown=ours.keys() - names.keys(), known=[*names, *sorted(NOT_SETTINGS)])
    try:
        return Settings.model_validate_strings({names[key]: value for key, value in ours.items()}, strict=False)
    except ValidationError as exc:
        raise SettingsError(f"the environment: {_problems(exc, name=_variable)}") from exc


def _variable(field: str) -> str:
    return PREFIX + field.upper()


def _refuse_unknown(where: str, *, unknown: Iterable[str], known: Iterable[str]) -> None:
    if named := ", ".join(sorted(unknown)):
        raise SettingsError(f"{where} sets {named}, which is unknown; known: {', '.join(known)}")


def _problems(error: ValidationError, name: Callable[[str], str] = str) -> str:
    return "; ".join(f"{name(str(e['loc'][0]))} = {e['input']!r}: {e['msg']}" for e in error.errors(include_url=False))
