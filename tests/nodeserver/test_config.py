"""One frozen configuration: command line over environment over file over default; mistakes are named."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from voxlink.errors import ConfigError
from voxlink.nodeserver import NodeConfig, find_config, load_config

EXAMPLE = """
server: # REST and WS server
  port: 2333
  address: 0.0.0.0
  http2:
    enabled: false
plugins:
#  name: # Name of the plugin
#    some_key: some_value
lavalink:
  plugins:
#    - dependency: "com.github.example:example-plugin:1.0.0"
  server:
    password: "youshallnotpass"
    sources:
      youtube: false
      bandcamp: true
      soundcloud: true
      twitch: true
      vimeo: true
      nico: true
      http: true
      local: false
    filters:
      volume: true
      equalizer: true
      karaoke: true
      timescale: true
      tremolo: true
      vibrato: true
      distortion: true
      rotation: true
      channelMix: true
      lowPass: true
    nonAllocatingFrameBuffer: false
    bufferDurationMs: 400
    frameBufferDurationMs: 5000
    opusEncodingQuality: 10
    resamplingQuality: LOW
    trackStuckThresholdMs: 10000
    useSeekGhosting: true
    youtubePlaylistLoadLimit: 6
    playerUpdateInterval: 5
    youtubeSearchEnabled: true
    soundcloudSearchEnabled: true
    gc-warnings: true
    timeouts:
      connectTimeoutMs: 3000
      connectionRequestTimeoutMs: 3000
      socketTimeoutMs: 3000
metrics:
  prometheus:
    enabled: false
    endpoint: /metrics
sentry:
  dsn: ""
  environment: ""
  tags:
    some_key: some_value
logging:
  file:
    path: ./logs/
  level:
    root: INFO
    lavalink: INFO
  request:
    enabled: true
    includeClientInfo: true
  logback:
    rollingpolicy:
      max-file-size: 1GB
      max-history: 30
"""
"""The keys and values of the example that Lavalink 4.2 ships."""

PASSWORD = {"lavalink.server.password": "secret"}


def config(text: str = "", *, folder: Path, environment: dict[str, str] | None = None) -> NodeConfig:
    path = folder / "application.yml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, environment or {}, PASSWORD)


def test_lavalinks_example_file_is_taken_without_a_complaint(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "application.yml"
    path.write_text(EXAMPLE, encoding="utf-8")
    with caplog.at_level(logging.INFO, "voxlink.nodeserver"):
        loaded = load_config(path, {}, {})
    assert (loaded.address, loaded.port) == ("0.0.0.0", 2333)
    assert loaded.password.reveal() == "youshallnotpass"
    assert (loaded.http, loaded.local_files) == (True, False)
    assert loaded.disabled_filters == ()
    assert [record.getMessage() for record in caplog.records] == [
        "this node has no source for: bandcamp, soundcloud, twitch, vimeo, nico"
    ]


def test_defaults_are_safe_on_a_laptop() -> None:
    loaded = load_config(None, {}, PASSWORD)
    assert (loaded.address, loaded.port, loaded.http, loaded.local_files) == ("127.0.0.1", 2333, True, False)


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "application.yml"
    path.write_text("server: {port: 1, address: file}\nlavalink.server.password: file", encoding="utf-8")
    environment = {"SERVER_PORT": "2", "SERVER_ADDRESS": "environment"}
    loaded = load_config(path, environment, {"server.port": "3"})
    assert (loaded.port, loaded.address, loaded.password.reveal()) == (3, "environment", "file")


def test_a_node_without_a_password_is_not_started(tmp_path: Path) -> None:
    path = tmp_path / "application.yml"
    path.write_text("lavalink: {server: {password: ''}}", encoding="utf-8")
    with pytest.raises(ConfigError, match="no password is set"):
        load_config(path, {"LAVALINK_SERVER_PASSWORD": ""}, {})


def test_the_password_does_not_show() -> None:
    assert "secret" not in repr(load_config(None, {}, PASSWORD))


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("server.port: many", "server.port: must be a whole number"),
        ("server.port: 70000", "server.port: must be from 0 to 65535"),
        ("server.port: 2333.5", "server.port: must be a whole number"),
        ("lavalink.server.sources.local: maybe", "lavalink.server.sources.local: must be true or false"),
        ("lavalink.server.sources.youtube: 7", "lavalink.server.sources.youtube: must be true or false"),
        ("lavalink.server.filters.karaoke: 7", "lavalink.server.filters.karaoke: must be true or false"),
        ("lavalink.server.playerUpdateInterval: soon", "playerUpdateInterval: must be a number of seconds"),
        ("lavalink.server.playerUpdateInterval: 0", "playerUpdateInterval: must be from 0.1 to 86400 seconds"),
        ("lavalink.server.playerUpdateInterval: nan", "playerUpdateInterval: must be from 0.1 to 86400 seconds"),
        ("lavalink.server.timeouts.connectTimeoutMs: 0", "connectTimeoutMs: must be 1 or more"),
        ("lavalink.server.opusEncodingQuality: high", "opusEncodingQuality: must be a whole number"),
        ("server.port: ${PORT}", "server.port: ${PORT} is not set anywhere"),
    ],
)
def test_a_bad_value_is_refused_with_file_and_key(tmp_path: Path, line: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as refused:
        config(line, folder=tmp_path)
    assert str(refused.value).startswith(f"{tmp_path / 'application.yml'}: ")
    assert str(refused.value).endswith(complaint)


def test_a_bad_environment_variable_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="environment: SERVER_PORT: must be a whole number"):
        config(folder=tmp_path, environment={"SERVER_PORT": "x"})


def test_numbers_out_of_range_that_lavalink_replaces_are_replaced_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    loaded = config("lavalink.server: {trackStuckThresholdMs: 99, opusEncodingQuality: 11}", folder=tmp_path)
    assert (loaded.track_stuck_threshold_ms, loaded.opus_quality) == (10_000, 10)
    assert "trackStuckThresholdMs: must be 100 or more; using 10000" in caplog.text
    assert "opusEncodingQuality: must be from 0 to 10; using 10" in caplog.text


def test_unknown_keys_are_reported_once_by_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config(
        "server: {prt: 1}\nspring.main.banner-mode: off",
        folder=tmp_path,
        environment={"LAVALINK_SERVER_PASWORD": "x", "SERVER_NAME": "not ours", "LAVALINK_SERVER_PASSWORD": "y"},
    )
    messages = [record.getMessage() for record in caplog.records]
    assert messages == [
        f"{tmp_path / 'application.yml'}: server.prt is not a key of this node; ignored",
        f"{tmp_path / 'application.yml'}: spring.main.banner-mode is not a key of this node; ignored",
        "environment: LAVALINK_SERVER_PASWORD is not a key of this node; ignored",
    ]


def test_keys_of_plugins_lists_and_tags_are_known(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config(
        "plugins: {lavasrc: {sources: {spotify: true}}}\n"
        "lavalink: {plugins: [{dependency: 'a:b:1', snapshot: false}]}\n"
        "lavalink.server.ratelimit: {ipBlocks: [1.0.0.0/8], excludedIps: [1.1.1.1], strategy: RotateOnBan}\n"
        "sentry.tags: {region: eu}\nlogging.level: {root: INFO, dev.lavalink: DEBUG}\n",
        folder=tmp_path,
        environment={
            "LAVALINK_PLUGINS_0_DEPENDENCY": "a:b:1",
            "LAVALINK_PLUGINS_DIR": "x",
            "LAVALINK_SERVER_RATELIMIT_SEARCH_TRIGGERS_FAIK": "true",
            "LAVALINK_SERVER_RATELIMIT_EXCLUDE_IPS": "1.1.1.1",
        },
    )
    assert caplog.records == []


def test_disabled_filters_come_in_lavalinks_order_whatever_their_spelling(tmp_path: Path) -> None:
    loaded = config(
        "lavalink.server.filters: {lowpass: false, karaoke: false, echo: false, reverb: true}",
        folder=tmp_path,
        environment={"LAVALINK_SERVER_FILTERS_CHANNEL_MIX": "false"},
    )
    assert loaded.disabled_filters == ("karaoke", "channelMix", "lowPass", "echo")


def test_sources_are_listed_in_the_order_in_which_they_are_asked(tmp_path: Path) -> None:
    loaded = config("lavalink.server.sources: {http: true, local: true}", folder=tmp_path)
    assert loaded.source_names() == ["local", "http"]
    assert config("lavalink.server.sources.http: false", folder=tmp_path).source_names() == []


def test_the_engine_is_told_what_concerns_it(tmp_path: Path) -> None:
    engine = config(
        "lavalink.server: {sources: {local: true, http: false}, playerUpdateInterval: 0.5, opusEncodingQuality: 3,\n"
        "  trackStuckThresholdMs: 700, timeouts: {connectTimeoutMs: 1500, socketTimeoutMs: 2500}}",
        folder=tmp_path,
    ).engine()
    assert (engine.local_files, engine.http, engine.player_update_interval_s) == (True, False, 0.5)
    assert (engine.opus_complexity, engine.track_stuck_threshold_ms) == (3, 700)
    assert (engine.http_settings.connect_timeout_s, engine.http_settings.read_timeout_s) == (1.5, 2.5)


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    assert find_config(None, tmp_path) is None
    missing = find_config(str(tmp_path / "nowhere.yml"), tmp_path)
    with pytest.raises(ConfigError, match=r"nowhere\.yml: cannot be read: No such file"):
        load_config(missing, {}, PASSWORD)
    (tmp_path / "mine.yml").touch()
    assert find_config(str(tmp_path / "mine.yml"), tmp_path) == tmp_path / "mine.yml"


def test_the_null_device_is_a_file_without_settings(tmp_path: Path) -> None:
    assert load_config(find_config(os.devnull, tmp_path), {}, PASSWORD).port == 2333
