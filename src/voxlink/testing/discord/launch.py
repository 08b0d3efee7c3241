"""`python -m voxlink.testing.discord.launch REST GATEWAY SCRIPT …`: run a bot's file against a simulation."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from voxlink.testing.discord.libraries import pointed_at

__all__ = ["launch"]


def launch(rest_url: str, gateway_url: str, script: str, *arguments: str) -> None:
    """Run a file as `python SCRIPT ARGUMENTS` would, with the bot libraries pointed at these addresses."""
    sys.argv[:] = [script, *arguments]
    sys.path[:0] = [str(Path(script).resolve().parent)]
    with pointed_at(rest_url, gateway_url):
        runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    launch(*sys.argv[1:])
