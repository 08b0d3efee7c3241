"""A change that contradicts itself is refused before anything happens (server.md 1.7)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from voxlink.errors import FilterUnavailable, InvalidChange
from voxlink.playback.change import WantedTrack, check_change, wanted_track
from voxlink.protocol import (
    Filters,
    LowPassFilter,
    UpdatePlayer,
    UpdatePlayerTrack,
    VoiceState,
)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            UpdatePlayer(track=UpdatePlayerTrack(), identifier="x"),
            "Cannot specify both track and encodedTrack/identifier",
        ),
        (
            UpdatePlayer(track=UpdatePlayerTrack(), encoded_track=None),
            "Cannot specify both track and encodedTrack/identifier",
        ),
        (
            UpdatePlayer(track=UpdatePlayerTrack(encoded=None, identifier="x")),
            "Cannot specify both encodedTrack and identifier",
        ),
        (UpdatePlayer(encoded_track="x", identifier="x"), "Cannot specify both encodedTrack and identifier"),
        (UpdatePlayer(end_time=0), "End time must be greater than 0"),
        (UpdatePlayer(end_time=-1), "End time must be greater than 0"),
    ],
)
def test_contradictions_are_refused_in_lavalinks_words(change: UpdatePlayer, sentence: str) -> None:
    with pytest.raises(InvalidChange) as refused:
        check_change(change)
    assert refused.value.message == sentence


@pytest.mark.parametrize("field", ["token", "endpoint", "session_id", "channel_id"])
@pytest.mark.parametrize("blank", ["", "  "])
def test_a_voice_state_needs_all_four_fields(field: str, blank: str) -> None:
    whole = VoiceState(token="t", endpoint="e", session_id="s", channel_id="1")
    with pytest.raises(InvalidChange, match="token, endpoint, sessionId and channelId must be provided"):
        check_change(UpdatePlayer(voice=replace(whole, **{field: blank})))


def test_a_channel_id_is_a_number() -> None:
    with pytest.raises(InvalidChange, match="'abc'"):
        check_change(UpdatePlayer(voice=VoiceState(token="t", endpoint="e", session_id="s", channel_id="abc")))


def test_filters_that_change_the_sound_are_refused_by_name_and_neutral_ones_accepted() -> None:
    with pytest.raises(FilterUnavailable) as refused:
        check_change(UpdatePlayer(filters=Filters(low_pass=LowPassFilter(smoothing=20))))
    assert refused.value.names == ["lowPass"]
    check_change(UpdatePlayer(filters=Filters(volume=1.0, equalizer=[])))


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (UpdatePlayer(), None),
        (UpdatePlayer(track=UpdatePlayerTrack(user_data={"a": 1})), None),
        (UpdatePlayer(track=UpdatePlayerTrack(encoded=None)), WantedTrack()),
        (UpdatePlayer(encoded_track=None), WantedTrack()),
        (UpdatePlayer(encoded_track="QAA"), WantedTrack(encoded="QAA")),
        (UpdatePlayer(track=UpdatePlayerTrack(encoded="QAA")), WantedTrack(encoded="QAA")),
        (UpdatePlayer(identifier="x"), WantedTrack(identifier="x")),
        (UpdatePlayer(track=UpdatePlayerTrack(identifier="")), WantedTrack(identifier="")),
    ],
)
def test_a_change_names_its_track_in_the_old_way_or_the_new(change: UpdatePlayer, wanted: WantedTrack | None) -> None:
    check_change(change)
    assert wanted_track(change) == wanted
