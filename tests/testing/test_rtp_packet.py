"""Clear headers are read or refused in words; extension and padding come off in Discord's order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.testing.rtp_packet import RtpHeader, is_rtcp, parse_rtp_header, strip_extension_and_padding

TAIL = bytes(20)
PLAIN = b"\x80\x78\x01\x02\x00\x00\x03\x04\x00\x00\x05\x06"


def test_reads_a_plain_header() -> None:
    assert parse_rtp_header(PLAIN + TAIL) == RtpHeader(12, 120, 0x0102, 0x0304, 0x0506, 0, is_padded=False)


def test_reads_extension_contributors_and_padding() -> None:
    packet = b"\xb1" + PLAIN[1:] + b"CSRC" + b"\xbe\xde\x00\x02" + TAIL
    header = parse_rtp_header(packet)
    assert isinstance(header, RtpHeader)
    assert (header.size, header.extension_bytes, header.is_padded) == (20, 8, True)
    assert strip_extension_and_padding(header, b"12345678opus\0\0\x03") == b"opus"


@pytest.mark.parametrize(
    ("packet", "words"),
    [
        (b"", "too short"),
        (PLAIN, "too short"),
        (b"\x40" + PLAIN[1:] + TAIL, "version 1"),
        (b"\x9f" + PLAIN[1:] + TAIL, "76"),
    ],
)
def test_refuses_what_is_no_packet_in_words(packet: bytes, words: str) -> None:
    answer = parse_rtp_header(packet)
    assert isinstance(answer, str)
    assert words in answer


@given(st.binary(max_size=80), st.binary(max_size=40))
def test_any_bytes_give_a_header_or_a_reason(data: bytes, plain: bytes) -> None:
    header = parse_rtp_header(data)
    if isinstance(header, RtpHeader):
        assert len(strip_extension_and_padding(header, plain)) <= len(plain)


def test_padding_that_is_longer_than_the_packet_is_left_alone() -> None:
    header = RtpHeader(12, 120, 0, 0, 0, 0, is_padded=True)
    assert strip_extension_and_padding(header, b"ab\xff") == b"ab\xff"
    assert strip_extension_and_padding(header, b"ab\x00") == b"ab\x00"
    assert strip_extension_and_padding(header, b"\0\0\x03") == b""


def test_tells_rtcp_by_the_raw_second_byte() -> None:
    assert is_rtcp(b"\x80\xc9")
    assert not is_rtcp(PLAIN)
    assert not is_rtcp(b"\x80")
