"""A bot's place in voice, from Discord's messages in any order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voxlink.integrations.membership import Membership, Place, plain_endpoint

STATE, SERVER = ("state", 2, "s"), ("server", "t", "host:443")


def feed(membership: Membership, message: tuple[object, ...]) -> bool:
    if message[0] == "state":
        return membership.state(message[1], message[2])  # type: ignore[arg-type]
    membership.server(message[1], message[2])  # type: ignore[arg-type]
    return False


@given(st.permutations([STATE, SERVER]))
def test_both_halves_in_either_order_make_a_place(messages: list[tuple[object, ...]]) -> None:
    membership = Membership(1)
    assert membership.place is None
    for message in messages:
        feed(membership, message)
    assert membership.place == Place(1, 2, "s", "t", "host:443")


def test_a_null_endpoint_takes_the_place_until_the_next_server() -> None:
    membership = Membership(1, 2, "s", "t", "a")
    membership.server("t2", None)
    assert membership.place is None
    assert membership.channel_id == 2
    membership.server("t3", "b")
    assert membership.place == Place(1, 2, "s", "t3", "b")


def test_an_echo_without_a_place_changes_nothing_and_a_kick_ends_the_place() -> None:
    membership = Membership(1)
    membership.server("t", "a")
    assert not membership.state(None, "old")
    assert not membership.state(2, "s")
    assert membership.place is not None
    assert membership.state(None, "s")
    assert membership == Membership(1, last_channel_id=2)


messages = st.one_of(
    st.tuples(st.just("state"), st.sampled_from([None, 2, 3]), st.sampled_from(["s", "r"])),
    st.tuples(st.just("server"), st.sampled_from(["t", "u"]), st.sampled_from([None, "a", "wss://b/"])),
)


@given(st.lists(messages))
def test_a_place_holds_the_newest_of_each_half(told: list[tuple[object, ...]]) -> None:
    membership = Membership(1)
    channel: object = None
    for message in told:
        ended = feed(membership, message)
        if message[0] == "state":
            assert ended == (message[1] is None and channel is not None)
            channel = message[1]
    assert membership.channel_id == channel
    if membership.place is not None:
        assert membership.place.session_id == [m[2] for m in told if m[0] == "state" and m[1] is not None][-1]
        assert membership.place.token == [m[1] for m in told if m[0] == "server"][-1]


def test_endpoints_lose_their_scheme_and_tokens_stay_out_of_reprs() -> None:
    assert plain_endpoint("wss://host:443") == "host:443"
    assert plain_endpoint("host") == "host"
    assert plain_endpoint("") is plain_endpoint(None) is None
    assert "secret" not in repr(Membership(1, 2, "s", "secret", "a")) + repr(Place(1, 2, "s", "secret", "a"))
