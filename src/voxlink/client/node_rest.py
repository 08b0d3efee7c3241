"""A node's REST routes, under Lavalink.py's names."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import aiohttp

from voxlink.client.address import NodeAddress
from voxlink.client.common import MISSING
from voxlink.client.edge import Call
from voxlink.client.filters.base import Filter
from voxlink.client.json_text import encode_json
from voxlink.client.rest import as_query, read_answer, send
from voxlink.client.update import player_body
from voxlink.errors import BadType, ClientError, LavalinkError, RequestError
from voxlink.protocol import AudioTrack, LoadResult

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer
    from voxlink.client.client import Client

__all__ = ["NodeRest"]

STALE_SESSION = "Session not found"
"""Lavalink's words for a session that it does not know (server.md 1.6)."""


class NodeRest:
    """The requests that a node answers. Every method raises the errors of `request` unless it says otherwise."""

    client: Client
    address: NodeAddress
    password: str
    name: str
    request_tracebacks: bool
    roster: dict[int, BasePlayer]

    @property
    @abstractmethod
    def session_id(self) -> str | None:
        """The session that requests about players name."""

    @abstractmethod
    async def usable_session(self) -> str:
        """The session id, waiting a bounded time while the node connects. Raises `ClientError`."""

    @abstractmethod
    async def renew_session(self, stale: str) -> None:
        """The node does not know the session `stale` any more: get a new one. Raises `ClientError` if none came in
        time.
        """

    async def get_tracks(self, query: str) -> LoadResult:
        """What the node finds for `query`: a URL, or a search such as `ytsearch:words`."""
        return await self.request("GET", "loadtracks", params={"identifier": query}, to=LoadResult)

    async def decode_track(self, track: str) -> AudioTrack:
        """Decode one base64 text on the node."""
        return await self.request("GET", "decodetrack", params={"encodedTrack": track}, to=AudioTrack)

    async def decode_tracks(self, tracks: Sequence[str]) -> list[AudioTrack]:
        """Decode base64 texts on the node, all or none."""
        answer = await self.request("POST", "decodetracks", json=list(tracks))
        return [AudioTrack(item) for item in answer]

    async def get_routeplanner_status(self) -> dict[str, Any] | None:
        """The route planner's state; None when the node has none."""
        answer = await self.request("GET", "routeplanner/status")
        return None if answer is True else answer

    async def routeplanner_free_address(self, address: str) -> bool:
        """Free one failing address; False when the node refuses."""
        return await self._succeeds("routeplanner/free/address", json={"address": address})

    async def routeplanner_free_all_failing(self) -> bool:
        """Free all failing addresses; False when the node refuses."""
        return await self._succeeds("routeplanner/free/all")

    async def _succeeds(self, path: str, **kwargs: Any) -> bool:
        try:
            return bool(await self.request("POST", path, **kwargs))
        except RequestError:
            return False

    async def get_info(self) -> dict[str, Any]:
        """The node's version, sources, filters and plugins."""
        return await self.request("GET", "info")

    async def get_stats(self) -> dict[str, Any]:
        """The node's statistics as they are now."""
        return await self.request("GET", "stats")

    async def get_version(self) -> str:
        """The node's version as text, such as `4.2.2`."""
        return await self.request("GET", "version", to=str, versioned=False)

    async def get_rest_latency(self) -> float:
        """How long `get_version` takes, in ms; -1 when it fails for whatever reason."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            await self.get_version()
        except (LavalinkError, OSError):
            return -1
        return (loop.time() - began) * 1000

    async def get_player(self, guild_id: str | int) -> dict[str, Any]:
        """The node's player of a guild, raw. Raises `RequestError` (404) if it has none."""
        return await self.session_request("GET", f"/players/{int(guild_id)}")

    async def get_players(self) -> list[dict[str, Any]]:
        """The node's players in our session, raw."""
        return await self.session_request("GET", "/players")

    async def update_player(
        self,
        guild_id: str | int,
        encoded_track: str | None = MISSING,
        identifier: str = MISSING,
        no_replace: bool = MISSING,
        position: int = MISSING,
        end_time: int | None = MISSING,
        volume: int = MISSING,
        paused: bool = MISSING,
        filters: Sequence[Filter[Any]] | None = MISSING,
        voice_state: Mapping[str, Any] = MISSING,
        user_data: Mapping[str, Any] | None = MISSING,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """Change a player on the node; what is not given stays as it is.

        `encoded_track` None stops; it and `identifier` exclude each other. `end_time` None clears the end. `filters`
        None or empty clears them. `user_data` alone changes that of the current track. `no_replace` counts with a
        track. Further arguments are merged into the body as they are. Returns the node's player object, or None if
        there was nothing to send. Raises ValueError and TypeError for bad arguments; then nothing is sent.
        """
        body = player_body(
            encoded_track=encoded_track,
            identifier=identifier,
            position=position,
            end_time=end_time,
            volume=volume,
            paused=paused,
            filters=filters,
            voice_state=voice_state,
            user_data=user_data,
            extra=kwargs,
        )
        if not body:
            return None
        if "filters" in body:
            self._filters_sent_to(int(guild_id))
        params: dict[str, Any] = {}
        if no_replace is not MISSING and no_replace is not None:  # pyright: ignore[reportUnnecessaryComparison]
            if not isinstance(no_replace, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise BadType(f"no_replace must be True or False, not {no_replace!r}")
            params["noReplace"] = no_replace
        return await self.session_request("PATCH", f"/players/{int(guild_id)}", params=params, json=body)

    def _filters_sent_to(self, guild_id: int) -> None:
        """What the node has of a player's filters is not certain until it has answered."""
        player = self.roster.get(guild_id)
        if player is not None:
            player._sent_filters = None  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - one object model

    async def destroy_player(self, guild_id: str | int) -> bool:
        """Remove a player from the node; False when the node refuses."""
        try:
            return bool(await self.session_request("DELETE", f"/players/{int(guild_id)}"))
        except RequestError:
            return False

    async def update_session(self, resuming: bool = MISSING, timeout: int = MISSING) -> dict[str, Any] | None:
        """Say whether and for how many seconds the node keeps the session after a lost socket.

        Returns the session's configuration, None when nothing was given.
        """
        body: dict[str, Any] = {}
        if resuming is not MISSING:
            body["resuming"] = resuming
        if timeout is not MISSING:
            body["timeout"] = timeout
        if not body:
            return None
        return await self.session_request("PATCH", "", json=body)

    async def session_request(self, method: str, suffix: str, **kwargs: Any) -> Any:
        """A request below our session. A session that the node forgot is renewed once, and the request sent again."""
        session_id = await self.usable_session()
        try:
            return await self.request(method, f"sessions/{session_id}{suffix}", **kwargs)
        except RequestError as error:
            if error.status != 404 or error.message != STALE_SESSION:
                raise
        await self.renew_session(session_id)
        return await self.request(method, f"sessions/{await self.usable_session()}{suffix}", **kwargs)

    async def request(
        self, method: str, path: str, *, to: Any = None, trace: bool = False, versioned: bool = True, **kwargs: Any
    ) -> Any:
        """Send a request to the node, for instance to a plugin's route.

        `path` is below `v4/` unless `versioned` is False. `json`, `params` and `headers` are understood; `timeout`
        (seconds, or aiohttp's `ClientTimeout`) and `retries` limit this one request; the rest goes to aiohttp.
        `to=str` returns the text, `to=Class` what `Class.from_dict` makes of the JSON; without it the JSON itself, or
        True when there is none. `trace` asks the node for its stack trace on errors.

        Raises `AuthenticationError`, `RequestError`, and `ClientError` (`NodeUnreachable`, `NodeTimeout`).
        """
        if self.client.is_closed:
            raise ClientError(f"the client is closed; {self.name} cannot be asked")
        call, retries = self._call(method, path, trace, versioned, kwargs)
        answer = await send(self.client.edge, call, retries)
        return read_answer(answer, call, node=self, to=to)

    def _call(self, method: str, path: str, trace: bool, versioned: bool, kwargs: dict[str, Any]) -> tuple[Call, int]:
        options = self.client.rest_options
        params = as_query(kwargs.pop("params", None) or {})
        if trace or self.request_tracebacks:
            params["trace"] = "true"
        headers: dict[str, str] = {"Authorization": self.password, **(kwargs.pop("headers", None) or {})}
        body: bytes | None = None
        if "json" in kwargs:
            headers["Content-Type"] = "application/json"
            body = encode_json(kwargs.pop("json"))
        timeout_s = _seconds(kwargs.pop("timeout", None), options.timeout_s)
        retries = kwargs.pop("retries", options.retries)
        route = f"/v4/{path.lstrip('/')}" if versioned else f"/{path.lstrip('/')}"
        url = self.address.http_url(route)
        return Call(method.upper(), url, headers, params, body, timeout_s, kwargs), retries


def _seconds(given: Any, usual: float) -> float:
    if isinstance(given, aiohttp.ClientTimeout):
        return given.total or usual
    return usual if given is None else float(given)
