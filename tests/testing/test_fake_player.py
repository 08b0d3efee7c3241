"""The fake node's player does what Lavalink does, in Lavalink's order."""

from __future__ import annotations

from typing import Any

import pytest

from voxlink.protocol import EndReason, Message, Severity, UpdatePlayer, decode_body
from voxlink.testing import make_track
from voxlink.testing.fake_player import Clock, FakePlayer, Refusal, check_change

VOICE = b'"voice":{"token":"t","endpoint":"e","sessionId":"s","channelId":"1"}'


class World:
    def __init__(self) -> None:
        self.time = 0.0
        self.messages: list[Message] = []
        clock = Clock(lambda: self.time, lambda: self.time)
        self.player = FakePlayer(1, clock, self.messages.append, lambda identifier: make_track(identifier))

    def patch(self, body: bytes, *, no_replace: bool = False) -> None:
        change = decode_body(body, UpdatePlayer)
        check_change(change)
        self.player.apply(change, no_replace=no_replace)

    def names(self) -> list[str]:
        found = [type(message).__name__ for message in self.messages]
        self.messages.clear()
        return found


def play(title: str, more: bytes = b"") -> bytes:
    return b'{"track":{"encoded":"' + make_track(title, length_ms=60_000).encoded.encode() + b'"}' + more + b"}"


def test_a_song_from_start_to_end() -> None:
    world = World()
    world.patch(b"{" + VOICE + b"}")
    world.patch(play("a", b',"position":1000,"endTime":5000'))
    assert world.names() == ["PlayerUpdate", "TrackStart", "PlayerUpdate"]
    world.time = 2
    assert (world.player.position, world.player.remaining_s) == (3000, 2)
    world.patch(b'{"paused":true}')
    world.time = 50
    assert (world.player.position, world.player.remaining_s) == (3000, None)
    world.patch(b'{"position":4000,"endTime":null,"volume":5000}')
    assert (world.player.position, world.player.volume, world.player.end_time) == (4000, 1000, None)
    world.patch(play("b"))
    assert world.names() == ["PlayerUpdate", "TrackEnd", "TrackStart", "PlayerUpdate"]
    assert not world.player.paused
    world.patch(b'{"track":{"encoded":null}}')
    assert world.names() == ["TrackEnd"]
    world.patch(b'{"encodedTrack":null}')
    assert world.names() == []


def test_no_replace_keeps_what_plays() -> None:
    world = World()
    world.patch(play("a"))
    world.patch(play("b", b',"volume":5,"paused":true'), no_replace=True)
    assert world.player.track is not None
    assert (world.player.track.info.title, world.player.volume, world.player.paused) == ("a", 5, False)


def test_trouble_with_a_track() -> None:
    world = World()
    for act in (
        lambda: world.player.end(EndReason.FINISHED),
        lambda: world.player.stick(5),
        lambda: world.player.fail("m", Severity.COMMON, "c", then=None),
    ):
        act()
    assert world.names() == []
    world.patch(play("a"))
    world.names()
    world.player.stick(5)
    world.player.fail("m", Severity.COMMON, "c", then=EndReason.LOAD_FAILED)
    world.player.close_voice(4014, "", by_remote=True)
    assert world.names() == ["TrackStuck", "TrackException", "TrackEnd", "WebSocketClosed"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"track":{"encoded":"x"},"encodedTrack":"x"}', "both track and"),
        (b'{"track":{"encoded":"x","identifier":"y"}}', "both encodedTrack"),
        (b'{"voice":{"token":"","endpoint":"e","sessionId":"s","channelId":"1"}}', "must be provided"),
        (b'{"endTime":0}', "greater than 0"),
    ],
)
def test_lavalinks_refusals_have_lavalinks_words(body: bytes, words: str) -> None:
    world = World()
    with pytest.raises(Refusal, match=words) as caught:
        world.patch(body)
    assert caught.value.status == 400


def test_user_data_without_a_track_changes_that_of_the_current_one() -> None:
    world = World()
    world.patch(play("a"))
    world.patch(b'{"track":{"userData":{"a":1}}}')
    shown: Any = world.player.snapshot().track
    assert shown.user_data == {"a": 1}
