"""Settings: defaults, a TOML file, the environment over it, and everything unknown or out of bounds refused by name."""

from pathlib import Path

import pytest

from index.settings import Settings, SettingsError, load_settings, repository_root


def test_without_file_or_variable_the_service_is_bound_to_loopback() -> None:
    settings = load_settings({})
    assert (settings.host, settings.port, settings.data) == ("127.0.0.1", 8000, repository_root() / "var" / "data")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, 'port = 9000\nthreads = 3\nhost = "0.0.0.0"')
    settings = load_settings({"SOURCIER_PORT": "9001", "SOURCIER_CONFIG": str(file)})
    assert (settings.port, settings.threads, settings.host) == (9001, 3, "0.0.0.0")


def test_a_variable_set_to_the_default_still_wins_over_the_file(tmp_path: Path) -> None:
    assert load_settings({"SOURCIER_PORT": "8000"}, write(tmp_path, "port = 9000")).port == 8000


def test_an_empty_variable_counts_as_unset() -> None:
    assert load_settings({"SOURCIER_PORT": ""}).port == 8000


def test_a_relative_data_folder_starts_at_the_repository_root(tmp_path: Path) -> None:
    assert load_settings({"SOURCIER_DATA": "var/élysée"}).data == repository_root() / "var" / "élysée"
    assert load_settings({}, write(tmp_path, f'data = "{tmp_path}"')).data == tmp_path


@pytest.mark.parametrize(("name", "value"), [("data", ""), ("data", "."), ("keys_file", ""), ("audit_log", "")])
def test_a_path_that_names_nothing_is_refused(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"{name} = '{value}': .*it names nothing but the checkout itself"):
        load_settings({}, write(tmp_path, f'{name} = "{value}"'))


@pytest.mark.parametrize("variable", ["SOURCIER_DATA", "SOURCIER_KEYS_FILE", "SOURCIER_CONFIG"])
def test_the_home_of_nobody_is_refused(variable: str) -> None:
    with pytest.raises(SettingsError, match=rf"{variable} = '~nosuchuser/x': .*~nosuchuser is nobody's home"):
        load_settings({variable: "~nosuchuser/x"})


def test_lists_are_written_with_commas_in_the_environment_and_as_arrays_in_the_file(tmp_path: Path) -> None:
    assert load_settings({"SOURCIER_ALLOWED_HOSTS": "a.example, b.example"}).allowed_hosts == ("a.example", "b.example")
    assert load_settings({}, write(tmp_path, 'allowed_hosts = ["a.example"]')).allowed_hosts == ("a.example",)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("0", False), ("no", False)])
def test_booleans_are_read_from_words(text: str, value: bool) -> None:
    assert load_settings({"SOURCIER_LOG_QUESTIONS": text}).log_questions is value


def test_variables_that_other_tools_read_are_let_through() -> None:
    assert load_settings({"SOURCIER_DATASETS": "/somewhere", "HOME": "/root"}) == load_settings({})


def test_an_unknown_variable_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"SOURCIER_PROT, which is unknown; known: SOURCIER_HOST, SOURCIER_PORT"):
        load_settings({"SOURCIER_PROT": "80"})


def test_an_unknown_key_of_the_file_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"sourcier\.toml sets prot, which is unknown; known: host, port"):
        load_settings({}, write(tmp_path, "prot = 80"))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SOURCIER_PORT", "70000"),
        ("SOURCIER_PORT", "huit mille"),
        ("SOURCIER_THREADS", "0"),
        ("SOURCIER_THREADS", "65"),
        ("SOURCIER_WRITER", "parrot"),
        ("SOURCIER_LOG_QUESTIONS", "peut-être"),
        ("SOURCIER_MAX_BODY_BYTES", "1"),
        ("SOURCIER_BODY_TIMEOUT_S", "nan"),
    ],
)
def test_a_value_out_of_bounds_is_refused_and_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"{variable} = '{value}'"):
        load_settings({variable: value})


@pytest.mark.parametrize("line", ['port = "8000"', "threads = true", "log_questions = 1", "port = 8000.0", "data = 3"])
def test_the_file_is_read_strictly(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsError, match=line.split()[0]):
        load_settings({}, write(tmp_path, line))


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe", b"port = 1\nport = 2"])
def test_a_file_that_is_not_toml_is_refused_and_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sourcier.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"sourcier\.toml cannot be read as TOML"):
        load_settings({"SOURCIER_CONFIG": str(path)})


def test_a_named_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.toml cannot be read"):
        load_settings({"SOURCIER_CONFIG": str(tmp_path / "absent.toml")})


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]  # that it is refused is what is tested


def write(folder: Path, text: str) -> Path:
    path = folder / "sourcier.toml"
    path.write_text(text, encoding="utf-8")
    return path
