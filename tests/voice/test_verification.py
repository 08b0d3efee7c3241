"""Verification codes agree with the MLS library's."""

from __future__ import annotations

import davey
from hypothesis import given
from hypothesis import strategies as st

from voxlink.voice.verification import displayable_code, fingerprint, pairwise_fingerprint, verification_code

OURS, THEIRS = davey.generate_p256_keypair().public, davey.generate_p256_keypair().public


def test_fingerprints_agree_with_davey() -> None:
    assert fingerprint(OURS, 5) == davey.generate_key_fingerprint(0, OURS, 5)
    assert pairwise_fingerprint(fingerprint(OURS, 5), fingerprint(THEIRS, 6)) == (
        davey.generate_pairwise_fingerprint(0, OURS, 5, THEIRS, 6)
    )


@given(st.binary(min_size=64, max_size=64))
def test_codes_agree_with_davey(data: bytes) -> None:
    assert displayable_code(data, 45) == davey.generate_displayable_code(data, 45, 5)


async def test_both_sides_compute_the_same_code() -> None:
    one, other = fingerprint(OURS, 5), fingerprint(THEIRS, 6)
    code = await verification_code(one, other)
    assert code == await verification_code(other, one)
    assert len(code) == 45
