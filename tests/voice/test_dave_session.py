"""davey behind its door: named errors, one identity per user."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from benchmarks.voice_parts.group import US, active_group

from voxlink.errors import DaveFailure
from voxlink.voice.dave_session import MlsGroup, signing_keys
from voxlink.voice.rtp import SILENCE_FRAME

PANICS = base64.b64decode(
    "AAEAAQgAAAAAAAADCQAAAAAAAAACAQAAAAIAAyICIOBugsjEh1L98VTieTPSvn3Vhpmxkb9eVHQXaZTtfLFbAUBBBGl2nd3bOzgM0Anx"
    "xGnZ5XKDtzXTfyMaZfctOwvWEVYX24Z2HhLNtAljZozd1QdG673nO6ynthS38lfx/G2OiylAQQSEcZtqii1OEulu1U9ymm7OsIKEUYF5"
    "fj9TkBzT9GEAfd4C9UrxmnkqveGmdP0CgMAb1XzSsfrgwynZ/Iyf8MBQAAEIAAAAAAAAAAMCAAECAAIAAAIAAQMgf24iwmOKdhUli6VO"
    "r1goOlerrrcsl2b68z1gjFsg2c8AA0cwRQIgaq95KC+C5Kqj1LjUuyLmKcPcANomaCjQJq0+EbQVlLcCIQD+5lBPfUhvsgwPTVZcVkKs"
    "FXuRvCkb6xHeEw1MH5AuI0C5QEEECeIYG6EKcJMeDy0VP3aRXanQtEreoq1XbJ5LartnZ0+hGgpkqrh0GS/Y5/IEO/DxYiOr+daMxAB+"
    "UR0DKcjgDEB0QEEEGAALXs38R+K99h68DD1kY2OtcIerh2kOCT1bGLCqceBURC6Q9QFuhIqlYOBBEckF27sFIgICob/2XoCx1+QemzCZ"
    "a1yXB7sYwZ1f4JX9yLrwkg6Kf4FCNDdWo+SKaDbvNg9lyjF8hD+oGedH0FvemvpARAIges5TZODs7EYmSfTZzIVB8JYjfvuIYTUg9Fik"
    "hy8TMb0CIHZK1Oabspf3yX+SECit/m7mpOH2TokY9t2yuGj9ad52IOsPZxakVWIe/yrVJKqcWHz1yqymxOF3LRHhxaoUycMoIK82VEwk"
    "824ZxzL38pFBT+dggLD9aDURKHn6vDn4H7V4"
)
"""A commit with a wrong length in its path; OpenMLS 0.8.1 reads beyond its end (found by fuzzing)."""


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
        group.encrypt([b"abc"])
    with pytest.raises(DaveFailure, match="NoDecryptorForUser"):
        group.decrypt(7, b"abc")


def test_arguments_that_the_library_cannot_take_are_failures_too() -> None:
    with pytest.raises(DaveFailure):
        MlsGroup(1, 5, 99).process_welcome(bytearray(b"abc"))  # type: ignore[arg-type]
    with pytest.raises(DaveFailure, match="UnsupportedProtocolVersion"):
        MlsGroup(2, 5, 99)
    with pytest.raises(DaveFailure):
        MlsGroup(1, 5, 99).encrypt([bytearray(b"abc")])  # type: ignore[arg-type]


def test_a_panic_of_the_library_is_a_failure_that_the_group_survives() -> None:
    ours, theirs = active_group()
    group = ours._group
    assert group
    with pytest.raises(DaveFailure):
        group.process_commit(PANICS)
    (payload,) = group.encrypt([b"\xfcframe"])
    assert theirs.decrypt(US, payload) == b"\xfcframe"


def test_a_frame_that_cannot_be_encrypted_is_silence_and_costs_no_other() -> None:
    ours, theirs = active_group()
    assert ours._group
    session = ours._group._session

    class Picky:
        def encrypt_opus(self, frame: bytes) -> bytes:
            if frame == b"\xfcbad":
                raise ValueError("EncryptionFailed")
            return session.encrypt_opus(frame)

    ours._group._session = Picky()  # type: ignore[assignment]
    before, bad, after = ours.encrypt([b"\xfcbefore", b"\xfcbad", b"\xfcafter"])
    assert bad == SILENCE_FRAME
    assert [theirs.decrypt(US, payload) for payload in (before, after)] == [b"\xfcbefore", b"\xfcafter"]


def test_a_new_group_has_no_key_and_offers_packages() -> None:
    group = MlsGroup(1, 5, 99)
    assert not group.has_key
    assert (group.epoch, group.privacy_code) == (None, None)
    assert group.key_package()[:4] == b"\0\1\0\2"
    group.start_over(1)
    assert group.key_package()


class PanicException(BaseException):
    """What PyO3 raises for a panic of the Rust code: no Exception."""


class Broken:
    """A session whose every call panics."""

    def __getattr__(self, name: str) -> object:
        def panic(*args: object) -> None:
            raise PanicException("called `Option::unwrap()` on a `None` value")

        return panic


def test_a_panic_of_the_library_is_a_failure_like_any_other() -> None:
    group = MlsGroup(1, 5, 99)
    group._session = Broken()  # type: ignore[assignment]
    calls: list[Callable[[], object]] = [
        lambda: group.encrypt([b"abc"]),
        lambda: group.decrypt(7, b"abc"),
        lambda: group.process_proposals(b"abc", revoke=False, expected=[]),
        lambda: group.process_commit(b"abc"),
        lambda: group.process_welcome(b"abc"),
        lambda: group.set_external_sender(b"abc"),
        group.key_package,
        group.members,
        lambda: group.start_over(1),
        lambda: group.allow_plain(allowed=True, seconds=1),
        lambda: group.pairwise_fingerprint(7),
    ]
    for call in calls:
        with pytest.raises(DaveFailure, match="Panic"):
            call()


def test_what_is_no_failure_of_the_library_goes_on_as_it_is() -> None:
    group = MlsGroup(1, 5, 99)

    class Interrupted:
        def encrypt_opus(self, frame: bytes) -> bytes:
            raise KeyboardInterrupt

    group._session = Interrupted()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        group.encrypt([b"abc"])
