"""Sessions of the main gateway: numbers, shards, intents, and a resume that gives each missed event exactly once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voxlink.testing.discord.refusals import GatewayClose
from voxlink.testing.discord.sessions import REPLAY_LIMIT, IdentifyBody, Intent, Session, check_identify
from voxlink.testing.discord.state import Account

BOT = Account(7, "dj", is_bot=True, token="t")


def session(shard: tuple[int, int] = (0, 1), intents: int = 0) -> Session:
    return Session("s", BOT, shard, intents)


@given(st.integers(0, 30), st.data())
def test_a_resume_gives_what_was_missed_in_order(sent: int, data: st.DataObject) -> None:
    one = session()
    frames = [one.number("X", {"n": number}) for number in range(sent)]
    seen = data.draw(st.integers(0, sent))
    assert one.missed_since(seen) == frames[seen:]


def test_a_sequence_from_the_future_or_the_far_past_cannot_be_resumed() -> None:
    one = session()
    for _ in range(REPLAY_LIMIT + 5):
        one.number("X", {})
    assert one.missed_since(one.sequence + 1) is None
    assert one.missed_since(4) is None
    assert one.missed_since(5) is not None


@given(st.integers(0, 2**63 - 1), st.integers(1, 16))
def test_each_guild_has_exactly_one_shard(guild_id: int, count: int) -> None:
    assert sum(session((shard, count)).is_for(guild_id) for shard in range(count)) == 1


def test_intents_decide_about_voice_states_and_never_about_interactions() -> None:
    assert not session().sees("VOICE_STATE_UPDATE")
    assert session(intents=Intent.GUILD_VOICE_STATES).sees("VOICE_STATE_UPDATE")
    assert session().sees("INTERACTION_CREATE")
    assert session().sees("VOICE_SERVER_UPDATE")


def test_a_bad_identify_has_discords_close_code() -> None:
    good = IdentifyBody("t", intents=1)
    assert check_identify(good, BOT) is None
    assert check_identify(good, None) is GatewayClose.AUTHENTICATION_FAILED
    assert check_identify(IdentifyBody("t", shard=(3, 2)), BOT) is GatewayClose.INVALID_SHARD
    assert check_identify(IdentifyBody("t", intents=1 << 40), BOT) is GatewayClose.INVALID_INTENTS


def test_the_token_stays_out_of_the_repr() -> None:
    assert "secret" not in repr(IdentifyBody("secret"))
    assert "secret" not in repr(Account(7, "dj", is_bot=True, token="secret"))
