"""End-to-end encryption of one call as the voice gateway leads it: versions, epochs, transitions (voice.md 2).

Pure: what members send goes in with the time, what they are sent comes out as values.
"""

from __future__ import annotations

from dataclasses import dataclass

from voxlink.testing.dave_group import Accepted, DaveGroup, Delivery

__all__ = ["BinaryMessage", "DaveCall", "DaveMessage", "TextMessage"]

PREPARE_TRANSITION, EXECUTE_TRANSITION, TRANSITION_READY, PREPARE_EPOCH = 21, 22, 23, 24
MLS_EXTERNAL_SENDER, MLS_KEY_PACKAGE, MLS_PROPOSALS, MLS_COMMIT_WELCOME = 25, 26, 27, 28
MLS_ANNOUNCE_COMMIT, MLS_WELCOME, MLS_INVALID = 29, 30, 31

TRANSITION_TIMEOUT_S = 2.0
"""Op 22 comes after this long even when somebody never answered (whitepaper, "Transition timeout")."""
NEW_GROUP_EPOCH = 1
AT_ONCE = 0
"""The transition id that takes effect without ops 23 and 22."""


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A numbered text message to one member."""

    user_id: int
    op: int
    data: dict[str, int]


@dataclass(frozen=True, slots=True)
class BinaryMessage:
    """A numbered binary message to one member."""

    user_id: int
    op: int
    body: bytes


DaveMessage = TextMessage | BinaryMessage


@dataclass(slots=True)
class _Transition:
    members: list[int]
    waiting: set[int]
    deadline: float


class DaveCall:
    """The encryption of one channel's call, from the first member to the last.

    `version` is what the call speaks: 1, or 0 while a member cannot encrypt or a downgrade was ordered.
    """

    def __init__(self, channel_id: int, highest_version: int) -> None:
        self.version = highest_version
        self.group = DaveGroup(channel_id)
        self.ignores_ready = False
        """Trouble: op 23 is not heard, so that every transition runs into its timeout."""
        self._highest_version = highest_version
        self._members: dict[int, int] = {}
        self._transitions: dict[int, _Transition] = {}
        self._next_transition = 1
        self._upgrades = False

    @property
    def is_settled(self) -> bool:
        """Whether every member is in the group (or alone) and no proposal and no transition is under way."""
        is_whole = self.version == 0 or len(self._members) < 2 or set(self.group.tree) == set(self._members)
        return is_whole and self.group.is_settled and not self._transitions

    def version_for(self, max_version: int) -> int:
        """Return what a newcomer is told in its Session Description."""
        return min(self._highest_version if not self._members else self.version, max_version)

    def join(self, user_id: int, max_version: int, now: float) -> list[DaveMessage]:
        """Take a member in; one that cannot encrypt takes the whole call down to version 0."""
        version = self.version_for(max_version)
        if not self._members:
            self.version = version
            self.group.forget(packages=True)
        others = list(self._members)
        self._members[user_id] = max_version
        if version > 0:
            return [BinaryMessage(user_id, MLS_EXTERNAL_SENDER, self.group.sender.announcement)]
        return self._downgrade(others, now) if self.version > 0 else []

    def leave(self, user_id: int) -> list[DaveMessage]:
        """Let a member go."""
        if self._members.pop(user_id, None) is None:
            return []
        messages: list[DaveMessage] = []
        for transition in list(self._transitions):
            messages += self.ready(user_id, transition, is_gone=True)
        if self.version == 0:
            can_encrypt = self._highest_version > 0 and self._members and min(self._members.values()) > 0
            return messages + (self.upgrade() if can_encrypt else [])
        if len(self._members) == 1:
            return messages + self._reset_sole_member(user_id)
        return messages + _deliver(self.group.withdraw(user_id))

    def key_package(self, user_id: int, body: bytes) -> list[DaveMessage]:
        """Take op 26.

        Raises:
            DaveFailure: The body is no key package of this user.

        """
        if self.version == 0 or user_id not in self._members:
            return []
        return _deliver(self.group.offer(user_id, body))

    def commit(self, user_id: int, body: bytes, now: float) -> list[DaveMessage]:
        """Take op 28: the first valid commit of an epoch wins, any other is dropped without a word.

        Raises:
            DaveFailure: The body is no commit, or its welcome leaves out a newcomer.

        """
        accepted = self.group.commit(user_id, body)
        if not isinstance(accepted, Accepted):
            return _deliver(accepted)
        at_once = accepted.creates and not self._upgrades
        transition = AT_ONCE if at_once else self._begin_transition(list(self.group.tree), now)
        self._upgrades = False
        prefix = transition.to_bytes(2, "big")
        return [
            *(BinaryMessage(user, MLS_ANNOUNCE_COMMIT, prefix + accepted.commit) for user in accepted.stayed),
            *(BinaryMessage(user, MLS_WELCOME, prefix + body) for user, body in accepted.welcomes.items()),
        ]

    def ready(self, user_id: int, transition_id: int, *, is_gone: bool = False) -> list[DaveMessage]:
        """Take op 23; the last one asked executes the transition."""
        transition = self._transitions.get(transition_id)
        if transition is None or (self.ignores_ready and not is_gone):
            return []
        transition.waiting.discard(user_id)
        return [] if transition.waiting else self._execute(transition_id)

    def invalid(self, user_id: int) -> list[DaveMessage]:
        """Take op 31: the member could not follow; it is removed and added again with its next key package."""
        return _deliver(self.group.distrust(user_id)) if self.version > 0 else []

    def downgrade(self, now: float) -> list[DaveMessage]:
        """Take the call down to version 0, as Discord does for a member that cannot encrypt."""
        return self._downgrade(list(self._members), now) if self.version > 0 else []

    def upgrade(self) -> list[DaveMessage]:
        """Take the call up to its highest version with a new group."""
        self.version = self._highest_version
        self.group.forget(packages=True)
        self._transitions.clear()
        self._upgrades = len(self._members) > 1
        messages: list[DaveMessage] = []
        for user_id in self._members:
            messages += self._prepare_epoch(user_id)
            messages.append(BinaryMessage(user_id, MLS_EXTERNAL_SENDER, self.group.sender.announcement))
        return messages + ([] if self._upgrades else self._version_at_once())

    def next_deadline(self) -> float | None:
        """Return when `tick` has something to do."""
        return min((each.deadline for each in self._transitions.values()), default=None)

    def tick(self, now: float) -> list[DaveMessage]:
        """Execute the transitions that were waited for long enough."""
        due = [number for number, transition in self._transitions.items() if transition.deadline <= now]
        return [message for number in due for message in self._execute(number)]

    def _begin_transition(self, members: list[int], now: float) -> int:
        number = self._next_transition
        self._next_transition = number % 0xFFFF + 1
        self._transitions[number] = _Transition(members, set(members), now + TRANSITION_TIMEOUT_S)
        return number

    def _execute(self, transition_id: int) -> list[DaveMessage]:
        present = [user for user in self._transitions.pop(transition_id).members if user in self._members]
        return [TextMessage(user, EXECUTE_TRANSITION, {"transition_id": transition_id}) for user in present]

    def _downgrade(self, members: list[int], now: float) -> list[DaveMessage]:
        self.version = 0
        self.group.forget(packages=True)
        self._transitions.clear()
        if not members:
            return []
        data = {"transition_id": self._begin_transition(members, now), "protocol_version": 0}
        return [TextMessage(user, PREPARE_TRANSITION, data) for user in members]

    def _reset_sole_member(self, left: int) -> list[DaveMessage]:
        """One member is left: it makes a group of its own, and the old one is forgotten (whitepaper)."""
        (survivor,) = self._members
        deliveries = self.group.withdraw(left)
        if survivor not in self.group.tree:
            return _deliver(deliveries)
        self._transitions.clear()
        self.group.forget(packages=True)
        return [*self._prepare_epoch(survivor), *self._version_at_once()]

    def _prepare_epoch(self, user_id: int) -> list[DaveMessage]:
        return [TextMessage(user_id, PREPARE_EPOCH, {"protocol_version": self.version, "epoch": NEW_GROUP_EPOCH})]

    def _version_at_once(self) -> list[DaveMessage]:
        data = {"transition_id": AT_ONCE, "protocol_version": self.version}
        return [TextMessage(user, PREPARE_TRANSITION, data) for user in self._members]


def _deliver(deliveries: list[Delivery]) -> list[DaveMessage]:
    return [BinaryMessage(each.user_id, MLS_PROPOSALS, each.proposals) for each in deliveries]
