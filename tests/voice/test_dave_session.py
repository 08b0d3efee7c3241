"""davey behind its door: named errors, one identity per user."""

from __future__ import annotations

import pytest

from voxlink.errors import DaveFailure
from voxlink.voice.dave_session import MlsGroup, signing_keys


def test_a_user_keeps_one_signature_key() -> None:
    assert signing_keys(1).public == signing_keys(1).public
    assert signing_keys(1).public != signing_keys(2).public


def test_failures_carry_step_and_variant() -> None:
    group = MlsGroup(1, 5, 99)
    with pytest.raises(DaveFailure) as caught:
        group.process_commit(b"abc")
    assert (caught.value.step, caught.value.variant) == ("commit", "NoGroup")
    with pytest.raises(DaveFailure, match="DeserializeExternalSender"):
        group.set_external_sender(b"abc")
    with pytest.raises(DaveFailure, match="NotReady"):
        group.encrypt(b"abc")
    with pytest.raises(DaveFailure, match="NoDecryptorForUser"):
        group.decrypt(7, b"abc")


def test_arguments_that_the_library_cannot_take_are_failures_too() -> None:
    with pytest.raises(DaveFailure):
        MlsGroup(1, 5, 99).process_welcome(bytearray(b"abc"))  # type: ignore[arg-type]
    with pytest.raises(DaveFailure, match="UnsupportedProtocolVersion"):
        MlsGroup(2, 5, 99)


def test_a_new_group_has_no_key_and_offers_packages() -> None:
    group = MlsGroup(1, 5, 99)
    assert not group.has_key
    assert (group.epoch, group.privacy_code) == (None, None)
    assert group.key_package()[:4] == b"\0\1\0\2"
    group.start_over(1)
    assert group.key_package()
