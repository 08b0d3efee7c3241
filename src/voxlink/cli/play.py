"""`voxlink play`: one song from a file or URL to a listener's ear, through a real node, client and voice server."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from voxlink.cli.commands import Commands
from voxlink.errors import BadValue


def add_play(commands: Commands) -> None:
    """Add `voxlink play` to the command line."""
    parser = commands.add_parser(
        "play",
        help="play a file or URL to a simulated listener and say how it sounded",
        description="Start an embedded node and a simulated Discord voice server, play through the real client, and "
        "report what the listener heard. The exit status is 0 only if the whole span was heard.",
    )
    parser.add_argument("what", nargs="?", metavar="FILE_OR_URL", help="left out: the bundled piece")
    parser.add_argument("--out", type=Path, metavar="WAV", help="write what the listener heard to this file")
    parser.add_argument("--start", type=seconds, default=0, metavar="S", help="begin this many seconds into the track")
    parser.add_argument("--seconds", type=seconds, metavar="N", help="play this long; a live stream needs it")
    parser.add_argument("--volume", type=percent, default=100, metavar="V", help="0 to 1000, 100 is untouched")
    parser.set_defaults(command=play)


def seconds(text: str) -> int:
    """Read seconds from the command line as milliseconds."""
    value = float(text)
    if not 0 <= value < 1_000_000:
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds from 0 on")
    return round(value * 1000)


def percent(text: str) -> int:
    """Read a volume from the command line."""
    value = int(text)
    if not 0 <= value <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1000")
    return value


def play(args: argparse.Namespace) -> int:
    """Play, print the table, and return 0 only if everything that was asked for was heard."""
    from voxlink.cli.performance import PlayRequest, perform

    request = PlayRequest(args.what, args.out, args.start, args.seconds, args.volume)
    if request.span_ms == 0:
        raise BadValue("--seconds must be more than 0")
    if request.out is not None and not request.out.absolute().parent.is_dir():
        raise BadValue(f"--out {request.out}: there is no such folder")
    logging.getLogger("voxlink").addHandler(logging.NullHandler())  # one line for each failure, and it is ours below
    report = asyncio.run(perform(request))
    show(report.rows())
    for words in report.shortcomings():
        print(f"error: {words}", file=sys.stderr)
    return 0 if report.is_whole else 1


def show(rows: list[tuple[str, str]]) -> None:
    """Print the summary table on stdout."""
    from rich.console import Console
    from rich.table import Table

    table = Table(show_header=False, title="what the listener heard", title_justify="left")
    table.add_column(style="dim")
    table.add_column()
    for label, value in rows:
        table.add_row(label, value)
    Console().print(table)
