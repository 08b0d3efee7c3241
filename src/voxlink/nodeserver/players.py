"""The routes of a session and its players (server.md 1.6 and 1.7)."""

from __future__ import annotations

from aiohttp import web
from msgspec import UNSET

from voxlink.errors import RequestRefused
from voxlink.nodeserver.answers import as_json, empty
from voxlink.nodeserver.change_rules import checked
from voxlink.nodeserver.inputs import check_content_type, flag, guild_id_of, read_body
from voxlink.nodeserver.state import node_of, session_of
from voxlink.protocol import Session, UpdatePlayer, UpdateSession


async def get_players(request: web.Request) -> web.Response:
    """Answer all players of a session, in the order of their creation."""
    return as_json([player.snapshot() for player in session_of(request).players])


async def get_player(request: web.Request) -> web.Response:
    """Answer one player."""
    guild_id = guild_id_of(request)
    player = session_of(request).find_player(guild_id)
    if player is None:
        raise RequestRefused(404, "Player not found")
    return as_json(player.snapshot())


async def patch_player(request: web.Request) -> web.Response:
    """Change a player, which is created if need be; a change that breaks a rule creates and changes nothing."""
    check_content_type(request)
    guild_id = guild_id_of(request)
    no_replace = flag(request, "noReplace")
    change = await read_body(request, UpdatePlayer)
    session = session_of(request)
    change = checked(change, node_of(request).config.disabled_filters)
    player = await session.player(guild_id)
    await player.apply(change, no_replace=no_replace)
    return as_json(player.snapshot())


async def delete_player(request: web.Request) -> web.Response:
    """Destroy a player; 204 also when there is none."""
    guild_id = guild_id_of(request)
    await session_of(request).destroy_player(guild_id)
    return empty(204)


async def patch_session(request: web.Request) -> web.Response:
    """Change whether, and for how many seconds, a session waits for its client."""
    check_content_type(request)
    change = await read_body(request, UpdateSession)
    session = session_of(request)
    if change.resuming is not UNSET:
        session.resuming = change.resuming
    if change.timeout is not UNSET:
        session.timeout_s = change.timeout
    return as_json(Session(resuming=session.resuming, timeout=session.timeout_s))
