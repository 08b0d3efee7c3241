"""What Discord puts around a payload comes off again in Discord's order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voxlink.testing.downlink import Dress, receiver_report
from voxlink.testing.rtp_packet import RtpHeader, is_rtcp, parse_rtp_header, strip_extension_and_padding

HEADER = RtpHeader(12, 120, 65_535, 2**32 - 1, 7, 0, is_padded=False)


@given(st.integers(), st.lists(st.binary(min_size=1, max_size=1300), min_size=1, max_size=8))
def test_every_dress_comes_off(seed: int, payloads: list[bytes]) -> None:
    dress = Dress(seed)
    for payload in payloads:
        clear, plain = dress.wear(HEADER, 99, payload)
        header = parse_rtp_header(clear + plain + bytes(20))
        assert isinstance(header, RtpHeader)
        assert (header.size, header.ssrc, header.sequence) == (len(clear), 99, 65_535)
        assert strip_extension_and_padding(header, plain) == payload


def test_all_four_dresses_are_worn() -> None:
    dress = Dress(1)
    assert {dress.wear(HEADER, 99, b"opus")[0][0] for _ in range(200)} == {0x80, 0x90, 0xA0, 0xB0}


def test_padding_alone_is_an_empty_packet() -> None:
    clear, plain = Dress(1).padding_only(HEADER, 99)
    header = parse_rtp_header(clear + plain + bytes(20))
    assert isinstance(header, RtpHeader)
    assert strip_extension_and_padding(header, plain) == b""


def test_a_receiver_report_has_the_fields_of_rfc_3550() -> None:
    clear, plain = receiver_report(1, 99, fraction_lost=0.25, lost=5, highest_sequence=0x1_0002, jitter=48)
    assert is_rtcp(clear)
    assert clear == b"\x81\xc9\x00\x07\x00\x00\x00\x01"
    assert plain[:8] == b"\x00\x00\x00\x63\x40\x00\x00\x05"
    assert plain[8:16] == b"\x00\x01\x00\x02\x00\x00\x00\x30"
    assert len(clear + plain) == 32
