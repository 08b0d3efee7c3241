"""`voxlink node`: run a Lavalink-compatible node in the foreground until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from voxlink._util.extras import explained
from voxlink.errors import ConfigError
from voxlink.protocol import ReadyLine

if TYPE_CHECKING:
    from voxlink.cli.commands import Commands
    from voxlink.nodeserver import NodeConfig

EXIT_INTERRUPTED = 130
STDIN = 0
MAX_PASSWORD_BYTES = 4096


def add_node(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "node",
        help="run a Lavalink-compatible node",
        description="Run a node that Lavalink clients can use. It reads application.yml in the working directory or "
        "in ./config, then environment variables (LAVALINK_SERVER_PASSWORD ...), then these options; the last one "
        "counts. One line on standard output says when and where it accepts connections.",
    )
    parser.add_argument("--config", metavar="FILE", help="read this file instead of application.yml")
    parser.add_argument("--address", metavar="A", help="listen on this address (server.address; default 127.0.0.1)")
    parser.add_argument("--port", metavar="N", help="listen on this port (server.port; default 2333; 0: a free one)")
    password = parser.add_mutually_exclusive_group()
    password.add_argument("--password", metavar="P", help="the password (others on this machine can see options)")
    password.add_argument(
        "--password-stdin", action="store_true", help="read the password from the first line of stdin"
    )
    parser.add_argument("--local", action=argparse.BooleanOptionalAction, help="play files of this machine")
    parser.add_argument("--http", action=argparse.BooleanOptionalAction, help="play http and https addresses")
    parser.add_argument("--stop-with-stdin", action="store_true", help="leave when stdin is closed")
    parser.set_defaults(command=run_node)


def run_node(args: argparse.Namespace) -> int:
    """Run the node; return 0 after SIGTERM or the end of stdin, 130 after Ctrl-C. Errors of ours are raised."""
    try:
        from voxlink import nodeserver
    except ModuleNotFoundError as error:
        raise explained(error, "voxlink node") from error
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    path = nodeserver.find_config(args.config, Path.cwd())
    config = nodeserver.load_config(path, os.environ, _options(args))
    return asyncio.run(_serve(config, stop_with_stdin=args.stop_with_stdin))


def _options(args: argparse.Namespace) -> dict[str, str]:
    """Return what the options say, by the file's keys."""
    password = _password_from_stdin() if args.password_stdin else args.password
    given = {
        "server.address": args.address,
        "server.port": args.port,
        "lavalink.server.password": password,
        "lavalink.server.sources.local": None if args.local is None else str(args.local),
        "lavalink.server.sources.http": None if args.http is None else str(args.http),
    }
    return {key: text for key, text in given.items() if text is not None}


def _password_from_stdin() -> str:
    """Read one line from stdin, byte by byte: what follows it must stay there for `--stop-with-stdin`."""
    line = bytearray()
    while (byte := os.read(STDIN, 1)) not in {b"", b"\n"}:
        line += byte
        if len(line) > MAX_PASSWORD_BYTES:
            raise ConfigError(f"stdin: the password is longer than {MAX_PASSWORD_BYTES} bytes")
    try:
        password = line.decode().rstrip("\r")
    except UnicodeDecodeError:
        raise ConfigError("stdin: the password is not UTF-8") from None
    if not password:
        raise ConfigError("stdin: the first line must be the password")
    return password


async def _serve(config: NodeConfig, *, stop_with_stdin: bool) -> int:
    """Run until a signal or the end of stdin; the exit status says which."""
    from voxlink import nodeserver, playback

    loop = asyncio.get_running_loop()
    stop: asyncio.Future[int] = loop.create_future()

    def finish(status: int) -> None:
        if not stop.done():
            stop.set_result(status)

    with _signals(loop, finish):
        if stop_with_stdin:
            threading.Thread(target=_wait_for_stdin, args=(loop, finish), name="voxlink-stdin", daemon=True).start()
        async with (
            playback.LocalEngine(config.engine()) as engine,
            nodeserver.NodeServer(config, engine) as server,
        ):
            print(ReadyLine(host=config.address, port=server.port).text(), flush=True)
            return await stop


@contextmanager
def _signals(loop: asyncio.AbstractEventLoop, finish: Callable[[int], None]) -> Generator[None]:
    """Call `finish` on Ctrl-C and SIGTERM, on every system; the second one ends the process as if we were not here."""
    statuses = {signal.SIGINT: EXIT_INTERRUPTED, signal.SIGTERM: 0}
    before = {number: signal.getsignal(number) for number in statuses}
    for number, status in statuses.items():
        try:
            loop.add_signal_handler(number, _once, loop, number, finish, status)
        except NotImplementedError:  # Windows
            signal.signal(number, partial(_from_anywhere, loop, finish, status))
    try:
        yield
    finally:
        for number, handler in before.items():
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, handler)


def _once(loop: asyncio.AbstractEventLoop, number: signal.Signals, finish: Callable[[int], None], status: int) -> None:
    loop.remove_signal_handler(number)
    finish(status)


def _from_anywhere(loop: asyncio.AbstractEventLoop, finish: Callable[[int], None], status: int, *_: object) -> None:
    """Call `finish` from a signal handler or a thread; a loop that has ended needs no call any more."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(finish, status)


def _wait_for_stdin(loop: asyncio.AbstractEventLoop, finish: Callable[[int], None]) -> None:
    """Read stdin to its end, in a thread of its own; the parent's death ends it too."""
    with suppress(OSError):
        while os.read(STDIN, 4096):
            pass
    _from_anywhere(loop, finish, 0)
