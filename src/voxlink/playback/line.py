"""A player's line to Discord: at most one voice connection at a time, replaced as the client says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from voxlink._util.tasks import Tasks
from voxlink.errors import EngineClosed
from voxlink.playback.ears import Ears
from voxlink.playback.hearing import Hearing
from voxlink.protocol import VoiceState
from voxlink.voice import (
    FrameStream,
    VoiceConnected,
    VoiceConnection,
    VoiceDisconnected,
    VoiceEvent,
    VoiceLogin,
    VoiceResumed,
    VoiceServerNeeded,
)

_log = logging.getLogger("voxlink.playback")

OWN_CLOSE = (1000, "", False)
"""Code, reason and `byRemote` of a close that we began (server.md 1.5)."""


class VoiceLine:
    """Joins, changes and leaves. The frame stream outlives the connections, so the song goes on in the next one.

    `on_open(voice)` and `on_closed(code, reason, by_remote)` are called on the event loop; between two openings there
    is a closing.
    """

    def __init__(
        self,
        guild_id: int,
        user_id: int,
        stream: FrameStream,
        *,
        timeout_s: float,
        on_open: Callable[[VoiceState], None],
        on_closed: Callable[[int, str, bool], None],
    ) -> None:
        self._guild_id = guild_id
        self._user_id = user_id
        self._stream = stream
        self._timeout_s = timeout_s
        self._on_open = on_open
        self._on_closed = on_closed
        self._connection: VoiceConnection | None = None
        self._voice: VoiceState | None = None
        self._is_open = False
        self._is_closed = False
        self._joining: asyncio.Task[None] | None = None
        self._joining_voice: VoiceState | None = None
        self._ears: dict[Ears, Hearing] = {}
        self._tasks = Tasks(_log)

    @property
    def is_connected(self) -> bool:
        """Whether the voice gateway is open."""
        return self._connection is not None and self._is_open

    @property
    def ping_ms(self) -> int:
        """Round trip of the last heartbeat; -1 for none."""
        return -1 if self._connection is None else self._connection.ping_ms

    def listen(self) -> Ears:
        """Hear the others, in this connection and all that follow, until the ears or the line are closed."""
        ears = Ears(self._stop_listening)
        self._ears[ears] = Hearing()
        if self._connection is not None:
            self._tasks.spawn(self._hear(self._connection, ears), "hear")
        return ears

    async def join(self, voice: VoiceState) -> None:
        """Connect as `voice` says, in place of the connection there is; return when the handshake is done.

        Nothing happens if that connection is open already. A newer call takes over from one that is under way; the
        older one then waits for the newer one's outcome. Raises the `VoiceConnectError` family, and `EngineClosed`
        when the line is closed meanwhile. Cancelling does not undo the joining.
        """
        if self._is_closed:
            raise EngineClosed("the player was destroyed")
        if self._joining is None and self._is_open and voice == self._voice:
            return
        if self._joining is None or voice != self._joining_voice:
            self._joining_voice = voice
            self._joining = asyncio.create_task(self._switch(voice, self._joining), name="voice-join")
            self._joining.add_done_callback(self._joined)
        while not await self._outcome(self._joining):
            pass  # a newer call took over

    async def _outcome(self, joining: asyncio.Task[None] | None) -> bool:
        """Wait for a joining and raise what it raised; False if a newer one took over."""
        if joining is not None:
            await asyncio.wait([joining])
            if not joining.cancelled():
                joining.result()
        if self._is_closed:
            raise EngineClosed("the player was destroyed")
        return self._joining is None

    async def close(self) -> None:
        """Leave for good, also in the middle of joining."""
        self._is_closed = True
        joining, self._joining = self._joining, None
        if joining is not None:
            joining.cancel()
            await asyncio.wait([joining])
        await self._leave()
        for ears in list(self._ears):
            ears.close()
        await self._tasks.close()

    async def _switch(self, voice: VoiceState, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            before.cancel()
            await asyncio.wait([before])
        await self._leave()
        login = VoiceLogin(
            guild_id=self._guild_id,
            user_id=self._user_id,
            channel_id=int(voice.channel_id or 0),
            session_id=voice.session_id,
            token=voice.token,
            endpoint=voice.endpoint,
        )
        connection = VoiceConnection(login, self._stream, on_event=lambda event: self._take(connection, event))
        try:
            await connection.connect(timeout_s=self._timeout_s)
        except BaseException:
            await connection.close()
            raise
        self._connection, self._voice, self._is_open = connection, voice, True
        for ears in self._ears:
            self._tasks.spawn(self._hear(connection, ears), "hear")
        self._on_open(voice)

    def _joined(self, joining: asyncio.Task[None]) -> None:
        if joining is self._joining:
            self._joining = None
        if not joining.cancelled():
            joining.exception()  # whoever still waits for it gets it; nobody may be left

    async def _leave(self) -> None:
        connection, self._connection, self._voice = self._connection, None, None
        if connection is None:
            return
        self._closed(*OWN_CLOSE)
        await connection.close()

    async def _hear(self, connection: VoiceConnection, ears: Ears) -> None:
        """Decode for one listener what one connection hears, until either ends."""
        with connection.listen() as listening:
            async for heard in listening:
                hearing = self._ears.get(ears)
                if hearing is None:
                    return
                ears.put(hearing.pcm(heard))

    def _stop_listening(self, ears: Ears) -> None:
        self._ears.pop(ears, None)

    def _take(self, connection: VoiceConnection, event: VoiceEvent) -> None:
        """Events of a connection that is being made, or was left, are nobody's business."""
        if connection is not self._connection or self._voice is None:
            return
        match event:
            case VoiceConnected() | VoiceResumed() if not self._is_open:
                self._is_open = True
                self._on_open(self._voice)
            case VoiceServerNeeded(code=code, reason=reason):
                self._closed(code, reason, True)  # said at once: the client has to fetch new server data
            case VoiceDisconnected(code=code, reason=reason, by_remote=by_remote):
                self._closed(code, reason, by_remote)
            case _:
                pass

    def _closed(self, code: int, reason: str, by_remote: bool) -> None:
        if self._is_open:
            self._is_open = False
            self._on_closed(code, reason, by_remote)
