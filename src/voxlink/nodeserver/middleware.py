"""What surrounds every route: which path and method, who may come in, and how a failure is told (server.md 1.1-1.3)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from voxlink.errors import RequestRefused, VoxlinkError
from voxlink.nodeserver.answers import empty, failure, verdict
from voxlink.nodeserver.inputs import ACCEPTED_TYPES
from voxlink.nodeserver.state import node_of

log = logging.getLogger("voxlink.nodeserver")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SOCKET_PATH = "/v4/websocket"
"""It checks its password itself: a wrong one is 401 there and 403 everywhere else."""


@web.middleware
async def told_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into the one error body. A bug of ours is logged with its traceback and answered with 500."""
    try:
        return await handler(request)
    except VoxlinkError as error:
        status, message = verdict(error)
        headers = {"Accept": ACCEPTED_TYPES} if status == 415 else {}
        if status == 415 and request.method == "PATCH":
            headers["Accept-Patch"] = ACCEPTED_TYPES
        if status >= 500:
            log.warning("%s %s: %s", request.method, request.path, message)
        return failure(request, status, message, error, headers)
    except web.HTTPException as error:
        return failure(request, error.status, error.text or error.reason, error)
    except Exception as error:
        log.exception("%s %s failed", request.method, request.path)
        return failure(request, 500, "The node failed at this request; its log says why.", error)


@web.middleware
async def known_routes_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer unknown paths and methods, with or without a password, as Lavalink does; and `OPTIONS`."""
    problem = request.match_info.http_exception
    path = request.raw_path.partition("?")[0]
    if isinstance(problem, web.HTTPMethodNotAllowed):
        allowed = set(problem.allowed_methods)
        if request.method == "OPTIONS":
            refused = _refused_password(request)
            allow = ",".join(sorted({*allowed, "OPTIONS"}))
            return refused or empty(200, {"Allow": allow, "Accept-Patch": ""})
        allow = ",".join(sorted(allowed - {"HEAD"}))
        refusal = RequestRefused(405, f"Method '{request.method}' is not supported.")
        return failure(request, 405, refusal.message, refusal, {"Allow": allow})
    if problem is not None:
        raise RequestRefused(404, f"No endpoint {request.method} {path}.")
    return await handler(request)


@web.middleware
async def password_first(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let nobody in without the password: 401 when there is none, 403 when it is wrong."""
    if request.path == SOCKET_PATH:
        return await handler(request)
    return _refused_password(request) or await handler(request)


def _refused_password(request: web.Request) -> web.Response | None:
    given = request.headers.get("Authorization")
    if given is not None and node_of(request).config.password.matches(given):
        return None
    wrong = "missing" if given is None else "failed"
    log.warning("authorization %s for %s on %s %s", wrong, request.remote, request.method, request.path)
    return empty(401 if given is None else 403)
