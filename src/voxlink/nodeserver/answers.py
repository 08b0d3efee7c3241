"""Answers: JSON, nothing, and errors that all look alike (server.md 1.1)."""

from __future__ import annotations

import logging
import time
import traceback
from http import HTTPStatus

from aiohttp import web
from msgspec import UNSET

from voxlink._version import __version__
from voxlink.errors import EngineClosed, InvalidBody, LoadFailed, MediaError, RequestRefused, UsageError, VoxlinkError
from voxlink.protocol import ErrorBody, encode

log = logging.getLogger("voxlink.nodeserver")

API_VERSION = "4"
"""The value of `Lavalink-Api-Version`, on every answer."""


class UntypedResponse(web.Response):
    """An answer without a Content-Type: an empty one, or a text that Lavalink sends bare."""


def as_json(value: object, *, status: int = 200) -> web.Response:
    """Answer with a protocol value, or a list of them."""
    return web.Response(body=encode(value), status=status, content_type="application/json")


def empty(status: int, headers: dict[str, str] | None = None) -> web.Response:
    """Answer with a status and headers alone."""
    return UntypedResponse(status=status, headers=headers)


def bare_text(status: int, text: str) -> web.Response:
    """Answer with a text that has no content type, as Lavalink's handshake refusals have none."""
    return UntypedResponse(status=status, body=text.encode())


def failure(
    request: web.Request, status: int, message: str, error: BaseException, headers: dict[str, str] | None = None
) -> web.Response:
    """Answer with the error body; `?trace` (unless it is `false`) adds where `error` came from."""
    wants_trace = "trace" in request.query and request.query["trace"].lower() != "false"
    body = ErrorBody(
        timestamp=int(time.time() * 1000),
        status=status,
        error=_phrase(status),
        trace="".join(traceback.format_exception(error)) if wants_trace else UNSET,
        message=message,
        path=request.raw_path.partition("?")[0],
    )
    response = as_json(body, status=status)
    response.headers.update(headers or {})
    return response


def verdict(error: VoxlinkError) -> tuple[int, str]:
    """Return the status and the message that an error of ours becomes: 400 for the caller's fault, 500 for others'."""
    match error:
        case RequestRefused(status=status, message=message):
            return status, message
        case EngineClosed():
            return 404, "Player not found"
        case LoadFailed(message=message) | MediaError(message=message):
            return 400, message
        case InvalidBody():
            return 400, str(error)
        case UsageError():
            return 400, str(error)
        case _:
            return 500, str(error)


async def put_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Mark every answer as the node's, the refused handshake and the WebSocket's included."""
    response.headers["Lavalink-Api-Version"] = API_VERSION
    response.headers["Voxlink-Version"] = __version__
    response.headers.pop("Server", None)
    if isinstance(response, UntypedResponse):
        response.headers.pop("Content-Type", None)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase
