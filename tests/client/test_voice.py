"""Discord's voice messages are read tolerantly and kept for a while."""

import pytest

from client.world import GUILD, USER, server_update, state_update
from voxlink.client.voice import KEEP_S, SERVER, STATE, VoiceInbox, plain_endpoint


@pytest.mark.parametrize(
    ("given", "plain"),
    [("a:443", "a:443"), ("wss://a:443", "a:443"), ("https://a/", "a"), (None, None), ("", None), ("wss://", None)],
)
def test_endpoints_lose_their_scheme(given: str | None, plain: str | None) -> None:
    assert plain_endpoint(given) == plain


def test_what_does_not_matter_is_ignored() -> None:
    inbox = VoiceInbox(USER)
    other = {"t": "VOICE_STATE_UPDATE", "d": {"guild_id": "1", "user_id": "2"}}
    direct = {"t": "VOICE_STATE_UPDATE", "d": {"user_id": str(USER), "channel_id": "1"}}
    for payload in (
        None,
        {},
        {"t": "READY", "d": {}},
        {"t": "VOICE_SERVER_UPDATE"},
        other,
        direct,
        {"t": SERVER, "d": {"guild_id": "x"}},
    ):
        assert inbox.read(payload) is None


def test_ids_may_be_numbers_or_texts() -> None:
    inbox = VoiceInbox(USER)
    payload = {"t": STATE, "d": {"guild_id": GUILD, "user_id": USER, "channel_id": 5}}
    assert inbox.read(payload) == (GUILD, STATE, payload["d"])


def test_the_last_of_each_kind_waits_for_the_player() -> None:
    inbox = VoiceInbox(USER)
    inbox.keep(GUILD, SERVER, server_update(token="old")["d"], 0)
    inbox.keep(GUILD, SERVER, server_update(token="new")["d"], 1)
    inbox.keep(GUILD, STATE, state_update()["d"], 2)
    kinds = [(kind, data.get("token")) for kind, data in inbox.take(GUILD, 3)]
    assert kinds == [(STATE, None), (SERVER, "new")]
    assert inbox.take(GUILD, 3) == []


def test_leaving_takes_back_what_was_kept() -> None:
    inbox = VoiceInbox(USER)
    inbox.keep(GUILD, SERVER, server_update()["d"], 0)
    inbox.keep(GUILD, STATE, state_update(channel_id=None)["d"], 1)
    assert [kind for kind, _ in inbox.take(GUILD, 2)] == [STATE]


def test_nothing_waits_for_ever() -> None:
    inbox = VoiceInbox(USER)
    inbox.keep(GUILD, STATE, state_update()["d"], 0)
    assert inbox.take(GUILD, KEEP_S + 0.1) == []
