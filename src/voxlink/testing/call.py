"""The members of one voice channel: who is told about whom, and whose packets go where."""

from __future__ import annotations

from collections.abc import Callable

from voxlink.testing.rtp_packet import OPUS_PAYLOAD_TYPE, RtpHeader
from voxlink.testing.udp_socket import Address
from voxlink.testing.voice_member import VoiceMember

__all__ = ["Call"]

CLIENT_FLAGS, CLIENT_PLATFORM = 18, 20
SPEAKING, CLIENTS_CONNECT, CLIENT_DISCONNECT = 5, 11, 13


class Call:
    """One channel's call. Newcomers are told who is there, the others who came (ops 11, 5, 13).

    `send_datagram(data, address)` puts a packet on the wire.
    """

    def __init__(self, channel_id: int, send_datagram: Callable[[bytes, Address], None]) -> None:
        self.channel_id = channel_id
        self.members: list[VoiceMember] = []
        """In the order in which they joined."""
        self._send_datagram = send_datagram

    def join(self, newcomer: VoiceMember) -> None:
        """Take a member in and tell both sides."""
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

    def leave(self, member: VoiceMember) -> None:
        """Let a member go and tell the others; harmless when it is not here."""
        if member in self.members:
            self.members.remove(member)
            for other in self.members:
                other.send_numbered(CLIENT_DISCONNECT, {"user_id": str(member.user_id)})

    def speak(self, member: VoiceMember, speaking: int) -> None:
        """Note what a member says with op 5 and pass it on."""
        member.speaking = speaking
        for other in self.members:
            if other is not member:
                other.send_numbered(SPEAKING, _speaking(member))

    def forward(self, sender: VoiceMember, header: RtpHeader, payload: bytes) -> None:
        """Pass a payload on to everybody else, encrypted for each."""
        clear = b"\x80" + bytes([OPUS_PAYLOAD_TYPE]) + header.sequence.to_bytes(2, "big")
        clear += header.timestamp.to_bytes(4, "big") + sender.ssrc.to_bytes(4, "big")
        for receiver in self.members:
            if receiver is not sender and receiver.wants_media and receiver.media_address:
                self._send_datagram(receiver.seal(clear, payload), receiver.media_address)


def _speaking(member: VoiceMember) -> dict[str, object]:
    return {"speaking": member.speaking, "ssrc": member.ssrc, "user_id": str(member.user_id)}
