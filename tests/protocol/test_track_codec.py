"""Encoded tracks under Lavalink.py's names."""

from __future__ import annotations

import pytest

from protocol import examples
from voxlink.errors import InvalidTrack
from voxlink.protocol import decode_track, encode_track


@pytest.mark.parametrize("text", examples.FIELDS, ids=list("ABCDE"))
def test_the_worked_examples_go_through_a_dict_unchanged(text: str) -> None:
    fields = examples.FIELDS[text]
    track = decode_track(text)
    assert (track.title, track.duration, track.position) == (fields["title"], fields["length"], 0)
    assert track.extra["source_specific"] == fields["tail"]
    assert encode_track(track) == (fields["version"], text)
    assert encode_track({**track.raw["info"], **fields["tail"]}) == (fields["version"], text)


def test_missing_keys_are_named() -> None:
    with pytest.raises(InvalidTrack, match="author, identifier"):
        encode_track({"title": "t", "length": 1, "isStream": False, "uri": None, "sourceName": "s", "position": 0})
