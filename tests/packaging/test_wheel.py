"""The wheel installs bare and with each extra; the command runs, and every submodule imports or says what it needs."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = ["", "node", "testing", "hikari", "ytdlp", "redis", "all"]
BRINGS_NODE = {"node", "testing", "hikari", "all"}
NODE_ROOMS = {"audio", "voice", "playback", "nodeserver", "testing", "cli", "integrations", "hikari"}
"""Rooms of which a bare install leaves files out."""
BOT_LIBRARIES = {"hikari", "discord", "disnake", "nextcord"}
"""No extra of ours installs one: an adapter's file is imported by who has its library."""
LAZY_ROOMS = {"testing", "voice"}
"""Rooms whose front door imports a file when one of its names is asked for, and explains what is missing then."""
NODE_PACKAGES = {"av", "numpy", "cryptography", "davey", "yaml", "prometheus_client"}
ALWAYS_THERE = ["voxlink.protocol", "voxlink.client", "voxlink.errors", "voxlink.cli", "voxlink.player"]

IMPORT_ALL = """
import importlib, json, pkgutil, sys
import voxlink.errors
outcome = {}
for module in pkgutil.walk_packages(voxlink.__path__, "voxlink.", onerror=lambda name: None):
    if module.name.endswith("__main__"):
        continue
    try:
        importlib.import_module(module.name)
        outcome[module.name] = "ok"
    except voxlink.errors.MissingExtra as error:
        outcome[module.name] = "needs " + error.extra
    except ModuleNotFoundError as error:
        outcome[module.name] = "lacks " + str(error.name)
for door, name in (("voxlink.testing", "VoiceServer"), ("voxlink.voice", "Transmitter")):
    try:
        getattr(importlib.import_module(door), name)
        outcome[f"{door}.{name}"] = "ok"
    except voxlink.errors.MissingExtra as error:
        outcome[f"{door}.{name}"] = "needs " + error.extra
print(json.dumps(outcome))
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("voxlink-*.whl")
    return built


def installed(wheel: Path, extra: str, folder: Path) -> Path:
    """Make an environment with the wheel and one extra in it; return its Python."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    target = f"{wheel}[{extra}]" if extra else str(wheel)
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-compile", target]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return python


@pytest.mark.parametrize("extra", EXTRAS, ids=lambda extra: extra or "bare")
def test_the_wheel_installs_and_every_submodule_imports_or_says_what_it_needs(
    wheel: Path, extra: str, tmp_path: Path
) -> None:
    import json

    python = installed(wheel, extra, tmp_path / "env")
    command = [str(python.parent / "voxlink"), "--help"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert "usage: voxlink" in shown.stdout

    answer = subprocess.run(
        [str(python), "-W", "error", "-c", IMPORT_ALL], check=True, capture_output=True, text=True, timeout=120
    )
    outcome: dict[str, str] = json.loads(answer.stdout)
    assert len(outcome) > 30
    wrong = {module: result for module, result in outcome.items() if not is_right(module, result, extra)}
    assert not wrong
    assert {outcome[module] for module in ALWAYS_THERE} == {"ok"}
    assert (outcome["voxlink.audio"] == "ok") == (extra in BRINGS_NODE)


def is_right(module: str, result: str, extra: str) -> bool:
    """Whether a module may end like this when one extra is installed: it imports, or says which extra it needs."""
    room = module.split(".")[1]
    match result.split():
        case ["ok"]:
            return True
        case ["needs", "node"]:
            return extra not in BRINGS_NODE and room in NODE_ROOMS
        case ["needs", "testing"]:
            return extra not in {"testing", "all"} and room == "testing"
        case ["needs", ("redis" | "ytdlp") as needed]:
            return extra not in {needed, "all"} and needed in module
        case ["lacks", "pytest"]:
            return module == "voxlink.testing.pytest_plugin" and extra not in {"testing", "all"}
        case ["lacks", package] if room in LAZY_ROOMS and package in NODE_PACKAGES:
            return extra not in BRINGS_NODE
        case ["lacks", library]:
            return library in BOT_LIBRARIES and (room in {"integrations", "hikari"} or library in module)
        case _:
            return False
