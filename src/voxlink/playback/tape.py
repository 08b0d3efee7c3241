"""A source cut into numbered 20 ms frames that can be read again while they may still be replaced in the queue.

Blocking: used by one worker thread at a time. `design.md`, "Commands are heard at once": nothing is fetched twice.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Protocol

from voxlink.audio import (
    DELAY_SAMPLES,
    FRAME_MS,
    FRAME_SAMPLES,
    PRIMING_FRAMES,
    RATE_HZ,
    Block,
    FrameCutter,
    OpusDecoder,
    TimedBlock,
    TimedPacket,
    silence,
)
from voxlink.errors import MediaError

CONVERGE_FRAMES = 2 * PRIMING_FRAMES
"""Frames that a fresh Opus decoder is fed before its sound is used: 80 ms to converge, 80 ms to prime an encoder."""
_SAMPLES_PER_MS = RATE_HZ // 1000


class Sound(Protocol):
    """What a tape is made of: `audio.Media`, where each is documented, or a `Feed`."""

    @property
    def is_passthrough(self) -> bool:
        """See `Media`."""
        ...

    def packets(self) -> Iterator[TimedPacket]:
        """See `Media`."""
        ...

    def blocks(self) -> Iterator[TimedBlock]:
        """See `Media`."""
        ...

    def seek(self, position_ms: float) -> None:
        """See `Media`."""
        ...

    def close(self) -> None:
        """See `Media`."""
        ...


class Tape(ABC):
    """Source frames by index, counted from where the tape starts; read forward, kept until `forget`."""

    def __init__(self, end_ms: float | None) -> None:
        self.end_ms = end_ms

    def position_ms(self, index: int) -> float | None:
        """Where frame `index` begins in the source; None if the source, or `end_ms`, comes before it.

        Raises `MediaError` when the source fails on the way there.
        """
        position_ms = self._position_ms(index)
        if position_ms is None or (self.end_ms is not None and position_ms >= self.end_ms):
            return None
        return position_ms

    def samples(self, index: int) -> Block:
        """The 960 samples of a frame that exists; silence from `end_ms` on, to the sample."""
        position_ms = self.position_ms(index)
        assert position_ms is not None
        block = self._samples(index)
        if self.end_ms is None or self.end_ms - position_ms >= FRAME_MS:
            return block
        kept = block.copy()
        kept[round((self.end_ms - position_ms) * _SAMPLES_PER_MS) :] = 0
        return kept

    @abstractmethod
    def packet(self, index: int) -> bytes | None:
        """The untouched Opus packet of a frame that exists; None if this tape holds decoded sound."""

    @abstractmethod
    def forget(self, before: int) -> None:
        """Drop what lies before this index; it will not be asked for again."""

    @abstractmethod
    def _position_ms(self, index: int) -> float | None: ...

    @abstractmethod
    def _samples(self, index: int) -> Block: ...


class BlockTape(Tape):
    """A tape of decoded sound."""

    def __init__(self, media: Sound, *, end_ms: float | None) -> None:
        super().__init__(end_ms)
        self._blocks: Iterator[TimedBlock] = media.blocks()
        self._cutter = FrameCutter()
        self._frames: dict[int, tuple[float, Block]] = {}
        self._next = 0
        self._head_ms = 0.0
        self._ended = False
        self._error: MediaError | None = None

    def packet(self, index: int) -> bytes | None:
        """See `Tape`: there is none."""
        return None

    def forget(self, before: int) -> None:
        """See `Tape`."""
        for index in [index for index in self._frames if index < before]:
            del self._frames[index]

    def _position_ms(self, index: int) -> float | None:
        while index >= self._next and not self._ended:
            self._read()
        frame = self._frames.get(index)
        if frame is None and self._error is not None:
            raise self._error
        return None if frame is None else frame[0]

    def _samples(self, index: int) -> Block:
        return self._frames[index][1]

    def _read(self) -> None:
        try:
            timed = next(self._blocks, None)
        except MediaError as error:
            timed, self._error = None, error
        if timed is None:
            self._ended = True
            rest = self._cutter.flush()
            if rest is not None:
                self._keep(rest)
            return
        self._head_ms = timed.position_ms - self._cutter.held / _SAMPLES_PER_MS
        for frame in self._cutter.push(timed.samples):
            self._keep(frame)

    def _keep(self, frame: Block) -> None:
        self._frames[self._next] = (self._head_ms, frame)
        self._head_ms += FRAME_MS
        self._next += 1


class PacketSound:
    """Opus packets in; out come the frames that an encoder must be fed so that its listener hears the same.

    Frame n stands for packet n. It is whole only with packet n + 1, because Opus delays the sound.
    """

    def __init__(self) -> None:
        self._decoder = OpusDecoder()
        self._cutter = FrameCutter()
        self._skip = DELAY_SAMPLES

    def push(self, packet: bytes) -> Iterator[Block]:
        """Take the next packet; yield the frame that it completes, if any."""
        block = self._decoder.decode(packet)[self._skip :]
        self._skip = 0
        return self._cutter.push(block)

    def flush(self) -> Block | None:
        """The frame of the last packet, its unknown tail silent; None if there was no packet."""
        return self._cutter.flush()


class PacketTape(Tape):
    """A tape of 20 ms Opus packets, decoded only where somebody asks for samples.

    Should the media stop giving packets that may pass (`Media.is_passthrough`), the rest is decoded sound.
    """

    def __init__(self, media: Sound, *, end_ms: float | None) -> None:
        super().__init__(end_ms)
        self._media = media
        self._packets: Iterator[TimedPacket] = media.packets()
        self._frames: dict[int, TimedPacket] = {}
        self._next = 0
        self._ended = False
        self._rest: BlockTape | None = None
        self._sound = PacketSound()
        self._decoded: dict[int, Block] = {}
        self._fed = 0
        self._decoded_next = 0
        self._settled_from = 0

    def packet(self, index: int) -> bytes | None:
        """See `Tape`."""
        frame = self._frames.get(index)
        return None if frame is None else frame.data

    def forget(self, before: int) -> None:
        """See `Tape`."""
        for index in [index for index in self._frames if index < before - CONVERGE_FRAMES]:
            del self._frames[index]
        for index in [index for index in self._decoded if index < before]:
            del self._decoded[index]
        if self._rest is not None:
            self._rest.forget(before - self._next)

    def _position_ms(self, index: int) -> float | None:
        while index >= self._next and not self._ended:
            self._read()
        if self._rest is not None and index >= self._next:
            return self._rest.position_ms(index - self._next)
        frame = self._frames.get(index)
        return None if frame is None else frame.position_ms

    def _read(self) -> None:
        packet = next(self._packets, None)
        if packet is not None:
            self._frames[self._next] = packet
            self._next += 1
            return
        self._ended = True
        if not self._media.is_passthrough:
            self._rest = BlockTape(self._media, end_ms=None)

    def _samples(self, index: int) -> Block:
        if self._rest is not None and index >= self._next:
            return self._rest.samples(index - self._next)
        if index not in self._decoded:
            if index != self._decoded_next:
                self._start_decoding(index)
            while index not in self._decoded:
                self._decode_one()
        return self._decoded[index]

    def _start_decoding(self, index: int) -> None:
        """Begin with a fresh decoder, early enough for it to have converged at `index`."""
        first = max(index - CONVERGE_FRAMES, min(self._frames))
        self._sound = PacketSound()
        self._decoded.clear()
        self._fed = self._decoded_next = first
        self._settled_from = index

    def _decode_one(self) -> None:
        """Feed the decoder one packet; at the end of the packets, the last frame's tail is silence."""
        self._position_ms(self._fed)
        packet = self._frames.get(self._fed)
        if packet is None:
            rest = self._sound.flush()
            self._keep_decoded(silence(FRAME_SAMPLES) if rest is None else rest)
            return
        for frame in self._sound.push(packet.data):
            self._keep_decoded(frame)
        self._fed += 1

    def _keep_decoded(self, frame: Block) -> None:
        if self._decoded_next >= self._settled_from:
            self._decoded[self._decoded_next] = frame
        self._decoded_next += 1


def open_tape(media: Sound, *, end_ms: float | None) -> Tape:
    """Put a media on a tape from where it stands: its packets if they may pass through, else decoded sound."""
    if media.is_passthrough:
        return PacketTape(media, end_ms=end_ms)
    return BlockTape(media, end_ms=end_ms)


def tape_from(media: Sound, position_ms: float, *, end_ms: float | None) -> tuple[Tape, int]:
    """Move a media to a place; return a tape and the index of the frame there.

    A tape of packets begins a little earlier, so that a decoder has converged there. Raises `MediaError`.
    """
    early_ms = CONVERGE_FRAMES * FRAME_MS if media.is_passthrough else 0
    media.seek(max(position_ms - early_ms, 0))
    tape = open_tape(media, end_ms=end_ms)
    index = 0
    if early_ms:
        while (begin_ms := tape.position_ms(index)) is not None and begin_ms + FRAME_MS <= position_ms:
            index += 1
    return tape, index
