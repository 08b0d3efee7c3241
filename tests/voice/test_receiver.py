"""Receiving: packets become frames of users, in order, with losses marked and speaking told."""

from __future__ import annotations

import random
import struct

from hypothesis import given
from hypothesis import strategies as st

from voxlink.testing.downlink import Dress, receiver_report
from voxlink.testing.rtp_packet import RtpHeader as TheirHeader
from voxlink.voice import gateway_message as words
from voxlink.voice.encryption import AES256_GCM, cipher_for
from voxlink.voice.events import SpeakingStarted, SpeakingStopped
from voxlink.voice.receiver import QUIET_S, UNKNOWN_PACKETS, HeardOpus, Item, Lost, Receiver
from voxlink.voice.roster import Roster
from voxlink.voice.rtp import SILENCE_FRAME

KEY = bytes(32)
OWN, SSRC, USER = 7, 8, 99


def their_header(index: int, ssrc: int) -> TheirHeader:
    return TheirHeader(
        size=12, payload_type=120, sequence=index, timestamp=960 * index, ssrc=ssrc, extension_bytes=0, is_padded=False
    )


class Stage:
    def __init__(self, *, known: bool = True) -> None:
        self.roster = Roster()
        if known:
            self.roster.receive(words.Speaking(SSRC, USER))
        self.cipher = cipher_for(AES256_GCM, KEY)
        self.undecryptable: set[bytes] = set()
        self.receiver = Receiver(self.cipher, self.roster, self.decrypt, ssrc=OWN)
        self.counter = 0
        self.dress = Dress(3)

    def decrypt(self, user_id: int, payload: bytes) -> bytes | None:
        assert user_id == USER
        return None if payload in self.undecryptable else payload

    def packet(self, index: int, opus: bytes, ssrc: int = SSRC) -> bytes:
        clear, plain = self.dress.wear(their_header(index, ssrc), ssrc, opus)
        return self.seal(clear, plain)

    def seal(self, clear: bytes, plain: bytes) -> bytes:
        self.counter += 1
        counter = self.counter.to_bytes(4, "big")
        return clear + self.cipher.seal(counter + bytes(8), plain, clear) + counter

    def hear(self, index: int, opus: bytes, now: float = 0.0, ssrc: int = SSRC) -> list[Item]:
        return self.receiver.receive(self.packet(index, opus, ssrc), now)


def opus_of(items: list[Item]) -> list[bytes | None]:
    return [item.opus if isinstance(item, HeardOpus) else None for item in items if isinstance(item, HeardOpus | Lost)]


def test_extension_and_padding_are_gone_and_the_user_is_known() -> None:
    stage = Stage()
    frames = [b"\xfc" + bytes([index]) * 30 for index in range(100)]
    items = [item for index, frame in enumerate(frames) for item in stage.hear(index, frame)]
    assert items[0] == SpeakingStarted(USER)
    assert items[1:] == [HeardOpus(USER, frame, 960 * index) for index, frame in enumerate(frames)]
    assert stage.receiver.received == 100


def test_a_loss_in_mid_speech_is_marked() -> None:
    stage = Stage()
    stage.hear(0, b"a")
    assert stage.hear(2, b"c", 0.02) == []
    assert stage.receiver.tick(0.1) == [Lost(USER, 960), HeardOpus(USER, b"c", 1920)]
    assert stage.receiver.lost == 1


def test_what_cannot_be_decrypted_is_a_loss() -> None:
    stage = Stage()
    stage.undecryptable.add(b"b")
    stage.hear(0, b"a")
    assert stage.hear(1, b"b") == [Lost(USER, 960)]
    assert stage.receiver.undecryptable == 1


def test_speaking_ends_with_silence_frames_or_without_packets() -> None:
    stage = Stage()
    stage.hear(0, b"a")
    items = [item for index in range(1, 6) for item in stage.hear(index, SILENCE_FRAME)]
    assert items.count(SpeakingStopped(USER)) == 1
    assert stage.receiver.next_deadline() is None
    assert stage.hear(6, b"b", 1.0)[0] == SpeakingStarted(USER)
    assert stage.receiver.next_deadline() == 1.0 + QUIET_S
    assert stage.receiver.tick(1.0 + QUIET_S) == [SpeakingStopped(USER)]


def test_frames_of_a_stranger_wait_a_little_for_their_user() -> None:
    stage = Stage(known=False)
    for index in range(UNKNOWN_PACKETS + 10):
        assert stage.hear(index, b"%d" % index) == []
    stage.roster.receive(words.Video(USER, SSRC))
    items = stage.hear(UNKNOWN_PACKETS + 10, b"now")
    assert opus_of(items) == [*[b"%d" % index for index in range(10, UNKNOWN_PACKETS + 10)], b"now"]


def test_who_leaves_in_mid_speech_has_stopped_speaking() -> None:
    stage = Stage()
    stage.hear(0, b"a")
    assert stage.receiver.user_left(USER) == [SpeakingStopped(USER)]
    assert stage.receiver.user_left(USER) == []


def test_pure_padding_is_no_frame_and_no_loss() -> None:
    stage = Stage()
    stage.hear(0, b"a")
    clear, plain = stage.dress.padding_only(their_header(1, SSRC), SSRC)
    assert stage.receiver.receive(stage.seal(clear, plain), 0) == []
    assert stage.hear(2, b"b") == [HeardOpus(USER, b"b", 1920)]


def test_reports_about_our_own_sound_are_kept() -> None:
    stage = Stage()
    for ssrc in (OWN, 12345):
        header, body = receiver_report(1, ssrc, fraction_lost=0.5, lost=1, highest_sequence=2, jitter=480)
        stage.receiver.receive(stage.seal(header, body), 0)
    assert stage.receiver.uplink is not None
    assert (stage.receiver.uplink.ssrc, stage.receiver.uplink.jitter_ms) == (OWN, 10)


def test_our_own_sound_and_video_are_dropped() -> None:
    stage = Stage()
    assert stage.hear(0, b"a", ssrc=OWN) == []
    assert stage.receiver.receive(struct.pack("!BBHII", 0x80, 101, 1, 2, SSRC) + bytes(40), 0) == []
    assert stage.receiver.invalid == 0


@given(st.binary(max_size=100), st.integers(0, 2**31))
def test_garbage_and_mutations_never_raise(data: bytes, seed: int) -> None:
    stage = Stage()
    chance = random.Random(seed)
    stage.receiver.receive(data, 0)
    packet = bytearray(stage.packet(1, b"opus"))
    for _ in range(chance.randint(1, 3)):
        packet[chance.randrange(len(packet))] ^= chance.randint(1, 255)
    assert opus_of(stage.receiver.receive(bytes(packet), 0)) in ([], [b"opus"])
    stage.receiver.tick(5)


def test_at_the_end_of_a_session_whoever_spoke_has_stopped() -> None:
    stage = Stage()
    stage.hear(1, b"opus")
    assert stage.receiver.end() == [SpeakingStopped(USER)]
    assert stage.receiver.end() == []
    assert stage.receiver.next_deadline() is None
