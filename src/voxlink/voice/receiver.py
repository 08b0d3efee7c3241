"""What the others say: datagrams in, each speaker's frames in order out. No socket, no clock."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from voxlink.errors import InvalidPacket
from voxlink.voice.encryption import PacketCipher
from voxlink.voice.events import SpeakingStarted, SpeakingStopped
from voxlink.voice.reorder import Packet, Reorder
from voxlink.voice.roster import Roster
from voxlink.voice.rtcp import HEADER_BYTES, ReceptionReport, parse_reports
from voxlink.voice.rtp import SILENCE_FRAME, is_rtcp, parse_header, payload_of

QUIET_S = 0.2
"""Without a packet for so long, a user has stopped speaking."""
QUIET_FRAMES = 3
"""So many silence frames in a row end a spurt of speech."""
UNKNOWN_PACKETS = 25
"""Packets kept for an ssrc whose user is not known yet."""
MAX_SPEAKERS = 1000
"""More ssrcs than this at a time are no call; the oldest is forgotten."""

_log = logging.getLogger("voxlink.voice")


@dataclass(frozen=True, slots=True)
class HeardOpus:
    """One 20 ms Opus frame of a user, decrypted; also Discord's silence frame, as it came."""

    user_id: int
    opus: bytes
    timestamp: int
    """RTP time of the speaker, 48,000 a second, 32 bits; it jumps where the speaker paused."""

    @property
    def is_silence(self) -> bool:
        """Whether it is Discord's silence frame."""
        return self.opus == SILENCE_FRAME


@dataclass(frozen=True, slots=True)
class Lost:
    """One 20 ms frame of a user that did not arrive or could not be decrypted; conceal it."""

    user_id: int
    timestamp: int


Heard = HeardOpus | Lost
Item = Heard | SpeakingStarted | SpeakingStopped


class _Speaker:
    def __init__(self) -> None:
        self.order = Reorder()
        self.early: deque[Packet] = deque(maxlen=UNKNOWN_PACKETS)
        self.last_at = 0.0
        self.quiet_frames = 0
        self.speaking = False


class Receiver:
    """The receiving side of one voice session.

    `decrypt(user_id, payload)` is the end-to-end layer and returns None for what it cannot open. `receive` and `tick`
    return frames, losses and speaking events in order. Nothing here raises for what the network brings.
    """

    def __init__(
        self, cipher: PacketCipher, roster: Roster, decrypt: Callable[[int, bytes], bytes | None], *, ssrc: int
    ) -> None:
        self._cipher = cipher
        self._roster = roster
        self._decrypt = decrypt
        self._ssrc = ssrc
        self._speakers: dict[int, _Speaker] = {}
        self.uplink: ReceptionReport | None = None
        """The server's last report on our own sound."""
        self.invalid = 0
        """Datagrams that were no packet of this session."""
        self.undecryptable = 0
        self.lost = 0
        self.received = 0

    def receive(self, datagram: bytes, now: float) -> list[Item]:
        """Take one datagram of the media socket, in the order of steps of voice.md 1.5."""
        try:
            if is_rtcp(datagram):
                self._take_report(datagram)
                return []
            header = parse_header(datagram)
            if header is None or header.ssrc == self._ssrc:
                return []
            payload = payload_of(header, self._cipher.open(datagram, header.size))
        except InvalidPacket as error:
            self.invalid += 1
            _log.debug("dropped a datagram: %s", error)
            return []
        speaker = self._speaker(header.ssrc)
        # An empty payload is padding of the server: nothing to hear, but it takes its place in the order.
        return self._hear(header.ssrc, speaker, speaker.order.push(Packet(*header[:2], payload), now), now)

    def next_deadline(self) -> float | None:
        """When to call `tick`, None for never."""
        holes = [at for speaker in self._speakers.values() if (at := speaker.order.next_deadline()) is not None]
        quiet = [speaker.last_at + QUIET_S for speaker in self._speakers.values() if speaker.speaking]
        return min(holes + quiet, default=None)

    def tick(self, now: float) -> list[Item]:
        """Give up holes and notice who has stopped speaking."""
        items: list[Item] = []
        for ssrc, speaker in self._speakers.items():
            items += self._hear(ssrc, speaker, speaker.order.tick(now), now)
            user_id = self._roster.user_of(ssrc)
            if speaker.speaking and now >= speaker.last_at + QUIET_S:
                speaker.speaking = False
                if user_id is not None:
                    items.append(SpeakingStopped(user_id))
        return items

    def end(self) -> list[Item]:
        """The session is over: whoever was speaking is heard no more."""
        speakers, self._speakers = self._speakers, {}
        users = {self._roster.user_of(ssrc) for ssrc, speaker in speakers.items() if speaker.speaking}
        return [SpeakingStopped(user_id) for user_id in users if user_id is not None]

    def user_left(self, user_id: int) -> list[Item]:
        """Forget a user's ssrcs; call it before the roster does."""
        gone = [ssrc for ssrc in self._speakers if self._roster.user_of(ssrc) == user_id]
        was_speaking = [self._speakers.pop(ssrc).speaking for ssrc in gone]
        return [SpeakingStopped(user_id)] if any(was_speaking) else []

    def _speaker(self, ssrc: int) -> _Speaker:
        speaker = self._speakers.get(ssrc)
        if speaker is None:
            if len(self._speakers) >= MAX_SPEAKERS:
                del self._speakers[next(iter(self._speakers))]
            speaker = self._speakers[ssrc] = _Speaker()
        return speaker

    def _hear(self, ssrc: int, speaker: _Speaker, packets: list[Packet], now: float) -> list[Item]:
        user_id = self._roster.user_of(ssrc)
        if user_id is None:
            speaker.early.extend(packets)
            return []
        items: list[Item] = []
        if speaker.early:
            packets = [*speaker.early, *packets]
            speaker.early.clear()
        for packet in packets:
            if packet.payload != b"":
                items += self._hear_frame(user_id, speaker, packet, now)
        return items

    def _hear_frame(self, user_id: int, speaker: _Speaker, packet: Packet, now: float) -> list[Item]:
        speaker.last_at = now
        opus = None if packet.payload is None else self._decrypt(user_id, packet.payload)
        if opus is None:
            if packet.payload is None:
                self.lost += 1
            else:
                self.undecryptable += 1
            return [Lost(user_id, packet.timestamp)] if speaker.speaking else []
        self.received += 1
        items: list[Item] = []
        if opus == SILENCE_FRAME:
            speaker.quiet_frames += 1
            items.append(HeardOpus(user_id, opus, packet.timestamp))
            if speaker.speaking and speaker.quiet_frames >= QUIET_FRAMES:
                speaker.speaking = False
                items.append(SpeakingStopped(user_id))
            return items
        speaker.quiet_frames = 0
        if not speaker.speaking:
            speaker.speaking = True
            items.append(SpeakingStarted(user_id))
        items.append(HeardOpus(user_id, opus, packet.timestamp))
        return items

    def _take_report(self, datagram: bytes) -> None:
        body = self._cipher.open(datagram, HEADER_BYTES)
        for report in parse_reports(datagram[:HEADER_BYTES], body):
            if report.ssrc == self._ssrc:
                self.uplink = report
