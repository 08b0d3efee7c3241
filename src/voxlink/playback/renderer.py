"""Makes the frames of one track: tape -> volume -> Opus, or untouched packets, and the joins between two sounds.

Blocking: used by one worker thread at a time. Joins are made the measured way of filters.md 6: a fresh encoder, primed
with the last 80 ms that the listener was sent, and one frame of crossfade.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from voxlink.audio import (
    FRAME_SAMPLES,
    PRIMING_FRAMES,
    Block,
    OpusEncoder,
    amplify,
    crossfade,
    silence,
    volume_gain,
)
from voxlink.errors import LoadFailed, MediaError
from voxlink.playback.ledger import Frame
from voxlink.playback.tape import PacketSound, Sound, Tape, open_tape, tape_from

BRIDGE_FRAMES = 4
"""Frames that are encoded after a join before packets pass through again (filters.md 6, "Back to passthrough")."""
UNTOUCHED = 100
"""The volume at which packets pass through."""


class History(NamedTuple):
    """What the listener was sent before a join, and what the queue held in its place."""

    before: Sequence[bytes] = ()
    """The last packets before the join, at most eight; none after silence."""
    instead: Sequence[bytes] = ()
    """The packets that are replaced, the first two suffice; none at the end of the queue."""
    after_silence: bool = False
    """The listener heard silence before the join: the sound is faded in."""


class Batch(NamedTuple):
    """Frames in order; `ended` says that no more will come, `error` that the source failed after these."""

    frames: list[Frame]
    ended: bool = False
    error: MediaError | LoadFailed | None = None


class Renderer:
    """The frames of one media, from `start_ms` on, at a volume that may change on the way.

    Making one touches nothing; the media is first used when frames are asked for.
    """

    def __init__(
        self,
        media: Sound,
        *,
        start_ms: float,
        end_ms: float | None,
        volume: int,
        make_encoder: Callable[[], OpusEncoder],
    ) -> None:
        self._media = media
        self._make_encoder = make_encoder
        self._end_ms = end_ms
        self._volume = volume
        self._next = 0
        self._encoder: OpusEncoder | None = None
        self._fade_from: Block | None = None
        self._bridge = 0
        self._start_ms = start_ms
        self._tape: Tape | None = None

    @property
    def next_index(self) -> int:
        """The source frame that comes next."""
        return self._next

    @property
    def encodes(self) -> bool:
        """Whether the frames that were made last came out of an encoder."""
        return self._encoder is not None

    def open(self) -> Tape:
        """Go to the beginning, so that `next_index` is known; rendering does it by itself. Raises `MediaError`."""
        if self._tape is None:
            if self._start_ms > 0:
                self._tape, self._next = tape_from(self._media, self._start_ms, end_ms=self._end_ms)
            else:
                self._tape = open_tape(self._media, end_ms=self._end_ms)
        return self._tape

    def set_volume(self, volume: int) -> None:
        """Frames from now on have this volume. Join before more is rendered, if frames were made already."""
        self._volume = volume

    def set_end(self, end_ms: float | None) -> None:
        """The sound ends here, to the sample where it is decoded, to the frame where it passes through."""
        self._end_ms = end_ms
        if self._tape is not None:
            self._tape.end_ms = end_ms

    def seek(self, position_ms: float) -> None:
        """Start again from another place, at `next_index`. Raises `MediaError` if the source cannot go there."""
        self._tape, self._next = tape_from(self._media, position_ms, end_ms=self._end_ms)
        self._encoder = None

    def render(self, count: int) -> Batch:
        """Make up to `count` more frames; fewer only at the end or when the source fails."""
        frames: list[Frame] = []
        try:
            tape = self.open()
            for _ in range(count):
                position_ms = tape.position_ms(self._next)
                if position_ms is None:
                    return Batch(frames, ended=True)
                frames.append(Frame(self._make(tape, self._next), position_ms, self._next))
                self._next += 1
        except (MediaError, LoadFailed) as error:
            return Batch(frames, ended=True, error=error)
        return Batch(frames)

    def join(self, index: int, history: History, count: int) -> Batch:
        """Make frames from source frame `index` on that follow what the listener was sent without a click."""
        heard = _heard(history)
        self._encoder = self._make_encoder()
        before = heard[: len(history.before)][-PRIMING_FRAMES:]
        if history.after_silence:
            quiet = silence(FRAME_SAMPLES)
            before = [quiet] * PRIMING_FRAMES
            self._fade_from = quiet
        else:
            self._fade_from = heard[len(history.before)] if history.instead else None
        self._encoder.prime(before)
        self._bridge = BRIDGE_FRAMES
        self._next = index
        return self.render(count)

    def resume(self, index: int, count: int) -> Batch:
        """Make frames from source frame `index` on that sound as before; only for packets that pass."""
        self._next = index
        return self.render(count)

    def forget(self, before: int) -> None:
        """Source frames before this index will not be asked for again."""
        if self._tape is not None:
            self._tape.forget(before)

    def close(self) -> None:
        """Let go of the media."""
        self._media.close()

    def _make(self, tape: Tape, index: int) -> bytes:
        packet = tape.packet(index)
        if packet is not None and self._volume == UNTOUCHED:
            if self._encoder is None or self._bridge == 0:
                self._encoder = self._fade_from = None
                return packet
            self._bridge -= 1
        sound = amplify(tape.samples(index), volume_gain(self._volume))
        if self._fade_from is not None:
            sound = crossfade(self._fade_from, sound)
            self._fade_from = None
        if self._encoder is None:
            self._encoder = self._make_encoder()
        return self._encoder.encode(sound)


def _heard(history: History) -> list[Block]:
    """The frames that an encoder would have been fed for these packets, one for each."""
    sound = PacketSound()
    frames: list[Block] = []
    for packet in (*history.before, *history.instead):
        frames.extend(sound.push(packet))
    rest = sound.flush()
    return frames if rest is None else [*frames, rest]
