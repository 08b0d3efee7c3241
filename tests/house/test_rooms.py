"""The house stands: rooms import downwards only, third-party code has a home, names have one home."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "voxlink"

GROUND = {"errors", "_util", "_version"}
EVERY_ROOM = {
    *GROUND, "protocol", "audio", "voice", "playback", "client", "nodeserver", "integrations",
}  # fmt: skip
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "_version": set(),
    "_util": {"errors"},
    "protocol": {"errors", "_util"},
    "audio": {"errors", "_util"},
    "voice": {"errors", "_util"},
    "playback": {"errors", "_util", "protocol", "audio", "voice"},
    "client": {"errors", "_util", "protocol", "_version"},
    "nodeserver": {"errors", "_util", "protocol", "playback", "_version"},
    "integrations": {"errors", "_util", "protocol", "client", "playback"},
    "testing": EVERY_ROOM,
    "cli": EVERY_ROOM | {"testing"},
}
"""style.md, "The house": which rooms a room may import."""

CRYPTO = {"cryptography", "davey"}
CODEC = {"av", "numpy"}
BOT_LIBRARIES = {"hikari", "discord", "disnake", "nextcord"}
OURS_TO_USE = {"msgspec", "aiohttp", "rich", "yaml", "prometheus_client", "pytest", "redis", "yt_dlp"}
MAY_IMPORT_FROM_OUTSIDE: dict[str, set[str]] = {
    "errors": set(),
    "_version": set(),
    "_util": {"msgspec"},
    "protocol": {"msgspec"},
    "audio": {"msgspec", *CODEC},
    "voice": {"msgspec", *CRYPTO},
    "playback": {"msgspec"},
    "client": {"msgspec", "aiohttp"},
    "nodeserver": {"msgspec", "aiohttp", "yaml", "prometheus_client"},
    "integrations": {"msgspec"},
    "testing": OURS_TO_USE | CRYPTO | CODEC,
    "cli": {"msgspec", "rich", "aiohttp"},
}
"""style.md, "The house": which third-party packages a room may import."""

OUTSIDE_BY_FILE: dict[str, set[str]] = {
    "voice/link.py": {"aiohttp"},
    "playback/sources/http.py": {"aiohttp", "yarl"},
    "playback/sources/ytdlp.py": {"yt_dlp"},
    "client/stores/redis.py": {"redis"},
    "integrations/hikari/component.py": {"hikari"},
    "integrations/hikari/connection.py": {"hikari"},
    "integrations/hikari/join.py": {"hikari"},
    "integrations/discordpy.py": {"discord"},
    "integrations/disnake.py": {"disnake"},
    "integrations/nextcord.py": {"nextcord"},
    "integrations/pycord.py": {"discord"},
}
"""Single files that are the one home of a package in their room."""


def source_files() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py") if "__pycache__" not in path.parts)


def imported_modules(path: Path) -> Iterator[str]:
    """Absolute names of the modules that a file imports anywhere in it, type-checking blocks included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            if node.module == "voxlink":
                yield from (f"voxlink.{alias.name}" for alias in node.names)
            else:
                yield node.module


def room_of(path: Path) -> str:
    first = path.relative_to(SOURCE).parts[0]
    return first.removesuffix(".py")


def files_of(room: str) -> list[Path]:
    return [path for path in source_files() if room_of(path) == room]


def test_every_folder_is_a_known_room() -> None:
    folders = {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders <= set(MAY_IMPORT)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_rooms_only_import_downwards(room: str) -> None:
    wrong = {
        f"{path.relative_to(SOURCE)} imports {module}"
        for path in files_of(room)
        for module in imported_modules(path)
        if module.split(".")[0] == "voxlink" and [*module.split("."), "__init__"][1] not in MAY_IMPORT[room] | {room}
    }
    assert not wrong


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_third_party_code_has_a_home(room: str) -> None:
    wrong: set[str] = set()
    for path in files_of(room):
        relative = path.relative_to(SOURCE).as_posix()
        allowed = MAY_IMPORT_FROM_OUTSIDE[room] | OUTSIDE_BY_FILE.get(relative, set())
        for module in imported_modules(path):
            top = module.split(".")[0]
            if top != "voxlink" and top not in sys.stdlib_module_names and top not in allowed:
                wrong.add(f"{relative} imports {top}")
    assert not wrong


HEAVY = [
    "av",
    "numpy",
    "davey",
    "cryptography",
    "yaml",
    "prometheus_client",
    "yt_dlp",
    *sorted(BOT_LIBRARIES),
]


def test_import_voxlink_loads_nothing_heavy() -> None:
    code = f"import sys, voxlink\nfrom voxlink import *\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_each_source_file_has_its_test_file() -> None:
    missing = [
        path.relative_to(SOURCE).as_posix()
        for path in source_files()
        if path.name not in {"__init__.py", "__main__.py", "_version.py"}
        and not is_reexport(path)
        and not (ROOT / "tests" / path.relative_to(SOURCE).parent / f"test_{path.stem.lstrip('_')}.py").exists()
    ]
    assert not missing


def is_reexport(path: Path) -> bool:
    """A one-line re-export file of a Lavalink.py path, beside the rooms."""
    return path.parent == SOURCE and path.stem not in {*MAY_IMPORT, "__init__", "__main__"}


def reexports() -> list[Path]:
    return [path for path in source_files() if is_reexport(path)]


@pytest.mark.parametrize("path", reexports(), ids=lambda path: path.stem)
def test_lavalink_paths_are_short_reexports(path: Path) -> None:
    """Each is a docstring, imports of ours and an `__all__`; nothing is defined there."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 20
    body = ast.parse(text).body
    assert ast.get_docstring(ast.parse(text))
    for node in body[1:]:
        assert isinstance(node, ast.ImportFrom | ast.Assign), ast.dump(node)
        if isinstance(node, ast.ImportFrom):
            assert node.module is not None
            assert node.module.split(".")[0] == "voxlink"
            assert node.module.split(".")[1] in {"client", "protocol", "errors", "integrations"}
    module = importlib.import_module(f"voxlink.{path.stem}")
    for name in module.__all__:
        assert getattr(module, name) is not None


PUBLIC_ROOMS = ["errors", "protocol", "audio", "voice", "playback", "client", "nodeserver", "testing"]


def test_every_public_name_is_exported_once_and_documented() -> None:
    homes: dict[str, str] = {}
    for room in PUBLIC_ROOMS:
        module = importlib.import_module(f"voxlink.{room}")
        for name in getattr(module, "__all__", []):
            assert name not in homes, f"{name} is exported by {homes[name]} and {room}"
            homes[name] = room
            value = getattr(module, name)
            if isinstance(value, type) or callable(value):
                assert (getattr(value, "__doc__", None) or "").strip(), f"{room}.{name} has no docstring"


def test_the_front_door_only_reexports() -> None:
    import voxlink

    for name, home in voxlink._HOMES.items():
        assert name in voxlink.__all__
        assert name in importlib.import_module(home).__all__, f"{name} is not exported by {home}"
    for name in voxlink.__all__:
        assert getattr(voxlink, name) is not None


@pytest.mark.parametrize("path", source_files(), ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_every_file_opens_with_what_it_promises(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
