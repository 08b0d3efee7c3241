"""The state behind the voice server's sockets: who is admitted, who is in which call, what trouble was ordered."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

from voxlink.testing.call import Call
from voxlink.testing.heard import Heard
from voxlink.testing.rtp_packet import is_rtcp
from voxlink.testing.simulated_member import SimulatedMember
from voxlink.testing.transport_cipher import MODES
from voxlink.testing.udp_socket import Address
from voxlink.testing.voice_member import GatewayLink, VoiceMember

__all__ = ["VoiceBackend"]

DISCOVERY_BYTES = 74
DISCOVERY_REQUEST, DISCOVERY_RESPONSE = 1, 2
PING_BYTES = 8
PING, PONG = b"\x13\x37\xca\xfe", b"\x13\x37\xf0\x0d"
LEAVING_CODES = {1000, 1001}
"""A client that closes with one of these has left; anything else is a disconnect that may be resumed."""
RESUMABLE_CODES = {4009, 4013, 4015}
"""Codes of 4000 and above after which the session lives on; so it does after every code below 4000."""
SESSION_ENDING_CODES = {4004, 4006, 4011, 4014, 4021, 4022}
"""Codes after which the session's credentials are worth nothing: the client needs new server data."""
FIRST_SSRC = 0x1000


class VoiceBackend:
    """Sessions, calls and media of one voice server. Sockets are others' business.

    `send_datagram(data, address)` puts a packet on the wire.
    """

    def __init__(
        self,
        send_datagram: Callable[[bytes, Address], None],
        *,
        dave_version: int,
        requires_dave: bool,
        heartbeat_interval_ms: int,
        open_every: int,
        first_sequence: int,
        resume_window_s: float,
    ) -> None:
        self.modes: tuple[str, ...] = MODES
        self.heartbeat_interval_ms = heartbeat_interval_ms
        self.requires_dave = requires_dave
        self.highest_dave_version = dave_version
        self.media_port = 0
        self.withholds_heartbeat_acks = False
        self.discoveries_to_lose = 0
        self.strays = 0
        self.members: list[VoiceMember] = []
        self._send_datagram = send_datagram
        self._open_every = open_every
        self._first_sequence = first_sequence
        self._resume_window_s = resume_window_s
        self._heard: dict[tuple[int, int], Heard] = {}
        self._calls: dict[int, Call] = {}
        self._by_ssrc: dict[int, VoiceMember] = {}
        self._ssrcs = itertools.count(FIRST_SSRC)
        self._endings: dict[str, asyncio.TimerHandle] = {}

    # Sessions

    def admit(self, guild_id: int, user_id: int, channel_id: int, *, session_id: str | None = None) -> VoiceMember:
        """Make a session that may identify; an older one of the same user in the guild ends when it does."""
        member = VoiceMember(
            guild_id, user_id, channel_id, self.heard(guild_id, user_id), first_sequence=self._first_sequence
        )
        member.session_id = session_id or member.session_id
        self.members.append(member)
        return member

    def seat(self, guild_id: int, user_id: int, channel_id: int) -> SimulatedMember:
        """Put a member without sockets into a call."""
        member = self.admit(guild_id, user_id, channel_id)
        call = self.call(channel_id)
        seated = SimulatedMember(member, call)
        self.identified(member, seated)
        member.max_dave_version = 1
        member.ear = seated.hear
        seated.join()
        return seated

    def heard(self, guild_id: int, user_id: int) -> Heard:
        """Return what is heard of a user in a guild, from before the first session on."""
        return self._heard.setdefault((guild_id, user_id), Heard())

    def find(self, session_id: object) -> VoiceMember | None:
        """Return the newest session of that id, ended or not."""
        return next((member for member in reversed(self.members) if member.session_id == session_id), None)

    def newest(self, guild_id: int, user_id: int) -> VoiceMember | None:
        """Return a user's newest session in a guild that has identified."""
        sessions = (m for m in reversed(self.members) if (m.guild_id, m.user_id) == (guild_id, user_id) and m.ssrc)
        return next(sessions, None)

    def call(self, channel_id: int) -> Call:
        """Return a channel's call, with or without members."""
        if channel_id not in self._calls:
            self._calls[channel_id] = Call(channel_id, self.highest_dave_version, self._send_datagram)
        return self._calls[channel_id]

    def end(self, member: VoiceMember, code: int) -> None:
        """End a session for good: its call goes on without it."""
        member.end_code = code
        self._leave(member)

    def close(self, member: VoiceMember, code: int, *, keeps_session: bool) -> None:
        """Close a member's socket with a code."""
        link, member.link = member.link, None
        if link is not None:
            link.close(code)
        if keeps_session:
            self._keep_for_resume(member)
        elif code in SESSION_ENDING_CODES:
            self.end(member, code)
        else:
            self._leave(member)

    def stop(self) -> None:
        """Cut every socket and forget every timer."""
        for ending in self._endings.values():
            ending.cancel()
        self._endings.clear()
        for call in self._calls.values():
            call.stop()
        for member in self.members:
            if member.link is not None:
                member.link.abort()

    def _leave(self, member: VoiceMember) -> None:
        ending = self._endings.pop(member.session_id, None)
        if ending is not None:
            ending.cancel()
        self._by_ssrc.pop(member.ssrc, None)
        call = self._calls.get(member.channel_id)
        if call is not None:
            call.leave(member)
        member.uplink = None

    def _keep_for_resume(self, member: VoiceMember) -> None:
        if member.session_id not in self._endings:
            loop = asyncio.get_running_loop()
            self._endings[member.session_id] = loop.call_later(self._resume_window_s, self.end, member, 4006)

    # What gateways report

    def identified(self, member: VoiceMember, link: GatewayLink) -> None:
        """Give a member that proved itself an SSRC; whatever else that user had in the guild ends."""
        for other in self.members:
            is_same_user = (other.guild_id, other.user_id) == (member.guild_id, member.user_id)
            if is_same_user and other.ssrc and other.end_code is None:
                old_link, other.link = other.link, None
                if old_link is not None:
                    old_link.close(4006)
                self._leave(other)
                if other is not member:
                    other.end_code = 4006
        member.link = link
        member.identify(next(self._ssrcs))
        self._by_ssrc[member.ssrc] = member

    def agreed(self, member: VoiceMember, mode: str, address: Address) -> bytes:
        """Make the key of a member that selected a mode, and return it."""
        return member.agree(mode, address, open_every=self._open_every)

    def dave_version(self, member: VoiceMember) -> int:
        """Return the end-to-end encryption version that a newcomer is told."""
        return self.call(member.channel_id).dave.version_for(member.max_dave_version)

    def joined(self, member: VoiceMember) -> None:
        """Take a member that has its key into its call."""
        self.call(member.channel_id).join(member)

    def resumed(self, member: VoiceMember, link: GatewayLink) -> None:
        """Give a session its new socket."""
        ending = self._endings.pop(member.session_id, None)
        if ending is not None:
            ending.cancel()
        old_link, member.link = member.link, link
        if old_link is not None:
            old_link.abort()
        member.resumes += 1

    def lost(self, member: VoiceMember, code: int) -> None:
        """A member's socket is gone, closed by the client or cut."""
        member.link = None
        if code in LEAVING_CODES:
            self.end(member, code)
        elif member.end_code is None:
            self._keep_for_resume(member)

    def refused(self, member: VoiceMember | None, code: int, what: str) -> None:
        """A member broke the protocol and is about to be closed with `code`."""
        if member is not None:
            member.heard.fault(f"{what} refused: close {code}")
            member.link = None
            self._leave(member)

    def heartbeat(self, member: VoiceMember | None) -> bool:
        """Say whether a heartbeat is acknowledged."""
        return not self.withholds_heartbeat_acks

    def speaking(self, member: VoiceMember, speaking: int) -> None:
        """A member sent op 5."""
        if member.uplink is not None:
            member.uplink.has_spoken = True
        call = self._calls.get(member.channel_id)
        if call is not None and member in call.members:
            call.speak(member, speaking)

    def text(self, member: VoiceMember, op: int, data: dict[str, object]) -> None:
        """A member sent op 23 or 31."""
        if member.is_live:
            self.call(member.channel_id).take_text(member, op, data)

    def binary(self, member: VoiceMember, op: int, body: bytes) -> None:
        """A member sent a binary message.

        Raises:
            DaveFailure: The body is not what its opcode says.

        """
        if member.is_live:
            self.call(member.channel_id).take_binary(member, op, body)

    # Media

    def datagram(self, data: bytes, address: Address, arrived_at: float) -> None:
        """Take one datagram: discovery, ping, RTCP or RTP."""
        if len(data) == DISCOVERY_BYTES and int.from_bytes(data[:2], "big") == DISCOVERY_REQUEST:
            self._discover(data, address)
        elif len(data) == PING_BYTES:
            if data[:4] == PING:
                self._send_datagram(PONG + data[4:], address)
        elif is_rtcp(data):
            member = self._by_ssrc.get(int.from_bytes(data[4:8], "big"))
            if member is not None and member.uplink is not None:
                member.uplink.receive_report(data)
        else:
            self._audio(data, arrived_at)

    def _discover(self, request: bytes, address: Address) -> None:
        if self.discoveries_to_lose > 0:
            self.discoveries_to_lose -= 1
            return
        head = DISCOVERY_RESPONSE.to_bytes(2, "big") + request[2:8]
        host, port = address
        self._send_datagram(head + host.encode("ascii").ljust(64, b"\0") + port.to_bytes(2, "big"), address)

    def _audio(self, data: bytes, arrived_at: float) -> None:
        member = self._by_ssrc.get(int.from_bytes(data[8:12], "big"))
        if member is None:
            self.strays += 1
            return
        opened = member.receive(data, arrived_at)
        if opened is not None:
            call = self._calls.get(member.channel_id)
            if call is not None and len(call.members) > 1:
                call.forward(member, *opened)

    def report_reception(self) -> None:
        """Send each live member a receiver report about its packets, as Discord does every few seconds."""
        for member in self.members:
            if member.is_live and member.uplink is not None and member.media_address is not None:
                clear, plain = member.uplink.report(member.uplink_trouble)
                self._send_datagram(member.seal(clear, plain), member.media_address)
