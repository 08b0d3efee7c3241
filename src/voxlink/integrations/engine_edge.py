"""A client's edge without a network: requests about players become calls of a playback engine, its messages a line.

So a bot that plays without a node has the client's own players, queue and events. The words are those of a node
(server.md 1); there is no server, no socket and no password.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, structs

from voxlink.client.edge import Answer, Call, LineClosed
from voxlink.errors import EngineClosed, NodeUnreachable, VoxlinkError
from voxlink.integrations.offers import Offers
from voxlink.protocol import (
    ErrorBody,
    Loaded,
    PlayerEvent,
    PlayerUpdate,
    Ready,
    Session,
    Track,
    UpdatePlayer,
    UpdateSession,
    decode_body,
    decode_wire_track,
    encode,
)

if TYPE_CHECKING:
    from voxlink.playback import Engine, PlayerHandle
    from voxlink.playback.ears import Ears
    from voxlink.playback.feed import SoundFormat
    from voxlink.playback.pulling import Pieces

__all__ = ["EngineEdge"]

SESSION_ID = "native"
VERSION = b"4.2.2"
"""The version of Lavalink's words that are spoken."""


class EngineEdge:
    """Reaches one engine as an `Edge`. Starts it when it is first needed and closes it with itself."""

    def __init__(self, engine: Engine, user_id: int) -> None:
        self._engine = engine
        self._user_id = user_id
        self._players: dict[int, PlayerHandle] = {}
        self._offers = Offers()
        self._lines: set[EngineLine] = set()
        self._starting = asyncio.Lock()
        self._is_started = False

    async def open_line(self, url: str, headers: Mapping[str, str]) -> EngineLine:
        """Start the engine if need be and open a line, which begins with `ready`. Raises `NodeUnreachable`."""
        await self._start()
        line = EngineLine()
        line.put(encode(Ready(resumed=False, session_id=SESSION_ID)))
        self._lines = {line}
        return line

    async def _start(self) -> None:
        async with self._starting:
            if not self._is_started:
                try:
                    await self._engine.start()
                except VoxlinkError as error:
                    raise NodeUnreachable(f"the voice engine did not start: {error}") from error
                self._is_started = True

    async def send(self, call: Call) -> Answer:
        """Do what a request asks for, starting the engine if need be. Refusals are answers, as a node gives them.

        Raises `NodeUnreachable` if the engine does not start.
        """
        await self._start()
        path = urlsplit(call.url).path
        try:
            async with asyncio.timeout(call.timeout_s):
                return await self._route(call.method, path.split("/")[1:], call)
        except VoxlinkError as error:
            return refused(500 if error.fault == "ours" else 400, str(error), path)
        except TimeoutError:
            return refused(504, f"the voice engine did not answer within {call.timeout_s:g} s", path)

    async def _route(self, method: str, parts: list[str], call: Call) -> Answer:
        body = call.body or b"{}"
        match method, parts:
            case "GET", ["version"]:
                return Answer(200, VERSION, "text/plain")
            case "GET", ["v4", "info"]:
                return as_json(msgspec.json.encode({"sourceManagers": ["http", "local"], "filters": [], "plugins": []}))
            case "GET", ["v4", "loadtracks"]:
                loaded: Loaded = await self._engine.load(call.params["identifier"])
                return as_json(encode(loaded))
            case "GET", ["v4", "decodetrack"]:
                return as_json(encode(decode_wire_track(call.params["encodedTrack"])))
            case "POST", ["v4", "decodetracks"]:
                return as_json(encode([decode_wire_track(text) for text in decode_body(body, list[str])]))
            case "PATCH", ["v4", "sessions", _]:
                change = decode_body(body, UpdateSession)
                return as_json(encode(Session(resuming=bool(change.resuming), timeout=0)))
            case "GET", ["v4", "sessions", _, "players"]:
                return as_json(encode([player.snapshot() for player in self._players.values()]))
            case _, ["v4", "sessions", _, "players", guild_id]:
                return await self._player_route(method, int(guild_id), call)
            case _:
                return refused(404, "Not Found", "/".join(parts))

    async def _player_route(self, method: str, guild_id: int, call: Call) -> Answer:
        if method == "DELETE":
            player = self._players.pop(guild_id, None)
            if player is not None:
                await player.destroy()
            return Answer(204, b"", "")
        if method == "PATCH":
            change = decode_body(call.body or b"{}", UpdatePlayer)
            player = await self._apply(guild_id, change, no_replace=call.params.get("noReplace") == "true")
            return as_json(encode(player.snapshot()))
        player = self._players.get(guild_id)
        if player is None:
            return refused(404, "Player not found", call.url)
        return as_json(encode(player.snapshot()))

    def offer(self, pieces: Pieces, *, sound: SoundFormat, title: str = "", author: str = "") -> Track:
        """Make a track of an iterator; a player that is told to play it is handed the iterator, once."""
        return self._offers.add(pieces, sound=sound, title=title, author=author)

    def listen(self, guild_id: int) -> Ears:
        """What the others in the guild's voice channel say. Raises `EngineClosed` without a player."""
        player = self._players.get(guild_id)
        if player is None:
            raise EngineClosed(f"there is no player in guild {guild_id}")
        return player.listen()

    async def _apply(self, guild_id: int, change: UpdatePlayer, *, no_replace: bool) -> PlayerHandle:
        player = await self._player(guild_id)
        wanted = change.track if change.track is not UNSET else None
        encoded = wanted.encoded if wanted is not None and wanted.encoded is not UNSET else None
        offer = self._offers.take(guild_id, encoded, wanted.user_data if wanted is not None else None)
        if offer is not None or self._offers.is_playing(guild_id, encoded):
            # An iterator cannot be played again, so a client that makes sure of what plays lets it go on.
            change = structs.replace(change, track=UNSET, position=UNSET, end_time=UNSET)
        await player.apply(change, no_replace=no_replace)
        if offer is None:
            return player
        info = offer.track.info
        await player.play_pieces(
            offer.pieces, sound=offer.sound, title=info.title, author=info.author, paused=change.paused is True
        )
        return player

    async def _player(self, guild_id: int) -> PlayerHandle:
        if guild_id not in self._players:
            self._players[guild_id] = await self._engine.create_player(
                guild_id=guild_id, user_id=self._user_id, on_message=self._publish
            )
        return self._players[guild_id]

    def _publish(self, message: PlayerUpdate | PlayerEvent) -> None:
        for line in self._lines:
            line.put(encode(self._offers.translated(message)))

    async def close(self) -> None:
        """Close the line and the engine, with its players and processes. May be called twice."""
        for line in self._lines:
            await line.close(1000)
        self._players.clear()
        await self._engine.close()
        self._is_started = False


class EngineLine:
    """The messages of an engine as a client's `Line`, in order."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._closed = LineClosed(None, None)

    @property
    def closed(self) -> LineClosed:
        """How it ended."""
        return self._closed

    def put(self, message: bytes) -> None:
        """Queue one message."""
        self._queue.put_nowait(message)

    async def messages(self) -> AsyncGenerator[str | bytes, None]:
        """Messages until the line is closed."""
        while (message := await self._queue.get()) is not None:
            yield message

    async def close(self, code: int) -> None:
        """Close the line; its reader ends after what is queued."""
        self._closed = LineClosed(code, None)
        self._queue.put_nowait(None)


def as_json(body: bytes) -> Answer:
    """A good answer."""
    return Answer(200, body, "application/json")


def refused(status: int, message: str, path: str) -> Answer:
    """A refusal in a node's form."""
    body = ErrorBody(
        timestamp=int(time.time() * 1000), status=status, error=HTTPStatus(status).phrase, message=message, path=path
    )
    return Answer(status, encode(body), "application/json")
