"""The node as a server: it listens, serves until it is closed, and leaves nothing behind."""

from __future__ import annotations

import errno
import logging
import os
import socket as sockets
from typing import Self

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from voxlink.errors import ListenFailed
from voxlink.nodeserver.config import NodeConfig
from voxlink.nodeserver.load import Machine
from voxlink.nodeserver.node_stats import stats_message
from voxlink.nodeserver.routes import build_app
from voxlink.nodeserver.sessions import Session, Sessions
from voxlink.nodeserver.state import NodeState
from voxlink.nodeserver.timings import Timings
from voxlink.playback import Engine
from voxlink.protocol import StatsMessage

log = logging.getLogger("voxlink.nodeserver")
http_log = logging.getLogger("voxlink.nodeserver.http")

MAX_LINE_BYTES = 64 * 1024
"""The longest request line: an encoded track travels in a query."""
SHUTDOWN_WITHIN_S = 5.0
"""How long running requests may take to end once the node closes."""


class NodeServer:
    """The Lavalink-compatible server over an engine. Use it as a context manager, or call `start` and `close`.

    The engine stays the caller's: `close` destroys the players of all sessions and leaves the engine open.
    """

    def __init__(self, config: NodeConfig, engine: Engine, *, timings: Timings | None = None) -> None:
        self._config = config
        self._machine = Machine()
        self._timings = timings or Timings()
        self._sessions = Sessions(engine, self._stats_of, self._timings.stats_every_s)
        self._engine = engine
        self._runner: web.AppRunner | None = None
        self._port = 0

    def __repr__(self) -> str:
        state = "listening" if self._runner is not None else "closed"
        return f"<NodeServer {self._config.address}:{self._port or self._config.port} {state}>"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def port(self) -> int:
        """The port that the node listens on; 0 before `start`."""
        return self._port

    async def start(self) -> None:
        """Listen; raise ListenFailed if the address or the port cannot be had."""
        node = NodeState(self._config, self._engine, self._sessions, self._machine, self._timings)
        runner = web.AppRunner(
            build_app(node),
            access_log=None,
            logger=http_log,
            handle_signals=False,
            shutdown_timeout=SHUTDOWN_WITHIN_S,
            max_line_size=MAX_LINE_BYTES,
            max_field_size=MAX_LINE_BYTES,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._config.address, self._config.port).start()
        except (OSError, UnicodeError, OverflowError) as error:
            await runner.cleanup()
            raise ListenFailed(self._config.address, self._config.port, _reason(error)) from None
        except BaseException:
            await runner.cleanup()
            raise
        self._runner = runner
        self._port = int(runner.addresses[0][1])

    async def close(self) -> None:
        """Close the sockets with 1001, destroy the players, end the running requests; safe to call twice."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        for site in list(runner.sites):
            await site.stop()
        await self._sessions.close()
        await runner.cleanup()

    def _stats_of(self, session: Session) -> StatsMessage:
        return stats_message(self._sessions, session, self._machine)


def _without_traceback(record: logging.LogRecord) -> bool:
    """Make one line of what a client sent that is no HTTP; the HTTP library would log a traceback of its parser."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.msg, record.args = f"{record.getMessage()}: not HTTP ({type(error).__name__})", ()
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = None
    return True


http_log.addFilter(_without_traceback)


def _reason(error: Exception) -> str:
    """Say in plain words why an address cannot be listened on."""
    if isinstance(error, sockets.gaierror):
        return "there is no such address"
    number = error.errno if isinstance(error, OSError) else None
    match number:
        case errno.EADDRINUSE:
            return "the port is in use"
        case errno.EADDRNOTAVAIL:
            return "this machine does not have that address"
        case errno.EACCES:
            return "not permitted"
        case None:
            return str(error)
        case _:
            return os.strerror(number)
