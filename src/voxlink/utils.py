"""Lavalink.py's path of the track codec and the time functions."""

from voxlink.protocol import (
    V2_KEYSET,
    V3_KEYSET,
    decode_track,
    encode_track,
    encode_track_v2,
    encode_track_v3,
    format_time,
    parse_time,
    timestamp_to_millis,
)

__all__ = [
    "V2_KEYSET", "V3_KEYSET", "decode_track", "encode_track", "encode_track_v2", "encode_track_v3",
    "format_time", "parse_time", "timestamp_to_millis",
]  # fmt: skip
