"""The part of MLS's wire format (RFC 9420) that a DAVE delivery service reads and writes (voice.md 2.4 and 2.6).

The voice gateway holds no group secrets: it signs proposals as the external sender, and takes key packages, commits
and welcomes apart only as far as it must to route them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from voxlink.errors import DaveFailure

__all__ = [
    "Commit",
    "ExternalSender",
    "KeyPackage",
    "Proposal",
    "Welcome",
    "read_commit",
    "read_key_package",
    "read_welcome",
    "vec",
]

MLS_10, PUBLIC_MESSAGE, CIPHERSUITE = 1, 1, 2
MEMBER_SENDER, EXTERNAL_SENDER = 1, 2
PROPOSAL_CONTENT, COMMIT_CONTENT = 2, 3
ADD, REMOVE = 1, 3
BASIC_CREDENTIAL = 1
FROM_KEY_PACKAGE, FROM_UPDATE, FROM_COMMIT = 1, 2, 3
REFERENCE = 2
FOREVER = bytes(8) + b"\xff" * 8


def vec(data: bytes) -> bytes:
    """Prefix data with its length in the shortest form (RFC 9420, section 2.1.2)."""
    size = len(data)
    if size < 1 << 6:
        return bytes([size]) + data
    if size < 1 << 14:
        return (size | 0x4000).to_bytes(2, "big") + data
    return (size | 0x8000_0000).to_bytes(4, "big") + data


class _Reader:
    """Takes a message apart from the front; what does not fit is a `DaveFailure`."""

    def __init__(self, data: bytes, what: str) -> None:
        self.at = 0
        self._data = data
        self._what = what

    def fail(self, variant: str) -> DaveFailure:
        return DaveFailure(f"read {self._what}", variant)

    def take(self, size: int) -> bytes:
        end = self.at + size
        if end > len(self._data):
            raise self.fail("CutOff")
        taken, self.at = self._data[self.at : end], end
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def expect(self, size: int, value: int, name: str) -> None:
        if (number := self.number(size)) != value:
            raise self.fail(f"{name} {number}, not {value}")

    def vec(self) -> bytes:
        first = self.number(1)
        extra = {0: 0, 1: 1, 2: 3}.get(first >> 6)
        if extra is None:
            raise self.fail("BadLength")
        size = (first & 0x3F) << (8 * extra) | self.number(extra)
        return self.take(size)

    @property
    def is_done(self) -> bool:
        return self.at == len(self._data)

    def since(self, start: int) -> bytes:
        return self._data[start : self.at]

    def rest(self) -> bytes:
        return self._data[self.at :]


@dataclass(frozen=True, slots=True)
class KeyPackage:
    """One member's offer to be added: op 26's body, bare."""

    data: bytes
    identity: bytes
    """The credential: the user id, 8 bytes, big-endian."""

    @property
    def reference(self) -> bytes:
        """KeyPackageRef (RFC 9420, section 5.2): how a welcome names its reader."""
        return _reference(b"MLS 1.0 KeyPackage Reference", self.data)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A signed proposal of the external sender, as an MLSMessage."""

    message: bytes
    reference: bytes
    """ProposalRef: how a commit names it."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A member's commit, read as far as a delivery service must."""

    message: bytes
    """The MLSMessage alone, without the welcome behind it."""
    group_id: bytes
    epoch: int
    leaf: int
    """The committer's leaf index."""
    references: tuple[bytes, ...]
    """The proposals that it commits, in order."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """A welcome to any number of newcomers."""

    secrets: tuple[tuple[bytes, bytes], ...]
    """KeyPackageRef and the whole EncryptedGroupSecrets of each newcomer."""
    group_info: bytes

    def only_for(self, reference: bytes) -> bytes | None:
        """Return the welcome with one newcomer's secrets only; None when there are none for it."""
        mine = b"".join(secret for name, secret in self.secrets if name == reference)
        return CIPHERSUITE.to_bytes(2, "big") + vec(mine) + vec(self.group_info) if mine else None


class ExternalSender:
    """The voice gateway's own key: signs Add and Remove proposals of one group."""

    def __init__(self, group_id: bytes, identity: bytes = b"\0") -> None:
        self.group_id = group_id
        self._key = ec.generate_private_key(ec.SECP256R1())
        point = self._key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.announcement = vec(point) + BASIC_CREDENTIAL.to_bytes(2, "big") + vec(identity)
        """Op 25's body."""

    def add(self, epoch: int, key_package: KeyPackage) -> Proposal:
        """Propose to add a member."""
        return self._propose(epoch, ADD.to_bytes(2, "big") + key_package.data)

    def remove(self, epoch: int, leaf: int) -> Proposal:
        """Propose to remove the member at a leaf."""
        return self._propose(epoch, REMOVE.to_bytes(2, "big") + leaf.to_bytes(4, "big"))

    def _propose(self, epoch: int, proposal: bytes) -> Proposal:
        # FramedContent of an external sender: sender index 0, no authenticated data, no group context.
        content = (
            vec(self.group_id)
            + epoch.to_bytes(8, "big")
            + bytes([EXTERNAL_SENDER])
            + bytes(4)
            + vec(b"")
            + bytes([PROPOSAL_CONTENT])
            + proposal
        )
        wire_format = PUBLIC_MESSAGE.to_bytes(2, "big")
        version = MLS_10.to_bytes(2, "big")
        to_sign = vec(b"MLS 1.0 FramedContentTBS") + vec(version + wire_format + content)
        signature = vec(self._key.sign(to_sign, ec.ECDSA(hashes.SHA256())))
        return Proposal(
            message=version + wire_format + content + signature,
            reference=_reference(b"MLS 1.0 Proposal Reference", wire_format + content + signature),
        )


def _reference(label: bytes, data: bytes) -> bytes:
    """RefHash (RFC 9420, section 5.2)."""
    return hashlib.sha256(vec(label) + vec(data)).digest()


def read_key_package(data: bytes) -> KeyPackage:
    """Read op 26's body.

    Raises:
        DaveFailure: It is no key package of DAVE's kind: cut off, another suite, a credential or lifetime of its own.

    """
    reader = _Reader(data, "key package")
    reader.expect(2, MLS_10, "version")
    reader.expect(2, CIPHERSUITE, "ciphersuite")
    reader.vec()  # the HPKE init key
    identity, lifetime = _read_leaf_node(reader)
    if lifetime != FOREVER:
        raise reader.fail("BadLifetime")
    reader.vec()  # extensions
    reader.vec()  # signature
    if not reader.is_done:
        raise reader.fail("TooLong")
    return KeyPackage(data, identity)


def _read_leaf_node(reader: _Reader) -> tuple[bytes, bytes]:
    """Return identity and lifetime (empty unless the leaf comes from a key package)."""
    reader.vec()  # encryption key
    reader.vec()  # signature key
    reader.expect(2, BASIC_CREDENTIAL, "credential type")
    identity = reader.vec()
    for _capability in ("versions", "ciphersuites", "extensions", "proposals", "credentials"):
        reader.vec()
    source, lifetime = reader.number(1), b""
    if source == FROM_KEY_PACKAGE:
        lifetime = reader.take(16)
    elif source == FROM_COMMIT:
        reader.vec()  # parent hash
    elif source != FROM_UPDATE:
        raise reader.fail(f"leaf source {source}")
    reader.vec()  # extensions
    reader.vec()  # signature
    return identity, lifetime


def read_commit(data: bytes) -> tuple[Commit, bytes]:
    """Read op 28's body; return the commit, and the welcome's bytes behind it (empty when nobody was added).

    Raises:
        DaveFailure: It is no commit as a PublicMessage, or it carries a proposal inside instead of naming it.

    """
    reader = _Reader(data, "commit")
    reader.expect(2, MLS_10, "version")
    reader.expect(2, PUBLIC_MESSAGE, "wire format")
    group_id, epoch = reader.vec(), reader.number(8)
    reader.expect(1, MEMBER_SENDER, "sender type")
    leaf = reader.number(4)
    reader.vec()  # authenticated data
    reader.expect(1, COMMIT_CONTENT, "content type")
    references = _read_references(reader.vec())
    if reader.number(1):
        _read_leaf_node(reader)
        reader.vec()  # the path's nodes
    for _tail in ("signature", "confirmation tag", "membership tag"):
        reader.vec()
    return Commit(reader.since(0), group_id, epoch, leaf, references), reader.rest()


def _read_references(data: bytes) -> tuple[bytes, ...]:
    reader = _Reader(data, "commit's proposals")
    references: list[bytes] = []
    while not reader.is_done:
        reader.expect(1, REFERENCE, "proposal kind")
        references.append(reader.vec())
    return tuple(references)


def read_welcome(data: bytes) -> Welcome:
    """Read the welcome behind a commit.

    Raises:
        DaveFailure: It is no welcome of DAVE's ciphersuite.

    """
    reader = _Reader(data, "welcome")
    reader.expect(2, CIPHERSUITE, "ciphersuite")
    newcomers = _Reader(reader.vec(), "welcome's secrets")
    group_info = reader.vec()
    if not reader.is_done:
        raise reader.fail("TooLong")
    secrets: list[tuple[bytes, bytes]] = []
    while not newcomers.is_done:
        start = newcomers.at
        reference = newcomers.vec()
        newcomers.vec()  # KEM output
        newcomers.vec()  # ciphertext
        secrets.append((reference, newcomers.since(start)))
    return Welcome(tuple(secrets), group_info)
