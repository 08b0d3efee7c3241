"""Messages find the play that they are about."""

import pytest

from client.world import track
from voxlink.client import Client, DeferredAudioTrack
from voxlink.client.plays import (
    REMEMBERED,
    Play,
    Plays,
    is_newer,
    new_token,
    plain_user_data,
    tagged_user_data,
)


class Found(DeferredAudioTrack):
    async def load(self, client: Client) -> str | None:
        return None


def raw(play: Play, **info: str) -> dict[str, object]:
    return {"info": {"sourceName": play.track.source_name, "identifier": play.track.identifier} | info,
            "userData": tagged_user_data(None, play.token, 0)}  # fmt: skip


def test_user_data_comes_back_as_it_was_given() -> None:
    tagged = tagged_user_data({"a": 1}, "t", 42)
    assert plain_user_data(tagged) == ({"a": 1}, {"play": "t", "requester": 42})
    assert plain_user_data(None) == ({}, {})
    assert plain_user_data({"voxlink": "not ours"}) == ({}, {})


def test_a_requester_that_json_cannot_carry_stays_here() -> None:
    assert "requester" not in tagged_user_data(None, "t", object())["voxlink"]


def test_the_token_tells_two_plays_of_one_track_apart() -> None:
    plays, song = Plays(), track("song")
    first, second = Play(song, new_token()), Play(song, new_token())
    plays.add(first)
    plays.add(second)
    assert plays.find(raw(first)) is first
    assert plays.find(raw(second)) is second
    assert plays.latest is second


def test_without_user_data_source_and_identifier_decide() -> None:
    plays, song = Plays(), track("song")
    first, second = Play(song, new_token()), Play(song, new_token())
    plays.add(first)
    plays.add(second)
    bare = {**raw(first), "userData": {}}
    assert plays.find(bare) is first
    first.ended = True
    assert plays.find(bare) is second
    assert plays.find({"info": {}}) is None


def test_a_token_that_nobody_knows_matches_nothing() -> None:
    plays = Plays()
    play = Play(track("x"), new_token())
    plays.add(play)
    assert plays.find({**raw(play), "userData": tagged_user_data(None, "foreign", 0)}) is None


def test_old_plays_are_forgotten() -> None:
    plays = Plays()
    made = [Play(track("x"), new_token()) for _ in range(REMEMBERED + 1)]
    for play in made:
        plays.add(play)
    assert plays.find(raw(made[0])) is None
    plays.forget(made[-1])
    assert plays.latest is made[-2]
    plays.clear()
    assert plays.latest is None


def test_a_play_that_is_still_being_asked_for_is_not_the_last_that_a_node_took() -> None:
    plays = Plays()
    assert plays.latest_accepted is None
    taken, asked = Play(track("a"), "1"), Play(track("b"), "2", accepted=False)
    plays.add(taken)
    plays.add(asked)
    assert plays.latest is asked
    assert plays.latest_accepted is taken


def test_a_track_that_was_looked_up_is_sent_with_the_name_that_it_has_here() -> None:
    song = track("later")
    _, mine = plain_user_data(Play(Found(song.raw["info"], requester=3), "t").wire_user_data())
    assert mine == {"play": "t", "requester": 3, "of": [song.source_name, song.identifier]}
    assert plain_user_data(Play(song, "t").wire_user_data()) == ({}, {"play": "t"})


def test_plays_of_one_process_are_in_order() -> None:
    first, second = new_token(), new_token()
    assert is_newer(second, first)
    assert not is_newer(first, second)
    assert not is_newer(first, first)


@pytest.mark.parametrize(("token", "than"), [("a-2", "b-1"), (None, "a-1"), ("a-1", None), ("", ""), ("a-x", "a-1")])
def test_what_cannot_be_compared_is_not_newer(token: str | None, than: str | None) -> None:
    assert not is_newer(token, than)
