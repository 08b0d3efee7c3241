"""One member's voice session at the server: who it is, what was agreed, what it was sent."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from typing import Protocol

from voxlink.testing.downlink import Dress
from voxlink.testing.heard import Heard
from voxlink.testing.link_trouble import LinkTrouble
from voxlink.testing.message_log import MessageLog
from voxlink.testing.rtp_packet import RtpHeader
from voxlink.testing.transport_cipher import KEY_BYTES, NONCE_BYTES, TransportCipher, make_cipher
from voxlink.testing.udp_socket import Address
from voxlink.testing.uplink import Uplink

__all__ = ["GatewayLink", "VoiceMember"]


class GatewayLink(Protocol):
    """What a member needs of its websocket."""

    def send(self, message: str | bytes) -> None:
        """Queue one message; never blocks."""
        ...

    def pause(self, seconds: float) -> None:
        """Hold back everything that is queued after this for a while."""
        ...

    def stall(self, *, stalled: bool) -> None:
        """Neither read nor write until told otherwise, the connection staying open."""
        ...

    def close(self, code: int) -> None:
        """Close the socket with a code after what is queued."""
        ...

    def abort(self) -> None:
        """Cut the TCP connection without a word."""
        ...


class VoiceMember:
    """A voice session from admission to its end. It outlives its websocket, so that it can be resumed."""

    def __init__(self, guild_id: int, user_id: int, channel_id: int, heard: Heard, first_sequence: int) -> None:
        self.guild_id = guild_id
        self.user_id = user_id
        self.channel_id = channel_id
        self.session_id = secrets.token_hex(16)
        self.token = secrets.token_hex(8)
        self.heard = heard
        self.link: GatewayLink | None = None
        self.end_code: int | None = None
        """The close code that ended the session for good."""
        self.resumes = 0
        """How often it was resumed."""
        self.max_dave_version = 0
        self.wants_media = True
        """False after op 15 with `any: 0`."""
        self.speaking = 0
        self.ssrc = 0
        self.uplink: Uplink | None = None
        self.media_address: Address | None = None
        self.ear: Callable[[VoiceMember, RtpHeader, bytes], None] | None = None
        """Takes payloads in place of a media socket: `ear(sender, header, payload)`."""
        self.dress = Dress(user_id)
        self.uplink_trouble: LinkTrouble | None = None
        """What happens to its packets on their way to the others, after they were judged."""
        self.downlink_trouble: LinkTrouble | None = None
        """What happens to packets on their way to it."""
        self.delays_s: dict[int, float] = {}
        """Opcodes that reach it late; everything after them waits, too."""
        self._first_sequence = first_sequence
        self._cipher: TransportCipher | None = None
        self._sent_packets = 0
        self.log = MessageLog(first_sequence)

    def __repr__(self) -> str:
        state = "ended" if self.end_code is not None else "live" if self.uplink else "admitted"
        return f"<VoiceMember guild={self.guild_id} user={self.user_id} ssrc={self.ssrc} {state}>"

    @property
    def is_live(self) -> bool:
        """Whether it takes part in the call: a key was agreed on and the session has not ended."""
        return self.uplink is not None and self.end_code is None

    def identify(self, ssrc: int) -> None:
        """Begin anew under a fresh SSRC; nothing of an earlier Identify is kept."""
        self.ssrc = ssrc
        self.uplink = self._cipher = self.media_address = None
        self.speaking = self._sent_packets = 0
        self.wants_media = True
        self.log = MessageLog(self._first_sequence)

    def agree(self, mode: str, address: Address, *, open_every: int) -> bytes:
        """Make the session's key for `mode`, and return it; media goes to `address` from now on."""
        key = os.urandom(KEY_BYTES)
        self._cipher = make_cipher(mode, key)
        self.media_address = address
        self.uplink = Uplink(self.ssrc, make_cipher(mode, key), self.heard, open_every=open_every)
        return key

    def send(self, op: int, data: object) -> None:
        """Send a message that is not numbered; without a socket it is lost."""
        if self.link is not None:
            self.link.send(json.dumps({"op": op, "d": data}))

    def send_numbered(self, op: int, data: object) -> None:
        """Send a numbered text message, or keep it for the resume."""
        self._deliver(op, self.log.number_text(op, data))

    def send_binary(self, op: int, body: bytes) -> None:
        """Send a binary message (always numbered), or keep it for the resume."""
        self._deliver(op, self.log.number_binary(op, body))

    def seal(self, header: bytes, plain: bytes) -> bytes:
        """Encrypt one packet for this member; the nonce counts up over all packets to it, RTP and RTCP."""
        assert self._cipher is not None
        self._sent_packets += 1
        nonce = self._sent_packets.to_bytes(NONCE_BYTES, "big")
        return header + self._cipher.seal(nonce, plain, header) + nonce

    def receive(self, packet: bytes, arrived_at: float) -> tuple[RtpHeader, bytes] | None:
        """Judge one RTP packet of this member; see `Uplink.receive`."""
        return self.uplink.receive(packet, arrived_at) if self.uplink else None

    def _deliver(self, op: int, message: str | bytes) -> None:
        if self.link is not None:
            if op in self.delays_s:
                self.link.pause(self.delays_s[op])
            self.link.send(message)
