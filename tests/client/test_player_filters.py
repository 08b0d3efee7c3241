"""A player's filters: one request a change, kept once the node agrees."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from client.world import GUILD, join, track, world
from voxlink.client import (
    Filter,
    FiltersChangedEvent,
    LowPass,
    PlayerUpdateEvent,
    Preset,
    RawFilter,
    Rotation,
    Timescale,
    Volume,
)
from voxlink.client.capabilities import read_capabilities
from voxlink.client.snapshot import apply_snapshot, decode_snapshot
from voxlink.errors import RequestError, UnsupportedFilter


async def test_filters_are_set_updated_found_and_removed() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.set_filters(LowPass(5), Timescale(speed=2))
        await player.update_filter(Timescale, pitch=0.5)
        await player.update_filter(Rotation, rotation_hz=1)
        assert fake.patches(GUILD)[-1]["filters"] == {
            "lowPass": {"smoothing": 5.0},
            "timescale": {"speed": 2.0, "pitch": 0.5, "rate": 1.0},
            "rotation": {"rotationHz": 1.0},
        }
        assert player.get_filter("LOWPASS") is player.get_filter(LowPass) is player.filters["lowpass"]
        before = len(fake.patches(GUILD))
        await player.remove_filters(LowPass, "timescale", Volume)
        await player.remove_filter("nothing")
        assert len(fake.patches(GUILD)) == before + 1
        await player.set_filter(Volume(2), replace=True)
        assert list(player.filters) == ["volume"]
        await player.clear_filters()
        assert (player.filters, fake.patches(GUILD)[-1]) == ({}, {"filters": {}})


async def test_a_refused_change_leaves_the_filters_as_they_were() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.set_filter(Timescale(speed=2))
        fake.fail_next("PATCH", "/players/", status=400, body={"message": "no"}, times=3)
        for change in (player.update_filter(Timescale, speed=3), player.clear_filters(), player.set_filter(LowPass(9))):
            with pytest.raises(RequestError):
                await change
        assert {name: item.values for name, item in player.filters.items()} == {
            "timescale": {"speed": 2.0, "pitch": 1.0, "rate": 1.0}
        }


async def test_what_is_no_filter_is_refused() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        for call in (
            lambda: player.set_filter(Timescale),  # type: ignore[arg-type]
            lambda: player.set_filters(5),  # type: ignore[arg-type]
            lambda: player.update_filter(Timescale()),  # type: ignore[arg-type]
        ):
            with pytest.raises(TypeError):
                await call()
        with pytest.raises(TypeError):
            player.get_filter(5)  # type: ignore[arg-type]


async def test_a_plugins_filter_with_constructor_arguments_can_be_updated() -> None:
    class Echo(Filter[dict[str, Any]]):
        def __init__(self, gain: float) -> None:
            super().__init__({"gain": gain}, plugin_filter=True)

        def update(self, **kwargs: Any) -> None:
            self.values.update(kwargs)

        def serialize(self) -> dict[str, Any]:
            return {"echo": self.values}

    async with world() as (made, _node, fake):
        player = await join(made)
        mine = Echo(0.5)
        await player.set_filter(mine)
        await player.update_filter(Echo, gain=1.0)
        assert fake.patches(GUILD)[-1]["filters"] == {"pluginFilters": {"echo": {"gain": 1.0}}}
        assert mine.values == {"gain": 0.5}


async def test_a_filter_with_a_name_of_its_own_is_found_by_its_class_and_by_itself() -> None:
    class Echo(Filter[dict[str, Any]]):
        def __init__(self) -> None:
            super().__init__({"delay": 1.0}, plugin_filter=True)

        name = "the echo"

        def update(self, **kwargs: Any) -> None:
            self.values.update(kwargs)

        def serialize(self) -> dict[str, Any]:
            return {"echo": self.values}

    async with world() as (made, _node, fake):
        player = await join(made)
        mine = Echo()
        await player.set_filter(mine)
        await player.update_filter(Echo, delay=2.0)
        assert player.get_filter(Echo) is player.get_filter(mine) is player.get_filter("echo")
        assert fake.patches(GUILD)[-1]["filters"] == {"pluginFilters": {"echo": {"delay": 2.0}}}
        await player.remove_filter(mine)  # Lavalink.py takes a filter for its class here, and bots do that
        assert player.filters == {}


async def test_apply_now_also_seeks_and_presets_are_sets() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"), start_time=4000)
        stream = made.stream(FiltersChangedEvent)
        await player.set_filters(*Preset.NIGHTCORE, apply="now")
        assert (await anext(stream)).player is player
        stream.close()
        assert fake.patches(GUILD)[-1]["position"] >= 4000


async def test_a_filter_that_the_node_says_it_lacks_is_refused_by_name_before_anything_is_sent() -> None:
    async with world() as (made, node, fake):
        player = await join(made)
        await player.set_filter(Volume(2))
        node.capabilities = read_capabilities("4.2.2", {"filters": ["volume"]})
        before = len(fake.patches(GUILD))
        with pytest.raises(UnsupportedFilter, match="timescale") as refused:
            await player.set_filters(Timescale(speed=2), Volume(3))
        assert refused.value.names == ["timescale"]
        assert len(fake.patches(GUILD)) == before
        assert list(player.filters) == ["volume"]
        await player.set_filter(Timescale())  # nobody would hear it
        await player.set_filter(RawFilter("echo", {"length": 1}))  # plugins tell their names as they like
        assert fake.patches(GUILD)[-1]["filters"] == {"volume": 2.0, "pluginFilters": {"echo": {"length": 1}}}


async def test_a_node_that_does_not_say_its_filters_decides_itself() -> None:
    async with world() as (made, node, fake):
        player = await join(made)
        for said in (None, read_capabilities("4.2.2", {})):
            node.capabilities = said
            await player.set_filter(Timescale(speed=2 if said else 3))
            assert "timescale" in fake.patches(GUILD)[-1]["filters"]


async def test_a_change_that_makes_no_difference_to_the_node_is_not_sent() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.set_filters(LowPass(5), Timescale(speed=2))
        stream = made.stream(FiltersChangedEvent)
        before = len(fake.patches(GUILD))
        await player.set_filter(LowPass(5))
        await player.update_filter(Timescale, speed=2)
        await player.set_filters(Timescale(speed=2), LowPass(5), replace=True)
        assert len(fake.patches(GUILD)) == before
        await player.set_filter(Volume(2))
        assert fake.patches(GUILD)[-1]["filters"].keys() == {"lowPass", "timescale", "volume"}  # always the whole set
        await anext(stream)
        assert not stream._events
        stream.close()


async def test_what_may_not_have_arrived_and_what_others_sent_is_sent_again() -> None:
    async with world(retries=0) as (made, node, fake):
        player = await join(made)
        await player.set_filter(Volume(2))
        fake.fail_next("PATCH", "/players/", status=400, body={"message": "no"})
        with pytest.raises(RequestError):
            await player.set_filter(Volume(3))
        before = len(fake.patches(GUILD))
        await player.set_filter(Volume(2))  # the node may have taken the other
        assert len(fake.patches(GUILD)) == before + 1
        await node.update_player(GUILD, filters=[])
        await player.set_filter(Volume(2))
        assert fake.patches(GUILD)[-1]["filters"] == {"volume": 2.0}
        player.filters["volume"].update(volume=1.5)  # changed in place, as bots do
        await player.set_filter(player.filters["volume"])
        assert fake.patches(GUILD)[-1]["filters"] == {"volume": 1.5}


async def test_a_layer_lies_over_the_players_filters_until_it_is_removed() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)

        def sent() -> dict[str, Any]:
            return fake.patches(GUILD)[-1]["filters"]

        await player.set_filters(LowPass(5), Volume(2))
        await player.set_filter(Volume(3), layer="dj")
        await player.set_filter(Volume(4), layer="show")
        assert sent() == {"lowPass": {"smoothing": 5.0}, "volume": 4.0}
        assert (player.get_filter(Volume).values, player.get_filter(Volume, "dj").values) == (2.0, 3.0)
        before = len(fake.patches(GUILD))
        await player.set_filter(Volume(1))  # nobody hears it now
        assert len(fake.patches(GUILD)) == before
        await player.remove_layer("show")
        await player.remove_layer("nothing")
        assert (sent()["volume"], len(fake.patches(GUILD))) == (3.0, before + 1)
        await player.set_filters(Timescale(speed=2), layer="dj", replace=True)
        assert sent().keys() == {"lowPass", "volume", "timescale"}
        await player.remove_layer("dj")
        assert sent() == {"lowPass": {"smoothing": 5.0}, "volume": 1.0}
        await player.set_filter(Rotation(1), layer="dj")
        await player.clear_filters()
        assert (sent(), player.filters, player.get_filter(Rotation, "dj")) == ({}, {}, None)


async def test_layers_survive_moves_and_snapshots() -> None:
    async with world() as (made, node, fake):
        player = await join(made)
        await player.set_filter(Volume(2))
        await player.set_filter(Volume(3), layer="dj")
        await player.restore()
        assert fake.patches(GUILD)[-1]["filters"] == {"volume": 3.0}
        snapshot = decode_snapshot(player.snapshot().encode())
        await player.destroy()
        again = await made.restore(snapshot, node)
        assert fake.patches(GUILD)[-1]["filters"] == {"volume": 3.0}
        await again.remove_layer("dj")
        assert fake.patches(GUILD)[-1]["filters"] == {"volume": 2.0}


async def test_a_batch_collects_filters_one_over_another() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.set_filter(Volume(2))
        before = len(fake.patches(GUILD))
        async with player.batch():
            await player.set_filter(Timescale(speed=2))
            await player.set_filter(LowPass(5), layer="dj")
            await player.remove_filter(Volume)
        assert len(fake.patches(GUILD)) == before + 1
        assert fake.patches(GUILD)[-1]["filters"].keys() == {"timescale", "lowPass"}
        assert list(player.filters) == ["timescale"]


async def test_the_place_in_the_track_is_known_under_a_timescale() -> None:
    async with world() as (made, _node, fake):

        async def says(position: int) -> None:
            told = asyncio.ensure_future(
                made.wait_for(PlayerUpdateEvent, check=lambda event: event.position == position, timeout=10)
            )
            await asyncio.sleep(0)
            fake.player(GUILD)._anchor(position)
            fake.player(GUILD).report()
            await told

        player = await join(made)
        assert player.media_position == 0
        await player.play(track("a", length_ms=300_000), start_time=10_000, pause=True)
        await player.set_filter(Timescale(speed=2))
        await says(25_000)
        assert (player.position, player.media_position) == (25_000, 40_000)
        await player.clear_filters()
        await says(26_000)
        assert (player.position, player.media_position) == (26_000, 41_000)
        snapshot = decode_snapshot(player.snapshot().encode())
        made.player_manager.remove(GUILD)
        again = made.player_manager.create(GUILD)
        apply_snapshot(again, snapshot, made.wall(), plays_on=True)  # the next process finds that it plays
        assert (again.position, again.media_position) == (26_000, 41_000)
        await again.set_filter(Timescale(speed=0.5), apply="now")
        assert fake.patches(GUILD)[-1]["position"] == 41_000
        await says(43_000)
        assert (again.position, again.media_position) == (43_000, 42_000)
