"""`voxlink decode` and `voxlink encode`: encoded tracks to JSON and back, one a line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from voxlink.cli.commands import Commands
from voxlink.errors import InvalidTrack
from voxlink.protocol import Track, TrackInfo, decode_body, decode_wire_track, encode, encode_wire_track


def add_decode(commands: Commands) -> None:
    """Add `decode` to the parser."""
    parser = commands.add_parser(
        "decode",
        help="show what encoded tracks hold",
        description="Print each track as one line of JSON, as a node answers it. Without arguments, tracks are read "
        "from standard input, one a line.",
    )
    parser.add_argument("track", nargs="*", help="an encoded track (Base64)")
    parser.set_defaults(command=decode_tracks)


def add_encode(commands: Commands) -> None:
    """Add `encode` to the parser."""
    parser = commands.add_parser(
        "encode",
        help="make encoded tracks",
        description="Print the encoded text of each track. A track is JSON as `voxlink decode` prints it, or its "
        "`info` alone. Without arguments, tracks are read from standard input, one a line.",
    )
    parser.add_argument("track", nargs="*", help="a track as JSON")
    parser.set_defaults(command=encode_tracks)


def decode_tracks(args: argparse.Namespace) -> int:
    """Print JSON for each encoded track; the first that is none is raised as InvalidTrack."""
    for text in _given(args.track):
        print(encode(decode_wire_track(text)).decode(errors="surrogatepass"))
    return 0


def encode_tracks(args: argparse.Namespace) -> int:
    """Print the encoded text of each JSON track; InvalidTrack or InvalidBody for the first that is none."""
    for text in _given(args.track):
        print(encode_wire_track(read_track(text)))
    return 0


def read_track(text: str) -> Track:
    """Read a track, or its info alone, from JSON; raise InvalidTrack if it is no object, InvalidBody for its fields."""
    try:
        fields: Any = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InvalidTrack(f"not JSON: {error}") from None
    if not isinstance(fields, dict):
        raise InvalidTrack("a track is a JSON object")
    if "info" not in fields:
        return Track(encoded="", info=decode_body(text.encode(errors="surrogatepass"), TrackInfo))
    whole = msgspec.json.encode({"encoded": "", "pluginInfo": {}, "userData": {}, **fields})
    return decode_body(whole, Track)


def _given(arguments: Sequence[str]) -> Iterator[str]:
    """Yield the arguments, or the lines of standard input that are not empty."""
    if arguments:
        yield from arguments
        return
    for line in sys.stdin:
        if line.strip():
            yield line.strip()
