"""A client that plays without a node: the voice engine stands behind it directly, in a process of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from voxlink.client import Client
from voxlink.errors import LoadFailed, NoMatches
from voxlink.integrations.engine_edge import EngineEdge
from voxlink.protocol import AudioTrack

if TYPE_CHECKING:
    from voxlink.playback import Engine
    from voxlink.playback.ears import Ears
    from voxlink.playback.feed import SoundFormat
    from voxlink.playback.pulling import Pieces

__all__ = ["NativeClient"]


class NativeClient(Client):
    """A `Client` with the same players, queue and events, and no node to run or to reach.

    The engine starts with the first player or search, and ends with `close`; `async with` does that too.
    `local_files` lets identifiers name files of this machine, `http` lets them be addresses; `engine` takes the
    place of the engine that these two describe. `options` are those of `Client`
    that do not concern nodes or the network. Raises
    `MissingExtra` without the packages of the `node` extra.
    """

    def __init__(
        self,
        user_id: int | str,
        *,
        local_files: bool = True,
        http: bool = True,
        engine: Engine | None = None,
        **options: Any,
    ) -> None:
        from voxlink.playback import EngineConfig, RemoteEngine

        engine = engine or RemoteEngine(EngineConfig(local_files=local_files, http=http))
        self._engine_edge = EngineEdge(engine, int(user_id))
        super().__init__(user_id, edge=self._engine_edge, resume_timeout_s=0, **options)
        self.add_node(host="native", port=1, password="", region="native", name="native")

    async def find(self, name: str | os.PathLike[str]) -> AudioTrack:
        """The track that a path or an address names. Raises `LoadFailed`, or `NoMatches` where there is none."""
        identifier = os.fspath(name)
        found = await self.get_tracks(identifier)
        if found.error is not None:
            raise LoadFailed(found.error.message or "It cannot be loaded.", "common", found.error.cause)
        if not found.tracks:
            raise NoMatches(identifier)
        return found.tracks[0]

    def pieces(
        self, pieces: Pieces, *, sound: SoundFormat, title: str = "", author: str = "", requester: int = 0
    ) -> AudioTrack:
        """A track of an iterator's sound, to be played or queued once like any other track.

        `sound` is "opus" (packets of 20 ms, which pass through untouched) or "pcm" (48 kHz, stereo, 16 bit,
        little-endian, pieces of any length). Plain iterables are read in a thread, asynchronous ones on the event loop,
        about a second ahead. The track is a stream: it pauses and stops, and cannot seek. An iterator that raises ends
        it with a `TrackExceptionEvent`.
        """
        track = self._engine_edge.offer(pieces, sound=sound, title=title, author=author)
        return AudioTrack(to_builtins(track), requester)

    def listen(self, guild_id: int) -> Ears:
        """What the others in the guild's voice channel say: an asynchronous iterator of PCM, until it is closed.

        A bot that joined deaf hears nothing. Raises `EngineClosed` while the bot is in no voice channel of the guild.
        """
        return self._engine_edge.listen(guild_id)
