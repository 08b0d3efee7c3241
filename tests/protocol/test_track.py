"""Tracks and playlists."""

from protocol.exact import INFO, TRACK, exact
from voxlink.protocol import UNKNOWN_LENGTH_MS, Playlist, Track, TrackInfo, decode_body


def test_a_track_is_written_with_nulls_and_empty_objects() -> None:
    track = exact(TRACK, Track)
    assert track == Track("e", TrackInfo("i", True, "a", UNKNOWN_LENGTH_MS, False, 0, "t", None, "s"))


def test_user_data_keeps_its_key_order() -> None:
    text = f'{{"encoded":"e","info":{INFO},"pluginInfo":{{"z":1,"a":2}},"userData":{{"b":[true],"a":null}}}}'
    assert list(exact(text, Track).user_data) == ["b", "a"]


def test_a_track_of_an_older_server_has_no_user_data() -> None:
    assert decode_body(f'{{"encoded":"e","info":{INFO}}}', Track).user_data == {}


def test_two_tracks_never_share_their_user_data() -> None:
    one, other = (decode_body(f'{{"encoded":"e","info":{INFO}}}', Track) for _ in range(2))
    one.user_data["a"] = 1
    assert other.user_data == {}


def test_a_playlist_holds_its_tracks_in_order() -> None:
    text = f'{{"info":{{"name":"n","selectedTrack":-1}},"pluginInfo":{{"type":"album"}},"tracks":[{TRACK},{TRACK}]}}'
    playlist = exact(text, Playlist)
    assert (playlist.info.name, len(playlist.tracks)) == ("n", 2)
