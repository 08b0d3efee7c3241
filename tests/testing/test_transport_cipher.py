"""Both modes against PyNaCl, which is libsodium."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_aead_aes256gcm_encrypt, crypto_aead_xchacha20poly1305_ietf_encrypt

from voxlink.testing.transport_cipher import AES_GCM_MODE, MODES, XCHACHA_MODE, make_cipher

keys, nonces = st.binary(min_size=32, max_size=32), st.binary(min_size=4, max_size=4)


@given(keys, nonces, st.binary(), st.binary())
def test_xchacha_agrees_with_libsodium(key: bytes, nonce: bytes, plain: bytes, header: bytes) -> None:
    sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(plain, header, nonce + bytes(20), key)
    cipher = make_cipher(XCHACHA_MODE, key)
    assert cipher.seal(nonce, plain, header) == sealed
    assert cipher.open(nonce, sealed, header) == plain


@given(keys, nonces, st.binary(), st.binary())
def test_aes_gcm_agrees_with_libsodium(key: bytes, nonce: bytes, plain: bytes, header: bytes) -> None:
    cipher = make_cipher(AES_GCM_MODE, key)
    sealed = crypto_aead_aes256gcm_encrypt(plain, header, nonce + bytes(8), key)
    assert cipher.seal(nonce, plain, header) == sealed
    assert cipher.open(nonce, sealed, header) == plain


@pytest.mark.parametrize("mode", MODES)
@given(key=keys, nonce=nonces, plain=st.binary(min_size=1), header=st.binary(), at=st.integers(0))
def test_a_changed_bit_does_not_open(mode: str, key: bytes, nonce: bytes, plain: bytes, header: bytes, at: int) -> None:
    cipher = make_cipher(mode, key)
    sealed = bytearray(cipher.seal(nonce, plain, header))
    sealed[at % len(sealed)] ^= 1
    assert cipher.open(nonce, bytes(sealed), header) is None
    assert cipher.open(nonce, bytes(plain), header) is None


def test_other_modes_and_keys_are_refused() -> None:
    with pytest.raises(ValueError, match="xsalsa20_poly1305"):
        make_cipher("xsalsa20_poly1305", bytes(32))
    with pytest.raises(ValueError, match="32 bytes, not 16"):
        make_cipher(AES_GCM_MODE, bytes(16))
