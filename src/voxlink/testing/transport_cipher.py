"""The two transport encryptions of Discord voice as the server sees them: open one packet, seal one packet.

Written apart from the voice room's own encryption, so that each checks the other (voice.md 1.6). The nonce's four
bytes are copied verbatim from the packet: their byte order is the sender's choice.
"""

from __future__ import annotations

import struct
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

__all__ = ["AES_GCM_MODE", "KEY_BYTES", "MODES", "NONCE_BYTES", "XCHACHA_MODE", "TransportCipher", "make_cipher"]

AES_GCM_MODE = "aead_aes256_gcm_rtpsize"
XCHACHA_MODE = "aead_xchacha20_poly1305_rtpsize"
MODES = (AES_GCM_MODE, XCHACHA_MODE)
"""What the server offers, the preferred one first."""

KEY_BYTES = 32
NONCE_BYTES = 4
TAG_BYTES = 16
_WORDS = struct.Struct("<16I")
_CONSTANTS = struct.unpack("<4I", b"expand 32-byte k")


class TransportCipher(Protocol):
    """One key in one mode."""

    def open(self, nonce: bytes, sealed: bytes, header: bytes) -> bytes | None:
        """Return the plain payload, or None when the tag does not fit; `nonce` is the packet's last four bytes."""
        ...

    def seal(self, nonce: bytes, plain: bytes, header: bytes) -> bytes:
        """Return ciphertext and tag; the caller puts `header` before it and `nonce` behind it."""
        ...


class _AesGcm:
    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def open(self, nonce: bytes, sealed: bytes, header: bytes) -> bytes | None:
        try:
            return self._aead.decrypt(nonce + bytes(8), sealed, header)
        except InvalidTag:
            return None

    def seal(self, nonce: bytes, plain: bytes, header: bytes) -> bytes:
        return self._aead.encrypt(nonce + bytes(8), plain, header)


class _XChaCha20:
    """draft-irtf-cfrg-xchacha-03: a subkey of HChaCha20 over 16 nonce bytes, ChaCha20-Poly1305 with the other 8."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def open(self, nonce: bytes, sealed: bytes, header: bytes) -> bytes | None:
        try:
            return self._aead(nonce).decrypt(bytes(12), sealed, header)
        except InvalidTag:
            return None

    def seal(self, nonce: bytes, plain: bytes, header: bytes) -> bytes:
        return self._aead(nonce).encrypt(bytes(12), plain, header)

    def _aead(self, nonce: bytes) -> ChaCha20Poly1305:
        # 24 bytes of nonce are the counter and 20 zeros, so the last 8 (and the cipher's own nonce) are zero.
        return ChaCha20Poly1305(_hchacha20(self._key, nonce + bytes(12)))


def _hchacha20(key: bytes, nonce: bytes) -> bytes:
    """HChaCha20 from one ChaCha20 block, which is the same permutation with its input added at the end."""
    block = Cipher(algorithms.ChaCha20(key, nonce), mode=None).encryptor().update(bytes(64))
    words = _WORDS.unpack(block)
    first = [(word - constant) & 0xFFFF_FFFF for word, constant in zip(words[:4], _CONSTANTS, strict=True)]
    given = struct.unpack("<4I", nonce)
    last = [(word - added) & 0xFFFF_FFFF for word, added in zip(words[12:], given, strict=True)]
    return struct.pack("<8I", *first, *last)


def make_cipher(mode: str, key: bytes) -> TransportCipher:
    """Make the cipher of one of `MODES`; `key` has 32 bytes."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a transport key has {KEY_BYTES} bytes, not {len(key)}")
    if mode == AES_GCM_MODE:
        return _AesGcm(key)
    if mode == XCHACHA_MODE:
        return _XChaCha20(key)
    raise ValueError(f"not a transport encryption mode: {mode}")
