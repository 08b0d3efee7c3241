"""The other side of an encrypted call, without sockets: who else is in it, and the server between."""

from __future__ import annotations

import json

from fuzz.voice.member import CHANNEL, THEM, US, Member
from voxlink.testing.dave_call import BinaryMessage, DaveCall, DaveMessage, TextMessage
from voxlink.testing.dave_participant import DaveParticipant, Reply


class Call:
    """The other side of an encrypted call: the server's delivery service, and a davey member."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.service = DaveCall(CHANNEL, 1)
        self.them = DaveParticipant(THEM, CHANNEL)

    def join_us(self) -> list[DaveMessage]:
        """Take our connection in, which has joined the server; return what the server says to that."""
        return [*self.service.join(US, 1, 0.0), *self.from_us()]

    def join_them(self) -> list[DaveMessage]:
        """Take the other member in."""
        return [*self.service.join(THEM, 1, 0.0), *self.from_them(self.them.begin(1))]

    def deliver(self, messages: list[DaveMessage]) -> None:
        """Carry messages and the answers to them until nobody says anything."""
        waiting = list(messages)
        while waiting:
            message = waiting.pop(0)
            if message.user_id == US:
                self.to_us(message)
                waiting += self.from_us()
            else:
                waiting += self.from_them(self.to_them(message))

    def to_us(self, message: DaveMessage) -> None:
        """Hand us a message."""
        if isinstance(message, BinaryMessage):
            self.member.binary(message.op, message.body)
        else:
            seq = self.member.next_seq()
            self.member.text(json.dumps({"op": message.op, "d": message.data, "seq": seq}).encode())

    def from_us(self) -> list[DaveMessage]:
        """Take what we said; return what the server says to that."""
        said, self.member.wire.sent = self.member.wire.sent, []
        answers: list[DaveMessage] = []
        for message in said:
            if isinstance(message, bytes):
                answers += self.say(US, message[0], message[1:], 0)
            elif message.startswith('{"op":23,'):
                answers += self.say(US, 23, b"", json.loads(message)["d"]["transition_id"])
        return answers

    def to_them(self, message: DaveMessage) -> list[Reply]:
        """Hand the other member a message; return its replies."""
        if isinstance(message, TextMessage):
            return self.them.take_text(message.op, message.data)
        return self.them.take_binary(message.op, message.body)

    def from_them(self, replies: list[Reply]) -> list[DaveMessage]:
        """Take replies; return what the server says to them."""
        return [each for reply in replies for each in self.say(THEM, reply.op, reply.body, reply.transition_id)]

    def say(self, user_id: int, op: int, body: bytes, transition_id: int) -> list[DaveMessage]:
        """Take ops 26, 28 and 23 of a member."""
        if op == 26:
            return self.service.key_package(user_id, body)
        if op == 28:
            return self.service.commit(user_id, body, 0.0)
        return self.service.ready(user_id, transition_id)
