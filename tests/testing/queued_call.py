"""A call without sockets: its members' messages wait in queues until the test delivers them, in any order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from voxlink.testing.dave_call import (
    MLS_COMMIT_WELCOME,
    MLS_KEY_PACKAGE,
    TRANSITION_READY,
    DaveCall,
    DaveMessage,
    TextMessage,
)
from voxlink.testing.dave_participant import DaveParticipant, Reply

CHANNEL = 777


class QueuedMember(DaveParticipant):
    """A participant whose mail waits on both sides."""

    def __init__(self, user_id: int) -> None:
        super().__init__(user_id, CHANNEL)
        self.inbox: deque[DaveMessage] = deque()
        self.outbox: deque[Reply] = deque()

    def give_up(self) -> None:
        self.outbox.extend(self.start_over())

    def read_one(self) -> None:
        message = self.inbox.popleft()
        if isinstance(message, TextMessage):
            self.outbox.extend(self.take_text(message.op, message.data))
        else:
            self.outbox.extend(self.take_binary(message.op, message.body))


class Room:
    """Members and their call; messages move one at a time, in whatever order the test draws."""

    def __init__(self, version: int = 1) -> None:
        self.call = DaveCall(CHANNEL, version)
        self.members: dict[int, QueuedMember] = {}
        self.now = 0.0

    def deliver(self, messages: Iterable[DaveMessage]) -> None:
        for message in messages:
            if message.user_id in self.members:
                self.members[message.user_id].inbox.append(message)

    def join(self, user_id: int, max_version: int = 1) -> QueuedMember:
        member = QueuedMember(user_id)
        version = self.call.version_for(max_version)
        self.members[user_id] = member
        self.deliver(self.call.join(user_id, max_version, self.now))
        member.outbox.extend(member.begin(version))
        return member

    def leave(self, user_id: int) -> None:
        del self.members[user_id]
        self.deliver(self.call.leave(user_id))

    def moves(self) -> list[tuple[QueuedMember, str]]:
        """Everything that can happen next."""
        found: list[tuple[QueuedMember, str]] = []
        for member in self.members.values():
            if member.inbox:
                found.append((member, "read"))
            if member.outbox:
                found.append((member, "say"))
        return found

    def move(self, member: QueuedMember, what: str) -> None:
        if what == "read":
            member.read_one()
        else:
            self.deliver(self.hear(member.user_id, member.outbox.popleft()))

    def hear(self, user_id: int, reply: Reply) -> list[DaveMessage]:
        if reply.op == MLS_KEY_PACKAGE:
            return self.call.key_package(user_id, reply.body)
        if reply.op == MLS_COMMIT_WELCOME:
            return self.call.commit(user_id, reply.body, self.now)
        if reply.op == TRANSITION_READY:
            return self.call.ready(user_id, reply.transition_id)
        return self.call.invalid(user_id)

    def settle(self) -> None:
        """Deliver everything until nothing moves."""
        for _ in range(3000):
            moves = self.moves()
            if not moves:
                return
            self.move(*moves[0])
        raise AssertionError("the call never settles")

    def assert_all_agree(self) -> None:
        """One epoch, one secret, the same members everywhere, and each can read each."""
        members = list(self.members.values())
        assert self.call.is_settled
        if len(members) < 2:
            return
        assert {member.epoch for member in members} == {self.call.group.epoch}
        assert len({member.privacy_code for member in members}) == 1
        assert sorted(self.call.group.tree) == sorted(self.members)
        for sender in members:
            assert sender.members == sorted(self.members)
            frame = b"\xfc" + sender.user_id.to_bytes(8, "big")
            sealed = sender.encrypt(frame)
            assert sealed not in {None, frame}
            for reader in members:
                if reader is not sender:
                    assert reader.decrypt(sender.user_id, sealed or b"") == frame
