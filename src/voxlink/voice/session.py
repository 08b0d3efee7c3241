"""One voice session between two handshakes: its end-to-end layer, its receiver and its keepalive, bound together."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from voxlink.voice.dave import Dave
from voxlink.voice.discovery import Keepalive
from voxlink.voice.encryption import cipher_for
from voxlink.voice.gateway_effect import Effect, SendDatagram, StartSession
from voxlink.voice.gateway_message import DaveMessage
from voxlink.voice.login import VoiceLogin
from voxlink.voice.receiver import Item, Receiver
from voxlink.voice.roster import Roster


class Step(NamedTuple):
    """What came of something: effects to carry out, and what was heard."""

    effects: list[Effect]
    items: list[Item]


class Session:
    """The machines of one session. Ends with it; a resumed socket keeps it, a fresh one makes a new one."""

    def __init__(
        self, start: StartSession, login: VoiceLogin, roster: Roster, now: float, *, queued_ms: Callable[[], int]
    ) -> None:
        self.dave = Dave(login.user_id, login.channel_id, users=roster.users, queued_ms=queued_ms)
        self.receiver = Receiver(cipher_for(start.mode, start.key), roster, self.dave.decrypt, ssrc=start.ssrc)
        self.keepalive = Keepalive(now)

    def resumed(self, now: float) -> None:
        """The websocket of this session was lost and is resumed."""
        self.dave.resumed(now)

    def dave_message(self, message: DaveMessage, now: float) -> Step:
        """Take a message about end-to-end encryption."""
        return Step(self.dave.receive(message, now), [])

    def datagram(self, datagram: bytes, now: float) -> Step:
        """Take a datagram of the media socket."""
        if self.keepalive.take(datagram, now):
            return Step([], [])
        items = self.receiver.receive(datagram, now)
        return Step(self.dave.flush(), items)

    def next_deadline(self) -> float:
        """When to call `tick`."""
        others = (self.dave.next_deadline(), self.receiver.next_deadline())
        return min([self.keepalive.next_deadline(), *(at for at in others if at is not None)])

    def tick(self, now: float) -> Step:
        """Do what the time asks for."""
        effects: list[Effect] = []
        datagram = self.keepalive.tick(now)
        if datagram is not None:
            effects.append(SendDatagram(datagram))
        items = self.receiver.tick(now)
        return Step([*effects, *self.dave.tick(now)], items)
