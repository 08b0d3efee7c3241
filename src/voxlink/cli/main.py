"""The command line's front: one parser, one function for each command, one line for each error of ours."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from voxlink._version import __version__
from voxlink.cli.commands import Commands
from voxlink.cli.doctor import add_doctor
from voxlink.cli.lavalink_files import add_config, add_download, add_info
from voxlink.cli.migrate_check import add_migrate_check
from voxlink.cli.node import add_node
from voxlink.cli.play import add_play
from voxlink.cli.tracks import add_decode, add_encode
from voxlink.errors import VoxlinkError

EXIT_ERROR = 1
EXIT_INTERRUPTED = 130


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; each command's function stands in `args.command`."""
    parser = argparse.ArgumentParser(prog="voxlink", description="Sound for Discord bots.")
    parser.add_argument("-v", "--version", action="version", version=f"voxlink {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add_command in COMMANDS:
        add_command(commands)
    return parser


COMMANDS: tuple[Callable[[Commands], None], ...] = (
    add_play, add_node, add_doctor, add_decode, add_encode, add_migrate_check, add_download,
    add_config, add_info,
)  # fmt: skip
"""One function for each command: it adds its parser and sets `command`. In the order of the help text."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; errors of ours become one line on stderr."""
    args = build_parser().parse_args(argv)
    try:
        return int(args.command(args))
    except VoxlinkError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        print("stopped by Ctrl-C", file=sys.stderr)
        return EXIT_INTERRUPTED
