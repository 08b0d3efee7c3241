"""Tracks for the tests of this room."""

from __future__ import annotations

from voxlink.protocol import Track, TrackInfo, encode_wire_track


def a_track(
    *, identifier: str = "/music/song.mp3", title: str = "Song", length: int = 300_000, is_seekable: bool = True
) -> Track:
    """A track of the local source; it names no real file unless `identifier` does."""
    info = TrackInfo(
        identifier=identifier,
        is_seekable=is_seekable,
        author="Somebody",
        length=length,
        is_stream=not is_seekable,
        position=0,
        title=title,
        uri=identifier,
        source_name="local",
        artwork_url=None,
        isrc=None,
    )
    bare = Track(encoded="", info=info, plugin_info={"probeInfo": "mp3"}, user_data={})
    return Track(encoded=encode_wire_track(bare), info=info, plugin_info=bare.plugin_info, user_data={})
