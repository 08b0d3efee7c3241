"""The judge of one sender: a good one has no faults, each bad habit is named."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voxlink.testing.heard import Heard
from voxlink.testing.transport_cipher import AES_GCM_MODE, make_cipher
from voxlink.testing.uplink import Uplink

KEY = bytes(range(32))
SILENCE = b"\xf8\xff\xfe"
CIPHER = make_cipher(AES_GCM_MODE, KEY)


class Sender:
    """Makes packets; every field can be bent."""

    def __init__(self, *, open_every: int = 1) -> None:
        self.heard = Heard()
        self.uplink = Uplink(7, CIPHER, self.heard, open_every=open_every)
        self.uplink.has_spoken = True
        self.nonce = 0

    def send(self, sequence: int, timestamp: int, payload: bytes = b"opus", nonce: int | None = None) -> None:
        self.nonce += 1
        tail = (self.nonce if nonce is None else nonce).to_bytes(4, "big")
        head = b"\x80\x78" + (sequence % 2**16).to_bytes(2, "big") + (timestamp % 2**32).to_bytes(4, "big")
        head += (7).to_bytes(4, "big")
        self.uplink.receive(head + CIPHER.seal(tail, payload, head) + tail, 0.02 * self.nonce)


@given(st.integers(0, 65_535), st.integers(0, 2**32 - 1), st.sets(st.integers(1, 98)), st.integers(1, 5))
def test_counts_exactly_what_was_lost(first: int, start: int, lost: set[int], open_every: int) -> None:
    sender = Sender(open_every=open_every)
    for n in range(100):
        if n not in lost:
            sender.send(first + n, start + 960 * n)
    assert sender.heard.faults == []
    assert sender.heard.missing == len(lost)
    assert sender.heard.packets == 100 - len(lost)
    assert len(sender.heard.frames) == sender.heard.packets // open_every
    if open_every == 1:
        assert [frame.position for frame in sender.heard.frames] == [n for n in range(100) if n not in lost]


def test_a_nonce_may_be_used_once() -> None:
    sender = Sender()
    sender.send(1, 960)
    sender.send(2, 1920, nonce=1)
    assert sender.heard.faults == ["nonce 00000001 used twice with one key"]


def test_a_jump_of_the_timestamp_is_allowed_after_silence_only() -> None:
    sender = Sender()
    sender.send(1, 960)
    sender.send(2, 1920, SILENCE)
    sender.send(3, 1920 + 48_000)
    assert sender.heard.faults == []
    assert sender.heard.missing == 0
    sender.send(4, 1920 + 96_000)
    assert "48000 samples in mid-speech" in sender.heard.faults[0]


def test_a_timestamp_that_stands_still_is_a_fault() -> None:
    sender = Sender()
    sender.send(1, 960)
    sender.send(2, 960)
    assert "timestamp went by 0" in sender.heard.faults[0]


def test_a_sender_that_was_started_again_leaves_out_numbers_without_a_loss() -> None:
    sender = Sender()
    sender.send(1, 960)
    sender.send(1 + 64, 960 + 25 * 960)
    assert sender.heard.faults == []
    assert sender.heard.missing == 24


def test_late_and_repeated_packets_are_named() -> None:
    sender = Sender()
    for n in (1, 3, 2, 3):
        sender.send(n, 960 * n)
    assert sender.heard.faults == ["packet 2 arrived 1 behind", "sequence 3 sent twice"]
    assert sender.heard.missing == 0


def test_audio_without_speaking_is_a_fault() -> None:
    sender = Sender()
    sender.uplink.has_spoken = False
    for n in range(60):
        sender.send(n, 960 * n)
    assert sender.heard.faults == ["audio without Speaking (op 5)"]


@given(st.binary(max_size=64))
def test_garbage_is_a_fault_in_words(data: bytes) -> None:
    sender = Sender()
    sender.uplink.receive(data, 0.0)
    assert len(sender.heard.faults) == 1
    assert sender.heard.frames == []
