"""The routes that say what the node is and how it does, and those it has for old and curious clients."""

from __future__ import annotations

import logging
import platform

from aiohttp import web

from voxlink._version import __version__
from voxlink.errors import RequestRefused
from voxlink.nodeserver.answers import as_json, empty
from voxlink.nodeserver.inputs import check_content_type, read_body
from voxlink.nodeserver.node_stats import server_stats
from voxlink.nodeserver.state import node_of
from voxlink.protocol import FreeAddress, Git, Info, Version

log = logging.getLogger("voxlink.nodeserver")

LAVALINK_VERSION = Version(semver="4.2.2", major=4, minor=2, patch=2, pre_release="")
"""The Lavalink whose API this is. Clients parse it; our own version stands in `git` and in `Voxlink-Version`."""


async def get_info(request: web.Request) -> web.Response:
    """Answer version, sources and filters. `build_time` and `commit_time` are 0: a wheel knows neither."""
    return as_json(
        Info(
            version=LAVALINK_VERSION,
            build_time=0,
            git=Git(branch="voxlink", commit=__version__, commit_time=0),
            jvm=f"{platform.python_implementation()} {platform.python_version()}",
            lavaplayer=f"voxlink {__version__}",
            source_managers=node_of(request).config.source_names(),
            filters=[],
            plugins=[],
        )
    )


async def get_stats(request: web.Request) -> web.Response:
    """Answer the node's stats; `frameStats` is null here, as in Lavalink."""
    node = node_of(request)
    return as_json(server_stats(node.sessions, node.machine, frame_stats=None))


async def get_version(request: web.Request) -> web.Response:
    """Answer Lavalink's version as a bare text."""
    return web.Response(
        body=LAVALINK_VERSION.semver.encode(), headers={"Content-Type": "text/plain;charset=ISO-8859-1"}
    )


async def get_route_planner(request: web.Request) -> web.Response:
    """Answer that there is no route planner."""
    return empty(204)


async def free_address(request: web.Request) -> web.Response:
    """Refuse, as Lavalink does without a planner; the body is checked first."""
    check_content_type(request)
    await read_body(request, FreeAddress)
    raise RequestRefused(500, "Can't access disabled route planner")


async def free_all_addresses(request: web.Request) -> web.Response:
    """Refuse, as Lavalink does without a planner."""
    raise RequestRefused(500, "Can't access disabled route planner")


async def hint_at_v4(request: web.Request) -> web.Response:
    """Tell a client of the old API, in the log, where the new one is."""
    log.warning(
        "%s asked for %s; this is a Lavalink v4 node: clients connect to /v4/websocket", request.remote, request.path
    )
    return empty(200)
