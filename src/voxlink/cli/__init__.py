"""The `voxlink` command: parse, call a room, print; answers go to stdout and talk goes to stderr."""

from voxlink.cli.main import main

__all__ = ["main"]
