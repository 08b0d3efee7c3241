"""The members of one voice channel: who is told about whom, whose packets go where, and their encryption."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVarTuple

from voxlink.testing.dave_call import (
    MLS_COMMIT_WELCOME,
    MLS_INVALID,
    MLS_KEY_PACKAGE,
    TRANSITION_READY,
    DaveCall,
    DaveMessage,
    TextMessage,
)
from voxlink.testing.rtp_packet import SILENCE_FRAME, RtpHeader
from voxlink.testing.udp_socket import Address
from voxlink.testing.voice_member import VoiceMember

__all__ = ["Call"]

Parts = TypeVarTuple("Parts")
CLIENT_FLAGS, CLIENT_PLATFORM = 18, 20
SPEAKING, CLIENTS_CONNECT, CLIENT_DISCONNECT = 5, 11, 13


class Call:
    """One channel's call. Newcomers are told who is there, the others who came (ops 11, 5, 13).

    `send_datagram(data, address)` puts a packet on the wire. Runs on the event loop's thread, whose clock ends
    transitions that nobody answers.
    """

    def __init__(self, channel_id: int, dave_version: int, send_datagram: Callable[[bytes, Address], None]) -> None:
        self.channel_id = channel_id
        self.dave = DaveCall(channel_id, dave_version)
        self.members: list[VoiceMember] = []
        """In the order in which they joined."""
        self._send_datagram = send_datagram
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: list[asyncio.Future[None]] = []

    def join(self, newcomer: VoiceMember) -> None:
        """Take a member in and tell both sides; op 11 comes before any proposal to add the member."""
        others = list(self.members)
        self.members.append(newcomer)
        if others:
            newcomer.send_numbered(CLIENTS_CONNECT, {"user_ids": [str(other.user_id) for other in others]})
        for other in others:
            # Clients that we serve must ignore these two, as they do Discord's.
            newcomer.send(CLIENT_FLAGS, {"user_id": str(other.user_id), "flags": 2})
            newcomer.send(CLIENT_PLATFORM, {"user_id": str(other.user_id), "platform": 0})
            if other.speaking:
                newcomer.send_numbered(SPEAKING, _speaking(other))
            other.send_numbered(CLIENTS_CONNECT, {"user_ids": [str(newcomer.user_id)]})
        self.carry(self.dave.join(newcomer.user_id, newcomer.max_dave_version, _now()))

    def leave(self, member: VoiceMember) -> None:
        """Let a member go and tell the others; harmless when it is not here."""
        if member in self.members:
            self.members.remove(member)
            for other in self.members:
                other.send_numbered(CLIENT_DISCONNECT, {"user_id": str(member.user_id)})
            self.carry(self.dave.leave(member.user_id))

    def speak(self, member: VoiceMember, speaking: int) -> None:
        """Note what a member says with op 5 and pass it on."""
        member.speaking = speaking
        for other in self.members:
            if other is not member:
                other.send_numbered(SPEAKING, _speaking(member))

    # End-to-end encryption

    def take_text(self, member: VoiceMember, op: int, data: dict[str, object]) -> None:
        """Take op 23 or 31 of a member."""
        transition_id = data.get("transition_id")
        if op == TRANSITION_READY and isinstance(transition_id, int):
            self.carry(self.dave.ready(member.user_id, transition_id))
        elif op == MLS_INVALID:
            self.carry(self.dave.invalid(member.user_id))

    def take_binary(self, member: VoiceMember, op: int, body: bytes) -> None:
        """Take op 26 or 28 of a member.

        Raises:
            DaveFailure: The body is not what its opcode says.

        """
        if op == MLS_KEY_PACKAGE:
            self.carry(self.dave.key_package(member.user_id, body))
        elif op == MLS_COMMIT_WELCOME:
            self.carry(self.dave.commit(member.user_id, body, _now()))

    def carry(self, messages: list[DaveMessage]) -> None:
        """Send what the call's encryption orders, and wake up when its next transition is overdue."""
        members = {member.user_id: member for member in self.members}
        for message in messages:
            member = members.get(message.user_id)
            if member is None:
                continue
            if isinstance(message, TextMessage):
                member.send_numbered(message.op, message.data)
            else:
                member.send_binary(message.op, message.body)
        self.stop()
        deadline = self.dave.next_deadline()
        if deadline is not None:
            self._timer = asyncio.get_running_loop().call_at(deadline, self._tick)

        self._wake()

    async def wait_settled(self) -> None:
        """Wait until every member is in the group and nothing is under way; cancelling is safe."""
        settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(settled)
        self._wake()
        await settled

    def _wake(self) -> None:
        if self.dave.is_settled:
            for settled in self._waiting:
                if not settled.done():
                    settled.set_result(None)
            self._waiting.clear()

    def stop(self) -> None:
        """Forget the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        self.carry(self.dave.tick(_now()))

    # Media

    def forward(self, sender: VoiceMember, header: RtpHeader, payload: bytes) -> None:
        """Pass a payload on to everybody else, dressed and encrypted for each."""
        for delay_s in sender.uplink_trouble.delays_s() if sender.uplink_trouble else (0.0,):
            if delay_s:
                asyncio.get_running_loop().call_later(delay_s, self._spread, sender, header, payload)
            else:
                self._spread(sender, header, payload)

    def _spread(self, sender: VoiceMember, header: RtpHeader, payload: bytes) -> None:
        for receiver in self.members:
            if receiver is sender or not receiver.wants_media:
                continue
            if receiver.ear is not None:
                self._hand_over(receiver, receiver.ear, sender, header, payload)
            elif receiver.media_address:
                self._send(receiver, *receiver.dress.wear(header, sender.ssrc, payload))
                if payload == SILENCE_FRAME:
                    self._send(receiver, *receiver.dress.padding_only(header, sender.ssrc))

    def _send(self, receiver: VoiceMember, clear: bytes, plain: bytes) -> None:
        assert receiver.media_address is not None
        packet = receiver.seal(clear, plain)
        self._hand_over(receiver, self._send_datagram, packet, receiver.media_address)

    def _hand_over(self, receiver: VoiceMember, take: Callable[[*Parts], None], *parts: *Parts) -> None:
        """Give a receiver one packet, as often and as late as its link brings it."""
        for delay_s in receiver.downlink_trouble.delays_s() if receiver.downlink_trouble else (0.0,):
            if delay_s:
                asyncio.get_running_loop().call_later(delay_s, take, *parts)
            else:
                take(*parts)


def _speaking(member: VoiceMember) -> dict[str, object]:
    return {"speaking": member.speaking, "ssrc": member.ssrc, "user_id": str(member.user_id)}


def _now() -> float:
    return asyncio.get_running_loop().time()
