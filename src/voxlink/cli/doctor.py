"""`voxlink doctor`: what works here and what does not, in one table."""

from __future__ import annotations

import argparse
import asyncio
import sys

from voxlink._util.secret import Secret
from voxlink.cli import health
from voxlink.cli.commands import Commands
from voxlink.cli.health import Finding
from voxlink.errors import BadValue

MARKS = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "problem": "[red]problem[/]"}


def add_doctor(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "doctor",
        help="check this machine and, if you like, a node",
        description="Check versions and codecs, send packets through a simulated voice server on this machine, and "
        "with --node ask a node whether it is there. The exit status is 0 if there is no problem.",
    )
    parser.add_argument("--node", metavar="URL", help="a Lavalink node to ask, like http://127.0.0.1:2333")
    password = parser.add_mutually_exclusive_group()
    password.add_argument("--password", metavar="P", help="its password (others on this machine can see options)")
    password.add_argument("--password-stdin", action="store_true", help="read its password from standard input")
    parser.set_defaults(command=examine)


def examine(args: argparse.Namespace) -> int:
    """Make all checks, print the table, and return 1 if there is a problem."""
    url = None if args.node is None else node_url(args.node)
    password = sys.stdin.readline().rstrip("\r\n") if args.password_stdin else args.password or ""
    findings = [*health.versions(), *health.codecs(), *asyncio.run(health.loopback())]
    if url is not None:
        findings += asyncio.run(health.node(url, Secret(password)))
    show(findings)
    return int(any(finding.state == "problem" for finding in findings))


def node_url(text: str) -> str:
    """Return the node's address with its scheme; raise BadValue for what cannot be one."""
    url = text if "://" in text else f"http://{text}"
    scheme, _, rest = url.partition("://")
    if scheme not in {"http", "https"} or not rest.strip("/"):
        raise BadValue(f"--node: {text!r} is no address like http://127.0.0.1:2333")
    return f"{scheme}://{rest.rstrip('/')}"


def show(findings: list[Finding]) -> None:
    """Print the table on stdout."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_header=False)
    for finding in findings:
        table.add_row(escape(finding.what), MARKS[finding.state], escape(finding.details))
    Console().print(table)
