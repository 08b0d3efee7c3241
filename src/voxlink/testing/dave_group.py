"""The delivery service of one MLS group: leaves, open proposals, and which commit counts (voice.md 2.6).

Pure: messages go in, deliveries come out. The group's secrets are never here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from voxlink.errors import DaveFailure
from voxlink.testing.mls_wire import (
    Commit,
    ExternalSender,
    KeyPackage,
    Proposal,
    read_commit,
    read_key_package,
    read_welcome,
    vec,
)

__all__ = ["Accepted", "DaveGroup", "Delivery", "snowflake"]

APPEND, REVOKE = b"\0", b"\1"


def snowflake(number: int) -> bytes:
    """A channel or user id as MLS carries it: 8 bytes, big-endian."""
    return number.to_bytes(8, "big")


@dataclass(frozen=True, slots=True)
class Delivery:
    """An op 27 body for one member."""

    user_id: int
    proposals: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """A commit that counts: who stays gets it, who comes gets its welcome."""

    commit: bytes
    stayed: tuple[int, ...]
    """The committer and every old member that is still in the group."""
    welcomes: dict[int, bytes] = field(repr=False)
    """Each newcomer's own welcome."""
    creates: bool
    """Whether this commit made the group."""


@dataclass(frozen=True, slots=True)
class _Open:
    kind: Literal["add", "remove"]
    user_id: int
    proposal: Proposal


class DaveGroup:
    """One channel's group. Before the first commit every member with a key package is alone at epoch 0.

    Users are in the tree, pending (an Add is open), both (lost its state and comes anew) or neither.
    """

    def __init__(self, channel_id: int) -> None:
        self.sender = ExternalSender(snowflake(channel_id))
        self.epoch = 0
        self._leaves: list[int | None] = []
        self._packages: dict[int, KeyPackage] = {}
        self._open: list[_Open] = []

    @property
    def is_established(self) -> bool:
        """Whether a commit made a group that is still there."""
        return bool(self._leaves)

    @property
    def tree(self) -> tuple[int, ...]:
        """The users in the group, by leaf."""
        return tuple(user for user in self._leaves if user is not None)

    @property
    def is_settled(self) -> bool:
        """Whether no proposal waits for a commit."""
        is_alone = not self.is_established and len(self._packages) == 1
        return is_alone or not self._open

    def forget(self, *, packages: bool) -> None:
        """Drop the group; with `packages`, whoever is to be in the next one must offer a new key package."""
        self.epoch = 0
        self._leaves = []
        self._open = []
        if packages:
            self._packages = {}

    def offer(self, user_id: int, body: bytes) -> list[Delivery]:
        """Take a key package (op 26): the user wants in, or lost its state and wants in again.

        Raises:
            DaveFailure: The body is no key package of this user.

        """
        package = read_key_package(body)
        if package.identity != snowflake(user_id):
            raise DaveFailure("read key package", "WrongIdentity")
        deliveries = self._revoke_add(user_id)
        self._packages[user_id] = package
        if not self.is_established:
            return deliveries + self._introduce(user_id)
        proposals = self._remove_from_tree(user_id)
        if not self._committers():
            return self._start_over()
        added = self._note("add", user_id, self.sender.add(self.epoch, package))
        return deliveries + self._append([*proposals, added], self._committers())

    def withdraw(self, user_id: int) -> list[Delivery]:
        """Let a user go that left the call."""
        deliveries = self._revoke_add(user_id)
        self._packages.pop(user_id, None)
        return deliveries + self._expel(user_id)

    def distrust(self, user_id: int) -> list[Delivery]:
        """Take a user out that said its state is broken (op 31); its new key package follows."""
        return self._expel(user_id)

    def commit(self, user_id: int, body: bytes) -> Accepted | list[Delivery]:
        """Take a commit (op 28). One that came too late, or does not hold exactly the open proposals, is dropped.

        A dropped commit gives what its sender is told again: the open Adds, if it left out the welcome. davey does
        that whenever the last op 27 held no Add.

        Raises:
            DaveFailure: The body is no commit, or its welcome leaves out a newcomer.

        """
        commit, behind = read_commit(body)
        creates = not self.is_established
        mine = self._proposals_for(user_id if creates else None)
        by_reference = {each.proposal.reference: each for each in mine}
        is_whole = set(commit.references) == set(by_reference) and len(commit.references) == len(by_reference)
        if not mine or not is_whole or not self._may_commit(user_id, commit):
            return []
        ordered = [by_reference[reference] for reference in commit.references]
        adds = [each for each in ordered if each.kind == "add"]
        if adds and not behind:
            return self._append(adds, [user_id])
        welcomes = self._split_welcome(behind, [each.user_id for each in adds])
        if creates:
            self._leaves = [user_id]
            self._packages.pop(user_id, None)
        stayed = self._apply(ordered)
        return Accepted(commit.message, stayed, welcomes, creates)

    # Proposals

    def _note(self, kind: Literal["add", "remove"], user_id: int, proposal: Proposal) -> _Open:
        opened = _Open(kind, user_id, proposal)
        self._open.append(opened)
        return opened

    def _proposals_for(self, committer: int | None) -> list[_Open]:
        """Return what a commit must hold; before the group exists the committer's own Add is not part of it."""
        return [each for each in self._open if each.kind == "remove" or each.user_id != committer]

    def _committers(self) -> list[int]:
        """Return the members that may commit: in the tree and not about to be removed."""
        leaving = {each.user_id for each in self._open if each.kind == "remove"}
        return [user for user in self.tree if user not in leaving]

    def _append(self, proposals: Iterable[_Open], readers: Iterable[int]) -> list[Delivery]:
        messages = b"".join(each.proposal.message for each in proposals)
        return [Delivery(reader, APPEND + vec(messages)) for reader in readers]

    def _introduce(self, user_id: int) -> list[Delivery]:
        """Before the group exists: tell a pending member of all others, and all others of it."""
        others = [other for other in self._packages if other != user_id]
        known = list(self._open)
        added = self._note("add", user_id, self.sender.add(0, self._packages[user_id]))
        deliveries = self._append([added], others)
        return deliveries + (self._append(known, [user_id]) if known else [])

    def _revoke_add(self, user_id: int) -> list[Delivery]:
        revoked = [each for each in self._open if each.kind == "add" and each.user_id == user_id]
        if not revoked:
            return []
        self._open = [each for each in self._open if each not in revoked]
        readers = self._committers() if self.is_established else [user for user in self._packages if user != user_id]
        references = b"".join(vec(each.proposal.reference) for each in revoked)
        return [Delivery(reader, REVOKE + vec(references)) for reader in readers]

    def _remove_from_tree(self, user_id: int) -> list[_Open]:
        if user_id not in self._committers():
            return []
        return [self._note("remove", user_id, self.sender.remove(self.epoch, self._leaves.index(user_id)))]

    def _expel(self, user_id: int) -> list[Delivery]:
        proposals = self._remove_from_tree(user_id)
        if not proposals:
            return []
        return self._append(proposals, self._committers()) if self._committers() else self._start_over()

    def _start_over(self) -> list[Delivery]:
        """Nobody is left who could commit: those who wait make a new group."""
        self.forget(packages=False)
        waiting, self._packages = self._packages, {}
        deliveries: list[Delivery] = []
        for user_id, package in waiting.items():
            self._packages[user_id] = package
            deliveries += self._introduce(user_id)
        return deliveries

    # Commits

    def _may_commit(self, user_id: int, commit: Commit) -> bool:
        if commit.group_id != self.sender.group_id or commit.epoch != self.epoch:
            return False
        if not self.is_established:
            return commit.leaf == 0 and user_id in self._packages
        return user_id in self._committers() and self._leaves.index(user_id) == commit.leaf

    def _split_welcome(self, data: bytes, added: list[int]) -> dict[int, bytes]:
        if not added:
            return {}
        welcome = read_welcome(data)
        own = {user_id: welcome.only_for(self._packages[user_id].reference) for user_id in added}
        left_out = [user_id for user_id, body in own.items() if body is None]
        if left_out:
            raise DaveFailure("read welcome", f"no secrets for users {left_out}")
        return {user_id: body for user_id, body in own.items() if body is not None}

    def _apply(self, ordered: list[_Open]) -> tuple[int, ...]:
        """Apply removes, then adds into the leftmost blank leaves (RFC 9420, section 7.7); return who stayed."""
        for each in ordered:
            if each.kind == "remove":
                self._leaves[self._leaves.index(each.user_id)] = None
        while self._leaves and self._leaves[-1] is None:
            self._leaves.pop()
        stayed = self.tree
        for each in ordered:
            if each.kind == "add":
                self._packages.pop(each.user_id)
                if None in self._leaves:
                    self._leaves[self._leaves.index(None)] = each.user_id
                else:
                    self._leaves.append(each.user_id)
        self._open = []
        self.epoch += 1
        return stayed
