"""The dict types say what Lavalink.py's say, and what our values write."""

from __future__ import annotations

from typing import Any

import lavalink
import pytest

from voxlink.protocol import Info, Player, ServerStats, Session, Track, TrackInfo, raw

PAIRS: list[tuple[Any, Any]] = [
    (raw.RawTrackInfo, TrackInfo),
    (raw.RawTrack, Track),
    (raw.RawPlayer, Player),
    (raw.RawInfo, Info),
    (raw.RawStats, ServerStats),
    (raw.RawSession, Session),
]


@pytest.mark.parametrize("name", raw.__all__)
def test_the_keys_are_those_of_lavalink_py(name: str) -> None:
    assert getattr(raw, name).__annotations__.keys() == getattr(lavalink, name).__annotations__.keys()


@pytest.mark.parametrize(("typed_dict", "value"), PAIRS)
def test_the_keys_are_those_that_our_values_write(typed_dict: Any, value: Any) -> None:
    assert set(typed_dict.__annotations__) == set(value.__struct_encode_fields__) - {"<unknown>"}
