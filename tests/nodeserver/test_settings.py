"""Settings are found under every spelling that Lavalink takes, and complaints name the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from voxlink.errors import ConfigError
from voxlink.nodeserver.settings import (
    Setting,
    canonical,
    find_file,
    from_environment,
    from_file,
    from_options,
    resolved,
)


def written(folder: Path, text: str) -> Path:
    path = folder / "application.yml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "spelling",
    [
        "lavalink.server.bufferDurationMs",
        "lavalink.server.buffer-duration-ms",
        "lavalink.server.buffer_duration_ms",
        "LAVALINK_SERVER_BUFFERDURATIONMS",
        "LAVALINK_SERVER_BUFFER_DURATION_MS",
    ],
)
def test_all_spellings_of_a_key_are_one_key(spelling: str) -> None:
    assert canonical(spelling) == "lavalinkserverbufferdurationms"


def test_a_list_element_has_the_name_of_its_environment_variable() -> None:
    assert canonical("lavalink.plugins[0].dependency") == canonical("LAVALINK_PLUGINS_0_DEPENDENCY")


def test_values_stay_as_they_were_written(tmp_path: Path) -> None:
    settings = from_file(
        written(
            tmp_path,
            "lavalink:\n  server:\n    password: 0123\n    sources: {local: on}\nserver.port: 2333\nwhen: 2024-01-01\n",
        )
    )
    assert settings["lavalinkserverpassword"].text == "0123"
    assert settings["lavalinkserversourceslocal"].text == "on"
    assert settings["serverport"] == Setting("server.port", "2333", str(tmp_path / "application.yml"))
    assert settings["when"].text == "2024-01-01"


def test_keys_without_a_value_are_not_set(tmp_path: Path) -> None:
    settings = from_file(written(tmp_path, "a:\nb: ~\nc: null\nd: ''\ne: {}\nf: []\n"))
    assert settings == {}


def test_merge_keys_and_later_documents_work(tmp_path: Path) -> None:
    text = "base: &base {port: 1, address: a}\nserver:\n  <<: *base\n  port: 2\n---\nserver: {port: 3}\n"
    settings = from_file(written(tmp_path, text))
    assert settings["serverport"].text == "3"
    assert settings["serveraddress"].text == "a"


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    assert from_file(written(tmp_path, "# only a comment\n")) == {}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("server:\n\tport: 1\n", "line 2: found character '\\t' that cannot start any token"),
        ("a: [1\n", "line 2"),
        ("just a text\n", "must hold keys and values"),
        ("- 1\n- 2\n", "must hold keys and values"),
        ("a: !!python/object:os.system x\n", "line 1"),
        ("a: \x07\n", "special characters are not allowed"),
    ],
)
def test_a_broken_file_is_refused_in_one_line(tmp_path: Path, text: str, complaint: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as refused:
        from_file(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "application.yml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        from_file(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        from_file(tmp_path)


def test_the_working_directory_comes_before_its_config_folder(tmp_path: Path) -> None:
    assert find_file(tmp_path) is None
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "application.yml").touch()
    assert find_file(tmp_path) == tmp_path / "config" / "application.yml"
    (tmp_path / "application.yml").touch()
    assert find_file(tmp_path) == tmp_path / "application.yml"


def test_empty_environment_variables_count_as_not_set() -> None:
    assert from_environment({"SERVER_PORT": "", "SERVER_ADDRESS": "::1"}) == {
        "serveraddress": Setting("SERVER_ADDRESS", "::1", "environment")
    }


def test_placeholders_are_filled_from_other_settings() -> None:
    settings = from_environment({"PW": "a${X:b}", "PORT": "80"})
    setting = from_options({"k": "${PORT}:${pw}:${nope:default}:${empty:}"})["k"]
    assert resolved(setting, settings).text == "80:ab:default:"


def test_a_placeholder_that_leads_nowhere_is_named() -> None:
    setting = Setting("server.port", "${PORT}", "application.yml")
    with pytest.raises(ConfigError, match=r"application\.yml: server\.port: \$\{PORT\} is not set anywhere"):
        resolved(setting, {})


def test_placeholders_that_lead_in_a_circle_end() -> None:
    settings = from_options({"a": "${b}", "b": "${a}"})
    with pytest.raises(ConfigError, match="circle"):
        resolved(settings["a"], settings)
