"""The example test of a music bot, run as a user would run it: by pytest, with the plugin that it finds by itself."""

from __future__ import annotations

import subprocess
import sys

from support.peers import ROOT


def test_the_example_test_passes() -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-o",
        "asyncio_mode=auto",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
    ]
    done = subprocess.run(
        [*command, str(ROOT / "examples" / "test_hikari_bot.py")],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "2 passed" in done.stdout
