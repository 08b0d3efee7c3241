"""Players, and changes in which absent and null are two things."""

from __future__ import annotations

import pytest
from msgspec import UNSET

from protocol.exact import STATE, TRACK, exact
from voxlink.errors import InvalidBody
from voxlink.protocol import Filters, Player, PlayerState, UpdatePlayer, UpdatePlayerTrack, VoiceState, decode_body

VOICE = '{"token":"","endpoint":"","sessionId":"","channelId":null}'


def test_a_player_is_written_in_lavalinks_order() -> None:
    text = f'{{"guildId":"7","track":null,"volume":100,"paused":false,"state":{STATE},"voice":{VOICE},"filters":{{}}}}'
    player = exact(text, Player)
    assert player == Player("7", None, 100, False, PlayerState(1, 2, True, -1), VoiceState("", "", "", None), Filters())
    assert exact(text.replace("null", TRACK, 1), Player).track is not None


def test_a_node_before_4_2_names_no_channel() -> None:
    text = f'{{"guildId":"7","track":null,"volume":1,"paused":true,"state":{STATE},"voice":{VOICE},"filters":{{}}}}'
    assert decode_body(text.replace(',"channelId":null', ""), Player).voice.channel_id is None


def test_a_change_must_name_all_of_voice() -> None:
    full = exact('{"voice":{"token":"t","endpoint":"e","sessionId":"s","channelId":null}}', UpdatePlayer)
    assert full.voice == VoiceState("t", "e", "s", None)
    with pytest.raises(InvalidBody) as caught:
        decode_body('{"voice":{"token":"t","endpoint":"e","sessionId":"s"}}', UpdatePlayer)
    assert caught.value.path == "$.voice.channelId"


def test_absent_and_null_are_two_things() -> None:
    empty = exact("{}", UpdatePlayer)
    assert empty == UpdatePlayer()
    assert (empty.encoded_track, empty.end_time, empty.track) == (UNSET, UNSET, UNSET)
    nulls = exact('{"track":{"encoded":null},"endTime":null}', UpdatePlayer)
    assert nulls == UpdatePlayer(track=UpdatePlayerTrack(encoded=None), end_time=None)
    assert exact('{"encodedTrack":null}', UpdatePlayer).encoded_track is None


def test_a_full_change_is_written_in_lavalinks_order() -> None:
    exact(
        '{"track":{"encoded":"e","identifier":"i","userData":{"a":1}},"encodedTrack":"e","identifier":"i","position":1,'
        '"endTime":2,"volume":3,"paused":true,"filters":{"volume":1.0},'
        '"voice":{"token":"t","endpoint":"e","sessionId":"s","channelId":"c"}}',
        UpdatePlayer,
    )


def test_secrets_are_not_shown() -> None:
    voice = VoiceState("hunter2", "e:443", "abcdef", "9")
    assert "hunter2" not in repr(UpdatePlayer(voice=voice))
    assert "abcdef" not in repr(voice)
    assert "e:443" in repr(voice)
    with pytest.raises(InvalidBody) as caught:
        decode_body('{"voice":{"token":4711,"endpoint":"e","sessionId":"s","channelId":"c"}}', UpdatePlayer)
    assert caught.value.path == "$.voice.token"
    assert "4711" not in str(caught.value)
