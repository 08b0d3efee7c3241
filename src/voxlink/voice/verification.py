"""Codes that two people compare to be sure that nobody sits between them (DAVE whitepaper, "Verification")."""

from __future__ import annotations

import asyncio
import hashlib

FINGERPRINT_VERSION = 0
_SALT = bytes.fromhex("24cab17a7af8ec2b82b412b92dab192e")
_SCRYPT_MEMORY = 64 << 20
CODE_DIGITS = 45
GROUP_DIGITS = 5


def fingerprint(key: bytes, user_id: int) -> bytes:
    """Return a user's fingerprint: version, signature public key, user id; big-endian."""
    return FINGERPRINT_VERSION.to_bytes(2, "big") + key + user_id.to_bytes(8, "big")


def pairwise_fingerprint(ours: bytes, theirs: bytes) -> bytes:
    """Return the 64 bytes that belong to two fingerprints, in either order. Takes about 0.15 s, without the GIL."""
    both = b"".join(sorted((ours, theirs)))
    return hashlib.scrypt(both, salt=_SALT, n=16384, r=8, p=2, dklen=64, maxmem=_SCRYPT_MEMORY)


def displayable_code(data: bytes, digits: int, group: int = GROUP_DIGITS) -> str:
    """Write bytes as decimal digits: each group is as many big-endian bytes, modulo ten to the power of its size."""
    return "".join(
        str(int.from_bytes(data[start : start + group], "big") % 10**group).zfill(group)
        for start in range(0, digits, group)
    )


async def verification_code(ours: bytes, theirs: bytes) -> str:
    """Return the 45 digits of two fingerprints; computed in a thread."""
    return displayable_code(await asyncio.to_thread(pairwise_fingerprint, ours, theirs), CODE_DIGITS)
