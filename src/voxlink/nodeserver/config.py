"""Everything the node can be told, built once at the start: command line over environment over file over default."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from voxlink._util.secret import Secret
from voxlink.errors import ConfigError
from voxlink.nodeserver.known_keys import FILTERS, SOURCES, is_known, is_ours_to_report
from voxlink.nodeserver.settings import (
    Setting,
    Settings,
    canonical,
    find_file,
    from_environment,
    from_file,
    from_options,
    resolved,
)
from voxlink.playback import EngineConfig
from voxlink.playback.sources import HttpSettings

log = logging.getLogger("voxlink.nodeserver")

AVAILABLE_SOURCES = ("local", "http")
"""What this node can play from, in the order in which it asks them (server.md 5.1)."""

_TRUE = frozenset({"true", "on", "yes", "y", "1"})
_FALSE = frozenset({"false", "off", "no", "n", "0"})
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


class NodeConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything the node can be told. Changes take effect when the node is started anew."""

    password: Secret
    """`lavalink.server.password`. There is no default: a node without a password is not started."""
    address: str = "127.0.0.1"
    """`server.address`: what to listen on; `0.0.0.0` is every network of the machine. Default: this machine only."""
    port: Annotated[int, Meta(ge=0, le=65_535)] = 2333
    """`server.port`; 0 takes a free one, and the ready line names it."""
    local_files: bool = False
    """`lavalink.server.sources.local`: may clients play files of this machine? Off by default, as in Lavalink."""
    http: bool = True
    """`lavalink.server.sources.http`: may clients play http and https addresses?"""
    disabled_filters: tuple[str, ...] = ()
    """The names that `lavalink.server.filters` sets to false, in Lavalink's order, plugin filters last."""
    player_update_interval_s: Annotated[float, Meta(gt=0)] = 5.0
    """`lavalink.server.playerUpdateInterval`, seconds; may be a fraction."""
    track_stuck_threshold_ms: Annotated[int, Meta(ge=100)] = 10_000
    """`lavalink.server.trackStuckThresholdMs`: no sound for this long is a TrackStuckEvent."""
    opus_quality: Annotated[int, Meta(ge=0, le=10)] = 10
    """`lavalink.server.opusEncodingQuality`: the encoder's complexity; 10 sounds best and costs most."""

    connect_timeout_ms: Annotated[int, Meta(gt=0)] = 5_000
    """`lavalink.server.timeouts.connectTimeoutMs`: how long a file's server may take to accept a connection."""
    socket_timeout_ms: Annotated[int, Meta(gt=0)] = 5_000
    """`lavalink.server.timeouts.socketTimeoutMs`: how long a file's server may be silent before it is asked again."""

    def engine(self) -> EngineConfig:
        """Return the part that the engine is told."""
        return EngineConfig(
            local_files=self.local_files,
            http=self.http,
            http_settings=HttpSettings(
                connect_timeout_s=self.connect_timeout_ms / 1000, read_timeout_s=self.socket_timeout_ms / 1000
            ),
            player_update_interval_s=self.player_update_interval_s,
            track_stuck_threshold_ms=self.track_stuck_threshold_ms,
            opus_complexity=self.opus_quality,
        )

    def source_names(self) -> list[str]:
        """Return the names of the sources that are on, in the order in which they are asked."""
        on = {"local": self.local_files, "http": self.http}
        return [name for name in AVAILABLE_SOURCES if on[name]]


def load_config(path: Path | None, environment: Mapping[str, str], options: Mapping[str, str]) -> NodeConfig:
    """Read the configuration.

    `path` is the file (None: there is none), `environment` the process's, `options` the command line's values by
    dotted key. Unknown keys of the file, and unknown `LAVALINK_` variables, are logged once each by name. Raises
    ConfigError, which names the place and the key, for what cannot be used, and if there is no password anywhere.
    """
    file = from_file(path) if path is not None else {}
    variables = from_environment(environment)
    reader = _Reader({**file, **variables, **from_options(options)})
    _report_unknown(file, variables)
    _report_unavailable_sources(reader)
    password = reader.text("lavalink.server.password")
    if password is None:
        raise ConfigError(
            "no password is set: put lavalink.server.password into application.yml, or set LAVALINK_SERVER_PASSWORD, "
            "or give --password-stdin"
        )
    return NodeConfig(
        password=Secret(password),
        address=reader.text("server.address") or "127.0.0.1",
        port=reader.integer("server.port", 2333, least=0, most=65_535),
        local_files=reader.boolean("lavalink.server.sources.local", False),
        http=reader.boolean("lavalink.server.sources.http", True),
        disabled_filters=reader.disabled_filters(),
        player_update_interval_s=reader.seconds("lavalink.server.playerUpdateInterval", 5.0),
        track_stuck_threshold_ms=reader.lenient_integer("lavalink.server.trackStuckThresholdMs", 10_000, least=100),
        connect_timeout_ms=reader.integer("lavalink.server.timeouts.connectTimeoutMs", 5_000, least=1),
        socket_timeout_ms=reader.integer("lavalink.server.timeouts.socketTimeoutMs", 5_000, least=1),
        opus_quality=reader.lenient_integer("lavalink.server.opusEncodingQuality", 10, least=0, most=10),
    )


def find_config(given: str | None, directory: Path) -> Path | None:
    """Return the file to read: the one that was given, else the directory's if it has one."""
    return find_file(directory) if given is None else Path(given)


class _Reader:
    """The merged settings, read as typed values; every complaint names place and key."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def find(self, name: str) -> Setting | None:
        setting = self._settings.get(canonical(name))
        return None if setting is None else resolved(setting, self._settings)

    def text(self, name: str) -> str | None:
        setting = self.find(name)
        return None if setting is None or setting.text == "" else setting.text

    def boolean(self, name: str, default: bool) -> bool:
        setting = self.find(name)
        if setting is None:
            return default
        word = setting.text.strip().lower()
        if word not in _TRUE | _FALSE:
            raise setting.complaint("must be true or false")
        return word in _TRUE

    def integer(self, name: str, default: int, *, least: int, most: int | None = None) -> int:
        setting = self.find(name)
        if setting is None:
            return default
        value = _whole_number(setting)
        if value < least or (most is not None and value > most):
            raise setting.complaint(f"must be {_range(least, most)}")
        return value

    def lenient_integer(self, name: str, default: int, *, least: int, most: int | None = None) -> int:
        """Like `integer`, but a number out of range is replaced by the default with a warning, as Lavalink does."""
        setting = self.find(name)
        if setting is None:
            return default
        value = _whole_number(setting)
        if value < least or (most is not None and value > most):
            log.warning("%s: %s: must be %s; using %d", setting.where, setting.name, _range(least, most), default)
            return default
        return value

    def seconds(self, name: str, default: float) -> float:
        setting = self.find(name)
        if setting is None:
            return default
        try:
            value = float(setting.text)
        except ValueError:
            raise setting.complaint("must be a number of seconds") from None
        if not 0.1 <= value <= 86_400:
            raise setting.complaint("must be from 0.1 to 86400 seconds")
        return value

    def disabled_filters(self) -> tuple[str, ...]:
        builtin = [name for name in FILTERS if not self.boolean(f"lavalink.server.filters.{name}", True)]
        prefix = canonical("lavalink.server.filters")
        known = {canonical(f"lavalink.server.filters.{name}") for name in FILTERS}
        others = [
            setting.name.rpartition(".")[2]
            for key, setting in self._settings.items()
            if key.startswith(prefix) and key not in known and not self.boolean(key, True)
        ]
        return (*builtin, *sorted(others))


def _whole_number(setting: Setting) -> int:
    text = setting.text.strip().replace("_", "")
    if _INTEGER.fullmatch(text) is None:
        raise setting.complaint("must be a whole number")
    return int(text)


def _range(least: int, most: int | None) -> str:
    return f"{least} or more" if most is None else f"from {least} to {most}"


def _report_unknown(file: Settings, variables: Settings) -> None:
    for setting in file.values():
        if not is_known(setting.name):
            log.warning("%s: %s is not a key of this node; ignored", setting.where, setting.name)
    for setting in variables.values():
        if is_ours_to_report(setting.name) and not is_known(setting.name):
            log.warning("environment: %s is not a key of this node; ignored", setting.name)


def _report_unavailable_sources(reader: _Reader) -> None:
    wanted = [
        name
        for name in SOURCES
        if name not in AVAILABLE_SOURCES and reader.boolean(f"lavalink.server.sources.{name}", False)
    ]
    if wanted:
        log.info("this node has no source for: %s", ", ".join(wanted))
