"""The engine's process: a `LocalEngine` that does what the pipe says. Started as `python -P -m` with a socket's number.

It leaves by itself when the pipe ends, whatever becomes of the program.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from functools import partial

from voxlink._util.piped_child import pipe_of_parent
from voxlink._util.tasks import Tasks
from voxlink.errors import EngineFailed, InvalidPipeMessage, VoxlinkError
from voxlink.playback.ears import Ears
from voxlink.playback.feed import CAPACITY, Feed
from voxlink.playback.local import LocalEngine
from voxlink.playback.player import LocalPlayer
from voxlink.playback.remote.channel import Channel, open_channel
from voxlink.playback.remote.wire import (
    PIPE_VERSION,
    Alive,
    Apply,
    Begin,
    CreatePlayer,
    DestroyPlayer,
    Done,
    EndPieces,
    FeedDropped,
    Listen,
    Load,
    Piece,
    PlayerReport,
    PlayPieces,
    Ready,
    Room,
    Said,
    Sound,
    Standing,
    StopListening,
    ToEngine,
    pack_error,
    read_by_engine,
)
from voxlink.protocol import PlayerEvent, PlayerUpdate, Track, UpdatePlayer, decode_body, encode

STANDING_EVERY_S = 0.1
"""So often the program learns where its players are."""

ALIVE_EVERY_S = 1.0
MAX_UNSENT_SOUND_BYTES = 2 << 20

_log = logging.getLogger("voxlink.playback")


class Desk:
    """Does what the program asks for, and tells it what the players say."""

    def __init__(self, engine: LocalEngine, channel: Channel[ToEngine]) -> None:
        self._engine = engine
        self._channel = channel
        self._players: dict[int, LocalPlayer] = {}
        self._feeds: dict[int, Feed] = {}
        self._ears: dict[int, Ears] = {}
        self._told: dict[int, PlayerReport] = {}
        self._tasks = Tasks(_log)

    async def serve(self) -> None:
        """Serve until the pipe ends."""
        self._tasks.spawn(self._tell_standing(), "standing")
        self._tasks.spawn(self._live(), "alive")
        try:
            while (message := await self._channel.receive()) is not None:
                await self._obey(message)
        finally:
            await self._tasks.close()

    async def _obey(self, message: ToEngine) -> None:
        match message:
            case Load(call=call, identifier=identifier):
                self._tasks.spawn(self._load(call, identifier.decode(errors="surrogatepass")), "load")
            case CreatePlayer():
                await self._create(message)
            case Apply(call=call, player=number):
                self._answer(call, number, partial(self._apply, message))
            case PlayPieces(call=call, player=number):
                self._answer(call, number, partial(self._play_pieces, message))
            case DestroyPlayer(call=call, player=number):
                self._answer(call, number, partial(self._destroy, number))
            case Listen() | StopListening():
                self._hear(message)
            case Piece() | EndPieces():
                self._feed(message)
            case Begin():
                raise InvalidPipeMessage("a second beginning")

    def _feed(self, message: Piece | EndPieces) -> None:
        feed = self._feeds.get(message.feed)
        if feed is None:
            return  # what was still under way when the feed was dropped
        if isinstance(message, Piece):
            feed.put(message.piece)
        else:
            feed.end(message.reason)

    def _hear(self, message: Listen | StopListening) -> None:
        if isinstance(message, StopListening):
            ears = self._ears.pop(message.ears, None)
            if ears is not None:
                ears.close()
        elif message.player in self._players:
            ears = self._ears[message.ears] = self._players[message.player].listen()
            self._tasks.spawn(self._pass_on(message, ears), "hear")

    async def _pass_on(self, listen: Listen, ears: Ears) -> None:
        """Send what is heard; a program that does not read loses it, not our memory."""
        async for heard in ears:
            if self._channel.unsent_bytes < MAX_UNSENT_SOUND_BYTES:
                sound = Sound(listen.player, listen.ears, heard.user_id, heard.pcm, heard.timestamp, heard.is_concealed)
                self._channel.send(sound)

    async def _load(self, call: int, identifier: str) -> None:
        self._channel.send(Done(call, body=encode(await self._engine.load(identifier))))

    async def _create(self, message: CreatePlayer) -> None:
        player = await self._engine.create_player(
            guild_id=message.guild_id, user_id=message.user_id, on_message=partial(self._tell, message.player)
        )
        self._players[message.player] = player

    def _answer(self, call: int, number: int, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work in a task of its own and say how it ended. Calls begin in the order in which they came."""
        self._tasks.spawn(self._work(call, number, work), "call")

    async def _work(self, call: int, number: int, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except VoxlinkError as error:
            self._channel.send(pack_error(call, number, error, self._report(number)))
        else:
            self._channel.send(Done(call, number, report=self._report(number)))

    async def _apply(self, message: Apply) -> None:
        change = decode_body(message.change, UpdatePlayer)
        await self._players[message.player].apply(change, no_replace=message.no_replace)

    async def _play_pieces(self, message: PlayPieces) -> None:
        loop = asyncio.get_running_loop()
        number = message.feed
        feed = Feed(
            message.sound,
            start_ms=message.start_ms,
            on_room=lambda: loop.call_soon_threadsafe(self._channel.send, Room(number, 1)),
        )
        self._feeds[number] = feed
        self._channel.send(Room(number, CAPACITY))
        self._players[message.player].play_feed(
            decode_body(message.track, Track),
            feed,
            paused=message.paused,
            start_ms=message.start_ms,
            on_dropped=partial(self._drop_feed, number),
        )

    def _drop_feed(self, number: int) -> None:
        self._feeds.pop(number, None)
        self._channel.send(FeedDropped(number))

    async def _destroy(self, number: int) -> None:
        player = self._players.get(number)
        if player is not None:
            await player.destroy()
            self._players.pop(number, None)
            self._told.pop(number, None)

    def _tell(self, number: int, message: PlayerUpdate | PlayerEvent) -> None:
        report = self._report(number)
        if report is not None:
            self._channel.send(Said(number, encode(message), report))

    def _report(self, number: int) -> PlayerReport | None:
        player = self._players.get(number)
        if player is None:
            return None
        self._told[number] = report = PlayerReport(encode(player.snapshot()), player.end_ms, player.frame_counts)
        return report

    async def _live(self) -> None:
        while True:
            self._channel.send(Alive())
            await asyncio.sleep(ALIVE_EVERY_S)

    async def _tell_standing(self) -> None:
        """Tell where each player is that has moved."""
        while True:
            await asyncio.sleep(STANDING_EVERY_S)
            for number, player in self._players.items():
                before = self._told.get(number)
                if before is not None and not player.is_moving:
                    continue
                report = self._report(number)
                if report is not None:
                    self._channel.send(Standing(number, report))


async def serve(sock: socket.socket) -> None:
    """Greet the program, start an engine as it says, and serve until the pipe ends."""
    channel = await open_channel(sock, read_by_engine)
    try:
        begin = await channel.receive()
        if not isinstance(begin, Begin) or begin.version != PIPE_VERSION:
            raise EngineFailed(f"expected a greeting of version {PIPE_VERSION}")
        async with LocalEngine(begin.config) as engine:
            channel.send(Ready(PIPE_VERSION))
            await Desk(engine, channel).serve()
    finally:
        await channel.close()


def main() -> None:
    """Run the engine's process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, which then closes the pipe
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    asyncio.run(serve(pipe_of_parent(sys.argv[1])))


if __name__ == "__main__":
    main()
