"""A member of a DAVE call in this process: davey on one side, the delivery service's messages on the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import davey

from voxlink.testing.dave_call import BinaryMessage, DaveCall, DaveMessage, TextMessage

CHANNEL = 777


class DaveyMember:
    """Answers every op as voice.md 2.1 asks; its messages wait in a queue until the test delivers them."""

    def __init__(self, call: DaveCall, user_id: int, max_version: int = 1) -> None:
        self.call = call
        self.user_id = user_id
        self.max_version = max_version
        self.inbox: deque[DaveMessage] = deque()
        self.outbox: deque[tuple[int, bytes]] = deque()
        self.keys = davey.generate_p256_keypair()
        self.session = davey.DaveSession(1, user_id, CHANNEL, self.keys)
        self.version = 0
        self.executed: list[int] = []
        self.prepared: dict[int, int] = {}
        self.errors: list[str] = []
        self.is_recovering = False

    def begin(self, version: int) -> None:
        self.version = version
        if version:
            self.offer()

    def offer(self) -> None:
        self.session.reinit(1, self.user_id, CHANNEL, self.keys)
        self.outbox.append((26, self.session.get_serialized_key_package()))

    def give_up(self) -> None:
        """What a client does whose group broke: op 31, then a new key package."""
        self.is_recovering = True
        self.outbox.append((31, b""))
        self.offer()

    def read_one(self) -> None:
        message = self.inbox.popleft()
        if isinstance(message, TextMessage):
            self._read_text(message)
        else:
            self._read_binary(message)

    def _read_text(self, message: TextMessage) -> None:
        transition = message.data.get("transition_id", 0)
        if message.op == 24:
            self.version = message.data["protocol_version"]
            self.offer()
        elif message.op == 21 and transition:
            self.prepared[transition] = message.data["protocol_version"]
            self.outbox.append((23, transition.to_bytes(2, "big")))
        elif message.op == 22:
            self.executed.append(transition)
            self.version = self.prepared.pop(transition, self.version)

    def _read_binary(self, message: BinaryMessage) -> None:
        body = message.body
        if message.op == 25:
            self.session.set_external_sender(body)
        elif message.op == 27:
            self._process_proposals(body)
        else:
            transition = int.from_bytes(body[:2], "big")
            try:
                if message.op == 29:
                    self.session.process_commit(body[2:])
                else:
                    self.session.process_welcome(body[2:])
            except ValueError as error:
                self.errors.append(f"op {message.op}: {error}")
                # While it waits to be added again, older commits and welcomes are still on their way to it: to give
                # up on each of them would never end.
                if not self.is_recovering:
                    self.give_up()
                return
            self.is_recovering = False
            if transition:
                self.outbox.append((23, body[:2]))

    def _process_proposals(self, body: bytes) -> None:
        kind = davey.ProposalsOperationType.revoke if body[0] else davey.ProposalsOperationType.append
        try:
            answer = self.session.process_proposals(kind, body[1:])
        except ValueError as error:
            self.errors.append(f"op 27: {error}")
            return
        if answer is not None:
            self.outbox.append((28, answer.commit + (answer.welcome or b"")))

    def say_one(self, now: float) -> list[DaveMessage]:
        op, body = self.outbox.popleft()
        match op:
            case 26:
                return self.call.key_package(self.user_id, body)
            case 28:
                return self.call.commit(self.user_id, body, now)
            case 23:
                return self.call.ready(self.user_id, int.from_bytes(body, "big"))
            case _:
                return self.call.invalid(self.user_id)


class Room:
    """Members and their call; messages move one at a time, in whatever order the test draws."""

    def __init__(self, version: int = 1) -> None:
        self.call = DaveCall(CHANNEL, version)
        self.members: dict[int, DaveyMember] = {}
        self.now = 0.0

    def deliver(self, messages: Iterable[DaveMessage]) -> None:
        for message in messages:
            if message.user_id in self.members:
                self.members[message.user_id].inbox.append(message)

    def join(self, user_id: int, max_version: int = 1) -> DaveyMember:
        member = DaveyMember(self.call, user_id, max_version)
        version = self.call.version_for(max_version)
        self.members[user_id] = member
        self.deliver(self.call.join(user_id, max_version, self.now))
        member.begin(version)
        return member

    def leave(self, user_id: int) -> None:
        del self.members[user_id]
        self.deliver(self.call.leave(user_id))

    def moves(self) -> list[tuple[DaveyMember, str]]:
        """Everything that can happen next."""
        found: list[tuple[DaveyMember, str]] = []
        for member in self.members.values():
            if member.inbox:
                found.append((member, "read"))
            if member.outbox:
                found.append((member, "say"))
        return found

    def move(self, member: DaveyMember, what: str) -> None:
        if what == "read":
            member.read_one()
        else:
            self.deliver(member.say_one(self.now))

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
        assert {member.session.epoch for member in members} == {self.call.group.epoch}
        assert len({member.session.voice_privacy_code for member in members}) == 1
        assert sorted(self.call.group.tree) == sorted(self.members)
        for sender in members:
            assert sorted(map(int, sender.session.get_user_ids() or [])) == sorted(self.members)
            frame = b"\xfc" + sender.user_id.to_bytes(8, "big")
            sealed = sender.session.encrypt_opus(frame)
            assert sealed != frame
            for reader in members:
                if reader is not sender:
                    assert reader.session.decrypt(sender.user_id, davey.MediaType.audio, sealed) == frame
