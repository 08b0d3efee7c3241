"""RTCP receiver reports: uplink loss and jitter; garbage is refused by name."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.errors import InvalidPacket
from voxlink.testing.downlink import receiver_report
from voxlink.voice.rtcp import ReceptionReport, parse_reports


def test_a_report_is_read() -> None:
    header, body = receiver_report(9, 77, fraction_lost=0.25, lost=-3, highest_sequence=70_000, jitter=96)
    assert parse_reports(header, body) == [ReceptionReport(77, 0.25, -3, 70_000, 2.0)]


def test_a_sender_report_has_its_blocks_behind_the_sender_info() -> None:
    _, body = receiver_report(9, 77, fraction_lost=0, lost=1, highest_sequence=5, jitter=48)
    header = struct.pack("!BBHI", 0x81, 200, 12, 9)
    assert parse_reports(header, bytes(20) + body)[0].ssrc == 77


def test_other_types_have_no_reports_and_cut_off_ones_are_refused() -> None:
    assert parse_reports(struct.pack("!BBHI", 0x81, 205, 2, 9), b"anything") == []
    with pytest.raises(InvalidPacket, match="do not fit"):
        parse_reports(struct.pack("!BBHI", 0x82, 201, 2, 9), bytes(24))


@given(st.binary(min_size=8, max_size=8), st.binary(max_size=100))
def test_garbage_is_refused_by_name(header: bytes, body: bytes) -> None:
    with contextlib.suppress(InvalidPacket):
        parse_reports(header, body)
