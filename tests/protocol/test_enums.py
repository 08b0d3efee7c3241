"""Enumerations have the manners of Lavalink.py, can be keys, and keep what they do not know."""

import lavalink
import pytest

from voxlink.protocol import EndReason, LoadType, Severity, TrackEnd, decode_message, encode
from voxlink.protocol.enums import WireEnum

KINDS = [(EndReason, lavalink.EndReason), (LoadType, lavalink.LoadType), (Severity, lavalink.Severity)]


@pytest.mark.parametrize(("ours", "theirs"), KINDS)
def test_members_are_those_of_lavalink_py(ours: type[WireEnum], theirs: type[WireEnum]) -> None:
    assert {name: member.value for name, member in ours.__members__.items()} == {
        name: member.value for name, member in theirs.__members__.items()
    }
    for member in ours:
        twin = theirs[member.name]
        assert str(member) == str(twin) == member.value
        assert (member == member.value.upper()) is (twin == member.value.upper()) is True
        assert (member == "other") is (twin == "other") is False
        assert (member == 5) is (twin == 5) is False
        assert ours.from_str(member.name.lower()) is ours.from_str(member.value) is member


@pytest.mark.parametrize(("ours", "theirs"), KINDS)
def test_from_str_refuses_what_is_no_member(ours: type[WireEnum], theirs: type[WireEnum]) -> None:
    for kind in (ours, theirs):
        with pytest.raises(ValueError, match="weird is not a valid"):
            kind.from_str("weird")


def test_members_can_be_keys_and_texts_find_them() -> None:
    names = {EndReason.FINISHED: 1, EndReason.LOAD_FAILED: 2}
    assert names[EndReason.from_str("finished")] == 1
    assert names["loadFailed"] == 2  # pyright: ignore[reportArgumentType]
    assert len({LoadType.TRACK, LoadType.TRACK, Severity.FAULT}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(lavalink.EndReason.FINISHED)


def test_only_a_natural_end_starts_the_next_track() -> None:
    assert [reason.value for reason in EndReason if reason.may_start_next()] == ["finished", "loadFailed"]
    assert not EndReason.read("finnished").may_start_next()


def test_a_value_that_a_newer_server_invents_is_kept() -> None:
    reason = EndReason.read("tooQuiet")
    assert (reason.name, reason.value, str(reason)) == ("UNKNOWN", "tooQuiet", "tooQuiet")
    assert reason == EndReason.read("tooQuiet") != EndReason.read("other")
    assert reason == "TOOQUIET"
    assert reason not in list(EndReason)
    assert {reason: 1}[EndReason.read("tooQuiet")] == 1


def test_an_unknown_reason_goes_through_a_message_unchanged() -> None:
    info = (
        '{"identifier":"i","isSeekable":true,"author":"a","length":1,"isStream":false,"position":0,"title":"t",'
        '"uri":null,"sourceName":"s","artworkUrl":null,"isrc":null}'
    )
    track = f'{{"encoded":"e","info":{info},"pluginInfo":{{}},"userData":{{}}}}'
    text = f'{{"op":"event","type":"TrackEndEvent","guildId":"1","track":{track},"reason":"tooQuiet"}}'
    message = decode_message(text)
    assert isinstance(message, TrackEnd)
    assert message.reason.name == "UNKNOWN"
    assert encode(message) == text.encode()
