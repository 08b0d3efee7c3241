"""A plugin that is not there is silent; one that is there answers."""

from __future__ import annotations

import msgspec
import pytest

from client.world import GUILD, join, track, world
from voxlink.client.plugins.plugin import read_value
from voxlink.errors import RequestError


async def test_a_plugin_that_is_not_there_is_not_asked() -> None:
    async with world() as (made, node, fake):
        while node.info is None:
            await node.get_version()
        player = await join(made)
        plugins = node.plugins
        assert not plugins.lavalyrics.is_there
        assert await plugins.lavalyrics.get(player) is None
        assert await plugins.lavalyrics.subscribe(player) is False
        assert await plugins.lavalyrics.unsubscribe(player) is False
        assert await plugins.lavasearch.search("spsearch:x") is None
        assert await plugins.sponsorblock.get(player) == []
        assert await plugins.sponsorblock.set(player, ["sponsor"]) is False
        assert await plugins.sponsorblock.delete(player) is False
        assert await plugins.youtube.refresh_token() is None
        assert await plugins.youtube.configure(po_token="x") is False
        assert not fake.calls("*", "lyrics|loadsearch|sponsorblock|youtube")


async def test_nothing_and_not_found_are_nothing_and_an_error_is_an_error() -> None:
    async with world() as (_, node, fake):
        node.info = {"plugins": [{"name": "lavalyrics-plugin", "version": "1"}]}
        fake.fail_next("GET", "/v4/lyrics", status=204)
        assert await node.plugins.lavalyrics.get("encoded") is None
        fake.fail_next("GET", "/v4/lyrics", status=404, body={"message": "no"})
        assert await node.plugins.lavalyrics.get(track("x")) is None
        fake.fail_next("GET", "/v4/lyrics", status=500, body={"message": "broken"})
        with pytest.raises(RequestError, match="broken"):
            await node.plugins.lavalyrics.get(track("x"))
        assert GUILD


class Value(msgspec.Struct, rename="camel"):
    first_name: str = "nobody"
    age: int = 0


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ({"firstName": "Ada", "age": "36"}, Value("Ada", 36)),
        ({"firstName": 5, "age": 36, "more": []}, Value(age=36)),
        ({"firstName": "Ada", "age": None}, Value("Ada")),
        (None, Value()),
        (["Ada"], Value()),
    ],
)
def test_what_a_plugin_sends_is_read_as_far_as_it_makes_sense(raw: object, value: Value) -> None:
    assert read_value(Value, raw) == value
