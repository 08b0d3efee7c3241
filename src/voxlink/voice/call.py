"""Discord voice without any node: join, play, listen. The public door of this room."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from itertools import islice
from typing import Self

from voxlink.errors import UsageError
from voxlink.voice.connection import VoiceConnection, VoiceStats
from voxlink.voice.events import VoiceDisconnected, VoiceEvent
from voxlink.voice.listening import Listening
from voxlink.voice.login import VoiceLogin
from voxlink.voice.rtp import FRAME_MS
from voxlink.voice.stream import FrameStream, StreamReport
from voxlink.voice.transmitter.handle import Transmitter

QUEUE_MS = 1000
"""So much sound is kept queued at the transmitter: it hides whatever holds up this process for less."""
QUEUE_FRAMES = QUEUE_MS // FRAME_MS
BATCH_FRAMES = 10
MAX_EVENTS = 1000
"""Events that wait for a reader of `events()`; beyond, the oldest are dropped."""

Frames = Iterable[bytes] | AsyncIterable[bytes]


async def connect(
    *,
    endpoint: str,
    token: str,
    session_id: str,
    user_id: int,
    guild_id: int,
    channel_id: int,
    transmitter: Transmitter | None = None,
    timeout_s: float = 10,
) -> VoiceCall:
    """Join a voice channel with what the main gateway gave; returns when sound can be sent.

    `session_id` comes from VOICE_STATE_UPDATE, `endpoint` and `token` from VOICE_SERVER_UPDATE. Calls that share a
    `transmitter` share its process; without one, the call starts and stops its own. Raises the `VoiceConnectError`
    family, or `TransmitterFailed`; then nothing is left behind.
    """
    call = VoiceCall(VoiceLogin(guild_id, user_id, channel_id, session_id, token, endpoint), transmitter=transmitter)
    await call.open(timeout_s)
    return call


class Playing:
    """A piece of sound on its way: `wait` for its end, or stop it with `VoiceCall.stop`."""

    def __init__(self, task: asyncio.Task[None]) -> None:
        self._task = task

    @property
    def is_over(self) -> bool:
        """Whether it ended, was stopped or failed."""
        return self._task.done()

    async def wait(self) -> bool:
        """Wait until the last frame was sent: True; False if it was stopped or replaced.

        Raises what the source of the frames raised. Cancelling the wait does not stop the sound.
        """
        await asyncio.wait((self._task,))
        if self._task.cancelled():
            return False
        self._task.result()
        return True


class VoiceCall:
    """One bot in one voice channel. Made by `connect`; `async with` closes it.

    Gateway and end-to-end encryption run in this process, the sending in a child process on a 20 ms grid.
    """

    def __init__(self, login: VoiceLogin, *, transmitter: Transmitter | None = None) -> None:
        self._login = login
        self._own_transmitter = transmitter is None
        self._transmitter = transmitter or Transmitter()
        self._stream: FrameStream | None = None
        self._connection: VoiceConnection | None = None
        self._playing: Playing | None = None
        self._feeding: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()
        self._events: deque[VoiceEvent] = deque(maxlen=MAX_EVENTS)
        self._happened = asyncio.Event()
        self._over = False
        self._ended: VoiceDisconnected | None = None

    def __repr__(self) -> str:
        return f"<VoiceCall {self._connection!r}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def open(self, timeout_s: float = 10) -> None:
        """Join; `connect` calls it. Once only. Raises as `connect`."""
        if self._connection is not None:
            raise UsageError("the call was opened already")
        try:
            if self._own_transmitter:
                await self._transmitter.start()
            self._stream = self._transmitter.open_stream(self._on_report)
            self._connection = VoiceConnection(self._login, self._stream, on_event=self._on_event)
            await self._connection.connect(timeout_s)
        except BaseException:
            await self.close()
            raise

    @property
    def connection(self) -> VoiceConnection:
        """The connection underneath: codes, users, ping. Raises `UsageError` before `open`."""
        if self._connection is None:
            raise UsageError("the call is not open")
        return self._connection

    def play(self, frames: Frames) -> Playing:
        """Send 20 ms Opus frames (48 kHz) until they end; what played before is stopped and replaced at the next tick.

        Frames are fetched about a second ahead. A plain iterable is read in a thread, so it may block. Raises
        `UsageError` once the call is closed or has ended (`VoiceDisconnected`).
        """
        stream = self._require_stream()
        self.stop()
        stream.resume()
        self._feeding = asyncio.create_task(self._feed(stream, frames), name="voice-play")
        self._playing = Playing(self._feeding)
        return self._playing

    def pause(self) -> None:
        """Fall silent at the next tick; nothing is lost."""
        self._require_stream().pause()

    def resume(self) -> None:
        """Go on where `pause` stopped."""
        self._require_stream().resume()

    def stop(self) -> None:
        """End what plays at the next tick."""
        if self._feeding is not None:
            self._feeding.cancel()
            self._feeding = None
        if self._stream is not None:
            self._stream.clear()

    def listen(self) -> Listening:
        """Hear the others: an asynchronous iterator of `HeardOpus` and `Lost`, ended by its `close` or the call's."""
        return self.connection.listen()

    async def events(self) -> AsyncIterator[VoiceEvent]:
        """Yield what happens to the call, from its beginning; ends behind `VoiceDisconnected`. For one reader."""
        while True:
            while self._events:
                event = self._events.popleft()
                yield event
                if isinstance(event, VoiceDisconnected):
                    return
            if self._over:
                return
            self._happened.clear()
            await self._happened.wait()

    async def move(self, *, endpoint: str | None, token: str, session_id: str, channel_id: int) -> None:
        """Follow the bot to another server or channel; frames wait meanwhile.

        `endpoint` None means that Discord took the server away: the call waits for another `move`, up to a minute.
        """
        if endpoint is None:
            self.connection.hold()
            return
        login = self._login
        await self.connection.move(VoiceLogin(login.guild_id, login.user_id, channel_id, session_id, token, endpoint))

    def stats(self) -> VoiceStats:
        """Ping, what was sent, late and lost, what the server reports, the end-to-end epoch."""
        return self.connection.stats()

    async def close(self) -> None:
        """Stop playing, leave, and wait until nothing is left running. Safe to call twice."""
        feeding = self._feeding
        self.stop()
        if feeding is not None:
            await asyncio.wait((feeding,))
        if self._connection is not None:
            await self._connection.close()
        if self._stream is not None:
            self._stream.close()
        if self._own_transmitter:
            await self._transmitter.close()
        self._over = True
        self._happened.set()

    async def _feed(self, stream: FrameStream, frames: Frames) -> None:
        source = aiter(frames) if isinstance(frames, AsyncIterable) else _in_thread(iter(frames))
        try:
            async for frame in source:
                stream.queue([frame])
                while stream.queued >= QUEUE_FRAMES:
                    await self._next_report()
            stream.finish()
            last_id = stream.next_id - 1
            while stream.last_sent_id < last_id:
                await self._next_report()
        finally:
            close = getattr(source, "aclose", None)
            if close is not None:
                with contextlib.suppress(RuntimeError):  # a generator that is being closed already
                    await close()

    async def _next_report(self) -> None:
        self._moved.clear()
        await self._moved.wait()

    def _on_report(self, report: StreamReport) -> None:
        del report
        self._moved.set()

    def _on_event(self, event: VoiceEvent) -> None:
        self._events.append(event)
        self._happened.set()
        if isinstance(event, VoiceDisconnected):
            self._ended = event
            if self._feeding is not None:
                self._feeding.cancel()

    def _require_stream(self) -> FrameStream:
        if self._stream is None or self._over:
            raise UsageError("the call is not open")
        if self._ended is not None:
            raise UsageError(f"the call has ended: {self._ended.reason or self._ended.code}")
        return self._stream


async def _in_thread(frames: Iterator[bytes]) -> AsyncIterator[bytes]:
    while batch := await asyncio.to_thread(lambda: list(islice(frames, BATCH_FRAMES))):
        for frame in batch:
            yield frame
