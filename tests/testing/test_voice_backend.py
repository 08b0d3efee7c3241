"""Sessions without sockets: one per user and guild, and an end to each."""

from __future__ import annotations

import pytest

from voxlink.testing.transport_cipher import AES_GCM_MODE
from voxlink.testing.voice_backend import VoiceBackend
from voxlink.testing.voice_member import VoiceMember


class Link:
    def __init__(self) -> None:
        self.code: int | None = None

    def send(self, message: str | bytes) -> None: ...

    def pause(self, seconds: float) -> None: ...

    def stall(self, *, stalled: bool) -> None: ...

    def close(self, code: int) -> None:
        self.code = code

    def abort(self) -> None: ...


@pytest.fixture
def sent() -> list[tuple[bytes, tuple[str, int]]]:
    return []


@pytest.fixture
def backend(sent: list[tuple[bytes, tuple[str, int]]]) -> VoiceBackend:
    return VoiceBackend(
        lambda data, address: sent.append((data, address)),
        dave_version=0,
        requires_dave=False,
        heartbeat_interval_ms=13_750,
        open_every=1,
        first_sequence=0,
        resume_window_s=60,
    )


def join(backend: VoiceBackend, user_id: int) -> tuple[VoiceMember, Link]:
    member, link = backend.admit(1, user_id, 3), Link()
    backend.identified(member, link)
    backend.agreed(member, AES_GCM_MODE, ("127.0.0.1", user_id))
    backend.joined(member)
    return member, link


async def test_a_new_session_of_a_user_ends_the_old_one(backend: VoiceBackend) -> None:
    old, link = join(backend, 7)
    new, _ = join(backend, 7)
    assert link.code == 4006
    assert old.end_code == 4006
    assert new.is_live
    assert backend.newest(1, 7) is new
    assert old.ssrc != new.ssrc


async def test_answers_discovery_with_what_it_saw(
    backend: VoiceBackend, sent: list[tuple[bytes, tuple[str, int]]]
) -> None:
    request = b"\x00\x01\x00\x46" + b"SSRC" + bytes(66)
    backend.datagram(request, ("127.0.0.1", 5000), 0.0)
    (answer, address) = sent[0]
    assert address == ("127.0.0.1", 5000)
    assert len(answer) == 74
    assert answer[:18] == b"\x00\x02\x00\x46SSRC127.0.0.1\0"
    assert answer[72:] == (5000).to_bytes(2, "big")


async def test_a_client_that_leaves_ends_its_session_and_one_that_is_cut_does_not(backend: VoiceBackend) -> None:
    left, _ = join(backend, 1)
    cut, _ = join(backend, 2)
    backend.lost(left, 1000)
    backend.lost(cut, 1006)
    assert left.end_code == 1000
    assert cut.is_live
    backend.stop()


async def test_small_datagrams_are_no_audio(backend: VoiceBackend, sent: list[tuple[bytes, tuple[str, int]]]) -> None:
    join(backend, 1)
    backend.datagram(b"\x01\0\0\0\0\0\0\0", ("127.0.0.1", 1), 0.0)
    backend.datagram(b"", ("127.0.0.1", 1), 0.0)
    assert sent == []
    assert backend.strays == 1
