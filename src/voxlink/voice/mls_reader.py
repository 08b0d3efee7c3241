"""Reads what voice needs out of the MLS messages that pass by in clear (RFC 9420; voice.md 2.4 and 2.6).

Only messages that the MLS library has accepted belong here. Parsed strictly, field by field: a key that was found by
its looks could be planted by another member.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from voxlink.errors import InvalidPacket

PUBLIC_MESSAGE = 1
ADD, REMOVE = 1, 3
MEMBER, EXTERNAL = 1, 2
PROPOSAL, COMMIT = 2, 3
BASIC = 1
IN_KEY_PACKAGE, IN_UPDATE, IN_COMMIT = 1, 2, 3
CAPABILITY_LISTS = 5
BY_REFERENCE = 2


class Member(NamedTuple):
    """A user and the public key with which the user signs."""

    user_id: int
    key: bytes


class Proposal(NamedTuple):
    """A change that the voice server proposes."""

    reference: bytes
    """How a commit names it (ProposalRef, RFC 9420, section 5.2)."""
    message: bytes
    """The whole MLSMessage."""
    added: Member | None
    """Whom it adds; None for a Remove."""


class Commit(NamedTuple):
    """What a commit makes of the open proposals."""

    references: tuple[bytes, ...]
    committer: Member | None
    """Who made it, if it says so: a commit that only adds members does not."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def at(self) -> int:
        return self._at

    @property
    def is_done(self) -> bool:
        return self._at >= len(self._data)

    def between(self, start: int, end: int) -> bytes:
        return self._data[start:end]

    def take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise InvalidPacket("MLS message", "cut off")
        piece, self._at = self._data[self._at : end], end
        return piece

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self) -> bytes:
        """A length of 1, 2 or 4 bytes by its top two bits (RFC 9420, section 2.1.2), then the data."""
        first = self.number(1)
        if first >> 6 == 3:
            raise InvalidPacket("MLS message", "bad length")
        extra = (1 << (first >> 6)) - 1
        return self.take(((first & 0x3F) << 8 * extra) | self.number(extra))

    def leaf(self) -> Member:
        """A LeafNode: encryption key, signature key, credential, and what else belongs to it."""
        self.vector()
        key = self.vector()
        kind, identity = self.number(2), self.vector()
        for _ in range(CAPABILITY_LISTS):
            self.vector()
        source = self.number(1)
        if source == IN_KEY_PACKAGE:
            self.take(16)
        elif source == IN_COMMIT:
            self.vector()
        elif source != IN_UPDATE:
            raise InvalidPacket("MLS message", f"leaf node source {source}")
        self.vector()
        self.vector()
        if kind != BASIC or len(identity) != 8:
            raise InvalidPacket("MLS message", "no basic credential of a user")
        return Member(int.from_bytes(identity, "big"), key)

    def head(self, sender: int, content: int) -> None:
        """MLSMessage and FramedContent up to the content."""
        if self.number(2) != 1 or self.number(2) != PUBLIC_MESSAGE:
            raise InvalidPacket("MLS message", "no PublicMessage of version 1")
        self.vector()
        self.take(8)
        if self.number(1) != sender:
            raise InvalidPacket("MLS message", "sender")
        self.take(4)
        self.vector()
        if self.number(1) != content:
            raise InvalidPacket("MLS message", "content")


def read_proposals(data: bytes) -> list[Proposal]:
    """Return what the body of an op 27 append proposes. Raises `InvalidPacket`."""
    reader = _Reader(_Reader(data).vector())
    proposals: list[Proposal] = []
    while not reader.is_done:
        proposals.append(_proposal(reader))
    return proposals


def _proposal(reader: _Reader) -> Proposal:
    start = reader.at
    reader.head(EXTERNAL, PROPOSAL)
    added: Member | None = None
    kind = reader.number(2)
    if kind == ADD:
        reader.take(4)
        reader.vector()
        added = reader.leaf()
        reader.vector()
        reader.vector()
    elif kind == REMOVE:
        reader.take(4)
    else:
        raise InvalidPacket("MLS message", f"proposal type {kind}")
    reader.vector()
    message = reader.between(start, reader.at)
    return Proposal(_reference("Proposal", message[2:]), message, added)  # without the version, with the wire format


def read_commit(data: bytes) -> Commit:
    """Return what a commit says in clear. Raises `InvalidPacket`."""
    reader = _Reader(data)
    reader.head(MEMBER, COMMIT)
    listed = _Reader(reader.vector())
    references: list[bytes] = []
    while not listed.is_done:
        if listed.number(1) != BY_REFERENCE:  # DAVE allows no other
            raise InvalidPacket("MLS message", "a proposal of the committer's own")
        references.append(listed.vector())
    return Commit(tuple(references), reader.leaf() if reader.number(1) else None)


def key_package_reference(package: bytes) -> bytes:
    """Return how a welcome names who offered a key package."""
    return _reference("KeyPackage", package)


def welcomed(welcome: bytes) -> list[bytes]:
    """Return the references of the key packages that a welcome is for. Raises `InvalidPacket`."""
    reader = _Reader(welcome)
    reader.take(2)
    listed = _Reader(reader.vector())
    references: list[bytes] = []
    while not listed.is_done:
        references.append(listed.vector())
        listed.vector()
        listed.vector()
    return references


def pack_proposals(proposals: Iterable[Proposal]) -> bytes:
    """Return the body of an op 27 append, behind its first byte."""
    return _vector(b"".join(proposal.message for proposal in proposals))


def pack_revocation(proposals: Iterable[Proposal]) -> bytes:
    """Return the body of an op 27 revoke, behind its first byte."""
    return _vector(b"".join(_vector(proposal.reference) for proposal in proposals))


def _reference(what: str, value: bytes) -> bytes:
    """RefHash (RFC 9420, section 5.2) with SHA-256."""
    return hashlib.sha256(_vector(f"MLS 1.0 {what} Reference".encode()) + _vector(value)).digest()


def _vector(data: bytes) -> bytes:
    """Prefix the length in its shortest form (RFC 9420, section 2.1.2)."""
    size = len(data)
    if size < 1 << 6:
        return bytes((size,)) + data
    if size < 1 << 14:
        return (size | 1 << 14).to_bytes(2, "big") + data
    return (size | 2 << 30).to_bytes(4, "big") + data
