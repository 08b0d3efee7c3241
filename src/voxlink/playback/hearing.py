"""What the others say, as PCM: one decoder for each speaker, and losses concealed. Pure.

A lost frame is concealed by the mirror image of the one before it, so that there is no jump where the sound broke off,
faded out over 60 ms; the next frame that arrives is faded in over it. (libopus' own concealment cannot be reached
through PyAV, and decoding the last packet again piles up its energy: measured, up to 40 times the music's own jumps.)
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from voxlink.audio import FRAME_SAMPLES, Block, OpusDecoder, crossfade, pcm_from_block, silence
from voxlink.errors import DecodeFailed
from voxlink.voice import HeardOpus, Lost

FADE = (1.0, 0.66, 0.33, 0.0)
"""Level at the beginning of each concealed frame in a row; silent from the last on."""
MAX_SPEAKERS = 100
"""Decoders that are kept; whoever has not been heard for longest begins with a fresh one."""


@dataclass(frozen=True, slots=True)
class HeardPcm:
    """20 ms of one user (or as long as the user's frames are): 48 kHz, stereo, 16 bit, little-endian."""

    user_id: int
    pcm: bytes
    timestamp: int
    """RTP time of the speaker, 48,000 a second, 32 bits; it jumps where the speaker paused."""
    is_concealed: bool
    """Whether the frame was lost, and this is what takes its place."""


class SpeakerSound:
    """The sound of one speaker."""

    def __init__(self) -> None:
        self._decoder = OpusDecoder()
        self._last = silence(FRAME_SAMPLES)
        self._lost_in_a_row = 0

    def heard(self, opus: bytes) -> Block:
        """Decode the next frame. Raises `DecodeFailed` for what is no Opus; conceal it then."""
        block = self._decoder.decode(opus)
        sound = block
        if self._lost_in_a_row and len(block) == len(self._last):
            sound = crossfade(self._continued(), block)
        self._last = block
        self._lost_in_a_row = 0
        return sound

    def lost(self) -> Block:
        """Make up a frame that did not arrive."""
        sound = self._continued()
        self._last = self._last[::-1]
        self._lost_in_a_row += 1
        return sound

    def _continued(self) -> Block:
        """What would follow the last frame: its mirror image, fainter and fainter."""
        mirrored = self._last[::-1]
        step = min(self._lost_in_a_row, len(FADE) - 1)
        return crossfade(mirrored * FADE[step], mirrored * FADE[min(step + 1, len(FADE) - 1)])


class Hearing:
    """Turns what a connection hears into PCM, speaker by speaker."""

    def __init__(self) -> None:
        self._speakers: OrderedDict[int, SpeakerSound] = OrderedDict()

    def pcm(self, heard: HeardOpus | Lost) -> HeardPcm:
        """Decode a frame or conceal a loss. What is no Opus counts as lost."""
        speaker = self._speakers.pop(heard.user_id, None) or SpeakerSound()
        self._speakers[heard.user_id] = speaker
        if len(self._speakers) > MAX_SPEAKERS:
            self._speakers.popitem(last=False)
        if isinstance(heard, HeardOpus):
            try:
                block = speaker.heard(heard.opus)
            except DecodeFailed:
                pass
            else:
                return HeardPcm(heard.user_id, pcm_from_block(block), heard.timestamp, is_concealed=False)
        return HeardPcm(heard.user_id, pcm_from_block(speaker.lost()), heard.timestamp, is_concealed=True)
