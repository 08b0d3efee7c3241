"""What every route needs at hand: configuration, engine, sessions, load."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from voxlink.nodeserver.config import NodeConfig
from voxlink.nodeserver.load import Machine
from voxlink.nodeserver.sessions import Session, Sessions
from voxlink.nodeserver.timings import Timings
from voxlink.playback import Engine


class NodeState(NamedTuple):
    """The parts of one running node."""

    config: NodeConfig
    engine: Engine
    sessions: Sessions
    machine: Machine
    timings: Timings


NODE: web.AppKey[NodeState] = web.AppKey("node", NodeState)


def node_of(request: web.Request) -> NodeState:
    """Return the node that a request came to."""
    return request.app[NODE]


def session_of(request: web.Request) -> Session:
    """Return the session that a request's path names, connected or resumable; RequestRefused (404) if none."""
    return node_of(request).sessions.find(request.match_info["session"])
