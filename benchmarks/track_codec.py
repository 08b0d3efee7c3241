"""Tracks decoded and encoded a second, side by side with Lavalink.py, for the same 10,000 mixed tracks.

The mix: three quarters from YouTube (two thirds of them version 3, the others version 2), 15 % from http with their
container, 10 % from Deezer with LavaSrc's fields. Six titles in ten are ASCII, three are not, one has an emoji. Both
sides take turns with the same tracks in small batches, so that a busy moment of the machine hits both, and the best
of each batch's rounds counts. Lavalink.py cannot write the tails of http and Deezer by itself, and no server reads such
a track without; so it is given encoders for them as its documentation says, and timed without them as well.
"""

from __future__ import annotations

import random
from typing import Any

import lavalink

from benchmarks.measure import rates_of_each, table
from voxlink import protocol

COUNT = 10_000
SONGS = [
    ("Rick Astley - Never Gonna Give You Up (Official Music Video)", "RickAstleyVEVO"),
    ("Blackstreet - No Diggity (Official Music Video) ft. Dr. Dre, Queen Pen", "Blackstreet"),
    ("Daft Punk - Around the World", "Daft Punk"),
    ("Darude - Sandstorm", "Darude"),
    ("Nirvana - Smells Like Teen Spirit (Official Music Video)", "Nirvana"),
    ("The Prodigy - Breathe (Official Video)", "The Prodigy"),
    ("Beyoncé - Déjà Vu (feat. JAY-Z) [Audio]", "Beyoncé"),
    ("二人のモノグラム", "美風藍"),
    ("Кино - Группа крови", "Кино"),
    ("lofi hip hop radio 📚 beats to relax/study to", "Lofi Girl"),
]
LAVASRC = {
    "album_name": "No Diggity: The Very Best Of Blackstreet",
    "album_url": "https://www.deezer.com/album/103254",
    "artist_url": "https://www.deezer.com/artist/1861",
    "artist_artwork_url": "https://images.example/artist/f16cac36fec391f737b7d482f5ac73e3/1000x1000.jpg",
    "preview_url": "https://previews.example/stream/c-a15b8571aa6200c044bf59c76ed9127c-6.mp3",
    "is_preview": False,
}


def mixed_tracks() -> list[dict[str, Any]]:
    chance = random.Random(5)
    tracks: list[dict[str, Any]] = []
    for number in range(COUNT):
        source = chance.choices(["youtube", "http", "deezer"], [75, 15, 10])[0]
        identifier = f"{chance.getrandbits(64):011x}"
        title, author = chance.choice(SONGS)
        track: dict[str, Any] = {
            "title": title, "author": author, "length": chance.randrange(10**6),
            "identifier": identifier, "isStream": False, "uri": f"https://www.youtube.com/watch?v={identifier}",
            "sourceName": source, "position": chance.choice([0, 0, 0, 61_500]),
        }  # fmt: skip
        if number % 3:
            track |= {"artworkUrl": f"https://i.ytimg.com/vi/{identifier}/maxresdefault.jpg", "isrc": None}
        if source == "http":
            track["probe_info"] = "mp3"
        if source == "deezer":
            track |= LAVASRC
        tracks.append(track)
    return tracks


def write_probe_info(writer: lavalink.DataWriter, track: dict[str, Any]) -> None:
    writer.write_utf(track["probe_info"])


def write_lavasrc_fields(writer: lavalink.DataWriter, track: dict[str, Any]) -> None:
    for name in list(LAVASRC)[:-1]:
        writer.write_nullable_utf(track[name])
    writer.write_boolean(track["is_preview"])


TAILS = {"http": write_probe_info, "deezer": write_lavasrc_fields}


def main() -> None:
    tracks = mixed_tracks()
    texts = [protocol.encode_track(track)[1] for track in tracks]
    check(tracks, texts)
    decode = rates_of_each(
        {
            "voxlink": protocol.decode_track,
            "lavalink": lavalink.decode_track,
            "voxlink, as the node's values": protocol.decode_wire_track,
        },
        texts,
    )
    encode = rates_of_each(
        {
            "voxlink": protocol.encode_track,
            "lavalink": lambda track: lavalink.encode_track(track, TAILS),
            "lavalink, tails left out": lavalink.encode_track,
        },
        tracks,
    )
    rows = [
        [f"{verb}, {name}", f"{rate:,.0f}", f"{1e6 / rate:.2f}", f"{rates['voxlink'] / rate:.2f}"]
        for verb, rates in (("decode", decode), ("encode", encode))
        for name, rate in rates.items()
    ]
    print(table([f"{COUNT:,} mixed tracks", "tracks/s", "us each", "voxlink is times as fast"], rows))


def check(tracks: list[dict[str, Any]], texts: list[str]) -> None:
    """Both sides really read all tracks and read the same; both write something that reads the same."""
    for track, text in zip(tracks, texts, strict=True):
        ours, theirs = protocol.decode_track(text), lavalink.decode_track(text)
        assert (ours.title, ours.uri, ours.position) == (theirs.title, theirs.uri, theirs.extra["position"])
        assert ours.extra["source_specific"] == theirs.extra["source_specific"]
        assert ours.title == track["title"]
        again = protocol.decode_track(lavalink.encode_track(track, TAILS)[1])
        assert (again.title, again.extra) == (ours.title, ours.extra)
