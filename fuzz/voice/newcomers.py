"""Members on their way into an encrypted call: one that begins, and one that waits to be let in."""

from __future__ import annotations

from fuzz.voice.call import Call
from fuzz.voice.member import THEM, US, Handshake, Member, recordings
from fuzz.voice.still import StillLoop, Watch
from voxlink.testing.dave_call import BinaryMessage

FRESH_WAITING = 200
"""After so many cases the one that waits offers another key package."""


class Newcomers:
    """Connections that stay for many worlds; to be used within `still`."""

    def __init__(self) -> None:
        self.watch, self.loop = Watch(), StillLoop()
        self._waiting: tuple[Member, dict[int, bytes]] | None = None
        self._waiting_cases = 0
        self._beginning: Member | None = None

    @property
    def waiting(self) -> tuple[Member, dict[int, bytes]]:
        """A member that offered a key package, and what would let it in."""
        self._waiting_cases += 1
        if self._waiting is None or self._waiting_cases % FRESH_WAITING == 0 or self._waiting[0].dave.has_key:
            self.wait_anew()
        assert self._waiting is not None
        return self._waiting

    def wait_anew(self) -> None:
        """Offer a new key package: davey takes the first welcome for one, and if that is bad no other."""
        member = Member(self, Handshake(recordings()[0], dave_version=1))
        call = Call(member)
        call.deliver(call.join_them())
        member.join()
        for message in call.service.join(US, 1, 0.0):
            call.to_us(message)
        member.text(b'{"op": 11, "d": {"user_ids": ["2"]}}')
        offers: dict[int, bytes] = {25: call.service.group.sender.announcement}
        messages = call.from_us()
        while messages:
            message = messages.pop(0)
            if message.user_id == THEM:
                messages += call.from_them(call.to_them(message))
            elif isinstance(message, BinaryMessage):
                offers[message.op] = message.body
        member.keep_the_group()
        self._waiting = (member, offers)

    @property
    def beginning(self) -> Member:
        """A member that does not know the external sender yet."""
        if self._beginning is None:
            self._beginning = Member(self, Handshake(recordings()[0], dave_version=1))
            self._beginning.join()
            self._beginning.keep_the_group()
        return self._beginning
