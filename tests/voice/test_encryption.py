"""Transport encryption: both modes round-trip, tampering is noticed, XChaCha20 agrees with libsodium."""

from __future__ import annotations

import nacl.bindings
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from voxlink.errors import BadValue, InvalidPacket
from voxlink.voice.encryption import AES256_GCM, MODES, NONCE, XCHACHA20_POLY1305, choose_mode, cipher_for, hchacha20

KEYS = st.binary(min_size=32, max_size=32)
COUNTERS = st.binary(min_size=4, max_size=4)
HEADERS = st.binary(min_size=12, max_size=16)


@given(st.sampled_from(MODES), KEYS, COUNTERS, HEADERS, st.binary(max_size=300))
def test_what_we_seal_we_open(mode: str, key: bytes, counter: bytes, header: bytes, payload: bytes) -> None:
    cipher = cipher_for(mode, key)
    packet = header + cipher.seal(counter + bytes(8), payload, header) + counter
    assert cipher_for(mode, key).open(packet, len(header)) == payload


@given(st.sampled_from(MODES), KEYS, st.integers(0, 34), st.integers(1, 255))
def test_a_changed_byte_anywhere_is_noticed(mode: str, key: bytes, index: int, flip: int) -> None:
    cipher = cipher_for(mode, key)
    packet = bytearray(b"h" * 12 + cipher.seal(b"\0\0\0\1" + bytes(8), b"opus", b"h" * 12) + b"\0\0\0\1")
    packet[index] ^= flip
    with pytest.raises(InvalidPacket):
        cipher.open(bytes(packet), 12)


@given(KEYS, COUNTERS, HEADERS, st.binary(max_size=200))
def test_xchacha_agrees_with_libsodium(key: bytes, counter: bytes, header: bytes, payload: bytes) -> None:
    ours = cipher_for(XCHACHA20_POLY1305, key).seal(counter + bytes(8), payload, header)
    theirs = nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(payload, header, counter + bytes(20), key)
    assert ours == theirs


def test_hchacha20_gives_the_vector_of_the_draft() -> None:
    """draft-irtf-cfrg-xchacha-03, section 2.2.1."""
    key = bytes(range(32))
    nonce = bytes.fromhex("000000090000004a0000000031415927")
    expected = "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"
    assert hchacha20(key, nonce).hex() == expected


@given(KEYS, COUNTERS, HEADERS, st.binary(max_size=200))
def test_aes_gcm_has_the_counter_in_front_of_its_nonce(
    key: bytes, counter: bytes, header: bytes, payload: bytes
) -> None:
    nonce = counter + bytes(8)
    assert nonce == NONCE.pack(int.from_bytes(counter, "big"))
    assert cipher_for(AES256_GCM, key).seal(nonce, payload, header) == AESGCM(key).encrypt(nonce, payload, header)


@given(st.sampled_from(MODES), st.binary(max_size=60))
def test_garbage_is_refused_by_name(mode: str, data: bytes) -> None:
    with pytest.raises(InvalidPacket):
        cipher_for(mode, bytes(32)).open(data, 12)


def test_aes_is_preferred_whatever_the_servers_order() -> None:
    assert choose_mode(["xsalsa20_poly1305", XCHACHA20_POLY1305, AES256_GCM]) == AES256_GCM
    assert choose_mode([XCHACHA20_POLY1305]) == XCHACHA20_POLY1305
    assert choose_mode(["xsalsa20_poly1305"]) is None


def test_wrong_keys_and_modes_are_refused() -> None:
    with pytest.raises(BadValue, match="32 bytes"):
        cipher_for(AES256_GCM, b"short")
    with pytest.raises(BadValue, match="unknown encryption mode"):
        cipher_for("xsalsa20_poly1305", bytes(32))
