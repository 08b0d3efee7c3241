"""Transport encryption of RTP: the two `rtpsize` AEAD modes that Discord still accepts."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from voxlink.errors import BadValue, InvalidPacket

KEY_BYTES = 32
TAG_BYTES = 16
COUNTER_BYTES = 4
COUNTERS = 1 << 32
"""A counter is used once with a key; after this many packets the connection needs a new key."""

AES256_GCM = "aead_aes256_gcm_rtpsize"
XCHACHA20_POLY1305 = "aead_xchacha20_poly1305_rtpsize"
MODES = (AES256_GCM, XCHACHA20_POLY1305)
"""What we support, best first: AES-GCM costs a quarter of XChaCha20 in Python."""

NONCE = struct.Struct("!I8x")
"""A counter as both modes use it: in front, then zeros (XChaCha20 wants twelve more)."""

Seal = Callable[[bytes, bytes, bytes], bytes]
"""See `PacketCipher.seal`."""


class PacketCipher(Protocol):
    """One key in one mode, for both directions."""

    @property
    def seal(self) -> Seal:
        """Encrypts a payload: takes `NONCE.pack(counter)`, the payload and the authenticated header of the packet.

        What it returns, ciphertext and tag, stands between the header and the counter's 4 bytes.
        """
        ...

    def open(self, datagram: bytes, header_size: int) -> bytes:
        """Return the plaintext of a packet whose first `header_size` bytes are clear and authenticated.

        Raises `InvalidPacket` for a packet that is too short or was not made with this key.
        """
        ...


def choose_mode(offered: Sequence[str]) -> str | None:
    """Return the best mode that both sides know, or None."""
    return next((mode for mode in MODES if mode in offered), None)


def cipher_for(mode: str, key: bytes) -> PacketCipher:
    """Make the cipher of a `SessionDescription`. Raises `BadValue` for an unknown mode or a key of another size."""
    if len(key) != KEY_BYTES:
        raise BadValue(f"a transport key has {KEY_BYTES} bytes, not {len(key)}")
    if mode == AES256_GCM:
        return AesGcm(key)
    if mode == XCHACHA20_POLY1305:
        return XChaCha(key)
    raise BadValue(f"unknown encryption mode {mode!r}")


class AesGcm:
    """`aead_aes256_gcm_rtpsize`: nonce = the counter, then eight zero bytes."""

    __slots__ = ("_aead",)

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    @property
    def seal(self) -> Seal:
        """See `PacketCipher.seal`: the library's own function, with nothing of ours around it."""
        return self._aead.encrypt

    def open(self, datagram: bytes, header_size: int) -> bytes:
        """See `PacketCipher.open`."""
        sealed, counter, header = _split(datagram, header_size)
        try:
            return self._aead.decrypt(counter + _EIGHT_ZEROS, sealed, header)
        except InvalidTag:
            raise InvalidPacket("RTP", "wrong authentication tag") from None


class XChaCha:
    """`aead_xchacha20_poly1305_rtpsize`: nonce = the counter, then twenty zero bytes.

    XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha, section 2.3) is ChaCha20-Poly1305 with a subkey that HChaCha20 makes
    of the key and the first 16 nonce bytes, and a nonce of four zeros and the last eight nonce bytes: here all zeros.
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, nonce: bytes, payload: bytes, header: bytes, /) -> bytes:
        """See `PacketCipher.seal`."""
        aead = ChaCha20Poly1305(hchacha20(self._key, nonce + _FOUR_ZEROS))
        return aead.encrypt(_TWELVE_ZEROS, payload, header)

    def open(self, datagram: bytes, header_size: int) -> bytes:
        """See `PacketCipher.open`."""
        sealed, counter, header = _split(datagram, header_size)
        aead = ChaCha20Poly1305(hchacha20(self._key, counter + _TWELVE_ZEROS))
        try:
            return aead.decrypt(_TWELVE_ZEROS, sealed, header)
        except InvalidTag:
            raise InvalidPacket("RTP", "wrong authentication tag") from None


def hchacha20(key: bytes, nonce: bytes) -> bytes:
    """Derive a 32-byte subkey from a key and 16 nonce bytes (draft-irtf-cfrg-xchacha, section 2.2).

    HChaCha20 is a ChaCha20 block without the last addition of the initial state, so that one block of plain ChaCha20
    gives it: subtract the constants and the nonce, which are the words 0-3 and 12-15 of that state.
    """
    block = Cipher(algorithms.ChaCha20(key, nonce), mode=None).encryptor().update(_ONE_BLOCK)
    words = _WORDS.unpack(block)
    outer = words[:4] + words[12:]
    initial = _CONSTANTS + _FOUR_WORDS.unpack(nonce)
    return _SUBKEY.pack(*[(word - start) & 0xFFFF_FFFF for word, start in zip(outer, initial, strict=True)])


def _split(datagram: bytes, header_size: int) -> tuple[bytes, bytes, bytes]:
    if len(datagram) < header_size + TAG_BYTES + COUNTER_BYTES:
        raise InvalidPacket("RTP", f"{len(datagram)} bytes hold no tag and counter")
    return datagram[header_size:-COUNTER_BYTES], datagram[-COUNTER_BYTES:], datagram[:header_size]


_FOUR_ZEROS = bytes(4)
_EIGHT_ZEROS = bytes(8)
_TWELVE_ZEROS = bytes(12)
_ONE_BLOCK = bytes(64)
_WORDS = struct.Struct("<16I")
_FOUR_WORDS = struct.Struct("<4I")
_SUBKEY = struct.Struct("<8I")
_CONSTANTS = _FOUR_WORDS.unpack(b"expand 32-byte k")
