"""A DAVE call in virtual time: our end-to-end layer and davey's plain members around the simulated delivery service."""

from __future__ import annotations

import heapq
import itertools
import json
import random
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from voxlink.testing.dave_call import BinaryMessage, DaveCall, DaveMessage, TextMessage
from voxlink.testing.dave_participant import DaveParticipant, Reply
from voxlink.voice import gateway_message as words
from voxlink.voice.dave import Dave
from voxlink.voice.events import DaveChanged
from voxlink.voice.gateway_effect import Effect, Emit, EncryptAgain, SendBinary, SendText
from voxlink.voice.rtp import FRAME_MS

SLOT_S = FRAME_MS / 1000
CHANNEL = 777


def to_words(message: DaveMessage) -> words.DaveMessage:
    """Read a message of the delivery service as the gateway would hand it to us."""
    if isinstance(message, TextMessage):
        parsed = words.parse_text(json.dumps({"op": message.op, "d": message.data})).message
    else:
        parsed = words.parse_binary(b"\0\0" + bytes([message.op]) + message.body).message
    assert isinstance(parsed, words.DaveMessage)
    return parsed


class Roster(NamedTuple):
    """Ops 11 and 13, which keep their place among the other messages."""

    user_id: int
    came: frozenset[int]
    left: frozenset[int] = frozenset()


class OurMember:
    """Our end-to-end layer with a queue of encrypted frames in front of an imaginary transmitter."""

    def __init__(self, room: Room, user_id: int, *, depth: int) -> None:
        self.room = room
        self.user_id = user_id
        self.users: set[int] = set()
        self.depth = depth
        self.paused = False
        self.queue: deque[tuple[bytes, bytes]] = deque()
        self.names = itertools.count()
        self.events: list[DaveChanged] = []
        self.said: list[int] = []
        self.dave = Dave(user_id, CHANNEL, users=self.users, queued_ms=lambda: len(self.queue) * FRAME_MS)

    def begin(self, version: int) -> None:
        self.obey(self.dave.begin(version))

    def take(self, message: DaveMessage) -> None:
        self.obey(self.dave.receive(to_words(message), self.room.now))

    def obey(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case SendBinary(data):
                    self.said.append(data[0])
                    answer = self.room.say(self.user_id, data[0], data[1:])
                    self.room.post(answer)
                case SendText(text):
                    said = json.loads(text)
                    self.said.append(said["op"])
                    body = int(said["d"]["transition_id"]).to_bytes(2, "big")
                    self.room.post(self.room.say(self.user_id, said["op"], body))
                case EncryptAgain(ahead_ms):
                    ahead = -(-ahead_ms // FRAME_MS)
                    for index in range(ahead, len(self.queue)):
                        plain = self.queue[index][0]
                        self.queue[index] = (plain, self.dave.encrypt([plain])[0])
                case Emit(event):
                    assert isinstance(event, DaveChanged)
                    self.events.append(event)
                case _:
                    raise AssertionError(effect)

    def tick(self) -> tuple[bytes, bytes] | None:
        """One slot: fill the queue, take what is due."""
        deadline = self.dave.next_deadline()
        if deadline is not None and self.room.now >= deadline:
            self.obey(self.dave.tick(self.room.now))
        if self.paused:
            return None
        while len(self.queue) < max(1, self.depth):
            plain = b"\xfcframe %d of %d" % (next(self.names), self.user_id)
            self.queue.append((plain, self.dave.encrypt([plain])[0]))
        return self.queue.popleft()


class Room:
    """The call, its members, and messages on their way with a delay."""

    def __init__(self, version: int = 1, *, seed: int = 0) -> None:
        self.call = DaveCall(CHANNEL, version)
        self.now = 0.0
        self.chance = random.Random(seed)
        self.ours: dict[int, OurMember] = {}
        self.theirs: dict[int, DaveParticipant] = {}
        self.skew_s = 0.0
        """How late, at most, the others learn of a commit."""
        self.our_skew_s = 0.0
        """How late, at most, ours learn of a commit or get a welcome."""
        self._on_the_way: list[tuple[float, int, DaveMessage | Roster]] = []
        self._last_arrival: dict[int, float] = {}
        self._counter = itertools.count()

    def join_ours(self, user_id: int, *, depth: int = 50) -> OurMember:
        member = self.ours[user_id] = OurMember(self, user_id, depth=depth)
        self._announce(user_id)
        version = self.call.version_for(1)
        messages = self.call.join(user_id, 1, self.now)
        member.begin(version)
        self.post(messages)
        return member

    def join_theirs(self, user_id: int, max_version: int = 1, *, announced: bool = True) -> DaveParticipant:
        member = self.theirs[user_id] = DaveParticipant(user_id, CHANNEL)
        if announced:
            self._announce(user_id)
        version = self.call.version_for(max_version)
        messages = self.call.join(user_id, max_version, self.now)
        replies = member.begin(version)
        self.post(messages)
        self._answer(user_id, replies)
        return member

    def leave(self, user_id: int) -> None:
        self.ours.pop(user_id, None)
        self.theirs.pop(user_id, None)
        self.post(Roster(other, frozenset(), frozenset({user_id})) for other in self.ours)
        self.post(self.call.leave(user_id))

    def say(self, user_id: int, op: int, body: bytes) -> list[DaveMessage]:
        match op:
            case 26:
                return self.call.key_package(user_id, body)
            case 28:
                return self.call.commit(user_id, body, self.now)
            case 23:
                return self.call.ready(user_id, int.from_bytes(body, "big"))
            case 31:
                return self.call.invalid(user_id)
            case _:
                raise AssertionError(op)

    def post(self, messages: Iterable[DaveMessage | Roster]) -> None:
        """Send messages off; each member gets its own in order, commits with its own delay."""
        for message in messages:
            arrival = max(self.now + self._delay_s(message), self._last_arrival.get(message.user_id, 0.0))
            self._last_arrival[message.user_id] = arrival
            heapq.heappush(self._on_the_way, (arrival, next(self._counter), message))

    def _delay_s(self, message: DaveMessage | Roster) -> float:
        if not isinstance(message, BinaryMessage) or message.op not in (29, 30):
            return 0.0
        if message.user_id in self.ours:
            return self.chance.uniform(0, self.our_skew_s) if self.our_skew_s else 0.0
        return self.chance.uniform(0, self.skew_s) if message.op == 29 else 0.0

    def run(self, seconds: float) -> list[tuple[int, bytes, bytes]]:
        """Let time pass; return what our members sent: user, plain frame, payload."""
        sent: list[tuple[int, bytes, bytes]] = []
        end = self.now + seconds
        while self.now < end:
            self._deliver()
            deadline = self.call.next_deadline()
            if deadline is not None and self.now >= deadline:
                self.post(self.call.tick(self.now))
            for member in list(self.ours.values()):
                frame = member.tick()
                if frame is not None:
                    sent.append((member.user_id, *frame))
                    self.hear(member.user_id, *frame)
            self.now += SLOT_S
        return sent

    def hear(self, sender: int, plain: bytes, payload: bytes) -> None:
        """Give a frame to whoever wants to count it; tests replace this."""

    def _announce(self, user_id: int) -> None:
        everyone = {*self.ours, *self.theirs}
        for other in self.ours:
            came = everyone - {user_id} if other == user_id else {user_id}
            self.post([Roster(other, frozenset(came))])

    def _deliver(self) -> None:
        while True:
            progress = False
            while self._on_the_way and self._on_the_way[0][0] <= self.now:
                progress = True
                message = heapq.heappop(self._on_the_way)[2]
                if isinstance(message, Roster):
                    if message.user_id in self.ours:
                        users = self.ours[message.user_id].users
                        users |= message.came
                        users -= message.left
                elif message.user_id in self.ours:
                    self.ours[message.user_id].take(message)
                elif message.user_id in self.theirs:
                    member = self.theirs[message.user_id]
                    if isinstance(message, TextMessage):
                        replies = member.take_text(message.op, message.data)
                    else:
                        replies = member.take_binary(message.op, message.body)
                    self._answer(message.user_id, replies)
            if not progress:
                return

    def _answer(self, user_id: int, replies: Iterable[Reply]) -> None:
        for reply in replies:
            self.post(self.say(user_id, reply.op, reply.body or reply.transition_id.to_bytes(2, "big")))


def decrypts(member: DaveParticipant, sender: int, payload: bytes) -> bool:
    """Whether a plain davey member can read a frame."""
    return member.decrypt(sender, payload) is not None
