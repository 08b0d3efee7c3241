"""Sound that a program hands over piece by piece: a media that an event loop fills and a worker thread reads."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias

from voxlink.audio import (
    FRAME_MS,
    FRAME_SAMPLES,
    RATE_HZ,
    SAMPLE_BYTES,
    Block,
    OpusDecoder,
    TimedBlock,
    TimedPacket,
    block_from_pcm,
    packet_samples,
)
from voxlink.errors import DecodeFailed, MediaError, SeekFailed
from voxlink.protocol import UNKNOWN_LENGTH_MS, Track, TrackInfo, encode_wire_track

SoundFormat: TypeAlias = Literal["opus", "pcm"]
"""What the pieces are: an Opus packet each, or any number of bytes of 16-bit PCM (48 kHz, stereo, little-endian)."""

CAPACITY = 25
"""Pieces that are taken ahead of their use."""


class Feed:
    """A media (see `audio.Media`) that is filled with `put` and `end`, and cannot seek.

    Packets of 20 ms pass through; with the first other one, all that follows is decoded sound. Reading blocks until
    there is a piece, `end` or `close` was called. `on_room` is called in the reading thread for each piece taken.
    """

    def __init__(self, sound: SoundFormat, *, start_ms: float = 0.0, on_room: Callable[[], object]) -> None:
        self.is_passthrough = sound == "opus"
        self._is_opus = sound == "opus"
        self._position_ms = start_ms
        self._on_room = on_room
        self._pieces: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._is_over = False
        self._error: MediaError | None = None
        self._decoder: OpusDecoder | None = None
        self._broken = b""

    def put(self, piece: bytes) -> None:
        """Hand over the next piece; never blocks."""
        with self._changed:
            self._pieces.append(piece)
            self._changed.notify()

    def end(self, reason: str | None = None) -> None:
        """Say that nothing follows; with a reason, that the program failed: the track then ends with an exception."""
        with self._changed:
            self._is_over = True
            self._error = None if reason is None else DecodeFailed(reason)
            self._changed.notify()

    def close(self) -> None:
        """Throw away what waits and release the reading thread; may be called from any thread."""
        with self._changed:
            self._is_over = True
            self._error = None
            self._pieces.clear()
            self._changed.notify()

    def seek(self, position_ms: float) -> None:
        """See `Media`: a program's sound has no places. Raises `SeekFailed` except for where it stands."""
        if position_ms != self._position_ms:
            raise SeekFailed("the stream cannot seek")

    def packets(self) -> Iterator[TimedPacket]:
        """See `Media`. Raises `DecodeFailed` for what is no Opus packet, and when the program failed."""
        while self.is_passthrough and (packet := self._take()) is not None:
            samples = packet_samples(packet)
            if not samples:
                raise DecodeFailed("not an Opus packet")
            if samples != FRAME_SAMPLES:
                self.is_passthrough = False
                self._pieces.appendleft(packet)
                return
            position_ms = self._position_ms
            self._position_ms += FRAME_MS
            yield TimedPacket(position_ms, packet)

    def blocks(self) -> Iterator[TimedBlock]:
        """See `Media`. Raises `DecodeFailed` like `packets`."""
        while (piece := self._take()) is not None:
            block = self._decode(piece)
            position_ms = self._position_ms
            self._position_ms += len(block) * 1000 / RATE_HZ
            if len(block):
                yield TimedBlock(position_ms, block)

    def _decode(self, piece: bytes) -> Block:
        if self._is_opus:
            self._decoder = self._decoder or OpusDecoder()
            return self._decoder.decode(piece)
        pcm = self._broken + piece
        whole = len(pcm) - len(pcm) % SAMPLE_BYTES
        self._broken = pcm[whole:]
        return block_from_pcm(pcm[:whole])

    def _take(self) -> bytes | None:
        with self._changed:
            while not self._pieces and not self._is_over:
                self._changed.wait()
            if not self._pieces:
                if self._error is not None:
                    raise self._error
                return None
            piece = self._pieces.popleft()
        self._on_room()
        return piece


def stream_track(*, title: str, author: str) -> Track:
    """Make the track that stands for a program's sound in events: a stream of unknown length that no source opens."""
    info = TrackInfo(
        identifier="",
        is_seekable=False,
        author=author,
        length=UNKNOWN_LENGTH_MS,
        is_stream=True,
        position=0,
        title=title,
        uri=None,
        source_name="stream",
    )
    return Track(encode_wire_track(Track("", info)), info)
