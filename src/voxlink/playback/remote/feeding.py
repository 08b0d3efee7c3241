"""The program's end of a feed: pieces go across the pipe as there is room, and are kept until they were heard. Pure."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from voxlink.audio import RATE_HZ, SAMPLE_BYTES, packet_samples
from voxlink.playback.feed import SoundFormat
from voxlink.playback.remote.wire import EndPieces, Piece, ToEngine
from voxlink.protocol import Track


class _Kept(NamedTuple):
    piece: bytes
    start_ms: float
    end_ms: float


class RemoteFeed:
    """Where `pull` puts pieces. `room` is released for each piece that the engine will take.

    What was not heard yet is kept, about a second, so that another process can go on with it (`again`).
    """

    def __init__(self, number: int, sound: SoundFormat, track: Track, *, send: Callable[[ToEngine], None]) -> None:
        self.number = number
        self.sound: SoundFormat = sound
        self.track = track
        self.room = asyncio.Semaphore(0)
        self.pulling: asyncio.Task[None] | None = None
        self._send = send
        self._kept: deque[_Kept] = deque()
        self._unsent: deque[bytes] = deque()
        self._end_ms = 0.0
        self._granted = 0
        self._asked = 0
        self._ending: tuple[str | None] | None = None
        self._has_ended = False

    def put(self, piece: bytes) -> None:
        """Take the next piece from the program."""
        start_ms, self._end_ms = self._end_ms, self._end_ms + self._length_ms(piece)
        self._kept.append(_Kept(piece, start_ms, self._end_ms))
        self._unsent.append(piece)
        self._asked -= 1
        self._move()

    def end(self, reason: str | None = None) -> None:
        """Nothing follows what was put."""
        self._ending = (reason,)
        self._move()

    def give_room(self, pieces: int) -> None:
        """The engine takes so many more pieces."""
        self._granted += pieces
        self._move()

    def played(self, position_ms: float) -> None:
        """Forget what was heard."""
        while self._kept and self._kept[0].end_ms <= position_ms:
            self._kept.popleft()

    def again(self) -> int:
        """Begin again in another process with what was not heard; return where that is, in ms."""
        self._granted = 0
        self._has_ended = False
        self._unsent = deque(kept.piece for kept in self._kept)
        return round(self._kept[0].start_ms if self._kept else self._end_ms)

    def _move(self) -> None:
        while self._granted and self._unsent:
            self._granted -= 1
            self._send(Piece(self.number, self._unsent.popleft()))
        while self._asked < self._granted:
            self._asked += 1
            self.room.release()
        if self._ending is not None and not self._unsent and not self._has_ended:
            self._has_ended = True
            self._send(EndPieces(self.number, *self._ending))

    def _length_ms(self, piece: bytes) -> float:
        samples = packet_samples(piece) if self.sound == "opus" else len(piece) / SAMPLE_BYTES
        return samples * 1000 / RATE_HZ
