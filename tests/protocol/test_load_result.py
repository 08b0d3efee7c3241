"""What a search found, as bots handle it."""

from __future__ import annotations

from typing import Any

import pytest

from voxlink.protocol import AudioTrack, LoadResult, LoadResultError, LoadType, PlaylistInfo, Plugin, Severity

INFO: dict[str, Any] = {
    "identifier": "i", "isSeekable": True, "author": "a", "length": 5, "isStream": False, "title": "t", "uri": "u",
}  # fmt: skip
TRACK: dict[str, Any] = {"encoded": "e", "info": INFO, "pluginInfo": {"p": 1}, "userData": {}}


def test_each_answer_of_lavalink_is_read() -> None:
    track = LoadResult.from_dict({"loadType": "track", "data": TRACK})
    assert (track.load_type, track.tracks, track.plugin_info) == (LoadType.TRACK, [AudioTrack(TRACK)], {"p": 1})

    search = LoadResult.from_dict({"loadType": "search", "data": [TRACK, TRACK]})
    assert (search.load_type, len(search.tracks), search.playlist_info.name) == (LoadType.SEARCH, 2, "")

    data = {"info": {"name": "n", "selectedTrack": 1}, "pluginInfo": {"type": "album"}, "tracks": [TRACK, TRACK]}
    playlist = LoadResult.from_dict({"loadType": "playlist", "data": data})
    assert (playlist.playlist_info, playlist.plugin_info) == (PlaylistInfo("n", 1), {"type": "album"})
    assert playlist.selected_track is playlist.tracks[1]
    assert [found.error for found in (track, search, playlist)] == [None] * 3
    assert repr(playlist) == (
        "<LoadResult load_type=playlist playlist_info=<PlaylistInfo name=n selected_track=1> tracks=[2 item(s)]>"
    )

    failure = {"message": "m", "severity": "common", "cause": "c", "causeStackTrace": "s"}
    error = LoadResult.from_dict({"loadType": "error", "data": failure}).error
    assert error is not None
    assert (error.message, error.severity, error.cause, error.cause_stacktrace) == ("m", Severity.COMMON, "c", "s")
    assert str(error) == "m: c (common)"


@pytest.mark.parametrize(
    "body", [{"loadType": "empty", "data": None}, {"loadType": "empty"}, {"loadType": "empty", "data": {}}]
)
def test_nothing_found_needs_no_data(body: dict[str, Any]) -> None:
    result = LoadResult.from_dict(body)
    assert (result.load_type, result.tracks, result.selected_track) == (LoadType.EMPTY, [], None)
    assert result.error is None


def test_a_source_can_build_results_of_its_own() -> None:
    track = AudioTrack(INFO)
    assert LoadResult.empty().load_type is LoadType.EMPTY
    assert LoadResult.from_track(track).tracks == [track]
    assert LoadResult.from_search([track]).load_type is LoadType.SEARCH
    assert LoadResult.from_playlist([track], PlaylistInfo("n")).playlist_info.selected_track == -1
    error = LoadResultError.create("m", Severity.FAULT, "c")
    assert LoadResult.from_error(error).error is error
    assert error.cause_stacktrace == ""
    assert LoadResult(LoadType.TRACK, [track]).playlist_info == PlaylistInfo.none()


def test_a_severity_that_we_do_not_know_is_kept() -> None:
    error = LoadResultError({"message": None, "severity": "odd", "cause": "c"})
    assert (error.message, error.severity.value) == (None, "odd")


@pytest.mark.parametrize("index", [-1, 1, 99])
def test_there_is_no_selected_track_beyond_the_list(index: int) -> None:
    assert LoadResult.from_playlist([AudioTrack(INFO)], PlaylistInfo("n", index)).selected_track is None


def test_item_access_still_works_and_warns() -> None:
    result = LoadResult.from_playlist([AudioTrack(INFO)], PlaylistInfo("n", 0))
    with pytest.warns(DeprecationWarning, match="use .tracks"):
        assert result["tracks"] is result.tracks
    with pytest.warns(DeprecationWarning, match="use .playlist_info"):
        info = result["playlistInfo"]
    with pytest.warns(DeprecationWarning, match="use .selected_track"):
        assert info["selectedTrack"] == 0
    with pytest.raises(KeyError):
        result["nothing"]


def test_a_plugin_has_a_name_and_a_version() -> None:
    plugin = Plugin({"name": "n", "version": "1.2"})
    assert (str(plugin), repr(plugin)) == ("n v1.2", "<Plugin name=n version=1.2>")
