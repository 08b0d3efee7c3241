"""A member of a call who lives inside the server: hears, speaks, encrypts, and needs no socket."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Sequence
from typing import Any

from voxlink._util.wrapping import distance_u16
from voxlink.testing.call import Call
from voxlink.testing.dave_call import EXECUTE_TRANSITION, MLS_ANNOUNCE_COMMIT, PREPARE_EPOCH, PREPARE_TRANSITION
from voxlink.testing.dave_participant import DaveParticipant, Reply
from voxlink.testing.heard import Heard, HeardFrame
from voxlink.testing.rtp_packet import FRAME_SAMPLES, SILENCE_FRAME, RtpHeader
from voxlink.testing.voice_member import VoiceMember

__all__ = ["SimulatedMember"]

FRAME_S = 0.020
TRAILING_SILENCES = 5


class SimulatedMember:
    """A person in a channel of the simulated server, made by `VoiceServer.seat`.

    It takes part in the call's encryption like any client, so it hears what a person would hear: frames that it
    cannot decrypt are counted in `undecodable` and heard as holes.
    """

    def __init__(self, member: VoiceMember, call: Call) -> None:
        self.user_id = member.user_id
        self.undecodable: dict[int, int] = {}
        """How many frames of each user could not be decrypted."""
        self.commit_delay_s = 0.0
        """How late it learns of each commit, with everything that follows: a slow client."""
        self._member = member
        self._call = call
        self._participant = DaveParticipant(member.user_id, call.channel_id)
        self._heard: dict[int, Heard] = {}
        self._highest: dict[int, RtpHeader] = {}
        self._held: deque[str | bytes] = deque()
        self._holding: asyncio.TimerHandle | None = None
        self._sequence = secrets.randbelow(1 << 16)
        self._timestamp = secrets.randbelow(1 << 32)

    def __repr__(self) -> str:
        return f"<SimulatedMember user={self.user_id} dave={self._participant.version} epoch={self.epoch}>"

    @property
    def epoch(self) -> int | None:
        """The epoch of its group."""
        return self._participant.epoch

    @property
    def privacy_code(self) -> str | None:
        """The voice privacy code that it shows."""
        return self._participant.privacy_code

    @property
    def errors(self) -> list[str]:
        """What its MLS library could not process."""
        return self._participant.errors

    def join(self) -> None:
        """Enter the call; `VoiceServer.seat` has done so."""
        version = self._call.dave.version_for(1)
        self._call.join(self._member)
        self._answer(self._participant.begin(version))

    def leave(self) -> None:
        """Leave the call; harmless when repeated."""
        self.abort()
        self._call.leave(self._member)

    def listener(self, user_id: int) -> Heard:
        """Return what it heard of another member, decrypted."""
        return self._heard.setdefault(user_id, Heard())

    async def speak(self, frames: Sequence[bytes]) -> None:
        """Say Opus frames at their pace, and five silence frames behind them; cancelling stops at once.

        While the call is encrypted and it has no key yet, frames are left out.
        """
        loop = asyncio.get_running_loop()
        self._call.speak(self._member, 1)
        started = loop.time()
        for number, frame in enumerate([*frames, *[SILENCE_FRAME] * TRAILING_SILENCES]):
            await asyncio.sleep(max(0.0, started + number * FRAME_S - loop.time()))
            self.say(frame)
        self._call.speak(self._member, 0)

    def say(self, frame: bytes) -> None:
        """Send one frame now."""
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + FRAME_SAMPLES) & 0xFFFF_FFFF
        payload = self._participant.encrypt(frame)
        if payload is not None:
            header = RtpHeader(12, 120, self._sequence, self._timestamp, self._member.ssrc, 0, is_padded=False)
            self._call.forward(self._member, header, payload)

    # What the call does with it: it is its own gateway link

    def hear(self, sender: VoiceMember, header: RtpHeader, payload: bytes) -> None:
        """Take one payload of another member."""
        now = asyncio.get_running_loop().time()
        frame = self._participant.decrypt(sender.user_id, payload)
        if frame is None:
            self.undecodable[sender.user_id] = self.undecodable.get(sender.user_id, 0) + 1
            return
        heard = self.listener(sender.user_id)
        before = self._highest.get(header.ssrc)
        step = 1 if before is None else distance_u16(header.sequence, before.sequence)
        if step <= 0:
            return
        self._highest[header.ssrc] = header
        is_silence = frame == SILENCE_FRAME
        position = heard.advance(step - 1, now, is_silence=is_silence)
        heard.add(HeardFrame(frame, now, header.sequence, header.timestamp, 0, is_silence, position))

    def send(self, message: str | bytes) -> None:
        """Take a message of the gateway."""
        if self._holding is not None:
            self._held.append(message)
        elif self.commit_delay_s and isinstance(message, bytes) and message[2] == MLS_ANNOUNCE_COMMIT:
            self.pause(self.commit_delay_s)
            self._held.append(message)
        else:
            self._take(message)

    def pause(self, seconds: float) -> None:
        """Take what comes from now on so much later."""
        if self._holding is None:
            self._holding = asyncio.get_running_loop().call_later(seconds, self._go_on)

    def stall(self, *, stalled: bool) -> None:
        """It has no socket that could stall."""

    def close(self, code: int) -> None:
        """It has no socket to close: it leaves."""
        self.leave()

    def abort(self) -> None:
        """It has no socket to cut: it takes no more messages and answers none."""
        if self._holding is not None:
            self._holding.cancel()
            self._holding = None
        self._held.clear()
        self._member.link = None

    def _go_on(self) -> None:
        self._holding = None
        if self._held:
            self._take(self._held.popleft())
        while self._held and self._holding is None:
            self.send(self._held.popleft())

    def _take(self, message: str | bytes) -> None:
        # A reply may bring the next message at once; the loop keeps them in order.
        asyncio.get_running_loop().call_soon(self._process, message)

    def _process(self, message: str | bytes) -> None:
        if self._member.link is not self:
            return
        if isinstance(message, bytes):
            self._answer(self._participant.take_binary(message[2], message[3:]))
        else:
            body: dict[str, Any] = json.loads(message)
            if body["op"] in {PREPARE_TRANSITION, EXECUTE_TRANSITION, PREPARE_EPOCH}:
                self._answer(self._participant.take_text(body["op"], body["d"]))

    def _answer(self, replies: list[Reply]) -> None:
        for reply in replies:
            if reply.body:
                self._call.take_binary(self._member, reply.op, reply.body)
            else:
                self._call.take_text(self._member, reply.op, {"transition_id": reply.transition_id})
