"""Reads users' signature keys out of the MLS messages that pass by in clear (RFC 9420; voice.md 2.4 and 2.6).

Only messages that the MLS library has accepted belong here. Parsed strictly, field by field: a key that was found by
its looks could be planted by another member.
"""

from __future__ import annotations

from voxlink.errors import InvalidPacket

PUBLIC_MESSAGE = 1
ADD, REMOVE = 1, 3
MEMBER, EXTERNAL = 1, 2
PROPOSAL, COMMIT = 2, 3
BASIC = 1
IN_KEY_PACKAGE, IN_UPDATE, IN_COMMIT = 1, 2, 3
CAPABILITY_LISTS = 5


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_done(self) -> bool:
        return self._at >= len(self._data)

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

    def leaf(self) -> dict[int, bytes]:
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
        return {int.from_bytes(identity, "big"): key}

    def head(self) -> int:
        """MLSMessage and FramedContent up to the content; return the content's type."""
        if self.number(2) != 1 or self.number(2) != PUBLIC_MESSAGE:
            raise InvalidPacket("MLS message", "no PublicMessage of version 1")
        self.vector()
        self.take(8)
        if self.number(1) not in (MEMBER, EXTERNAL):
            raise InvalidPacket("MLS message", "sender")
        self.take(4)
        self.vector()
        return self.number(1)


def keys_in_proposals(data: bytes) -> dict[int, bytes]:
    """Return user id -> signature key of each Add in the body of an op 27 append. Raises `InvalidPacket`."""
    reader = _Reader(_Reader(data).vector())
    keys: dict[int, bytes] = {}
    while not reader.is_done:
        if reader.head() != PROPOSAL:
            raise InvalidPacket("MLS message", "no proposal")
        kind = reader.number(2)
        if kind == ADD:
            reader.take(4)
            reader.vector()
            keys.update(reader.leaf())
            reader.vector()
            reader.vector()
        elif kind == REMOVE:
            reader.take(4)
        else:
            raise InvalidPacket("MLS message", f"proposal type {kind}")
        reader.vector()
    return keys


def keys_in_commit(data: bytes) -> dict[int, bytes]:
    """Return the committer's user id and signature key, if the commit has a path. Raises `InvalidPacket`."""
    reader = _Reader(data)
    if reader.head() != COMMIT:
        raise InvalidPacket("MLS message", "no commit")
    reader.vector()
    return reader.leaf() if reader.number(1) else {}
