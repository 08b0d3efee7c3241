"""One REST request to a node: headers, retries, and what each kind of answer becomes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from voxlink.client.edge import Answer, Call, Edge
from voxlink.client.json_text import decode_json
from voxlink.client.redact import redacted
from voxlink.errors import AuthenticationError, ClientError, NodeTimeout, NodeUnreachable, RequestError

__all__ = ["RestOptions", "as_query", "read_answer", "send"]

log = logging.getLogger("voxlink.client.rest")

RETRIED_STATUSES = frozenset({502, 503, 504})
REPEATABLE = frozenset({"GET", "HEAD", "PATCH", "DELETE", "OPTIONS"})
"""Methods that a node may see twice: a Lavalink PATCH states what shall be, so doing it again changes nothing."""
RETRY_DELAY_S = 0.25
MAX_QUOTED_BODY = 300


@dataclass(frozen=True, slots=True)
class RestOptions:
    """Limits of a request: `timeout_s` for each attempt, `retries` further attempts after a fault of transport."""

    timeout_s: float = 10.0
    retries: int = 1


async def send(edge: Edge, call: Call, retries: int) -> Answer:
    """Send `call`, again after a lost connection or a 502, 503 or 504 when its method allows that.

    A timeout is repeated for GET only: a node that works on a PATCH (a voice connection, say) must not get it twice.
    Raises `NodeTimeout` or `NodeUnreachable` of the last attempt.
    """
    attempts = 1 + (retries if call.method in REPEATABLE else 0)
    for attempt in range(1, attempts + 1):
        last = attempt == attempts
        try:
            answer = await edge.send(call)
        except NodeTimeout:
            if last or call.method != "GET":
                raise
        except NodeUnreachable:
            if last:
                raise
        else:
            if log.isEnabledFor(logging.DEBUG):
                shown = redacted(answer.body, _password(call))
                log.debug("%s %s -> %d %s", call.method, call.url, answer.status, shown)
            if last or answer.status not in RETRIED_STATUSES:
                return answer
        await asyncio.sleep(RETRY_DELAY_S * attempt)
    raise AssertionError("the loop returns or raises in its last round")


def read_answer(answer: Answer, call: Call, *, node: object, to: Any = None) -> Any:
    """What an answer means to the caller of `Node.request`.

    204 and an empty success are True; `to=str` gives the text; another class gets its `from_dict` called; otherwise
    the JSON. Raises `AuthenticationError` for 401 and for a 403 without an error body, `RequestError` for every other
    error status whatever its body is, `ClientError` for a success that is no JSON.
    """
    if not 200 <= answer.status < 300:
        raise _error(answer, call, node)
    if answer.status == 204 or (not answer.body and to is not str):
        return True
    if to is str:
        return answer.body.decode("utf-8", "replace")
    try:
        value = decode_json(answer.body)
    except ValueError as error:
        kind = answer.content_type or "an unnamed type"
        raise ClientError(f"{call.method} {call.url}: expected JSON, got {kind} ({_quoted(answer, call)})") from error
    maker: Any = to
    return value if to is None else maker.from_dict(value)


def _error(answer: Answer, call: Call, node: object) -> Exception:
    body: Mapping[str, Any] | None = None
    try:
        decoded = decode_json(answer.body)
        if isinstance(decoded, dict):
            body = cast("dict[str, Any]", decoded)
    except ValueError:
        pass
    # Lavalink's own refusals have no body (server.md 1.2); a 403 with one comes from a plugin and is about the request.
    if answer.status == 401 or (answer.status == 403 and not (body and body.get("message"))):
        return AuthenticationError(
            f"{call.method} {call.url}: the node refused the password ({answer.status})",
            node=node,
            status=answer.status,
        )
    return RequestError(node, answer.status, _filled(body or {}, answer, call), call.params)


def _filled(body: Mapping[str, Any], answer: Answer, call: Call) -> dict[str, Any]:
    """An error body with what a proxy's HTML page or a bare text lacks."""
    reason = answer.reason or (HTTPStatus(answer.status).phrase if answer.status in list(HTTPStatus) else "")
    text = "" if body else _quoted(answer, call)
    given = {key: value for key, value in body.items() if value is not None}
    return {"timestamp": 0, "status": answer.status, "error": reason, "message": text, "path": _path(call.url), **given}


def _path(url: str) -> str:
    return "/" + url.partition("://")[2].partition("/")[2]


def _quoted(answer: Answer, call: Call) -> str:
    """The beginning of a body. A proxy's page for errors may show the headers that it was sent."""
    text = " ".join(redacted(answer.body, _password(call)).split())
    return text if len(text) <= MAX_QUOTED_BODY else text[:MAX_QUOTED_BODY] + "…"


def _password(call: Call) -> str:
    return call.headers.get("Authorization", "")


def as_query(params: Mapping[str, Any], text: Callable[[Any], str] = str) -> dict[str, str]:
    """Query parameters as a node reads them: booleans in lower case, everything else as text."""
    return {key: str(value).lower() if isinstance(value, bool) else text(value) for key, value in params.items()}
