"""Who is in the call and who sends with which ssrc."""

from __future__ import annotations

from voxlink.voice import gateway_message as words
from voxlink.voice.roster import Roster


def test_users_come_by_ops_11_5_and_12_and_leave_by_13() -> None:
    roster = Roster()
    assert roster.receive(words.ClientsConnect([1, 2])) is None
    roster.receive(words.Speaking(ssrc=10, user_id=3))
    roster.receive(words.Video(user_id=4, audio_ssrc=11))
    roster.receive(words.Video(user_id=1, audio_ssrc=0))
    assert roster.users == {1, 2, 3, 4}
    assert (roster.user_of(10), roster.user_of(11), roster.user_of(0)) == (3, 4, None)
    assert roster.receive(words.ClientDisconnect(3)) == 3
    assert roster.user_of(10) is None
    roster.clear()
    assert roster.users == set()


def test_a_user_has_one_ssrc_at_a_time() -> None:
    roster = Roster()
    roster.receive(words.Speaking(ssrc=10, user_id=3))
    roster.receive(words.Speaking(ssrc=12, user_id=3))
    assert (roster.user_of(10), roster.user_of(12)) == (None, 3)
