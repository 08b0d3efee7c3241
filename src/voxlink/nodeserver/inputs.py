"""What a request brings: its body, its guild id, its flags; each refused by name (server.md 1.1 and 1.3)."""

from __future__ import annotations

import asyncio
import re
from typing import TypeVar

from aiohttp import web

from voxlink.errors import RequestRefused
from voxlink.nodeserver.state import node_of
from voxlink.protocol import decode_body

T = TypeVar("T")

ACCEPTED_TYPES = "application/json, application/*+json"
MAX_BODY_BYTES = 16 * 1024 * 1024
LONGEST_GUILD_ID = 64
"""Characters; Java takes any number of leading zeros."""

_MEDIA_TYPE = re.compile(r"([!#$&^_.+\w-]+)/([!#$&^_.+\w-]+)", re.ASCII)
_HEXADECIMAL = re.compile(r"([+-]?)(?:0[xX]|#)([0-9a-fA-F]+)")
_DECIMAL = re.compile(r"[+-]?\d+")
_TRUE = frozenset({"true", "on", "yes", "1"})
_FALSE = frozenset({"false", "off", "no", "0"})


def check_content_type(request: web.Request) -> None:
    """Raise RequestRefused (415) unless the body is labelled as JSON; a request without a body is not judged here."""
    label = request.headers.get("Content-Type", "").strip()
    if not label and not request.can_read_body:
        return
    shown = label or "application/octet-stream"
    kind, _, parameters = shown.partition(";")
    media_type = _MEDIA_TYPE.fullmatch(kind.strip())
    if media_type is None and kind.strip() != "*/*":
        raise RequestRefused(415, "Could not parse Content-Type.")
    subtype = media_type[2].lower() if media_type is not None else ""
    if (
        media_type is not None
        and media_type[1].lower() == "application"
        and (subtype == "json" or subtype.endswith("+json"))
    ):
        return
    if label and "charset" not in parameters.lower():
        shown = f"{shown};charset=UTF-8"
    raise RequestRefused(415, f"Content-Type '{shown}' is not supported.")


async def read_body(request: web.Request, kind: type[T]) -> T:
    """Read the body as a value of this type; raise InvalidBody, or RequestRefused if it is too slow or too long."""
    limit_s = node_of(request).timings.body_within_s
    try:
        async with asyncio.timeout(limit_s):
            data = await request.read()
    except TimeoutError:
        raise RequestRefused(408, f"The body did not arrive within {limit_s:g} s.") from None
    except web.HTTPRequestEntityTooLarge:
        raise RequestRefused(413, f"The body is longer than {MAX_BODY_BYTES} bytes.") from None
    return decode_body(data, kind)


def guild_id_of(request: web.Request) -> int:
    """Return the path's guild id; RequestRefused (400) if it is none."""
    text = request.match_info["guild"]
    guild_id = parse_guild_id(text)
    if guild_id is None:
        raise RequestRefused(400, f"guildId: expected a 64-bit integer, got {text[:40]!r}")
    return guild_id


def parse_guild_id(text: str) -> int | None:
    """Read a 64-bit integer in any spelling that Java's `Long` conversion takes; None if it is none."""
    text = text.strip()
    if len(text) > LONGEST_GUILD_ID:
        return None
    if found := _HEXADECIMAL.fullmatch(text):
        value = int(f"{found[1]}{found[2]}", 16)
    elif _DECIMAL.fullmatch(text):
        value = int(text)
    else:
        return None
    return value if -(2**63) <= value < 2**63 else None


def flag(request: web.Request, name: str) -> bool:
    """Return a query flag, false if it is absent; RequestRefused (400) for a word that is neither true nor false."""
    if name not in request.query:
        return False
    word = ",".join(request.query.getall(name)).strip().lower()
    if word not in _TRUE | _FALSE:
        raise RequestRefused(400, f"{name}: expected true or false, got {word[:40]!r}")
    return word in _TRUE


def parameter(request: web.Request, name: str) -> str | None:
    """Return a query parameter; one that is given twice is joined with a comma, as in Lavalink. None if absent."""
    return ",".join(request.query.getall(name)) if name in request.query else None
