"""What LavaSrc says of tracks and lists."""

from __future__ import annotations

from typing import Any

from client.world import track, world
from voxlink.client import ListDetails, TrackDetails
from voxlink.protocol import AudioTrack, LoadResult, PlaylistInfo, decode_track, encode_track

DETAILS: dict[str, Any] = {
    "albumName": "Requiem", "albumUrl": "https://a", "artistUrl": "https://b", "artistArtworkUrl": "https://c",
    "previewUrl": "https://d", "isPreview": True,
}  # fmt: skip
WANTED = TrackDetails("Requiem", "https://a", "https://b", "https://c", "https://d", True)


async def test_details_of_a_loaded_and_of_a_decoded_track_are_the_same() -> None:
    async with world() as (_, node, _fake):
        read = node.plugins.lavasrc.track
        assert read(AudioTrack({**track("x").raw, "pluginInfo": DETAILS})) == WANTED
        info = {**track("x").raw["info"], "sourceName": "spotify"}
        _, text = encode_track({**info, **DETAILS})
        assert read(decode_track(text)) == WANTED
        assert read(track("x")) == TrackDetails()


async def test_odd_details_are_left_out() -> None:
    async with world() as (_, node, _fake):
        odd = AudioTrack({**track("x").raw, "pluginInfo": {**DETAILS, "albumUrl": ["no", "text"]}})
        assert node.plugins.lavasrc.track(odd) == TrackDetails(
            "Requiem", None, "https://b", "https://c", "https://d", True
        )


async def test_a_list_says_what_it_is() -> None:
    async with world() as (_, node, _fake):
        info = {"type": "album", "url": "u", "artworkUrl": "a", "author": "Mozart", "totalTracks": 14}
        found = LoadResult.from_playlist([track("x")], PlaylistInfo("Requiem"), info)
        assert node.plugins.lavasrc.playlist(found) == ListDetails("album", "u", "a", "Mozart", 14)
        assert node.plugins.lavasrc.playlist(LoadResult.empty()) == ListDetails()
