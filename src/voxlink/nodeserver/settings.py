"""Settings as texts: read from Lavalink's `application.yml`, the environment and options, found by relaxed names.

A name is matched without case, `.`, `_`, `-` and brackets, so that `bufferDurationMs`, `buffer-duration-ms` and
`LAVALINK_SERVER_BUFFER_DURATION_MS` are one key (server.md 4.2). Every value stays the text that was written, with
where it was written beside it, so that a complaint can name both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, cast

import yaml

from voxlink.errors import ConfigError

FILE_NAME = "application.yml"
SEARCHED = (FILE_NAME, f"config/{FILE_NAME}")
"""Where a file is looked for in the working directory, in this order (server.md 4.1)."""

_PLACEHOLDER = re.compile(r"\$\{([^${}:]+)(?::([^${}]*))?\}")
_PLACEHOLDER_DEPTH = 8
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
"""What YAML writes for no value."""


class Setting(NamedTuple):
    """One value as it was written. `name` is the writer's spelling of the key, `where` the file or other place."""

    name: str
    text: str
    where: str

    def complaint(self, problem: str) -> ConfigError:
        """Return the error that names the place, the key and the problem (never the value: it may be a secret)."""
        return ConfigError(f"{self.where}: {self.name}: {problem}")


Settings = dict[str, Setting]
"""Settings by their canonical name."""


def canonical(name: str) -> str:
    """Return the form of a key in which all its spellings are equal."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def find_file(directory: Path) -> Path | None:
    """Return the configuration file of a working directory, or None if it has none."""
    return next((path for name in SEARCHED if (path := directory / name).is_file()), None)


def from_file(path: Path) -> Settings:
    """Read a YAML file of one or more documents (a later one wins); raise ConfigError if it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
        documents = list(yaml.load_all(text, Loader=_TextLoader))  # a SafeLoader that leaves scalars as texts
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: {_yaml_problem(error)}") from None
    settings: Settings = {}
    for document in documents:
        if document is None or document == "":
            continue
        if not isinstance(document, dict):
            raise ConfigError(f"{path}: must hold keys and values, like `server:` with `port: 2333` below it")
        for name, value in _flatten(cast("dict[object, object]", document), ""):
            if value not in _NOTHING:
                settings[canonical(name)] = Setting(name, value, str(path))
    return settings


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read environment variables; an empty one counts as not set."""
    return {
        canonical(name): Setting(name, text, "environment") for name, text in environment.items() if text.strip() != ""
    }


def from_options(options: Mapping[str, str]) -> Settings:
    """Read what the command line gave, by dotted key."""
    return {canonical(name): Setting(name, text, "command line") for name, text in options.items()}


def resolved(setting: Setting, settings: Mapping[str, Setting]) -> Setting:
    """Replace `${NAME}` and `${NAME:default}` by other settings, as Spring does; ConfigError if one is unknown."""
    text = setting.text
    for _ in range(_PLACEHOLDER_DEPTH):
        found = _PLACEHOLDER.search(text)
        if found is None:
            return setting._replace(text=text)
        other = settings.get(canonical(found[1]))
        value = other.text if other is not None else found[2]
        if value is None:
            raise setting.complaint(f"${{{found[1]}}} is not set anywhere")
        text = text[: found.start()] + value + text[found.end() :]
    raise setting.complaint("its ${...} lead in a circle")


class _TextLoader(yaml.SafeLoader):
    """YAML whose plain scalars stay texts: a password `0123` is not 83, and `on` is still what was written."""

    yaml_implicit_resolvers = {  # noqa: RUF012 (PyYAML's own class attribute)
        first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:merge"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _flatten(value: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in cast("dict[object, object]", value).items():
            yield from _flatten(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(cast("list[object]", value)):
            yield from _flatten(inner, f"{name}[{index}]")
    else:
        yield name, "" if value is None else str(value)


def _yaml_problem(error: yaml.YAMLError) -> str:
    """Say in one line what is wrong with the YAML, and where."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem or error.context or 'not YAML'}"
    return " ".join(str(error).split()) or "not YAML"
