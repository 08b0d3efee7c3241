"""The live encrypted call that cases are thrown at, and what its server might say next."""

from __future__ import annotations

import struct

from fuzz.voice.bases import Dressed, dressed
from fuzz.voice.call import Call
from fuzz.voice.case import Case
from fuzz.voice.member import CHANNEL, QUEUED, THEM, THIRD, US, Handshake, Member, recordings
from fuzz.voice.newcomers import Newcomers
from voxlink.testing.dave_call import BinaryMessage
from voxlink.testing.dave_participant import DaveParticipant
from voxlink.testing.mls_wire import read_key_package, vec
from voxlink.voice.encryption import AES256_GCM, XCHACHA20_POLY1305
from voxlink.voice.gateway_state import State
from voxlink.voice.rtp import SILENCE_FRAME

THEIR_SSRC = 4097
RENEW_AFTER = 5_000
"""Cases with one world; then another is set up, so that no case hides behind an earlier one."""
REFRESH_EVERY = 16
"""After so many cases the roster is told anew who is there, and one good frame ends a row of bad ones."""


class World:
    """Our connections in the middle of calls, and what their server might say next; to be made within `still`."""

    def __init__(self, number: int, newcomers: Newcomers) -> None:
        self.newcomers = newcomers
        self.watch, self.loop = newcomers.watch, newcomers.loop
        self.mode = XCHACHA20_POLY1305 if number % 4 == 3 else AES256_GCM
        self.history: list[Case] = []
        """The cases so far: what a later case met may be an earlier one's work."""
        self.offers: dict[int, list[bytes]] = {}
        """Opcode -> bodies that the live group would take."""
        self.packets = 0
        self.spent_by = ""
        """Why no further case should run here; empty while one may."""
        handshake = Handshake(recordings()[number % len(recordings())], dave_version=1, mode=self.mode)
        self.cipher = handshake.cipher()
        # In one world of five so little is queued that commits wait, and what follows waits behind them.
        self.live = Member(self, handshake, queued=5 if number % 5 == 4 else QUEUED)
        self.roster = self.live.connection._roster
        call = Call(self.live)
        self.them = call.them
        self.service = call.service
        self.live.join()
        self.introduce()
        call.deliver(call.join_us())
        call.deliver(call.join_them())
        assert self.live.dave.has_key
        self.epoch = self.live.dave.epoch
        self.live.keep_the_group()
        self._make_offers(call)
        self.refresh()

    def _make_offers(self, call: Call) -> None:
        """Let a third member ask for its place: what comes of it stays on the way, and cases are made of it."""
        third = DaveParticipant(THIRD, CHANNEL)
        group = self.service.group
        self.service.join(THIRD, 1, 0.0)
        (package,) = third.begin(1)
        messages = call.say(THIRD, package.op, package.body, 0)
        (adds,) = [each.body for each in messages if isinstance(each, BinaryMessage) and each.user_id == US]
        self.live.binary(27, adds)
        self.live.wire.sent.clear()
        (commit,) = call.to_them(next(each for each in messages if each.user_id == THEM))
        accepted = call.say(THEM, commit.op, commit.body, 0)
        commits = [each.body for each in accepted if isinstance(each, BinaryMessage) and each.user_id == US]
        epoch = self.epoch or 0
        remove = group.sender.remove(epoch, 1)
        add = group.sender.add(epoch, read_key_package(package.body))
        self.package = package.body
        both = b"\0" + vec(remove.message + add.message)
        self.offers = {
            25: [group.sender.announcement],
            27: [adds, b"\0" + vec(remove.message), both, b"\1" + vec(vec(remove.reference)), b"\0\0"],
            29: commits,
        }

    def plain(self, recording: int) -> Member:
        """A new member of a call without end-to-end encryption, before its handshake."""
        chosen = recordings()[recording % len(recordings())]
        return Member(self, Handshake(chosen, dave_version=0, mode=self.mode))

    # Media

    def seal(self, clear: bytes, plain: bytes) -> bytes:
        """Encrypt as the server does."""
        self.packets += 1
        counter = self.packets.to_bytes(4, "big")
        return clear + self.cipher.seal(counter + bytes(8), plain, clear) + counter

    def frame(self, size: int) -> bytes:
        """Return what the other member sends for an Opus frame of so many bytes."""
        if size in (0, len(SILENCE_FRAME)):
            return SILENCE_FRAME[:size]
        return self.them.encrypt(b"\xfc" + b"o" * (size - 1)) or b""

    def dress(self, like: Dressed, frame: bytes) -> tuple[bytes, bytes]:
        """Put a frame into a packet that looks like a recorded one; return its clear head and what to encrypt."""
        if self.roster.user_of(THEIR_SSRC) != THEM:
            self.introduce()
        speaker = self.live.session.receiver._speakers.get(THEIR_SSRC)
        sequence = (speaker and speaker.order._next) or self.packets & 0xFFFF
        timestamp = 960 * self.packets & 0xFFFF_FFFF
        clear = struct.pack("!BBHII", like.flags, 120, sequence, timestamp, THEIR_SSRC) + like.preamble
        return clear, like.extension + frame + like.padding

    # Upkeep

    def heal(self) -> None:
        """After a case: time passes, the live connection is answered, and now and then told what is what."""
        self.loop.now += 0.001
        live = self.live
        live.serve()
        if live.gateway.state is State.RESUME_DELAY:
            self.loop.now = max(self.loop.now, live.gateway.next_deadline() or 0)
            live.serve()
        live.wire.sent.clear()
        if len(self.history) % REFRESH_EVERY == 0 and live.is_live:
            live.look()
            self.refresh()
        if not live.is_live or live.connection._session is None:
            self.spent_by = f"gateway {live.gateway.state.value}"
        elif live.dave.epoch != self.epoch:
            self.spent_by = "another group"
        elif len(self.history) >= RENEW_AFTER:
            self.spent_by = "age"

    def introduce(self) -> None:
        """Say again who is there."""
        self.live.text(b'{"op": 11, "d": {"user_ids": ["2", "3"]}}')
        self.live.text(b'{"op": 5, "d": {"ssrc": %d, "user_id": "2", "speaking": 1}}' % THEIR_SSRC)

    def refresh(self) -> None:
        """Say again who is there, and let the other member be heard."""
        self.introduce()
        self.live.connection.datagram_received(self.seal(*self.dress(dressed()[0], self.frame(20))))
