"""Whose signature key is which, in the group that we are in: what verification codes are computed from."""

from __future__ import annotations

from collections.abc import Collection

from voxlink.errors import InvalidPacket
from voxlink.voice.mls_reader import Proposal, read_commit, read_proposals

MAX_OPEN = 4096
"""More proposals than this wait for no commit; the oldest are forgotten."""


class MemberKeys:
    """The members' signature keys, as far as they have passed by in clear.

    A proposal alone proves nothing: the voice server could show the true key and never commit it. A key counts from
    the commit on that put it into the group, once the MLS library has accepted that commit. Whoever was in the group
    before us passed by encrypted and is not known here before a commit of its own.
    """

    def __init__(self) -> None:
        self._open: dict[bytes, Proposal] = {}
        self._keys: dict[int, bytes] = {}

    def get(self, user_id: int) -> bytes | None:
        """Return a member's public signature key, None if it has not passed by."""
        return self._keys.get(user_id)

    def proposed(self, data: bytes) -> None:
        """Take the body of an op 27 append that the MLS library has accepted."""
        try:
            proposals = read_proposals(data)
        except InvalidPacket:
            return
        self._open.update((proposal.reference, proposal) for proposal in proposals)
        while len(self._open) > MAX_OPEN:
            del self._open[next(iter(self._open))]

    def committed(self, commit: bytes, members: Collection[int]) -> bool:
        """Take a commit that the MLS library has accepted, and who is in the group now; say if it was understood."""
        proposals, self._open = self._open, {}
        try:
            references, committer = read_commit(commit)
            added = [proposals[reference].added for reference in references]
        except (InvalidPacket, KeyError):  # what it did is not known: neither is who has which key now
            self._keys.clear()
            return False
        self._keys.update(member for member in (*added, committer) if member is not None)
        self._keys = {user_id: key for user_id, key in self._keys.items() if user_id in members}
        return True

    def adds_in(self, commit: bytes) -> list[Proposal]:
        """Return the open Adds that a commit of ours refers to."""
        try:
            references = read_commit(commit).references
        except InvalidPacket:
            return []
        found = (self._open.get(reference) for reference in references)
        return [proposal for proposal in found if proposal is not None and proposal.added is not None]

    def forget(self) -> None:
        """Begin with another group."""
        self._open.clear()
        self._keys.clear()
