"""Running a bot's file as Python would, with the libraries pointed at the simulation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_file_is_main_finds_its_neighbours_and_the_simulations_addresses(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("NAME = 'neighbour'")
    script = tmp_path / "bot.py"
    script.write_text(
        "import sys, neighbour\nfrom hikari import urls\n"
        "print(__name__, neighbour.NAME, sys.argv[1:], urls.REST_API_URL)"
    )
    command = [
        sys.executable,
        "-m",
        "voxlink.testing.discord.launch",
        "http://127.0.0.1:1/api/v10",
        "ws://127.0.0.1:1/",
    ]
    done = subprocess.run([*command, str(script), "x"], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "__main__ neighbour ['x'] http://127.0.0.1:1/api/v10"
