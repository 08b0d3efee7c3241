"""A media file as what a player needs: its title and length, its sound from any position, or its Opus packets."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

from voxlink.audio import libav
from voxlink.audio.block import FRAME_SAMPLES, RATE_HZ
from voxlink.audio.decoding import Decoding, TimedBlock
from voxlink.audio.file import MediaFile, open_file
from voxlink.audio.info import MediaInfo, announced_ms, media_info
from voxlink.audio.opus import PRIMING_FRAMES
from voxlink.audio.packet import may_pass, packet_samples
from voxlink.audio.probe import PLAYLISTS
from voxlink.errors import MediaError, MediaTruncated, SeekFailed, UnknownFormat

_PREROLL = Fraction(1, 10)
"""Seconds decoded and thrown away before a target, after which every codec has settled (filters.md 3.1)."""

_LOOK_AHEAD = 50
"""Packets that must all be 20 ms long before a file counts as passthrough: the first second."""

_ROUNDING_SAMPLES = RATE_HZ // 200
"""A container's clock that is less than 5 ms off the packets' own count is rounded, not telling of a hole."""

_MISSING = Fraction(1)
"""A file that ends more seconds before its announced length than this is cut off."""

_LARGE_BYTES = 32 << 20
"""From this size on an mp3 that is costly to read is searched by estimate: exactness reads all before the target."""


class TimedPacket(NamedTuple):
    """An Opus packet of 20 ms, as it is in the file, and where in the track it begins."""

    position_ms: float
    data: bytes


def open_media(source: str | os.PathLike[str] | BinaryIO, *, hint: str | None = None) -> Media:
    """Open a file, or an object with a blocking `read` and perhaps `seekable`, `seek` and `tell`.

    `hint` is a file extension or a MIME type; for a path it is the path's own. An object is read from its beginning,
    belongs to the media from now on and is closed with it, also when this fails. Raises the MediaError family:
    MediaUnreadable, UnknownFormat, NoAudioTrack, MediaDamaged; what an object raises in `read` comes as the cause.
    """
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        return Media(open_file(path), hint=path.suffix if hint is None else hint, is_costly=False)
    return Media(MediaFile(source), hint=hint, is_costly=True)


class Media:
    """One open media file with one place in it, from which blocks or packets are taken. Use it with `with`.

    Blocking, for worker threads; one thread at a time. After opening and after `seek` take either `blocks` or
    `packets`; from packets one can go over to blocks at any time, and back by a seek. All iterators share the one
    place: a new one goes on where the last one was left, and a seek moves them all.
    """

    def __init__(self, file: MediaFile, *, hint: str | None, is_costly: bool) -> None:
        """Open what `file` holds, as `open_media` documents. `is_costly`: reading all of it is to be avoided."""
        self._file = file
        try:
            container = file.container(hint)
            if container is None or container in PLAYLISTS:
                raise UnknownFormat
            self._fast_seek = container == "mp3" and is_costly and (file.size or 0) > _LARGE_BYTES
            self._input = libav.Input(file.for_libav(), container, fast_seek=self._fast_seek)
        except BaseException:
            file.close()
            raise
        self.info: MediaInfo = media_info(self._input, container, can_seek=file.can_seek)
        """What the file says about itself."""
        self._announced_ms = announced_ms(self._input, container, file.head)
        self._passes: bool | None = None
        self._restart(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Closing twice does nothing."""
        self._input.close()
        self._file.close()

    def interrupt(self) -> None:
        """Make a thread that waits for the file stop waiting: what it does raises DecodeFailed. From any thread.

        The media cannot be read any more afterwards; its own thread still has to close it.
        """
        self._file.close()

    def seek(self, position_ms: float) -> None:
        """Move to this position of the track: the next block begins there to the sample, the next packet sounds there.

        Positions beyond the end give nothing any more, negative ones are taken as 0. Raises SeekFailed, also for a
        stream that cannot seek.
        """
        if not self.info.is_seekable:
            raise SeekFailed("the stream cannot seek")
        target = Fraction(max(0, round(position_ms * RATE_HZ / 1000)), RATE_HZ)
        if not self._input.seek(target - _PREROLL):
            self._reopen()
        self._restart(target)

    def _reopen(self) -> None:
        """Go to the very beginning: a seek to 0 misses the priming of AAC, and some files refuse every seek."""
        self._input.close()
        try:
            self._input = libav.Input(self._file.rewound(), self.info.container, fast_seek=self._fast_seek)
        except MediaError as error:
            raise SeekFailed(str(error)) from error

    def _restart(self, target: Fraction | None) -> None:
        self._target = target
        self._ahead: deque[libav.Packet] = deque()
        self._sent: deque[libav.Packet] = deque(maxlen=2 * PRIMING_FRAMES)
        self._next_packet: int | None = None
        """The sample that the next packet begins with."""
        self._decoding: Decoding | None = None
        self._ready: deque[TimedBlock] = deque()
        self._is_done = False

    def _read(self) -> libav.Packet | None:
        return self._ahead.popleft() if self._ahead else self._input.read()

    # Sound

    def blocks(self) -> Iterator[TimedBlock]:
        """Yield the sound from the current place on, in blocks of any length.

        Damaged places are passed over. Raises DecodeFailed when nothing but damage comes, when the file object
        raised, or, as MediaTruncated, after the last block of a file that ends long before its announced length.
        """
        while True:
            if self._ready:
                yield self._ready.popleft()
            elif self._is_done:
                return
            else:
                self._decode_more()

    def _decode_more(self) -> None:
        decoding = self._decoding = self._decoding or self._begin_decoding()
        packet = self._read()
        if packet is not None:
            self._ready.extend(decoding.push(packet))
            return
        tail = decoding.finish() if not self._ready else []
        self._ready.extend(tail)
        if not tail:
            self._is_done = True
            self._refuse_a_cut_off_end(decoding.end)

    def _begin_decoding(self) -> Decoding:
        """Start to decode; after packets were taken, 160 ms of them are decoded again so that the decoder settles."""
        if not self._sent or self._next_packet is None:
            return Decoding(self._input, target=self._target)
        begin = self._next_packet - len(self._sent) * FRAME_SAMPLES
        self._ahead.extendleft(reversed(self._sent))
        target = Fraction(self._next_packet, RATE_HZ)
        return Decoding(self._input, target=target, begin=Fraction(begin, RATE_HZ))

    def _refuse_a_cut_off_end(self, end: Fraction) -> None:
        if self._announced_ms is not None and Fraction(self._announced_ms, 1000) - end > _MISSING:
            raise MediaTruncated(float(end * 1000), self._announced_ms)

    # Packets

    @property
    def is_passthrough(self) -> bool:
        """Whether `packets` can be sent as they are: Opus at its own level, each packet 20 ms long.

        The first second is looked at. Should a packet of another length come later, `packets` ends before it and this
        turns False for good: go on with `blocks`. May read, and so may raise DecodeFailed.
        """
        if self._passes is None:
            self._passes = self.info.codec == "opus" and may_pass(self._input.extradata) and self._starts_even()
        return self._passes

    def _starts_even(self) -> bool:
        while len(self._ahead) < _LOOK_AHEAD and (packet := self._input.read()) is not None:
            self._ahead.append(packet)
        return all(packet_samples(bytes(packet)) == FRAME_SAMPLES for packet in self._ahead)

    def packets(self) -> Iterator[TimedPacket]:
        """Yield the Opus packets from the current place on, untouched; nothing unless `is_passthrough`.

        After a seek the first one is the one that sounds at the target. Raises DecodeFailed.
        """
        while self.is_passthrough and (packet := self._read()) is not None:
            data = bytes(packet)
            if packet_samples(data) != FRAME_SAMPLES:
                self._passes = False
                self._ahead.appendleft(packet)
                return
            begin = self._begin_of(packet)
            self._next_packet = begin + FRAME_SAMPLES
            self._sent.append(packet)
            if self._target is None or self._next_packet > self._target * RATE_HZ:
                self._target = None
                yield TimedPacket(max(0.0, begin * 1000 / RATE_HZ), data)

    def _begin_of(self, packet: libav.Packet) -> int:
        counted, told = self._next_packet, self._input.sample_of(packet)
        if told is None:
            return counted or 0
        return told if counted is None or abs(told - counted) > _ROUNDING_SAMPLES else counted
