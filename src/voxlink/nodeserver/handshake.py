"""The route `GET /v4/websocket`: the checks of a handshake in Lavalink's order, then the socket (server.md 1.4)."""

from __future__ import annotations

import logging
import re

from aiohttp import web

from voxlink.nodeserver.answers import bare_text, empty
from voxlink.nodeserver.socket import CLOSE_WITHIN_S, MAX_INCOMING_BYTES, SocketLink
from voxlink.nodeserver.state import node_of

log = logging.getLogger("voxlink.nodeserver")

_USER_ID = re.compile(r"-?[0-9]{1,19}")


async def open_socket(request: web.Request) -> web.StreamResponse:
    """Check the handshake, open or resume a session, and serve its socket until it ends."""
    node = node_of(request)
    if not node.config.password.matches(request.headers.get("Authorization", "")):
        log.warning("authorization failed for %s on %s %s", request.remote, request.method, request.path)
        return empty(401)
    user_text = request.headers.get("User-Id", "").strip()
    if not user_text.strip("0"):
        return empty(400)
    if _USER_ID.fullmatch(user_text) is None or not -(2**63) <= int(user_text) < 2**63:
        return bare_text(400, "User-Id must be a 64-bit integer.")
    user_id = int(user_text)
    claimed = node.sessions.claim(request.headers.get("Session-Id", ""), user_id)
    response = refusal(request) or web.WebSocketResponse(
        autoping=False, compress=False, timeout=CLOSE_WITHIN_S, max_msg_size=MAX_INCOMING_BYTES
    )
    response.headers["Session-Resumed"] = "false" if claimed is None else "true"
    try:
        if isinstance(response, web.Response):
            return response
        await response.prepare(request)
        session, claimed = claimed, None
    finally:
        if claimed is not None:
            node.sessions.unclaim(claimed)
    client_name = request.headers.get("Client-Name", "")
    _greet(request, client_name)
    link = SocketLink(session or node.sessions.open(user_id, client_name), node.timings, request.transport)
    await link.serve(node.sessions, response, resumed=session is not None)
    return response


def refusal(request: web.Request) -> web.Response | None:
    """Return the answer to an upgrade that the WebSocket protocol forbids, or None (server.md 1.4, 4 and 5)."""
    headers = request.headers
    if request.method != "GET":
        return empty(405, {"Allow": "GET"})
    origin = headers.get("Origin")
    if origin is not None and origin not in {f"http://{request.host}", f"https://{request.host}"}:
        return empty(403)
    if headers.get("Upgrade", "").strip().lower() != "websocket":
        return bare_text(400, 'Can "Upgrade" only to "WebSocket".')
    if "upgrade" not in {word.strip().lower() for word in headers.get("Connection", "").split(",")}:
        return bare_text(400, '"Connection" must be "upgrade".')
    if headers.get("Sec-WebSocket-Version", "").strip() not in {"13", "8", "7"}:
        return empty(426, {"Sec-WebSocket-Version": "13,8,7"})
    if "Sec-WebSocket-Key" not in headers:
        return empty(400)
    return None


def _greet(request: web.Request, client_name: str) -> None:
    if client_name:
        log.info("connection from %s (%s)", request.remote, client_name)
    else:
        log.warning("connection from %s, which does not send a Client-Name header", request.remote)
