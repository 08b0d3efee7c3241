"""The answers of loadtracks."""

from __future__ import annotations

import pytest

from protocol.exact import FAILURE, TRACK, exact_loaded
from voxlink.errors import InvalidBody
from voxlink.protocol import (
    Loaded,
    LoadedEmpty,
    LoadedError,
    LoadedPlaylist,
    LoadedSearch,
    LoadedTrack,
    LoadedUnknown,
    decode_loaded,
)

PLAYLIST = f'{{"info":{{"name":"n","selectedTrack":0}},"pluginInfo":{{}},"tracks":[{TRACK}]}}'


@pytest.mark.parametrize(
    ("kind", "name", "data"),
    [
        (LoadedTrack, "track", TRACK),
        (LoadedPlaylist, "playlist", PLAYLIST),
        (LoadedSearch, "search", f"[{TRACK},{TRACK}]"),
        (LoadedEmpty, "empty", "null"),
        (LoadedError, "error", FAILURE),
        (LoadedUnknown, "station", '{"any":["thing",1.5]}'),
    ],
)
def test_each_load_type_is_a_value_of_its_own(kind: type[Loaded], name: str, data: str) -> None:
    assert isinstance(exact_loaded(f'{{"loadType":"{name}","data":{data}}}'), kind)


def test_the_load_type_that_we_do_not_know_is_kept() -> None:
    found = decode_loaded('{"loadType":"station","data":null}')
    assert isinstance(found, LoadedUnknown)
    assert (found.load_type.value, found.load_type.name) == ("station", "UNKNOWN")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("[]", "$"),
        ("{}", "$.loadType"),
        ('{"loadType":1}', "$.loadType"),
        ('{"loadType":"track"}', "$.data"),
        ('{"loadType":"search","data":[{}]}', "$.data[0].encoded"),
        ('{"loadType":"empty","data":{}}', "$.data"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(text: str, path: str) -> None:
    with pytest.raises(InvalidBody) as caught:
        decode_loaded(text)
    assert caught.value.path == path
