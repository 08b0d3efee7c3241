"""All routes of the node in one table, in the order of Lavalink's documentation."""

from __future__ import annotations

from aiohttp import web

from voxlink.nodeserver.about import (
    free_address,
    free_all_addresses,
    get_info,
    get_route_planner,
    get_stats,
    get_version,
    hint_at_v4,
)
from voxlink.nodeserver.answers import put_headers
from voxlink.nodeserver.handshake import open_socket
from voxlink.nodeserver.inputs import MAX_BODY_BYTES
from voxlink.nodeserver.middleware import SOCKET_PATH, known_routes_only, password_first, told_as_json
from voxlink.nodeserver.players import delete_player, get_player, get_players, patch_player, patch_session
from voxlink.nodeserver.state import NODE, NodeState
from voxlink.nodeserver.tracks import decode_track, decode_tracks, load_tracks

ROUTES = (
    ("*", SOCKET_PATH, open_socket),
    ("GET", "/v4/sessions/{session}/players", get_players),
    ("GET", "/v4/sessions/{session}/players/{guild}", get_player),
    ("PATCH", "/v4/sessions/{session}/players/{guild}", patch_player),
    ("DELETE", "/v4/sessions/{session}/players/{guild}", delete_player),
    ("PATCH", "/v4/sessions/{session}", patch_session),
    ("GET", "/v4/loadtracks", load_tracks),
    ("GET", "/v4/decodetrack", decode_track),
    ("POST", "/v4/decodetracks", decode_tracks),
    ("GET", "/v4/info", get_info),
    ("GET", "/v4/stats", get_stats),
    ("GET", "/version", get_version),
    ("GET", "/v4/routeplanner/status", get_route_planner),
    ("POST", "/v4/routeplanner/free/address", free_address),
    ("POST", "/v4/routeplanner/free/all", free_all_addresses),
    ("GET", "/", hint_at_v4),
    ("GET", "/v3/websocket", hint_at_v4),
)


def build_app(node: NodeState) -> web.Application:
    """Put the routes, what surrounds them and the node's parts together."""
    app = web.Application(middlewares=[told_as_json, known_routes_only, password_first], client_max_size=MAX_BODY_BYTES)
    app[NODE] = node
    app.on_response_prepare.append(put_headers)
    for method, path, handler in ROUTES:
        if method == "GET":
            app.router.add_get(path, handler, allow_head=True)
        else:
            app.router.add_route(method, path, handler)
    return app
