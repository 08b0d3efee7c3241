"""The node's tracks come from encoded texts and go back to them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from protocol import examples
from voxlink.errors import InvalidTrack
from voxlink.protocol import Track, TrackInfo, decode_wire_track, encode_wire_track
from voxlink.protocol.source_tails import to_wire


@pytest.mark.parametrize("text", examples.FIELDS, ids=list("ABCDE"))
def test_a_track_that_did_not_change_keeps_its_text(text: str) -> None:
    track = decode_wire_track(text)
    fields = examples.FIELDS[text]
    assert track.encoded == text
    assert (track.info.title, track.info.length, track.info.uri) == (fields["title"], fields["length"], fields["uri"])
    assert track.info.is_seekable is not fields["is_stream"]
    assert track.plugin_info == to_wire(fields["tail"])
    assert encode_wire_track(track) == text


@pytest.mark.parametrize("text", examples.FIELDS, ids=list("ABCDE"))
def test_the_position_is_part_of_the_text(text: str) -> None:
    track = decode_wire_track(text)
    later = replace(track, info=replace(track.info, position=61_500))
    moved = decode_wire_track(encode_wire_track(later))
    assert moved.info == later.info
    assert moved.plugin_info == track.plugin_info


def test_a_new_http_track_gets_its_tail_from_plugin_info() -> None:
    info = TrackInfo("http://h/x.mp3", True, "a", 5, False, 0, "t", "http://h/x.mp3", "http")
    track = Track("", info, {"probeInfo": "mp3"})
    assert decode_wire_track(encode_wire_track(track)) == replace(track, encoded=encode_wire_track(track))
    with pytest.raises(InvalidTrack, match="probeInfo"):
        encode_wire_track(replace(track, plugin_info={}))
